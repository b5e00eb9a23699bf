//! What is known of a request that its clocks depend on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::event::{Event, Happening, ReplyKind, that_count};
use crate::domain::ids::LetterId;
use crate::law::{Ground, HolderKind};

use super::happened::EventKind;

/// The facts of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facts {
    /// The day on which the agency received the request, by the evidence at hand; without it no clock runs.
    pub received_on: Option<NaiveDate>,
    pub holder: HolderKind,
    /// The county of the body, where one is known: some days are closed in some counties only.
    pub county: Option<String>,
    /// It came after the office had shut for the day.
    pub after_hours: bool,
    /// How it was sent, in the law files' words: `email`, `mail`. Some laws date the receipt from the sending.
    pub sent_by: Option<String>,
    /// Whether the receipt is proved, not only presumed.
    pub receipt_proved: bool,
    /// Keys of the law file's conditions that hold for this request: "commercial".
    pub conditions: BTreeSet<String>,
    /// Days on which this body is closed besides what its law says, each with the reason.
    pub closed: BTreeMap<NaiveDate, String>,
    /// What happened and on which day, in any order.
    pub events: Vec<(EventKind, NaiveDate)>,
}

/// What the clocks need to know of the body that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub holder: HolderKind,
    /// Without "County".
    pub county: Option<String>,
    /// A closing is dated by its clock.
    pub zone: Tz,
    /// Days on which it is closed besides what its law says.
    pub closed: BTreeMap<NaiveDate, String>,
}

impl Body {
    /// A body of which only the kind and the zone are known.
    pub fn plain(holder: HolderKind, zone: Tz) -> Body {
        Body {
            holder,
            county: None,
            zone,
            closed: BTreeMap::new(),
        }
    }
}

/// One day of receipt.
#[derive(Clone, Copy)]
struct Had {
    on: NaiveDate,
    after_hours: bool,
}

impl Had {
    fn of(on: NaiveDate, after_hours: bool) -> Had {
        Had { on, after_hours }
    }
}

