//! The post room: a letter goes out once and never unapproved, through crashes between any two steps; a message comes
//! in, finds its request, and is never lost nor taken twice.
//!
//! Over 500 lines because the stories share one request, its letter and its replies.

use chrono::{Duration, NaiveDate, Utc};
use sundial::actions::deliver_outbox::{self, Begun};
use sundial::actions::file_reply::file_reply;
use sundial::actions::merge_agencies::merge_agencies;
use sundial::actions::receive_mail::{self, Way, doubted};
use sundial::actions::record_receipt::{Receipt, record_receipt};
use sundial::actions::retire_contact::retire_contact;
use sundial::actions::send_letter::send_letter;
use sundial::actions::settle_delivery::{Found, settle_delivery};
use sundial::actions::sort_reply::sort_reply;
use sundial::actions::{ActionError, App};
use sundial::config::{MailWay, Security};
use sundial::domain::agency::AgencyKind;
use sundial::domain::agency::contact::{Channel, Purpose};
use sundial::domain::approval::{Approval, Decision, text_sha256};
use sundial::domain::delivery::State;
use sundial::domain::event::{Evidence, Happening, ReplyKind};
use sundial::domain::ids::{AgencyId, ContactId, DeliveryId, LetterId, RequestId};
use sundial::domain::reply::{ReplyToken, Sorting};
use sundial::domain::request::{Format, Period, Reference, Request, RequestItem};
use sundial::mail::send::{Outcome, Post};
use sundial::store::agencies::{self, Agency};
use sundial::store::contacts::{self, Contact};
use sundial::store::deliveries::{self, Delivery};
use sundial::store::letters::{self, Letter};
use sundial::store::messages::{self, Message, MessageState};
use sundial::store::requests::{self, Kept};
use sundial::store::{commit, documents, events};

use crate::both_databases;
use crate::support::app::{TestApp, Who, files_below};
use crate::support::database::Engine;
use crate::support::papers;

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A request of the campaign with an approved letter.
pub struct Case {
    pub request: RequestId,
    pub letter: LetterId,
    pub reply_to: String,
}

pub async fn case(app: &TestApp, number: i32, contact: &str) -> Case {
    case_with(app, number, contact, &[]).await
}

/// A request for these items.
pub async fn case_with(app: &TestApp, number: i32, contact: &str, items: &[RequestItem]) -> Case {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let agency = Agency {
        id: AgencyId::new(),
        campaign: by.campaign,
        name: format!("Alder County Sheriff {number}"),
        kind: AgencyKind::County,
        jurisdiction: "WA".into(),
        county: Some("Alder".into()),
        time_zone: chrono_tz::America::Los_Angeles,
        fiscal_year_start: None,
        source: "made for a test".into(),
        import: None,
        created_by: Some(by.user),
        created_at: now,
    };
    let contact = Contact {
        id: ContactId::new(),
        campaign: by.campaign,
        agency: agency.id,
        purpose: Purpose::Records,
        channel: Channel::Email,
        name: "Records Officer".into(),
        value: contact.into(),
        known_how: "its site".into(),
        checked_on: day("2026-01-05"),
        bad_since_at: None,
        added_by: by.user,
        added_at: now,
    };
    let token = ReplyToken::from_random(rand::random());
    let kept = Kept {
        request: Request {
            id: RequestId::new(),
            campaign: by.campaign,
            reference: Reference(number),
            agency: agency.id,
            contact: Some(contact.id),
            jurisdiction: "WA".into(),
            law_version: "test".into(),
            title: "Detainer counts".into(),
            period: Period::new(day("2025-01-01"), day("2025-12-31")).expect("a year"),
            format: Format::parse("spreadsheet").unwrap_or(Format::ALL[0]),
            fee_ceiling_cents: 5_000,
            owner: by.user,
            created_at: now,
        },
        reply_token: token.as_str().to_owned(),
    };
    let letter = version(
        &kept,
        1,
        "Dear Records Officer,\n\nplease send the counts.\n",
        app,
    );
    let tx = app.app.store.begin().await.expect("a change");
    agencies::add(&tx, &[agency]).await.expect("the agency");
    contacts::add(&tx, &[contact]).await.expect("the contact");
    requests::add(&tx, &kept, items).await.expect("the request");
    letters::add(&tx, &letter).await.expect("the letter");
    let written = Happening::LetterWritten {
        letter: letter.id,
        version: 1,
        sha256: letter.sha256.clone(),
        voids_approval: false,
        letter_kind: None,
    };
    events::record(
        &tx,
        by.campaign,
        Some(kept.request.id),
        Some(by.user),
        now,
        &written,
    )
    .await
    .expect("the log");
    commit(tx).await.expect("it is there");
    approve(app, &letter).await;
    let pattern = app.app.config.mail.reply_address.clone();
    Case {
        request: kept.request.id,
        letter: letter.id,
        reply_to: pattern.replace("{token}", token.as_str()),
    }
}

