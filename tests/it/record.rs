//! Recording what the clocks of a request depend on: each entry tells what it moves, a preview records nothing, a
//! mistake is taken back and stays to be read, and nobody else's request is touched.

use chrono::NaiveDate;
use sundial::actions::ActionError;
use sundial::actions::record_receipt::{Receipt, record_receipt};
use sundial::actions::record_step::{Entry, NotRecorded, record_step, what_moves};
use sundial::actions::sort_reply::sort_reply;
use sundial::domain::duty::{EventKind, Step};
use sundial::domain::event::{Evidence, Happening, ReplyKind, that_count};
use sundial::domain::reply::Sorting;
use sundial::domain::request::{Status, standing};
use sundial::store::events;

use crate::both_databases;
use crate::post_room::case;
use crate::support::app::{TestApp, Who};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn step(kind: EventKind, on: &str) -> Entry {
    Entry::Step(Step {
        kind,
        on: day(on),
        until: None,
        ground: None,
        notice_seen: None,
        note: String::new(),
    })
}

async fn log(
    app: &TestApp,
    request: sundial::domain::ids::RequestId,
) -> Vec<sundial::domain::event::Event> {
    let by = app.scope(Who::Researcher);
    events::list_for_request(app.app.store.read(), &by, request)
        .await
        .expect("the log")
}

fn receipt(on: &str, after_hours: bool) -> Receipt {
    Receipt {
        on: day(on),
        evidence: Evidence::CertifiedPost,
        note: "green card".to_owned(),
        after_hours,
    }
}

both_databases!(a_receipt_and_its_correction_tell_what_they_move, |app| {
    let case = case(app, 61, "records@alder.example").await;
    let by = app.scope(Who::Researcher);
    let start = app.app.clock.now().date_naive();
    let iso = |days: u64| (start + chrono::Days::new(days)).to_string();
    app.later(chrono::Duration::days(20)).await;
    let now = app.app.clock.now();
    let moved = record_receipt(&app.app, &by, case.request, receipt(&iso(3), false), now)
        .await
        .expect("recorded");
    assert!(
        moved.iter().any(|moved| moved.id == "acknowledge"),
        "{moved:?}"
    );
    let before = moved
        .iter()
        .find(|moved| moved.id == "acknowledge")
        .and_then(|moved| moved.after_on);
    // An earlier proof counts; taken back, the later one counts again.
    let moved = record_receipt(&app.app, &by, case.request, receipt(&iso(1), false), now)
        .await
        .expect("recorded");
    assert_eq!(moved[0].before_on, before);
    let entry = log(app, case.request)
        .await
        .into_iter()
        .rev()
        .find(|event| matches!(event.what, Happening::ReceiptRecorded { .. }))
        .expect("the receipt");
    let mistake = |why: &str| Entry::Withdraw {
        entry: entry.id,
        why: why.to_owned(),
    };
    let refused = record_step(&app.app, &by, case.request, &mistake(" "), now).await;
    assert!(matches!(
        refused,
        Err(NotRecorded::Wrong { field: "why", .. })
    ));
    let moved = record_step(
        &app.app,
        &by,
        case.request,
        &mistake("Another office's card."),
        now,
    )
    .await
    .expect("taken back");
    assert_eq!(moved[0].after_on, before);
    let again = record_step(&app.app, &by, case.request, &mistake("Again."), now).await;
    assert!(
        matches!(again, Err(NotRecorded::Wrong { .. })),
        "once is enough"
    );
    let text = serde_json::to_string(&log(app, case.request).await.last().expect("a line").what)
        .expect("plain data");
    assert!(
        text.contains("Another office's card."),
        "the reason stays to be read"
    );
});

