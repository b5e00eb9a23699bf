//! Letters after the request, as researcher and counsel make them in the browser: offered by what the request needs,
//! composed, approved, sent into its thread, and seen by the law's clocks.

use chrono::{Duration, NaiveDate};
use sundial::actions::add_contact::{NewContact, add_contact};
use sundial::actions::draft_request::{Drafted, NewRequest, Reasons, draft_request};
use sundial::actions::send_letter::send_letter;
use sundial::actions::sort_reply::sort_reply;
use sundial::actions::submit_letter::submit_letter;
use sundial::actions::{ActionError, approve_letter::approve_letter};
use sundial::domain::agency::contact::{Channel, Purpose};
use sundial::domain::event::ReplyKind;
use sundial::domain::ids::LetterId;
use sundial::domain::reply::Sorting;
use sundial::domain::request::{Format, Status, letter_standing, standing};
use sundial::store::letters::{self, Letter};
use sundial::store::{deliveries, events};

use crate::both_databases;
use crate::support::app::{TestApp, Who};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

async fn sent_request(app: &TestApp, jurisdiction: &str) -> Drafted {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let agency = app
        .county("Alder County Sheriff's Office", jurisdiction)
        .await;
    let contact = NewContact {
        purpose: Purpose::Records,
        channel: Channel::Email,
        name: "Records Officer".to_owned(),
        value: "records@alder.example".to_owned(),
        known_how: "its site".to_owned(),
        checked_on: day("2026-01-05"),
    };
    add_contact(&app.app, &by, agency, contact, day("2026-01-12"), now)
        .await
        .expect("a contact");
    let new = NewRequest {
        agency,
        records: vec!["detainer_summary".to_owned(), "detainer_policy".to_owned()],
        period: "2023-01-01..2025-12-31".parse().expect("a period"),
        format: Format::Native,
        fee_ceiling_cents: 5000,
        resident: None,
        title: String::new(),
    };
    let drafted = draft_request(&app.app, &by, new, now)
        .await
        .expect("a request");
    approved(app, drafted.letter).await;
    send_letter(&app.app, &by, drafted.letter, now)
        .await
        .expect("queued");
    app.settle().await;
    drafted
}

async fn letter(app: &TestApp, id: LetterId) -> Letter {
    letters::find(app.app.store.read(), &app.scope(Who::Researcher), id)
        .await
        .expect("the store answers")
        .expect("the letter is there")
}

/// Through counsel, by the same two deeds as any letter.
async fn approved(app: &TestApp, id: LetterId) {
    let now = app.app.clock.now();
    submit_letter(&app.app, &app.scope(Who::Researcher), id, now)
        .await
        .expect("it goes to counsel");
    let text = letter(app, id).await;
    approve_letter(&app.app, &app.scope(Who::Counsel), id, &text.sha256, now)
        .await
        .expect("counsel approves");
}

async fn log(app: &TestApp, drafted: &Drafted) -> Vec<sundial::domain::event::Event> {
    events::list_for_request(
        app.app.store.read(),
        &app.scope(Who::Researcher),
        drafted.request,
    )
    .await
    .expect("the log reads")
}

async fn sort(app: &TestApp, drafted: &Drafted, what: ReplyKind, on: &str) {
    let sorting = Sorting {
        what,
        on: day(on),
        until: None,
        amount_cents: (what == ReplyKind::FeeDemanded).then_some(32_500),
        note: String::new(),
        detail: Default::default(),
    };
    sort_reply(
        &app.app,
        &app.scope(Who::Researcher),
        drafted.request,
        None,
        vec![sorting],
        app.app.clock.now(),
    )
    .await
    .expect("sorted");
}

fn id_in(address: &str) -> LetterId {
    address
        .rsplit('/')
        .next()
        .and_then(|id| id.parse().ok())
        .unwrap_or_else(|| panic!("no letter in {address}"))
}

