//! Mail on its ways in, and what it survives: many messages in one file, a folder that other programs fill, wrappings that
//! hide files, two programs at once, a database that is away, a disk that is full, a thousand messages.

use std::path::Path;
use std::time::{Duration as Time, SystemTime};

use sundial::actions::App;
use sundial::actions::receive_mail::{self, Way};
use sundial::store::messages::{self, MessageState};
use sundial::store::{documents, mail_tasks};

use crate::both_databases;
use crate::post_room::case;
use crate::support::app::{TestApp, Who};
use crate::support::database::Engine;
use crate::support::program::{run, text};
use crate::support::visitor::File;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/mail")
        .join(name);
    std::fs::read(path).expect("a saved mail")
}

fn plain(id: &str) -> String {
    format!(
        "From: clerk@alder.example\r\nTo: records@campaign.example\r\nSubject: {id}\r\nMessage-ID: <{id}@alder.example>\r\n\r\nText of {id}.\r\n"
    )
}

async fn count(app: &App) -> u64 {
    messages::count_all(app.store.read())
        .await
        .expect("they are counted")
}

both_databases!(many_messages_come_in_one_file_and_each_once, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    let envelope = "From clerk@alder.example Mon Jan 12 09:00:00 2026\n";
    let mbox = format!(
        "{envelope}{}\n{envelope}{}\n{envelope}{}",
        plain("one"),
        plain("two"),
        plain("one")
    );
    let tray = app.path("tray");
    let add = app.path("tray/add");
    let file = |name: &'static str, bytes: &'static [u8]| File {
        field: "message",
        name,
        media_type: "application/octet-stream",
        bytes,
    };
    let mbox: &'static [u8] = Box::leak(mbox.into_bytes().into_boxed_slice());
    rosa.post_files(&tray, &add, &[], &[file("all.mbox", mbox)])
        .await
        .is(303);
    assert_eq!(
        count(&app.app).await,
        2,
        "the same message twice in one file is one"
    );
    let archive: &'static [u8] = Box::leak(
        crate::support::papers::zip_of(&[
            ("saved/all.mbox", mbox),
            ("three.eml", plain("three").as_bytes()),
        ])
        .into_boxed_slice(),
    );
    rosa.post_files(&tray, &add, &[], &[file("mail.zip", archive)])
        .await
        .is(303);
    assert_eq!(
        count(&app.app).await,
        3,
        "what had come before is not there twice"
    );
    app.settle().await;
    rosa.get(&tray)
        .await
        .is(200)
        .says("one")
        .says("two")
        .says("three");
    // What is no mail is kept and said to be none.
    rosa.post_files(
        &tray,
        &add,
        &[],
        &[file("scan.pdf", b"%PDF-1.4 not a mail")],
    )
    .await
    .is(303);
    rosa.get(&tray).await.says("Could not be read");
    let none: [File<'_>; 0] = [];
    rosa.post_files(&tray, &add, &[], &none)
        .await
        .is(422)
        .says(".mbox");
});

#[tokio::test]
async fn a_folder_is_emptied_of_whole_files_only() {
    let drop = tempfile::tempdir().expect("a folder");
    let app = TestApp::with(Engine::Sqlite, |config| {
        config.drop_folder = Some(drop.path().to_owned());
        config.limits.message_bytes = 100_000;
    })
    .await;
    let put = |name: &str, bytes: &[u8], age: u64| {
        let path = drop.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let at = SystemTime::from(app.app.clock.now()) - Time::from_secs(age);
        std::fs::File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(at))
            .expect("aged");
    };
    put("one.eml", plain("one").as_bytes(), 60);
    put("growing.eml", plain("two").as_bytes(), 0);
    put("unfinished.eml.part", plain("three").as_bytes(), 60);
    put(
        "large.eml",
        &[plain("four").into_bytes(), vec![b'x'; 200_000]].concat(),
        60,
    );
    app.settle().await;
    assert_eq!(count(&app.app).await, 1);
    let there = |name: &str| drop.path().join(name).is_file();
    assert!(there("done/one.eml") && !there("one.eml"));
    assert!(there("growing.eml") && there("unfinished.eml.part"));
    assert!(there("failed/large.eml"));
    let why = std::fs::read_to_string(drop.path().join("failed/large.eml.why.txt")).expect("why");
    assert!(why.contains("larger than"), "{why}");
    // The same file put there once more is one message; a second of its name does not overwrite the first.
    put("one.eml", plain("one").as_bytes(), 60);
    app.later(chrono::Duration::minutes(1)).await;
    assert!(there("done/2-one.eml"));
    // By now the growing one has come to rest.
    assert!(there("done/growing.eml"));
    assert_eq!(count(&app.app).await, 2);
}

