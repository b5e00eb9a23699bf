//! The Date header, as programs of forty years wrote it. Mail-parser's own reading takes the line below with it where a
//! zone has one letter, and turns 29 February of any year into a day.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use regex::Regex;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Day, month, year; then the time.
static USUAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:[a-z]{2,9}\.?,?\s*)?(\d{1,2})[\s-]+([a-z]{3,9})\.?[\s-]+(\d{2,4})\b,?\s*(.*)$",
    )
    .expect("a fixed pattern")
});
/// "Tue Jan 13 09:00:00 2026", as C prints it; some put the zone before or after the year.
static OF_C: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:[a-z]{2,9}\.?,?\s*)?([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{1,2}:\d{2}(?::\d{2})?)\s+(?:([a-z]{1,4}|[+-]\d{4})\s+)?(\d{4})\b\s*(.*)$").expect("a fixed pattern")
});
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(am|pm)?\s*(.*)$")
        .expect("a fixed pattern")
});
static OFFSET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:gmt|utc?)?([+-])(\d{1,2}):?(\d{2})?\b").expect("a fixed pattern")
});

/// The instant that a Date header names; none where it names none. Without a zone, or with one that nobody knows, it is
/// read as UTC (RFC 5322, 4.3).
pub fn read(written: &str) -> Option<DateTime<Utc>> {
    let text = without_comments(written);
    let text = text.trim();
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Some(date.with_timezone(&Utc));
    }
    let (day, month, year, rest) = if let Some(found) = USUAL.captures(text) {
        (
            found[1].to_owned(),
            found[2].to_owned(),
            found[3].to_owned(),
            found[4].to_owned(),
        )
    } else {
        let found = OF_C.captures(text)?;
        let zone = found.get(4).map_or(&found[6], |zone| zone.as_str());
        (
            found[2].to_owned(),
            found[1].to_owned(),
            found[5].to_owned(),
            format!("{} {zone}", &found[3]),
        )
    };
    let digits = year.len();
    let year: i32 = year.parse().ok()?;
    let year = match digits {
        // RFC 5322, 4.3.
        2 if year < 50 => year + 2_000,
        2 | 3 => year + 1_900,
        _ => year,
    };
    let month = month.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    let date = NaiveDate::from_ymd_opt(year, month, day.parse().ok()?)?;
    let (time, zone) = if rest.trim().is_empty() {
        (NaiveTime::MIN, String::new())
    } else {
        clock(&rest)?
    };
    let local = NaiveDateTime::new(date, time);
    local
        .checked_sub_signed(Duration::minutes(minutes_ahead(&zone)?))
        .map(|utc| utc.and_utc())
}

/// The time of day, and what follows it.
fn clock(text: &str) -> Option<(NaiveTime, String)> {
    let found = CLOCK.captures(text.trim())?;
    let mut hour: u32 = found[1].parse().ok()?;
    let minute: u32 = found[2].parse().ok()?;
    let second: u32 = found
        .get(3)
        .map_or(Ok(0), |second| second.as_str().parse())
        .ok()?;
    match found
        .get(4)
        .map(|half| half.as_str().to_ascii_lowercase())
        .as_deref()
    {
        Some("pm") if hour < 12 => hour += 12,
        Some("am") if hour == 12 => hour = 0,
        _ => {}
    }
    // A leap second is the one before.
    let time = NaiveTime::from_hms_opt(hour, minute, if second == 60 { 59 } else { second })?;
    Some((time, found[5].to_owned()))
}

/// Minutes by which a zone is ahead of UTC; none where it is no zone of this earth.
fn minutes_ahead(zone: &str) -> Option<i64> {
    let zone = zone.trim();
    if let Some(found) = OFFSET.captures(zone) {
        let hours: i64 = found[2].parse().ok()?;
        let minutes: i64 = found
            .get(3)
            .map_or(Ok(0), |minutes| minutes.as_str().parse())
            .ok()?;
        let ahead = hours * 60 + minutes;
        return (ahead < 24 * 60 && minutes < 60).then_some(if &found[1] == "-" {
            -ahead
        } else {
            ahead
        });
    }
    let name: String = zone.chars().take_while(char::is_ascii_alphabetic).collect();
    let hours = match name.to_ascii_uppercase().as_str() {
        "EDT" | "AST" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" | "AKDT" => -8,
        "AKST" => -9,
        "HST" => -10,
        "BST" | "CET" | "MEZ" => 1,
        "CEST" | "MESZ" | "EET" => 2,
        _ => 0,
    };
    Some(hours * 60)
}

/// What stands in brackets is for people; line ends are blanks.
fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for sign in text.chars().take(200) {
        match sign {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            sign if sign.is_whitespace() || sign.is_control() => kept.push(' '),
            sign => kept.push(sign),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_years_of_dates() {
        const NINE_WEST: Option<&str> = Some("2026-01-13T17:00:00+00:00");
        const NINE: Option<&str> = Some("2026-01-13T09:00:00+00:00");
        for (written, expected) in [
            (" Tue, 13 Jan 2026 09:00:00 -0800\r\n", NINE_WEST),
            ("Tue, 13 Jan 2026\r\n\t09:00:00 -0800 (PST)", NINE_WEST),
            ("13 Jan 26 09:00 PST", NINE_WEST),
            ("Tuesday, 13 January 2026 9:00:00 -08:00", NINE_WEST),
            ("Tue,13-Jan-2026 9:00 AM -0800", NINE_WEST),
            ("Tue, 13 Jan 2026 17:00:00 GMT", NINE_WEST),
            ("Tue, 13 Jan 2026 17:00:00 Z", NINE_WEST),
            ("Tue, 13 Jan 2026 17.00.00 UT", NINE_WEST),
            ("Tue, 13 Jan 2026 09:00:00 GMT-0800", NINE_WEST),
            ("2026-01-13T09:00:00-08:00", NINE_WEST),
            ("Tue Jan 13 09:00:00 PST 2026", NINE_WEST),
            ("Tue Jan 13 09:00:00 2026 -0800", NINE_WEST),
            ("Tue Jan 13 09:00:00 2026", NINE),
            ("Tue, 13 Jan 2026 09:00:00", NINE),
            ("Tue, 13 Jan 2026 09:00:00 -0000", NINE),
            ("Tue, 13 Jan 2026 09:00:00 America/Los_Angeles", NINE),
            ("Tue, 13 Jan 2026 14:30:00 +0530", NINE),
            (
                "Thu, 1 Jan 98 12:00 PM +0000",
                Some("1998-01-01T12:00:00+00:00"),
            ),
            (
                "Fri, 31 Dec 1999 23:59:60 -1200",
                Some("2000-01-01T11:59:59+00:00"),
            ),
            (
                "Thu, 29 Feb 2024 00:00:00 +0000",
                Some("2024-02-29T00:00:00+00:00"),
            ),
            ("Sun, 29 Feb 2026 09:00:00 +0000", None),
            ("Tue, 32 Jan 2026 09:00:00 +0000", None),
            ("Tue, 13 Jan 2026 25:00:00 +0000", None),
            ("Tue, 13 Jan 2026 09:00:00 +2400", None),
            ("13 Ene 2026 09:00:00 +0000", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                read(written).map(|date| date.to_rfc3339()).as_deref(),
                expected,
                "{written}"
            );
        }
    }
}
