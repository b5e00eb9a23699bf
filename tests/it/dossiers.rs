//! Dossiers: what gets into an edition, what stays out and why, who builds and who reads.

use chrono::{Duration, NaiveDate};
use sundial::actions::ActionError;
use sundial::actions::build_dossier::{build_dossier, plan};
use sundial::actions::check_fact::check_fact;
use sundial::actions::clear_document::{Ruling, clear_document};
use sundial::actions::record_fact::{Recorded, record_fact};
use sundial::actions::take_document::{Upload, take_document};
use sundial::documents::worker::Limits;
use sundial::domain::agency::AgencyKind;
use sundial::domain::event::{Evidence, Happening, ReplyKind};
use sundial::domain::fact::{Typed, Verdict};
use sundial::domain::ids::{AgencyId, DocumentId, LetterId, RequestId};
use sundial::domain::request::{Format, Period, Reference, Request, RequestItem};
use sundial::domain::review::{Decision, Handling};
use sundial::store::agencies::{self, Agency};
use sundial::store::requests::{self, Kept};
use sundial::store::{access, commit, documents, events};

use crate::both_databases;
use crate::support::app::{TestApp, Who};
use crate::support::papers;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

const PAGE: &str = "Alder County Sheriff, totals for 2025.\nThe jail received 41 detainers and declined 34 of them.";

