//! Letters, sources, small cells, and what cannot be constructed.

use super::*;
use crate::domain::document::{Document, PDF, Sha256};
use crate::domain::fact::{Check, CheckedFact, Fact, Reading, Typed, Verdict};
use crate::domain::ids::{AgencyId, DocumentId, FactId, UserId};
use crate::domain::review::{Clearance, Cleared, Decision};

fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date in a test")
}

fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    on(text).and_hms_opt(9, 0, 0).expect("an hour").and_utc()
}

fn cleared(name: &str, media_type: &str, pages: Option<u32>) -> Cleared<Document> {
    let id = DocumentId::new();
    let sha256 = Sha256::of(name.as_bytes());
    let document = Document {
        id,
        sha256,
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes: 1,
        pages,
        received_on: on("2026-01-27"),
        agency: None,
        request: None,
        uploaded_by: None,
    };
    let clearance = Clearance {
        document: id,
        sha256,
        decision: Decision::Clear,
        by: UserId::new(),
        at: at("2026-02-02"),
    };
    Cleared::confirm(document, id, &sha256, &clearance).expect("cleared")
}

fn source(name: &str, pages: u32) -> ExhibitSource {
    ExhibitSource {
        document: cleared(name, PDF, Some(pages)),
        title: name.to_owned(),
        agency: "Alder County Sheriff".to_owned(),
        request_number: Some("S-0001".to_owned()),
    }
}

fn checked(source: &ExhibitSource, metric: &str, value: &str, page: u32) -> CheckedFact {
    let typed = Typed {
        metric: metric.to_owned(),
        period_start: "2025-01-01".to_owned(),
        period_end: "2025-12-31".to_owned(),
        value: value.to_owned(),
        count_basis: "forms".to_owned(),
        quote: "as stated".to_owned(),
        page: page.to_string(),
        ..Typed::default()
    };
    let fact = Fact {
        id: FactId::new(),
        agency: AgencyId::new(),
        request: None,
        document: source.document.document(),
        reading: Reading::parse(&typed, None).expect("it reads"),
        quote_found: true,
        flags: Vec::new(),
        entered_by: UserId::new(),
        entered_at: at("2026-02-03"),
        withdrawn: false,
    };
    let check = Check {
        fact: fact.id,
        verdict: Verdict::Agrees,
        by: UserId::new(),
        at: at("2026-02-04"),
    };
    CheckedFact::confirm(fact, &[check], &source.document).expect("checked")
}

fn row(
    source: &ExhibitSource,
    exhibits: &Exhibits,
    metric: &str,
    value: &str,
    page: u32,
) -> Result<FigureRow, NotARow> {
    FigureRow::new(
        &checked(source, metric, value, page),
        "Alder County Sheriff",
        source.document.sha256(),
        exhibits,
        on("2026-02-04"),
    )
}

#[test]
fn letters_run_past_z() {
    let cases = [
        (0, "A"),
        (2, "C"),
        (25, "Z"),
        (26, "AA"),
        (27, "AB"),
        (51, "AZ"),
        (52, "BA"),
        (701, "ZZ"),
        (702, "AAA"),
    ];
    for (place, letter) in cases {
        assert_eq!(Letter::nth(place).to_string(), letter);
    }
}

#[test]
fn exhibits_are_lettered_in_order_and_what_has_no_pages_is_handed_back() {
    let sources = vec![
        source("policy.pdf", 3),
        ExhibitSource {
            document: cleared("log.xlsx", "application/vnd.ms-excel", None),
            ..source("log.xlsx", 1)
        },
        source("counts.pdf", 1),
        source("counts.pdf", 1),
        ExhibitSource {
            document: cleared("torn.pdf", PDF, None),
            ..source("torn.pdf", 1)
        },
    ];
    let (exhibits, left_out) = Exhibits::letter(sources);
    let titles: Vec<String> = exhibits
        .iter()
        .map(|e| format!("{} {}", e.letter(), e.title()))
        .collect();
    assert_eq!(titles, ["A policy.pdf", "B counts.pdf"]);
    assert_eq!(
        left_out,
        [
            NotAnExhibit::NotPdf("log.xlsx".to_owned()),
            NotAnExhibit::NoPages("torn.pdf".to_owned())
        ]
    );
    let policy = exhibits.iter().next().expect("the first");
    assert_eq!(policy.page(0), None);
    assert_eq!(policy.page(4), None);
    assert_eq!(
        policy.page(3).map(|t| t.to_string()),
        Some("Exhibit A, p. 3".to_owned())
    );
}

#[test]
fn a_finding_or_figure_without_an_exhibit_cannot_be_made() {
    assert_eq!(
        Finding::new("The county holds nobody.", Vec::new()),
        Err(Unsourced)
    );
    let (counts, other) = (source("counts.pdf", 2), source("other.pdf", 1));
    let (exhibits, _) = Exhibits::letter(vec![counts.clone()]);
    assert!(row(&counts, &exhibits, "detainers_received", "214", 2).is_ok());
    assert_eq!(
        row(&counts, &exhibits, "detainers_received", "214", 3),
        Err(NotARow::NoSuchPage("Detainers received"))
    );
    assert_eq!(
        row(&other, &exhibits, "detainers_received", "214", 1),
        Err(NotARow::NoExhibit("Detainers received"))
    );
}

