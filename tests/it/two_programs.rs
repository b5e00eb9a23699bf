//! Two programs on one PostgreSQL and one data folder, as `docs/operations.md` allows: letters, reminders and the mailbox
//! have one effect each, and what one held when it was killed is taken over by the other.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Duration, Timelike, Utc};
use sea_orm::ConnectionTrait;
use sundial::actions::plan_reminders::{Planned, REMIND_JOB};
use sundial::actions::put_off::remind_me;
use sundial::actions::send_morning::{MORNING_JOB, PlannedMorning};
use sundial::clock::day_in;
use sundial::domain::delivery::State;
use sundial::domain::event::{Happening, ReplyKind};
use sundial::domain::ids::DeliveryId;
use sundial::mail::compose::notice_message_id;
use sundial::store::deliveries::Delivery;
use sundial::store::jobs::{self, Job};

use crate::post_room::{count, log};
use crate::reminders::{note, out};
use crate::sending_faults::{queue_many, rows};
use crate::support::app::{TestApp, Who};
use crate::support::database::Engine;
use crate::support::program::{self, Serving, run, text};
use crate::support::servers::{MailProvider, mail};
use crate::support::wire::Wire;

const LETTERS: i32 = 60;
const ANSWERS: usize = 24;

/// A zone in which it is about noon: everybody's morning has come, and midnight is far.
fn where_it_is_noon(now: DateTime<Utc>) -> chrono_tz::Tz {
    let ahead = 12 - i64::from(now.hour());
    let name = match ahead {
        0 => "Etc/GMT".to_owned(),
        // Those names count westwards.
        1.. => format!("Etc/GMT-{ahead}"),
        _ => format!("Etc/GMT+{}", -ahead),
    };
    name.parse().expect("a zone")
}

/// A mailbox that no other test uses, as the settings of a program that reads it and writes by this wire.
pub fn settings(
    app: &TestApp,
    provider: &MailProvider,
    wire: &Wire,
    mailbox: &str,
) -> Vec<(&'static str, String)> {
    vec![
        (
            "SUNDIAL_DATABASE_URL",
            app.app.config.database_url.to_owned(),
        ),
        ("SUNDIAL_SMTP_HOST", "127.0.0.1".to_owned()),
        ("SUNDIAL_SMTP_PORT", wire.port.to_string()),
        ("SUNDIAL_SMTP_SECURITY", "none".to_owned()),
        (
            "SUNDIAL_REPLY_ADDRESS",
            app.app.config.mail.reply_address.to_owned(),
        ),
        ("SUNDIAL_IMAP_HOST", "127.0.0.1".to_owned()),
        ("SUNDIAL_IMAP_PORT", provider.imap.to_string()),
        ("SUNDIAL_IMAP_SECURITY", "none".to_owned()),
        ("SUNDIAL_IMAP_USER", mailbox.to_owned()),
        ("SUNDIAL_IMAP_PASSWORD", MailProvider::PASSWORD.to_owned()),
        ("SUNDIAL_IMAP_EVERY_SECONDS", "10".to_owned()),
    ]
}

pub fn as_words<'a>(settings: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

pub fn own_mailbox() -> String {
    format!("box{}", uuid::Uuid::new_v4().simple())
}

/// An agency's answer to a letter.
pub fn answer(to: &Delivery, id: &str) -> String {
    format!(
        "From: {}\r\nTo: {}\r\nSubject: Your request\r\nMessage-ID: <{id}>\r\n\r\nWe have it.\r\n",
        to.recipient, to.reply_address
    )
}

async fn done(app: &TestApp, kind: &str) -> Vec<Job> {
    jobs::list_for_operator(app.app.store.read(), Some(kind), (true, false), 10_000)
        .await
        .expect("jobs")
}

async fn by(app: &TestApp, program: u32) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    let all = jobs::list_for_operator(app.app.store.read(), None, (true, false), 10_000)
        .await
        .expect("jobs");
    for job in all {
        let owner = job.lease_owner.unwrap_or_default();
        if owner.starts_with(&format!("{program}-")) {
            *kinds.entry(job.kind).or_default() += 1;
        }
    }
    kinds
}

