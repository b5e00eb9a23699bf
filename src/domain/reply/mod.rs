//! Reply: whose letter a message answers, and what the answer is.
//!
//! Here: reply addresses and their tokens (`token`), matching a message to a request (`matching`) by its sender
//! (`sender`) and the agency's numbers (`number`), what was quoted in a reply (`quoted`), what its words suggest
//! (`suggest`), and what a person says about it (this file). Not here: reading mail (`mail::parse`), rows (`store`).

mod download;
mod matching;
mod number;
mod quoted;
mod sender;
mod suggest;
mod token;

pub use download::{Download, downloads};
pub use matching::{Candidate, Incoming, Match, Why, match_message, reference};
pub use number::{folded_number, numbers_in_text, stated_numbers};
pub use quoted::{Passage, passages, unquoted};
pub use sender::{
    county_of, is_shared_address, is_shared_domain, organisation, portal_of, sound as senders_sound,
};
pub use suggest::{Mark, Marked, Suggestions, sound as signs_sound, suggest};
pub use token::{HeardToken, ReplyAddress, ReplyToken, WrongReplyAddress};

use chrono::NaiveDate;

use super::event::{Detail, ReplyKind};

/// What a person said a reply is. The program never decides it.
///
/// An acknowledgement, an extension, a fee demand, a determination and the records themselves are different things
/// in law: only some end a clock, and which differs by state.
///
/// One reply may say several things: each is a finding of its own.
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
    pub detail: Detail,
}

/// The order in which the findings of one reply are recorded: what the next step depends on comes last.
const ORDER: [ReplyKind; 12] = [
    ReplyKind::Other,
    ReplyKind::Acknowledged,
    ReplyKind::Extended,
    ReplyKind::Referred,
    ReplyKind::Determined,
    ReplyKind::Produced,
    ReplyKind::Partial,
    ReplyKind::NoRecords,
    ReplyKind::Denied,
    ReplyKind::ClosedByAgency,
    ReplyKind::FeeDemanded,
    ReplyKind::ClarificationAsked,
];

/// Findings of one reply, checked and in the order in which they are recorded.
///
/// # Errors
/// [`Incomplete`] for the first that lacks something.
pub fn in_order(findings: Vec<Sorting>, today: NaiveDate) -> Result<Vec<Sorting>, Incomplete> {
    let mut checked = findings
        .into_iter()
        .map(|finding| finding.check(today))
        .collect::<Result<Vec<_>, _>>()?;
    if checked.is_empty() {
        return Err(Incomplete::Nothing);
    }
    checked.sort_by_key(|finding| ORDER.iter().position(|kind| *kind == finding.what));
    Ok(checked)
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
        let mut detail = self.detail;
        if self.what != ReplyKind::FeeDemanded {
            detail.deposit_cents = None;
            detail.invoiced = false;
        }
        if detail
            .deposit_cents
            .is_some_and(|deposit| deposit < 0 || amount_cents.is_some_and(|all| deposit > all))
        {
            return Err(Incomplete::Deposit);
        }
        if self.what != ReplyKind::Extended {
            detail.reason.clear();
        }
        if !matches!(
            self.what,
            ReplyKind::Denied
                | ReplyKind::Partial
                | ReplyKind::NoRecords
                | ReplyKind::Referred
                | ReplyKind::ClosedByAgency
        ) {
            detail.grounds.clear();
            detail.words.clear();
        }
        Ok(Sorting {
            until,
            amount_cents,
            note: self.note.trim().to_owned(),
            detail,
            ..self
        })
    }
}

/// What a sorting form left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    #[error("Choose what the reply is. It may be several things at once.")]
    Nothing,
    #[error("The deposit is more than the amount asked. Check both.")]
    Deposit,
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
            detail: Detail::default(),
        }
    }

    #[test]
    fn what_the_next_step_depends_on_is_recorded_last() {
        let several = [
            ReplyKind::FeeDemanded,
            ReplyKind::Acknowledged,
            ReplyKind::Denied,
            ReplyKind::Produced,
        ];
        let findings = several
            .into_iter()
            .map(|what| Sorting {
                amount_cents: Some(1_000),
                ..sorting(what)
            })
            .collect();
        let order: Vec<_> = in_order(findings, day(10))
            .unwrap()
            .into_iter()
            .map(|finding| finding.what)
            .collect();
        use ReplyKind::{Acknowledged, Denied, FeeDemanded, Produced};
        assert_eq!(order, [Acknowledged, Produced, Denied, FeeDemanded]);
        assert_eq!(in_order(Vec::new(), day(10)), Err(Incomplete::Nothing));
        assert!(ReplyKind::ALL.iter().all(|kind| ORDER.contains(kind)));
        let too_much = Sorting {
            amount_cents: Some(1_000),
            detail: Detail {
                deposit_cents: Some(1_001),
                ..Detail::default()
            },
            ..sorting(FeeDemanded)
        };
        assert_eq!(too_much.check(day(10)), Err(Incomplete::Deposit));
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
