//! Figures, readings, and the gate before the dossier.

use chrono::NaiveDate;

use super::*;
use crate::domain::document::Sha256;
use crate::domain::ids::{AgencyId, DocumentId, FactId};
use crate::domain::review::{Clearance, Decision};

fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date in a test")
}

#[test]
fn figures_are_read_exactly_or_refused_with_a_reason() {
    use NotAFigure::*;
    use Unit::*;
    let cases = [
        ("214", Forms, Ok(("214", "214"))),
        (" 1,204 ", Forms, Ok(("1204", "1,204"))),
        ("0", Forms, Ok(("0", "0"))),
        ("1107746.57", Dollars, Ok(("1107746.57", "1,107,746.57"))),
        ("$ 126", DollarsPerPersonDay, Ok(("126", "126"))),
        ("US$126.50", DollarsPerPersonDay, Ok(("126.50", "126.50"))),
        ("0.05", Dollars, Ok(("0.05", "0.05"))),
        ("73.6181", Days, Ok(("73.6181", "73.6181"))),
        ("", Forms, Err(Empty)),
        ("$", Dollars, Err(Empty)),
        ("twelve", Forms, Err(NotDigits)),
        ("12.", Days, Err(NotDigits)),
        ("1e9", Forms, Err(NotDigits)),
        ("1,20", Forms, Err(Commas)),
        ("1234,567", Forms, Err(Commas)),
        ("1,,204", Forms, Err(NotDigits)),
        ("12.5", Forms, Err(NotWhole)),
        ("12.505", Dollars, Err(TooFine)),
        ("1.1234567", Days, Err(TooManyPlaces)),
        ("-3", Forms, Err(Negative)),
        ("(3)", Dollars, Err(Negative)),
        ("9999999999999999999999", Forms, Err(TooLarge)),
        ("9999999999999999", Forms, Err(TooLarge)),
        ("٣", Forms, Err(NotDigits)),
    ];
    for (text, unit, expected) in cases {
        let got = Figure::parse(text, unit);
        assert_eq!(
            got.map(|f| (f.to_string(), f.grouped())),
            expected.map(|(a, b): (&str, &str)| (a.to_owned(), b.to_owned())),
            "{text:?} as {unit:?}"
        );
        if let Ok(figure) = got {
            assert_eq!(
                Figure::parse(&figure.to_string(), unit),
                Ok(figure),
                "kept as text"
            );
        }
    }
}

#[test]
fn amounts_come_out_in_cents() {
    for (text, cents) in [("126", 12600), ("126.5", 12650), ("126.55", 12655)] {
        let figure = Figure::parse(text, Unit::Dollars).expect("an amount");
        assert_eq!(figure.as_cents(), Some(cents));
    }
    assert_eq!(Figure::cents(12655).shown(Unit::Dollars), "$126.55");
    assert_eq!(Figure::whole(1204).shown(Unit::Forms), "1,204");
    assert_eq!(Figure::whole(0).as_whole(), Some(0));
}

#[test]
fn every_metric_has_a_key_of_its_own_and_a_meaning() {
    let mut keys: Vec<&str> = Metric::ALL.iter().map(|m| m.key()).collect();
    for metric in Metric::ALL.iter().copied() {
        assert_eq!(Metric::parse(metric.key()), Some(metric));
        assert_eq!(
            serde_json::to_value(metric).expect("a word"),
            metric.key(),
            "serde and key agree"
        );
        assert!(!metric.label().is_empty() && !metric.definition().is_empty());
    }
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), Metric::ALL.len());
}

fn typed() -> Typed {
    Typed {
        metric: "detainers_received".to_owned(),
        period_start: "2025-01-01".to_owned(),
        period_end: "2025-12-31".to_owned(),
        value: "214".to_owned(),
        count_basis: "forms".to_owned(),
        quote: "Detainers received 214".to_owned(),
        page: "1".to_owned(),
        ..Typed::default()
    }
}

#[test]
fn a_reading_names_every_field_that_is_wrong() {
    assert!(Reading::parse(&typed(), Some(1)).is_ok());
    let fields = |typed: &Typed, pages| -> Vec<&'static str> {
        Reading::parse(typed, pages)
            .err()
            .unwrap_or_default()
            .iter()
            .map(|p| p.field)
            .collect()
    };
    let empty = fields(&Typed::default(), Some(3));
    assert_eq!(
        empty,
        ["metric", "period_start", "period_end", "quote", "page"]
    );
    let backwards = Typed {
        period_end: "2024-12-31".to_owned(),
        ..typed()
    };
    assert_eq!(fields(&backwards, None), ["period_end"]);
    let label = Typed {
        period_start: "FY24".to_owned(),
        ..typed()
    };
    assert_eq!(fields(&label, None), ["period_start"]);
    let beyond = Typed {
        page: "2".to_owned(),
        ..typed()
    };
    assert_eq!(fields(&beyond, Some(1)), ["page"]);
    assert_eq!(fields(&beyond, None), [""; 0]);
    let rate = Typed {
        metric: "per_diem".to_owned(),
        count_basis: String::new(),
        ..typed()
    };
    assert_eq!(fields(&rate, None), ["cost_basis"]);
    let unsaid = Typed {
        count_basis: String::new(),
        ..typed()
    };
    assert_eq!(fields(&unsaid, None), ["count_basis"]);
}

