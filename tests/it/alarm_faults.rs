//! What the alarm clock must survive: days of sleep, clocks that jump, two instances, a database that is away, a
//! process that died with a job in its hands.

use std::path::PathBuf;
use std::time::Duration as Wait;

use chrono::{Duration, Utc};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use sundial::actions::App;
use sundial::config::MailWay;
use sundial::domain::event::Happening;
use sundial::domain::ids::RequestId;
use sundial::store::{commit, events, jobs};

use crate::both_databases;
use crate::reminders::{Left, all_left, at, out};
use crate::support::app::{TestApp, Who};
use crate::support::database::Engine;
use crate::support::program::{run, text};

const ROSA: &str = "rosa@coalition.example";

fn to_rosa(app: &TestApp) -> usize {
    all_left(app.folder())
        .iter()
        .filter(|left| left.to == ROSA)
        .count()
}

pub async fn offsets(app: &TestApp, id: RequestId) -> Vec<i32> {
    events::list_for_request(app.app.store.read(), &app.scope(Who::Researcher), id)
        .await
        .expect("a log")
        .into_iter()
        .filter_map(|event| match event.what {
            Happening::ReminderSent { duty, offset, .. }
                if duty == "acknowledge" && event.by == Some(app.id(Who::Researcher)) =>
            {
                Some(offset)
            }
            _ => None,
        })
        .collect()
}

both_databases!(
    /// Ten days without a process: the morning of the awakening comes once, and tells the latest of what was missed.
    days_of_sleep_are_made_up_for_once, |app| {
        let id = out(app, "WA", "email").await;
        app.settle().await;
        // Asleep from Monday the 12th to Thursday the 22nd, over the warning, the limit and the day after.
        app.until(at(2026, 1, 22, 18)).await;
        assert_eq!(to_rosa(app), 1);
        assert_eq!(offsets(app, id).await, [1], "of three missed words only the latest");
        for _ in 0..5 {
            app.later(Duration::minutes(11)).await;
        }
        assert_eq!(to_rosa(app), 1);
        // The jobs of the mornings that passed while it slept send nothing later.
        app.until(at(2026, 1, 23, 18)).await;
        assert_eq!(offsets(app, id).await, [1]);
    }
);

both_databases!(
    /// An hour and a day, forward and back: never two mails on one day of the reader, and nothing is lost.
    a_clock_that_jumps_doubles_nothing, |app| {
        let id = out(app, "WA", "email").await;
        app.until(at(2026, 1, 15, 15)).await;
        assert_eq!(to_rosa(app), 0, "seven in the morning is too early");
        // An hour forward: eight. Back again, and forward again.
        for hour in [16, 15, 16, 15, 16] {
            app.until(at(2026, 1, 15, hour)).await;
        }
        assert_eq!(to_rosa(app), 1);
        assert_eq!(offsets(app, id).await, [-2]);
        // A day forward to Friday's morning and back; then the true days again.
        app.until(at(2026, 1, 16, 17)).await;
        app.until(at(2026, 1, 15, 17)).await;
        app.until(at(2026, 1, 14, 17)).await;
        app.until(at(2026, 1, 15, 18)).await;
        app.until(at(2026, 1, 16, 18)).await;
        assert_eq!(offsets(app, id).await, [-2]);
        assert_eq!(to_rosa(app), 1);
        // Jumping over the day itself and back to it: the day's word is told once in any order.
        app.until(at(2026, 1, 21, 17)).await;
        app.until(at(2026, 1, 20, 17)).await;
        app.until(at(2026, 1, 21, 18)).await;
        let mut told = offsets(app, id).await;
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), offsets(app, id).await.len(), "nothing twice: {told:?}");
        assert!(told.contains(&1), "{told:?}");
    }
);

