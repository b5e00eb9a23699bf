//! Sending through what goes wrong: the program killed at any moment, a mail server that misbehaves, a disk that is full.
//! Nothing is lost, nothing is taken twice, and what nobody knows is listed.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use sundial::actions::hold_delivery::recall_delivery;
use sundial::actions::send_letter::send_letter;
use sundial::domain::agency::AgencyKind;
use sundial::domain::agency::contact::{Channel, Purpose};
use sundial::domain::delivery::State;
use sundial::domain::event::Happening;
use sundial::domain::ids::{AgencyId, ContactId, DeliveryId};
use sundial::mail::Security;
use sundial::mail::send::{Patience, Post, Server};
use sundial::store::contacts::Contact;
use sundial::store::deliveries::{self, Delivery};
use sundial::store::{agencies, commit, contacts, events, letters, requests};

use crate::post_room::{approve, case, count, delivery, log, mails, version};
use crate::support::app::{TestApp, Who};
use crate::support::database::Engine;
use crate::support::hostile::Hostile;
use crate::support::program::{self, Limited};
use crate::{both_databases, post_room};

/// Patient enough for a busy machine; only a server that stays mute takes all of it.
fn post(server: &Hostile) -> Arc<Post> {
    let moment = Duration::from_secs(15);
    Arc::new(Post::Smtp(Server {
        host: "127.0.0.1".into(),
        port: server.port,
        security: Security::None,
        credentials: None,
        extra_root_pem: None,
        patience: Patience {
            connect: moment,
            command: moment,
            last_word: moment,
        },
        signer: None,
    }))
}

/// Queues this many approved letters, each to an address of its own.
pub async fn queue_many(app: &TestApp, many: i32) -> Vec<DeliveryId> {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let first = case(app, 1, "clerk1@county1.example").await;
    let db = app.app.store.read();
    let kept = requests::find(db, &by, first.request)
        .await
        .expect("db")
        .expect("it");
    let agency = agencies::find(db, &by, kept.request.agency)
        .await
        .expect("db")
        .expect("it");
    let mut all = vec![first.letter];
    let mut written = Vec::new();
    let tx = app.app.store.begin().await.expect("a change");
    for number in 2..=many {
        let agency = agencies::Agency {
            id: AgencyId::new(),
            name: format!("County {number}"),
            kind: AgencyKind::County,
            ..agency.clone()
        };
        let contact = Contact {
            id: ContactId::new(),
            campaign: by.campaign,
            agency: agency.id,
            purpose: Purpose::Records,
            channel: Channel::Email,
            name: "Records Officer".into(),
            value: format!("clerk{number}@county{number}.example"),
            known_how: "its site".into(),
            checked_on: now.date_naive(),
            bad_since_at: None,
            added_by: by.user,
            added_at: now,
        };
        let mut own = kept.clone();
        own.request.id = sundial::domain::ids::RequestId::new();
        own.request.reference = sundial::domain::request::Reference(number);
        own.request.agency = agency.id;
        own.request.contact = Some(contact.id);
        own.reply_token = sundial::domain::reply::ReplyToken::from_random(rand::random())
            .as_str()
            .to_owned();
        let letter = version(
            &own,
            1,
            "Dear Records Officer,\n\nplease send the counts.\n",
            app,
        );
        agencies::add(&tx, &[agency]).await.expect("the agency");
        contacts::add(&tx, &[contact]).await.expect("the contact");
        requests::add(&tx, &own, &[]).await.expect("the request");
        letters::add(&tx, &letter).await.expect("the letter");
        let what = Happening::LetterWritten {
            letter: letter.id,
            version: 1,
            sha256: letter.sha256.clone(),
            voids_approval: false,
            letter_kind: None,
        };
        events::record(
            &tx,
            by.campaign,
            Some(own.request.id),
            Some(by.user),
            now,
            &what,
        )
        .await
        .expect("the log");
        all.push(letter.id);
        written.push(letter);
    }
    commit(tx).await.expect("they are there");
    for letter in &written {
        approve(app, letter).await;
    }
    let mut ids = Vec::new();
    for letter in all {
        ids.push(
            send_letter(&app.app, &by, letter, now)
                .await
                .expect("it is queued"),
        );
    }
    ids
}

pub async fn rows(app: &TestApp, ids: &[DeliveryId]) -> Vec<Delivery> {
    let mut rows = Vec::new();
    for id in ids {
        rows.push(delivery(&app.app, *id).await);
    }
    rows
}

