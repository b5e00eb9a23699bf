//! Cautions that travel with a figure, from the form to the dossier.

use std::fmt;
use std::str::FromStr;

use crate::domain::ids::FactId;

/// A caution that travels with a figure.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    DefinitionMissing,
    CountBasisUnknown,
    PeriodLabelOnly,
    PartialPeriod,
    Handcount,
    DuplicatesSuspected,
    Ocr,
    RedactionAffectsCount,
    ConflictsWith(FactId),
    /// The source may leave cells blank where it means zero, or the reverse.
    ZeroVsBlank,
    Suppressed,
    RateYearMismatch,
    AgencyCorrected,
    Outlier,
    HoldCodeAmbiguous,
    /// The quote was not found in the page's text.
    QuoteNotFound,
}

impl Flag {
    /// Flags that a person may set by hand, for a form.
    pub const CHOICES: [Flag; 12] = [
        Flag::PeriodLabelOnly,
        Flag::PartialPeriod,
        Flag::Handcount,
        Flag::DuplicatesSuspected,
        Flag::Ocr,
        Flag::RedactionAffectsCount,
        Flag::ZeroVsBlank,
        Flag::Suppressed,
        Flag::RateYearMismatch,
        Flag::AgencyCorrected,
        Flag::Outlier,
        Flag::HoldCodeAmbiguous,
    ];

    fn word(&self) -> &'static str {
        match self {
            Flag::DefinitionMissing => "definition_missing",
            Flag::CountBasisUnknown => "count_basis_unknown",
            Flag::PeriodLabelOnly => "period_label_only",
            Flag::PartialPeriod => "partial_period",
            Flag::Handcount => "handcount",
            Flag::DuplicatesSuspected => "duplicates_suspected",
            Flag::Ocr => "ocr",
            Flag::RedactionAffectsCount => "redaction_affects_count",
            Flag::ConflictsWith(_) => "conflicts_with",
            Flag::ZeroVsBlank => "zero_vs_blank",
            Flag::Suppressed => "suppressed",
            Flag::RateYearMismatch => "rate_year_mismatch",
            Flag::AgencyCorrected => "agency_corrected",
            Flag::Outlier => "outlier",
            Flag::HoldCodeAmbiguous => "hold_code_ambiguous",
            Flag::QuoteNotFound => "quote_not_found",
        }
    }

    /// As a reader of the dossier needs it.
    pub fn plain(&self) -> &'static str {
        match self {
            Flag::DefinitionMissing => "the agency gives no definition",
            Flag::CountBasisUnknown => {
                "whether forms, bookings or people were counted is not stated"
            }
            Flag::PeriodLabelOnly => "the source names the period without dates",
            Flag::PartialPeriod => "covers part of a period",
            Flag::Handcount => "counted by hand",
            Flag::DuplicatesSuspected => "may contain duplicates",
            Flag::Ocr => "read from a page image",
            Flag::RedactionAffectsCount => "redactions may affect the count",
            Flag::ConflictsWith(_) => "another source gives a different figure",
            Flag::ZeroVsBlank => "the source does not tell a blank from a zero",
            Flag::Suppressed => "small numbers withheld",
            Flag::RateYearMismatch => "the rate is of another year",
            Flag::AgencyCorrected => "corrected by the agency",
            Flag::Outlier => "far from the agency's other figures",
            Flag::HoldCodeAmbiguous => "the hold code may include other holds",
            Flag::QuoteNotFound => "the quote was not found in the page's text",
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flag::ConflictsWith(other) => write!(f, "conflicts_with:{other}"),
            flag => f.write_str(flag.word()),
        }
    }
}

/// The text names no flag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a flag of a figure")]
pub struct UnknownFlag(String);

impl FromStr for Flag {
    type Err = UnknownFlag;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(id) = text.strip_prefix("conflicts_with:") {
            return id
                .parse()
                .map(Flag::ConflictsWith)
                .map_err(|_| UnknownFlag(text.to_owned()));
        }
        Flag::CHOICES
            .into_iter()
            .chain([
                Flag::DefinitionMissing,
                Flag::CountBasisUnknown,
                Flag::QuoteNotFound,
            ])
            .find(|flag| flag.word() == text)
            .ok_or_else(|| UnknownFlag(text.to_owned()))
    }
}