both_databases!(
    /// Nothing is overdue before its day; after it a notice with the clock's own day goes into the thread.
    an_overdue_notice_from_offer_to_thread, |app| {
        let drafted = sent_request(app, "IL").await;
        app.without_chasers().await;
        let rosa = app.as_who(Who::Researcher).await;
        let write = app.path(&format!("requests/{}/write", drafted.request));
        let notice = format!("{write}/overdue_notice");
        rosa.get(&write)
            .await
            .is(200)
            .says("Nothing is overdue")
            .says("Nothing has been refused");
        let refused = rosa.get(&notice).await.is(200).says("does not fit now");
        // A form sent all the same is refused with the reason.
        let again = rosa.send(&notice, &refused.token(), &[]).await.is(422);
        assert!(again.words().contains("Nothing is overdue"), "{}", again.words());

        app.later(Duration::days(14)).await;
        // A session does not last that long.
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&write).await.is(200).says("Overdue notice");
        let to = rosa
            .post(&notice, &notice, &[("their_ref", "24-117"), ("reply_by", "2026-02-10")])
            .await
            .leads();
        // Received Mon 12 Jan; King's day falls on the 19th: five business days end on Tue 20 Jan.
        rosa.get(&to)
            .await
            .is(200)
            .says("January 20, 2026")
            .says("5 business days")
            .says("Martin Luther King")
            .says("your number: 24-117")
            .says("February 10, 2026")
            .says("Why each paragraph stands there")
            .says("5 ILCS 140/3(d)");
        let id = id_in(&to);
        // One draft of a kind at a time.
        let form = rosa.get(&notice).await.is(200);
        let twice = rosa.send(&notice, &form.token(), &[]).await.is(422);
        assert!(twice.words().contains("There is a draft of this letter already"), "{}", twice.words());
        let unapproved = send_letter(&app.app, &app.scope(Who::Researcher), id, app.app.clock.now()).await;
        assert!(matches!(unapproved, Err(ActionError::Refused(_))), "{unapproved:?}");
        submit_letter(&app.app, &app.scope(Who::Researcher), id, app.app.clock.now())
            .await
            .expect("it goes to counsel");
        app.as_who(Who::Counsel)
            .await
            .get("/c/alder")
            .await
            .is(200)
            .says("Overdue notice to Alder County Sheriff's Office waits for your approval");
        let text = letter(app, id).await;
        approve_letter(&app.app, &app.scope(Who::Counsel), id, &text.sha256, app.app.clock.now())
            .await
            .expect("counsel approves");
        let page = rosa.get(&to).await.is(200).says("Send it now, without the wait");
        rosa.send(&app.path(&format!("letters/{id}/send")), &page.token(), &[("when", "now")]).await.leads();
        app.settle().await;
        let by = app.scope(Who::Researcher);
        let db = app.app.store.read();
        let first = deliveries::find_for_letter(db, &by, drafted.letter)
            .await
            .expect("the store answers")
            .expect("the request's delivery");
        let second = deliveries::find_for_letter(db, &by, id)
            .await
            .expect("the store answers")
            .expect("the notice's delivery");
        assert_eq!(second.recipient, "records@alder.example");
        let sha256 = second.raw_sha256.parse().expect("a hash");
        let bytes = app.app.files.read(&sha256, 1 << 20).await.expect("its bytes");
        let mail = String::from_utf8_lossy(&bytes).replace("\r\n ", " ");
        assert!(mail.contains(&format!("In-Reply-To: <{}>", first.message_id)), "{mail}");

        let log = log(app, &drafted).await;
        let whole = standing(&log);
        assert_eq!(whole.status, Status::Sent, "a notice does not turn the request back");
        assert_eq!(whole.received.map(|seen| seen.on), Some(day("2026-01-12")));
        assert_eq!(letter_standing(&log, "overdue_notice").status, Status::Sent);
        rosa.get(&app.path(&format!("requests/{}", drafted.request)))
            .await
            .is(200)
            .says("Overdue notice sent")
            .says("Later letters");
        // Meeting team: no letters, no form.
        app.as_who(Who::Team).await.get(&write).await.is(403);
    }
);

