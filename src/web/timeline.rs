//! What happened to a request, in sentences, newest first.
//!
//! Over 500 lines because each word of the log has its sentence here.
//!
//! Only words and links; the events are `domain::event`. May import the floors below the doors.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::desk::{Desk, long_day};
use super::pages::sorting::{dollars, grounds, numbered, quoted};
use crate::clock::day_in;
use crate::domain::delivery::Channel;
use crate::domain::duty::EventKind;
use crate::domain::event::{Event, Happening, ReplyKind};
use crate::domain::fact::Metric;
use crate::domain::ids::UserId;
use crate::domain::letter::Series;
use crate::law::{Ground, Jurisdiction};

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// "Mon 23 Nov 2026".
    pub day: String,
    /// "14:05".
    pub time: String,
    pub words: String,
    /// More of it: a comment, a hash, a reason.
    pub more: String,
    /// Who did it; empty where the program did.
    pub by: String,
    /// Where it can be seen; empty where nowhere.
    pub href: String,
}

/// The log of one request as lines, newest first. `names` are the people who did something, `law` names its limits.
pub fn lines(
    events: &[Event],
    desk: &Desk,
    slug: &str,
    law: Option<&Jurisdiction>,
    names: &BTreeMap<UserId, String>,
) -> Vec<Line> {
    let zone = desk.zone();
    events
        .iter()
        .rev()
        .map(|event| {
            let (words, more, href) = told(&event.what, slug, law, &|at| desk.when(at));
            Line {
                day: long_day(day_in(zone, event.at)),
                time: event.at.with_timezone(&zone).format("%H:%M").to_string(),
                words,
                more,
                href,
                by: event
                    .by
                    .and_then(|by| names.get(&by).cloned())
                    .unwrap_or_default(),
            }
        })
        .collect()
}

fn short(sha256: &str) -> String {
    format!("sha256 {}…", sha256.chars().take(12).collect::<String>())
}

fn files(count: u32) -> String {
    match count {
        0 => "no files".to_owned(),
        1 => "1 file".to_owned(),
        many => format!("{many} files"),
    }
}

/// "Letter", "Appeal", "Follow-up 2".
fn named(letter: Option<&str>) -> String {
    letter.map_or_else(
        || "Letter".to_owned(),
        |name| {
            name.parse::<Series>()
                .map_or_else(|_| "Letter".to_owned(), Series::plain)
        },
    )
}

/// "Sent", "Appeal sent".
fn gone(letter: Option<&str>) -> String {
    letter.map_or_else(
        || "Sent".to_owned(),
        |name| format!("{} sent", named(Some(name))),
    )
}

/// "by post", "by the agency's portal".
fn by_way(channel: &str) -> &'static str {
    match channel.parse::<Channel>() {
        Ok(Channel::Email) => "by e-mail",
        Ok(Channel::Portal) => "put into the agency’s portal",
        Ok(Channel::Post) => "by post",
        Ok(Channel::Fax) => "by fax",
        Ok(Channel::Hand) => "by hand",
        Err(_) => "by another way",
    }
}

/// What kind of machine vouches for the receipt.
fn heard(how: &str) -> &'static str {
    match how {
        "displayed" => "a read receipt came; it answers nothing",
        "delivered" => "a delivery receipt came; it answers nothing",
        _ => "an automatic reply came; it answers nothing",
    }
}

/// A limit by its name in the law: "Answer", "Our appeal".
fn limit(law: Option<&Jurisdiction>, duty: &str, due_on: NaiveDate) -> String {
    law.and_then(|law| law.duty(duty, due_on)).map_or_else(
        || duty.replace('-', " "),
        |duty| duty.deed.heading().to_owned(),
    )
}

