//! What many requests of one batch have before a member at once stands on Today as one matter: forty letters that wait
//! for counsel are one thing to read.

use std::collections::{BTreeMap, HashMap};

use super::{Kind, Matter};
use crate::domain::ids::{BatchId, RequestId};

/// So many matters of the same sort become one.
const MANY: usize = 3;

/// What makes matters of one batch the same: the batch, then what is to be done, in words.
type Key = (BatchId, String);

/// Collects the matters of requests, those of a batch together.
#[derive(Default)]
pub(super) struct Bunches {
    /// Which batch a request belongs to, with its title.
    of: HashMap<RequestId, (BatchId, String)>,
    due: BTreeMap<Key, Vec<Matter>>,
    waits: BTreeMap<Key, (String, Vec<Matter>)>,
    alone_due: Vec<Matter>,
    alone_waits: Vec<Matter>,
}

impl Bunches {
    pub fn of(of: HashMap<RequestId, (BatchId, String)>) -> Bunches {
        Bunches {
            of,
            ..Bunches::default()
        }
    }

    /// A limit of a request: `heading` is the duty's.
    pub fn due(&mut self, request: RequestId, heading: &str, matter: Matter) {
        match self.of.get(&request) {
            Some((batch, _)) => {
                let on = matter.due_on.map(|on| on.to_string()).unwrap_or_default();
                let key = (*batch, format!("{on} {heading} {:?}", matter.kind));
                self.due.entry(key).or_default().push(matter);
            }
            None => self.alone_due.push(matter),
        }
    }

    /// A letter of a request that waits: `letter` is its kind's name, `words` what it waits for, `at` the rest of the
    /// address in its batch where many of it are seen to; none where each is looked at alone.
    pub fn waits(
        &mut self,
        request: RequestId,
        letter: &str,
        words: &str,
        at: Option<String>,
        matter: Matter,
    ) {
        match (self.of.get(&request), at) {
            (Some((batch, _)), Some(at)) => {
                let key = (*batch, format!("{letter} {words}"));
                self.waits
                    .entry(key)
                    .or_insert_with(|| (at, Vec::new()))
                    .1
                    .push(matter);
            }
            _ => self.alone_waits.push(matter),
        }
    }

    /// The limits, then what waits, with the many made one.
    pub fn gathered(self) -> (Vec<Matter>, Vec<Matter>) {
        let titles: HashMap<BatchId, String> = self.of.into_values().collect();
        let title = |batch: &BatchId| titles.get(batch).cloned().unwrap_or_default();
        let (mut due, mut waits) = (self.alone_due, self.alone_waits);
        for ((batch, _), some) in self.due {
            match some.first() {
                Some(first) if some.len() >= MANY => {
                    due.push(limits(batch, &title(&batch), first.clone(), some.len()));
                }
                _ => due.extend(some),
            }
        }
        for ((batch, words), (at, some)) in self.waits {
            match some.first() {
                Some(first) if some.len() >= MANY => waits.push(Matter {
                    at: format!("batches/{batch}{at}"),
                    what: format!("{} × {words}", some.len()),
                    more: format!("Batch “{}”", title(&batch)),
                    ..first.clone()
                }),
                _ => waits.extend(some),
            }
        }
        (due, waits)
    }
}

fn limits(batch: BatchId, title: &str, first: Matter, many: usize) -> Matter {
    let late = first.kind == Kind::Late;
    let heading = first.what.rsplit(" · ").next().unwrap_or_default();
    let distance = first.more.split(" · ").next().unwrap_or_default();
    Matter {
        at: format!(
            "batches/{batch}/afterwards{}",
            if late { "?show=late" } else { "" }
        ),
        what: format!("{many} agencies of “{title}” · {heading}"),
        more: format!("{distance} · each by its own law"),
        ..first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn matter(what: &str, on: Option<&str>) -> Matter {
        Matter {
            at: "requests/1".to_owned(),
            what: what.to_owned(),
            kind: Kind::Due,
            due_on: on.map(|on| on.parse::<NaiveDate>().expect("a day")),
            more: "in 2 business days · the agency's limit · S-0001".to_owned(),
            act: "Open",
        }
    }

    #[test]
    fn three_of_a_batch_are_one_and_two_or_strangers_stay() {
        let mut bunches = Bunches::default();
        let batch = BatchId::new();
        let inside: Vec<RequestId> = (0..3).map(|_| RequestId::new()).collect();
        for request in &inside {
            bunches.of.insert(*request, (batch, "Jails".to_owned()));
            let one = matter("Alder Jail · Acknowledgment", Some("2026-09-08"));
            bunches.due(*request, "Acknowledgment", one);
        }
        for request in &inside[..2] {
            let at = Some("/review".to_owned());
            let one = matter("Letter to Alder Jail", None);
            bunches.waits(*request, "Letter", "waits for your approval", at, one);
        }
        let outside = matter("Birch Jail · Acknowledgment", Some("2026-09-08"));
        bunches.due(RequestId::new(), "Acknowledgment", outside.clone());
        let (due, waits) = bunches.gathered();
        assert_eq!(waits.len(), 2);
        assert_eq!(due.len(), 2);
        assert_eq!(due[0], outside);
        assert_eq!(due[1].what, "3 agencies of “Jails” · Acknowledgment");
        assert_eq!(due[1].at, format!("batches/{batch}/afterwards"));
        assert_eq!(due[1].more, "in 2 business days · each by its own law");
    }
}