/// Three requests whose refusal can still be appealed for ten days, and a reminder of Rosa's own for today.
async fn to_be_reminded(app: &TestApp, now: DateTime<Utc>) {
    let zone = where_it_is_noon(now);
    app.app
        .store
        .read()
        .execute_unprepared(&format!("UPDATE campaign SET time_zone = '{zone}'"))
        .await
        .expect("the campaign moves");
    // Ninety days are given in Massachusetts.
    app.app.clock.set(now - Duration::days(80));
    for _ in 0..3 {
        let id = out(app, "MA", "email").await;
        let denied = Happening::ReplySorted {
            message: None,
            what: ReplyKind::Denied,
            on: day_in(zone, app.app.clock.now()),
            until: None,
            amount_cents: None,
            note: String::new(),
            detail: Default::default(),
        };
        note(app, id, Who::Researcher, denied).await;
        let yesterday = now - Duration::days(1);
        let by = app.scope(Who::Researcher);
        remind_me(&app.app, &by, id, day_in(zone, now), "", yesterday)
            .await
            .expect("a reminder of her own");
    }
    app.app.clock.set(now);
}

/// What nobody but the dead one can tell any more counts as over when its lease is: twenty minutes are taken off it.
async fn twenty_minutes_after(app: &TestApp, dead: u32) -> u64 {
    app.app
        .store
        .read()
        .execute_unprepared(&format!(
            "UPDATE job SET lease_until = lease_until - INTERVAL '20 minutes' \
             WHERE done_at IS NULL AND lease_owner LIKE '{dead}-%'"
        ))
        .await
        .expect("its leases end")
        .rows_affected()
}

/// Half of the letters are for another day, or for now after all.
async fn put_half_off(app: &TestApp, sooner: bool) {
    let moved = match sooner {
        false => {
            "UPDATE job SET run_at = run_at + INTERVAL '1 day' WHERE id IN \
             (SELECT id FROM job WHERE kind = 'deliver' ORDER BY id LIMIT 30)"
        }
        true => {
            "UPDATE job SET run_at = run_at - INTERVAL '1 day' \
             WHERE kind = 'deliver' AND run_at > CURRENT_TIMESTAMP"
        }
    };
    let moved = app.app.store.read().execute_unprepared(moved).await;
    assert_eq!(moved.expect("they move").rows_affected(), 30);
}

/// The same answer by the mail server's pipe, beside the mailbox.
async fn pipe(folder: &Path, settings: &[(&str, &str)], raw: &str) {
    let ended = run(folder, settings, &["mail", "receive", "-"], raw.as_bytes()).await;
    assert!(ended.status.success(), "{}", text(&ended.stderr));
}

/// How many answers stand with the requests of these letters.
pub async fn filed(app: &TestApp, ids: &[DeliveryId]) -> usize {
    let mut filed = 0;
    for row in rows(app, ids).await {
        filed += count(&log(app, row.request).await, "reply_received");
    }
    filed
}

/// Whether no job waits or is in anybody's hands.
async fn nothing_due(app: &TestApp) -> bool {
    let health = jobs::health(app.app.store.read(), Utc::now()).await;
    health.expect("numbers").oldest_due_at.is_none()
}