pub fn version(kept: &Kept, version: i32, body: &str, app: &TestApp) -> Letter {
    let subject = format!("Public Records Act request ({})", kept.request.reference);
    Letter {
        id: LetterId::new(),
        campaign: kept.request.campaign,
        request: kept.request.id,
        kind: "request".into(),
        version,
        sha256: text_sha256(&subject, body),
        subject,
        body: body.into(),
        clauses: serde_json::json!([]),
        template_version: "test".into(),
        written_by: app.id(Who::Researcher),
        written_at: app.app.clock.now(),
        submitted_at: Some(app.app.clock.now()),
        submitted_by: Some(app.id(Who::Researcher)),
    }
}

pub async fn approve(app: &TestApp, letter: &Letter) {
    let now = app.app.clock.now();
    let by = app.scope(Who::Counsel);
    let tx = app.app.store.begin().await.expect("a change");
    let approval = Approval {
        letter: letter.id,
        sha256: letter.sha256.clone(),
        decision: Decision::Approved,
        comment: String::new(),
        by: by.user,
        at: now,
    };
    letters::decide(&tx, by.campaign, &approval)
        .await
        .expect("a decision");
    let what = Happening::Approved {
        letter: letter.id,
        version: letter.version,
        sha256: letter.sha256.clone(),
    };
    events::record(
        &tx,
        by.campaign,
        Some(letter.request),
        Some(by.user),
        now,
        &what,
    )
    .await
    .expect("the log");
    commit(tx).await.expect("it is approved");
}

pub async fn delivery(app: &App, id: DeliveryId) -> Delivery {
    deliveries::find_unscoped(app.store.read(), id)
        .await
        .expect("the database answers")
        .expect("the delivery is there")
}

/// What left to agencies: the morning's mail to our own people is no letter.
pub fn mails(app: &TestApp) -> Vec<std::path::PathBuf> {
    let Post::Folder(folder) = &*app.app.post else {
        panic!("these tests write into a folder");
    };
    let mut all = files_below(folder);
    all.retain(|file| {
        let bytes = std::fs::read(file).expect("a mail can be read");
        !String::from_utf8_lossy(&bytes).contains("Auto-Submitted: auto-generated")
    });
    all
}

pub async fn log(app: &TestApp, request: RequestId) -> Vec<Happening> {
    events::list_for_request(app.app.store.read(), &app.scope(Who::Researcher), request)
        .await
        .expect("the log")
        .into_iter()
        .map(|event| event.what)
        .collect()
}

pub fn count(log: &[Happening], kind: &str) -> usize {
    log.iter().filter(|what| what.kind() == kind).count()
}

async fn queue(app: &TestApp, case: &Case) -> DeliveryId {
    send_letter(
        &app.app,
        &app.scope(Who::Researcher),
        case.letter,
        app.app.clock.now(),
    )
    .await
    .expect("it is queued")
}

