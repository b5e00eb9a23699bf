//! What a request costs: every amount with the day and the paper that shows it, and the sums, exact in cents.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::domain::event::{Event, FeeKind, Happening, ReplyKind, that_count};
use crate::domain::ids::{DocumentId, MessageId};

/// One amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeLine {
    /// Its entry in the log.
    pub entry: i64,
    pub what: FeeKind,
    /// US cents; none where a payment was recorded without its amount.
    pub cents: Option<i64>,
    pub on: NaiveDate,
    /// The letter that names it.
    pub message: Option<MessageId>,
    /// The file that shows it.
    pub document: Option<DocumentId>,
    pub note: String,
}

/// The amounts of one request, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    pub lines: Vec<FeeLine>,
}

impl Ledger {
    /// Every amount that the log tells, withdrawn ones left out.
    pub fn of_log(log: &[Event]) -> Ledger {
        Ledger::of(that_count(log))
    }

    fn of<'e>(events: impl Iterator<Item = &'e Event>) -> Ledger {
        let mut lines = Vec::new();
        for event in events {
            let line = |what, cents, on, message, document, note: &str| FeeLine {
                entry: event.id,
                what,
                cents,
                on,
                message,
                document,
                note: note.to_owned(),
            };
            match &event.what {
                Happening::ReplySorted {
                    what: ReplyKind::FeeDemanded,
                    on,
                    amount_cents,
                    message,
                    detail,
                    note,
                    ..
                } => {
                    let kind = if detail.invoiced {
                        FeeKind::Invoice
                    } else {
                        FeeKind::Estimate
                    };
                    lines.push(line(kind, *amount_cents, *on, *message, None, note));
                    if detail.deposit_cents.is_some() {
                        let deposit = detail.deposit_cents;
                        lines.push(line(FeeKind::Deposit, deposit, *on, *message, None, ""));
                    }
                }
                Happening::StepRecorded { step, on, note, .. } if step == "paid" => {
                    lines.push(line(FeeKind::Paid, None, *on, None, None, note));
                }
                Happening::FeeRecorded {
                    what,
                    cents,
                    on,
                    message,
                    document,
                    note,
                } => lines.push(line(*what, Some(*cents), *on, *message, *document, note)),
                _ => {}
            }
        }
        lines.sort_by_key(|line| line.on);
        Ledger { lines }
    }

    /// The entries by which an agency gave up all that it still asked for. A waiver in part leaves a fee to answer.
    pub fn whole_waivers(log: &[Event]) -> BTreeSet<i64> {
        let is_waiver = |event: &Event| matches!(&event.what, Happening::FeeRecorded { what, .. } if *what == FeeKind::Waived);
        // Asked of every log at every look, and few have one.
        if !log.iter().any(is_waiver) {
            return BTreeSet::new();
        }
        let counted: Vec<&Event> = that_count(log).collect();
        let waivers = (0..counted.len()).filter(|at| is_waiver(counted[*at]));
        waivers
            .filter(|at| {
                let known = Ledger::of(counted[..=*at].iter().copied());
                known.asked() > 0 && !known.is_incomplete() && known.open() == 0
            })
            .map(|at| counted[at].id)
            .collect()
    }

    fn sum(&self, kind: FeeKind) -> i64 {
        self.lines
            .iter()
            .filter(|line| line.what == kind)
            .filter_map(|line| line.cents)
            .fold(0, i64::saturating_add)
    }

    /// What we paid, less what came back.
    pub fn spent(&self) -> i64 {
        self.sum(FeeKind::Paid)
            .saturating_sub(self.sum(FeeKind::Refunded))
    }

    pub fn waived(&self) -> i64 {
        self.sum(FeeKind::Waived)
    }

    /// What the agency asks in all: its invoices, or its last estimate while it has billed nothing.
    pub fn asked(&self) -> i64 {
        let billed = self.sum(FeeKind::Invoice);
        if billed > 0 {
            return billed;
        }
        self.lines
            .iter()
            .rev()
            .find(|line| line.what == FeeKind::Estimate)
            .and_then(|line| line.cents)
            .unwrap_or(0)
    }

    /// What is asked, neither waived nor paid.
    pub fn open(&self) -> i64 {
        self.asked()
            .saturating_sub(self.waived())
            .saturating_sub(self.spent())
            .max(0)
    }

    /// A payment is on record without its amount, so the sums say too little.
    pub fn is_incomplete(&self) -> bool {
        self.lines.iter().any(|line| line.cents.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Detail;
    use chrono::DateTime;

    fn on(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).expect("a day")
    }

    fn log(all: Vec<Happening>) -> Vec<Event> {
        all.into_iter()
            .zip(1..)
            .map(|(what, id)| Event {
                id,
                campaign: None,
                request: None,
                by: None,
                at: DateTime::UNIX_EPOCH,
                what,
            })
            .collect()
    }

    fn fee(what: FeeKind, cents: i64, day: u32) -> Happening {
        Happening::FeeRecorded {
            what,
            cents,
            on: on(day),
            message: None,
            document: None,
            note: String::new(),
        }
    }

    fn demanded(cents: i64, deposit: Option<i64>, day: u32) -> Happening {
        Happening::ReplySorted {
            message: None,
            what: ReplyKind::FeeDemanded,
            on: on(day),
            until: None,
            amount_cents: Some(cents),
            note: String::new(),
            detail: Detail {
                deposit_cents: deposit,
                ..Detail::default()
            },
        }
    }

    #[test]
    fn sums_are_exact_and_a_later_estimate_replaces_an_earlier_one() {
        let mut all = vec![
            demanded(120_049, Some(60_025), 1),
            demanded(80_001, None, 5),
            fee(FeeKind::Paid, 40_001, 6),
        ];
        let ledger = Ledger::of_log(&log(all.clone()));
        assert_eq!(
            (ledger.asked(), ledger.spent(), ledger.open()),
            (80_001, 40_001, 40_000)
        );
        all.extend([
            fee(FeeKind::Invoice, 30_010, 8),
            fee(FeeKind::Invoice, 5_005, 9),
            fee(FeeKind::Waived, 15, 10),
            fee(FeeKind::Refunded, 5_001, 11),
        ]);
        let ledger = Ledger::of_log(&log(all.clone()));
        assert_eq!(
            (ledger.asked(), ledger.spent(), ledger.open()),
            (35_015, 35_000, 0)
        );
        assert!(!ledger.is_incomplete());
        // The refund was a mistake.
        all.push(Happening::EntryWithdrawn {
            entry: 7,
            why: "another request's".to_owned(),
        });
        assert_eq!(Ledger::of_log(&log(all)).spent(), 40_001);
    }

    #[test]
    fn only_a_waiver_of_all_that_is_open_settles_a_fee() {
        let mut all = vec![demanded(10_000, None, 1), fee(FeeKind::Waived, 1_500, 2)];
        assert!(Ledger::whole_waivers(&log(all.clone())).is_empty());
        all.push(fee(FeeKind::Paid, 500, 3));
        all.push(fee(FeeKind::Waived, 8_000, 4));
        assert_eq!(
            Ledger::whole_waivers(&log(all.clone())),
            BTreeSet::from([4])
        );
        // The first waiver was a mistake: twenty dollars are still asked.
        all.push(Happening::EntryWithdrawn {
            entry: 2,
            why: "another request's".to_owned(),
        });
        assert!(Ledger::whole_waivers(&log(all)).is_empty());
        // Nothing was asked in a number, so nothing is known to be settled.
        assert!(Ledger::whole_waivers(&log(vec![fee(FeeKind::Waived, 100, 2)])).is_empty());
    }

    #[test]
    fn a_payment_without_its_amount_is_said_to_be_one() {
        let paid = Happening::StepRecorded {
            step: "paid".to_owned(),
            on: on(2),
            until: None,
            ground: None,
            notice_seen: None,
            note: "check 12".to_owned(),
            letter: None,
        };
        let ledger = Ledger::of_log(&log(vec![paid]));
        assert!(ledger.is_incomplete());
        assert_eq!((ledger.spent(), ledger.lines.len()), (0, 1));
    }
}
