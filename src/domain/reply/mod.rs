//! Reply: whose letter a message answers, and what the answer is.
//!
//! Here: reply addresses and their tokens (`token`), matching a message to a request (`matching`), and what a
//! person says about a reply (this file). Not here: reading mail (`mail::parse`), rows (`store`).
//! Imports `ids` and `event`.

mod matching;
mod token;

pub use matching::{Candidate, Incoming, Match, Why, is_shared_domain, match_message, reference};
pub use token::{HeardToken, ReplyAddress, ReplyToken, WrongReplyAddress};

use chrono::NaiveDate;

use super::event::ReplyKind;

/// What a person said a reply is. The program never decides it.
///
/// An acknowledgement, an extension, a fee demand, a determination and the records themselves are different things
/// in law: only some end a clock, and which differs by state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorting {
    pub what: ReplyKind,
    /// The day of the reply.
    pub on: NaiveDate,
    /// An extension's new date, or the day by which a fee or an answer is wanted.
    pub until: Option<NaiveDate>,
    /// US cents asked.
    pub amount_cents: Option<i64>,
    pub note: String,
}

impl Sorting {
    /// Checks that what the kind needs is there, and drops what does not belong to it.
    ///
    /// # Errors
    /// [`Incomplete`] names the field that is missing or wrong.
    pub fn check(self, today: NaiveDate) -> Result<Sorting, Incomplete> {
        if self.on > today {
            return Err(Incomplete::NotYet);
        }
        let until = match self.what {
            ReplyKind::Extended => {
                let to = self.until.ok_or(Incomplete::ExtendedTo)?;
                if to < self.on {
                    return Err(Incomplete::BeforeTheReply);
                }
                Some(to)
            }
            ReplyKind::FeeDemanded | ReplyKind::ClarificationAsked => self.until,
            _ => None,
        };
        let amount_cents = match self.what {
            ReplyKind::FeeDemanded => match self.amount_cents {
                Some(amount) if amount >= 0 => Some(amount),
                _ => return Err(Incomplete::Amount),
            },
            _ => None,
        };
        Ok(Sorting {
            until,
            amount_cents,
            note: self.note.trim().to_owned(),
            ..self
        })
    }
}

/// What a sorting form left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    #[error("The day of the reply lies in the future. Give the day on which it came.")]
    NotYet,
    #[error("Give the day to which the agency extended its time.")]
    ExtendedTo,
    #[error("The extended date lies before the day of the reply. Check both.")]
    BeforeTheReply,
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

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn sorting(what: ReplyKind) -> Sorting {
        Sorting {
            what,
            on: day(10),
            until: None,
            amount_cents: None,
            note: " ok ".into(),
        }
    }

    #[test]
    fn each_kind_asks_for_what_it_needs_and_keeps_nothing_else() {
        for what in ReplyKind::ALL {
            let full = Sorting {
                until: Some(day(20)),
                amount_cents: Some(12_550),
                ..sorting(what)
            };
            let kept = full.check(day(10)).unwrap();
            assert_eq!(kept.note, "ok");
            assert_eq!(kept.amount_cents.is_some(), what == ReplyKind::FeeDemanded);
            assert_eq!(
                kept.until.is_some(),
                matches!(
                    what,
                    ReplyKind::Extended | ReplyKind::FeeDemanded | ReplyKind::ClarificationAsked
                )
            );
            let bare = sorting(what).check(day(10)).map(|kept| kept.what);
            let expected = match what {
                ReplyKind::Extended => Err(Incomplete::ExtendedTo),
                ReplyKind::FeeDemanded => Err(Incomplete::Amount),
                other => Ok(other),
            };
            assert_eq!(bare, expected);
        }
        assert_eq!(
            sorting(ReplyKind::Denied).check(day(9)),
            Err(Incomplete::NotYet)
        );
        let backwards = Sorting {
            until: Some(day(9)),
            ..sorting(ReplyKind::Extended)
        };
        assert_eq!(backwards.check(day(10)), Err(Incomplete::BeforeTheReply));
        let negative = Sorting {
            amount_cents: Some(-1),
            ..sorting(ReplyKind::FeeDemanded)
        };
        assert_eq!(negative.check(day(10)), Err(Incomplete::Amount));
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