/// Sentence, more, address. `when` writes an instant by the campaign's clock.
fn told(
    what: &Happening,
    slug: &str,
    law: Option<&Jurisdiction>,
    when: &dyn Fn(DateTime<Utc>) -> String,
) -> (String, String, String) {
    let letter = |id: &dyn std::fmt::Display| format!("/c/{slug}/letters/{id}");
    let plain = |words: &str| (words.to_owned(), String::new(), String::new());
    match what {
        Happening::Drafted => plain("Request begun"),
        Happening::LetterWritten {
            letter: id,
            version,
            sha256,
            voids_approval,
            letter_kind,
        } => (
            match (version, voids_approval) {
                (1, _) => format!("{} composed, version 1", named(letter_kind.as_deref())),
                (n, false) => format!("{} changed, version {n}", named(letter_kind.as_deref())),
                (n, true) => format!(
                    "Letter changed, version {n}: what counsel read or approved before no longer counts"
                ),
            },
            short(sha256),
            letter(id),
        ),
        Happening::Submitted {
            letter: id,
            version,
        } => (
            format!("Sent to counsel, version {version}"),
            String::new(),
            letter(id),
        ),
        Happening::Approved {
            letter: id,
            version,
            sha256,
        } => (
            format!("Approved by counsel, version {version}"),
            short(sha256),
            letter(id),
        ),
        Happening::Returned {
            letter: id,
            version,
            comment,
        } => (
            format!("Returned by counsel, version {version}"),
            format!("“{comment}”"),
            letter(id),
        ),
        Happening::Queued {
            letter: id,
            version,
            leave_at,
        } => (
            match leave_at {
                Some(at) => format!(
                    "Put in the outbox, version {version}, to leave on {}",
                    when(*at)
                ),
                None => format!("Put in the outbox, version {version}"),
            },
            String::new(),
            letter(id),
        ),
        Happening::DeliveryHeld {
            letter: id,
            version,
        } => (
            format!("Held back, version {version}: it leaves when somebody says so"),
            String::new(),
            letter(id),
        ),
        Happening::DeliveryRecalled {
            letter: id,
            version,
            note,
        } => (
            format!("Taken back before it left, version {version}"),
            note.clone(),
            letter(id),
        ),
        Happening::Dispatched {
            letter: id,
            version,
            channel,
            on,
            number,
            letter_kind,
        } => (
            format!(
                "{}, version {version}, {}, on {}; its receipt is not shown yet",
                gone(letter_kind.as_deref()),
                by_way(channel),
                long_day(*on)
            ),
            number.clone(),
            letter(id),
        ),
        Happening::EvidenceKept {
            document,
            name,
            evidence,
        } => (
            format!("Kept as proof ({}): {name}", evidence.plain()),
            String::new(),
            format!("/c/{slug}/documents/{document}"),
        ),
        Happening::ReceiptHeard {
            message, on, how, ..
        } => (
            format!("Proof of receipt, on {}: {}", long_day(*on), heard(how)),
            String::new(),
            format!("/c/{slug}/messages/{message}"),
        ),
        Happening::PortalChecked { on, note, document } => (
            format!("The agency’s portal was looked at on {}", long_day(*on)),
            note.clone(),
            document
                .map(|id| format!("/c/{slug}/documents/{id}"))
                .unwrap_or_default(),
        ),
        Happening::Sent {
            letter: id,
            version,
            sha256,
            evidence,
            receipt_on,
            letter_kind,
            ..
        } => (
            match receipt_on {
                Some(on) => format!(
                    "{}, version {version}: {}, on {}",
                    gone(letter_kind.as_deref()),
                    evidence.plain(),
                    long_day(*on)
                ),
                None => format!(
                    "{}, version {version}: {}",
                    gone(letter_kind.as_deref()),
                    evidence.plain()
                ),
            },
            short(sha256),
            letter(id),
        ),
        Happening::DeliveryDeferred { why } => (
            "The letter is tried again by itself".to_owned(),
            why.clone(),
            String::new(),
        ),
        Happening::DeliveryFailed { why, .. } => (
            "The letter could not be delivered".to_owned(),
            why.clone(),
            String::new(),
        ),
        Happening::DeliveryUnknown { why, .. } => (
            "Nobody knows whether the letter arrived".to_owned(),
            why.clone(),
            String::new(),
        ),
        Happening::DeliverySettled { arrived, note, .. } => (
            if *arrived {
                "Settled: the letter arrived".to_owned()
            } else {
                "Settled: the letter did not arrive".to_owned()
            },
            note.clone(),
            String::new(),
        ),
        Happening::ReceiptRecorded {
            on,
            evidence,
            note,
            after_hours,
        } => (
            format!(
                "The agency had the letter on {}{}: {}",
                long_day(*on),
                if *after_hours { ", after hours" } else { "" },
                evidence.plain()
            ),
            note.clone(),
            String::new(),
        ),
        Happening::StepRecorded {
            step,
            on,
            until,
            ground,
            notice_seen,
            note,
            letter: by_letter,
        } => {
            let plain = EventKind::parse(step).map_or(step.as_str(), |kind| kind.plain());
            let mut words = format!("{plain}, on {}", long_day(*on));
            if let Some(until) = until {
                words.push_str(&format!("; new date {}", long_day(*until)));
            }
            if let Some(ground) = ground.as_deref().and_then(Ground::parse) {
                words.push_str(&format!("; for {}", ground.plain()));
            }
            match notice_seen {
                Some(true) => words.push_str("; notice seen"),
                Some(false) => words.push_str("; no notice seen"),
                None => {}
            }
            let href = by_letter.map(|id| letter(&id)).unwrap_or_default();
            (words, note.clone(), href)
        }
        Happening::ConditionSet { key, holds, note } => {
            let key = key.replace('_', " ");
            let words = if *holds {
                format!("A special rule of the law applies: {key}")
            } else {
                format!("A special rule of the law does not apply: {key}")
            };
            (words, note.clone(), String::new())
        }
        Happening::EntryWithdrawn { why, .. } => (
            "An earlier entry was a mistake and counts no more".to_owned(),
            why.clone(),
            String::new(),
        ),
        Happening::ReplyReceived {
            message,
            matched_by,
            attachments,
            auto_reply,
        } => (
            format!(
                "{} received, {}",
                if *auto_reply {
                    "Automatic reply"
                } else {
                    "Reply"
                },
                files(*attachments)
            ),
            format!("matched by its {}", matched_by.replace('_', " ")),
            format!("/c/{slug}/messages/{message}"),
        ),
        Happening::ReplyFiled { message, why, .. } => (
            "Message filed here by hand".to_owned(),
            why.clone(),
            format!("/c/{slug}/messages/{message}"),
        ),
        Happening::ReplySorted {
            message,
            what,
            on,
            until,
            amount_cents,
            note,
            detail,
        } => {
            let mut words = what.plain().to_owned();
            if detail.is_part() {
                words.push_str(&format!(" ({})", numbered(&detail.items)));
            }
            words.push_str(&format!(", on {}", long_day(*on)));
            if let Some(until) = until {
                let by = match what {
                    ReplyKind::FeeDemanded => "pay by",
                    ReplyKind::ClarificationAsked => "answer by",
                    _ => "new date",
                };
                words.push_str(&format!("; {by} {}", long_day(*until)));
            }
            if let Some(cents) = amount_cents {
                words.push_str(&format!("; {}", dollars(*cents)));
            }
            if let Some(deposit) = detail.deposit_cents {
                words.push_str(&format!("; deposit {}", dollars(deposit)));
            }
            let more: Vec<String> = [
                grounds(&detail.grounds),
                quoted(&detail.words),
                detail.reason.clone(),
                note.clone(),
            ]
            .into_iter()
            .filter(|said| !said.is_empty())
            .collect();
            (
                words,
                more.join(" · "),
                message
                    .map(|id| format!("/c/{slug}/messages/{id}"))
                    .unwrap_or_default(),
            )
        }
        Happening::ReplyMovedAway {
            message,
            reference,
            why,
            ..
        } => (
            format!("Message moved to {reference}: it had been filed here by mistake"),
            why.clone(),
            format!("/c/{slug}/messages/{message}"),
        ),
        Happening::TrackingNumberNoted { number, message } => (
            format!("The agency's number for the request: {number}"),
            String::new(),
            message
                .map(|id| format!("/c/{slug}/messages/{id}"))
                .unwrap_or_default(),
        ),
        Happening::FeeRecorded {
            what,
            cents,
            on,
            message,
            document,
            note,
        } => (
            format!(
                "{}: {}, on {}",
                what.plain(),
                dollars(*cents),
                long_day(*on)
            ),
            note.clone(),
            match (document, message) {
                (Some(id), _) => format!("/c/{slug}/documents/{id}"),
                (None, Some(id)) => format!("/c/{slug}/messages/{id}"),
                (None, None) => String::new(),
            },
        ),
        Happening::DocumentTaken {
            document,
            name,
            pages,
        } => (
            match pages {
                Some(1) => format!("Document kept, held for counsel: {name}, 1 page"),
                Some(n) => format!("Document kept, held for counsel: {name}, {n} pages"),
                None => format!("Document kept, held for counsel: {name}"),
            },
            String::new(),
            format!("/c/{slug}/documents/{document}"),
        ),
        Happening::DocumentCleared { document } => (
            "Document cleared by counsel".to_owned(),
            String::new(),
            format!("/c/{slug}/documents/{document}"),
        ),
        Happening::DocumentSealed { document } => (
            "Document sealed by counsel".to_owned(),
            String::new(),
            format!("/c/{slug}/documents/{document}"),
        ),
        Happening::DocumentHeld { document } => (
            "Document held again".to_owned(),
            String::new(),
            format!("/c/{slug}/documents/{document}"),
        ),
        Happening::FactRecorded { metric, .. } => (
            format!(
                "Figure recorded: {}",
                Metric::parse(metric).map_or(metric.as_str(), |known| known.label())
            ),
            String::new(),
            format!("/c/{slug}/facts"),
        ),
        Happening::FactChecked { .. } => (
            "Figure checked by a second person".to_owned(),
            String::new(),
            format!("/c/{slug}/facts"),
        ),
        Happening::FactDisputed { why, .. } => (
            "Figure disputed".to_owned(),
            why.clone(),
            format!("/c/{slug}/facts"),
        ),
        Happening::FactWithdrawn { why, .. } => (
            "Figure withdrawn".to_owned(),
            why.clone(),
            format!("/c/{slug}/facts"),
        ),
        Happening::ReminderSent { duty, due_on, .. } => (
            format!(
                "Reminder sent: {}, due {}",
                limit(law, duty, *due_on),
                long_day(*due_on)
            ),
            String::new(),
            String::new(),
        ),
        Happening::BackupChosen { account } => plain(if account.is_some() {
            "A backup was chosen: they hear of this request too"
        } else {
            "The backup is the campaign's own again"
        }),
        Happening::OwnReminderSet { on, note, .. } => (
            format!("Own reminder set for {}", long_day(*on)),
            note.clone(),
            String::new(),
        ),
        Happening::ReminderSnoozed { until, why, .. } => (
            format!("Reminder put off until {}", long_day(*until)),
            why.clone(),
            String::new(),
        ),
        Happening::ReminderActedOn { matter, note } => (
            if matter == "portal" {
                "The portal's messages were saved".to_owned()
            } else {
                "A reminder was dealt with".to_owned()
            },
            note.clone(),
            String::new(),
        ),
        Happening::ChaserDrafted {
            letter: id, due_on, ..
        } => (
            format!(
                "A letter was drafted by itself: the limit of {} was missed. It waits for a person",
                long_day(*due_on)
            ),
            String::new(),
            letter(id),
        ),
        Happening::Closed { note } => ("Closed".to_owned(), note.clone(), String::new()),
        Happening::LawCorrected {
            code,
            correction,
            withdrawn,
            says,
        } => (
            if *withdrawn {
                "Dates moved back: a correction of the law was withdrawn".to_owned()
            } else {
                "Dates moved: the law was corrected".to_owned()
            },
            says.clone(),
            format!("/laws/{code}/corrections/{correction}"),
        ),
        Happening::AgencyClosed {
            on,
            why,
            withdrawn,
            says,
            ..
        } => (
            if *withdrawn {
                format!(
                    "Dates moved back: the office is not taken as closed on {} any more",
                    long_day(*on)
                )
            } else {
                format!(
                    "Dates moved: the office is closed on {} ({why})",
                    long_day(*on)
                )
            },
            says.clone(),
            String::new(),
        ),
        other => plain(&other.kind().replace('_', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Evidence;
    use crate::domain::ids::{LetterId, MessageId};

    #[test]
    fn events_read_as_sentences() {
        let day = "2026-11-20".parse().expect("a day");
        let letter = LetterId::new();
        let (words, more, href) = told(
            &Happening::Sent {
                letter,
                version: 3,
                sha256: "4be1aa00ff".repeat(6),
                channel: "email".to_owned(),
                evidence: Evidence::ServerAccepted,
                receipt_on: Some(day),
                letter_kind: None,
                completes: false,
            },
            "alder",
            None,
            &|at| at.to_string(),
        );
        assert_eq!(
            words,
            "Sent, version 3: the agency's mail server accepted it; receipt presumed, on Fri 20 Nov 2026"
        );
        assert_eq!(more, "sha256 4be1aa00ff4b…");
        assert_eq!(href, format!("/c/alder/letters/{letter}"));
        let (words, _, href) = told(
            &Happening::ReplySorted {
                message: Some(MessageId::new()),
                what: ReplyKind::FeeDemanded,
                on: day,
                until: None,
                amount_cents: Some(12_050),
                note: String::new(),
                detail: Default::default(),
            },
            "alder",
            None,
            &|at| at.to_string(),
        );
        assert_eq!(
            words,
            "Asked for a fee or deposit, on Fri 20 Nov 2026; $120.50"
        );
        assert!(href.starts_with("/c/alder/messages/"));
    }
}