both_databases!(
    /// Clocks go forward on Sunday 8 March and back on Sunday 1 November 2026: each morning has one mail.
    the_nights_on_which_clocks_change_have_one_morning, |app| {
        for (month, sunday) in [(3, 8), (11, 1)] {
            app.app.clock.set(at(2026, month, sunday, 0) - Duration::days(1));
            let id = out(app, "WA", "email").await;
            let scope = app.scope(Who::Researcher);
            let on = at(2026, month, sunday, 12).date_naive();
            sundial::actions::put_off::remind_me(&app.app, &scope, id, on, "", app.app.clock.now())
                .await
                .expect("a reminder");
            app.settle().await;
            let before = to_rosa(app);
            let mut first = None;
            for quarter in 0..(36 * 4) {
                let now = at(2026, month, sunday, 0) + Duration::minutes(15 * quarter);
                app.until(now).await;
                if first.is_none() && to_rosa(app) > before {
                    first = Some(now);
                }
            }
            let first = first.expect("it came");
            let local = first.with_timezone(&chrono_tz::America::Los_Angeles).format("%Y-%m-%d %H:%M").to_string();
            assert_eq!(local, format!("2026-{month:02}-{sunday:02} 08:00"));
            let own = all_left(app.folder())
                .iter()
                .filter(|left| left.text().contains("A reminder of your own"))
                .count();
            assert_eq!(own, if month == 3 { 1 } else { 2 }, "one for each of the two nights");
        }
    }
);