both_databases!(
    what_is_wrapped_comes_out_and_what_is_locked_becomes_a_task,
    |app| {
        let case = case(app, 42, "records@alder.example").await;
        let now = app.app.clock.now();
        let mut names = Vec::new();
        for name in [
            "archives.eml",
            "winmail-with-files.eml",
            "uuencode-in-text.eml",
        ] {
            let raw = String::from_utf8_lossy(&fixture(name))
                .replace("records@campaign.example", &case.reply_to);
            let kept = receive_mail::keep_raw(&app.app, raw.into_bytes(), Way::Pipe, None, now)
                .await
                .expect("kept");
            let message = receive_mail::read_message(&app.app, kept.message, now)
                .await
                .expect("read");
            assert_eq!(message.request, Some(case.request), "{name}");
            names.extend(
                message
                    .attachments
                    .iter()
                    .map(|file| (file.name.clone(), file.opened)),
            );
        }
        for (name, opened) in [
            ("records.zip", true),
            ("locked.zip", false),
            ("counts.csv", false),
            ("policy.txt", false),
            ("more.zip", false),
            ("winmail.dat", true),
            ("Detainer counts 2025.csv", false),
        ] {
            assert!(
                names.contains(&(name.to_owned(), opened)),
                "{name}: {names:?}"
            );
        }
        let counsel = app.scope(Who::Counsel);
        let files = documents::list_for_request(app.app.store.read(), &counsel, case.request)
            .await
            .expect("the files");
        let kept: Vec<_> = files
            .iter()
            .map(|file| file.document.name.as_str())
            .collect();
        assert!(
            !kept.contains(&"winmail.dat") && !kept.contains(&"records.zip"),
            "{kept:?}"
        );
        assert!(kept.contains(&"Detainer counts 2025.csv"), "{kept:?}");
        let open = mail_tasks::list_open(app.app.store.read(), &counsel)
            .await
            .expect("tasks");
        assert_eq!(open.len(), 1);
        assert!(
            open[0].what.contains("locked.zip is locked"),
            "{}",
            open[0].what
        );
        app.settle().await;
    }
);

both_databases!(
    /// By the pipe for one recipient and from the mailbox of another, in the same moment and in either order.
    a_message_that_two_read_at_once_is_filed_once,
    |app| {
        let case = case(app, 42, "records@alder.example").await;
        let now = app.app.clock.now();
        for turn in 0..4 {
            let raw = plain(&format!("turn{turn}")).replace("records@campaign.example", &case.reply_to);
            let mut kept = Vec::new();
            for way in ["Delivered-To: one@campaign.example", "Delivered-To: two@campaign.example"] {
                let raw = format!("{way}\r\n{raw}").into_bytes();
                let came = receive_mail::keep_raw(&app.app, raw, Way::Pipe, None, now).await;
                kept.push(came.expect("kept").message);
            }
            if turn % 2 == 1 {
                kept.reverse();
            }
            let (one, two) = tokio::join!(
                receive_mail::read_message(&app.app, kept[0], now),
                receive_mail::read_message(&app.app, kept[1], now)
            );
            let mut states = [one.expect("read").state, two.expect("read").state];
            states.sort_by_key(|state| state.as_str());
            assert_eq!(states, [MessageState::Duplicate, MessageState::Filed]);
        }
        let log = crate::post_room::log(app, case.request).await;
        assert_eq!(crate::post_room::count(&log, "reply_received"), 4);
        app.settle().await;
    }
);

/// The settings of a program that works on `folder`.
fn settings(folder: &Path) -> Vec<(&'static str, String)> {
    vec![(
        "SUNDIAL_DATABASE_URL",
        format!(
            "sqlite://{}?mode=rwc",
            folder.join("data/sundial.sqlite").display()
        ),
    )]
}

#[tokio::test]
async fn two_programs_at_once_take_one_message_once() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("data")).expect("made");
    let set = settings(folder.path());
    let set: Vec<(&str, &str)> = set
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let raw = plain("same");
    let words = ["mail", "receive", "-", "--json"];
    let (first, second) = tokio::join!(
        run(folder.path(), &set, &words, raw.as_bytes()),
        run(folder.path(), &set, &words, raw.as_bytes())
    );
    let mut new = 0;
    for ended in [&first, &second] {
        assert!(ended.status.success(), "{}", text(&ended.stderr));
        let told: serde_json::Value = serde_json::from_slice(&ended.stdout).expect("one object");
        new += usize::from(told["new"] == true);
        assert_eq!(told["message_id"], "same@alder.example", "{told}");
        assert_eq!(told["state"], "waiting", "{told}");
    }
    assert_eq!(new, 1, "{} / {}", text(&first.stdout), text(&second.stdout));
}

