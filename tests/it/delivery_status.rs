//! What machines write back: refused for good, given up, only late, delivered, read, received. Each does what it proves
//! and no more.

use chrono::Duration;
use sundial::actions::receive_mail::Way;
use sundial::actions::send_letter::send_letter;
use sundial::domain::delivery::State;
use sundial::domain::duty::{Body, Facts};
use sundial::domain::event::{Evidence, Happening};
use sundial::domain::ids::{DeliveryId, LetterId};
use sundial::domain::request::{Status, standing};
use sundial::law::HolderKind;
use sundial::store::letters;
use sundial::store::{commit, contacts, events, requests};

use crate::both_databases;
use crate::post_room::{Case, approve, case, count, delivery, log, receive, version};
use crate::support::app::{TestApp, Who};
use crate::support::database::Engine;

/// A saved notice as it would come back for this letter.
fn notice(name: &str, case: &Case, message_id: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail");
    let text = std::fs::read_to_string(path.join(format!("{name}.eml"))).expect("it is saved");
    text.replace("records+abcdefghijkmn2@campaign.example", &case.reply_to)
        .replace(
            "letter.6f1c1b546f0f4a3c8a7e2f6f4d0e9b11@campaign.example",
            message_id,
        )
        .into_bytes()
}

/// The same notice about another letter is another message.
fn own_id(notice: Vec<u8>, number: i32) -> Vec<u8> {
    String::from_utf8_lossy(&notice)
        .replace(
            "Message-ID: <bounce",
            &format!("Message-ID: <bounce{number}"),
        )
        .into_bytes()
}

async fn sent(app: &TestApp, number: i32) -> (Case, DeliveryId, String) {
    let case = case(app, number, "records@alder.example").await;
    let by = app.scope(Who::Researcher);
    let id = send_letter(&app.app, &by, case.letter, app.app.clock.now())
        .await
        .expect("queued");
    app.settle().await;
    let row = delivery(&app.app, id).await;
    assert_eq!(row.state, State::Accepted);
    (case, id, row.message_id)
}

async fn facts(app: &TestApp, case: &Case) -> Facts {
    let log = events::list_for_request(
        app.app.store.read(),
        &app.scope(Who::Researcher),
        case.request,
    )
    .await
    .expect("the log");
    Facts::of_log(
        &Body::plain(HolderKind::Sheriff, chrono_tz::America::Los_Angeles),
        &log,
    )
}

async fn is_bad(app: &TestApp, case: &Case) -> bool {
    let by = app.scope(Who::Researcher);
    let db = app.app.store.read();
    let kept = requests::find(db, &by, case.request)
        .await
        .expect("db")
        .expect("it");
    let contact = kept.request.contact.expect("one");
    contacts::find(db, &by, contact)
        .await
        .expect("db")
        .expect("it")
        .bad_since_at
        .is_some()
}

both_databases!(each_notice_does_what_it_proves, |app| {
    // Name, state of the delivery, the receipt still presumed, the address marked.
    for (number, (name, state, presumed, bad)) in [
        ("bounce-hard", State::Failed, false, true),
        ("bounce-exchange", State::Failed, false, true),
        ("bounce-gmail", State::Failed, false, true),
        ("bounce-exim", State::Failed, false, true),
        ("bounce-qmail", State::Failed, false, true),
        ("bounce-in-words", State::Failed, false, true),
        // It did not arrive, but the address is right.
        ("bounce-postfix-expired", State::Failed, false, false),
        ("bounce-mailbox-full", State::Failed, false, false),
        ("bounce-full-in-words", State::Failed, false, false),
        // It is only late: nothing changes.
        ("bounce-delayed", State::Accepted, true, false),
        ("bounce-gmail-delay", State::Accepted, true, false),
        ("bounce-warning-in-words", State::Accepted, true, false),
    ]
    .into_iter()
    .enumerate()
    {
        let number = i32::try_from(number).expect("small") + 1;
        let (case, id, message_id) = sent(app, number).await;
        let came = receive(app, &notice(name, &case, &message_id), Way::Pipe).await;
        assert_eq!(came.request, Some(case.request), "{name}");
        assert!(came.bounce.is_some() && came.auto_reply, "{name}");
        assert_eq!(delivery(&app.app, id).await.state, state, "{name}");
        assert_eq!(
            facts(app, &case).await.received_on.is_some(),
            presumed,
            "{name}"
        );
        assert_eq!(is_bad(app, &case).await, bad, "{name}");
        let log = log(app, case.request).await;
        assert_eq!(
            count(&log, "delivery_failed"),
            usize::from(state == State::Failed),
            "{name}"
        );
        // Nobody need say what a machine's notice is, and it answers nothing.
        let found = sundial::store::messages::find_unscoped(app.app.store.read(), came.id)
            .await
            .expect("db")
            .expect("it");
        assert!(found.sorted_at.is_some(), "{name}");
        // The same notice once more changes nothing more.
        let twice = notice(name, &case, &message_id);
        let other_road = [b"Received: by another.example\r\n".as_slice(), &twice].concat();
        receive(app, &other_road, Way::Imap).await;
        assert_eq!(
            count(&self::log(app, case.request).await, "delivery_failed"),
            count(&log, "delivery_failed")
        );
        // The next letter must not find this one's address marked.
        app.app
            .clock
            .set(app.app.clock.now() + Duration::minutes(20));
    }
    let rosa = app.as_who(Who::Researcher).await;
    rosa.get(&app.path(""))
        .await
        .is(200)
        .says("was not delivered");
});

