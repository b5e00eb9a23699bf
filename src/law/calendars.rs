//! The calendars of one jurisdiction: two readings of the same closings, for each place that closes on days of its own.
//!
//! The latest reading closes on every day that may be closed, the earliest only on what is sure. A holiday of some
//! counties or some kinds of body is sure for a body known to be one of them, and possible where that is not known.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;

use super::jurisdiction::Holidays;
use super::terms::HolderKind;
use crate::calendar::{Calendar, Holiday, Observed};

/// Two readings of the same closings.
#[derive(Debug, Clone)]
pub struct Readings {
    /// Every day that may be closed is closed: limits of the agency and reminders use it.
    pub latest: Arc<Calendar>,
    /// Only what is surely closed is closed: our own limits use it.
    pub earliest: Arc<Calendar>,
}

/// Who keeps a closing.
#[derive(Debug, Clone, Default)]
struct Keepers {
    /// As [`plain_county`] gives them.
    counties: Vec<String>,
    holders: Vec<HolderKind>,
}

/// Whether a body keeps a closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Keeps {
    No,
    /// Its county or kind is not known.
    Perhaps,
    Yes,
}

#[derive(Debug, Default)]
struct Parts {
    /// With the shifts of each: what the law says, and what practice may add.
    everywhere: Vec<(Holiday, Vec<Observed>, Vec<Observed>)>,
    unsettled: Vec<(Holiday, Vec<Observed>)>,
    local: Vec<(Holiday, Vec<Observed>, Keepers)>,
    dated: Vec<(NaiveDate, String, Keepers)>,
    saturday_may_count: bool,
}

/// Everything known of the closings, and the calendars made of it so far.
#[derive(Debug, Clone)]
pub(super) struct Calendars {
    parts: Arc<Parts>,
    anywhere: Arc<Readings>,
    /// By what a place keeps, so that all places that close alike share one calendar.
    made: Arc<Mutex<BTreeMap<Vec<Keeps>, Arc<Readings>>>>,
}

impl Default for Calendars {
    fn default() -> Self {
        Parts::default().into()
    }
}

impl From<Parts> for Calendars {
    fn from(parts: Parts) -> Self {
        let anywhere = parts.readings(&parts.keeps(HolderKind::Unstated, None));
        Self {
            parts: Arc::new(parts),
            anywhere: Arc::new(anywhere),
            made: Arc::default(),
        }
    }
}

/// A county by its bare name in small letters: "Mobile County" and "mobile" are one.
pub fn plain_county(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let bare = [" county", " parish", " borough", " census area"]
        .iter()
        .find_map(|kind| lower.strip_suffix(kind))
        .unwrap_or(&lower);
    bare.trim().to_owned()
}

impl Keepers {
    fn new(counties: &[String], holders: &[HolderKind]) -> Self {
        Self {
            counties: counties.iter().map(|name| plain_county(name)).collect(),
            holders: holders.to_vec(),
        }
    }

    fn keeps(&self, holder: HolderKind, county: Option<&str>) -> Keeps {
        let by_county = match county {
            _ if self.counties.is_empty() => Keeps::Yes,
            None => Keeps::Perhaps,
            Some(county) if self.counties.iter().any(|known| known == county) => Keeps::Yes,
            Some(_) => Keeps::No,
        };
        let by_holder = match holder {
            _ if self.holders.is_empty() => Keeps::Yes,
            HolderKind::Unstated => Keeps::Perhaps,
            holder if self.holders.contains(&holder) => Keeps::Yes,
            _ => Keeps::No,
        };
        by_county.min(by_holder)
    }
}

impl Parts {
    fn keeps(&self, holder: HolderKind, county: Option<&str>) -> Vec<Keeps> {
        let county = county.map(plain_county);
        let keeps = |keepers: &Keepers| keepers.keeps(holder, county.as_deref());
        self.local
            .iter()
            .map(|(_, _, keepers)| keeps(keepers))
            .chain(self.dated.iter().map(|(_, _, keepers)| keeps(keepers)))
            .collect()
    }

    fn readings(&self, keeps: &[Keeps]) -> Readings {
        let (local, dated) = keeps.split_at(self.local.len().min(keeps.len()));
        let kept = |least: Keeps| {
            let local = self
                .local
                .iter()
                .zip(local)
                .filter(move |(_, keeps)| **keeps >= least)
                .map(|((holiday, shifts, _), _)| (holiday.clone(), shifts.clone()));
            let dated = self
                .dated
                .iter()
                .zip(dated)
                .filter(move |(_, keeps)| **keeps >= least)
                .map(|((day, why, _), _)| (*day, why.clone()));
            (local.collect::<Vec<_>>(), dated.collect::<Vec<_>>())
        };
        let (mut perhaps, perhaps_dated) = kept(Keeps::Perhaps);
        let (mut surely, surely_dated) = kept(Keeps::Yes);
        for (holiday, law, practice) in &self.everywhere {
            perhaps.push((holiday.clone(), practice.clone()));
            surely.push((holiday.clone(), law.clone()));
        }
        perhaps.extend(self.unsettled.iter().cloned());
        Readings {
            latest: Arc::new(Calendar::new(perhaps, perhaps_dated, false)),
            earliest: Arc::new(Calendar::new(surely, surely_dated, self.saturday_may_count)),
        }
    }
}

