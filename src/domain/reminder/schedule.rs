//! On which days something is told: counted from a limit by the agency's own open days, or from the day on which
//! something began to wait.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::Rules;
use crate::calendar::Calendar;
use crate::domain::duty::Facts;
use crate::law::Jurisdiction;

/// One of the times at which a matter is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// So many days before a limit: the agency's business days for its own, calendar days for ours.
    Before(u32),
    On,
    /// So many business days after the agency's limit.
    After(u32),
    /// So many weeks after the agency's limit: the backup hears it too.
    Week(u32),
    /// So many days after a limit of our own.
    Daily(u32),
    /// It has waited for so many days.
    Waited(u32),
}

impl Step {
    /// The word of the database.
    pub fn key(self) -> String {
        match self {
            Step::Before(days) => format!("before-{days}"),
            Step::On => "on".to_owned(),
            Step::After(days) => format!("after-{days}"),
            Step::Week(weeks) => format!("week-{weeks}"),
            Step::Daily(days) => format!("daily-{days}"),
            Step::Waited(days) => format!("waited-{days}"),
        }
    }

    pub fn parse(key: &str) -> Option<Step> {
        if key == "on" {
            return Some(Step::On);
        }
        let (kind, number) = key.split_once('-')?;
        let number = number.parse().ok()?;
        match kind {
            "before" => Some(Step::Before(number)),
            "after" => Some(Step::After(number)),
            "week" => Some(Step::Week(number)),
            "daily" => Some(Step::Daily(number)),
            "waited" => Some(Step::Waited(number)),
            _ => None,
        }
    }

    /// As the log writes it: days from the limit, weeks as sevens of days.
    pub fn offset(self) -> i32 {
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        match self {
            Step::Before(days) => -number(days),
            Step::On => 0,
            Step::After(days) | Step::Daily(days) | Step::Waited(days) => number(days),
            Step::Week(weeks) => number(weeks).saturating_mul(7),
        }
    }
}

/// A step and its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tell {
    pub on: NaiveDate,
    pub step: Step,
}

/// The days on which one agency is open, by the reading that closes it most often and its own closed days.
#[derive(Clone, Debug)]
pub struct OpenDays {
    calendar: Arc<Calendar>,
    closed: BTreeSet<NaiveDate>,
}

impl OpenDays {
    /// The days of the body that a request went to.
    pub fn of(law: &Jurisdiction, facts: &Facts) -> OpenDays {
        OpenDays {
            calendar: Arc::clone(&law.calendars(facts.holder, facts.county.as_deref()).latest),
            closed: facts.closed.keys().copied().collect(),
        }
    }

    pub fn is_open(&self, day: NaiveDate) -> bool {
        self.calendar.is_business(day) && !self.closed.contains(&day)
    }

    pub fn on_or_before(&self, mut day: NaiveDate) -> NaiveDate {
        while !self.is_open(day) && day > NaiveDate::MIN {
            day = day - Days::new(1);
        }
        day
    }

    pub fn on_or_after(&self, mut day: NaiveDate) -> NaiveDate {
        while !self.is_open(day) && day < NaiveDate::MAX {
            day = day + Days::new(1);
        }
        day
    }

    /// The `n`th open day before `day`.
    pub fn before(&self, day: NaiveDate, n: u32) -> NaiveDate {
        (0..n).fold(day, |day, _| self.on_or_before(day - Days::new(1)))
    }

    /// The `n`th open day after `day`.
    pub fn after(&self, day: NaiveDate, n: u32) -> NaiveDate {
        (0..n).fold(day, |day, _| self.on_or_after(day + Days::new(1)))
    }
}