both_databases!(
    an_approved_letter_goes_out_once_and_its_clock_starts,
    |app| {
        let case = case(app, 42, "records@alder.example").await;
        let id = queue(app, &case).await;
        assert_eq!(
            mails(app).len(),
            0,
            "nothing is spoken to anybody before the scheduler wakes"
        );
        let again = send_letter(
            &app.app,
            &app.scope(Who::Researcher),
            case.letter,
            Utc::now(),
        )
        .await;
        assert!(matches!(again, Err(ActionError::Refused(_))), "{again:?}");
        app.settle().await;
        app.settle().await;
        let sent = delivery(&app.app, id).await;
        assert_eq!((sent.state, sent.attempts), (State::Accepted, 1));
        assert_eq!(sent.evidence, Some(Evidence::FolderWritten));
        let mails = mails(app);
        assert_eq!(mails.len(), 1);
        let text = std::fs::read_to_string(&mails[0]).expect("it can be read");
        assert!(
            text.contains(&case.reply_to) && text.contains("please send the counts."),
            "{text}"
        );
        let log = log(app, case.request).await;
        assert_eq!(count(&log, "sent"), 1);
        let on = log.iter().find_map(|what| match what {
            Happening::Sent { receipt_on, .. } => *receipt_on,
            _ => None,
        });
        assert_eq!(on, Some(day("2026-01-12")));
    }
);

both_databases!(no_path_sends_what_counsel_did_not_approve, |app| {
    let case = case(app, 1, "records@alder.example").await;
    let researcher = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    for stranger in [app.scope(Who::Team), app.scope(Who::Elsewhere)] {
        assert!(
            send_letter(&app.app, &stranger, case.letter, now)
                .await
                .is_err()
        );
    }
    // Queued, then edited before it went out: the approval is void, and so is the place in the outbox.
    let id = queue(app, &case).await;
    let kept = requests::find(app.app.store.read(), &researcher, case.request)
        .await
        .expect("the database answers")
        .expect("the request");
    let edited = version(
        &kept,
        2,
        "Dear Records Officer,\n\nplease send everything.\n",
        app,
    );
    let tx = app.app.store.begin().await.expect("a change");
    letters::add(&tx, &edited).await.expect("the edit");
    commit(tx).await.expect("it is written");
    let refused = send_letter(&app.app, &researcher, edited.id, now).await;
    assert!(
        matches!(refused, Err(ActionError::Refused(_))),
        "{refused:?}"
    );
    app.settle().await;
    assert_eq!(delivery(&app.app, id).await.state, State::Failed);
    assert!(mails(app).is_empty());
    // Approved anew it goes.
    approve(app, &edited).await;
    send_letter(&app.app, &researcher, edited.id, now)
        .await
        .expect("it is queued");
    app.settle().await;
    assert_eq!(mails(app).len(), 1);
});

both_databases!(
    a_crash_between_any_two_steps_neither_loses_nor_doubles,
    |app| {
        // Each round dies one step later; the job's next run finds what the last one left.
        for (round, dies_after) in ["queue", "prepare", "begin", "hand over", "settle"]
            .iter()
            .enumerate()
        {
            let number = i32::try_from(round).expect("small") + 1;
            let case = case(app, number, "records@alder.example").await;
            let id = queue(app, &case).await;
            let now = app.app.clock.now();
            if *dies_after != "queue" {
                let prepared = deliver_outbox::prepare(&app.app, id, 1)
                    .await
                    .expect("it can be read")
                    .expect("it is due");
                if *dies_after != "prepare" {
                    let Begun::Go(attempt) = deliver_outbox::begin(&app.app, prepared, now)
                        .await
                        .expect("it begins")
                    else {
                        panic!("the first attempt is ours");
                    };
                    if *dies_after != "begin" {
                        let outcome = attempt.hand_over(&app.app).await;
                        assert!(matches!(outcome, Outcome::WrittenToFolder { .. }));
                        if *dies_after != "hand over" {
                            deliver_outbox::settle(&app.app, &attempt, &outcome, now)
                                .await
                                .expect("it settles");
                        }
                    }
                }
            }
            app.settle().await;
            app.later(Duration::hours(1)).await;
            let sent = delivery(&app.app, id).await;
            assert_eq!(sent.state, State::Accepted, "died after {dies_after}");
            assert_eq!(mails(app).len(), round + 1, "died after {dies_after}");
            assert_eq!(
                count(&log(app, case.request).await, "sent"),
                1,
                "died after {dies_after}"
            );
        }
    }
);

