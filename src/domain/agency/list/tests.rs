//! Lists as they come: stray spaces, days that cannot be read, columns that are not there.

use super::*;

fn rows(lines: &[&[&str]]) -> Vec<Vec<String>> {
    lines
        .iter()
        .map(|line| line.iter().map(|cell| (*cell).to_owned()).collect())
        .collect()
}

const HEAD: &[&str] = &[
    "STATE",
    "LAW ENFORCEMENT AGENCY",
    "TYPE",
    "COUNTY",
    "SUPPORT TYPE",
    "SIGNED",
    "MOA",
    "ADDENDUM",
];

#[test]
fn days_are_read_or_not_guessed() {
    let on = NaiveDate::from_ymd_opt(2025, 6, 25);
    for words in [
        "2025-06-25",
        "2025-06-25 00:00:00",
        "2025-06-25T00:00:00",
        "6/25/2025",
        "06/25/2025 ",
        "45833",
        "45833.0",
    ] {
        assert_eq!(day(words), on, "{words}");
    }
    for words in [
        "",
        "7/72025",
        "05/082025",
        "25/6/2025",
        "6/25/25",
        "soon",
        "12",
        "2025-13-01",
    ] {
        assert_eq!(day(words), None, "{words}");
    }
}

#[test]
fn a_participating_list_is_read_with_its_stray_spaces() {
    let lines = read_agreements(&rows(&[
        &["Participating agencies"],
        HEAD,
        &[
            "FLORIDA",
            "Alder County Sheriff’s  Office ",
            "County",
            "Alder County ",
            "Task Force Model ",
            "2025-07-02",
            "link pending ",
            "",
        ],
        &[
            "FLORIDA",
            "Birch Police Department",
            "Municipality",
            "#N/A",
            "Warrant Service Officer",
            "7/72025",
            "link",
            "link",
        ],
        &["", "", "", "", "", "", "", ""],
        &[
            "GUAM",
            "Cedar Police",
            "Municipality",
            "",
            "Task Force Model",
            "",
            "",
            "",
        ],
        &[
            "TEXAS",
            "Dogwood County Jail",
            "County",
            "Dogwood County",
            "Tunnel Model",
            "",
            "",
            "",
        ],
        &["", "", ""],
    ]))
    .expect("the columns are there");
    assert_eq!(lines.len(), 4, "empty lines are no lines");
    let Line::Agency(alder) = &lines[0] else {
        panic!("line 3 names an agency")
    };
    assert_eq!(alder.line, 3);
    assert_eq!(alder.name, "Alder County Sheriff's Office");
    assert_eq!(alder.county.as_deref(), Some("Alder County"));
    let agreement = alder.agreement.as_ref().expect("an agreement");
    assert_eq!(agreement.model, AgreementModel::Tfm);
    assert_eq!(agreement.status, AgreementStatus::Signed);
    assert_eq!(agreement.paper, Paper::LinkPending);
    assert_eq!(agreement.addendum, Paper::NotStated);
    let Line::Agency(birch) = &lines[1] else {
        panic!("line 4 names an agency")
    };
    assert_eq!(birch.county, None, "#N/A is no county");
    assert_eq!(birch.agreement.as_ref().and_then(|a| a.signed_on), None);
    assert!(birch.remarks[0].contains("7/72025"), "{:?}", birch.remarks);
    assert!(
        matches!(&lines[2], Line::Unusable { line: 6, why, .. } if why.contains("GUAM")),
        "{:?}",
        lines[2]
    );
    assert!(
        matches!(&lines[3], Line::Unusable { line: 7, why, .. } if why.contains("Tunnel Model")),
        "{:?}",
        lines[3]
    );
}

#[test]
fn a_list_without_a_signed_column_is_the_pending_one() {
    let lines = read_agreements(&rows(&[
        &[
            "STATE",
            "LAW ENFORCEMENT AGENCY",
            "TYPE",
            "COUNTY",
            "SUPPORT TYPE",
        ],
        &[
            "TEXAS",
            "Alder Police Department",
            "Municipality",
            "#NA",
            "Task Force Model",
        ],
    ]))
    .expect("the columns are there");
    let Line::Agency(alder) = &lines[0] else {
        panic!("it names an agency")
    };
    assert_eq!(
        alder.agreement.as_ref().map(|a| a.status),
        Some(AgreementStatus::Pending)
    );
}

