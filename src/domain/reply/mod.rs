//! Reply: whose letter a message answers, and what the answer is.
//!
//! Here: reply addresses and their tokens (`token`), matching a message to a request (`matching`), and the kinds
//! of answer a person sorts a reply into (this file). Not here: reading mail (`mail::parse`), rows (`store`).
//! Imports `ids` only.

mod matching;
mod token;

pub use matching::{Candidate, Incoming, Match, Why, is_shared_domain, match_message, reference};
pub use token::{HeardToken, ReplyAddress, ReplyToken, WrongReplyAddress};

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What a reply is. A person decides it; the program never does.
///
/// An acknowledgement, an extension, a fee demand, a determination and the records themselves are different things
/// in law: only some end a clock, and which differs by state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReplyKind {
    /// The agency has the request; nothing is decided.
    Acknowledged,
    /// The agency takes more time, until `to`.
    Extended { to: NaiveDate },
    /// Money is asked before work goes on: US cents, and the day by which to answer or pay, if one is stated.
    Fee { cents: i64, by: Option<NaiveDate> },
    /// The agency asks what is meant.
    Clarification,
    /// Refused, all of it.
    Denied,
    /// Some records, some refused or still to come.
    Partial,
    /// The agency says that it has nothing.
    NoRecords,
    /// All of it.
    Produced,
    /// The agency names another agency that has the records.
    Referral,
    /// Anything else, an automatic reply for instance; it answers nothing.
    Other,
}

impl ReplyKind {
    /// The names used in forms and rows, in the order in which the page offers them.
    pub const NAMES: [&'static str; 10] = [
        "acknowledged",
        "extended",
        "fee",
        "clarification",
        "produced",
        "partial",
        "denied",
        "no_records",
        "referral",
        "other",
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ReplyKind::Acknowledged => "acknowledged",
            ReplyKind::Extended { .. } => "extended",
            ReplyKind::Fee { .. } => "fee",
            ReplyKind::Clarification => "clarification",
            ReplyKind::Denied => "denied",
            ReplyKind::Partial => "partial",
            ReplyKind::NoRecords => "no_records",
            ReplyKind::Produced => "produced",
            ReplyKind::Referral => "referral",
            ReplyKind::Other => "other",
        }
    }

    /// As the sorting form names it.
    pub fn plain_name(name: &str) -> Option<&'static str> {
        Some(match name {
            "acknowledged" => "Acknowledgement: they have it, nothing decided",
            "extended" => "Extension: they take more time",
            "fee" => "Fee demanded",
            "clarification" => "Clarification asked",
            "denied" => "Denied",
            "partial" => "Partial: some records, not all",
            "no_records" => "No records",
            "produced" => "Records produced, all of them",
            "referral" => "Referred to another agency",
            "other" => "Something else: answers nothing",
            _ => return None,
        })
    }

    /// Builds the kind from a form's fields.
    ///
    /// # Errors
    /// [`IncompleteKind`] names the field that is missing or wrong.
    pub fn from_parts(
        name: &str,
        to: Option<NaiveDate>,
        cents: Option<i64>,
        by: Option<NaiveDate>,
    ) -> Result<ReplyKind, IncompleteKind> {
        Ok(match name {
            "acknowledged" => ReplyKind::Acknowledged,
            "extended" => ReplyKind::Extended {
                to: to.ok_or(IncompleteKind::ExtendedTo)?,
            },
            "fee" => match cents {
                Some(cents) if cents >= 0 => ReplyKind::Fee { cents, by },
                _ => return Err(IncompleteKind::Amount),
            },
            "clarification" => ReplyKind::Clarification,
            "denied" => ReplyKind::Denied,
            "partial" => ReplyKind::Partial,
            "no_records" => ReplyKind::NoRecords,
            "produced" => ReplyKind::Produced,
            "referral" => ReplyKind::Referral,
            "other" => ReplyKind::Other,
            _ => return Err(IncompleteKind::Kind),
        })
    }

    /// Whether the agency has decided on the request: yes, no, partly, or nothing there.
    pub fn is_determination(self) -> bool {
        matches!(
            self,
            ReplyKind::Denied | ReplyKind::Partial | ReplyKind::NoRecords | ReplyKind::Produced
        )
    }

    /// Whether the next word is ours: until we answer, the delay is not the agency's.
    pub fn waits_for_us(self) -> bool {
        matches!(self, ReplyKind::Fee { .. } | ReplyKind::Clarification)
    }
}

impl fmt::Display for ReplyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a sorting form left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncompleteKind {
    #[error("Choose what the reply is.")]
    Kind,
    #[error("Give the day to which the agency extended its time.")]
    ExtendedTo,
    #[error("Give the amount that the agency asks, in dollars, for instance 125.50.")]
    Amount,
}

/// Reads "$1,234.50", "1234.5" or "1234" as US cents. `None` when it is no amount or below zero.
pub fn cents(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text.strip_prefix('$').unwrap_or(text).trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    // Commas only where thousands part: "1,50" is a slip, not 150 dollars.
    let groups: Vec<&str> = whole.split(',').collect();
    let well_grouped = groups.len() == 1
        || (!groups[0].is_empty()
            && groups[0].len() <= 3
            && groups[1..].iter().all(|group| group.len() == 3));
    let digits = groups.concat();
    if !well_grouped
        || digits.is_empty()
        || part.len() > 2
        || !digits
            .bytes()
            .chain(part.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let whole: i64 = digits.parse().ok()?;
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_words_and_comes_back() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        for name in ReplyKind::NAMES {
            assert!(ReplyKind::plain_name(name).is_some());
            let kind = ReplyKind::from_parts(name, Some(day), Some(100), None).unwrap();
            assert_eq!(kind.as_str(), name);
        }
        assert_eq!(
            ReplyKind::from_parts("extended", None, None, None),
            Err(IncompleteKind::ExtendedTo)
        );
        assert_eq!(
            ReplyKind::from_parts("fee", None, None, None),
            Err(IncompleteKind::Amount)
        );
        assert_eq!(
            ReplyKind::from_parts("fee", None, Some(-1), None),
            Err(IncompleteKind::Amount)
        );
        assert_eq!(
            ReplyKind::from_parts("maybe", None, None, None),
            Err(IncompleteKind::Kind)
        );
    }

    #[test]
    fn an_acknowledgement_decides_nothing() {
        assert!(!ReplyKind::Acknowledged.is_determination());
        assert!(!ReplyKind::Other.is_determination());
        assert!(ReplyKind::NoRecords.is_determination());
        assert!(ReplyKind::Clarification.waits_for_us());
    }

    #[test]
    fn amounts() {
        for (text, expected) in [
            ("$1,234.50", Some(123_450)),
            ("1234.5", Some(123_450)),
            (" 1234 ", Some(123_400)),
            ("$ 0", Some(0)),
            ("0.05", Some(5)),
            ("1,50", None),
            ("12,345,678.00", Some(1_234_567_800)),
            ("1.234", None),
            ("-5", None),
            ("free", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(cents(text), expected, "{text}");
        }
    }
}