both_databases!(an_outcome_that_nobody_knows_waits_for_a_person, |app| {
    let case = case(app, 7, "records@alder.example").await;
    let id = queue(app, &case).await;
    let prepared = deliver_outbox::prepare(&app.app, id, 1)
        .await
        .expect("read")
        .expect("due");
    let now = app.app.clock.now();
    let Begun::Go(attempt) = deliver_outbox::begin(&app.app, prepared, now)
        .await
        .expect("it begins")
    else {
        panic!("the first attempt is ours");
    };
    let lost = Outcome::Unknown {
        why: "The line broke.".into(),
    };
    deliver_outbox::settle(&app.app, &attempt, &lost, now)
        .await
        .expect("it settles");
    app.later(Duration::days(3)).await;
    assert_eq!(delivery(&app.app, id).await.state, State::Unknown);
    assert!(mails(app).is_empty(), "never silently again");

    let researcher = app.scope(Who::Researcher);
    let page = app.as_who(Who::Researcher).await;
    page.get(&app.path("tray")).await.is(200);
    settle_delivery(
        &app.app,
        &researcher,
        id,
        Found::SendAgain,
        "not in the server's log",
        app.app.clock.now(),
    )
    .await
    .expect("a person may");
    app.settle().await;
    let sent = delivery(&app.app, id).await;
    assert_eq!((sent.state, sent.attempts), (State::Accepted, 2));
    assert_eq!(mails(app).len(), 1);
    let twice = settle_delivery(
        &app.app,
        &researcher,
        id,
        Found::SendAgain,
        "",
        app.app.clock.now(),
    )
    .await;
    assert!(matches!(twice, Err(ActionError::Refused(_))), "{twice:?}");
});

both_databases!(
    a_letter_put_off_is_tried_again_and_at_last_given_up,
    |app| {
        let case = case(app, 8, "records@alder.example").await;
        let id = queue(app, &case).await;
        // The folder is away: a file stands in its place.
        let Post::Folder(folder) = &*app.app.post else {
            panic!("a folder")
        };
        std::fs::remove_dir_all(folder).expect("it can be taken away");
        std::fs::write(folder, b"").expect("a file");
        app.settle().await;
        let put_off = delivery(&app.app, id).await;
        assert_eq!((put_off.state, put_off.attempts), (State::Deferred, 1));
        // Back again: it goes at the next attempt, with the same Message-ID.
        std::fs::remove_file(folder).expect("the file goes");
        app.later(Duration::minutes(3)).await;
        let sent = delivery(&app.app, id).await;
        assert_eq!((sent.state, sent.attempts), (State::Accepted, 2));
        assert_eq!(sent.message_id, put_off.message_id);
    }
);

