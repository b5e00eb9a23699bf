//! Sorting a reply in one pass, item by item; fees; the agency's number; what came another way; moving what was misfiled.
//!
//! Over 500 lines because the stories share the request with three items and its letter.

use sundial::actions::move_reply::move_reply;
use sundial::actions::receive_mail::{self, Way, doubted};
use sundial::domain::event::{FeeKind, Happening, ReplyKind, that_count};
use sundial::domain::ids::{ItemId, RequestId};
use sundial::domain::request::{Ledger, RequestItem, Status, standing};
use sundial::store::messages::{self, Message, MessageState};
use sundial::store::{commit, documents, events, requests, tracking_numbers};

use crate::both_databases;
use crate::post_room::{Case, case_with};
use crate::support::app::{TestApp, Who};
use crate::support::papers;

/// A request with three items that has left.
async fn asked(app: &TestApp, number: i32, contact: &str) -> Case {
    let items: Vec<RequestItem> = (1..=3)
        .map(|position| RequestItem {
            id: ItemId::new(),
            position,
            record_key: "detainer_counts".to_owned(),
            text: format!("Item {position}: records sufficient to show something."),
        })
        .collect();
    let case = case_with(app, number, contact, &items).await;
    sundial::actions::send_letter::send_letter(
        &app.app,
        &app.scope(Who::Researcher),
        case.letter,
        app.app.clock.now(),
    )
    .await
    .expect("it is queued");
    app.settle().await;
    case
}

async fn receive(app: &TestApp, raw: &[u8]) -> Message {
    let now = app.app.clock.now();
    let kept = receive_mail::keep_raw(&app.app, raw.to_vec(), Way::Pipe, None, now)
        .await
        .expect("it is kept");
    receive_mail::read_message(&app.app, kept.message, now)
        .await
        .expect("it is read")
}

async fn log(app: &TestApp, request: RequestId) -> Vec<sundial::domain::event::Event> {
    events::list_for_request(app.app.store.read(), &app.scope(Who::Researcher), request)
        .await
        .expect("the log")
}

const ANSWER: &str = "Subject: Your request, reference number 26-10234\r\nMessage-ID: <answer@alder.example>\r\n\r\nPlease find attached the totals for item 1. Item 2 is denied: under 8 C.F.R. 236.6 we cannot release federal detainee information. For item 3 we require a deposit of $60.25; the estimated cost is $120.50.\r\n\r\nOn Mon, Jan 12, 2026 Rosa wrote:\r\n> no responsive records\r\n";