both_databases!(what_a_person_files_by_hand_is_heard_as_well, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    let tray = app.path("tray");
    let file = async |raw: &[u8], case: &Case| {
        let came = receive(app, raw, Way::Pipe).await;
        assert_eq!(came.request, None, "{:?}", came.matched_by);
        rosa.post(
            &tray,
            &app.path(&format!("messages/{}/file", came.id)),
            &[("request", &case.request.to_string())],
        )
        .await
        .leads();
    };
    // A notice that names neither our reply address nor our Message-ID: a person finds its request.
    let (case, id, _) = sent(app, 1).await;
    let notice = notice("bounce-hard", &case, "nobody@campaign.example");
    let astray = String::from_utf8_lossy(&notice).replace(&case.reply_to, "us@campaign.example");
    file(astray.as_bytes(), &case).await;
    assert_eq!(delivery(&app.app, id).await.state, State::Failed);
    assert_eq!(facts(app, &case).await.received_on, None);
    app.app
        .clock
        .set(app.app.clock.now() + Duration::minutes(20));
    // Two requests may be meant, so this one waits as well; of the one that went out it is proof.
    let (case, id, _) = sent(app, 2).await;
    let auto = "From: Records <records@alder.example>\r\nTo: us@campaign.example\r\nSubject: Automatic reply\r\nMessage-ID: <ooo@alder.example>\r\nAuto-Submitted: auto-replied\r\n\r\nWe got it.\r\n";
    assert!(!facts(app, &case).await.receipt_proved);
    file(auto.as_bytes(), &case).await;
    assert_eq!(delivery(&app.app, id).await.state, State::Accepted);
    assert!(facts(app, &case).await.receipt_proved);
});