impl Calendars {
    /// Reads the rules of a file.
    ///
    /// # Errors
    /// The key and a sentence on the first rule that is not understood.
    pub fn of(
        holidays: &Holidays,
        saturday_may_count: bool,
    ) -> Result<Self, (&'static str, String)> {
        let read = |text: &str, key: &'static str| {
            Holiday::parse(text).map_err(|problem| (key, problem.to_string()))
        };
        let usual = vec![holidays.observed];
        let practice: Vec<Observed> = usual
            .iter()
            .copied()
            .chain(holidays.observed_may_be)
            .collect();
        let mut parts = Parts {
            saturday_may_count,
            ..Parts::default()
        };
        for text in &holidays.days {
            let own = holidays.own_shifts.iter().find(|own| own.day == *text);
            let (law, practice) = match own {
                Some(own) => (vec![own.observed], vec![own.observed]),
                None => (usual.clone(), practice.clone()),
            };
            parts
                .everywhere
                .push((read(text, "holidays.days")?, law, practice));
        }
        for maybe in &holidays.may_be {
            parts
                .unsettled
                .push((read(&maybe.day, "holidays.may_be")?, practice.clone()));
        }
        for local in &holidays.local {
            parts.local.push((
                read(&local.day, "holidays.local")?,
                usual.clone(),
                Keepers::new(&local.counties, &local.holders),
            ));
        }
        for closing in &holidays.closings {
            parts.dated.push((
                closing.on,
                closing.why.clone(),
                Keepers::new(&closing.counties, &closing.holders),
            ));
        }
        for text in &holidays.half_days {
            read(text, "holidays.half_days")?;
        }
        Ok(parts.into())
    }

    /// The readings for a body of which neither kind nor county is known.
    pub fn anywhere(&self) -> &Readings {
        &self.anywhere
    }

    pub fn of_place(&self, holder: HolderKind, county: Option<&str>) -> Arc<Readings> {
        if self.parts.local.is_empty() && self.parts.dated.is_empty() {
            return Arc::clone(&self.anywhere);
        }
        let keeps = self.parts.keeps(holder, county);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            made.entry(keeps)
                .or_insert_with_key(|keeps| Arc::new(self.parts.readings(keeps))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::jurisdiction::{DatedClosing, LocalHoliday, OwnShift};
    use crate::law::terms::Confidence;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn calendars() -> Calendars {
        let holidays = Holidays {
            days: vec!["veterans".to_owned(), "christmas".to_owned()],
            observed: Observed::Monday,
            observed_may_be: None,
            may_be: Vec::new(),
            half_days: Vec::new(),
            own_shifts: vec![OwnShift {
                day: "veterans".to_owned(),
                observed: Observed::Nearest,
                citation: "§ 1".to_owned(),
            }],
            local: vec![LocalHoliday {
                day: "Mardi Gras = 47 days before easter".to_owned(),
                counties: vec!["Mobile".to_owned(), "Baldwin".to_owned()],
                holders: Vec::new(),
                citation: "§ 2".to_owned(),
                note: "Two counties only.".to_owned(),
            }],
            closings: vec![DatedClosing {
                on: day("2026-11-27"),
                why: "Closed by the Governor".to_owned(),
                counties: Vec::new(),
                holders: vec![HolderKind::StateAgency],
                citation: "Proclamation 1".to_owned(),
                confidence: Confidence::OneSource,
            }],
            own_days: None,
            unlike: Vec::new(),
            citation: "§ 3".to_owned(),
            confidence: Confidence::OneSource,
            note: None,
        };
        Calendars::of(&holidays, false).expect("sound rules")
    }

    #[test]
    fn a_county_s_holiday_is_sure_there_possible_where_unknown_and_none_elsewhere() {
        let calendars = calendars();
        // Mardi Gras of 2026.
        let tuesday = day("2026-02-17");
        for (county, latest, earliest) in [
            (Some("Mobile County"), false, false),
            (Some("baldwin"), false, false),
            (Some("Jefferson"), true, true),
            (None, false, true),
        ] {
            let readings = calendars.of_place(HolderKind::Sheriff, county);
            assert_eq!(readings.latest.is_business(tuesday), latest, "{county:?}");
            assert_eq!(
                readings.earliest.is_business(tuesday),
                earliest,
                "{county:?}"
            );
        }
    }

    #[test]
    fn a_governor_s_closing_binds_the_kinds_it_names() {
        let calendars = calendars();
        let friday = day("2026-11-27");
        for (holder, latest, earliest) in [
            (HolderKind::StateAgency, false, false),
            (HolderKind::Sheriff, true, true),
            (HolderKind::Unstated, false, true),
        ] {
            let readings = calendars.of_place(holder, Some("Jefferson"));
            assert_eq!(readings.latest.is_business(friday), latest, "{holder:?}");
            assert_eq!(
                readings.earliest.is_business(friday),
                earliest,
                "{holder:?}"
            );
        }
    }

    #[test]
    fn one_holiday_may_shift_by_a_rule_of_its_own() {
        let readings = calendars();
        // 11 November 2028 is a Saturday, 25 December 2027 too.
        assert!(!readings.anywhere().earliest.is_business(day("2028-11-10")));
        assert!(readings.anywhere().earliest.is_business(day("2027-12-24")));
    }
}