/// A mail server keeps no trace that we could look for: a crash in the middle is a person's question.
#[tokio::test]
async fn a_crash_while_a_mail_server_listens_is_never_sent_again_by_itself() {
    let app = TestApp::with(Engine::Sqlite, |config| {
        config.mail.way = MailWay::Smtp {
            host: "127.0.0.1".into(),
            port: 9,
            security: Security::None,
            user: None,
            password: None,
        };
    })
    .await;
    let case = case(&app, 9, "records@alder.example").await;
    let id = queue(&app, &case).await;
    let prepared = deliver_outbox::prepare(&app.app, id, 1)
        .await
        .expect("read")
        .expect("due");
    let begun = deliver_outbox::begin(&app.app, prepared, app.app.clock.now())
        .await
        .expect("it begins");
    // Here the process dies.
    drop(begun);
    app.settle().await;
    app.later(Duration::days(1)).await;
    let left = delivery(&app.app, id).await;
    assert_eq!((left.state, left.attempts), (State::Unknown, 1));
    let researcher = app.scope(Who::Researcher);
    settle_delivery(
        &app.app,
        &researcher,
        id,
        Found::Arrived,
        "the clerk said so",
        app.app.clock.now(),
    )
    .await
    .expect("a person may");
    let log = log(&app, case.request).await;
    assert_eq!(
        (
            count(&log, "delivery_unknown"),
            count(&log, "delivery_settled"),
            count(&log, "sent")
        ),
        (1, 1, 1)
    );
    app.nothing_left_to_do().await;
}

pub fn reply_to(case: &Case, id: &str, file: &[u8]) -> Vec<u8> {
    use base64::Engine;
    format!(
        "From: Records <clerk@alder.example>\r\nTo: <{}>\r\nSubject: Your request\r\nMessage-ID: <{id}@alder.example>\r\nDate: Tue, 13 Jan 2026 09:00:00 -0800\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n--b\r\nContent-Type: application/pdf; name=\"counts.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        case.reply_to.to_uppercase(),
        base64::engine::general_purpose::STANDARD.encode(file)
    )
    .into_bytes()
}

pub async fn receive(app: &TestApp, raw: &[u8], way: Way) -> Message {
    let now = app.app.clock.now();
    let kept = receive_mail::keep_raw(&app.app, raw.to_vec(), way, None, now)
        .await
        .expect("it is kept");
    receive_mail::read_message(&app.app, kept.message, now)
        .await
        .expect("it is read")
}

both_databases!(a_reply_finds_its_request_and_its_files_are_held, |app| {
    let case = case(app, 42, "records@alder.example").await;
    let pdf = papers::pdf(&["Detainers received: 41"]);
    let raw = reply_to(&case, "one", &pdf);
    let now = app.app.clock.now();
    // The process dies right after the bytes were safe: the job reads them.
    let kept = receive_mail::keep_raw(&app.app, raw.clone(), Way::Pipe, None, now)
        .await
        .expect("it is kept");
    app.settle().await;
    let found = messages::find_unscoped(app.app.store.read(), kept.message)
        .await
        .expect("the database answers")
        .expect("it is there");
    assert_eq!(
        (found.state, found.request),
        (MessageState::Filed, Some(case.request))
    );
    assert_eq!(found.matched_by.as_deref(), Some("reply_address"));
    assert_eq!(found.attachments.len(), 1);
    let counsel = app.scope(Who::Counsel);
    let sha256 = found.attachments[0].sha256.parse().expect("a hash");
    let document = documents::find_of_message(
        app.app.store.read(),
        counsel.campaign,
        found.id,
        &sha256,
        "counts.pdf",
    )
    .await
    .expect("the database answers");
    assert!(document.is_some(), "the file became a document");

    // The same bytes again, and the same message by another way with another trace of its road: one message.
    let again = receive_mail::keep_raw(&app.app, raw.clone(), Way::Imap, None, now)
        .await
        .expect("it is known");
    assert_eq!((again.message, again.is_new), (kept.message, false));
    let other_road = [b"Received: by another.example\r\n".as_slice(), &raw].concat();
    let twin = receive(app, &other_road, Way::Imap).await;
    assert_eq!(twin.state, MessageState::Duplicate);
    app.settle().await;
    let log = log(app, case.request).await;
    assert_eq!(
        (count(&log, "reply_received"), count(&log, "document_taken")),
        (1, 1)
    );

    // Sorting it moves the clocks.
    let researcher = app.scope(Who::Researcher);
    let sorting = Sorting {
        what: ReplyKind::Produced,
        on: day("2026-01-12"),
        until: None,
        amount_cents: None,
        note: String::new(),
        detail: Default::default(),
    };
    for stranger in [app.scope(Who::Team), app.scope(Who::Elsewhere)] {
        let tried = sort_reply(
            &app.app,
            &stranger,
            case.request,
            Some(found.id),
            vec![sorting.clone()],
            now,
        )
        .await;
        assert!(tried.is_err());
    }
    sort_reply(
        &app.app,
        &researcher,
        case.request,
        Some(found.id),
        vec![sorting],
        now,
    )
    .await
    .expect("it is sorted");
    assert_eq!(
        count(&self::log(app, case.request).await, "reply_sorted"),
        1
    );
});

