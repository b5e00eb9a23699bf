//! Which agency a line means: tables of lines as lists write them.

use super::*;
use crate::domain::agency::AgencyKind;
use crate::domain::agency::plan::{KnownAgency, KnownAgreement};
use crate::domain::ids::AgreementId;

fn listed(line: u32, called: &str, county: Option<&str>, model: AgreementModel) -> Line {
    Line::Agency(ListedAgency {
        line,
        name: called.to_owned(),
        jurisdiction: "TX".to_owned(),
        county: county.map(str::to_owned),
        kind: AgencyKind::County,
        agreement: Some(ListedAgreement {
            model,
            status: AgreementStatus::Signed,
            signed_on: NaiveDate::from_ymd_opt(2025, 6, 25),
            paper: Paper::LinkPending,
            addendum: Paper::NotStated,
        }),
        contacts: Vec::new(),
        other_names: Vec::new(),
        jail_system: String::new(),
        fiscal_year: None,
        remarks: Vec::new(),
    })
}

/// What the campaign holds after a plan was carried out.
fn after(plan: &Plan) -> Known {
    let mut known = Known::default();
    let mut ids: HashMap<u32, AgencyId> = HashMap::new();
    for line in &plan.lines {
        let id = match &line.agency {
            AgencyStep::Add => {
                let id = AgencyId::new();
                ids.insert(line.line, id);
                known.agencies.push(KnownAgency {
                    id,
                    name: line.name.clone(),
                    jurisdiction: line.jurisdiction.clone(),
                    county: line.county.clone(),
                    also: Vec::new(),
                });
                id
            }
            AgencyStep::Known { id, .. } => *id,
            AgencyStep::SameAs { line } => ids[line],
        };
        if let Some(AgreementStep::Add { agreement }) = &line.agreement {
            known.agreements.push(KnownAgreement {
                id: AgreementId::new(),
                listed: true,
                agency: id,
                model: agreement.model,
                status: agreement.status,
                signed_on: agreement.signed_on,
                paper: agreement.paper,
                addendum: agreement.addendum,
            });
        }
    }
    known
}

#[test]
fn one_agency_holds_several_models_and_a_second_import_changes_nothing() {
    let read = [
        listed(
            2,
            "Alder County Sheriff's Office",
            Some("Alder County"),
            AgreementModel::Tfm,
        ),
        listed(
            3,
            "Alder County Sheriff’s Office",
            Some("Alder County "),
            AgreementModel::Wso,
        ),
        listed(
            4,
            "Alder County Sheriff's Office",
            Some("Aldr County"),
            AgreementModel::Jem,
        ),
        listed(
            5,
            "Alder County Sheriff's Office",
            Some("Alder County"),
            AgreementModel::Tfm,
        ),
        listed(6, "Cedar Police Department", None, AgreementModel::Tfm),
    ];
    let first = plan(ListKind::Agreements, &read, &Known::default());
    let summary = first.summary();
    assert_eq!(summary.lines, 5);
    assert_eq!(summary.agencies_added, 2);
    assert_eq!(summary.agreements_added, 4);
    assert_eq!(summary.agreements_same, 1);
    assert_eq!(first.lines[1].agency, AgencyStep::SameAs { line: 2 });
    assert!(first.lines[2].remarks[0].contains("one letter off"));
    assert!(first.lines[3].remarks[0].contains("line 2"));
    let second = plan(ListKind::Agreements, &read, &after(&first));
    assert!(second.summary().changes_nothing(), "{:?}", second.summary());
    assert_eq!(second.summary().agencies_matched, 2);
    assert!(second.lines.iter().all(|line| !line.writes()));
}

#[test]
fn the_same_name_in_two_counties_is_two_agencies() {
    let read = [
        listed(
            2,
            "Springfield Police Department",
            Some("Alder County"),
            AgreementModel::Tfm,
        ),
        listed(
            3,
            "Springfield Police Department",
            Some("Birch County"),
            AgreementModel::Tfm,
        ),
        listed(
            4,
            "Springfield Police Department",
            None,
            AgreementModel::Wso,
        ),
    ];
    let planned = plan(ListKind::Agreements, &read, &Known::default());
    assert_eq!(planned.summary().agencies_added, 2);
    assert_eq!(planned.skipped.len(), 1, "line 4 could be either");
    assert!(planned.skipped[0].why.contains("no county"));
}

#[test]
fn a_department_is_matched_under_its_other_spelling() {
    let known = Known {
        agencies: vec![KnownAgency {
            id: AgencyId::new(),
            name: "Texas Department of Criminal Justice".to_owned(),
            jurisdiction: "TX".to_owned(),
            county: None,
            also: Vec::new(),
        }],
        ..Known::default()
    };
    let read = [listed(
        2,
        "Texas Department of Corrections",
        None,
        AgreementModel::Jem,
    )];
    let planned = plan(ListKind::Agreements, &read, &known);
    assert!(matches!(planned.lines[0].agency, AgencyStep::Known { .. }));
    assert_eq!(planned.summary().agreements_added, 1);
}

