//! Named sets of agencies: by rule and by hand, each member with its reason, and their use as a filter.

use chrono::NaiveDate;
use sundial::actions::add_agency::{AgencyParticulars, add_agency};
use sundial::actions::hold_agreement::{NewAgreement, add_agreement};
use sundial::actions::keep_set;
use sundial::domain::agency::set::Rule;
use sundial::domain::agency::{AgencyKind, AgreementModel, AgreementStatus};
use sundial::domain::ids::AgencyId;
use sundial::store::agency_sets::list_members;

use crate::both_databases;
use crate::support::app::{TestApp, Who};

/// Monday 12 January 2026, the day of the tests.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 12).expect("a day")
}

/// An agency put in by hand.
pub async fn agency(app: &TestApp, name: &str, state: &str, kind: AgencyKind) -> AgencyId {
    let new = AgencyParticulars {
        name: name.to_owned(),
        kind,
        jurisdiction: state.to_owned(),
        county: None,
        time_zone: None,
        fiscal_year_start: None,
        source: "invented for the test".to_owned(),
    };
    add_agency(
        &app.app,
        &app.scope(Who::Researcher),
        new,
        app.app.clock.now(),
    )
    .await
    .expect("an agency is added")
}

/// An agreement as a person types it.
pub fn agreement(model: AgreementModel, status: AgreementStatus) -> NewAgreement {
    NewAgreement {
        model,
        status,
        title: String::new(),
        signed_on: NaiveDate::from_ymd_opt(2025, 5, 8),
        effective_on: None,
        ended_on: (status == AgreementStatus::Ended).then(today),
        source: "The county's own page".to_owned(),
        url: "https://alder.example/287g".to_owned(),
        read_on: today(),
        document: None,
        note: String::new(),
    }
}

both_databases!(a_set_by_rule_follows_and_one_by_hand_stays, |app| {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let db = app.app.store.read();
    let jail = agency(app, "Alder County Jail", "VA", AgencyKind::CountyJail).await;
    let other = agency(app, "Birch County Jail", "VA", AgencyKind::CountyJail).await;
    let away = agency(app, "Cedar County Jail", "NC", AgencyKind::CountyJail).await;
    for id in [jail, away] {
        let new = agreement(AgreementModel::Wso, AgreementStatus::Signed);
        add_agreement(&app.app, &by, id, new, today(), now)
            .await
            .expect("an agreement is added");
    }
    let ended = agreement(AgreementModel::Wso, AgreementStatus::Ended);
    add_agreement(&app.app, &by, other, ended, today(), now)
        .await
        .expect("an ended one is added");
    let rule = Rule {
        jurisdictions: vec!["VA".to_owned()],
        kinds: vec![AgencyKind::CountyJail],
        models: vec![AgreementModel::Wso],
        ..Rule::default()
    };
    let set = keep_set::make_set(&app.app, &by, "WSO jails in VA", Some(rule), now)
        .await
        .expect("a set is made");
    let members = list_members(db, &by, set).await.expect("its members");
    assert_eq!(
        members,
        [(
            jail,
            "County jail in VA; holds Warrant service officer (signed 8 May 2025)".to_owned()
        )]
    );
    let frozen = keep_set::freeze_set(&app.app, &by, set, "As of January", now)
        .await
        .expect("it is kept by hand");
    let wso = agreement(AgreementModel::Wso, AgreementStatus::Pending);
    add_agreement(&app.app, &by, other, wso, today(), now)
        .await
        .expect("a pending one is added");
    let count = |id| async move { list_members(db, &by, id).await.expect("members").len() };
    assert_eq!(count(set).await, 2, "the rule follows");
    assert_eq!(count(frozen).await, 1, "the set by hand does not");

    keep_set::add_members(&app.app, &by, frozen, &[away], "its sheriff runs ours", now)
        .await
        .expect("one is added by hand");
    let members = list_members(db, &by, frozen).await.expect("its members");
    assert_eq!(members.len(), 2);
    assert!(members.contains(&(away, "its sheriff runs ours".to_owned())));
    keep_set::add_members(&app.app, &by, set, &[away], "no", now)
        .await
        .expect_err("a rule chooses its members itself");
    keep_set::make_set(&app.app, &by, "As of January", None, now)
        .await
        .expect_err("the name is taken");
    keep_set::make_set(&app.app, &by, "All", Some(Rule::default()), now)
        .await
        .expect_err("a rule must ask for something");

    // Another campaign neither sees the set nor may fill it.
    let elsewhere = app.scope(Who::Elsewhere);
    assert!(
        list_members(db, &elsewhere, set)
            .await
            .expect("nothing")
            .is_empty()
    );
    keep_set::remove_set(&app.app, &elsewhere, set)
        .await
        .expect_err("it is not theirs");
    keep_set::remove_set(&app.app, &by, frozen)
        .await
        .expect("it goes");
    assert_eq!(count(frozen).await, 0);
});