both_databases!(receipts_prove_arrival_and_answer_nothing, |app| {
    for (number, name) in [(1, "delivery-receipt"), (2, "receipt-read")] {
        let (case, id, message_id) = sent(app, number).await;
        assert!(!facts(app, &case).await.receipt_proved);
        let came = receive(app, &notice(name, &case, &message_id), Way::Pipe).await;
        assert!(came.auto_reply && came.bounce.is_none(), "{name}");
        let known = facts(app, &case).await;
        assert!(
            known.receipt_proved && known.received_on.is_some(),
            "{name}"
        );
        assert_eq!(delivery(&app.app, id).await.state, State::Accepted);
        let log = events::list_for_request(
            app.app.store.read(),
            &app.scope(Who::Researcher),
            case.request,
        )
        .await
        .expect("the log");
        let stands = standing(&log);
        assert_eq!(stands.status, Status::Sent, "{name}: no answer");
        assert_eq!(
            stands.received.map(|received| received.evidence),
            Some(Evidence::DeliveryReceipt)
        );
        assert_eq!(stands.unsorted, 0, "{name}");
    }
    // "We got it": proof as well, but a person still says what it is.
    let (case, _, message_id) = sent(app, 3).await;
    let auto = |from: &str, id: &str, reference: &str| {
        format!(
            "From: Records <{from}>\r\nTo: <{}>\r\nSubject: Automatic reply: your request\r\nMessage-ID: <{id}@alder.example>\r\nAuto-Submitted: auto-replied\r\n{reference}\r\nWe got it.\r\n",
            case.reply_to
        )
    };
    // Somebody else's machine proves nothing.
    receive(
        app,
        auto("robot@elsewhere.example", "a", "").as_bytes(),
        Way::Pipe,
    )
    .await;
    assert!(!facts(app, &case).await.receipt_proved);
    let reference = format!("In-Reply-To: <{message_id}>\r\n");
    receive(
        app,
        auto("robot@vendor.example", "b", &reference).as_bytes(),
        Way::Pipe,
    )
    .await;
    let known = facts(app, &case).await;
    assert!(known.receipt_proved);
    assert!(
        known.events.iter().all(|(kind, _)| kind.as_str() == "sent"),
        "{known:?}"
    );
    let log = events::list_for_request(
        app.app.store.read(),
        &app.scope(Who::Researcher),
        case.request,
    )
    .await
    .expect("the log");
    assert_eq!(
        (standing(&log).status, standing(&log).unsorted),
        (Status::Sent, 2)
    );
    let rosa = app.as_who(Who::Researcher).await;
    rosa.get(&app.path(&format!("requests/{}", case.request)))
        .await
        .is(200)
        .says("Proof of receipt, on Mon 12 Jan 2026: an automatic reply came; it answers nothing");
});

/// A later letter of a kind, approved, with these choices of its drafter.
async fn later(app: &TestApp, case: &Case, kind: &str, choices: serde_json::Value) -> LetterId {
    let by = app.scope(Who::Researcher);
    let kept = requests::find(app.app.store.read(), &by, case.request)
        .await
        .expect("db")
        .expect("it");
    let mut letter = version(&kept, 1, "Dear Records Officer,\n\nour answer.\n", app);
    letter.kind = kind.into();
    letter.clauses = serde_json::json!({ "clauses": [], "warnings": [], "choices": choices });
    let tx = app.app.store.begin().await.expect("a change");
    letters::add(&tx, &letter).await.expect("the letter");
    let what = Happening::LetterWritten {
        letter: letter.id,
        version: 1,
        sha256: letter.sha256.clone(),
        voids_approval: false,
        letter_kind: Some(kind.into()),
    };
    events::record(
        &tx,
        by.campaign,
        Some(case.request),
        Some(by.user),
        app.app.clock.now(),
        &what,
    )
    .await
    .expect("the log");
    commit(tx).await.expect("it is there");
    approve(app, &letter).await;
    letter.id
}

async fn asked(app: &TestApp, case: &Case, what: sundial::domain::event::ReplyKind) {
    let sorting = sundial::domain::reply::Sorting {
        what,
        on: "2026-01-12".parse().expect("a day"),
        until: None,
        amount_cents: Some(12_000),
        note: String::new(),
        detail: Default::default(),
    };
    sundial::actions::sort_reply::sort_reply(
        &app.app,
        &app.scope(Who::Researcher),
        case.request,
        None,
        vec![sorting],
        app.app.clock.now(),
    )
    .await
    .expect("it is sorted");
}