/// Whether everything is done that there was to do.
async fn all_done(app: &TestApp, ids: &[DeliveryId]) -> bool {
    let settled = rows(app, ids)
        .await
        .iter()
        .all(|row| matches!(row.state, State::Accepted | State::Unknown));
    settled && nothing_due(app).await && filed(app, ids).await >= ANSWERS
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_on_one_postgresql_have_one_effect_each() {
    let provider = mail();
    let mailbox = own_mailbox();
    let app = TestApp::with(Engine::Postgres, |config| {
        config.mail.reply_address = format!("{mailbox}+{{token}}@campaign.example");
    })
    .await;
    let now = Utc::now();
    app.app.clock.set(now - Duration::hours(2));
    let ids = queue_many(&app, LETTERS).await;
    to_be_reminded(&app, now).await;
    let letters = rows(&app, &ids).await;

    put_half_off(&app, false).await;

    // Each has a line of its own to the same Exim, and reads the same mailbox.
    let wires = [Wire::to(provider.smtp).await, Wire::to(provider.smtp).await];
    let [first_set, second_set] = [0, 1].map(|at| settings(&app, provider, &wires[at], &mailbox));
    let (first_set, second_set) = (as_words(&first_set), as_words(&second_set));
    let from_outside = |at: usize| (letters[at].clone(), format!("answer{at}@{mailbox}.example"));
    for at in 0..ANSWERS / 2 {
        let (letter, id) = from_outside(at);
        let raw = answer(&letter, &id);
        provider
            .bring(&letter.recipient, &letter.reply_address, &raw)
            .await;
    }
    let (mut first, mut second) = tokio::join!(
        program::serve(app.folder(), &first_set),
        program::serve(app.folder(), &second_set)
    );
    // Both work side by side: letters, reminders, the mailbox.
    program::until(async || nothing_due(&app).await && filed(&app, &ids).await >= ANSWERS / 2)
        .await;

    // The first dies with a letter in the middle of its text; answers come in meanwhile, some of them by two ways.
    let keeping = wires[0].keep_one("@county");
    put_half_off(&app, true).await;
    keeping.await;
    let (dead, alive) = (first.id(), second.id());
    first.kill().await;
    for at in ANSWERS / 2..ANSWERS {
        let (letter, id) = from_outside(at);
        let raw = answer(&letter, &id);
        provider
            .bring(&letter.recipient, &letter.reply_address, &raw)
            .await;
        if at % 4 == 0 {
            tokio::join!(
                pipe(app.folder(), &first_set, &raw),
                pipe(app.folder(), &second_set, &raw)
            );
        }
    }
    let held = twenty_minutes_after(&app, dead).await;
    assert!(held >= 1, "it held at least a letter");
    program::until(async || all_done(&app, &ids).await).await;
    assert!(second.lives(), "{}", second.log());

    one_effect_each(&app, provider, &ids, &letters).await;
    let (by_first, by_second) = (by(&app, dead).await, by(&app, alive).await);
    println!("the first did {by_first:?} and held {held} when it was killed");
    println!("the second did {by_second:?}");
    assert!(by_first.contains_key("deliver") && by_second.contains_key("deliver"));
    end(&mut second).await;
}

async fn end(serving: &mut Serving) {
    let log = serving.log();
    assert!(!log.contains("panicked"), "{log}");
    serving.kill().await;
}

async fn one_effect_each(
    app: &TestApp,
    provider: &MailProvider,
    ids: &[DeliveryId],
    letters: &[Delivery],
) {
    let taken = provider.taken();
    let times = |id: &str| taken.get(id).copied().unwrap_or_default();
    // Letters: once each; one was in the hands of the dead, and a person is asked about it.
    let mut unknown = 0;
    for row in rows(app, ids).await {
        match row.state {
            State::Accepted => assert_eq!(times(&row.message_id), 1, "{row:?}"),
            _ => {
                unknown += 1;
                assert!(times(&row.message_id) <= 1, "{row:?}");
            }
        }
    }
    assert_eq!(unknown, 1, "the letter that the first had in its hands");

    // Reminders: one mail a morning for each person, one for each step of a limit of ours.
    let sender = &app.app.config.mail.from;
    let windows = done(app, REMIND_JOB).await;
    assert!(
        windows.len() >= 6,
        "owner and counsel, three limits: {}",
        windows.len()
    );
    for job in &windows {
        let planned: Planned = serde_json::from_value(job.payload.clone()).expect("a reminder");
        let id = notice_message_id(&planned.effect_key(), sender);
        assert_eq!(times(&id), 1, "{planned:?}");
    }
    let mut mornings = BTreeMap::new();
    for job in done(app, MORNING_JOB).await {
        let planned: PlannedMorning =
            serde_json::from_value(job.payload.clone()).expect("a morning");
        let id = notice_message_id(&planned.effect_key(), sender);
        assert!(times(&id) <= 1, "{planned:?}");
        *mornings.entry(planned.reader).or_insert(0) += times(&id);
    }
    assert_eq!(
        mornings.get(&app.id(Who::Researcher)),
        Some(&1),
        "{mornings:?}"
    );
    assert!(mornings.values().all(|mails| *mails <= 1), "{mornings:?}");
    println!(
        "{} letters, {} reminders of our limits, {} morning mails, {ANSWERS} answers",
        ids.len(),
        windows.len(),
        mornings.values().sum::<usize>()
    );

    // Answers: each in its request once.
    for (at, letter) in letters.iter().enumerate() {
        let came = count(&log(app, letter.request).await, "reply_received");
        assert_eq!(came, usize::from(at < ANSWERS), "answer {at}");
    }
}