/// A request that was sent on 12 January and answered with records on 3 February, as the log tells it.
async fn answered(app: &TestApp) -> RequestId {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let agency = Agency {
        id: AgencyId::new(),
        campaign: by.campaign,
        name: "Alder County Sheriff".into(),
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
    let request = Request {
        id: RequestId::new(),
        campaign: by.campaign,
        reference: Reference(1),
        agency: agency.id,
        contact: None,
        jurisdiction: "WA".into(),
        law_version: "of the test".into(),
        title: "Detainer totals".into(),
        period: Period::new(day("2023-01-01"), day("2025-12-31")).expect("a period"),
        format: Format::Native,
        fee_ceiling_cents: 0,
        owner: by.user,
        created_at: now,
    };
    let id = request.id;
    let items: Vec<RequestItem> = ["detainer_summary", "visit_log"]
        .iter()
        .enumerate()
        .map(|(i, key)| RequestItem {
            id: sundial::domain::ids::ItemId::new(),
            position: i as i32 + 1,
            record_key: (*key).to_owned(),
            text: "as the catalogue says".into(),
        })
        .collect();
    let tx = app.app.store.begin().await.expect("a change begins");
    agencies::add(&tx, &[agency]).await.expect("added");
    let kept = Kept {
        request,
        reply_token: "token".into(),
    };
    requests::add(&tx, &kept, &items).await.expect("added");
    let sent = Happening::Sent {
        letter: LetterId::new(),
        version: 1,
        sha256: "of the letter".into(),
        channel: "email".into(),
        evidence: Evidence::DeliveryReceipt,
        receipt_on: Some(day("2026-01-12")),
        letter_kind: None,
        completes: false,
    };
    let produced = Happening::ReplySorted {
        message: None,
        what: ReplyKind::Produced,
        on: day("2026-02-03"),
        until: None,
        amount_cents: None,
        note: String::new(),
        detail: Default::default(),
    };
    for what in [sent, produced] {
        events::record(&tx, by.campaign, Some(id), Some(by.user), now, &what)
            .await
            .expect("recorded");
    }
    commit(tx).await.expect("committed");
    id
}

async fn document(app: &TestApp, request: RequestId, name: &str, text: &str) -> DocumentId {
    let stored = app
        .app
        .files
        .put_bytes(papers::pdf(&[text]))
        .await
        .expect("kept");
    let id = take_document(
        &app.app,
        &app.scope(Who::Researcher),
        Upload {
            stored,
            name: name.to_owned(),
            request: Some(request),
            agency: None,
            received_on: day("2026-01-12"),
        },
        day("2026-01-12"),
        app.app.clock.now(),
    )
    .await
    .expect("taken");
    app.settle().await;
    id
}

async fn clear(app: &TestApp, id: DocumentId) {
    let now = app.app.clock.now() + Duration::minutes(1);
    app.app.clock.set(now);
    let seen = documents::find_for_work(app.app.store.read(), id)
        .await
        .expect("read")
        .expect("there")
        .document
        .sha256;
    let ruling = Ruling {
        decision: Decision::Clear,
        class: Handling::P0,
        comment: String::new(),
        seen,
    };
    clear_document(&app.app, &app.scope(Who::Counsel), id, ruling, now)
        .await
        .expect("cleared");
}

async fn figure(app: &TestApp, document: DocumentId, metric: &str, value: &str, check: bool) {
    let typed = Typed {
        metric: metric.to_owned(),
        period_start: "2025-01-01".into(),
        period_end: "2025-12-31".into(),
        value: value.to_owned(),
        count_basis: "forms".into(),
        quote: "The jail received 41 detainers".into(),
        page: "1".into(),
        ..Typed::default()
    };
    let now = app.app.clock.now();
    let by = app.scope(Who::Researcher);
    let recorded = record_fact(&app.app, &by, document, &typed, &[], now)
        .await
        .expect("recorded");
    let Recorded::Written { fact, .. } = recorded else {
        panic!("the figure reads right: {recorded:?}");
    };
    if check {
        let second = app.scope(Who::SecondResearcher);
        check_fact(&app.app, &second, fact, Verdict::Agrees, "", now)
            .await
            .expect("checked");
    }
}

both_databases!(only_cleared_documents_and_checked_figures_get_in, |app| {
    let counsel = app.scope(Who::Counsel);
    let refused = build_dossier(&app.app, &counsel, app.app.clock.now()).await;
    assert!(
        matches!(&refused, Err(ActionError::Refused(why)) if why.contains("sent")),
        "nothing was sent yet: {refused:?}"
    );
    let request = answered(app).await;
    let good = document(app, request, "totals.pdf", PAGE).await;
    let held = document(app, request, "held-back.pdf", "HELD-PLANT names a person").await;
    clear(app, good).await;
    figure(app, good, "detainers_received", "41", true).await;
    figure(app, good, "detainers_declined", "34", false).await;
    // The records came on 3 February.
    let now = app.app.clock.now() + Duration::days(29);
    app.app.clock.set(now);

    let next = plan(&app.app, &counsel, now).await.expect("planned");
    let says: Vec<String> = next
        .left_out
        .iter()
        .map(|each| format!("{}: {}", each.what, each.why))
        .collect();
    assert!(
        says.iter()
            .any(|s| s.contains("held-back.pdf") && s.contains("not cleared")),
        "{says:?}"
    );
    assert!(
        says.iter()
            .any(|s| s.contains("Detainers declined") && s.contains("second person")),
        "{says:?}"
    );

    let built = build_dossier(&app.app, &counsel, now).await.expect("built");
    assert_eq!(built.dossier.edition, 1);
    let packet = &built.dossier.packet["packet"];
    assert_eq!(packet["exhibits"].as_array().map(Vec::len), Some(1));
    assert_eq!(packet["figures"]["rows"].as_array().map(Vec::len), Some(1));
    assert_eq!(packet["timeline"][0]["delay"]["kind"], "answered_late");
    let json = packet.to_string();
    assert!(!json.contains("HELD-PLANT") && !json.contains("held-back"));
    let bytes = app
        .app
        .files
        .read(&built.dossier.sha256, Limits::BUNDLE.file_bytes)
        .await
        .expect("kept");
    let mut pdf = lopdf::Document::load_mem(&bytes).expect("a PDF");
    assert_eq!(pdf.page_iter().count(), built.dossier.pages as usize);
    pdf.decompress();
    let mut plain = Vec::new();
    pdf.save_to(&mut plain).expect("unpacked");
    assert!(!plain.windows(10).any(|w| w == b"HELD-PLANT"));

    clear(app, held).await;
    let again = build_dossier(&app.app, &counsel, app.app.clock.now())
        .await
        .expect("built again");
    assert_eq!(again.dossier.edition, 2);
    assert_eq!(
        again.dossier.packet["packet"]["exhibits"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
});

both_databases!(members_read_editions_and_strangers_find_none, |app| {
    let request = answered(app).await;
    let good = document(app, request, "totals.pdf", PAGE).await;
    clear(app, good).await;
    let carmen = app.as_who(Who::Counsel).await;
    let place = app.path("dossiers");
    carmen.get(&place).await.is(200).says("No edition yet");
    let edition = carmen.post(&place, &place, &[]).await.leads();
    carmen.get(&edition).await.is(200).says("totals");
    let file = format!("{edition}/file");
    for who in [Who::Team, Who::Researcher] {
        let visitor = app.as_who(who).await;
        visitor.get(&edition).await.is(200);
        visitor.get(&file).await.is(200);
    }
    for who in [Who::Elsewhere, Who::Admin] {
        let visitor = app.as_who(who).await;
        visitor.get(&edition).await.is(404);
        visitor.get(&file).await.is(404);
    }
    let team = app.scope(Who::Team);
    let refused = build_dossier(&app.app, &team, app.app.clock.now()).await;
    assert!(
        matches!(refused, Err(ActionError::Forbidden(_))),
        "{refused:?}"
    );
    let log = access::list_latest(app.app.store.read(), &app.scope(Who::Counsel), 10)
        .await
        .expect("the log");
    assert_eq!(log.iter().filter(|line| line.what == "download").count(), 2);
});
