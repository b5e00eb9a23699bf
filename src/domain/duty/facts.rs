//! What is known of a request that its clocks depend on.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::event::{Event, Happening, ReplyKind};
use crate::domain::ids::LetterId;
use crate::law::HolderKind;

/// The facts of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facts {
    /// The day on which the agency received the request, by the evidence at hand; without it no clock runs.
    pub received_on: Option<NaiveDate>,
    pub holder: HolderKind,
    /// Keys of the law file's conditions that hold for this request: "commercial".
    pub conditions: BTreeSet<String>,
    /// What happened and on which day, in any order.
    pub events: Vec<(EventKind, NaiveDate)>,
}

/// What can move a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Sent,
    Acknowledged,
    /// The agency took more time, to the date it named if it named one.
    Extended {
        to: Option<NaiveDate>,
    },
    Paused,
    Resumed,
    ClarificationAsked,
    FeeAsked,
    Paid,
    /// The agency said what it will release.
    Determined,
    Denied,
    /// We received a denial, where that day differs from the day of the denial.
    DenialReceived,
    /// Released in part, the rest refused.
    Partial,
    NoRecords,
    Produced,
    RulingRequested,
    Appealed,
    AppealDecided,
    Complained,
    Sued,
    Closed,
}

impl EventKind {
    const PLAIN: [EventKind; 19] = [
        EventKind::Sent,
        EventKind::Acknowledged,
        EventKind::Paused,
        EventKind::Resumed,
        EventKind::ClarificationAsked,
        EventKind::FeeAsked,
        EventKind::Paid,
        EventKind::Determined,
        EventKind::Denied,
        EventKind::DenialReceived,
        EventKind::Partial,
        EventKind::NoRecords,
        EventKind::Produced,
        EventKind::RulingRequested,
        EventKind::Appealed,
        EventKind::AppealDecided,
        EventKind::Complained,
        EventKind::Sued,
        EventKind::Closed,
    ];