#[test]
fn a_breakdown_with_a_small_cell_stays_inside_whole() {
    let counts = source("counts.pdf", 1);
    let (exhibits, _) = Exhibits::letter(vec![counts.clone()]);
    let rows = |cells: &[(&str, &str)]| {
        FigureTable::new(
            cells
                .iter()
                .map(|(metric, value)| row(&counts, &exhibits, metric, value, 1).expect("a row"))
                .collect(),
        )
    };
    let shown = |table: &FigureTable| -> Vec<String> {
        table.rows().iter().map(|row| row.shown()).collect()
    };
    let small = rows(&[
        ("by_country", "120"),
        ("by_country", "8"),
        ("detainers_received", "5"),
    ]);
    assert_eq!(shown(&small), ["5"], "a total of the agency may show");
    assert_eq!(
        small.withheld(),
        ["Detainers by country, Alder County Sheriff"]
    );
    let safe = rows(&[
        ("by_country", "120"),
        ("by_country", "0"),
        ("by_country", "10"),
    ]);
    assert_eq!(safe.rows().len(), 3);
    assert!(safe.withheld().is_empty());
}

fn timeline_row() -> RequestRow {
    RequestRow {
        number: "S-0001".to_owned(),
        agency: "Alder County Sheriff".to_owned(),
        records: vec!["Yearly totals".to_owned()],
        law: "Public Records Act".to_owned(),
        citation: "RCW 42.56".to_owned(),
        sent_on: Some(on("2026-01-16")),
        receipt: None,
        acknowledged_on: None,
        due: Due::NotRunning {
            why: "receipt is not shown yet".to_owned(),
        },
        extended_to: None,
        answered_on: None,
        answer: None,
        produced_on: None,
        delay: Delay::NoClock,
        ours: String::new(),
        as_of: on("2026-02-04"),
    }
}

fn parts(exhibits: Exhibits, finding: Finding) -> Parts {
    let nothing = || Answer::new(Vec::new(), Vec::new());
    Parts {
        front: Front {
            campaign: "Alder Valley".to_owned(),
            organisation: "Alder Valley Interfaith".to_owned(),
            addressed_to: String::new(),
            goal: "A judge's warrant before anyone is held.".to_owned(),
            asks: vec!["Adopt a judicial-warrant policy.".to_owned()],
            purpose: "To report what the records show.".to_owned(),
            jurisdictions: vec!["Washington".to_owned()],
            edition: 1,
            built_on: on("2026-02-04"),
        },
        agencies: Vec::new(),
        answers: [
            Answer::new(vec![finding], Vec::new()),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
        ],
        figures: FigureTable::default(),
        agreements: Vec::new(),
        timeline: vec![timeline_row()],
        method: Vec::new(),
        limits: Vec::new(),
        exhibits,
    }
}

#[test]
fn a_packet_cites_only_its_own_exhibits_and_needs_an_ask() {
    let (two, _) = Exhibits::letter(vec![source("policy.pdf", 3), source("counts.pdf", 1)]);
    let (one, _) = Exhibits::letter(vec![source("policy.pdf", 3)]);
    let second = two.iter().nth(1).and_then(|e| e.page(1)).expect("a page");
    let finding = Finding::new("It says so.", vec![second]).expect("sourced");
    assert!(Packet::assemble(parts(two.clone(), finding.clone())).is_ok());
    assert_eq!(
        Packet::assemble(parts(one, finding.clone())).err(),
        Some(NotAPacket::ForeignSource(second))
    );
    let mut silent = parts(two.clone(), finding.clone());
    silent.front.asks = vec![" ".to_owned()];
    assert_eq!(Packet::assemble(silent).err(), Some(NotAPacket::NoAsk));
    let mut early = parts(two, finding);
    early.timeline.clear();
    assert_eq!(Packet::assemble(early).err(), Some(NotAPacket::NothingSent));
}

#[test]
fn figures_tell_their_exhibit_who_relies_on_it() {
    let counts = source("counts.pdf", 1);
    let (exhibits, _) = Exhibits::letter(vec![counts.clone()]);
    let figure = row(&counts, &exhibits, "detainers_received", "214", 1).expect("a row");
    let finding = Finding::new("It says so.", vec![*figure.source()]).expect("sourced");
    let mut parts = parts(exhibits, finding);
    parts.figures = FigureTable::new(vec![figure.clone(), figure]);
    let packet = Packet::assemble(parts).expect("a packet");
    let exhibit = packet.exhibits().iter().next().expect("the exhibit");
    assert_eq!(
        exhibit.relied_on_for(),
        ["Detainers received, Alder County Sheriff"]
    );
}

#[test]
fn lateness_is_said_in_the_laws_unit_or_not_at_all() {
    let cases = [
        (
            Delay::Overdue {
                days: 14,
                unit: "business days".to_owned(),
            },
            "14 business days late",
        ),
        (
            Delay::Overdue {
                days: 1,
                unit: "calendar days".to_owned(),
            },
            "1 calendar day late",
        ),
        (Delay::OpenNoLimit { days: 40 }, "40 days, no fixed limit"),
        (Delay::NotYetDue, "not yet due"),
    ];
    for (delay, says) in cases {
        assert_eq!(delay.plain(), says);
    }
}
