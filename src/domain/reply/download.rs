//! Links in a message behind which records lie, and until when: links of portals expire, and what is not fetched is lost.

use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use regex::Regex;

use super::sender::portal_of;
use super::suggest::first_day;

/// Links that one message may turn into tasks.
const MOST: usize = 10;

/// Records to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// "GovQA".
    pub vendor: &'static str,
    pub address: String,
    /// The last day on which the link works, if the message says so.
    pub until: Option<NaiveDate>,
}

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\bhttps?://([a-z0-9.-]{1,253})(?::[0-9]{1,5})?(?:/[^\s<>"']{0,1500})?"#)
        .expect("a fixed pattern")
});
static EXPIRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:https?://\S+ (?:until|through|before|by|for)|expires?|expiring|will expire|available (?:until|through|for)|valid (?:until|through|for)|removed (?:on|after|in)|deleted (?:on|after|in)|download(?:ed)? (?:by|before|within))\b[^.\n]{0,60}",
    )
    .expect("a fixed pattern")
});
static DAYS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b([0-9]{1,3}|seven|ten|fourteen|thirty|sixty|ninety)\s+(?:\(\d{1,3}\)\s+)?(?:calendar\s+)?days?\b")
        .expect("a fixed pattern")
});

/// Every portal that the agency's own words link to, once each, with the day on which the links end.
pub fn downloads(own_words: &str, came_on: NaiveDate) -> Vec<Download> {
    // Mail breaks its lines anywhere.
    let flat = own_words.split_whitespace().collect::<Vec<_>>().join(" ");
    let until = EXPIRY
        .find_iter(&flat)
        .find_map(|said| day_of(said.as_str(), came_on));
    let mut found: Vec<Download> = Vec::new();
    for link in LINK.captures_iter(own_words) {
        let address = link[0].trim_end_matches(['.', ',', ')', ';']).to_owned();
        let Some(vendor) = portal_of(&link[1]) else {
            continue;
        };
        if found.iter().any(|known| known.address == address) {
            continue;
        }
        found.push(Download {
            vendor,
            address,
            until,
        });
        if found.len() == MOST {
            break;
        }
    }
    found
}

fn day_of(said: &str, came_on: NaiveDate) -> Option<NaiveDate> {
    if let Some(day) = first_day(said) {
        return Some(day);
    }
    let count = DAYS.captures(said)?;
    let days = match count[1].to_ascii_lowercase().as_str() {
        "seven" => 7,
        "ten" => 10,
        "fourteen" => 14,
        "thirty" => 30,
        "sixty" => 60,
        "ninety" => 90,
        digits => digits.parse().ok()?,
    };
    came_on.checked_add_days(Days::new(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_portals_are_noticed_with_their_last_day() {
        let came_on: NaiveDate = "2026-01-12".parse().expect("a day");
        for (text, until) in [
            (
                "Records: https://alderwa.govqa.us/WEBAPP/_rs/(S(x))/file?id=1. The link will expire on February 1, 2026.",
                Some("2026-02-01"),
            ),
            (
                "Fetch <https://alder.nextrequest.com/requests/26-1>, available for 30 days.",
                Some("2026-02-11"),
            ),
            (
                "https://alder.sharefile.com/d-s1 must be downloaded within fourteen (14) days",
                Some("2026-01-26"),
            ),
            (
                "Files can be downloaded at\nhttps://alder.nextrequest.com/documents/1 until\nDecember 5, 2026.",
                Some("2026-12-05"),
            ),
            ("https://www.dropbox.com/s/abc", None),
        ] {
            let found = downloads(text, came_on);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(
                found[0].until.map(|day| day.to_string()).as_deref(),
                until,
                "{text}"
            );
            assert!(!found[0].address.ends_with(['.', ',', '>']), "{found:?}");
        }
        for text in [
            "See https://www.alder.gov/records for our hours. They expire never.",
            "mailto:records@govqa.us",
            "",
        ] {
            assert_eq!(downloads(text, came_on), [], "{text}");
        }
        let twice = "https://a.box.com/x https://a.box.com/x https://a.box.com/y";
        assert_eq!(downloads(twice, came_on).len(), 2);
    }
}
