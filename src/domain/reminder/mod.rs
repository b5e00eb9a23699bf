//! Reminders: who hears of what and when, what can be put off, and what a morning's mail says.
//!
//! [`look`] takes what one request's log tells ([`Watched`]), its clocks, the campaign's [`Rules`] and a day, and gives
//! what is to be told, to whom, and the next day on which to look again. [`digest`] says what makes a mail, [`feed`]
//! how a calendar's entries follow the clocks. Our own windows cannot be switched off: see [`Topic::OurWindow`].
//! Not here: what today is, any mail or page. May import `calendar`, `law` and earlier stages. Pure.

pub mod digest;
pub mod feed;
mod look;
mod morning;
mod rules;
mod schedule;
mod watched;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{BatchId, DocumentId, LetterId, MessageId, RequestId};

pub use look::{Circle, Limit, Looked, Notice, look, readers};
pub use morning::morning;
pub use rules::{Choices, Language, Morning, Rules};
pub use schedule::{OpenDays, Step, Tell, agency_limit, our_window, reached, waited};
pub use watched::{OwnReminder, Snooze, Task, TaskKind, Watched, may_snooze_until, overtaken};

/// What a reminder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A limit of the agency.
    AgencyLimit,
    /// A limit of our own: appeal, suit, clarification, deposit. Missed, the right is lost and nobody can give it back,
    /// so these are never switched off entirely.
    OurWindow,
    /// A reply that nobody has sorted.
    Replies,
    /// A document that waits for counsel.
    Held,
    /// A letter that waits for counsel.
    Approvals,
    /// A request went through a portal: its messages live there and are saved here by hand.
    Portal,
    /// Contacts of a batch that were checked too long ago, before its letters leave.
    Contacts,
    /// A reminder of one's own.
    Own,
}

impl Topic {
    pub const ALL: [Topic; 8] = [
        Topic::AgencyLimit,
        Topic::OurWindow,
        Topic::Replies,
        Topic::Held,
        Topic::Approvals,
        Topic::Portal,
        Topic::Contacts,
        Topic::Own,
    ];

    /// The word of the database and of forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Topic::AgencyLimit => "agency_limit",
            Topic::OurWindow => "our_window",
            Topic::Replies => "replies",
            Topic::Held => "held",
            Topic::Approvals => "approvals",
            Topic::Portal => "portal",
            Topic::Contacts => "contacts",
            Topic::Own => "own",
        }
    }

    pub fn parse(text: &str) -> Option<Topic> {
        Topic::ALL.into_iter().find(|topic| topic.as_str() == text)
    }

    /// As pages name it.
    pub fn plain(self) -> &'static str {
        match self {
            Topic::AgencyLimit => "The agency's limits",
            Topic::OurWindow => "Our own time limits",
            Topic::Replies => "Replies that nobody has sorted",
            Topic::Held => "Documents that wait for counsel",
            Topic::Approvals => "Letters that wait for counsel",
            Topic::Portal => "Messages in an agency's portal",
            Topic::Contacts => "Old contacts before a batch",
            Topic::Own => "Reminders of my own",
        }
    }

    /// Whether somebody may do without it.
    pub fn may_be_off(self) -> bool {
        self != Topic::OurWindow
    }
}

/// The one thing that a reminder is about. Written into the database as one word; a limit that moves is another
/// subject, so that what was said of the old date does not count for the new one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Clock {
        request: RequestId,
        /// The rule's name in the law file.
        duty: String,
        due_on: NaiveDate,
        ours: bool,
    },
    Reply(RequestId, MessageId),
    Held(RequestId, DocumentId),
    Approval(RequestId, LetterId),
    /// Counted from that day: the sending, or the last time that the portal's messages were saved.
    Portal(RequestId, NaiveDate),
    Contacts(BatchId),
    Own(RequestId, uuid::Uuid),
}

impl Subject {
    pub fn topic(&self) -> Topic {
        match self {
            Subject::Clock { ours: false, .. } => Topic::AgencyLimit,
            Subject::Clock { ours: true, .. } => Topic::OurWindow,
            Subject::Reply(..) => Topic::Replies,
            Subject::Held(..) => Topic::Held,
            Subject::Approval(..) => Topic::Approvals,
            Subject::Portal(..) => Topic::Portal,
            Subject::Contacts(_) => Topic::Contacts,
            Subject::Own(..) => Topic::Own,
        }
    }