both_databases!(steps_move_the_clocks_and_a_preview_records_nothing, |app| {
    let case = case(app, 62, "records@alder.example").await;
    let by = app.scope(Who::Researcher);
    let start = app.app.clock.now().date_naive();
    let on = |days: u64| start + chrono::Days::new(days);
    app.later(chrono::Duration::days(40)).await;
    let now = app.app.clock.now();
    let early = record_step(
        &app.app,
        &by,
        case.request,
        &step(EventKind::Sued, &on(5).to_string()),
        now,
    )
    .await;
    assert!(
        matches!(early, Err(NotRecorded::Wrong { field: "step", .. })),
        "no clock runs before the receipt"
    );
    record_receipt(
        &app.app,
        &by,
        case.request,
        receipt(&on(2).to_string(), true),
        now,
    )
    .await
    .expect("recorded");
    let denied = Sorting {
        what: ReplyKind::Denied,
        on: on(9),
        until: None,
        amount_cents: None,
        note: String::new(),
        detail: Default::default(),
    };
    let moved = sort_reply(&app.app, &by, case.request, None, vec![denied], now)
        .await
        .expect("sorted");
    assert!(
        moved
            .iter()
            .any(|moved| moved.ours && moved.says.contains("this limit now runs")),
        "our own time opens with the denial: {moved:?}"
    );
    let sued = step(EventKind::Sued, &on(12).to_string());
    let lines = log(app, case.request).await.len();
    let shown = what_moves(&app.app, &by, case.request, &sued, now)
        .await
        .expect("a preview");
    assert!(shown.iter().any(|moved| moved.id == "sue"));
    assert_eq!(
        log(app, case.request).await.len(),
        lines,
        "nothing was recorded"
    );
    let done = record_step(&app.app, &by, case.request, &sued, now)
        .await
        .expect("recorded");
    assert_eq!(done, shown);
    let twice = record_step(&app.app, &by, case.request, &sued, now).await;
    assert!(matches!(
        twice,
        Err(NotRecorded::Wrong { field: "step", .. })
    ));
    // Taken back, a sorted reply no longer sets the status.
    let denial = that_count(&log(app, case.request).await)
        .find(|event| matches!(event.what, Happening::ReplySorted { .. }))
        .map(|event| event.id)
        .expect("the denial");
    let back = Entry::Withdraw {
        entry: denial,
        why: "It was about another request.".to_owned(),
    };
    record_step(&app.app, &by, case.request, &back, now)
        .await
        .expect("taken back");
    assert_ne!(
        standing(&log(app, case.request).await).status,
        Status::Denied
    );
    // A rule that this law does not have.
    let unknown = Entry::Condition {
        key: "festival".to_owned(),
        holds: true,
        note: String::new(),
    };
    let refused = record_step(&app.app, &by, case.request, &unknown, now).await;
    assert!(matches!(
        refused,
        Err(NotRecorded::Wrong {
            field: "conditions",
            ..
        })
    ));
    let team = app.scope(Who::Team);
    let refused = record_step(&app.app, &team, case.request, &sued, now).await;
    assert!(matches!(
        refused,
        Err(NotRecorded::Other(ActionError::Forbidden(_)))
    ));
});

both_databases!(the_page_records_and_shows_again_what_does_not_fit, |app| {
    let case = case(app, 63, "records@alder.example").await;
    let by = app.scope(Who::Researcher);
    let start = app.app.clock.now().date_naive();
    app.later(chrono::Duration::days(30)).await;
    let now = app.app.clock.now();
    let had = (start + chrono::Days::new(1)).to_string();
    record_receipt(&app.app, &by, case.request, receipt(&had, false), now)
        .await
        .expect("recorded");
    let researcher = app.as_who(Who::Researcher).await;
    let page = app.path(&format!("requests/{}/record", case.request));
    researcher
        .get(&page)
        .await
        .is(200)
        .says("What the clocks count on");
    let on = (start + chrono::Days::new(3)).to_string();
    let extended = [
        ("step", "extended"),
        ("on", on.as_str()),
        ("until", ""),
        ("ground", ""),
        ("note", "by telephone"),
    ];
    researcher
        .post(&page, &page, &extended)
        .await
        .is(422)
        .says("Say whether you have seen their notice")
        .says("by telephone");
    let mut seen = extended.to_vec();
    seen.extend([("notice_seen", "yes"), ("press", "preview")]);
    researcher
        .post(&page, &page, &seen)
        .await
        .is(200)
        .says("Nothing is recorded yet");
    seen.pop();
    seen.push(("press", "record"));
    researcher.post(&page, &page, &seen).await.is(303);
    researcher
        .get(&app.path(&format!("requests/{}", case.request)))
        .await
        .says("The agency took more time")
        .says("notice seen");
    app.as_who(Who::Team).await.get(&page).await.is(403);
});
