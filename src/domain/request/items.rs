//! Which items of a request are answered, and what that means for the request as a whole.
//!
//! One reply may release one item, refuse another and say nothing of a third. A word on some items never counts as the
//! answer to all: only when the last item has its answer is the request answered.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::event::{Detail, Event, Happening, ReplyKind, that_count};

/// The last word on one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub what: ReplyKind,
    pub on: NaiveDate,
    pub grounds: Vec<String>,
    pub words: String,
}

/// What one finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// It is a word on some items only.
    pub part: Option<ReplyKind>,
    /// What is now said of the request as a whole, and since when.
    pub whole: Option<(ReplyKind, NaiveDate)>,
}

/// The items as they stand while a log is folded.
#[derive(Clone, Debug, Default)]
pub struct Items {
    answers: BTreeMap<i32, Answer>,
    answered: bool,
}

/// A word that answers an item for good.
fn is_final(what: ReplyKind) -> bool {
    matches!(
        what,
        ReplyKind::Produced | ReplyKind::Partial | ReplyKind::Denied | ReplyKind::NoRecords
    )
}

/// A word that is about items at all; the others are about the request.
pub(super) fn is_of_items(what: ReplyKind) -> bool {
    is_final(what) || matches!(what, ReplyKind::Determined | ReplyKind::Referred)
}

impl Items {
    /// Takes one finding in.
    pub fn take(&mut self, what: ReplyKind, on: NaiveDate, detail: &Detail) -> Meaning {
        let whole = Meaning {
            part: None,
            whole: Some((what, on)),
        };
        if !is_of_items(what) {
            return whole;
        }
        let part = detail.is_part();
        let about: Vec<i32> = if part {
            detail.items.clone()
        } else {
            (1..=detail.of).collect()
        };
        for item in about {
            let answer = Answer {
                what,
                on,
                grounds: detail.grounds.clone(),
                words: detail.words.clone(),
            };
            self.answers.insert(item, answer);
        }
        if !part {
            self.answered |= is_final(what);
            return whole;
        }
        let all: Option<Vec<&Answer>> = (1..=detail.of)
            .map(|item| self.answers.get(&item))
            .collect();
        let whole = all.as_deref().and_then(together);
        self.answered |= whole.is_some_and(|(what, _)| is_final(what));
        Meaning {
            part: Some(what),
            whole,
        }
    }

    /// The request has its answer, whole or item by item.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// The last word on each item that has one.
    pub fn answers(&self) -> &BTreeMap<i32, Answer> {
        &self.answers
    }
}

/// What the words on all items make together; none while one of them is undecided or sent elsewhere.
fn together(all: &[&Answer]) -> Option<(ReplyKind, NaiveDate)> {
    let on = all.iter().map(|answer| answer.on).max()?;
    let every = |kinds: &[ReplyKind]| all.iter().all(|answer| kinds.contains(&answer.what));
    let what = if every(&[ReplyKind::Produced]) {
        ReplyKind::Produced
    } else if every(&[ReplyKind::NoRecords]) {
        ReplyKind::NoRecords
    } else if every(&[ReplyKind::Denied, ReplyKind::NoRecords]) {
        ReplyKind::Denied
    } else if all.iter().all(|answer| is_final(answer.what)) {
        ReplyKind::Partial
    } else if all
        .iter()
        .all(|answer| is_final(answer.what) || answer.what == ReplyKind::Determined)
    {
        ReplyKind::Determined
    } else {
        return None;
    };
    Some((what, on))
}

/// The last word on each item of a request, by its log.
pub fn answers_of(log: &[Event]) -> BTreeMap<i32, Answer> {
    let mut items = Items::default();
    for event in that_count(log) {
        if let Happening::ReplySorted {
            what, on, detail, ..
        } = &event.what
        {
            items.take(*what, *on, detail);
        }
    }
    items.answers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).expect("a day")
    }

    fn of_three(items: &[i32]) -> Detail {
        Detail {
            items: items.to_vec(),
            of: 3,
            ..Detail::default()
        }
    }

    #[test]
    fn a_request_is_answered_when_its_last_item_is() {
        use ReplyKind::{Denied, Determined, NoRecords, Partial, Produced, Referred};
        for (words, expected) in [
            (
                vec![(Produced, vec![1]), (Produced, vec![2, 3])],
                Some(Produced),
            ),
            (vec![(Produced, vec![1]), (Denied, vec![2])], None),
            (
                vec![(Produced, vec![1]), (Denied, vec![2, 3])],
                Some(Partial),
            ),
            (
                vec![(Denied, vec![1, 2]), (NoRecords, vec![3])],
                Some(Denied),
            ),
            (
                vec![(NoRecords, vec![1, 2]), (NoRecords, vec![3])],
                Some(NoRecords),
            ),
            (
                vec![(Determined, vec![1]), (Produced, vec![2, 3])],
                Some(Determined),
            ),
            (vec![(Referred, vec![1]), (Produced, vec![2, 3])], None),
            // What was refused first and released later is released.
            (
                vec![
                    (Denied, vec![1]),
                    (Produced, vec![2, 3]),
                    (Produced, vec![1]),
                ],
                Some(Produced),
            ),
        ] {
            let mut items = Items::default();
            let mut last = None;
            for (n, (what, about)) in words.iter().enumerate() {
                let on = day(u32::try_from(n).expect("few") + 1);
                let meaning = items.take(*what, on, &of_three(about));
                assert_eq!(meaning.part, Some(*what));
                last = meaning.whole;
            }
            assert_eq!(last.map(|(what, _)| what), expected, "{words:?}");
        }
    }

    #[test]
    fn words_on_all_items_are_words_on_the_request() {
        let mut items = Items::default();
        let meaning = items.take(ReplyKind::Denied, day(1), &of_three(&[1, 2, 3]));
        assert_eq!(
            (meaning.part, meaning.whole),
            (None, Some((ReplyKind::Denied, day(1))))
        );
        assert!(items.is_answered() && items.answers().len() == 3);
        let fee = items.take(ReplyKind::FeeDemanded, day(2), &of_three(&[2]));
        assert_eq!(fee.whole, Some((ReplyKind::FeeDemanded, day(2))));
        // As it was sorted before items were told apart.
        let old = Items::default().take(ReplyKind::Produced, day(3), &Detail::default());
        assert_eq!(old.whole, Some((ReplyKind::Produced, day(3))));
    }
}
