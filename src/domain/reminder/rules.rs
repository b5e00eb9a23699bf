//! What a campaign reminds of by default, and what each person wants to hear.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Topic;

/// In which language a person reads their mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    pub fn as_str(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Spanish => "es",
        }
    }

    /// The language of that code; none where it is not spoken here.
    pub fn parse(code: &str) -> Option<Language> {
        match code {
            "en" => Some(Language::English),
            "es" => Some(Language::Spanish),
            _ => None,
        }
    }
}

/// What a campaign reminds of, for everybody in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    pub off: BTreeSet<Topic>,
    /// Business days of the agency before its limit.
    pub agency_before: u32,
    /// … and after it.
    pub agency_after: u32,
    /// After that once a week, to the backup too.
    pub weekly: bool,
    /// Days before a limit of our own. The last two steps are always kept: [`Rules::LAST`].
    pub ours_before: Vec<u32>,
    /// Days after which an unsorted reply is told: the owner first, the backup too at the last.
    pub replies_after: Vec<u32>,
    /// Days after which counsel is told of what waits, and then once a week.
    pub counsel_after: Vec<u32>,
    /// Days between two savings of a portal's messages.
    pub portal_every: u32,
    /// Days before a batch's first letter.
    pub contacts_before: u32,
    /// At a missed limit the letter that follows is drafted by itself, and waits.
    pub chasers: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            off: BTreeSet::new(),
            agency_before: 2,
            agency_after: 1,
            weekly: true,
            ours_before: vec![14, 7, 3, 1],
            replies_after: vec![1, 3],
            counsel_after: vec![1, 3],
            portal_every: 7,
            contacts_before: 7,
            chasers: true,
        }
    }
}

impl Rules {
    /// The days before a limit of our own that no setting takes away.
    pub const LAST: [u32; 2] = [3, 1];

    /// The same rules within what makes sense.
    ///
    /// # Errors
    /// The name of the field that does not fit, and a sentence that says what would.
    pub fn checked(mut self) -> Result<Rules, (&'static str, &'static str)> {
        self.off.retain(|topic| topic.may_be_off());
        if !(1..=10).contains(&self.agency_before) {
            return Err(("agency_before", "Between 1 and 10 business days."));
        }
        if !(1..=10).contains(&self.agency_after) {
            return Err(("agency_after", "Between 1 and 10 business days."));
        }
        for (name, days) in [
            ("ours_before", &mut self.ours_before),
            ("replies_after", &mut self.replies_after),
            ("counsel_after", &mut self.counsel_after),
        ] {
            if days.is_empty() || days.len() > 8 || days.iter().any(|day| !(1..=90).contains(day)) {
                return Err((
                    name,
                    "Write one to eight numbers of days between 1 and 90, such as 1, 3.",
                ));
            }
            days.sort_unstable();
            days.dedup();
        }
        self.ours_before.extend(Rules::LAST);
        self.ours_before.sort_unstable_by(|a, b| b.cmp(a));
        self.ours_before.dedup();
        if !(1..=60).contains(&self.portal_every) {
            return Err(("portal_every", "Between 1 and 60 days."));
        }
        if !(1..=30).contains(&self.contacts_before) {
            return Err(("contacts_before", "Between 1 and 30 days."));
        }
        Ok(self)
    }
}

/// What comes to a person in the morning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Morning {
    /// Reminders, the week, what changed, what waits.
    #[default]
    Full,
    /// Reminders only.
    Reminders,
    /// No morning mail. Limits of our own still come as mail of their own.
    Off,
}

impl Morning {
    pub const ALL: [Morning; 3] = [Morning::Full, Morning::Reminders, Morning::Off];

    pub fn as_str(self) -> &'static str {
        match self {
            Morning::Full => "full",
            Morning::Reminders => "reminders",
            Morning::Off => "off",
        }
    }

    pub fn parse(text: &str) -> Option<Morning> {
        Morning::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What a person wants to hear, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// None: the campaign's.
    pub zone: Option<Tz>,
    /// The hour of their morning.
    pub hour: u32,
    pub morning: Morning,
    pub off: BTreeSet<Topic>,
    /// Whether a limit of our own is told earlier than [`Rules::LAST`].
    pub ours_early: bool,
}

impl Default for Choices {
    fn default() -> Choices {
        Choices {
            zone: None,
            hour: 8,
            morning: Morning::Full,
            off: BTreeSet::new(),
            ours_early: true,
        }
    }
}

impl Choices {
    /// Whether this person hears of that. Of a limit of our own they always do in its last days.
    pub fn hears(&self, topic: Topic, step: super::Step) -> bool {
        if topic == Topic::OurWindow {
            return self.ours_early
                || !matches!(step, super::Step::Before(days) if days > Rules::LAST[0]);
        }
        !self.off.contains(&topic)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Step;
    use super::*;

    #[test]
    fn nobody_can_switch_our_own_windows_off_entirely() {
        let deaf = Choices {
            off: Topic::ALL.into_iter().collect(),
            ours_early: false,
            ..Choices::default()
        };
        for (step, heard) in [
            (Step::Before(14), false),
            (Step::Before(7), false),
            (Step::Before(3), true),
            (Step::Before(1), true),
            (Step::On, true),
            (Step::Daily(1), true),
        ] {
            assert_eq!(deaf.hears(Topic::OurWindow, step), heard, "{step:?}");
            assert!(!deaf.hears(Topic::AgencyLimit, step));
        }
        let none = Rules {
            off: Topic::ALL.into_iter().collect(),
            ours_before: vec![30],
            ..Rules::default()
        };
        let kept = none.checked().expect("it makes sense");
        assert_eq!(kept.ours_before, [30, 3, 1]);
        assert!(!kept.off.contains(&Topic::OurWindow));
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_called_by_its_name() {
        let with = |change: fn(&mut Rules)| {
            let mut rules = Rules::default();
            change(&mut rules);
            rules.checked().map_err(|(name, _)| name)
        };
        assert_eq!(with(|rules| rules.agency_before = 0), Err("agency_before"));
        assert_eq!(with(|rules| rules.agency_after = 99), Err("agency_after"));
        assert_eq!(
            with(|rules| rules.ours_before = vec![0]),
            Err("ours_before")
        );
        assert_eq!(
            with(|rules| rules.replies_after.clear()),
            Err("replies_after")
        );
        assert_eq!(with(|rules| rules.portal_every = 0), Err("portal_every"));
        assert_eq!(
            with(|rules| rules.contacts_before = 31),
            Err("contacts_before")
        );
        assert_eq!(with(|_| ()), Ok(Rules::default()));
    }

    #[test]
    fn settings_of_an_older_version_still_read() {
        let rules: Rules = serde_json::from_str("{}").expect("defaults");
        assert_eq!(rules, Rules::default());
        let choices: Choices = serde_json::from_str(r#"{"hour":6}"#).expect("defaults");
        assert_eq!(choices.hour, 6);
        assert!(choices.ours_early);
    }
}
