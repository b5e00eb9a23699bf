//! How an agency is reached, and whether what was typed can be one.

use chrono::Months;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::name::fold;

/// What a contact is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Takes records requests.
    Records,
    /// Takes appeals of what the agency refused.
    Appeals,
    /// Advises the agency: a county attorney, its general counsel.
    Counsel,
    /// Runs the jail: knows which system holds what.
    Jail,
    /// Questions in general.
    General,
}

impl Purpose {
    pub const ALL: [Purpose; 5] = [
        Purpose::Records,
        Purpose::Appeals,
        Purpose::Counsel,
        Purpose::Jail,
        Purpose::General,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Records => "records",
            Purpose::Appeals => "appeals",
            Purpose::Counsel => "counsel",
            Purpose::Jail => "jail",
            Purpose::General => "general",
        }
    }

    pub fn parse(text: &str) -> Option<Purpose> {
        Purpose::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
    }

    /// What a list calls it, by our own word, our plain one, or a usual one.
    pub fn of_list(words: &str) -> Option<Purpose> {
        let folded = fold(words);
        Purpose::ALL
            .into_iter()
            .find(|purpose| folded == purpose.as_str() || folded == fold(purpose.plain()))
            .or(match folded.as_str() {
                "records custodian" | "custodian" | "foia" | "public records" => {
                    Some(Purpose::Records)
                }
                "appeal" => Some(Purpose::Appeals),
                "attorney" | "county attorney" | "general counsel" => Some(Purpose::Counsel),
                _ => None,
            })
    }

    pub fn plain(self) -> &'static str {
        match self {
            Purpose::Records => "Records requests",
            Purpose::Appeals => "Appeals",
            Purpose::Counsel => "The agency's counsel",
            Purpose::Jail => "The jail itself",
            Purpose::General => "Questions in general",
        }
    }
}

/// The way to reach a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Portal,
    Post,
    Fax,
    Phone,
    Hand,
}

impl Channel {
    pub const ALL: [Channel; 6] = [
        Channel::Email,
        Channel::Portal,
        Channel::Post,
        Channel::Fax,
        Channel::Phone,
        Channel::Hand,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Portal => "portal",
            Channel::Post => "post",
            Channel::Fax => "fax",
            Channel::Phone => "phone",
            Channel::Hand => "hand",
        }
    }

    pub fn parse(text: &str) -> Option<Channel> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            Channel::Email => "E-mail",
            Channel::Portal => "Web portal",
            Channel::Post => "Post",
            Channel::Fax => "Fax",
            Channel::Phone => "Telephone",
            Channel::Hand => "By hand",
        }
    }
}

/// Checks and tidies what was typed as a contact's address, number or place.
///
/// # Errors
/// A sentence that says what such an address looks like.
pub fn check_value(channel: Channel, typed: &str) -> Result<String, &'static str> {
    let typed = typed.trim();
    match channel {
        Channel::Email => check_email(typed),
        Channel::Portal => {
            let known = typed.starts_with("https://") || typed.starts_with("http://");
            if known
                && typed.len() > 11
                && typed.contains('.')
                && !typed.contains(char::is_whitespace)
            {
                Ok(typed.to_owned())
            } else {
                Err("Write the portal's whole web address, starting with https://.")
            }
        }
        Channel::Fax | Channel::Phone => {
            let digits = typed.chars().filter(char::is_ascii_digit).count();
            let others = typed
                .chars()
                .all(|letter| letter.is_ascii_digit() || " +()-./ext".contains(letter));
            if (7..=20).contains(&digits) && others {
                Ok(typed.to_owned())
            } else {
                Err("Write the number with its area code, for example 555 010 0199.")
            }
        }
        Channel::Post | Channel::Hand => {
            let lines: Vec<&str> = typed
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            if lines.join(" ").chars().count() < 8 {
                Err("Write the whole address: office, street, town, state and ZIP code.")
            } else {
                Ok(lines.join("\n"))
            }
        }
    }
}

