//! An invented packet for the tests of this workshop: three counties, four requests, figures, exhibits.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::document::{Document, PDF, Sha256};
use crate::domain::fact::{Check, CheckedFact, Fact, Reading, Typed, Verdict};
use crate::domain::ids::{AgencyId, DocumentId, FactId, UserId};
use crate::domain::packet::{
    AgencyEntry, AgreementRow, Answer, Delay, Due, ExhibitSource, Exhibits, FigureRow, FigureTable,
    Finding, Front, Packet, Parts, Pending, Receipt, RequestRow,
};
use crate::domain::review::{Clearance, Cleared, Decision};

pub fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date in a test")
}

fn at(text: &str) -> DateTime<Utc> {
    on(text).and_hms_opt(17, 0, 0).expect("an hour").and_utc()
}

/// A file that an invented agency sent.
pub struct Paper {
    pub title: &'static str,
    pub agency: &'static str,
    pub bytes: Vec<u8>,
    pub pages: u32,
}

fn source(paper: &Paper, number: usize) -> ExhibitSource {
    let id = DocumentId::new();
    let sha256 = Sha256::of(&paper.bytes);
    let document = Document {
        id,
        sha256,
        name: format!("{number}.pdf"),
        media_type: PDF.to_owned(),
        bytes: paper.bytes.len() as u64,
        pages: Some(paper.pages),
        received_on: on("2026-02-03"),
        agency: None,
        request: None,
        uploaded_by: None,
    };
    let clearance = Clearance {
        document: id,
        sha256,
        decision: Decision::Clear,
        by: UserId::new(),
        at: at("2026-02-04"),
    };
    ExhibitSource {
        document: Cleared::confirm(document, id, &sha256, &clearance).expect("cleared"),
        title: paper.title.to_owned(),
        agency: paper.agency.to_owned(),
        request_number: Some(format!("S-{:04}", number + 1)),
    }
}

/// metric, agency, value, count basis, cost basis, definition
type Reads = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const FIGURES: [Reads; 6] = [
    (
        "detainers_received",
        "Alder County Sheriff",
        "214",
        "forms",
        "",
        "A Form I-247A received by fax or e-mail at Central Booking and entered in the hold log",
    ),
    (
        "detainers_received",
        "Bayview County Sheriff",
        "1,204",
        "unknown",
        "",
        "",
    ),
    (
        "detainers_honored_hold",
        "Alder County Sheriff",
        "63",
        "bookings",
        "",
        "Held beyond scheduled release on an immigration hold",
    ),
    (
        "transfers_to_ice",
        "Alder County Sheriff",
        "58",
        "persons",
        "",
        "Released to the custody of ICE, release code 130",
    ),
    (
        "per_diem",
        "Alder County Sheriff",
        "126.50",
        "",
        "average",
        "Average daily cost per inmate, adopted budget 2025, including debt service",
    ),
    (
        "per_diem",
        "Bayview County Sheriff",
        "98",
        "",
        "contract_rate",
        "",
    ),
];

/// A packet whose exhibits are these papers; figures stand on the last of them.
pub fn packet(papers: &[Paper]) -> Packet {
    let sources: Vec<ExhibitSource> = papers
        .iter()
        .enumerate()
        .map(|(i, p)| source(p, i))
        .collect();
    let (exhibits, left_out) = Exhibits::letter(sources.clone());
    assert!(left_out.is_empty());
    let last = sources.last();
    let rows = FIGURES
        .iter()
        .filter_map(|read| last.map(|source| figure(read, source, &exhibits)))
        .collect();
    let first = exhibits.iter().next();
    let cite = |page: u32| first.and_then(|e| e.page(page)).into_iter().collect();
    let findings =
        |text: &str| -> Vec<Finding> { Finding::new(text, cite(1)).into_iter().collect() };
    let late = Pending {
        agency: "Cypress County Sheriff’s Office".to_owned(),
        request_number: "S-0003".to_owned(),
        asked_on: on("2026-01-16"),
        delay: Delay::OpenNoLimit { days: 31 },
        said: None,
    };
    let answers = [
        Answer::new(
            findings(
                "Alder County holds people on a detainer only with a warrant signed by a judge, unless the shift \
                 commander approves an exception in writing; exceptions are not counted.",
            ),
            vec![late.clone()],
        ),
        Answer::new(
            Vec::new(),
            vec![
                Pending {
                    agency: "Alder County Sheriff".to_owned(),
                    request_number: "S-0001".to_owned(),
                    delay: Delay::Overdue {
                        days: 14,
                        unit: "business days".to_owned(),
                    },
                    said: Some("asked us to clarify".to_owned()),
                    ..late.clone()
                },
                late.clone(),
            ],
        ),
        Answer::new(
            findings(
                "Bayview County has signed a 287(g) agreement of the warrant service officer model.",
            ),
            Vec::new(),
        ),
        Answer::new(
            findings("Alder County received 214 detainers in 2025 and held people on 63 of them."),
            Vec::new(),
        ),
        Answer::new(Vec::new(), Vec::new()),
    ];
    Packet::assemble(Parts {
        front: Front {
            campaign: "Alder Valley: a judge’s warrant first".to_owned(),
            organisation: "Alder Valley Interfaith Table".to_owned(),
            addressed_to: "Board of Commissioners of Alder County".to_owned(),
            goal: "No one stays in the county jail a minute longer on a detainer that no judge has signed.".to_owned(),
            asks: vec![
                "Adopt a written policy that a person is held on an immigration detainer only with a warrant signed by a judge.".to_owned(),
                "Publish, every quarter, how many detainers were received, honored and declined.".to_owned(),
            ],
            purpose: "This packet reports what three sheriffs’ offices have released about immigration detainers, what \
                      they have not, and how long each took. It is offered so that the Board can decide on its own \
                      county’s records.".to_owned(),
            jurisdictions: vec!["Washington".to_owned(), "California".to_owned(), "Florida".to_owned()],
            edition: 2,
            built_on: on("2026-02-16"),
        },
        agencies: ["Alder County Sheriff", "Bayview County Sheriff", "Cypress County Sheriff’s Office"]
            .into_iter()
            .zip(["Alder County, Washington", "Bayview County, California", "Cypress County, Florida"])
            .map(|(name, place)| AgencyEntry { name: name.to_owned(), place: place.to_owned() })
            .collect(),
        answers,
        figures: FigureTable::new(rows),
        agreements: vec![AgreementRow {
            agency: "Bayview County Sheriff".to_owned(),
            kind: "287(g), warrant service officer".to_owned(),
            signed_on: Some(on("2025-03-11")),
            status: "active".to_owned(),
            known_from: "ICE’s published list".to_owned(),
            exhibit: first.and_then(|e| e.page(1)),
        }],
        timeline: timeline(),
        method: vec![
            "Requests were sent under each state’s public-records law. Every document that came back was read by counsel \
             before anyone used it. Every figure was read from a page by one person and read again by another.".to_owned(),
        ],
        limits: vec![
            "Agencies define and count detainers differently; their figures are shown side by side and not added.".to_owned(),
            "Cypress County has not answered.".to_owned(),
        ],
        exhibits,
    })
    .expect("the sample is a packet")
}