/// When an agency's limit is told: before it, on it (on the last open day before it, if it is closed then), after it,
/// and then every week as long as it is not done. Weeks that lie wholly behind `today` are left out but for the last;
/// the first day after `until` closes the list, so that it says when to look again.
pub fn agency_limit(
    due_on: NaiveDate,
    rules: &Rules,
    open: &OpenDays,
    today: NaiveDate,
    until: NaiveDate,
) -> Vec<Tell> {
    let tell = |on, step| Tell { on, step };
    let mut all = Vec::with_capacity(5);
    let weeks_past = u32::try_from((today - due_on).num_days() / 7).unwrap_or(0);
    if weeks_past < 2 {
        let before = open.before(due_on, rules.agency_before);
        all.push(tell(before, Step::Before(rules.agency_before)));
        all.push(tell(open.on_or_before(due_on), Step::On));
        all.push(tell(
            open.after(due_on, rules.agency_after),
            Step::After(rules.agency_after),
        ));
    }
    if rules.weekly {
        let last_single = all.last().map_or(NaiveDate::MIN, |tell| tell.on);
        let mut week = weeks_past.saturating_sub(1).max(1);
        loop {
            let on = open.on_or_after(due_on + Days::new(7 * u64::from(week)));
            if on > last_single {
                all.push(tell(on, Step::Week(week)));
            }
            if on > until {
                break;
            }
            week += 1;
        }
    }
    all
}

/// When a limit of our own is told: so many days before it, each moved to the last open day before where it is closed,
/// on it, and then each day until the day after its latest reading. Of two on one day the nearer counts.
pub fn our_window(
    due_on: NaiveDate,
    latest_on: Option<NaiveDate>,
    rules: &Rules,
    open: &OpenDays,
) -> Vec<Tell> {
    let mut all: Vec<Tell> = rules
        .ours_before
        .iter()
        .chain(&Rules::LAST)
        .map(|days| Tell {
            on: open.on_or_before(due_on - Days::new(u64::from(*days))),
            step: Step::Before(*days),
        })
        .collect();
    all.push(Tell {
        on: open.on_or_before(due_on),
        step: Step::On,
    });
    // The last day itself is told on that day as well, where the mail above went out before a weekend.
    if open.on_or_before(due_on) != due_on {
        all.push(Tell {
            on: due_on,
            step: Step::Daily(0),
        });
    }
    let end = latest_on.unwrap_or(due_on).max(due_on) + Days::new(1);
    let days = u32::try_from((end - due_on).num_days())
        .unwrap_or(1)
        .min(60);
    all.extend((1..=days).map(|after| Tell {
        on: due_on + Days::new(u64::from(after)),
        step: Step::Daily(after),
    }));
    let nearness = |step: Step| match step {
        Step::Before(days) => -i64::from(days),
        Step::Daily(days) => i64::from(days) + 1,
        _ => 0,
    };
    all.sort_by_key(|tell| (tell.on, nearness(tell.step)));
    let mut kept: Vec<Tell> = Vec::with_capacity(all.len());
    for tell in all {
        match kept.last_mut() {
            Some(last) if last.on == tell.on => *last = tell,
            _ => kept.push(tell),
        }
    }
    kept
}

/// When something that waits is told: after so many days each, and then every week where `weekly`; on the Monday where
/// that is a weekend, for nothing is lost by then.
pub fn waited(
    since: NaiveDate,
    days: &[u32],
    weekly: bool,
    today: NaiveDate,
    until: NaiveDate,
) -> Vec<Tell> {
    let tell = |after: u32| {
        let on = since + Days::new(u64::from(after));
        let to_monday = match on.weekday() {
            Weekday::Sat => 2,
            Weekday::Sun => 1,
            _ => 0,
        };
        Tell {
            on: on + Days::new(to_monday),
            step: Step::Waited(after),
        }
    };
    let mut all: Vec<Tell> = days.iter().map(|after| tell(*after)).collect();
    let last = days.iter().copied().max().unwrap_or(0);
    if weekly {
        let past = u32::try_from((today - since).num_days().max(0)).unwrap_or(0);
        let mut after = last + 7 * (past.saturating_sub(last) / 7).max(1);
        loop {
            let next = tell(after);
            all.push(next);
            if next.on > until {
                break;
            }
            after += 7;
        }
    }
    all
}