both_databases!(one_reply_says_several_things_of_several_items, |app| {
    let case = asked(app, 42, "records@alder.example").await;
    let raw = format!(
        "From: records@alder.example\r\nTo: {}\r\n{ANSWER}",
        case.reply_to
    );
    let message = receive(app, raw.as_bytes()).await;
    assert_eq!(message.state, MessageState::Filed);
    let rosa = app.as_who(Who::Researcher).await;
    let page = app.path(&format!("messages/{}", message.id));
    let shown = rosa
        .get(&page)
        .await
        .is(200)
        .says("The reply says “236.6”.")
        .says("Amounts in the text: $60.25 · $120.50")
        .says("Quoted text");
    assert!(
        shown
            .html()
            .contains("<mark title=\"suggests a ground: Federal detainee rule")
    );
    assert!(
        shown.html().contains("value=\"26-10234\""),
        "its number is offered"
    );
    assert!(
        !shown.html().contains("checked"),
        "words only suggest: nothing is ticked before a person ticks it"
    );

    let sort = format!("{page}/sort");
    // A deposit above the amount is a slip.
    let mut form = vec![
        ("on", "2026-01-12"),
        ("what", "fee_demanded"),
        ("amount", "60.25"),
        ("deposit", "120.50"),
    ];
    rosa.post(&page, &sort, &form)
        .await
        .is(422)
        .says("The deposit is more than the amount asked");
    form = vec![
        ("on", "2026-01-12"),
        ("what", "fee_demanded"),
        ("amount", "120.50"),
        ("deposit", "60.25"),
        ("pay_by", "2026-02-12"),
        ("outcome-1", "produced"),
        ("outcome-2", "denied"),
        ("grounds-2", "fed_236_6"),
        ("number", "26-10234"),
        ("press", "preview"),
    ];
    let before = log(app, case.request).await.len();
    rosa.post(&page, &sort, &form)
        .await
        .is(200)
        .says("Nothing is recorded yet.")
        .says("Our payment, by their date: this limit now runs, to Thu 12 Feb 2026.");
    assert_eq!(log(app, case.request).await.len(), before);
    form.pop();
    rosa.post(&page, &sort, &form).await.is(303);
    let all = log(app, case.request).await;
    let said: Vec<_> = that_count(&all)
        .filter_map(|event| match &event.what {
            Happening::ReplySorted { what, detail, .. } => Some((*what, detail.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(
        said.iter().map(|(what, _)| *what).collect::<Vec<_>>(),
        [
            ReplyKind::Produced,
            ReplyKind::Denied,
            ReplyKind::FeeDemanded
        ]
    );
    assert_eq!((said[0].1.items.clone(), said[0].1.of), (vec![1], 3));
    assert_eq!(said[1].1.grounds, ["fed_236_6"]);
    assert_eq!(
        said[1].1.words,
        "Item 2 is denied: under 8 C.F.R. 236.6 we cannot release federal detainee information."
    );
    let stands = standing(&all);
    assert_eq!((stands.status, stands.unsorted), (Status::FeeAsked, 0));
    // Item 3 is open: the agency still owes an answer, and our own time on item 2 runs.
    let body = sundial::domain::duty::Body::plain(
        sundial::law::HolderKind::Sheriff,
        chrono_tz::America::Los_Angeles,
    );
    let facts = sundial::domain::duty::Facts::of_log(&body, &all);
    let has = |kind| facts.events.iter().any(|(known, _)| *known == kind);
    use sundial::domain::duty::EventKind;
    assert!(has(EventKind::Instalment) && has(EventKind::RefusedPart));
    assert!(!has(EventKind::Produced) && !has(EventKind::Denied) && !has(EventKind::Partial));

    // The next step is offered at once, and its letter has what was confirmed.
    rosa.get(&page)
        .await
        .is(200)
        .says("What comes next")
        .says("Denied (item 2)");
    let appeal = app.path(&format!("requests/{}/write/appeal", case.request));
    let form = rosa.get(&appeal).await;
    assert!(
        form.html()
            .contains("236.6 we cannot release federal detainee information.")
    );

    // Fees: exact sums, each with its paper; a payment sets the request going again.
    let fees = app.path(&format!("requests/{}/fees", case.request));
    rosa.get(&fees)
        .await
        .is(200)
        .says("$120.50")
        .says("Deposit asked");
    rosa.post(
        &fees,
        &fees,
        &[("what", "refunded"), ("on", "2026-01-12"), ("amount", "1")],
    )
    .await
    .is(422)
    .says("More would be refunded than was paid");
    let paper = format!("m{}", message.id);
    rosa.post(
        &fees,
        &fees,
        &[
            ("what", "paid"),
            ("on", "2026-01-12"),
            ("amount", "$60.25"),
            ("paper", &paper),
        ],
    )
    .await
    .is(303);
    let all = log(app, case.request).await;
    let ledger = Ledger::of_log(&all);
    assert_eq!(
        (ledger.asked(), ledger.spent(), ledger.open()),
        (12_050, 6_025, 6_025)
    );
    assert!(
        ledger
            .lines
            .iter()
            .any(|line| line.what == FeeKind::Paid && line.message == Some(message.id))
    );
    assert_eq!(standing(&all).status, Status::Acknowledged);
    rosa.get(&app.path("requests")).await.says("$60.25 paid");
    rosa.get(&app.path(&format!("requests/{}", case.request)))
        .await
        .is(200)
        .says("26-10234")
        .says("Denied, Mon 12 Jan 2026")
        .says("Our payment, by their date");

    // From now on the agency's number alone finds the request, whoever's system wrote.
    let by_number = receive(
        app,
        b"From: noreply@govqa.us\r\nSubject: [26-10234] Your records\r\nMessage-ID: <n@govqa.us>\r\n\r\nPlease fetch them at https://alderwa.govqa.us/WEBAPP/x. The link expires on February 1, 2026.\r\n",
    )
    .await;
    assert_eq!(
        (by_number.request, by_number.matched_by.as_deref()),
        (Some(case.request), Some("tracking_number"))
    );
    let portal = app.path(&format!("messages/{}", by_number.id));
    let shown = rosa
        .get(&portal)
        .await
        .is(200)
        .says("Records may lie at GovQA")
        .says("Until Sun 1 Feb 2026");
    rosa.get(&app.path(""))
        .await
        .says("Records may lie at GovQA");
    let done = shown
        .addresses()
        .into_iter()
        .find(|(posted, to)| *posted && to.ends_with("/done"))
        .expect("it can be marked as done")
        .1;
    rosa.post(&portal, &done, &[]).await.is(303);
    rosa.get(&portal)
        .await
        .keeps_quiet_about("Until Sun 1 Feb 2026");
});

both_databases!(what_came_another_way_is_a_message_too, |app| {
    let case = asked(app, 7, "records@alder.example").await;
    let rosa = app.as_who(Who::Researcher).await;
    let page = app.path(&format!("requests/{}/reply", case.request));
    rosa.post(
        &page,
        &page,
        &[("on", "2026-01-12"), ("what", "acknowledged")],
    )
    .await
    .is(422)
    .says("Choose how it came.");
    let form = [
        ("channel", "phone"),
        ("who", "Clerk Dana Fir"),
        (
            "text",
            "She says that they need more time, until February 2.",
        ),
        ("on", "2026-01-12"),
        ("what", "extended"),
        ("until", "2026-02-02"),
        ("reason", "three people are ill"),
    ];
    rosa.post(&page, &page, &form).await.is(303);
    let all = messages::list_for_request(
        app.app.store.read(),
        &app.scope(Who::Researcher),
        case.request,
    )
    .await
    .expect("the messages");
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].channel.as_str(), all[0].sender.as_str()),
        ("phone", "Clerk Dana Fir")
    );
    assert!(all[0].sorted_at.is_some());
    let raw = app
        .app
        .files
        .read(&all[0].raw_sha256.parse().expect("a hash"), 1 << 20)
        .await
        .expect("its bytes are kept");
    assert!(String::from_utf8_lossy(&raw).contains("until February 2."));
    let stands = standing(&log(app, case.request).await);
    assert_eq!((stands.status, stands.unsorted), (Status::Extended, 0));
    rosa.get(&app.path(&format!("messages/{}", all[0].id)))
        .await
        .is(200)
        .says("by telephone, written down by hand");
    rosa.get(&app.path(&format!("requests/{}", case.request)))
        .await
        .says("three people are ill");
});

both_databases!(
    a_misfiled_message_is_moved_with_all_that_rests_on_it,
    |app| {
        let wrong = asked(app, 1, "records@alder.example").await;
        let right = asked(app, 2, "records@birch.example").await;
        let pdf = papers::pdf(&["Detainers received: 41"]);
        use base64::Engine;
        let raw = format!(
            "From: records@alder.example\r\nTo: {}\r\nSubject: counts\r\nMessage-ID: <m@alder.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nYour request is denied.\r\n--b\r\nContent-Type: application/pdf; name=\"counts.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
            wrong.reply_to,
            base64::engine::general_purpose::STANDARD.encode(&pdf)
        );
        let message = receive(app, raw.as_bytes()).await;
        app.settle().await;
        let rosa = app.as_who(Who::Researcher).await;
        let page = app.path(&format!("messages/{}", message.id));
        rosa.post(
            &page,
            &format!("{page}/sort"),
            &[
                ("on", "2026-01-12"),
                ("what", "denied"),
                ("number", "PRR-2026-0555"),
            ],
        )
        .await
        .is(303);
        assert_eq!(
            standing(&log(app, wrong.request).await).status,
            Status::Denied
        );
        let numbers = async |request| {
            let db = app.app.store.read();
            let by = app.scope(Who::Researcher);
            let list = tracking_numbers::list(db, &by, request).await;
            list.expect("db").len()
        };
        assert_eq!(numbers(wrong.request).await, 1);
        let moving = format!("{page}/move");
        rosa.get(&moving)
            .await
            .is(200)
            .says("counts.pdf")
            .says("counts there no more");
        let to = right.request.to_string();
        rosa.post(&moving, &moving, &[("request", &to)])
            .await
            .is(422)
            .says("Say how you know");
        rosa.post(
            &moving,
            &moving,
            &[("request", &to), ("why", "it names Birch's jail")],
        )
        .await
        .is(303);
        let old = standing(&log(app, wrong.request).await);
        assert_eq!(
            (old.status, old.unsorted),
            (Status::Sent, 0),
            "the denial counts there no more"
        );
        let new = standing(&log(app, right.request).await);
        assert_eq!(
            (new.status, new.unsorted),
            (Status::Sent, 1),
            "here it waits to be sorted"
        );
        assert_eq!(
            numbers(wrong.request).await,
            0,
            "the number is the other request's: mail that carries it must not come here"
        );
        let counsel = app.scope(Who::Counsel);
        let files = documents::list_for_request(app.app.store.read(), &counsel, right.request)
            .await
            .expect("its files");
        assert_eq!(files.len(), 1);
        let kept = requests::find(app.app.store.read(), &counsel, right.request)
            .await
            .expect("db")
            .expect("the request");
        assert_eq!(files[0].document.agency, Some(kept.request.agency));
        let old_page = rosa
            .get(&app.path(&format!("requests/{}", wrong.request)))
            .await;
        old_page.says("Message moved to S-0002");
        rosa.get(&app.path(&format!("requests/{}", right.request)))
            .await
            .says("moved from S-0001: it names Birch's jail");
        // Somebody else's campaign cannot move it, and nobody moves it to where it is.
        for (who, target) in [
            (Who::Elsewhere, wrong.request),
            (Who::Team, wrong.request),
            (Who::Researcher, right.request),
        ] {
            let tried = move_reply(
                &app.app,
                &app.scope(who),
                message.id,
                target,
                "no",
                app.app.clock.now(),
            )
            .await;
            assert!(tried.is_err(), "{who:?}");
        }
    }
);

both_databases!(a_county_is_not_its_neighbour, |app| {
    let alder = asked(app, 1, "records@sheriff.co.alder.or.us").await;
    let from = |address: &str| {
        format!(
            "From: {address}\r\nSubject: your letter\r\nMessage-ID: <{address}>\r\n\r\nWe have your letter.\r\n"
        )
    };
    let own = receive(app, from("jail@co.alder.or.us").as_bytes()).await;
    assert_eq!(
        (own.request, own.matched_by.as_deref()),
        (Some(alder.request), Some("sender_domain"))
    );
    for stranger in [
        "jail@co.birch.or.us",
        "records@or.us",
        "noreply@govqa.us",
        "x@gmail.com",
    ] {
        let other = receive(app, from(stranger).as_bytes()).await;
        assert_eq!(
            (other.state, other.request),
            (MessageState::Waiting, None),
            "{stranger}"
        );
    }
    // No contact is known there, but the domain names the agency's county: a hint for a person, with one press to file it.
    let hinted = receive(app, from("jail@co.alder.wa.us").as_bytes()).await;
    let (why, candidates) =
        doubted(hinted.matched_by.as_deref().expect("why")).expect("candidates");
    assert_eq!((why.as_str(), candidates), ("county", vec![alder.request]));
    // A closed request still gets its late reply, by its number.
    let by = app.scope(Who::Researcher);
    let tx = app.app.store.begin().await.expect("a change");
    events::record(
        &tx,
        by.campaign,
        Some(alder.request),
        Some(by.user),
        app.app.clock.now(),
        &Happening::Closed {
            note: "done".into(),
        },
    )
    .await
    .expect("the log");
    commit(tx).await.expect("it is closed");
    let rosa = app.as_who(Who::Researcher).await;
    let page = app.path(&format!("requests/{}", alder.request));
    rosa.post(&page, &format!("{page}/number"), &[("number", "12")])
        .await
        .is(303);
    assert!(
        tracking_numbers::list(app.app.store.read(), &by, alder.request)
            .await
            .expect("db")
            .is_empty(),
        "two digits prove nothing"
    );
    rosa.post(
        &page,
        &format!("{page}/number"),
        &[("number", "PRR-2026-0042")],
    )
    .await
    .is(303);
    let late = receive(
        app,
        b"From: x@gmail.com\r\nSubject: Re: prr-2026-0042\r\nMessage-ID: <late@gmail.com>\r\n\r\nHere.\r\n",
    )
    .await;
    assert_eq!(late.request, Some(alder.request));
    // Closed and known by its sender alone: a person looks, and it is not lost.
    let doubtful = receive(app, from("sheriff@co.alder.or.us").as_bytes()).await;
    assert_eq!(doubtful.state, MessageState::Waiting);
    let (_, candidates) =
        doubted(doubtful.matched_by.as_deref().expect("why")).expect("candidates");
    assert_eq!(candidates, [alder.request]);
    rosa.post(
        &page,
        &format!("{page}/number/forget"),
        &[("number", "PRR-2026-0042")],
    )
    .await
    .is(303);
    let forgotten = receive(
        app,
        b"From: x@gmail.com\r\nSubject: Re: prr-2026-0042\r\nMessage-ID: <later@gmail.com>\r\n\r\nHere.\r\n",
    )
    .await;
    assert_eq!(forgotten.request, None);
});

both_databases!(a_message_is_shown_as_laid_out_in_a_closed_frame, |app| {
    let case = asked(app, 9, "records@alder.example").await;
    let raw = format!(
        "From: records@alder.example\r\nTo: {}\r\nSubject: laid out\r\nMessage-ID: <h@alder.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p style=\"color:red\">Hello <b>there</b></p><script>alert(1)</script><img src=\"https://tracker.example/x.gif\"><meta http-equiv=refresh content=\"0;url=https://x.example\">\r\n",
        case.reply_to
    );
    let message = receive(app, raw.as_bytes()).await;
    assert!(message.has_html);
    let rosa = app.as_who(Who::Researcher).await;
    let page = rosa
        .get(&app.path(&format!("messages/{}", message.id)))
        .await
        .is(200)
        .says("Hello there");
    assert!(page.html().contains("sandbox=\"\""));
    assert!(!page.html().contains("tracker.example/x.gif\""));
    let formatted = app.path(&format!("messages/{}/formatted", message.id));
    let asked = rosa
        .client
        .get(formatted.clone())
        .cookie(rosa.session().expect("she is signed in"));
    let answer = asked.dispatch().await;
    let policy = answer
        .headers()
        .get_one("Content-Security-Policy")
        .expect("a policy")
        .to_owned();
    assert_eq!(
        answer.headers().get_one("X-Frame-Options"),
        Some("SAMEORIGIN")
    );
    let frame = rosa.get(&formatted).await.is(200);
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
    assert!(
        !policy.contains("script-src") && !policy.contains("allow-"),
        "{policy}"
    );
    assert!(!frame.html().contains("<script") && !frame.html().contains("<meta http-equiv"));
    assert!(frame.html().contains("<b>there</b>"));
    let plain = receive(
        app,
        format!("From: records@alder.example\r\nTo: {}\r\nSubject: p\r\nMessage-ID: <p@alder.example>\r\n\r\nplain\r\n", case.reply_to).as_bytes(),
    )
    .await;
    rosa.get(&app.path(&format!("messages/{}/formatted", plain.id)))
        .await
        .is(404);
});