both_databases!(
    our_answer_is_the_step_that_it_is_and_comes_back_with_the_letter,
    |app| {
        use sundial::domain::event::ReplyKind::{ClarificationAsked, FeeDemanded};
        let by = app.scope(Who::Researcher);
        let narrowed = serde_json::json!({ "items": [{ "position": 1, "narrowed": "2025 only" }] });
        for (number, kind, asks, choices, steps) in [
            (
                1,
                "fee_reply",
                FeeDemanded,
                serde_json::json!({ "fee_answer": "accept" }),
                vec!["fee_answered"],
            ),
            (
                2,
                "clarification",
                ClarificationAsked,
                serde_json::json!({}),
                vec!["clarification_answered"],
            ),
            (
                3,
                "clarification",
                ClarificationAsked,
                narrowed,
                vec!["clarification_answered", "narrowed"],
            ),
        ] {
            let (case, _, _) = sent(app, number).await;
            asked(app, &case, asks).await;
            let letter = later(app, &case, kind, choices).await;
            let id = send_letter(&app.app, &by, letter, app.app.clock.now())
                .await
                .expect("queued");
            app.settle().await;
            let row = delivery(&app.app, id).await;
            assert_eq!(row.state, State::Accepted, "{row:?}");
            let known = |facts: &Facts| -> Vec<&'static str> {
                facts
                    .events
                    .iter()
                    .map(|(kind, _)| kind.as_str())
                    .filter(|word| word.ends_with("answered") || *word == "narrowed")
                    .collect()
            };
            assert_eq!(known(&facts(app, &case).await), steps, "{kind}");
            let log = events::list_for_request(app.app.store.read(), &by, case.request)
                .await
                .expect("the log");
            assert_eq!(
                standing(&log).status,
                Status::Acknowledged,
                "{kind}: it is in their hands again"
            );
            // It comes back: neither the letter nor the step happened.
            receive(
                app,
                &own_id(
                    notice("bounce-postfix-expired", &case, &row.message_id),
                    number,
                ),
                Way::Pipe,
            )
            .await;
            assert_eq!(delivery(&app.app, id).await.state, State::Failed);
            assert_eq!(
                known(&facts(app, &case).await),
                Vec::<&str>::new(),
                "{kind}"
            );
            // Sent once more, it is the step again.
            sundial::actions::settle_delivery::settle_delivery(
                &app.app,
                &by,
                id,
                sundial::actions::settle_delivery::Found::SendAgain,
                "",
                app.app.clock.now(),
            )
            .await
            .expect("again");
            app.settle().await;
            assert_eq!(known(&facts(app, &case).await), steps, "{kind}");
            app.app
                .clock
                .set(app.app.clock.now() + Duration::minutes(20));
        }
        // Nothing was asked: the letter is a letter and no step.
        let (case, _, _) = sent(app, 9).await;
        let letter = later(app, &case, "fee_reply", serde_json::json!({})).await;
        send_letter(&app.app, &by, letter, app.app.clock.now())
            .await
            .expect("queued");
        app.settle().await;
        assert_eq!(count(&log(app, case.request).await, "step_recorded"), 0);
    }
);

/// A clerk types the address from paper: by plus-addressing or into a catch-all domain, in capitals, with a slip.
async fn typed_from_paper(engine: Engine, pattern: &str) {
    let app = TestApp::with(engine, |config| config.mail.reply_address = pattern.into()).await;
    let case = case(&app, 42, "records@alder.example").await;
    let token = case
        .reply_to
        .strip_prefix(pattern.split("{token}").next().unwrap_or_default())
        .and_then(|rest| rest.split(['@', '.']).next())
        .expect("a token")
        .to_owned();
    assert_eq!(token.len(), 14);
    // One sign is read as a zero, which stands in no token.
    let slip = format!("0{}", &token[1..]);
    let address = case.reply_to.replace(&token, &slip).to_uppercase();
    let raw = format!(
        "From: clerk@elsewhere.example\r\nTo: <{address}>\r\nSubject: from paper\r\nMessage-ID: <p@elsewhere.example>\r\n\r\nHere.\r\n"
    );
    let came = receive(&app, raw.as_bytes(), Way::Pipe).await;
    assert_eq!(
        (came.request, came.matched_by.as_deref()),
        (Some(case.request), Some("reply_address"))
    );
    // Another token is nobody's.
    let other = if token.starts_with("22") { "33" } else { "22" };
    let stranger = raw
        .replace(&slip.to_uppercase(), &format!("{other}{}", &token[2..]))
        .replace("<p@", "<q@");
    let came = receive(&app, stranger.as_bytes(), Way::Pipe).await;
    assert_eq!(came.request, None);
}

#[tokio::test]
async fn a_reply_address_typed_from_paper_with_a_plus() {
    typed_from_paper(Engine::Sqlite, "records+{token}@campaign.example").await;
}

#[tokio::test]
async fn a_reply_address_typed_from_paper_into_a_catch_all() {
    typed_from_paper(Engine::Postgres, "{token}@replies.campaign.example").await;
}