/// A date that passed longer ago than this is told on the page, not by a belated mail.
const STALE_DAYS: i64 = 14;

/// What is to be told by the end of `until`: the latest step whose day has come, so that mornings that were missed are
/// made up for once, and those ahead up to `until`. Beside it the next day on which to look: the eve of the next
/// telling, for readers whose day begins earlier, and then its own day, on which other things follow it.
pub fn reached(all: &[Tell], today: NaiveDate, until: NaiveDate) -> (Vec<Tell>, Option<NaiveDate>) {
    let mut told: Vec<Tell> = all
        .iter()
        .filter(|tell| tell.on > today && tell.on <= until)
        .copied()
        .collect();
    // Of two on one day the later step.
    let latest = all
        .iter()
        .filter(|tell| tell.on <= today)
        .max_by_key(|tell| tell.on);
    if let Some(latest) = latest
        && (today - latest.on).num_days() <= STALE_DAYS
    {
        told.insert(0, *latest);
    }
    let next = all
        .iter()
        .map(|tell| tell.on)
        .filter(|on| *on > today)
        .min();
    let eve = next.map(|on| on - Days::new(1)).filter(|eve| *eve > today);
    (told, eve.or(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{Code, HolderKind, Library};
    use std::sync::LazyLock;

    static LIBRARY: LazyLock<Library> =
        LazyLock::new(|| Library::embedded().expect("sound law files"));

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date in a test")
    }

    fn washington(closed: &[&str]) -> OpenDays {
        let code: Code = "WA".parse().expect("a code");
        let facts = Facts {
            holder: HolderKind::Sheriff,
            closed: closed
                .iter()
                .map(|day| (on(day), "Furlough day".to_owned()))
                .collect(),
            ..Facts::default()
        };
        OpenDays::of(LIBRARY.get(&code).expect("its law"), &facts)
    }

    fn days(all: &[Tell]) -> Vec<(String, String)> {
        all.iter()
            .map(|tell| (tell.step.key(), tell.on.to_string()))
            .collect()
    }

    fn as_text(rows: &[(&str, &str)]) -> Vec<(String, String)> {
        rows.iter()
            .map(|(step, day)| ((*step).to_owned(), (*day).to_owned()))
            .collect()
    }

    #[test]
    fn an_agencys_limit_is_counted_by_the_agencys_own_open_days() {
        // Tuesday 20 January 2026; Monday the 19th is Martin Luther King Jr. Day.
        let rules = Rules::default();
        let limit = |open: &OpenDays| {
            agency_limit(
                on("2026-01-20"),
                &rules,
                open,
                on("2026-01-14"),
                on("2026-01-15"),
            )
        };
        assert_eq!(
            days(&limit(&washington(&[]))),
            as_text(&[
                ("before-2", "2026-01-15"),
                ("on", "2026-01-20"),
                ("after-1", "2026-01-21"),
                ("week-1", "2026-01-27"),
            ])
        );
        // The office is shut on Thursday 15 and Wednesday 21.
        assert_eq!(
            days(&limit(&washington(&["2026-01-15", "2026-01-21"]))),
            as_text(&[
                ("before-2", "2026-01-14"),
                ("on", "2026-01-20"),
                ("after-1", "2026-01-22"),
                ("week-1", "2026-01-27"),
            ])
        );
    }

    #[test]
    fn a_limit_long_past_is_told_every_week_and_costs_no_more_for_being_old() {
        let rules = Rules::default();
        let open = washington(&[]);
        let all = agency_limit(
            on("2023-01-17"),
            &rules,
            &open,
            on("2026-01-21"),
            on("2026-01-22"),
        );
        assert!(all.len() <= 4, "{all:?}");
        let (told, next) = reached(&all, on("2026-01-21"), on("2026-01-22"));
        assert_eq!(days(&told), as_text(&[("week-157", "2026-01-20")]));
        assert_eq!(next, Some(on("2026-01-26")));
        let quiet = Rules {
            weekly: false,
            ..Rules::default()
        };
        let all = agency_limit(
            on("2023-01-17"),
            &quiet,
            &open,
            on("2026-01-21"),
            on("2026-01-22"),
        );
        assert!(all.is_empty());
    }

    #[test]
    fn our_window_is_told_early_then_every_day_at_the_end() {
        // An appeal by Monday 2 March 2026; another reading gives Thursday the 5th.
        let open = washington(&[]);
        let all = our_window(
            on("2026-03-02"),
            Some(on("2026-03-05")),
            &Rules::default(),
            &open,
        );
        assert_eq!(
            days(&all),
            as_text(&[
                // Monday 16 February is Presidents' Day: the Friday before.
                ("before-14", "2026-02-13"),
                ("before-7", "2026-02-23"),
                // Friday is three days before and the last open day before Sunday: the nearer counts.
                ("before-1", "2026-02-27"),
                ("on", "2026-03-02"),
                ("daily-1", "2026-03-03"),
                ("daily-2", "2026-03-04"),
                ("daily-3", "2026-03-05"),
                ("daily-4", "2026-03-06"),
            ])
        );
        // A limit on a Sunday is told on the Friday and on the day itself.
        let all = our_window(on("2026-03-01"), None, &Rules::default(), &open);
        assert_eq!(
            days(&all[all.len() - 3..]),
            as_text(&[
                ("on", "2026-02-27"),
                ("daily-0", "2026-03-01"),
                ("daily-1", "2026-03-02")
            ])
        );
    }

    #[test]
    fn what_waits_is_told_after_some_days_and_then_every_week() {
        let since = on("2026-01-05");
        let replies = waited(since, &[1, 3], false, since, since);
        assert_eq!(
            days(&replies),
            as_text(&[("waited-1", "2026-01-06"), ("waited-3", "2026-01-08")])
        );
        // From a Friday: both days fall on the weekend, and Monday tells the later.
        let friday = on("2026-01-09");
        let over = waited(friday, &[1, 3], false, friday, friday);
        let (told, _) = reached(&over, on("2026-01-12"), on("2026-01-13"));
        assert_eq!(days(&told), as_text(&[("waited-3", "2026-01-12")]));
        let held = waited(since, &[1, 3], true, on("2026-02-01"), on("2026-02-02"));
        let (told, next) = reached(&held, on("2026-02-01"), on("2026-02-02"));
        assert_eq!(days(&told), as_text(&[("waited-24", "2026-01-29")]));
        assert_eq!(next, Some(on("2026-02-04")));
    }

    #[test]
    fn a_missed_morning_is_made_up_for_once() {
        let all = agency_limit(
            on("2026-01-26"),
            &Rules {
                weekly: false,
                ..Rules::default()
            },
            &washington(&[]),
            on("2026-01-16"),
            on("2026-01-17"),
        );
        let told = |today: &str| -> Vec<String> {
            let today = on(today);
            let (told, _) = reached(&all, today, today + Days::new(1));
            told.into_iter().map(|tell| tell.step.key()).collect()
        };
        for (today, expected) in [
            ("2026-01-16", vec![]),
            ("2026-01-21", vec!["before-2"]),
            ("2026-01-22", vec!["before-2"]),
            ("2026-01-23", vec!["before-2"]),
            // On the day the early warning is moot.
            ("2026-01-26", vec!["on", "after-1"]),
            ("2026-02-03", vec!["after-1"]),
            // A date long past is on the page.
            ("2026-02-20", vec![]),
        ] {
            assert_eq!(told(today), expected, "{today}");
        }
    }

    #[test]
    fn a_step_reads_back() {
        for step in [
            Step::Before(14),
            Step::On,
            Step::After(1),
            Step::Week(3),
            Step::Daily(2),
            Step::Waited(10),
        ] {
            assert_eq!(Step::parse(&step.key()), Some(step));
        }
        assert_eq!(Step::parse("soon"), None);
        assert_eq!(Step::Week(2).offset(), 14);
        assert_eq!(Step::Before(2).offset(), -2);
    }
}