both_databases!(what_no_request_claims_waits_in_the_tray, |app| {
    let first = case(app, 1, "records@alder.example").await;
    let second = case(app, 2, "records@alder.example").await;
    let doubtful = receive(
        app,
        b"From: records@alder.example\r\nSubject: hello\r\nMessage-ID: <d@alder.example>\r\n\r\nWhich one?\r\n",
        Way::Pipe,
    )
    .await;
    assert_eq!(doubtful.state, MessageState::Waiting);
    assert_eq!(doubtful.campaign, Some(app.campaign.id));
    let (_, candidates) =
        doubted(doubtful.matched_by.as_deref().expect("why")).expect("candidates");
    assert_eq!(candidates.len(), 2);
    // Two campaigns share this installation: what names neither shows its outside only until one claims it.
    let stranger = receive(
        app,
        b"From: someone@birch.example\r\nSubject: offer\r\nMessage-ID: <u@birch.example>\r\n\r\nsecret words\r\n",
        Way::Pipe,
    )
    .await;
    assert_eq!(
        (stranger.state, stranger.campaign),
        (MessageState::Waiting, None)
    );
    let broken = receive(
        app,
        b"%PDF-1.4 not a mail",
        Way::Upload {
            campaign: app.campaign.id,
        },
    )
    .await;
    assert_eq!(broken.state, MessageState::Unreadable);

    let rosa = app.as_who(Who::Researcher).await;
    let tray = rosa
        .get(&app.path("tray"))
        .await
        .is(200)
        .says("hello")
        .says("offer")
        .says("Could not be read")
        .keeps_quiet_about("secret words");
    assert!(tray.html().contains("File under S-0001"));
    rosa.get(&app.path(&format!("messages/{}", stranger.id)))
        .await
        .is(404);
    let theo = app.as_who(Who::Team).await;
    theo.get(&app.path("tray")).await.is(403);

    let to = app.path(&format!("messages/{}/file", doubtful.id));
    let request = second.request.to_string();
    rosa.post(&app.path("tray"), &to, &[("request", &request)])
        .await
        .is(303);
    rosa.get(&app.path(&format!("messages/{}", doubtful.id)))
        .await
        .is(200)
        .says("Which one?")
        .says("Filed here by hand");
    let now = app.app.clock.now();
    let twice = file_reply(
        &app.app,
        &app.scope(Who::Researcher),
        doubtful.id,
        first.request,
        now,
    )
    .await;
    assert!(matches!(twice, Err(ActionError::Refused(_))), "{twice:?}");
    assert_eq!(count(&log(app, second.request).await, "reply_filed"), 1);

    // Sorting by the page: a form that lacks the date is shown again with what was typed, then it is taken.
    let page = app.path(&format!("messages/{}", doubtful.id));
    let sort = app.path(&format!("messages/{}/sort", doubtful.id));
    rosa.post(
        &page,
        &sort,
        &[
            ("what", "extended"),
            ("on", "2026-01-12"),
            ("note", "they are busy"),
        ],
    )
    .await
    .is(422)
    .says("Give the day to which the agency extended its time")
    .says("they are busy");
    rosa.post(
        &page,
        &sort,
        &[
            ("what", "extended"),
            ("on", "2026-01-12"),
            ("until", "2026-02-02"),
        ],
    )
    .await
    .is(303);
    rosa.get(&page).await.is(200).says("Took more time");
});