/// A second process on the same database: its own mail folder, so that what it sends can be counted.
async fn another(app: &TestApp, name: &str) -> (App, PathBuf) {
    let folder = app.folder().join(name);
    let mut config = (*app.app.config).clone();
    config.mail.way = MailWay::Folder(folder.clone());
    let other = App::open(config, app.app.clock.clone())
        .await
        .expect("a second instance opens");
    (other, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_on_one_postgresql_have_one_effect_each() {
    let app = TestApp::on(Engine::Postgres).await;
    let (one, first) = another(&app, "mail-of-one").await;
    let (two, second) = another(&app, "mail-of-two").await;
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(out(&app, "WA", "email").await);
    }
    for hour in (0..12 * 24).step_by(8) {
        app.app
            .clock
            .set(at(2026, 1, 12, 18) + Duration::hours(hour));
        let both = [one.clone(), two.clone()].map(|app| {
            tokio::spawn(async move {
                for _ in 0..2 {
                    sundial::jobs::wake(&app, &format!("process {}", uuid::Uuid::new_v4()))
                        .await
                        .expect("it wakes");
                }
            })
        });
        for each in both {
            each.await.expect("it ends");
        }
    }
    let left: Vec<Left> = [first, second]
        .iter()
        .flat_map(|folder| all_left(folder))
        .collect();
    let mut keys: Vec<String> = left
        .iter()
        .map(|left| {
            let text = String::from_utf8_lossy(&left.bytes).into_owned();
            let id = text
                .lines()
                .find(|line| line.starts_with("Message-ID:"))
                .unwrap_or_default();
            format!("{} {id}", left.to)
        })
        .collect();
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(all, keys.len(), "a mail left both instances");
    assert!(all >= 4, "{all}");
    for id in ids {
        let mut told = offsets(&app, id).await;
        let count = told.len();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), count, "told twice: {told:?}");
        assert!(
            told.contains(&-2) && told.contains(&0) && told.contains(&1),
            "{told:?}"
        );
        let chasers =
            events::list_for_request(app.app.store.read(), &app.scope(Who::Researcher), id)
                .await
                .expect("a log")
                .iter()
                .filter(|event| matches!(event.what, Happening::ChaserDrafted { .. }))
                .count();
        assert!(chasers <= 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_loses_and_doubles_nothing() {
    let app = TestApp::on(Engine::Postgres).await;
    let id = out(&app, "WA", "email").await;
    app.settle().await;
    let (server, database) = app.app.config.database_url.rsplit_once('/').expect("a URL");
    let mut options = ConnectOptions::new(format!("{server}/postgres"));
    options.max_connections(1).sqlx_logging(false);
    let keeper = Database::connect(options)
        .await
        .expect("the server answers");
    for morning in [15, 20, 21] {
        app.app.clock.set(at(2026, 1, morning, 17));
        // The database takes no connection any more, and those that there are end.
        for sql in [
            format!("ALTER DATABASE {database} ALLOW_CONNECTIONS false"),
            format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
            ),
        ] {
            keeper
                .execute_unprepared(&sql)
                .await
                .expect("it is cut off");
        }
        let woken = tokio::time::timeout(
            Wait::from_secs(60),
            sundial::jobs::wake(&app.app, "the test"),
        )
        .await;
        assert!(woken.expect("a waking without a database ends").is_err());
        assert!(app.app.store.ping().await.is_err());
        keeper
            .execute_unprepared(&format!("ALTER DATABASE {database} ALLOW_CONNECTIONS true"))
            .await
            .expect("it is back");
        // A minute later by the clock: what was due is done, once.
        app.app
            .clock
            .set(at(2026, 1, morning, 17) + Duration::minutes(1));
        app.settle().await;
        app.settle().await;
    }
    assert_eq!(offsets(&app, id).await, [-2, 0, 1]);
    assert_eq!(to_rosa(&app), 3);
    app.nothing_left_to_do().await;
}

both_databases!(
    /// A process dies with a job in its hands: its lease ends, another carries the job out.
    a_stuck_lease_is_taken_over, |app| {
        let id = out(app, "WA", "email").await;
        app.settle().await;
        app.app.clock.set(at(2026, 1, 15, 17));
        sundial::actions::send_morning::plan_mornings(&app.app, app.app.clock.now())
            .await
            .expect("mornings are planned");
        let now = app.app.clock.now();
        let due = jobs::list_due(app.app.store.read(), now, 100).await.expect("jobs");
        let tx = app.app.store.begin().await.expect("a change begins");
        let mut held = Vec::new();
        for job in due {
            let claimed = jobs::claim(&tx, job.id, "a process that died", now, Duration::minutes(20))
                .await
                .expect("it is claimed");
            held.push(claimed.expect("nobody else has it"));
        }
        commit(tx).await.expect("the claims stand");
        assert!(!held.is_empty());
        app.settle().await;
        assert_eq!(to_rosa(app), 0, "what another holds is left alone");
        app.later(Duration::minutes(21)).await;
        assert_eq!(to_rosa(app), 1);
        assert_eq!(offsets(app, id).await, [-2]);
        // The dead one wakes up after all: it holds nothing any more.
        let tx = app.app.store.begin().await.expect("a change begins");
        for job in &held {
            assert!(!jobs::complete(&tx, job, app.app.clock.now()).await.expect("it is asked"));
        }
        drop(tx);
    }
);

both_databases!(
    /// Cut off between the attempt and its answer: not sent again that day, and told the next.
    an_attempt_without_an_answer_is_not_made_again, |app| {
        let id = out(app, "WA", "email").await;
        app.settle().await;
        app.app.clock.set(at(2026, 1, 15, 15));
        app.settle().await;
        let tx = app.app.store.begin().await.expect("a change begins");
        let day = at(2026, 1, 15, 16).date_naive();
        sundial::store::mornings::attempt(&tx, app.id(Who::Researcher), day, at(2026, 1, 15, 16))
            .await
            .expect("the attempt is on record");
        commit(tx).await.expect("it stands");
        app.until(at(2026, 1, 15, 17)).await;
        assert_eq!(to_rosa(app), 0);
        app.until(at(2026, 1, 16, 17)).await;
        assert_eq!(to_rosa(app), 1);
        assert_eq!(offsets(app, id).await, [-2], "nothing is lost");
    }
);

#[tokio::test]
async fn the_console_lists_runs_and_retries_jobs() {
    let folder = tempfile::tempdir().expect("a folder");
    let none = run(folder.path(), &[], &["jobs", "list", "--json"], b"").await;
    assert!(none.status.success(), "{}", text(&none.stderr));
    assert_eq!(text(&none.stdout), "");
    let ran = run(folder.path(), &[], &["jobs", "run", "--json"], b"").await;
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let said: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert!(said["done"].as_u64() >= Some(2), "{said}");
    assert_eq!(said["failed"], 0);
    let done = run(
        folder.path(),
        &[],
        &["jobs", "list", "--done", "--json"],
        b"",
    )
    .await;
    let line = text(&done.stdout);
    let first: serde_json::Value =
        serde_json::from_str(line.lines().next().expect("a job")).expect("JSON");
    for name in [
        "id",
        "kind",
        "state",
        "run_at",
        "attempts",
        "done_at",
        "failed_at",
        "last_error",
        "effect_key",
    ] {
        assert!(first.get(name).is_some(), "{name}: {first}");
    }
    assert_eq!(first["state"], "done");

    // One that cannot be done is given up, listed with its sentence, and tried again on demand.
    let database = folder.path().join("data/sundial.sqlite");
    let store = sundial::store::Store::connect(&format!("sqlite://{}", database.display()))
        .await
        .expect("the database opens");
    let tx = store.begin().await.expect("a change begins");
    let new = jobs::NewJob {
        kind: "morning",
        effect_key: "a test".to_owned(),
        payload: serde_json::json!({"nobody": 1}),
        campaign: None,
        run_at: Utc::now() - Duration::minutes(1),
    };
    assert!(jobs::add(&tx, new, Utc::now()).await.expect("a job"));
    commit(tx).await.expect("it stands");
    run(folder.path(), &[], &["jobs", "run"], b"").await;
    let failed = run(
        folder.path(),
        &[],
        &["jobs", "list", "--failed", "--json"],
        b"",
    )
    .await;
    let job: serde_json::Value =
        serde_json::from_str(text(&failed.stdout).trim()).expect("one job");
    assert_eq!(
        (job["state"].as_str(), job["kind"].as_str()),
        (Some("failed"), Some("morning"))
    );
    assert!(
        job["last_error"]
            .as_str()
            .is_some_and(|why| why.contains("does not say")),
        "{job}"
    );
    let id = job["id"].as_str().expect("an id").to_owned();
    let again = run(folder.path(), &[], &["jobs", "retry", &id, "--json"], b"").await;
    assert!(again.status.success(), "{}", text(&again.stderr));
    let open = run(
        folder.path(),
        &[],
        &["jobs", "list", "--kind", "morning"],
        b"",
    )
    .await;
    assert!(
        text(&open.stdout).contains("open"),
        "{}",
        text(&open.stdout)
    );
    let wrong = run(folder.path(), &[], &["jobs", "retry", "everything"], b"").await;
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("jobs list --failed"));
}

