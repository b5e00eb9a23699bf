//! When an agency's fiscal year starts, and how sure that is: its own, by a source, or what the law file says of its kind.

use serde::Serialize;

use super::AgencyKind;
use crate::calendar::FiscalStart;
use crate::law::{Confidence, Fiscal, HolderKind};

/// What somebody found out about this agency itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFiscal {
    pub start: FiscalStart,
    /// None where it was typed before sources were asked for.
    pub confidence: Option<Confidence>,
    pub source: String,
}

impl OwnFiscal {
    /// A start as it is kept (`MM-DD`), where nobody said how it is known. None where there is none, or none to read.
    pub fn typed(start: Option<&str>) -> Option<OwnFiscal> {
        Some(OwnFiscal {
            start: FiscalStart::try_from(start?.to_owned()).ok()?,
            confidence: None,
            source: String::new(),
        })
    }
}

/// What is known, for a page or a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FiscalYears {
    /// None: nobody has found out, and no law fixes it for this kind of body.
    pub start: Option<FiscalStart>,
    pub confidence: Confidence,
    /// Where it is known from, in a few words.
    pub whence: String,
    /// Whether it is this agency's own.
    pub own: bool,
}

/// The agency's own start where somebody found it out, else what the law file gives its kind of body.
pub fn fiscal_years(
    kind: AgencyKind,
    name: &str,
    own: Option<OwnFiscal>,
    law: Option<&Fiscal>,
) -> FiscalYears {
    if let Some(own) = own {
        return FiscalYears {
            start: Some(own.start),
            confidence: own.confidence.unwrap_or(Confidence::Unverified),
            whence: if own.source.is_empty() {
                "typed without a source".to_owned()
            } else {
                own.source
            },
            own: true,
        };
    }
    let unknown = |whence: &str| FiscalYears {
        start: None,
        confidence: Confidence::Unverified,
        whence: whence.to_owned(),
        own: false,
    };
    let Some(law) = law else {
        return unknown("there is no law file for this jurisdiction");
    };
    match kind.holder(name) {
        HolderKind::County | HolderKind::Sheriff => match law.county_start {
            Some(start) => FiscalYears {
                start: Some(start),
                confidence: law.county_confidence.unwrap_or(Confidence::Unverified),
                whence: "what the law file says of this state's counties".to_owned(),
                own: false,
            },
            None => unknown("no law seen fixes one for all counties of this state"),
        },
        HolderKind::Municipality | HolderKind::OtherLocal => {
            unknown("local fiscal years differ: ask this agency")
        }
        _ => FiscalYears {
            start: Some(law.state_start),
            confidence: law.state_confidence,
            whence: "what the law file says of the state".to_owned(),
            own: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(text: &str) -> FiscalStart {
        FiscalStart::try_from(text.to_owned()).expect("a start")
    }

    fn law() -> Fiscal {
        Fiscal {
            state_start: start("07-01"),
            state_confidence: Confidence::TwoSources,
            state_note: None,
            county_start: Some(start("01-01")),
            county_confidence: Some(Confidence::OneSource),
            county_note: None,
        }
    }

    #[test]
    fn the_law_file_gives_what_nobody_found_out() {
        let law = law();
        for (kind, name, from, sure) in [
            (
                AgencyKind::StateCorrections,
                "DOC",
                Some("07-01"),
                Confidence::TwoSources,
            ),
            (
                AgencyKind::Sheriff,
                "Alder",
                Some("01-01"),
                Confidence::OneSource,
            ),
            (
                AgencyKind::CountyJail,
                "Alder",
                Some("01-01"),
                Confidence::OneSource,
            ),
            (AgencyKind::Police, "Alder", None, Confidence::Unverified),
        ] {
            let known = fiscal_years(kind, name, None, Some(&law));
            assert_eq!(known.start, from.map(start), "{kind:?}");
            assert_eq!(known.confidence, sure, "{kind:?}");
            assert!(!known.own);
        }
        assert_eq!(
            fiscal_years(AgencyKind::Sheriff, "Alder", None, None).start,
            None
        );
    }

    #[test]
    fn its_own_goes_before_the_law_file() {
        let own = OwnFiscal {
            start: start("10-01"),
            confidence: Some(Confidence::OneSource),
            source: "its budget book".to_owned(),
        };
        let known = fiscal_years(AgencyKind::Sheriff, "Alder", Some(own), Some(&law()));
        assert_eq!(known.start, Some(start("10-01")));
        assert_eq!(known.whence, "its budget book");
        assert!(known.own);
    }
}