    /// The word of the command line and of the JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::Sent => "sent",
            EventKind::Acknowledged => "acknowledged",
            EventKind::Extended { .. } => "extended",
            EventKind::Paused => "paused",
            EventKind::Resumed => "resumed",
            EventKind::ClarificationAsked => "clarification_asked",
            EventKind::FeeAsked => "fee_asked",
            EventKind::Paid => "paid",
            EventKind::Determined => "determined",
            EventKind::Denied => "denied",
            EventKind::DenialReceived => "denial_received",
            EventKind::Partial => "partial",
            EventKind::NoRecords => "no_records",
            EventKind::Produced => "produced",
            EventKind::RulingRequested => "ruling_requested",
            EventKind::Appealed => "appealed",
            EventKind::AppealDecided => "appeal_decided",
            EventKind::Complained => "complained",
            EventKind::Sued => "sued",
            EventKind::Closed => "closed",
        }
    }

    /// Every word that [`EventKind::parse`] takes.
    pub fn words() -> Vec<&'static str> {
        let mut words: Vec<_> = Self::PLAIN.iter().map(|kind| kind.as_str()).collect();
        words.insert(2, "extended");
        words
    }

    /// The kind of that word, `extended` without a date; hyphens pass for underscores.
    pub fn parse(word: &str) -> Option<EventKind> {
        let word = word.trim().to_ascii_lowercase().replace('-', "_");
        if word == "extended" {
            return Some(EventKind::Extended { to: None });
        }
        Self::PLAIN.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl Facts {
    /// The facts that a request's log tells: receipt by the first proof (a presumption gives way to any proof), and
    /// every reply as a person sorted it.
    /// A closing is dated in `zone`, the agency's.
    pub fn of_log<'e>(
        holder: HolderKind,
        zone: Tz,
        log: impl IntoIterator<Item = &'e Event>,
    ) -> Facts {
        let mut presumed: Option<NaiveDate> = None;
        let mut proved: Option<NaiveDate> = None;
        let mut facts = Facts {
            holder,
            ..Facts::default()
        };
        // Letters after the request: they prove no receipt of it, but an appeal starts clocks of its own.
        let mut later: Vec<(LetterId, EventKind, NaiveDate)> = Vec::new();
        let mut other: BTreeSet<LetterId> = BTreeSet::new();
        let earlier =
            |old: Option<NaiveDate>, new: NaiveDate| Some(old.map_or(new, |old| old.min(new)));
        for event in log {
            match &event.what {
                Happening::Sent {
                    letter,
                    receipt_on,
                    letter_kind: Some(kind),
                    ..
                } => {
                    let on =
                        receipt_on.unwrap_or_else(|| event.at.with_timezone(&zone).date_naive());
                    let step = match kind.as_str() {
                        "appeal" => EventKind::Appealed,
                        "complaint" => EventKind::Complained,
                        _ => continue,
                    };
                    later.push((*letter, step, on));
                }
                Happening::Sent {
                    evidence,
                    receipt_on: Some(on),
                    ..
                } => {
                    if evidence.is_presumed() {
                        presumed = earlier(presumed, *on);
                    } else {
                        proved = earlier(proved, *on);
                    }
                }
                // It came back: what was presumed did not happen.
                Happening::DeliveryFailed { letter, .. } => {
                    let before = later.len();
                    later.retain(|(id, _, _)| Some(*id) != *letter);
                    let is_later = before != later.len()
                        || letter.is_some_and(|letter| other.contains(&letter));
                    if !is_later {
                        presumed = None;
                    }
                }
                Happening::LetterWritten {
                    letter,
                    letter_kind: Some(_),
                    ..
                } => {
                    other.insert(*letter);
                }
                Happening::ReceiptRecorded { on, evidence, .. } => {
                    if evidence.is_presumed() {
                        presumed = earlier(presumed, *on);
                    } else {
                        proved = earlier(proved, *on);
                    }
                }
                Happening::ReplySorted {
                    what, on, until, ..
                } => {
                    let kind = match what {
                        ReplyKind::Acknowledged => EventKind::Acknowledged,
                        ReplyKind::Extended => EventKind::Extended { to: *until },
                        ReplyKind::FeeDemanded => EventKind::FeeAsked,
                        ReplyKind::ClarificationAsked => EventKind::ClarificationAsked,
                        ReplyKind::Determined => EventKind::Determined,
                        ReplyKind::Denied => EventKind::Denied,
                        ReplyKind::Partial => EventKind::Partial,
                        ReplyKind::NoRecords => EventKind::NoRecords,
                        ReplyKind::Produced => EventKind::Produced,
                        ReplyKind::Referred | ReplyKind::Other => continue,
                    };
                    facts.events.push((kind, *on));
                }
                Happening::Closed { .. } => facts.events.push((
                    EventKind::Closed,
                    event.at.with_timezone(&zone).date_naive(),
                )),
                _ => {}
            }
        }
        facts
            .events
            .extend(later.into_iter().map(|(_, step, on)| (step, on)));
        facts.received_on = proved.or(presumed);
        facts
    }

    /// The first day of an event that `wanted` accepts.
    pub(super) fn first(&self, wanted: impl Fn(EventKind) -> bool) -> Option<NaiveDate> {
        self.events
            .iter()
            .filter(|(kind, _)| wanted(*kind))
            .map(|(_, day)| *day)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::domain::event::Evidence;

    fn event(day: u32, hour: u32, what: Happening) -> Event {
        let at = Utc
            .with_ymd_and_hms(2026, 1, day, hour, 30, 0)
            .single()
            .expect("an instant");
        Event {
            id: 0,
            campaign: None,
            request: None,
            by: None,
            at,
            what,
        }
    }

    fn on(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, day).expect("a day")
    }

    #[test]
    fn proof_of_receipt_replaces_a_presumption_and_the_first_proof_counts() {
        let sent = event(
            16,
            18,
            Happening::Sent {
                letter: crate::domain::ids::LetterId::new(),
                version: 1,
                sha256: String::new(),
                channel: "email".to_owned(),
                evidence: Evidence::ServerAccepted,
                receipt_on: Some(on(16)),
                letter_kind: None,
            },
        );
        let recorded = |day, evidence| {
            event(
                28,
                12,
                Happening::ReceiptRecorded {
                    on: on(day),
                    evidence,
                    note: String::new(),
                },
            )
        };
        let facts = |log: &[Event]| Facts::of_log(HolderKind::Sheriff, Tz::UTC, log);
        assert_eq!(facts(&[]).received_on, None);
        assert_eq!(facts(std::slice::from_ref(&sent)).received_on, Some(on(16)));
        let log = [
            sent,
            recorded(22, Evidence::CertifiedPost),
            recorded(21, Evidence::Acknowledgment),
        ];
        assert_eq!(facts(&log).received_on, Some(on(21)));
    }

    #[test]
    fn an_appeal_that_left_starts_its_own_clock_and_proves_no_receipt() {
        let (request, appeal) = (LetterId::new(), LetterId::new());
        let sent = |letter, day, kind: Option<&str>| {
            event(
                day,
                18,
                Happening::Sent {
                    letter,
                    version: 1,
                    sha256: String::new(),
                    channel: "email".to_owned(),
                    evidence: Evidence::ServerAccepted,
                    receipt_on: Some(on(day)),
                    letter_kind: kind.map(str::to_owned),
                },
            )
        };
        let written = event(
            19,
            9,
            Happening::LetterWritten {
                letter: appeal,
                version: 1,
                sha256: String::new(),
                voids_approval: false,
                letter_kind: Some("appeal".to_owned()),
            },
        );
        let mut log = vec![
            sent(request, 5, None),
            written,
            sent(appeal, 20, Some("appeal")),
            sent(LetterId::new(), 21, Some("thank_you")),
        ];
        let facts = Facts::of_log(HolderKind::Sheriff, Tz::UTC, &log);
        assert_eq!(facts.received_on, Some(on(5)));
        assert_eq!(facts.events, [(EventKind::Appealed, on(20))]);
        log.push(event(
            22,
            9,
            Happening::DeliveryFailed {
                why: "no such user".to_owned(),
                letter: Some(appeal),
            },
        ));
        let facts = Facts::of_log(HolderKind::Sheriff, Tz::UTC, &log);
        assert_eq!(facts.received_on, Some(on(5)), "the request itself arrived");
        assert_eq!(facts.events, [], "the appeal came back");
    }

    #[test]
    fn a_request_closed_late_in_the_evening_is_closed_that_day() {
        // 04:30 UTC on the 17th is the evening of the 16th in Seattle.
        let closed = [event(
            17,
            4,
            Happening::Closed {
                note: String::new(),
            },
        )];
        let facts = Facts::of_log(HolderKind::Sheriff, Tz::America__Los_Angeles, &closed);
        assert_eq!(facts.events, [(EventKind::Closed, on(16))]);
    }

    #[test]
    fn every_word_reads_back() {
        for word in EventKind::words() {
            assert_eq!(EventKind::parse(word).map(EventKind::as_str), Some(word));
        }
        assert_eq!(EventKind::words().len(), 20);
    }
}