/// Checks an e-mail address: what mail servers of agencies take, not all that the standard allows.
///
/// # Errors
/// A sentence that says what an address looks like.
pub fn check_email(typed: &str) -> Result<String, &'static str> {
    const WRONG: &str = "This is not an e-mail address. One looks like records@county.example.";
    let (local, domain) = typed.rsplit_once('@').ok_or(WRONG)?;
    let local_fits = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let labels: Vec<&str> = domain.split('.').collect();
    let domain_fits = domain.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
        && labels
            .last()
            .is_some_and(|last| last.len() >= 2 && last.chars().any(|c| c.is_ascii_alphabetic()));
    if local_fits && domain_fits {
        Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
    } else {
        Err(WRONG)
    }
}

/// A contact must have been checked on a day that has come, and not in another age.
///
/// # Errors
/// A sentence that says which day is meant.
pub fn check_checked_on(checked_on: NaiveDate, today: NaiveDate) -> Result<(), &'static str> {
    if checked_on > today {
        Err("This day has not come yet. Give the day on which somebody looked.")
    } else if today.signed_duration_since(checked_on).num_days() > 366 * 5 {
        Err(
            "That is more than five years ago. Check the contact again and give the day on which you did.",
        )
    } else {
        Ok(())
    }
}

/// Months after which a contact counts as stale, unless the campaign says otherwise.
pub const STALE_MONTHS: u32 = 6;

/// The first day of checking that still counts: a contact checked before it is asked to be re-checked.
pub fn stale_before(today: NaiveDate, months: u32) -> NaiveDate {
    today
        .checked_sub_months(Months::new(months))
        .unwrap_or_default()
}

/// Whether a contact was last checked too long ago.
pub fn is_stale(checked_on: NaiveDate, today: NaiveDate, months: u32) -> bool {
    checked_on < stale_before(today, months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_grows_stale_after_so_many_months() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
        let today = day(2026, 8, 31);
        for (checked, stale) in [
            (day(2026, 8, 31), false),
            (day(2026, 2, 28), false),
            (day(2026, 2, 27), true),
            (day(2025, 12, 1), true),
        ] {
            assert_eq!(is_stale(checked, today, STALE_MONTHS), stale, "{checked}");
        }
        assert!(!is_stale(day(2025, 12, 1), today, 12));
    }

    #[test]
    fn addresses_are_taken_or_refused() {
        for good in [
            "records@alder.example",
            "o'neil+foia@sheriff.alder-county.example",
            "A.B@EXAMPLE.org",
        ] {
            assert!(check_email(good).is_ok(), "{good}");
        }
        assert_eq!(
            check_email("A.B@EXAMPLE.org"),
            Ok("A.B@example.org".to_owned())
        );
        for bad in [
            "",
            "records",
            "@alder.example",
            "records@",
            "records@alder",
            "rec ords@alder.example",
            "records@alder..example",
            "records@-alder.example",
            "a@b.example\nBcc: c@d.example",
            "Records <records@alder.example>",
            "records@alder.example, other@alder.example",
            "récords@alder.example",
            "records@10.0.0.1",
        ] {
            assert!(check_email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn each_channel_wants_its_own_kind_of_value() {
        for (channel, typed, fits) in [
            (Channel::Portal, "https://alder.example/records", true),
            (Channel::Portal, "alder.example", false),
            (Channel::Portal, "javascript:alert(1)", false),
            (Channel::Fax, "(555) 010-0199", true),
            (Channel::Phone, "555 010 0199 ext 4", true),
            (Channel::Phone, "call the desk", false),
            (
                Channel::Post,
                "Records Officer\n1 Main Street\nAlder, WA 98000",
                true,
            ),
            (Channel::Post, "Alder", false),
        ] {
            assert_eq!(check_value(channel, typed).is_ok(), fits, "{typed:?}");
        }
    }

    #[test]
    fn a_check_cannot_lie_in_the_future() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
        let today = day(2026, 11, 22);
        assert!(check_checked_on(today, today).is_ok());
        assert!(check_checked_on(day(2026, 11, 23), today).is_err());
        assert!(check_checked_on(day(2016, 1, 1), today).is_err());
    }
}