#[test]
fn a_missing_column_is_named_with_what_was_found() {
    let wrong = read_agreements(&rows(&[
        &["STATE", "LAW ENFORCEMENT AGENCY", "TYPE"],
        &["TEXAS", "Alder County Jail", "County"],
    ]))
    .expect_err("SUPPORT TYPE is missing");
    let sentence = wrong.to_string();
    assert!(sentence.contains("no column “SUPPORT TYPE”"), "{sentence}");
    assert!(
        sentence.contains("STATE, LAW ENFORCEMENT AGENCY, TYPE"),
        "{sentence}"
    );
    assert_eq!(read_agreements(&rows(&[&["", ""]])), Err(BadList::Empty));
    assert_eq!(read_agreements(&[]), Err(BadList::Empty));
    assert_eq!(read_agreements(&rows(&[HEAD])), Err(BadList::NoLines));
}

#[test]
fn a_contact_of_a_list_needs_its_provenance() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
    let lines = read_agencies(
        &rows(&[
            &[
                "Name",
                "State",
                "County",
                "Type",
                "Records E-mail",
                "Known how",
                "Checked on",
            ],
            &[
                "Alder County Jail",
                "WA",
                "Alder",
                "",
                "records@alder.example",
                "its records page",
                "2026-11-20",
            ],
            &[
                "Birch County Jail",
                "WA",
                "Birch",
                "County",
                "records@birch.example",
                "",
                "2026-11-20",
            ],
            &["Cedar County Jail", "WA", "Cedar", "Moon base", "", "", ""],
            &["", "WA", "Elm", "County", "", "", ""],
        ]),
        today,
    )
    .expect("the columns are there");
    let agency = |at: usize| match &lines[at] {
        Line::Agency(agency) => agency,
        Line::Unusable { why, .. } => panic!("{why}"),
    };
    assert_eq!(
        agency(0).contacts.first().map(|c| c.value.as_str()),
        Some("records@alder.example")
    );
    assert_eq!(agency(0).kind, AgencyKind::CountyJail);
    assert!(agency(1).contacts.is_empty());
    assert!(
        agency(1).remarks[0].contains("known_how"),
        "{:?}",
        agency(1).remarks
    );
    assert!(
        agency(2).remarks[0].contains("Moon base"),
        "{:?}",
        agency(2).remarks
    );
    assert!(matches!(&lines[3], Line::Unusable { line: 5, .. }));
}

/// As the importer reads a list whose headings tell which column is which.
fn read_agencies(rows: &[Vec<String>], today: NaiveDate) -> Result<Vec<Line>, BadList> {
    read_mapped(
        rows,
        0,
        &crate::domain::agency::columns::suggest(&rows[0]),
        today,
    )
}

#[test]
fn every_channel_has_its_column_and_a_quoted_formula_is_text() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
    let lines = read_agencies(
        &rows(&[
            &[
                "name",
                "state",
                "purpose",
                "records_email",
                "portal",
                "fax",
                "known_how",
                "checked_on",
                "other_names",
                "jail_system",
                "fiscal_year_start",
                "fiscal_year_source",
            ],
            &[
                "'=Alder County Jail",
                "federal",
                "Appeals",
                "not an address",
                "https://alder.example/records",
                "555 010 0199",
                "its page",
                "2026-11-20",
                "Alder Jail; ; The Alder",
                "JMS-7",
                "10-01",
                "its budget book",
            ],
        ]),
        today,
    )
    .expect("it reads");
    let Line::Agency(alder) = &lines[0] else {
        panic!("it names an agency")
    };
    assert_eq!(alder.name, "=Alder County Jail");
    assert_eq!(alder.jurisdiction, "US");
    assert_eq!(alder.other_names, ["Alder Jail", "The Alder"]);
    assert_eq!(alder.jail_system, "JMS-7");
    let (start, source) = alder.fiscal_year.clone().expect("its fiscal year");
    assert_eq!(
        (String::from(start).as_str(), source.as_str()),
        ("10-01", "its budget book")
    );
    assert_eq!(alder.contacts.len(), 2, "the address is left out");
    assert!(
        alder
            .contacts
            .iter()
            .all(|way| way.purpose == Purpose::Appeals)
    );
    assert!(alder.remarks[0].contains("not an address"));
}
