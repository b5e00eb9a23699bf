//! When each letter of a batch leaves: in the agency's own office hours, not on the eve of a holiday, so many a day,
//! so many an hour to one mail domain. Pure: the instant to begin at is an argument.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::domain::delivery::pace::{MOST_PER_HOUR, gap, near};
use crate::domain::delivery::when::Offices;

/// How fast a batch leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// Letters of the batch on one day of the campaign.
    pub per_day: u32,
    /// Letters in one hour to addresses of one domain: a county's mail server takes a burst for spam.
    pub per_domain_hour: u32,
    /// Minutes between two letters of the batch, whoever they go to.
    pub minutes_apart: u32,
    /// The hour of the agency's day from which letters arrive.
    pub from_hour: u32,
    /// … and before which the last one does.
    pub until_hour: u32,
    /// No letter on the last working day before a holiday: it would lie over the holiday while the clock runs.
    pub skip_eves: bool,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            per_day: 60,
            per_domain_hour: 4,
            minutes_apart: 2,
            from_hour: 9,
            until_hour: 16,
            skip_eves: true,
        }
    }
}

impl Pace {
    /// The same pace within what makes sense.
    ///
    /// # Errors
    /// The name of the field that does not fit and a sentence that says what would.
    pub fn checked(self) -> Result<Pace, (&'static str, &'static str)> {
        if !(1..=1_000).contains(&self.per_day) {
            return Err(("per_day", "Between 1 and 1,000 letters leave in a day."));
        }
        if !(1..=MOST_PER_HOUR).contains(&self.per_domain_hour) {
            return Err((
                "per_domain_hour",
                "Between 1 and 60 letters an hour go to one mail domain.",
            ));
        }
        if self.minutes_apart > 120 {
            return Err((
                "minutes_apart",
                "At most 120 minutes lie between two letters.",
            ));
        }
        if self.from_hour < 6 || self.from_hour > 18 {
            return Err((
                "from_hour",
                "Letters arrive from 6 in the morning at the earliest, 18 at the latest.",
            ));
        }
        if self.until_hour <= self.from_hour || self.until_hour > 19 {
            return Err((
                "until_hour",
                "Letters arrive until 19 o'clock at the latest, and later than they begin: evening mail counts as the next day's in some states.",
            ));
        }
        Ok(self)
    }

    /// The same, with no more letters an hour to one domain than the installation lets go at all.
    pub fn within(self, per_domain_hour: u32) -> Pace {
        Pace {
            per_domain_hour: self.per_domain_hour.min(per_domain_hour),
            ..self
        }
    }

    /// From one letter to a domain to the next.
    fn domain_gap(&self) -> TimeDelta {
        gap(self.per_domain_hour)
    }

    fn gap(&self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.minutes_apart))
    }
}

/// A letter that wants a time.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    /// The agency's clock.
    pub zone: Tz,
    /// Its offices' calendar; without one, Monday to Friday.
    pub calendar: Option<&'c Calendar>,
    /// The mail domain it goes to.
    pub domain: &'c str,
}

/// A letter that has left already: it counts for the day, the domain and the distance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub at: DateTime<Utc>,
    pub domain: String,
}

/// The longest that a letter is put off: a year and a month.
const LONGEST: TimeDelta = TimeDelta::days(400);