impl Facts {
    /// The facts that a request's log tells of this body: receipt by the first proof (a presumption gives way to any
    /// proof), every reply as a person sorted it, every step. What was withdrawn as a mistake is left out.
    pub fn of_log(body: &Body, log: &[Event]) -> Facts {
        let mut presumed: Option<Had> = None;
        let mut proved: Option<Had> = None;
        let mut facts = Facts {
            holder: body.holder,
            county: body.county.clone(),
            closed: body.closed.clone(),
            ..Facts::default()
        };
        // Letters after the request: they prove no receipt of it, but an appeal starts clocks of its own.
        let mut later: Vec<(LetterId, EventKind, NaiveDate)> = Vec::new();
        let mut other: BTreeSet<LetterId> = BTreeSet::new();
        let earlier = |old: Option<Had>, new: Had| match old {
            Some(old) if old.on <= new.on => Some(old),
            _ => Some(new),
        };
        for event in that_count(log) {
            match &event.what {
                Happening::Sent {
                    letter,
                    receipt_on,
                    letter_kind: Some(kind),
                    ..
                } => {
                    let on = receipt_on
                        .unwrap_or_else(|| event.at.with_timezone(&body.zone).date_naive());
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
                    channel,
                    ..
                } => {
                    // What was handed over by other ways is often recorded later than it arrived.
                    let left_on = event.at.with_timezone(&body.zone).date_naive().min(*on);
                    facts.events.push((EventKind::Sent, left_on));
                    facts.sent_by.get_or_insert_with(|| match channel.as_str() {
                        "post" => "mail".to_owned(),
                        other => other.to_owned(),
                    });
                    let had = Had::of(*on, false);
                    if evidence.is_presumed() {
                        presumed = earlier(presumed, had);
                    } else {
                        proved = earlier(proved, had);
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
                Happening::ReceiptRecorded {
                    on,
                    evidence,
                    after_hours,
                    ..
                } => {
                    let had = Had::of(*on, *after_hours);
                    if evidence.is_presumed() {
                        presumed = earlier(presumed, had);
                    } else {
                        proved = earlier(proved, had);
                    }
                }
                Happening::ReplySorted {
                    what, on, until, ..
                } => {
                    let kind = match what {
                        ReplyKind::Acknowledged => EventKind::Acknowledged,
                        // The reply is the notice.
                        ReplyKind::Extended => EventKind::Extended {
                            to: *until,
                            noticed: Some(true),
                        },
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
                Happening::StepRecorded {
                    step,
                    on,
                    until,
                    ground,
                    notice_seen,
                    ..
                } => {
                    let kind = match EventKind::parse(step) {
                        None => continue,
                        Some(EventKind::Extended { .. }) => EventKind::Extended {
                            to: *until,
                            noticed: *notice_seen,
                        },
                        Some(EventKind::Paused { .. }) => EventKind::Paused {
                            ground: ground.as_deref().and_then(Ground::parse),
                        },
                        Some(kind) => kind,
                    };
                    facts.events.push((kind, *on));
                }
                Happening::ConditionSet { key, holds, .. } => {
                    if *holds {
                        facts.conditions.insert(key.clone());
                    } else {
                        facts.conditions.remove(key);
                    }
                }
                Happening::Closed { .. } => facts.events.push((
                    EventKind::Closed,
                    event.at.with_timezone(&body.zone).date_naive(),
                )),
                _ => {}
            }
        }
        for (_, step, on) in later {
            // A person may have recorded the same appeal by hand.
            if !facts.events.contains(&(step, on)) {
                facts.events.push((step, on));
            }
        }
        facts.receipt_proved = proved.is_some();
        if let Some(had) = proved.or(presumed) {
            facts.received_on = Some(had.on);
            facts.after_hours = had.after_hours;
        }
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
                    after_hours: false,
                },
            )
        };
        let body = Body::plain(HolderKind::Sheriff, Tz::UTC);
        let facts = |log: &[Event]| Facts::of_log(&body, log);
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
        let facts = Facts::of_log(&Body::plain(HolderKind::Sheriff, Tz::UTC), &log);
        assert_eq!(facts.received_on, Some(on(5)));
        assert_eq!(
            facts.events,
            [(EventKind::Sent, on(5)), (EventKind::Appealed, on(20))]
        );
        log.push(event(
            22,
            9,
            Happening::DeliveryFailed {
                why: "no such user".to_owned(),
                letter: Some(appeal),
            },
        ));
        let facts = Facts::of_log(&Body::plain(HolderKind::Sheriff, Tz::UTC), &log);
        assert_eq!(facts.received_on, Some(on(5)), "the request itself arrived");
        assert_eq!(
            facts.events,
            [(EventKind::Sent, on(5))],
            "the appeal came back"
        );
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
        let body = Body::plain(HolderKind::Sheriff, Tz::America__Los_Angeles);
        let facts = Facts::of_log(&body, &closed);
        assert_eq!(facts.events, [(EventKind::Closed, on(16))]);
    }

    #[test]
    fn a_minute_before_midnight_belongs_to_the_day_also_when_the_clocks_change() {
        // 23:59 in Seattle on the days on which daylight-saving time begins and ends, and on a leap day.
        for (at, on) in [
            ("2026-03-09T06:59:00Z", "2026-03-08"),
            ("2026-03-09T07:00:00Z", "2026-03-09"),
            ("2026-11-02T07:59:00Z", "2026-11-01"),
            ("2026-11-02T08:00:00Z", "2026-11-02"),
            ("2028-03-01T07:59:00Z", "2028-02-29"),
            ("2027-01-01T07:59:00Z", "2026-12-31"),
        ] {
            let closed = [Event {
                id: 1,
                campaign: None,
                request: None,
                by: None,
                at: at.parse().expect("an instant"),
                what: Happening::Closed {
                    note: String::new(),
                },
            }];
            let body = Body::plain(HolderKind::Sheriff, Tz::America__Los_Angeles);
            let day = on.parse().expect("a day");
            assert_eq!(
                Facts::of_log(&body, &closed).events,
                [(EventKind::Closed, day)],
                "{at}"
            );
        }
    }

    #[test]
    fn steps_conditions_and_withdrawals_are_read_from_the_log() {
        let step = |day, step: &str, ground: Option<&str>| {
            event(
                day,
                12,
                Happening::StepRecorded {
                    step: step.to_owned(),
                    on: on(day),
                    until: None,
                    ground: ground.map(str::to_owned),
                    notice_seen: None,
                    note: String::new(),
                },
            )
        };
        let set = |day, holds| {
            event(
                day,
                12,
                Happening::ConditionSet {
                    key: "commercial".to_owned(),
                    holds,
                    note: String::new(),
                },
            )
        };
        let mut log = vec![
            step(5, "paused", Some("fee")),
            step(9, "paid", None),
            set(9, true),
        ];
        for (at, event) in log.iter_mut().enumerate() {
            event.id = i64::try_from(at).expect("small") + 1;
        }
        let body = Body::plain(HolderKind::Sheriff, Tz::UTC);
        let facts = Facts::of_log(&body, &log);
        let paused = EventKind::Paused {
            ground: Some(Ground::Fee),
        };
        assert_eq!(facts.events, [(paused, on(5)), (EventKind::Paid, on(9))]);
        assert!(facts.conditions.contains("commercial"));
        let mut mistake = event(
            10,
            12,
            Happening::EntryWithdrawn {
                entry: 1,
                why: "The agency asked for no fee.".to_owned(),
            },
        );
        mistake.id = 4;
        log.push(mistake);
        log.push(set(11, false));
        let facts = Facts::of_log(&body, &log);
        assert_eq!(facts.events, [(EventKind::Paid, on(9))]);
        assert!(facts.conditions.is_empty());
    }
}
