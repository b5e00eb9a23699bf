//! A calendar of limits in RFC 5545: how its entries follow the clocks, and their text.
//!
//! One limit of one request keeps one UID for good. A limit that moves is the same entry with a later SEQUENCE; one
//! that fell away is CANCELLED for [`KEPT_DAYS`], long enough for calendars that ask rarely to take it out.

use std::fmt::Write;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::calendar::words::long;
use crate::domain::ids::{CampaignId, RequestId, UserId};

/// For how long an entry that fell away is still said to be cancelled.
pub const KEPT_DAYS: i64 = 60;

/// One limit as a calendar shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub campaign: CampaignId,
    pub request: RequestId,
    /// The rule's name in the law file.
    pub duty: String,
    pub ours: bool,
    pub due_on: NaiveDate,
    /// "Acknowledgment", "Our appeal".
    pub heading: String,
    /// What the law file says is due.
    pub says: String,
    pub citation: String,
    /// How sure we are, in words.
    pub confidence: String,
    pub agency: String,
    /// "S-0042".
    pub reference: String,
    pub owner: UserId,
    pub backup: Option<UserId>,
    pub sequence: i32,
    pub changed_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

impl Entry {
    /// The same for good, whatever becomes of the limit.
    pub fn uid(&self) -> String {
        format!("clock-{}-{}@sundial", self.request, self.duty)
    }

    fn says_the_same(&self, other: &Entry) -> bool {
        self.due_on == other.due_on
            && self.heading == other.heading
            && self.says == other.says
            && self.citation == other.citation
            && self.confidence == other.confidence
            && self.agency == other.agency
            && self.reference == other.reference
    }
}

/// What to write so that the entries `kept` of one request say what its clocks say `now`: entries that are new, that
/// changed, and that fell away. What stays the same is left out.
pub fn follow(kept: &[Entry], wanted: Vec<Entry>, now: DateTime<Utc>) -> Vec<Entry> {
    let mut changed = Vec::new();
    for old in kept {
        let stands = wanted.iter().any(|new| new.duty == old.duty);
        if !stands && old.cancelled_at.is_none() {
            changed.push(Entry {
                sequence: old.sequence + 1,
                changed_at: now,
                cancelled_at: Some(now),
                ..old.clone()
            });
        }
    }
    for new in wanted {
        let old = kept.iter().find(|old| old.duty == new.duty);
        match old {
            Some(old) if old.cancelled_at.is_none() && old.says_the_same(&new) => {
                // Who hears of it makes no other event.
                if (old.owner, old.backup) != (new.owner, new.backup) {
                    changed.push(Entry {
                        owner: new.owner,
                        backup: new.backup,
                        ..old.clone()
                    });
                }
            }
            Some(old) => changed.push(Entry {
                sequence: old.sequence + 1,
                changed_at: now,
                cancelled_at: None,
                ..new
            }),
            None => changed.push(Entry {
                sequence: 0,
                changed_at: now,
                cancelled_at: None,
                ..new
            }),
        }
    }
    changed
}

/// The whole calendar. `address` gives the page of an entry.
pub fn text(name: &str, entries: &[Entry], address: impl Fn(&Entry) -> String) -> String {
    let mut out = String::with_capacity(256 + entries.len() * 700);
    for (property, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Sundial//Limits of records requests//EN"),
        ("CALSCALE", "GREGORIAN"),
        // No METHOD: that would make it a message between calendars, whose PUBLISH must name an organizer (RFC 5546, 3.2.1)
        // and whose DTSTAMP is the time of sending.
    ] {
        line(&mut out, property, value);
    }
    line(&mut out, "NAME", &escaped(name));
    line(&mut out, "X-WR-CALNAME", &escaped(name));
    line(&mut out, "REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    line(&mut out, "X-PUBLISHED-TTL", "PT1H");
    if entries.is_empty() {
        // A calendar must hold something; this says nothing.
        for (property, value) in [
            ("BEGIN", "VTIMEZONE"),
            ("TZID", "Etc/UTC"),
            ("BEGIN", "STANDARD"),
            ("DTSTART", "19700101T000000"),
            ("TZOFFSETFROM", "+0000"),
            ("TZOFFSETTO", "+0000"),
            ("END", "STANDARD"),
            ("END", "VTIMEZONE"),
        ] {
            line(&mut out, property, value);
        }
    }
    for entry in entries {
        event(&mut out, entry, &address(entry));
    }
    line(&mut out, "END", "VCALENDAR");
    out
}

fn event(out: &mut String, entry: &Entry, url: &str) {
    let stamp = entry.changed_at.format("%Y%m%dT%H%M%SZ").to_string();
    let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let whose = if entry.ours {
        "Our own limit"
    } else {
        "The agency's limit"
    };
    let summary = if entry.ours {
        format!(
            "{}: last day · {} · {}",
            entry.heading, entry.agency, entry.reference
        )
    } else {
        format!(
            "{} due · {} · {}",
            entry.heading, entry.agency, entry.reference
        )
    };
    let description = format!(
        "{whose}: {}, {}.\n{}\nRule: {} ({})\n{url}",
        entry.heading,
        long(entry.due_on),
        entry.says,
        entry.citation,
        entry.confidence
    );
    line(out, "BEGIN", "VEVENT");
    line(out, "UID", &escaped(&entry.uid()));
    line(out, "DTSTAMP", &stamp);
    line(out, "LAST-MODIFIED", &stamp);
    line(out, "SEQUENCE", &entry.sequence.to_string());
    line(out, "DTSTART;VALUE=DATE", &day(entry.due_on));
    line(out, "DTEND;VALUE=DATE", &day(entry.due_on + Days::new(1)));
    line(out, "SUMMARY", &escaped(&summary));
    line(out, "DESCRIPTION", &escaped(&description));
    line(out, "URL", url);
    line(
        out,
        "STATUS",
        if entry.cancelled_at.is_some() {
            "CANCELLED"
        } else {
            "CONFIRMED"
        },
    );
    line(out, "TRANSP", "TRANSPARENT");
    line(
        out,
        "CATEGORIES",
        if entry.ours { "Our limits" } else { "Agencies" },
    );
    line(out, "END", "VEVENT");
}

/// Text as RFC 5545 3.3.11 wants it. Control characters other than a line break are dropped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for sign in text.chars() {
        match sign {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            sign if sign.is_control() => {}
            sign => out.push(sign),
        }
    }
    out
}