    pub fn request(&self) -> Option<RequestId> {
        match self {
            Subject::Clock { request, .. }
            | Subject::Reply(request, _)
            | Subject::Held(request, _)
            | Subject::Approval(request, _)
            | Subject::Portal(request, _)
            | Subject::Own(request, _) => Some(*request),
            Subject::Contacts(_) => None,
        }
    }

    /// What a person puts off or deals with: the same for every date of one limit.
    pub fn matter(&self) -> String {
        match self {
            Subject::Clock { duty, .. } => format!("clock:{duty}"),
            Subject::Reply(_, message) => format!("reply:{message}"),
            Subject::Held(_, document) => format!("held:{document}"),
            Subject::Approval(_, letter) => format!("approval:{letter}"),
            Subject::Portal(..) => "portal".to_owned(),
            Subject::Contacts(batch) => format!("contacts:{batch}"),
            Subject::Own(_, id) => format!("own:{}", id.simple()),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Clock {
                request,
                duty,
                due_on,
                ours,
            } => {
                let whose = if *ours { "ours" } else { "agency" };
                write!(f, "clock:{request}:{whose}:{due_on}:{duty}")
            }
            Subject::Reply(request, id) => write!(f, "reply:{request}:{id}"),
            Subject::Held(request, id) => write!(f, "held:{request}:{id}"),
            Subject::Approval(request, id) => write!(f, "approval:{request}:{id}"),
            Subject::Portal(request, since) => write!(f, "portal:{request}:{since}"),
            Subject::Contacts(batch) => write!(f, "contacts:{batch}"),
            Subject::Own(request, id) => write!(f, "own:{request}:{}", id.simple()),
        }
    }
}

/// The text names no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} names nothing that a reminder can be about")]
pub struct NoSubject(String);

impl std::str::FromStr for Subject {
    type Err = NoSubject;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NoSubject(text.to_owned());
        fn id<T: std::str::FromStr>(text: &str) -> Option<T> {
            text.parse().ok()
        }
        let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
        if kind == "contacts" {
            return id(rest).map(Subject::Contacts).ok_or_else(wrong);
        }
        let (request, rest) = rest.split_once(':').ok_or_else(wrong)?;
        let request: RequestId = id(request).ok_or_else(wrong)?;
        let read = match kind {
            "clock" => {
                let mut parts = rest.splitn(3, ':');
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(whose @ ("ours" | "agency")), Some(day), Some(duty)) => {
                        id(day).map(|due_on| Subject::Clock {
                            request,
                            duty: duty.to_owned(),
                            due_on,
                            ours: whose == "ours",
                        })
                    }
                    _ => None,
                }
            }
            "reply" => id(rest).map(|message| Subject::Reply(request, message)),
            "held" => id(rest).map(|document| Subject::Held(request, document)),
            "approval" => id(rest).map(|letter| Subject::Approval(request, letter)),
            "portal" => id(rest).map(|since| Subject::Portal(request, since)),
            "own" => id(rest).map(|own| Subject::Own(request, own)),
            _ => None,
        };
        read.ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_as_it_was_written() {
        let request = RequestId::new();
        let day: NaiveDate = "2026-01-20".parse().expect("a day");
        for subject in [
            Subject::Clock {
                request,
                duty: "produce-municipality".to_owned(),
                due_on: day,
                ours: false,
            },
            Subject::Clock {
                request,
                duty: "appeal".to_owned(),
                due_on: day,
                ours: true,
            },
            Subject::Reply(request, MessageId::new()),
            Subject::Held(request, DocumentId::new()),
            Subject::Approval(request, LetterId::new()),
            Subject::Portal(request, day),
            Subject::Contacts(BatchId::new()),
            Subject::Own(request, uuid::Uuid::new_v4()),
        ] {
            let written = subject.to_string();
            assert_eq!(written.parse(), Ok(subject), "{written}");
        }
        for wrong in [
            "",
            "clock",
            "clock:x:ours:2026-01-20:appeal",
            "own:1",
            "tea:1:2",
        ] {
            assert!(wrong.parse::<Subject>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_our_own_windows_cannot_be_switched_off() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.as_str()), Some(topic));
            assert_eq!(topic.may_be_off(), topic != Topic::OurWindow);
        }
    }
}
