//! One campaign from the set-up link to the dossier, by hand in the real browser, each person at their own.
//!
//! What each person does stands in a file of their name. Every page they pass is looked at: its picture goes to
//! `target/screens/`, at desktop and at phone width, and an accessibility fault fails the journey.

use std::path::{Path, PathBuf};
use std::process::Command;

use sundial::actions::{App, issue_link};

use crate::support::app::{Served, empty, files_below};
use crate::support::browser::Browser;
use crate::support::database::Engine;
use crate::support::papers;
use crate::support::program::fetch;

mod batch;
mod counsel;
mod researcher;
mod team;

/// The password of everybody here.
const PASSWORD: &str = "three unrelated words";

/// The site and what the journey knows about it.
struct Stage {
    app: App,
    site: Served,
    folder: tempfile::TempDir,
}

impl Stage {
    async fn set() -> Stage {
        let (app, folder) = empty(Engine::Sqlite, |_| {}).await;
        let site = Served::over(&app).await;
        Stage { app, site, folder }
    }

    async fn browser(&self, who: &str) -> Browser {
        Browser::open(who, &self.site.url).await
    }

    /// The path of a link that the site gives out: its host is the one of the settings.
    fn path_of(&self, link: &str) -> String {
        link.strip_prefix(&self.app.config.site.url)
            .unwrap_or_else(|| panic!("{link} is no link of this site"))
            .to_owned()
    }

    /// A file behind an address of the site, as whoever these cookies belong to.
    async fn download(&self, address: &str, cookies: &str) -> PathBuf {
        let file = self.folder.path().join("dossier.pdf");
        let bytes = fetch(address, cookies).await;
        assert!(bytes.starts_with(b"%PDF-"), "{address} is no PDF");
        std::fs::write(&file, bytes).expect("the dossier is saved");
        file
    }

    /// The clerk's answer to the one letter in the mail folder, saved as a mail program would, with its records.
    fn reply_to_the_letter(&self) -> PathBuf {
        let sent = files_below(&self.app.config.data_dir.join("mail"));
        let letters: Vec<Vec<u8>> = sent
            .iter()
            .map(|path| std::fs::read(path).expect("a sent mail can be read"))
            .filter(|mail| String::from_utf8_lossy(mail).contains("records@alder.example"))
            .collect();
        assert_eq!(letters.len(), 1, "one letter went out: {sent:?}");
        let letter = mail_parser::MessageParser::default()
            .parse(&letters[0])
            .expect("the letter is a mail");
        let reply_to = letter
            .reply_to()
            .or(letter.from())
            .and_then(|all| all.first())
            .and_then(|one| one.address())
            .expect("the letter says where to answer")
            .to_owned();
        let answers = format!(
            "<{}>",
            letter.message_id().expect("the letter has a Message-ID")
        );
        let totals = papers::pdf(&[
            "Alder County Sheriff's Office\nDetainer totals, calendar year 2025\nDetainers received: 41",
            "Detainers honored: 7\nThe office keeps no record of what became of them after transfer.",
        ]);
        let reply = papers::Mail {
            from: "Records Officer <records@alder.example>",
            to: &reply_to,
            subject: "Re: Detainer records",
            text: "Please find the totals attached.",
            answers: &answers,
            attachments: &[("totals-2025.pdf", &totals)],
        };
        let path = self.folder.path().join("reply.eml");
        std::fs::write(&path, reply.bytes()).expect("the reply is saved");
        path
    }

    /// One waking of the scheduler.
    async fn settle(&self) {
        sundial::jobs::wake(&self.app, "the journey")
            .await
            .expect("the jobs run");
    }
}

/// Signs in with address and password.
async fn signs_in(person: &Browser, address: &str) {
    person.visit("/sign-in").await;
    person.fill("E-mail address", address).await;
    person.fill("Password", PASSWORD).await;
    person.press("Sign in").await;
}

/// The dossier opens, is sound, and holds the figure, its page and the exhibit.
fn dossier_is_whole(pdf: &Path) {
    let checked = Command::new("qpdf")
        .arg("--check")
        .arg(pdf)
        .output()
        .expect("qpdf runs: ./test installs it");
    assert!(
        checked.status.success(),
        "qpdf --check: {}{}",
        String::from_utf8_lossy(&checked.stdout),
        String::from_utf8_lossy(&checked.stderr)
    );
    let read = Command::new("pdftotext")
        .arg("-layout")
        .arg(pdf)
        .arg("-")
        .output()
        .expect("pdftotext runs: ./test installs it");
    let words = String::from_utf8_lossy(&read.stdout);
    for part in [
        "Alder County Council",
        "Adopt a written policy",
        "Detainers received",
        "Detainers received: 41",
        "of what became of them",
    ] {
        assert!(
            words.contains(part),
            "the dossier does not say “{part}”:\n{words}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_goes_from_its_set_up_to_its_dossier() {
    let stage = Stage::set().await;
    let mut rosa = stage.browser("researcher").await;
    let link = issue_link::setup_link(&stage.app, stage.app.clock.now())
        .await
        .expect("a link is made")
        .expect("nobody has an account");
    researcher::sets_up(&mut rosa, &stage.path_of(&link)).await;
    researcher::starts_the_campaign(&mut rosa).await;
    let for_counsel = researcher::invites(&mut rosa, "carmen@lawyers.example", "Counsel").await;
    let for_team = researcher::invites(&mut rosa, "theo@coalition.example", "Meeting team").await;
    let mut carmen = stage.browser("counsel").await;
    counsel::joins(&mut carmen, &stage.path_of(&for_counsel)).await;
    let mut theo = stage.browser("team").await;
    team::joins(&mut theo, &stage.path_of(&for_team)).await;

    researcher::adds_an_agency_and_its_contact(&mut rosa).await;
    researcher::imports_a_list(&mut rosa, stage.folder.path()).await;

    let letter = researcher::asks_for_records(&mut rosa).await;
    counsel::returns_the_letter(&mut carmen, &letter).await;
    let letter = researcher::changes_the_letter(&mut rosa, &letter).await;
    counsel::approves_the_letter(&mut carmen, &letter).await;
    let request = researcher::sends_the_letter(&mut rosa, &letter).await;
    stage.settle().await;
    researcher::sees_the_clocks(&mut rosa, &request).await;

    stage
        .app
        .clock
        .set(stage.app.clock.now() + chrono::Duration::days(3));
    // Three days without use end every session.
    signs_in(&rosa, "rosa@coalition.example").await;
    signs_in(&carmen, "carmen@lawyers.example").await;
    signs_in(&theo, "theo@coalition.example").await;
    let reply = stage.reply_to_the_letter();
    researcher::adds_the_reply(&mut rosa, &request, &reply).await;
    stage.settle().await;
    researcher::sorts_the_reply(&mut rosa, &request).await;
    counsel::clears_the_document(&mut carmen).await;
    researcher::records_a_figure(&mut rosa).await;
    counsel::checks_the_figure(&mut carmen).await;

    team::sees_what_was_cleared(&mut theo, &letter).await;
    researcher::builds_the_dossier(&mut rosa).await;
    let dossier = team::finds_the_dossier(&mut theo).await;
    let pdf = stage.download(&dossier, &theo.cookies().await).await;
    dossier_is_whole(&pdf);

    stage.settle().await;
    for person in [rosa, carmen, theo] {
        person.close().await;
    }
    stage.site.stop().await;
}