#[test]
fn cautions_follow_from_the_reading() {
    let reading = Reading::parse(
        &Typed {
            count_basis: "unknown".to_owned(),
            ..typed()
        },
        None,
    )
    .expect("it reads");
    assert_eq!(
        reading.flags(false),
        [
            Flag::DefinitionMissing,
            Flag::CountBasisUnknown,
            Flag::QuoteNotFound
        ]
    );
    let id = FactId::new();
    for flag in Flag::CHOICES
        .into_iter()
        .chain([Flag::DefinitionMissing, Flag::ConflictsWith(id)])
    {
        assert_eq!(flag.to_string().parse(), Ok(flag));
    }
    assert!("conflicts_with:x".parse::<Flag>().is_err());
}

#[test]
fn whole_years_are_known_from_their_days() {
    let period = |a, b| Period::new(on(a), on(b)).expect("a period");
    assert!(period("2025-07-01", "2026-06-30").is_whole_year());
    assert!(period("2024-01-01", "2024-12-31").is_whole_year());
    assert!(!period("2025-07-01", "2026-05-31").is_whole_year());
    assert!(!period("2025-07-02", "2026-07-01").is_whole_year());
    assert_eq!(period("2024-02-01", "2024-02-29").days(), 29);
}

#[test]
fn only_a_second_persons_agreement_on_a_cleared_page_lets_a_fact_out() {
    let (document, researcher, checker) = (DocumentId::new(), UserId::new(), UserId::new());
    let at = |hour| {
        on("2026-11-02")
            .and_hms_opt(hour, 0, 0)
            .expect("an hour")
            .and_utc()
    };
    let fact = Fact {
        id: FactId::new(),
        agency: AgencyId::new(),
        request: None,
        document,
        reading: Reading::parse(&typed(), Some(1)).expect("it reads"),
        quote_found: true,
        flags: Vec::new(),
        entered_by: researcher,
        entered_at: at(9),
        withdrawn: false,
    };
    let cleared = |document| {
        let sha256 = Sha256::of(b"page");
        let clearance = Clearance {
            document,
            sha256,
            decision: Decision::Clear,
            by: checker,
            at: at(8),
        };
        Cleared::confirm((), document, &sha256, &clearance).expect("cleared")
    };
    let check = |verdict, by, hour| Check {
        fact: fact.id,
        verdict,
        by,
        at: at(hour),
    };
    let agreed = check(Verdict::Agrees, checker, 10);
    let gate = |fact: &Fact, checks: &[Check], document| {
        CheckedFact::confirm(fact.clone(), checks, &cleared(document)).err()
    };
    assert_eq!(gate(&fact, std::slice::from_ref(&agreed), document), None);
    assert_eq!(gate(&fact, &[], document), Some(NotChecked::Unchecked));
    assert_eq!(
        gate(&fact, &[check(Verdict::Agrees, researcher, 10)], document),
        Some(NotChecked::SamePerson)
    );
    assert_eq!(
        gate(
            &fact,
            &[agreed.clone(), check(Verdict::Disputes, checker, 11)],
            document
        ),
        Some(NotChecked::Disputed)
    );
    assert_eq!(
        gate(&fact, std::slice::from_ref(&agreed), DocumentId::new()),
        Some(NotChecked::OtherDocument)
    );
    let withdrawn = Fact {
        withdrawn: true,
        ..fact.clone()
    };
    assert_eq!(
        gate(&withdrawn, std::slice::from_ref(&agreed), document),
        Some(NotChecked::Withdrawn)
    );
    assert_eq!(
        fact.status(std::slice::from_ref(&agreed)),
        FactStatus::Quoted
    );
    assert_eq!(
        fact.status(&[agreed.clone(), check(Verdict::Disputes, checker, 11)]),
        FactStatus::Disputed
    );
    assert_eq!(may_check(&fact, researcher), Err(NotChecked::SamePerson));
    assert_eq!(may_check(&fact, checker), Ok(()));
}
