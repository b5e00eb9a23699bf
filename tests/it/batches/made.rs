//! A made-up list of agencies, and a batch over it, for the stories of batches.

use chrono::{Duration, NaiveDate};
use sundial::actions::decide_batch::{Verdict, decide_batch};
use sundial::actions::draft_batch::draft_batch;
use sundial::actions::plan_batch::{Plan, add_targets, name_signer, plan_batch};
use sundial::actions::read_batch::{Sheet, read_batch};
use sundial::actions::submit_batch::submit_batch;
use sundial::domain::agency::AgencyKind;
use sundial::domain::agency::contact::{Channel, Purpose};
use sundial::domain::batch::Signer;
use sundial::domain::ids::{AgencyId, BatchId, ContactId, LetterId};
use sundial::domain::letter::LetterKind;
use sundial::domain::request::Format;
use sundial::store::agencies::{self, Agency};
use sundial::store::contacts::{self, Contact};
use sundial::store::{commit, letters};

use crate::support::app::{TestApp, Who};

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// So many county sheriffs in each of these states, each reached by mail at a domain of its own.
pub async fn sheriffs(app: &TestApp, states: &[&str], each: usize) -> Vec<AgencyId> {
    let mut made = Vec::new();
    let mut reached = Vec::new();
    for state in states {
        let zone = match *state {
            "WA" | "CA" => chrono_tz::America::Los_Angeles,
            "IL" | "TX" => chrono_tz::America::Chicago,
            _ => chrono_tz::America::New_York,
        };
        for number in 1..=each {
            let agency = Agency {
                id: AgencyId::new(),
                campaign: app.campaign.id,
                name: format!("Made-up County {number} Sheriff's Office"),
                kind: AgencyKind::County,
                jurisdiction: (*state).to_owned(),
                county: Some(format!("Made-up County {number}")),
                time_zone: zone,
                fiscal_year_start: None,
                source: "made for a test".to_owned(),
                import: None,
                created_by: None,
                created_at: app.app.clock.now(),
            };
            let value = format!("records@county{number}.{}.example", state.to_lowercase());
            reached.push(contact(app, agency.id, &value, "2026-01-05"));
            made.push(agency);
        }
    }
    let tx = app.app.store.begin().await.expect("a change begins");
    agencies::add(&tx, &made)
        .await
        .expect("the agencies are added");
    contacts::add(&tx, &reached)
        .await
        .expect("the contacts are added");
    commit(tx).await.expect("they are there");
    made.iter().map(|agency| agency.id).collect()
}

/// A contact by mail, checked on that day.
pub fn contact(app: &TestApp, agency: AgencyId, value: &str, checked_on: &str) -> Contact {
    Contact {
        id: ContactId::new(),
        campaign: app.campaign.id,
        agency,
        purpose: Purpose::Records,
        channel: Channel::Email,
        name: "Records Officer".to_owned(),
        value: value.to_owned(),
        known_how: "made for a test".to_owned(),
        checked_on: day(checked_on),
        bad_since_at: None,
        added_by: app.id(Who::Researcher),
        added_at: app.app.clock.now(),
    }
}

pub fn plan() -> Plan {
    Plan {
        title: "Detainer numbers".to_owned(),
        words: "The Alder Coalition is a group of residents who ask for public figures.".to_owned(),
        records: vec!["detainer_summary".to_owned(), "detainer_policy".to_owned()],
        period: "2023-01-01..2025-12-31".parse().expect("a period"),
        fiscal_years: None,
        format: Format::Native,
        fee_ceiling_cents: 5_000,
        send_on: day("2026-01-13"),
    }
}

/// A batch over these agencies, with a resident named for Virginia.
pub async fn planned(app: &TestApp, agencies: &[AgencyId]) -> BatchId {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let id = plan_batch(&app.app, &by, plan(), now)
        .await
        .expect("a batch is planned");
    let added = add_targets(&app.app, &by, id, agencies)
        .await
        .expect("agencies are added");
    assert_eq!(added, agencies.len() as u64);
    let signer = Signer {
        name: "Jordan Reed".to_owned(),
        address: "4 Quarry Road, Alderton, VA".to_owned(),
    };
    name_signer(&app.app, &by, id, "VA", signer)
        .await
        .expect("a resident is named");
    id
}

pub async fn sheet(app: &TestApp, id: BatchId) -> Sheet {
    read_batch(
        &app.app,
        &app.scope(Who::Researcher),
        id,
        app.app.clock.now(),
    )
    .await
    .expect("the batch reads")
}

/// Every letter of the batch with its hash, as counsel's page names them.
pub async fn texts(app: &TestApp, id: BatchId) -> Vec<(LetterId, String)> {
    let by = app.scope(Who::Researcher);
    let requests: Vec<_> = sheet(app, id)
        .await
        .rows
        .iter()
        .filter_map(|row| row.target.request)
        .collect();
    letters::list_latest(app.app.store.read(), &by, &requests, "request")
        .await
        .expect("the letters read")
        .into_iter()
        .map(|letter| (letter.id, letter.sha256))
        .collect()
}

/// A batch over these agencies, drafted, and approved by counsel.
pub async fn approved(app: &TestApp, agencies: &[AgencyId]) -> BatchId {
    let id = planned(app, agencies).await;
    let (rosa, carmen) = (app.scope(Who::Researcher), app.scope(Who::Counsel));
    let now = app.app.clock.now();
    draft_batch(&app.app, &rosa, id, now)
        .await
        .expect("drafting starts");
    app.settle().await;
    approve_all(app, id, &rosa, &carmen).await;
    id
}

pub async fn approve_all(
    app: &TestApp,
    id: BatchId,
    rosa: &sundial::actions::Scope,
    carmen: &sundial::actions::Scope,
) {
    let now = app.app.clock.now();
    let submitted = submit_batch(&app.app, rosa, id, now)
        .await
        .expect("they go to counsel");
    assert!(submitted.left.is_empty(), "{:?}", submitted.left);
    let all = texts(app, id).await;
    let decided = decide_batch(
        &app.app,
        carmen,
        id,
        LetterKind::Request,
        &all,
        &Verdict::Approve,
        now,
    )
    .await
    .expect("counsel decides");
    assert_eq!(
        (decided.done, decided.left.len()),
        (all.len(), 0),
        "{:?}",
        decided.left
    );
}

/// Moves the clock past every lease, so that work cut off is taken up again.
pub fn past_the_lease(app: &TestApp) {
    app.app
        .clock
        .set(app.app.clock.now() + Duration::minutes(21));
}