both_databases!(a_mail_that_comes_back_undoes_the_presumed_receipt, |app| {
    let case = case(app, 42, "records@alder.example").await;
    let id = queue(app, &case).await;
    app.settle().await;
    let sent = delivery(&app.app, id).await;
    assert_eq!(sent.state, State::Accepted);
    let bounce = |action: &str, status: &str| {
        format!(
            "From: Mail Delivery System <mailer-daemon@mx.example>\r\nTo: <{}>\r\nSubject: Undelivered Mail\r\nMessage-ID: <{action}@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nsorry\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; records@alder.example\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{}>\r\nSubject: x\r\n\r\nbody\r\n--r--\r\n",
            case.reply_to, sent.message_id
        )
    };
    // A delay says nothing about the address.
    receive(app, bounce("delayed", "4.4.1").as_bytes(), Way::Pipe).await;
    assert_eq!(delivery(&app.app, id).await.state, State::Accepted);
    let back = receive(app, bounce("failed", "5.1.1").as_bytes(), Way::Pipe).await;
    assert!(back.bounce.is_some() && back.auto_reply);
    assert_eq!(delivery(&app.app, id).await.state, State::Failed);
    let researcher = app.scope(Who::Researcher);
    let kept = requests::find(app.app.store.read(), &researcher, case.request)
        .await
        .expect("db")
        .expect("it");
    let contact = contacts::find(
        app.app.store.read(),
        &researcher,
        kept.request.contact.expect("one"),
    )
    .await
    .expect("db")
    .expect("it");
    assert!(
        contact.bad_since_at.is_some(),
        "the address is not used again"
    );
    let log = events::list_for_request(app.app.store.read(), &researcher, case.request)
        .await
        .expect("the log");
    let body =
        sundial::domain::duty::Body::plain(sundial::law::HolderKind::Sheriff, chrono_tz::Tz::UTC);
    let facts = sundial::domain::duty::Facts::of_log(&body, &log);
    assert_eq!(
        facts.received_on, None,
        "no clock runs on a letter that came back"
    );
    let again = settle_delivery(
        &app.app,
        &researcher,
        id,
        Found::SendAgain,
        "",
        app.app.clock.now(),
    )
    .await;
    assert!(
        matches!(again, Err(ActionError::Refused(_))),
        "to the same bad address: {again:?}"
    );
});

both_databases!(
    a_request_goes_along_with_a_merge_and_to_no_retired_contact,
    |app| {
        let case = case(app, 42, "records@alder.example").await;
        let by = app.scope(Who::Researcher);
        let (db, now) = (app.app.store.read(), app.app.clock.now());
        let kept = crate::agency_sets::agency(
            app,
            "Sheriff's Office of Alder County",
            "WA",
            AgencyKind::Sheriff,
        )
        .await;
        let request = || async move {
            requests::find(db, &by, case.request)
                .await
                .expect("db")
                .expect("it")
                .request
        };
        let before = request().await;
        let moved = merge_agencies(
            &app.app,
            &by,
            before.agency,
            kept,
            "its own page says so",
            now,
        )
        .await
        .expect("they are merged");
        assert_eq!((moved.requests, moved.contacts), (1, 1));
        let after = request().await;
        assert_eq!((after.agency, after.contact), (kept, before.contact));

        let contact = after.contact.expect("one");
        retire_contact(&app.app, &by, kept, contact, "the page names a portal", now)
            .await
            .expect("it is retired");
        let sent = send_letter(&app.app, &by, case.letter, now).await;
        assert!(
            matches!(&sent, Err(ActionError::Refused(why)) if why.contains("no longer used")),
            "{sent:?}"
        );
        app.settle().await;
        assert!(mails(app).is_empty());
    }
);

