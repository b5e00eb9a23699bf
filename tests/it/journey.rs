//! One campaign from the set-up link to the dossier, by hand in the real browser, each person at their own.
//!
//! What each person does stands in a file of their name. Every page they pass is looked at: its picture goes to
//! `target/screens/`, at desktop and at phone width, and an accessibility fault fails the journey.

use sundial::actions::{App, issue_link};

use crate::support::app::{Served, empty};
use crate::support::browser::Browser;
use crate::support::database::Engine;

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

    /// One waking of the scheduler.
    async fn settle(&self) {
        sundial::jobs::wake(&self.app, "the journey")
            .await
            .expect("the jobs run");
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

    stage.settle().await;
    for person in [rosa, carmen, theo] {
        person.close().await;
    }
    stage.site.stop().await;
}
