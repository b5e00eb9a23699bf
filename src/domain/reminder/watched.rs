//! What of one request can remind somebody besides its clocks, folded from its log.
//!
//! Longer than 500 lines, with its tests: everything that a log makes somebody wait for is read in one place.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Rules, Topic};
use crate::domain::event::{Event, Happening, ReplyKind, that_count};
use crate::domain::ids::{DocumentId, LetterId, MessageId, UserId};
use crate::domain::request::{Standing, Status, later_series, letter_standing, standing};

/// What waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A letter before counsel.
    Approval,
    /// A letter that counsel returned.
    Returned,
    Draft,
    /// The program drafted it.
    Chaser,
    /// Approved and not sent.
    Approved,
    Failed,
    Unknown,
    /// A reply that nobody has sorted.
    Unsorted,
    /// A document that waits for counsel.
    Held,
    /// The portal's messages are to be saved.
    Portal,
}

/// One thing that waits, since a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub kind: TaskKind,
    pub since: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<LetterId>,
    /// Which letter of the request: "appeal"; empty for the request itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub series: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
}

/// A reminder of somebody's own that is still to come or not dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnReminder {
    pub id: Uuid,
    pub by: UserId,
    pub on: NaiveDate,
    pub note: String,
}

/// A matter that somebody put off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snooze {
    pub by: UserId,
    pub matter: String,
    pub until: NaiveDate,
    pub why: String,
    pub at: DateTime<Utc>,
}

/// What a request's log tells of what is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// It has left and is not closed.
    pub is_out: bool,
    pub tasks: Vec<Task>,
    pub backup: Option<UserId>,
    pub own: Vec<OwnReminder>,
    /// The latest of each person and matter.
    pub snoozed: Vec<Snooze>,
    /// Sent by portal: since then its messages were not saved.
    pub portal_since: Option<NaiveDate>,
}

/// Whether the agency has answered since the program drafted this letter by itself, so that it should not leave as it is.
pub fn overtaken(log: &[Event], letter: LetterId) -> bool {
    that_count(log)
        .skip_while(|event| {
            !matches!(&event.what, Happening::ChaserDrafted { letter: drafted, .. } if *drafted == letter)
        })
        .any(|event| {
            matches!(&event.what, Happening::ReplySorted { what, .. } if *what != ReplyKind::Other)
        })
}

impl Watched {
    /// Reads a log, oldest event first. Days are those of `zone`.
    pub fn of_log(log: &[Event], zone: Tz) -> Watched {
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let stands = standing(log);
        let mut watched = Watched {
            is_out: stands.status.is_out() && stands.status != Status::Closed,
            ..Watched::default()
        };
        let mut replies: BTreeMap<MessageId, NaiveDate> = BTreeMap::new();
        let mut held: BTreeMap<DocumentId, NaiveDate> = BTreeMap::new();
        let mut chasers: Vec<LetterId> = Vec::new();
        // Drafts of the program's own that an answer has overtaken: nobody is reminded of them.
        let mut left: Vec<LetterId> = Vec::new();
        for event in that_count(log) {
            match &event.what {
                Happening::ReplyReceived { message, .. } => {
                    replies.entry(*message).or_insert(day(event.at));
                }
                Happening::ReplyFiled {
                    message, documents, ..
                } => {
                    replies.entry(*message).or_insert(day(event.at));
                    for document in documents {
                        held.insert(*document, day(event.at));
                    }
                }
                Happening::ReplyMovedAway {
                    message, documents, ..
                } => {
                    replies.remove(message);
                    for document in documents {
                        held.remove(document);
                    }
                }
                Happening::ReplySorted {
                    message: Some(message),
                    ..
                } => {
                    replies.remove(message);
                }
                Happening::DocumentTaken { document, .. } => {
                    held.insert(*document, day(event.at));
                }
                Happening::DocumentCleared { document }
                | Happening::DocumentSealed { document }
                | Happening::DocumentHeld { document } => {
                    held.remove(document);
                }
                Happening::Sent {
                    channel,
                    letter_kind,
                    ..
                } if channel == "portal" && letter_kind.is_none() => {
                    watched.portal_since = Some(day(event.at));
                }
                // A letter that somebody put into the portal: its receipt may be recorded later.
                Happening::Dispatched {
                    channel,
                    letter_kind,
                    on,
                    ..
                } if channel == "portal" && letter_kind.is_none() => {
                    watched.portal_since = Some(*on);
                }
                Happening::PortalChecked { on, .. } if watched.portal_since.is_some() => {
                    watched.portal_since = watched.portal_since.max(Some(*on));
                }
                Happening::ChaserDrafted { letter, .. } if !overtaken(log, *letter) => {
                    chasers.push(*letter);
                }
                Happening::ChaserDrafted { letter, .. } => left.push(*letter),
                Happening::BackupChosen { account } => watched.backup = *account,
                Happening::OwnReminderSet { reminder, on, note } => {
                    if let Some(by) = event.by {
                        watched.own.push(OwnReminder {
                            id: *reminder,
                            by,
                            on: *on,
                            note: note.clone(),
                        });
                    }
                }
                Happening::ReminderSnoozed { matter, until, why } => {
                    if let Some(by) = event.by {
                        watched
                            .snoozed
                            .retain(|one| one.by != by || one.matter != *matter);
                        watched.snoozed.push(Snooze {
                            by,
                            matter: matter.clone(),
                            until: *until,
                            why: why.clone(),
                            at: event.at,
                        });
                    }
                }
                Happening::ReminderActedOn { matter, .. } => {
                    if matter == "portal" && watched.portal_since.is_some() {
                        watched.portal_since = Some(day(event.at));
                    }
                    watched
                        .own
                        .retain(|own| format!("own:{}", own.id.simple()) != *matter);
                }
                _ => {}
            }
        }
        let closed = stands.status == Status::Closed;
        if !watched.is_out {
            watched.portal_since = None;
        }
        let plain = |kind, since| Task {
            kind,
            since,
            letter: None,
            series: String::new(),
            message: None,
            document: None,
        };
        watched
            .tasks
            .extend(replies.into_iter().map(|(id, since)| Task {
                message: Some(id),
                ..plain(TaskKind::Unsorted, since)
            }));
        watched
            .tasks
            .extend(held.into_iter().map(|(id, since)| Task {
                document: Some(id),
                ..plain(TaskKind::Held, since)
            }));
        let begun = log.first().map_or(NaiveDate::MIN, |event| day(event.at));
        let mut letter = |stands: &Standing, series: &str| {
            let kind = match stands.status {
                Status::WithCounsel => TaskKind::Approval,
                Status::Returned => TaskKind::Returned,
                Status::Draft if stands.letter.is_some_and(|(id, _)| chasers.contains(&id)) => {
                    TaskKind::Chaser
                }
                Status::Draft if stands.letter.is_some_and(|(id, _)| left.contains(&id)) => return,
                Status::Draft => TaskKind::Draft,
                Status::Approved => TaskKind::Approved,
                Status::DeliveryFailed => TaskKind::Failed,
                Status::DeliveryUnknown => TaskKind::Unknown,
                _ => return,
            };
            watched.tasks.push(Task {
                letter: stands.letter.map(|(id, _)| id),
                series: series.to_owned(),
                ..plain(kind, stands.since_at.map_or(begun, day))
            });
        };
        if !closed {
            letter(&stands, "");
            for series in later_series(log) {
                letter(&letter_standing(log, &series), &series);
            }
        }
        watched
    }