both_databases!(
    an_administrator_sees_what_was_given_up_and_tries_it_again,
    |app| {
        let now = app.app.clock.now();
        let tx = app.app.store.begin().await.expect("a change begins");
        let new = jobs::NewJob {
            kind: "morning",
            effect_key: "a test".to_owned(),
            payload: serde_json::json!({}),
            campaign: None,
            run_at: now,
        };
        jobs::add(&tx, new, now).await.expect("a job");
        commit(tx).await.expect("it stands");
        app.settle().await;
        let ada = app.as_who(Who::Admin).await;
        ada.get("/admin")
            .await
            .is(200)
            .says("Send a morning mail")
            .says("does not say what it is for");
        let failed = jobs::list_unfinished(app.app.store.read())
            .await
            .expect("jobs");
        let id = failed
            .iter()
            .find(|job| job.failed_at.is_some())
            .expect("it was given up")
            .id;
        let at = format!("/admin/jobs/{}/retry", id.simple());
        app.as_who(Who::Counsel)
            .await
            .post("/settings/reminders", &at, &[])
            .await
            .is(404);
        ada.post("/admin", &at, &[]).await.is(303);
        let job = jobs::find(app.app.store.read(), id)
            .await
            .expect("a job")
            .expect("it is there");
        assert!(job.failed_at.is_none());
        // Put right by hand: the test leaves nothing behind.
        let tx = app.app.store.begin().await.expect("a change begins");
        let held = jobs::claim(
            &tx,
            id,
            "the test",
            app.app.clock.now(),
            Duration::minutes(1),
        )
        .await
        .expect("a claim")
        .expect("it is free");
        jobs::complete(&tx, &held, app.app.clock.now())
            .await
            .expect("it is done");
        commit(tx).await.expect("it stands");
    }
);