#[tokio::test]
async fn a_message_that_cannot_be_kept_now_is_asked_for_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["mail", "receive", "-"];
    let raw = plain("later");
    // The database is away: nothing listens there.
    let away = [("SUNDIAL_DATABASE_URL", "postgres://nobody@127.0.0.1:9/none")];
    let ended = run(folder.path(), &away, &words, raw.as_bytes()).await;
    assert_eq!(ended.status.code(), Some(75), "{}", text(&ended.stderr));
    // A wrong setting is put right by a person; until then the mail server keeps the message.
    let wrong = [("SUNDIAL_SMTP_PORT", "often")];
    let ended = run(folder.path(), &wrong, &words, raw.as_bytes()).await;
    assert_eq!(ended.status.code(), Some(75), "{}", text(&ended.stderr));
    // It is there again.
    let ended = run(folder.path(), &[], &words, raw.as_bytes()).await;
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    // The disk takes no more: the kernel refuses every write beyond some kilobytes.
    let large = format!(
        "{}{}",
        plain("large"),
        "a line of the letter\r\n".repeat(40_000)
    );
    let full =
        crate::support::program::run_with_little_disk(folder.path(), 256, &words, large.as_bytes())
            .await;
    assert_eq!(full.status.code(), Some(75), "{}", text(&full.stderr));
    assert!(
        !text(&full.stderr).contains("panicked"),
        "{}",
        text(&full.stderr)
    );
    let ended = run(
        folder.path(),
        &[],
        &["mail", "receive", "-", "--json"],
        large.as_bytes(),
    )
    .await;
    let told: serde_json::Value = serde_json::from_slice(&ended.stdout).expect("one object");
    assert_eq!(told["new"], true, "nothing was half kept: {told}");
}

#[tokio::test]
async fn inspecting_keeps_its_contract_and_stores_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("m.eml"), fixture("archives.eml")).expect("written");
    let ended = run(
        folder.path(),
        &[],
        &["mail", "inspect", "m.eml", "--json"],
        b"",
    )
    .await;
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let told: serde_json::Value = serde_json::from_slice(&ended.stdout).expect("one object");
    for key in [
        "message_id",
        "from",
        "to",
        "cc",
        "date",
        "subject",
        "text",
        "auto_reply",
        "bounce",
        "attachments",
    ] {
        assert!(told.get(key).is_some(), "{key} is missing: {told}");
    }
    assert!(told["auto_reply"].is_boolean() && told["bounce"].is_null());
    for file in told["attachments"].as_array().expect("a list") {
        for key in ["name", "media_type", "bytes", "sha256", "inline"] {
            assert!(file.get(key).is_some(), "{key} is missing: {file}");
        }
    }
    assert!(!folder.path().join("data").exists(), "nothing was stored");
}

/// Several hundred messages with two files each through the real path; the whole ten thousand are `examples/load_mail`.
#[tokio::test]
async fn hundreds_of_messages_all_arrive_and_memory_stays_flat() {
    const MESSAGES: usize = 200;
    let app = TestApp::on(Engine::Sqlite).await;
    let memory = || {
        std::fs::read_to_string("/proc/self/status")
            .unwrap_or_default()
            .lines()
            .find_map(|line| {
                line.strip_prefix("VmRSS:")?
                    .trim()
                    .strip_suffix(" kB")?
                    .trim()
                    .parse::<u64>()
                    .ok()
            })
            .unwrap_or(0)
    };
    let filler = "detainers,41\n".repeat(20_000);
    let mut files = 0;
    let mut at_first = 0;
    for n in 0..MESSAGES {
        let raw = format!(
            "From: records@county{n}.wa.gov\r\nSubject: Records {n}\r\nMessage-ID: <{n}@load.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPart {n}.\r\n--b\r\nContent-Type: text/csv; name=\"one.csv\"\r\n\r\n{n},1,{filler}\r\n--b\r\nContent-Type: text/csv; name=\"two.csv\"\r\n\r\n{n},2,{filler}\r\n--b--\r\n"
        );
        let now = app.app.clock.now();
        let kept = receive_mail::keep_raw(&app.app, raw.into_bytes(), Way::Pipe, None, now)
            .await
            .expect("kept");
        let read = receive_mail::read_message(&app.app, kept.message, now)
            .await
            .expect("read");
        assert_eq!(read.state, MessageState::Waiting);
        files += read.attachments.len();
        if n == MESSAGES / 4 {
            at_first = memory();
        }
    }
    assert_eq!(
        (count(&app.app).await, files),
        (MESSAGES as u64, 2 * MESSAGES)
    );
    // 100 MB went through since. Other tests run in this process: what they hold comes and goes, what leaks here stays.
    println!("{at_first} kB, then {} kB", memory());
    crate::support::program::until(async || memory() < at_first + 200_000).await;
}