fn figure(read: &Reads, source: &ExhibitSource, exhibits: &Exhibits) -> FigureRow {
    let (metric, agency, value, count, cost, definition) = read;
    let typed = Typed {
        metric: (*metric).to_owned(),
        period_start: "2025-01-01".to_owned(),
        period_end: "2025-12-31".to_owned(),
        value: (*value).to_owned(),
        count_basis: (*count).to_owned(),
        cost_basis: (*cost).to_owned(),
        definition: (*definition).to_owned(),
        quote: "as stated".to_owned(),
        page: "1".to_owned(),
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
        entered_at: at("2026-02-05"),
        withdrawn: false,
    };
    let check = Check {
        fact: fact.id,
        verdict: Verdict::Agrees,
        by: UserId::new(),
        at: at("2026-02-06"),
    };
    let checked = CheckedFact::confirm(fact, &[check], &source.document).expect("checked");
    FigureRow::new(
        &checked,
        *agency,
        source.document.sha256(),
        exhibits,
        on("2026-02-06"),
    )
    .expect("a row")
}

fn timeline() -> Vec<RequestRow> {
    let alder = RequestRow {
        number: "S-0001".to_owned(),
        agency: "Alder County Sheriff".to_owned(),
        records: vec!["Detainer policy".to_owned(), "Yearly totals".to_owned()],
        law: "Washington Public Records Act".to_owned(),
        citation: "RCW 42.56".to_owned(),
        sent_on: Some(on("2026-01-16")),
        receipt: Some(Receipt {
            on: on("2026-01-16"),
            how: "the agency acknowledged it".to_owned(),
        }),
        acknowledged_on: Some(on("2026-01-23")),
        due: Due::Fixed {
            on: on("2026-01-26"),
            rule: "answer within 5 business days".to_owned(),
            citation: "RCW 42.56.520(1)".to_owned(),
            confidence: "two sources agree".to_owned(),
        },
        extended_to: None,
        answered_on: Some(on("2026-02-03")),
        answer: Some("Produced the records".to_owned()),
        produced_on: Some(on("2026-02-03")),
        delay: Delay::AnsweredLate {
            days: 6,
            unit: "business days".to_owned(),
        },
        ours: String::new(),
        as_of: on("2026-02-16"),
    };
    let bayview = RequestRow {
        number: "S-0002".to_owned(),
        agency: "Bayview County Sheriff".to_owned(),
        law: "California Public Records Act".to_owned(),
        citation: "Cal. Gov. Code § 7920.000".to_owned(),
        extended_to: Some(on("2026-02-09")),
        ours: "We narrowed the request on Tue 27 Jan 2026.".to_owned(),
        ..alder.clone()
    };
    let cypress = RequestRow {
        number: "S-0003".to_owned(),
        agency: "Cypress County Sheriff’s Office".to_owned(),
        law: "Florida Sunshine Law, public records".to_owned(),
        citation: "Fla. Stat. ch. 119".to_owned(),
        acknowledged_on: None,
        due: Due::NoneFixed {
            says: "promptly".to_owned(),
            citation: "Fla. Stat. § 119.07(1)(c)".to_owned(),
            confidence: "one source".to_owned(),
        },
        answered_on: None,
        answer: None,
        produced_on: None,
        delay: Delay::OpenNoLimit { days: 31 },
        ..alder.clone()
    };
    vec![alder, bayview, cypress]
}
