//! The program is killed at random moments of sending to a real mail server: what the server took, by its own log, is
//! neither lost nor sent again, and what nobody knows stands before a person.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sundial::domain::delivery::State;
use sundial::domain::ids::DeliveryId;
use sundial::mail::Security;
use sundial::mail::send::{Patience, Post, Server};
use sundial::store::deliveries::{self, Delivery};

use crate::post_room::delivery;
use crate::sending_faults::{queue_many, rows};
use crate::support::app::{TestApp, Who};
use crate::support::database::Engine;
use crate::support::program;
use crate::support::servers::mail;
use crate::support::wire::{Stage, Wire};

/// A mail server on a port of this machine.
pub fn post_at(port: u16) -> Arc<Post> {
    Arc::new(Post::Smtp(Server {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        credentials: None,
        extra_root_pem: None,
        patience: Patience::default(),
        signer: None,
    }))
}

/// The seed of this run: a new one, or that of a run to be looked at again.
fn seed() -> u64 {
    std::env::var("SUNDIAL_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(rand::random)
}

/// Where the letter was that the program had in its hands when it was killed.
fn found(row: &Delivery, wire: &Wire, taken: &BTreeMap<String, usize>) -> &'static str {
    match (taken.contains_key(&row.message_id), wire.stage()) {
        (true, _) => "taken by the server, not yet written down",
        (false, Stage::Silent | Stage::Taken) => "on record, the server not yet spoken to",
        (false, Stage::Envelope) => "in the envelope",
        (false, Stage::Text) => "in the text",
        (false, Stage::Whole) => "the text through, dropped by the server",
    }
}

async fn killed(engine: Engine, many: i32, times: usize) {
    let provider = mail();
    let wire = Wire::to(provider.smtp).await;
    let mut app = TestApp::on(engine).await;
    let ids = queue_many(&app, many).await;
    let port = wire.port.to_string();
    let settings = [
        ("SUNDIAL_SMTP_HOST", "127.0.0.1"),
        ("SUNDIAL_SMTP_PORT", port.as_str()),
        ("SUNDIAL_SMTP_SECURITY", "none"),
        ("SUNDIAL_DATABASE_URL", app.app.config.database_url.as_str()),
    ];
    let seed = seed();
    let mut chance = StdRng::seed_from_u64(seed);
    println!("{engine:?}: SUNDIAL_TEST_SEED={seed}");

    let mut open: BTreeSet<DeliveryId> = ids.iter().copied().collect();
    let mut in_hand = BTreeSet::new();
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for round in 0..times {
        // So far that each further round still has something to send. Each kill may hold one letter back for its lease.
        let left = open.len().saturating_sub(in_hand.len() + round);
        let far = chance.random_range(0..(2 * left / (times - round + 1)).max(1));
        let before = wire.taken();
        let mut running = program::start(app.folder(), &settings, &["serve"]);
        let mut goes_on = wire.has_taken(before + far).await;
        // By turns: soon after a conversation has begun, and anywhere within what a start takes, or two letters.
        let within = if round % 2 == 1 && far < left {
            goes_on = goes_on && wire.speaks().await;
            20_000
        } else if far == 0 {
            1_500_000
        } else {
            120_000
        };
        assert!(
            goes_on,
            "seed {seed}, round {round}: the program sends nothing: {}",
            running.log().await
        );
        program::pass(Duration::from_micros(chance.random_range(0..within))).await;
        running.kill().await;
        wire.quiet().await;

        let taken = provider.taken();
        let mut end = "between two letters";
        for row in rows(&app, &open.iter().copied().collect::<Vec<_>>()).await {
            match row.state {
                State::Accepted => {
                    open.remove(&row.id);
                }
                State::Attempting if in_hand.insert(row.id) => end = found(&row, &wire, &taken),
                _ => {}
            }
        }
        *ends.entry(end).or_default() += 1;
    }
    let left = open.len() - in_hand.len();
    println!("{engine:?}: {times} kills, {left} of {many} letters still to go:");
    for (end, kills) in &ends {
        println!("{kills:6}  {end}");
    }

    // An hour later the leases of the dead have run out, and a living program does the rest.
    app.app.post = post_at(provider.smtp);
    app.app.clock.set(Utc::now() + TimeDelta::hours(1));
    app.settle().await;
    app.nothing_left_to_do().await;
    let taken = provider.taken();
    let mut unknown = BTreeSet::new();
    for row in rows(&app, &ids).await {
        let times_taken = taken.get(&row.message_id).copied().unwrap_or_default();
        match row.state {
            State::Accepted => assert_eq!(times_taken, 1, "seed {seed}: {row:?}"),
            State::Unknown => {
                assert!(times_taken <= 1, "seed {seed}: taken twice: {row:?}");
                unknown.insert(row.id);
            }
            _ => panic!("seed {seed}: lost: {row:?}"),
        }
    }
    assert_eq!(
        unknown, in_hand,
        "seed {seed}: unknown is what was in hand, and nothing else"
    );
    a_person_sees(&app, &unknown).await;
}

/// What nobody knows is on the list that waits for people, on Today, and says on its request what to look for.
async fn a_person_sees(app: &TestApp, unknown: &BTreeSet<DeliveryId>) {
    let waiting: BTreeSet<DeliveryId> =
        deliveries::list_waiting(app.app.store.read(), &app.scope(Who::Researcher))
            .await
            .expect("the list")
            .iter()
            .map(|row| row.id)
            .collect();
    assert_eq!(&waiting, unknown);
    let rosa = app.as_who(Who::Researcher).await;
    let today = rosa.get(&app.path("")).await.is(200);
    assert_eq!(
        today.words().matches("may not have arrived Look").count(),
        unknown.len(),
        "{}",
        today.words()
    );
    for id in unknown {
        let row = delivery(&app.app, *id).await;
        rosa.get(&app.path(&format!("requests/{}", row.request)))
            .await
            .is(200)
            .says("Nobody knows whether this letter went out")
            .says(&row.message_id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exim_takes_five_hundred_letters_once_through_twenty_kills_on_sqlite() {
    killed(Engine::Sqlite, 500, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exim_takes_a_hundred_letters_once_through_eight_kills_on_postgres() {
    killed(Engine::Postgres, 100, 8).await;
}
