//! A whole installation for one test: fresh database, own folder, a clock that stands still, and people signed in.
//!
//! People and campaigns are put in through `store`, because a test is about what happens to them later.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, TimeZone, Utc};
use rocket::http::Cookie;
use sundial::actions::add_agency::{AgencyParticulars, add_agency};
use sundial::actions::{App, sign_in};
use sundial::clock::Clock;
use sundial::config::Config;
use sundial::documents::worker::{Limits, Worker};
use sundial::domain::agency::AgencyKind;
use sundial::domain::ids::{AgencyId, CampaignId, UserId};
use sundial::domain::person::{Role, Scope};
use sundial::store::campaigns::{self, Campaign};
use sundial::store::{accounts, commit, jobs};
use sundial::web::{self, SESSION_COOKIE};

use super::database::{self, Engine};
use super::visitor::Visitor;

/// Who asks. All but the last two belong to the campaign of [`TestApp::campaign`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Researcher,
    /// A second researcher: figures are checked by somebody other than who typed them.
    SecondResearcher,
    Counsel,
    Team,
    /// Runs the installation, belongs to no campaign.
    Admin,
    /// Counsel of another campaign on the same installation.
    Elsewhere,
    /// Nobody: not signed in.
    Stranger,
}

impl Who {
    /// Everybody who is signed in, with name and address.
    const SIGNED_IN: [(Who, &'static str, &'static str); 6] = [
        (Who::Researcher, "Rosa Quill", "rosa@coalition.example"),
        (Who::SecondResearcher, "Sam Ledger", "sam@coalition.example"),
        (Who::Counsel, "Carmen Brief", "carmen@lawyers.example"),
        (Who::Team, "Theo Table", "theo@coalition.example"),
        (Who::Admin, "Ada Keys", "ada@host.example"),
        (Who::Elsewhere, "Eli Strange", "eli@elsewhere.example"),
    ];
}

/// One installation, gone with its folder at the end of the test.
pub struct TestApp {
    pub app: App,
    pub campaign: Campaign,
    pub elsewhere: Campaign,
    people: Vec<(Who, UserId)>,
    folder: tempfile::TempDir,
}

/// The word that begins every test: Mon 12 Jan 2026, 09:00 in Seattle.
pub fn opening() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 12, 17, 0, 0)
        .single()
        .expect("a plain instant")
}

/// A fresh installation that nobody has an account on, and the folder that it goes with.
pub async fn empty(engine: Engine, change: impl FnOnce(&mut Config)) -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder for the installation");
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).expect("the folder is made");
    let mut config = Config::embedded(data.clone()).expect("the defaults are right");
    config.database_url = database::fresh(engine, &data).await;
    change(&mut config);
    let mut app = App::open(config, Clock::standing_at(opening()))
        .await
        .expect("a fresh installation opens");
    // The test program is not Sundial: files are opened by the real one.
    let program = PathBuf::from(env!("CARGO_BIN_EXE_sundial"));
    app.worker = Worker::new(program, Limits::DOCUMENT, 2);
    (app, folder)
}

impl TestApp {
    /// A county of that name, which the researcher adds.
    pub async fn county(&self, name: &str, jurisdiction: &str) -> AgencyId {
        let new = AgencyParticulars {
            name: name.to_owned(),
            kind: AgencyKind::County,
            jurisdiction: jurisdiction.to_owned(),
            county: None,
            time_zone: None,
            fiscal_year_start: None,
            source: "Its own website.".to_owned(),
        };
        let by = self.scope(Who::Researcher);
        add_agency(&self.app, &by, new, self.app.clock.now())
            .await
            .expect("an agency is added")
    }

    /// A fresh installation with two campaigns and their people.
    pub async fn on(engine: Engine) -> TestApp {
        TestApp::with(engine, |_| {}).await
    }

    /// … with some settings changed before it opens.
    pub async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> TestApp {
        let (app, folder) = empty(engine, change).await;
        let now = app.clock.now();
        let tx = app.store.begin().await.expect("a change begins");
        let mut people = Vec::new();
        for (who, name, address) in Who::SIGNED_IN {
            let admin = who == Who::Admin;
            // No password opens this: people here come in by a session, not by the sign-in page.
            let id = accounts::add(&tx, name, address, "nobody's", admin, now)
                .await
                .expect("an account is added");
            people.push((who, id));
        }
        let id_of = |wanted: Who| {
            people
                .iter()
                .find(|(who, _)| *who == wanted)
                .map(|(_, id)| *id)
                .expect("everybody has an account")
        };
        let made = |slug: &str, name: &str| Campaign {
            id: CampaignId::new(),
            slug: slug.to_owned(),
            name: name.to_owned(),
            goal: "The county stops honouring detainers without a judge's warrant.".to_owned(),
            ask: "A written policy, adopted this year.".to_owned(),
            addressed_to: "Sheriff of Alder County".to_owned(),
            organisation: "Alder Coalition".to_owned(),
            contact_name: "Rosa Quill".to_owned(),
            postal_address: "1 Main Street, Alder, WA 98000".to_owned(),
            phone: "206-555-0100".to_owned(),
            time_zone: chrono_tz::America::Los_Angeles,
            created_at: now,
            created_by: id_of(Who::Admin),
        };
        let campaign = made("alder", "Alder County detainers");
        let elsewhere = made("birch", "Birch County detainers");
        for each in [&campaign, &elsewhere] {
            campaigns::add(&tx, each, &["WA".to_owned(), "CA".to_owned()])
                .await
                .expect("a campaign is added");
        }
        for (who, role) in [
            (Who::Researcher, Role::Researcher),
            (Who::SecondResearcher, Role::Researcher),
            (Who::Counsel, Role::Counsel),
            (Who::Team, Role::Team),
        ] {
            campaigns::set_member(&tx, campaign.id, id_of(who), role, None, now)
                .await
                .expect("a member joins");
        }
        campaigns::set_member(
            &tx,
            elsewhere.id,
            id_of(Who::Elsewhere),
            Role::Counsel,
            None,
            now,
        )
        .await
        .expect("a member joins elsewhere");
        commit(tx).await.expect("the people are there");
        TestApp {
            app,
            campaign,
            elsewhere,
            people,
            folder,
        }
    }