#[test]
fn news_changes_an_agreement_and_old_news_does_not() {
    let first = plan(
        ListKind::Agreements,
        &[listed(
            2,
            "Alder County Jail",
            Some("Alder"),
            AgreementModel::Wso,
        )],
        &Known::default(),
    );
    let known = after(&first);
    let mut newer = listed(2, "Alder County Jail", Some("Alder"), AgreementModel::Wso);
    if let Line::Agency(ListedAgency {
        agreement: Some(agreement),
        ..
    }) = &mut newer
    {
        agreement.paper = Paper::Linked;
    }
    let planned = plan(ListKind::Agreements, std::slice::from_ref(&newer), &known);
    assert!(
        matches!(&planned.lines[0].agreement, Some(AgreementStep::Change { words, .. }) if words.contains("on ICE's list")),
        "{:?}",
        planned.lines[0].agreement
    );
    let mut pending = newer;
    if let Line::Agency(ListedAgency {
        agreement: Some(agreement),
        ..
    }) = &mut pending
    {
        agreement.status = AgreementStatus::Pending;
    }
    let planned = plan(ListKind::Agreements, &[pending], &known);
    assert_eq!(planned.lines[0].agreement, Some(AgreementStep::Same));
    assert!(planned.lines[0].remarks[0].contains("as signed"));
}

#[test]
fn what_left_the_list_is_shown_and_comes_back_as_a_change() {
    let alder = listed(2, "Alder County Jail", Some("Alder"), AgreementModel::Wso);
    let birch = listed(3, "Birch County Jail", Some("Birch"), AgreementModel::Jem);
    let whole = [alder.clone(), birch];
    let known = after(&plan(ListKind::Agreements, &whole, &Known::default()));
    assert!(plan(ListKind::Agreements, &whole, &known).ends.is_empty());

    let shorter = plan(ListKind::Agreements, std::slice::from_ref(&alder), &known);
    assert_eq!(shorter.ends.len(), 1);
    assert_eq!(shorter.ends[0].name, "Birch County Jail");
    assert_eq!(shorter.summary().agreements_ended, 1);
    assert!(!shorter.summary().changes_nothing());
    let part = Choices {
        part_only: true,
        ..Choices::default()
    };
    let part = plan_chosen(
        ListKind::Agreements,
        std::slice::from_ref(&alder),
        &known,
        &part,
    );
    assert!(part.ends.is_empty());

    // What a person put in by hand never leaves a list, and a pending list ends nothing that is signed.
    let mut by_hand = known.clone();
    for agreement in &mut by_hand.agreements {
        agreement.listed = false;
    }
    assert!(
        plan(ListKind::Agreements, std::slice::from_ref(&alder), &by_hand)
            .ends
            .is_empty()
    );
    let mut pending = alder.clone();
    if let Line::Agency(ListedAgency {
        agreement: Some(agreement),
        ..
    }) = &mut pending
    {
        agreement.status = AgreementStatus::Pending;
    }
    assert!(
        plan(ListKind::Agreements, &[pending], &known)
            .ends
            .is_empty()
    );

    let mut off = known;
    for agreement in &mut off.agreements {
        agreement.status = AgreementStatus::OffList;
    }
    let back = plan(ListKind::Agreements, &whole, &off);
    assert_eq!(back.summary().agreements_changed, 2);
    assert!(
        matches!(&back.lines[0].agreement, Some(AgreementStep::Change { words, .. }) if words.starts_with("no longer on ICE's list becomes signed"))
    );
}

#[test]
fn a_county_has_one_sheriff_and_a_person_can_say_otherwise() {
    let office = listed(
        2,
        "Alder County Sheriff's Office",
        Some("Alder"),
        AgreementModel::Wso,
    );
    let dept = listed(
        3,
        "Alder County Sheriff Dept.",
        Some("Alder"),
        AgreementModel::Jem,
    );
    let other = listed(
        4,
        "Alder County Sheriff Dept.",
        Some("Birch"),
        AgreementModel::Jem,
    );
    let read = [office, dept, other];
    let planned = plan(ListKind::Agreements, &read, &Known::default());
    assert_eq!(planned.lines[1].agency, AgencyStep::SameAs { line: 2 });
    assert!(planned.lines[1].remarks[0].contains("same sheriff"));
    assert_eq!(planned.lines[2].agency, AgencyStep::Add);

    let known = after(&planned);
    let into = known.agencies[1].id;
    let choices = Choices {
        lines: [
            (
                2,
                Choice::New {
                    reason: "it moved".to_owned(),
                },
            ),
            (
                3,
                Choice::Skip {
                    reason: "a slip".to_owned(),
                },
            ),
            (
                4,
                Choice::Merge {
                    agency: into,
                    reason: "I called".to_owned(),
                },
            ),
        ]
        .into(),
        part_only: false,
    };
    let chosen = plan_chosen(ListKind::Agreements, &read, &known, &choices);
    assert_eq!(chosen.lines[0].agency, AgencyStep::Add);
    assert_eq!(chosen.lines[0].chosen.as_deref(), Some("it moved"));
    assert!(matches!(chosen.lines[1].agency, AgencyStep::Known { id, .. } if id == into));
    assert_eq!(chosen.skipped.len(), 1);
    assert!(chosen.skipped[0].chosen && chosen.skipped[0].why.contains("a slip"));
}