/// One content line, folded at 75 octets without cutting a character (RFC 5545 3.1), ended by CRLF.
fn line(out: &mut String, property: &str, value: &str) {
    const OCTETS: usize = 75;
    let mut used = 0;
    let mut whole = String::with_capacity(property.len() + value.len() + 1);
    // Writing into a string cannot fail.
    if write!(whole, "{property}:{value}").is_err() {
        return;
    }
    for sign in whole.chars() {
        if sign == '\r' || sign == '\n' {
            continue;
        }
        if used + sign.len_utf8() > OCTETS {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(sign);
        used += sign.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 1, 12, hour, 0, 0)
            .single()
            .expect("an instant")
    }

    fn entry(duty: &str, due: &str) -> Entry {
        Entry {
            campaign: CampaignId::new(),
            request: RequestId(
                "6f1c1b54-6f0f-4a3c-8a7e-2f6f4d0e9b11"
                    .parse()
                    .expect("an id"),
            ),
            duty: duty.to_owned(),
            ours: false,
            due_on: due.parse().expect("a day"),
            heading: "Acknowledgment".to_owned(),
            says: "The agency answers within five business days; silence, too, is an answer."
                .to_owned(),
            citation: "RCW 42.56.520(1)".to_owned(),
            confidence: "two sources".to_owned(),
            agency: "Doña Ana County Sheriff's Office, Records; Jail".to_owned(),
            reference: "S-0042".to_owned(),
            owner: UserId(uuid::Uuid::nil()),
            backup: None,
            sequence: 0,
            changed_at: at(1),
            cancelled_at: None,
        }
    }

    #[test]
    fn an_entry_follows_its_clock() {
        let first = follow(&[], vec![entry("acknowledge", "2026-01-20")], at(2));
        assert_eq!(first.len(), 1);
        assert_eq!((first[0].sequence, first[0].changed_at), (0, at(2)));
        // The same again: nothing to write, also when other hours pass.
        assert!(follow(&first, vec![entry("acknowledge", "2026-01-20")], at(3)).is_empty());
        // It moved: the same UID, a new date, a later sequence.
        let moved = follow(&first, vec![entry("acknowledge", "2026-01-22")], at(4));
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].uid(), first[0].uid());
        assert_eq!(moved[0].sequence, 1);
        assert_eq!(moved[0].due_on.to_string(), "2026-01-22");
        // It fell away: cancelled once, with the date it had.
        let gone = follow(&moved, Vec::new(), at(5));
        assert_eq!((gone[0].sequence, gone[0].cancelled_at), (2, Some(at(5))));
        assert!(follow(&gone, Vec::new(), at(6)).is_empty());
        // It came back.
        let back = follow(&gone, vec![entry("acknowledge", "2026-01-22")], at(7));
        assert_eq!((back[0].sequence, back[0].cancelled_at), (3, None));
        // Another owner makes no other event.
        let other = Entry {
            owner: UserId::new(),
            ..entry("acknowledge", "2026-01-22")
        };
        let handed = follow(&back, vec![other.clone()], at(8));
        assert_eq!((handed[0].sequence, handed[0].owner), (3, other.owner));
        assert_eq!(handed[0].changed_at, at(7));
    }

    #[test]
    fn the_calendar_as_it_is_sent() {
        let cancelled = Entry {
            ours: true,
            heading: "Our appeal".to_owned(),
            cancelled_at: Some(at(3)),
            sequence: 2,
            ..entry("appeal", "2026-03-02")
        };
        let all = [entry("acknowledge", "2026-01-20"), cancelled];
        let text = text("Alder, limits", &all, |entry| {
            format!("https://sundial.example/c/alder/requests/{}", entry.request)
        });
        insta::assert_snapshot!(text.replace("\r\n", "\n"));
        for line in text.split("\r\n") {
            assert!(line.len() <= 75, "{line}");
            assert!(!line.contains('\n') && !line.contains('\r'));
        }
    }

    #[test]
    fn an_empty_calendar_is_a_calendar() {
        let text = text("Nothing", &[], |_| String::new());
        assert!(text.contains("BEGIN:VTIMEZONE"), "{text}");
        assert!(text.ends_with("END:VCALENDAR\r\n"));
    }

    #[test]
    fn no_word_can_break_a_line() {
        let odd = Entry {
            agency: "A\r\nEND:VCALENDAR\u{7}".to_owned(),
            heading: "ü".repeat(100),
            ..entry("acknowledge", "2026-01-20")
        };
        let text = text("x", &[odd], |_| "https://x.example/\r\nX-EVIL:1".to_owned());
        assert!(!text.contains("\r\nX-EVIL"), "{text}");
        assert_eq!(text.matches("END:VCALENDAR\r\n").count(), 1, "{text}");
        assert!(text.split("\r\n").all(|line| line.len() <= 75));
    }
}