/// Gives each letter its time, in their order, from `begin` on. `zone` is the campaign's: its days are counted.
/// `None` for a letter that finds no time within a year: a pace like that never ends.
pub fn schedule(
    calls: &[Call<'_>],
    pace: &Pace,
    zone: Tz,
    begin: DateTime<Utc>,
    gone: &[Gone],
) -> Vec<Option<DateTime<Utc>>> {
    let mut book = Book::default();
    for one in gone {
        book.note(one.at, &one.domain, zone);
    }
    calls
        .iter()
        .map(|call| {
            let at = book.find(call, pace, zone, begin)?;
            book.note(at, call.domain, zone);
            Some(at)
        })
        .collect()
}

/// Whether a letter may leave at this very moment, by the agency's clock and calendar.
pub fn is_open(call: &Call<'_>, pace: &Pace, at: DateTime<Utc>) -> bool {
    opens(call, pace, at) == Some(at)
}

#[derive(Default)]
struct Book {
    taken: BTreeSet<DateTime<Utc>>,
    domains: HashMap<String, BTreeSet<DateTime<Utc>>>,
    days: HashMap<NaiveDate, u32>,
}

impl Book {
    fn note(&mut self, at: DateTime<Utc>, domain: &str, zone: Tz) {
        self.taken.insert(at);
        self.domains
            .entry(domain.to_owned())
            .or_default()
            .insert(at);
        *self
            .days
            .entry(at.with_timezone(&zone).date_naive())
            .or_default() += 1;
    }

    fn find(
        &self,
        call: &Call<'_>,
        pace: &Pace,
        zone: Tz,
        begin: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let mut at = begin;
        while at < begin + LONGEST {
            let next = self.not_yet(call, pace, zone, at)?;
            if next == at {
                return Some(at);
            }
            at = next;
        }
        None
    }

    /// `at` itself if nothing stands against it, else the next moment worth looking at.
    fn not_yet(
        &self,
        call: &Call<'_>,
        pace: &Pace,
        zone: Tz,
        at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let open = opens(call, pace, at)?;
        if open != at {
            return Some(open);
        }
        let day = at.with_timezone(&zone).date_naive();
        if self
            .days
            .get(&day)
            .is_some_and(|many| *many >= pace.per_day)
        {
            return at_hour(zone, day.succ_opt()?, 0);
        }
        if let Some(near) = self
            .domains
            .get(call.domain)
            .and_then(|all| near(all, at, pace.domain_gap()))
        {
            return Some(near + pace.domain_gap());
        }
        match near(&self.taken, at, pace.gap()) {
            Some(near) => Some(near + pace.gap()),
            None => Some(at),
        }
    }
}

/// The first moment from `at` on in which the agency's office is open and no holiday follows.
fn opens(call: &Call<'_>, pace: &Pace, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = at.with_timezone(&call.zone);
    let mut day = local.date_naive();
    let offices = Offices {
        zone: call.zone,
        calendar: call.calendar,
    };
    if offices.is_good(day, pace.skip_eves) {
        if local.hour() < pace.from_hour {
            return at_hour(call.zone, day, pace.from_hour);
        }
        if local.hour() < pace.until_hour {
            return Some(at);
        }
    }
    for _ in 0..400 {
        day = day.succ_opt()?;
        if offices.is_good(day, pace.skip_eves) {
            return at_hour(call.zone, day, pace.from_hour);
        }
    }
    None
}

fn at_hour(zone: Tz, day: NaiveDate, hour: u32) -> Option<DateTime<Utc>> {
    // Where clocks are put forward over this hour, the next one counts.
    (hour..24).find_map(|hour| {
        let local = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?);
        zone.from_local_datetime(&local)
            .earliest()
            .map(|at| at.with_timezone(&Utc))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Library;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn local(zone: Tz, at: Option<DateTime<Utc>>) -> String {
        at.map(|at| at.with_timezone(&zone).format("%a %m-%d %H:%M").to_string())
            .unwrap_or_default()
    }

    #[test]
    fn letters_leave_in_the_agencys_own_office_hours() {
        let library = Library::embedded().expect("the law files hold together");
        let calendar = |code: &str| {
            library
                .get(&code.parse().expect("a code"))
                .map(|law| law.calendar())
        };
        let seattle = chrono_tz::America::Los_Angeles;
        let chicago = chrono_tz::America::Chicago;
        let call = |zone, code, domain| Call {
            zone,
            calendar: calendar(code),
            domain,
        };
        // Sunday evening; Monday 12 January 2026 is a working day.
        let begin = at("2026-01-12T01:00:00Z");
        let calls = [
            call(seattle, "WA", "a"),
            call(chicago, "IL", "b"),
            call(seattle, "WA", "a"),
        ];
        let times = schedule(&calls, &Pace::default(), seattle, begin, &[]);
        assert_eq!(local(seattle, times[0]), "Mon 01-12 09:00");
        assert_eq!(local(chicago, times[1]), "Mon 01-12 09:00");
        // The same domain waits a quarter of an hour.
        assert_eq!(local(seattle, times[2]), "Mon 01-12 09:15");

        for (begins, says) in [
            // Four in the afternoon is the next day's.
            ("2026-01-14T00:00:00Z", "Wed 01-14 09:00"),
            ("2026-01-13T23:59:00Z", "Tue 01-13 15:59"),
            // Friday the 16th is the eve of Martin Luther King's day (Monday the 19th).
            ("2026-01-16T17:30:00Z", "Tue 01-20 09:00"),
            // An ordinary Friday is not.
            ("2026-01-09T18:00:00Z", "Fri 01-09 10:00"),
        ] {
            let times = schedule(&calls[..1], &Pace::default(), seattle, at(begins), &[]);
            assert_eq!(local(seattle, times[0]), says, "from {begins}");
        }
        let eves = Pace {
            skip_eves: false,
            ..Pace::default()
        };
        let times = schedule(&calls[..1], &eves, seattle, at("2026-01-16T17:30:00Z"), &[]);
        assert_eq!(local(seattle, times[0]), "Fri 01-16 09:30");
        assert!(is_open(&calls[0], &eves, at("2026-01-16T17:30:00Z")));
        assert!(!is_open(
            &calls[0],
            &Pace::default(),
            at("2026-01-16T17:30:00Z")
        ));
    }

    #[test]
    fn the_days_number_the_distance_and_what_left_before_are_kept() {
        let zone = chrono_tz::America::Los_Angeles;
        let domains: Vec<String> = (0..30).map(|n| format!("county{n}.example")).collect();
        let calls: Vec<Call> = domains
            .iter()
            .map(|domain| Call {
                zone,
                calendar: None,
                domain,
            })
            .collect();
        let pace = Pace {
            per_day: 10,
            minutes_apart: 5,
            ..Pace::default()
        };
        let begin = at("2026-01-12T17:00:00Z");
        let gone = [Gone {
            at: begin,
            domain: "county0.example".to_owned(),
        }];
        let times: Vec<DateTime<Utc>> = schedule(&calls, &pace, zone, begin, &gone)
            .into_iter()
            .map(|at| at.expect("every letter finds its time"))
            .collect();
        let mut days: HashMap<NaiveDate, usize> = HashMap::new();
        for time in &times {
            *days
                .entry(time.with_timezone(&zone).date_naive())
                .or_default() += 1;
        }
        let mut many: Vec<_> = days.into_iter().collect();
        many.sort();
        assert_eq!(
            many.iter().map(|(_, n)| *n).collect::<Vec<_>>(),
            [9, 10, 10, 1]
        );
        let mut sorted = times.clone();
        sorted.sort();
        assert!(
            sorted
                .windows(2)
                .all(|two| two[1] - two[0] >= TimeDelta::minutes(5))
        );
        assert!(
            times[0] >= begin + TimeDelta::minutes(15),
            "its domain had one a moment ago"
        );
    }

    #[test]
    fn a_pace_that_makes_no_sense_is_told() {
        assert!(Pace::default().checked().is_ok());
        for (wrong, field) in [
            (
                Pace {
                    per_day: 0,
                    ..Pace::default()
                },
                "per_day",
            ),
            (
                Pace {
                    per_domain_hour: 61,
                    ..Pace::default()
                },
                "per_domain_hour",
            ),
            (
                Pace {
                    minutes_apart: 500,
                    ..Pace::default()
                },
                "minutes_apart",
            ),
            (
                Pace {
                    from_hour: 5,
                    ..Pace::default()
                },
                "from_hour",
            ),
            (
                Pace {
                    until_hour: 22,
                    ..Pace::default()
                },
                "until_hour",
            ),
            (
                Pace {
                    from_hour: 12,
                    until_hour: 12,
                    ..Pace::default()
                },
                "until_hour",
            ),
        ] {
            assert_eq!(wrong.checked().map_err(|(field, _)| field), Err(field));
        }
    }
}