    /// A folder of the test's own, beside the installation's.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The account of somebody.
    pub fn id(&self, who: Who) -> UserId {
        self.people
            .iter()
            .find(|(known, _)| *known == who)
            .map(|(_, id)| *id)
            .unwrap_or_else(|| panic!("{who:?} has no account"))
    }

    /// Somebody's scope in their campaign, for calling a deed without a page.
    pub fn scope(&self, who: Who) -> Scope {
        let (campaign, role) = match who {
            Who::Researcher | Who::SecondResearcher => (self.campaign.id, Role::Researcher),
            Who::Counsel => (self.campaign.id, Role::Counsel),
            Who::Team => (self.campaign.id, Role::Team),
            Who::Elsewhere => (self.elsewhere.id, Role::Counsel),
            Who::Admin | Who::Stranger => panic!("{who:?} belongs to no campaign"),
        };
        Scope {
            user: self.id(who),
            campaign,
            role,
        }
    }

    /// The path of a page of the campaign: `path("requests")` is `/c/alder/requests`.
    pub fn path(&self, rest: &str) -> String {
        format!("/c/{}/{rest}", self.campaign.slug)
    }

    /// Moves the clock on and lets every job that falls due on the way be done.
    pub async fn later(&self, by: Duration) {
        self.until(self.app.clock.now() + by).await;
    }

    /// Moves the clock to an instant and lets every job that is due by then be done.
    pub async fn until(&self, at: DateTime<Utc>) {
        self.app.clock.set(at);
        self.settle().await;
    }

    /// The campaign drafts nothing by itself after a missed limit: for stories in which a person does.
    pub async fn without_chasers(&self) {
        let by = self.scope(Who::Researcher);
        let rules = sundial::domain::reminder::Rules {
            chasers: false,
            ..Default::default()
        };
        let tx = self.app.store.begin().await.expect("a change");
        sundial::store::reminder_settings::set_rules(&tx, &by, &rules, None, self.app.clock.now())
            .await
            .expect("the rules are kept");
        sundial::store::commit(tx).await.expect("done");
    }

    /// Lets every job that is due now be done, as one waking of the scheduler would.
    pub async fn settle(&self) {
        sundial::jobs::wake(&self.app, "the test")
            .await
            .expect("the jobs run");
    }

    /// Fails where a job is left that is due, or that was given up.
    pub async fn nothing_left_to_do(&self) {
        self.settle().await;
        let now = self.app.clock.now();
        let left: Vec<_> = jobs::list_unfinished(self.app.store.read())
            .await
            .expect("the jobs can be listed")
            .into_iter()
            .filter(|job| job.run_at <= now)
            .collect();
        assert!(left.is_empty(), "jobs are left over: {left:#?}");
    }

    /// Somebody at their browser. Each call is a new browser with its own cookies.
    pub async fn as_who(&self, who: Who) -> Visitor {
        let session = match who {
            Who::Stranger => None,
            who => {
                let opened = sign_in::open_session(&self.app, self.id(who), self.app.clock.now())
                    .await
                    .expect("a session opens");
                Some(Cookie::build((SESSION_COOKIE, opened.token)).build())
            }
        };
        Visitor::at(&self.app, who, session).await
    }
}
/// The site on a port. [`Served::stop`] ends it; a test that fails ends it with its runtime.
pub struct Served {
    pub url: String,
    shutdown: rocket::Shutdown,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    /// Serves an installation on a free loopback port.
    pub async fn over(app: &App) -> Served {
        let (ready, address) = tokio::sync::oneshot::channel();
        let ready = std::sync::Mutex::new(Some(ready));
        let tell_port = rocket::fairing::AdHoc::on_liftoff("port", move |rocket| {
            let port = rocket.config().port;
            let sender = ready.lock().expect("one liftoff").take();
            Box::pin(async move {
                if let Some(sender) = sender {
                    sender.send(port).expect("somebody waits for the port");
                }
            })
        });
        let built = web::rocket(app.clone());
        let figment = built
            .figment()
            .clone()
            .merge(("port", 0))
            .merge(("address", "127.0.0.1"))
            .merge(("shutdown.ctrlc", false));
        let rocket = built
            .configure(figment)
            .attach(tell_port)
            .ignite()
            .await
            .expect("the site is ready");
        let shutdown = rocket.shutdown();
        let task = tokio::spawn(async move {
            rocket.launch().await.expect("the site ends well");
        });
        let port = address.await.expect("the site takes off");
        Served {
            url: format!("http://127.0.0.1:{port}"),
            shutdown,
            task,
        }
    }

    pub async fn stop(self) {
        self.shutdown.notify();
        self.task.await.expect("the site stops");
    }
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for entry in entries {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