    /// Until when this person does not want to hear of a matter.
    pub fn snoozed_until(&self, by: UserId, matter: &str) -> Option<NaiveDate> {
        self.snoozed
            .iter()
            .find(|one| one.by == by && one.matter == matter)
            .map(|one| one.until)
    }
}

/// The last day to which a matter may be put off. A limit of our own may be put off while it is far: never into its
/// last days, for a right that is missed is lost.
///
/// # Errors
/// The sentence that says why not.
pub fn may_snooze_until(
    topic: Topic,
    due_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<NaiveDate, &'static str> {
    let far = today + Days::new(90);
    match (topic, due_on) {
        (Topic::OurWindow, Some(due_on)) => {
            let last = due_on - Days::new(u64::from(Rules::LAST[0]));
            if last <= today {
                Err(
                    "This is a limit of our own and it is near: missed, the right is lost. It cannot be put off any more. File, or close the request with the reason.",
                )
            } else {
                Ok(last.min(far))
            }
        }
        _ => Ok(far),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, TimeZone};

    fn log(what: Vec<Happening>, by: UserId) -> Vec<Event> {
        let start = Utc
            .with_ymd_and_hms(2026, 1, 12, 17, 0, 0)
            .single()
            .expect("an instant");
        what.into_iter()
            .enumerate()
            .map(|(n, what)| Event {
                id: n as i64,
                campaign: None,
                request: None,
                by: Some(by),
                at: start + Duration::days(n as i64),
                what,
            })
            .collect()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_log_tells_what_waits_and_since_when() {
        let (by, letter, message, document) = (
            UserId::new(),
            LetterId::new(),
            MessageId::new(),
            DocumentId::new(),
        );
        let zone = chrono_tz::America::Los_Angeles;
        let written = |id, kind: Option<&str>| Happening::LetterWritten {
            letter: id,
            version: 1,
            sha256: "0".to_owned(),
            voids_approval: false,
            letter_kind: kind.map(str::to_owned),
        };
        let sent = Happening::Sent {
            letter,
            version: 1,
            sha256: "0".to_owned(),
            channel: "portal".to_owned(),
            evidence: crate::domain::event::Evidence::PortalStamp,
            receipt_on: Some(day("2026-01-14")),
            letter_kind: None,
            completes: false,
        };
        let received = Happening::ReplyReceived {
            message,
            matched_by: "token".to_owned(),
            attachments: 1,
            auto_reply: false,
        };
        let taken = Happening::DocumentTaken {
            document,
            name: "log.pdf".to_owned(),
            pages: Some(2),
        };
        let chaser = LetterId::new();
        let own = Uuid::new_v4();
        let mut happened = vec![
            Happening::Drafted,
            written(letter, None),
            sent,
            received,
            taken,
            Happening::OwnReminderSet {
                reminder: own,
                on: day("2026-02-10"),
                note: "call the clerk".to_owned(),
            },
            Happening::ReminderSnoozed {
                matter: "clock:produce".to_owned(),
                until: day("2026-02-01"),
                why: "they called".to_owned(),
            },
            written(chaser, Some("overdue_notice")),
            Happening::ChaserDrafted {
                letter: chaser,
                duty: "produce".to_owned(),
                due_on: day("2026-01-18"),
            },
        ];
        let watched = Watched::of_log(&log(happened.clone(), by), zone);
        let kinds: Vec<(TaskKind, NaiveDate)> = watched
            .tasks
            .iter()
            .map(|task| (task.kind, task.since))
            .collect();
        assert_eq!(
            kinds,
            [
                (TaskKind::Unsorted, day("2026-01-15")),
                (TaskKind::Held, day("2026-01-16")),
                (TaskKind::Chaser, day("2026-01-19")),
            ]
        );
        assert_eq!(watched.portal_since, Some(day("2026-01-14")));
        assert_eq!(watched.own.len(), 1);
        assert_eq!(
            watched.snoozed_until(by, "clock:produce"),
            Some(day("2026-02-01"))
        );
        assert_eq!(watched.snoozed_until(UserId::new(), "clock:produce"), None);

        // A message that belonged elsewhere went with its file, and a look into the portal starts its week anew.
        let mut moved = happened.clone();
        moved.push(Happening::ReplyMovedAway {
            message,
            to: crate::domain::ids::RequestId::new(),
            reference: "S-0002".to_owned(),
            why: "another county".to_owned(),
            documents: vec![document],
        });
        moved.push(Happening::PortalChecked {
            on: day("2026-01-20"),
            note: String::new(),
            document: None,
        });
        let elsewhere = Watched::of_log(&log(moved, by), zone);
        assert!(
            elsewhere
                .tasks
                .iter()
                .all(|task| task.kind == TaskKind::Chaser)
        );
        assert_eq!(elsewhere.portal_since, Some(day("2026-01-20")));
        let arrived = vec![
            Happening::Drafted,
            Happening::ReplyFiled {
                message,
                why: "moved from S-0001".to_owned(),
                documents: vec![document],
            },
        ];
        let there = Watched::of_log(&log(arrived, by), zone);
        let kinds: Vec<TaskKind> = there.tasks.iter().map(|task| task.kind).collect();
        assert!(
            kinds.contains(&TaskKind::Unsorted) && kinds.contains(&TaskKind::Held),
            "{kinds:?}"
        );

        // What was done is done: the portal's messages are saved, the own reminder is dealt with, the reply is sorted.
        happened.push(Happening::ReminderActedOn {
            matter: "portal".to_owned(),
            note: String::new(),
        });
        happened.push(Happening::ReminderActedOn {
            matter: format!("own:{}", own.simple()),
            note: String::new(),
        });
        happened.push(Happening::ReplySorted {
            message: Some(message),
            what: crate::domain::event::ReplyKind::Acknowledged,
            on: day("2026-01-15"),
            until: None,
            amount_cents: None,
            note: String::new(),
            detail: crate::domain::event::Detail::default(),
        });
        let now = log(happened.clone(), by);
        assert!(overtaken(&now, chaser) && !overtaken(&now[..now.len() - 1], chaser));
        let watched = Watched::of_log(&now, zone);
        assert!(
            watched
                .tasks
                .iter()
                .all(|task| task.kind != TaskKind::Chaser && task.kind != TaskKind::Draft)
        );
        assert_eq!(watched.portal_since, Some(day("2026-01-21")));
        assert!(watched.own.is_empty());
        assert!(
            watched
                .tasks
                .iter()
                .all(|task| task.kind != TaskKind::Unsorted)
        );

        happened.push(Happening::Closed {
            note: "done".to_owned(),
        });
        let watched = Watched::of_log(&log(happened, by), zone);
        assert!(!watched.is_out && watched.portal_since.is_none());
        assert!(watched.tasks.iter().all(|task| task.kind == TaskKind::Held));
    }

    #[test]
    fn our_own_limit_cannot_be_put_off_into_its_last_days() {
        let today = day("2026-03-01");
        let until = |topic, due: &str| may_snooze_until(topic, Some(day(due)), today).ok();
        assert_eq!(
            until(Topic::OurWindow, "2026-03-10"),
            Some(day("2026-03-07"))
        );
        assert_eq!(until(Topic::OurWindow, "2026-03-04"), None);
        assert_eq!(until(Topic::OurWindow, "2026-02-20"), None);
        assert_eq!(
            until(Topic::AgencyLimit, "2026-03-02"),
            Some(day("2026-05-30"))
        );
        assert_eq!(
            until(Topic::OurWindow, "2027-03-10"),
            Some(day("2026-05-30"))
        );
    }
}