/// The program is started and killed again and again while it sends, in the midst of a line as well: `killed_sending` does
/// it with more letters and a real mail server, which hears a letter at once.
async fn killed(engine: Engine, many: i32, times: usize) {
    let server = Hostile::start().await;
    let mut app = TestApp::on(engine).await;
    let ids = queue_many(&app, many).await;
    app.app.post = post(&server);
    let port = server.port.to_string();
    let settings = [
        ("SUNDIAL_SMTP_HOST", "127.0.0.1"),
        ("SUNDIAL_SMTP_PORT", port.as_str()),
        ("SUNDIAL_SMTP_SECURITY", "none"),
        ("SUNDIAL_DATABASE_URL", app.app.config.database_url.as_str()),
    ];
    // A letter is about two dozen lines: up to a round's share of letters further on, wherever in them that is.
    let lines_of_one = 24;
    let many_letters = usize::try_from(many).expect("small");
    for round in 0..times {
        // So far that each further round still has something to send, however far the program came before it was killed.
        let left = many_letters.saturating_sub(server.taken().len() + round);
        let letters_a_round = (left / (times - round + 1)).max(1);
        let mut running = program::start(app.folder(), &settings, &["serve"]);
        // By turns: anywhere within the conversation, and when a letter was taken but is not written down yet.
        let (lines, messages) = (server.lines(), server.messages());
        let far = rand::random_range(1..=lines_of_one * letters_a_round);
        let enough = async {
            if round % 2 == 0 {
                server.heard(lines + far).await;
            } else {
                server.spoke(messages + far.div_ceil(lines_of_one)).await;
            }
        };
        let enough = tokio::time::timeout(Duration::from_secs(180), enough);
        assert!(
            left == 0 || enough.await.is_ok(),
            "the program sends nothing: {}",
            running.log().await
        );
        running.kill().await;
    }
    let before = rows(&app, &ids).await;
    let left: usize = before
        .iter()
        .filter(|row| !matches!(row.state, State::Accepted | State::Unknown))
        .count();
    println!("after {times} kills {left} of {many} letters were still to go");

    // An hour later the leases of the dead have run out, and a living program does the rest.
    app.app.clock.set(Utc::now() + TimeDelta::hours(1));
    app.settle().await;
    app.nothing_left_to_do().await;
    let taken = server.taken();
    let mut unknown = 0;
    for row in rows(&app, &ids).await {
        let times_taken = taken.get(&row.message_id).copied().unwrap_or_default();
        match row.state {
            State::Accepted => assert_eq!(times_taken, 1, "{row:?}"),
            State::Unknown => {
                unknown += 1;
                assert!(times_taken <= 1, "{row:?}");
            }
            _ => panic!("lost: {row:?}"),
        }
    }
    assert!(unknown <= times, "{unknown} unknown of {times} kills");
    let listed = deliveries::list_waiting(app.app.store.read(), &app.scope(Who::Researcher))
        .await
        .expect("the list");
    assert_eq!(listed.len(), unknown, "what nobody knows is listed");
    assert!(
        taken.values().all(|times| *times == 1),
        "taken twice: {taken:?}"
    );
    println!("{unknown} outcomes were unknown and wait for a person");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_and_sixty_letters_and_eight_kills_on_sqlite() {
    killed(Engine::Sqlite, 160, 8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_letters_and_four_kills_on_postgres() {
    killed(Engine::Postgres, 100, 4).await;
}

/// One letter to each kind of trouble, over two days.
async fn manners(engine: Engine) {
    let server = Hostile::start().await;
    let mut app = TestApp::on(engine).await;
    app.app.post = post(&server);
    let mut ids = Vec::new();
    for (number, to) in [
        (1, "clerk@a.example"),
        (2, "refused@b.example"),
        (3, "full@c.example"),
        (4, "greylisted@d.example"),
        (5, "cut-in-data@e.example"),
        (6, "cut-after-data@f.example"),
        (7, "mute@g.example"),
        (8, "refused-at-last@h.example"),
        (9, "full-at-last@i.example"),
    ] {
        let case = case(&app, number, to).await;
        let by = app.scope(Who::Researcher);
        let id = send_letter(&app.app, &by, case.letter, app.app.clock.now())
            .await
            .expect("queued");
        ids.push((to, id, case));
    }
    app.settle().await;
    let after_one = |to: &str| match to.split('@').next().unwrap_or_default() {
        "clerk" => State::Accepted,
        "refused" | "refused-at-last" => State::Failed,
        "cut-in-data" | "cut-after-data" => State::Unknown,
        _ => State::Deferred,
    };
    for (to, id, _) in &ids {
        let row = delivery(&app.app, *id).await;
        assert_eq!(
            (row.state, row.attempts),
            (after_one(to), 1),
            "{to}: {row:?}"
        );
    }
    // Only the server that says there is no such mailbox says something of the address.
    let by = app.scope(Who::Researcher);
    for (to, _, case) in &ids {
        let db = app.app.store.read();
        let kept = requests::find(db, &by, case.request).await.expect("db");
        let contact = kept.and_then(|kept| kept.request.contact).expect("one");
        let contact = contacts::find(db, &by, contact).await.expect("db");
        let bad = contact.expect("it").bad_since_at.is_some();
        assert_eq!(bad, to.starts_with("refused@"), "{to}");
    }
    // What was put off can be taken back like anything that has not left.
    recall_delivery(&app.app, &by, ids[6].1, "", app.app.clock.now())
        .await
        .expect("it is taken back");
    // The greylisted one goes at the second attempt, under the same Message-ID; the others are tried for two days.
    app.later(TimeDelta::minutes(2)).await;
    let greylisted = delivery(&app.app, ids[3].1).await;
    assert_eq!(
        (greylisted.state, greylisted.attempts),
        (State::Accepted, 2)
    );
    for _ in 0..40 {
        app.later(TimeDelta::hours(2)).await;
    }
    for (to, id, case) in &ids {
        let row = delivery(&app.app, *id).await;
        let expected = match after_one(to) {
            State::Deferred if *to == "mute@g.example" => State::Recalled,
            State::Deferred if *to != "greylisted@d.example" => State::Failed,
            State::Deferred => State::Accepted,
            other => other,
        };
        assert_eq!(row.state, expected, "{to}: {row:?}");
        if expected == State::Failed && after_one(to) == State::Deferred {
            assert_eq!(row.attempts, 11, "{to}: given up after the last wait");
            let word = row.last_word.unwrap_or_default();
            assert!(word.contains("given up"), "{to}: {word}");
            assert_eq!(
                count(&log(&app, case.request).await, "delivery_failed"),
                1,
                "{to}: said once"
            );
        }
    }
    // Nothing went twice, and what the silent server swallowed was never sent again.
    let mut taken = server.taken();
    // Reminders to our own people go the same way.
    taken.retain(|id, _| id.starts_with("letter."));
    assert_eq!(taken.len(), 2, "{taken:?}");
    assert!(taken.values().all(|times| *times == 1), "{taken:?}");
    assert_eq!(
        server.swallowed().values().copied().collect::<Vec<_>>(),
        [1]
    );
    // Each that failed or is unknown stands before a person, with what to look for.
    let rosa = app.as_who(Who::Researcher).await;
    let unknown = delivery(&app.app, ids[5].1).await;
    rosa.get(&app.path(&format!("requests/{}", ids[5].2.request)))
        .await
        .is(200)
        .says("Nobody knows whether this letter went out")
        .says(&unknown.message_id);
    let today = rosa.get(&app.path("")).await.is(200);
    assert!(
        today.words().matches("may not have arrived Look").count() == 2,
        "{}",
        today.words()
    );
    assert!(
        today.words().matches("was not delivered Look").count() == 4,
        "{}",
        today.words()
    );
    app.nothing_left_to_do().await;
}

#[tokio::test]
async fn a_server_without_manners_on_sqlite() {
    manners(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_server_without_manners_on_postgres() {
    manners(Engine::Postgres).await;
}

both_databases!(no_mail_server_at_all_loses_nothing, |app| {
    // A port where nobody listens.
    let gone = Hostile::start().await.nowhere();
    let case = case(app, 1, "clerk@a.example").await;
    let by = app.scope(Who::Researcher);
    let id = send_letter(&app.app, &by, case.letter, app.app.clock.now())
        .await
        .expect("queued");
    let mut away = app.app.clone();
    away.post = post(&gone);
    sundial::jobs::wake(&away, "the test")
        .await
        .expect("it wakes");
    assert_eq!(delivery(&app.app, id).await.state, State::Deferred);
    let server = Hostile::start().await;
    away.post = post(&server);
    app.app
        .clock
        .set(app.app.clock.now() + TimeDelta::minutes(2));
    sundial::jobs::wake(&away, "the test")
        .await
        .expect("it wakes");
    assert_eq!(delivery(&app.app, id).await.state, State::Accepted);
    assert_eq!(server.taken().len(), 1);
});

/// The disk has no more room for the message: it waits, says so, and goes when there is room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_while_sending() {
    let app = TestApp::on(Engine::Sqlite).await;
    let by = app.scope(Who::Researcher);
    let small = case(&app, 1, "clerk@a.example").await;
    let kept = requests::find(app.app.store.read(), &by, small.request)
        .await
        .expect("db")
        .expect("it");
    let long = "Records sufficient to show each detainer received.\n".repeat(80_000);
    let letter = version(&kept, 2, &long, &app);
    let tx = app.app.store.begin().await.expect("a change");
    letters::add(&tx, &letter).await.expect("the letter");
    commit(tx).await.expect("it is there");
    approve(&app, &letter).await;
    let id = send_letter(&app.app, &by, letter.id, app.app.clock.now())
        .await
        .expect("queued");
    let message = delivery(&app.app, id).await;
    let bytes = app
        .app
        .files
        .read(&message.raw_sha256.parse().expect("a hash"), 1 << 26)
        .await
        .expect("its bytes");
    assert!(bytes.len() > 4_000_000);
    // No file may become larger than two megabytes: the database's log fits, the message does not.
    let running = program::start_limited(app.folder(), &[], &["serve"], Limited::file_kb(3_000));
    program::until(async || delivery(&app.app, id).await.state == State::Deferred).await;
    let row = delivery(&app.app, id).await;
    let word = row.last_word.clone().unwrap_or_default();
    assert!(word.contains("could not be written to"), "{word}");
    assert!(mails(&app).is_empty(), "nothing half-written is left");
    running.end().await;
    app.app.clock.set(Utc::now() + TimeDelta::hours(1));
    app.settle().await;
    let row = delivery(&app.app, id).await;
    assert_eq!((row.state, row.attempts), (State::Accepted, 2));
    assert_eq!(mails(&app).len(), 1);
    let written = std::fs::read(&mails(&app)[0]).expect("it can be read");
    assert!(written == bytes.as_ref(), "the very same bytes");
}

/// The disk has no room even for the record of an attempt: then nobody is spoken to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_the_database() {
    let server = Hostile::start().await;
    let app = TestApp::on(Engine::Sqlite).await;
    let ids = queue_many(&app, 3).await;
    let port = server.port.to_string();
    let settings = [
        ("SUNDIAL_SMTP_HOST", "127.0.0.1"),
        ("SUNDIAL_SMTP_PORT", port.as_str()),
        ("SUNDIAL_SMTP_SECURITY", "none"),
    ];
    let running = program::start_limited(app.folder(), &settings, &["serve"], Limited::file_kb(4));
    let log = running.ended_or_said("database").await;
    assert!(
        log.contains("database"),
        "it says what is the matter: {log}"
    );
    assert_eq!(server.connections(), 0, "nobody was spoken to");
    for row in rows(&app, &ids).await {
        assert_eq!((row.state, row.attempts), (State::Queued, 0));
    }
    let mut app = app;
    app.app.post = post(&server);
    app.app.clock.set(Utc::now() + TimeDelta::hours(1));
    app.settle().await;
    let taken = server.taken();
    for row in rows(&app, &ids).await {
        assert_eq!(row.state, State::Accepted);
        assert_eq!(taken.get(&row.message_id), Some(&1), "{taken:?}");
    }
}

/// The disk is full when a message arrives: the mail server is told to try again, and the second time it is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_while_receiving() {
    let app = TestApp::on(Engine::Sqlite).await;
    let case = case(&app, 42, "records@alder.example").await;
    let raw = post_room::reply_to(&case, "full", &[7_u8; 600_000]);
    let words = ["mail", "receive", "-"];
    let full = program::run_limited(app.folder(), &[], &words, &raw, Limited::file_kb(200)).await;
    let said = program::text(&full.stderr);
    assert_eq!(full.status.code(), Some(75), "try again: {said}");
    assert!(!said.trim().is_empty(), "it says why");
    assert_eq!(count(&log(&app, case.request).await, "reply_received"), 0);
    let then = program::run(app.folder(), &[], &words, &raw).await;
    assert_eq!(
        then.status.code(),
        Some(0),
        "{}",
        program::text(&then.stderr)
    );
    assert_eq!(count(&log(&app, case.request).await, "reply_received"), 1);
    // The server that was not sure tries once more: still one message.
    let again = program::run(app.folder(), &[], &words, &raw).await;
    assert_eq!(
        again.status.code(),
        Some(0),
        "{}",
        program::text(&again.stderr)
    );
    assert_eq!(count(&log(&app, case.request).await, "reply_received"), 1);
}