both_databases!(a_receipt_in_hand_starts_the_clock, |app| {
    let case = case(app, 42, "records@alder.example").await;
    let researcher = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let receipt = |on: &str, evidence| Receipt {
        on: day(on),
        evidence,
        note: "9400 1000".into(),
        after_hours: false,
    };
    for (on, evidence) in [
        ("2026-01-13", Evidence::CertifiedPost),
        ("2026-01-09", Evidence::CertifiedPost),
        ("2026-01-12", Evidence::ServerAccepted),
    ] {
        let tried = record_receipt(
            &app.app,
            &researcher,
            case.request,
            receipt(on, evidence),
            now,
        )
        .await;
        assert!(
            matches!(tried, Err(ActionError::Refused(_))),
            "{on}: {tried:?}"
        );
    }
    let rosa = app.as_who(Who::Researcher).await;
    let page = app.path(&format!("requests/{}/receipt", case.request));
    rosa.post(
        &page,
        &page,
        &[("on", "2026-01-13"), ("evidence", "certified_post")],
    )
    .await
    .is(422)
    .says("lies in the future");
    rosa.post(
        &page,
        &page,
        &[
            ("on", "2026-01-12"),
            ("evidence", "certified_post"),
            ("note", "9400"),
        ],
    )
    .await
    .is(303);
    let log = log(app, case.request).await;
    assert_eq!(count(&log, "sent"), 1);
    // It was carried by hand: the outbox takes no second copy by itself, but a person may still mail it.
    assert!(mails(app).is_empty());
});

both_databases!(
    broken_mail_is_kept_read_as_far_as_it_goes_and_filed,
    |app| {
        let case = case(app, 77, "records@broken.example").await;
        for (name, raw, words, files) in [
            (
                "a charset that nobody knows",
                papers::mail_with_a_broken_charset(&case.reply_to),
                "We have received your request.",
                0,
            ),
            (
                "no final boundary",
                papers::mail_without_its_end(&case.reply_to),
                "Please find the policy attached.",
                1,
            ),
        ] {
            let message = receive(app, &raw, Way::Pipe).await;
            assert_eq!(
                (message.state, message.request),
                (MessageState::Filed, Some(case.request)),
                "{name}"
            );
            assert!(message.body.contains(words), "{name}: {}", message.body);
            assert_eq!(message.attachments.len(), files, "{name}");
            let kept = app
                .app
                .files
                .read(&message.raw_sha256.parse().expect("a hash"), 1 << 20)
                .await
                .expect("the raw message is there");
            assert_eq!(kept.as_ref(), raw, "{name}: kept exactly as it came");
        }
        app.settle().await;
    }
);

both_databases!(a_limit_is_announced_on_its_days_once_each, |app| {
    let case = case(app, 91, "records@alder.example").await;
    let by = app.scope(Who::Researcher);
    let sent_at = app.app.clock.now();
    send_letter(&app.app, &by, case.letter, sent_at)
        .await
        .expect("it is queued");
    app.settle().await;
    // Two processes wake several times a day for three weeks, and both sleep through one weekend and the Monday after.
    for hours in (0..21 * 24)
        .step_by(6)
        .filter(|hours| !(48..120).contains(hours))
    {
        app.app.clock.set(sent_at + Duration::hours(hours));
        for process in ["one", "two"] {
            sundial::jobs::wake(&app.app, process)
                .await
                .expect("it wakes");
        }
    }
    let log = log(app, case.request).await;
    let mut offsets: Vec<i32> = log
        .iter()
        .filter_map(|what| match what {
            Happening::ReminderSent { duty, offset, .. } if duty == "acknowledge" => Some(*offset),
            _ => None,
        })
        .collect();
    offsets.sort_unstable();
    assert_eq!(
        offsets,
        [-2, 0, 1, 7, 7],
        "two business days before, on the day, the business day after, a week after (to counsel too): once each"
    );
    app.settle().await;
});