both_databases!(
    /// Each refused item and ground is answered; an edit voids the approval; a recorded sending starts the appeal's clock.
    an_appeal_by_ground_and_its_clock, |app| {
        let drafted = sent_request(app, "NY").await;
        app.later(Duration::days(3)).await;
        sort(app, &drafted, ReplyKind::Denied, "2026-01-14").await;
        let rosa = app.as_who(Who::Researcher).await;
        let form = app.path(&format!("requests/{}/write/appeal", drafted.request));
        rosa.get(&form)
            .await
            .is(200)
            .says("Federal detainee rule")
            .says("Against us.")
            .says("Voces de la Frontera");
        let none = rosa.post(&form, &form, &[("step", "0")]).await.is(422);
        assert!(none.words().contains("Choose at least one ground"), "{}", none.words());
        let to = rosa
            .post(&form, &form, &[
                ("step", "0"),
                ("refused_on", "2026-01-14"),
                ("grounds-1", "fed_236_6"),
                ("grounds-1", "must_create"),
                ("grounds-2", "law_enforcement"),
                ("their_words-1", "Federal law forbids it."),
                ("persuasive", "fisher"),
            ])
            .await
            .leads();
        let page = rosa
            .get(&to)
            .await
            .is(200)
            .says("Federal law forbids it.")
            .says("Though it does not bind here, Fisher Broadcasting")
            .says("Item 2 asks for")
            .says("Records Access Appeals Officer");
        assert!(!page.html().contains("2017 WI 16, is"), "an adverse authority is never cited");
        let id = id_in(&to);
        let kept = letter(app, id).await;
        assert_eq!(kept.kind, "appeal");
        assert!(!kept.body.contains("Voces"), "{}", kept.body);
        assert!(!kept.body.contains("[["), "{}", kept.body);
        let reasons = Reasons::of(&kept);
        for key in ["answer:1:fed_236_6", "answer:1:must_create", "answer:2:law_enforcement"] {
            let clause = reasons.clauses.iter().find(|clause| clause.key == key);
            assert!(clause.is_some_and(|clause| clause.version > 0), "{key}");
        }
        approved(app, id).await;
        let edit = format!("{to}/edit");
        let body = kept.body.replace("This is timely", "This appeal is timely");
        let edited = rosa
            .post(&edit, &edit, &[("subject", &kept.subject), ("body", &body), ("do", "save")])
            .await
            .leads();
        let newer = id_in(&edited);
        assert_eq!(letter_standing(&log(app, &drafted).await, "appeal").status, Status::Draft);
        let elsewhere = app.path(&format!("letters/{newer}/sent-elsewhere"));
        let page = rosa.get(&edited).await.is(200);
        let proof = [("on", "2026-01-15"), ("evidence", "certified_post"), ("note", "9400")];
        let back = rosa.send(&elsewhere, &page.token(), &proof).await.leads();
        rosa.get(&back).await.is(200).says("Counsel has not approved");
        assert_eq!(letter_standing(&log(app, &drafted).await, "appeal").status, Status::Draft);
        approved(app, newer).await;
        let page = rosa.get(&edited).await.is(200).says("It went out by portal, post, fax or hand");
        let request = rosa.send(&elsewhere, &page.token(), &proof).await.leads();
        // Ten business days for the decision (N.Y. Pub. Off. Law sec. 89(4)(a)), from the appeal.
        rosa.get(&request)
            .await
            .is(200)
            .says("Appeal sent")
            .says("Decision on the appeal");
        let log = log(app, &drafted).await;
        assert_eq!(standing(&log).status, Status::Denied);
        let facts = sundial::domain::duty::Facts::of_log(
            &sundial::domain::duty::Body::plain(
                sundial::domain::duty::HolderKind::Sheriff,
                chrono_tz::America::New_York,
            ),
            &log,
        );
        assert!(
            facts
                .events
                .contains(&(sundial::domain::duty::EventKind::Appealed, day("2026-01-15"))),
            "{:?}",
            facts.events
        );
    }
);

both_databases!(
    /// An unverified rule stays out until a person says where they read it; that is kept with every later version.
    a_rule_confirmed_by_a_person, |app| {
        // New Jersey's statement on purpose is unverified in our data.
        let drafted = unsent_request(app, "NJ").await;
        let rosa = app.as_who(Who::Researcher).await;
        let at = app.path(&format!("letters/{}", drafted.letter));
        let page = rosa.get(&at).await.is(200).says("Confirm this rule");
        let before = letter(app, drafted.letter).await;
        assert!(!before.body.contains("not wanted for a commercial purpose"));
        let confirm = format!("{at}/confirm");
        rosa.send(&confirm, &page.token(), &[("rule", "switch:purpose"), ("seen", "")]).await.leads();
        let page = rosa.get(&at).await.is(200).says("Write where you read the rule");
        let to = rosa
            .send(&confirm, &page.token(), &[
                ("rule", "switch:purpose"),
                ("seen", "https://www.nj.gov/grc/ on 12 January 2026"),
            ])
            .await
            .leads();
        rosa.get(&to)
            .await
            .is(200)
            .says("On a person's word")
            .says("https://www.nj.gov/grc/ on 12 January 2026");
        let after = letter(app, id_in(&to)).await;
        let flat = after.body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains("The records are not wanted for a commercial purpose"), "{}", after.body);
        assert_eq!(after.version, 2);
        let reasons = Reasons::of(&after);
        assert_eq!(reasons.confirmed.len(), 1);
        let clause = reasons.clauses.iter().find(|clause| clause.id == "request/purpose");
        assert!(clause.is_some_and(|c| c.rule.as_ref().is_some_and(|rule| rule.confirmed)));
        // The rest of the letter is as it was.
        let paragraphs = |text: &str| text.split("\n\n").count();
        assert_eq!(paragraphs(&after.body), paragraphs(&before.body) + 1);
        assert_eq!(after.body.replace("The records are not wanted for a commercial purpose, nor in connection with\na legal proceeding to which the requester is a party.\n\n", ""), before.body);
    }
);

async fn unsent_request(app: &TestApp, jurisdiction: &str) -> Drafted {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let agency = app.county("Birch County Jail", jurisdiction).await;
    let new = NewRequest {
        agency,
        records: vec!["detainer_summary".to_owned()],
        period: "2023-01-01..2025-12-31".parse().expect("a period"),
        format: Format::Native,
        fee_ceiling_cents: 5000,
        resident: None,
        title: String::new(),
    };
    draft_request(&app.app, &by, new, now)
        .await
        .expect("a request")
}
