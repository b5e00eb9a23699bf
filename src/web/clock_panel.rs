//! The clocks of a request as a page shows them: the panel beside a request, and "Why this date?".
//!
//! Only words and boxes; the counting is `domain::duty`. Templates: `partials/clocks.html` (the panel) and
//! `partials/clocks_why.html` (the explanation), both over a variable `clocks` that holds a [`ClockPanel`].
//! May import the floors below the doors.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;

use crate::calendar::words::{counted, long};
use crate::domain::duty::{ADDED, ClockState, DutyClock, Facts, Filing, NAMED};
use crate::law::{HolderKind, Jurisdiction, Kind, Unit};

/// All clocks of one request.
#[derive(Debug, Clone, Serialize)]
pub struct ClockPanel {
    /// Limits that run or have passed, the nearest first; then duties without a number.
    pub active: Vec<ClockView>,
    /// Met, or closed before.
    pub done: Vec<ClockView>,
    /// What they count from has not happened.
    pub waiting: Vec<ClockView>,
    /// Whether the agency's receipt is known; without it nothing runs.
    pub received_on: Option<String>,
    pub as_of: String,
    pub law_name: String,
    /// The law's page.
    pub law_href: String,
    /// The page that explains every date: add `#why-` and a clock's id.
    pub why_href: String,
}

/// One clock.
#[derive(Debug, Clone, Serialize)]
pub struct ClockView {
    pub id: String,
    pub heading: String,
    pub ours: bool,
    /// The chip's state and word.
    pub chip: &'static str,
    pub chip_word: String,
    /// "Mon 26 Jan 2026", large; none where no number is fixed, nothing has started or the clock is stopped.
    pub due: Option<String>,
    pub state: &'static str,
    /// "King County Sheriff must acknowledge the request by Monday 26 January 2026, in 3 business days."
    pub sentence: String,
    /// "5 business days, counted from the day the agency received the request (Fri 16 Jan 2026)".
    pub rule: String,
    pub says: String,
    pub citation: String,
    pub confidence: &'static str,
    pub applies: Option<String>,
    pub notes: Vec<String>,
    pub silence: Option<String>,
    /// "2 business days late".
    pub late: Option<String>,
    /// For a limit of ours: what must be filed and where.
    pub filing: Option<Filing>,
    pub months: Vec<Month>,
    /// Days of the count that were left out: "Weekends", "Mon 19 Jan 2026: Martin Luther King Jr. Day".
    pub skipped: Vec<String>,
    pub sources: Vec<SourceView>,
}

#[derive(Debug, Clone, Serialize)]
pub struct SourceView {
    pub title: String,
    pub url: String,
    pub retrieved: String,
}

/// A month of the count, weeks from Sunday.
#[derive(Debug, Clone, Serialize)]
pub struct Month {
    pub title: String,
    pub weeks: Vec<Vec<Option<Cell>>>,
}

/// A day of a month.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    pub date: u32,
    /// `counted`, `skipped`, `limit`, or nothing.
    pub class: &'static str,
    /// "1", "Martin Luther King Jr. Day", "day zero"; empty on days outside the count.
    pub words: String,
    /// For a screen reader: "counted", "not counted", "the limit".
    pub unseen: &'static str,
}

impl ClockPanel {
    /// Lays out computed clocks. `agency` is the name in the sentences; `base` is empty or `/c/<slug>`.
    pub fn new(
        jurisdiction: &Jurisdiction,
        facts: &Facts,
        clocks: &[DutyClock],
        as_of: NaiveDate,
        agency: &str,
        base: &str,
    ) -> Self {
        let mut sorted: Vec<&DutyClock> = clocks.iter().collect();
        // Limits before open-ended duties, the nearest first.
        sorted.sort_by_key(|clock| (clock.due_on.is_none(), clock.due_on));
        let pick = |wanted: &[ClockState]| {
            sorted
                .iter()
                .filter(|clock| wanted.contains(&clock.state))
                .map(|clock| view(clock, as_of, agency))
                .collect::<Vec<_>>()
        };
        Self {
            active: pick(&[
                ClockState::Late,
                ClockState::Running,
                ClockState::Paused,
                ClockState::NoneFixed,
            ]),
            done: pick(&[ClockState::Met, ClockState::Closed]),
            waiting: pick(&[ClockState::NotStarted]),
            received_on: facts.received_on.map(long),
            as_of: long(as_of),
            law_name: jurisdiction.law.name.clone(),
            law_href: format!("{base}/laws/{}", jurisdiction.code),
            why_href: format!("{base}/clock?{}", query(jurisdiction, facts, as_of)),
        }
    }
}

impl From<ClockPanel> for minijinja::Value {
    fn from(panel: ClockPanel) -> Self {
        minijinja::value::Serde(panel).into()
    }
}

/// The facts as the query of the clock page, which explains them.
fn query(jurisdiction: &Jurisdiction, facts: &Facts, as_of: NaiveDate) -> String {
    let mut query = format!("code={}", jurisdiction.code);
    if let Some(on) = facts.received_on {
        query.push_str(&format!("&received={on}"));
    }
    if facts.holder != HolderKind::Unstated {
        query.push_str(&format!("&holder={}", facts.holder.as_str()));
    }
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    if let Some(county) = &facts.county {
        query.push_str(&format!("&county={}", encode(county)));
    }
    if !facts.closed.is_empty() {
        let lines: Vec<String> = facts
            .closed
            .iter()
            .map(|(on, why)| format!("{on} {}", why.replace('\n', " ")))
            .collect();
        query.push_str(&format!("&closed={}", encode(&lines.join("\n"))));
    }
    if let Some(sent_by) = &facts.sent_by {
        query.push_str(&format!("&sent_by={}", sent_by.replace(' ', "")));
    }
    if facts.receipt_proved {
        query.push_str("&proved=true");
    }
    if facts.after_hours {
        query.push_str("&after_hours=true");
    }
    for key in &facts.conditions {
        query.push_str(&format!("&when={key}"));
    }
    let mut events = String::new();
    for (kind, on) in &facts.events {
        if !events.is_empty() {
            events.push_str("%0A");
        }
        events.push_str(&kind.write(*on));
    }
    if !events.is_empty() {
        query.push_str(&format!("&events={}", events.replace('=', "%3D")));
    }
    query.push_str(&format!("&as_of={as_of}"));
    query
}

fn view(clock: &DutyClock, as_of: NaiveDate, agency: &str) -> ClockView {
    let (chip, chip_word) = chip(clock, as_of);
    let by_agency =
        !clock.ours && clock.duty != "decide_appeal" && clock.state != ClockState::Closed;
    let sentence = if by_agency {
        format!("{agency} {}.", clock.predicate)
    } else {
        clock.sentence.clone()
    };
    let silence = clock
        .silence
        .as_ref()
        .filter(|silence| silence.means != "unstated" && clock.met_on.is_none())
        .map(|silence| {
            let after = silence
                .from_on
                .map(|on| format!(" after {}", long(on)))
                .unwrap_or_default();
            let citation = silence
                .citation
                .as_ref()
                .map(|c| format!(" ({c})"))
                .unwrap_or_default();
            format!("{}{after}{citation}.", silence.says)
        });
    ClockView {
        id: clock.id.clone(),
        heading: clock.heading.clone(),
        ours: clock.ours,
        chip,
        chip_word,
        due: clock.due_on.map(long),
        state: clock.state.as_str(),
        sentence,
        rule: rule(clock),
        says: clock.says.clone(),
        citation: clock.citation.clone(),
        confidence: clock.confidence.as_str(),
        applies: clock.applies.clone(),
        notes: clock.notes.clone(),
        silence,
        late: clock
            .days_late
            .map(|days| format!("{} late", counted(days, noun(clock)))),
        filing: clock.filing.clone(),
        months: months(clock),
        skipped: clock.skipped_days(),
        sources: clock
            .sources
            .iter()
            .map(|source| SourceView {
                title: source.title.clone(),
                url: source.url.clone(),
                retrieved: long(source.retrieved_on),
            })
            .collect(),
    }
}

/// The chip: due where two business days or fewer are left.
fn chip(clock: &DutyClock, as_of: NaiveDate) -> (&'static str, String) {
    match (clock.state, clock.due_on) {
        (ClockState::Running, Some(due_on)) if due_on <= as_of + Days::new(4) => {
            ("due", format!("Due {}", long(due_on)))
        }
        (ClockState::Running, _) => ("waiting", "Running".to_owned()),
        (ClockState::Late, _) => {
            let late = clock.days_late.unwrap_or(0);
            ("late", format!("{} late", counted(late, noun(clock))))
        }
        (ClockState::Met, _) => {
            let on = clock.met_on.map(long).unwrap_or_default();
            match clock.days_late {
                Some(_) => ("late", format!("Met late, {on}")),
                None => ("proved", format!("Met {on}")),
            }
        }
        (ClockState::NoneFixed, _) => ("none_fixed", "None fixed".to_owned()),
        (ClockState::Paused, _) => ("held", "Stopped".to_owned()),
        (ClockState::Closed, _) => ("closed", "Closed".to_owned()),
        (ClockState::NotStarted, _) => ("draft", "Not started".to_owned()),
    }
}

fn noun(clock: &DutyClock) -> &'static str {
    match clock.unit {
        Some(Unit::Business) => "business day",
        _ => "day",
    }
}

fn rule(clock: &DutyClock) -> String {
    let from = match clock.counted_from {
        Some(on) => format!("{} ({})", clock.counted_from_what, long(on)),
        None => clock.counted_from_what.clone(),
    };
    match (clock.days, clock.unit) {
        (Some(days), Some(unit)) => format!(
            "{}, counted from {from}",
            counted(i64::from(days), unit.noun())
        ),
        (None, None) if clock.kind == Kind::Fixed => {
            format!("the day that they set, in {from}")
        }
        _ => format!("{}, from {from}", clock.kind.plain()),
    }
}

fn is_weekend_only(why: &str) -> bool {
    matches!(why, "Saturday" | "Sunday")
}

/// The months that the trace touches; of a count over more than four, the first and the last.
fn months(clock: &DutyClock) -> Vec<Month> {
    let steps: BTreeMap<NaiveDate, (bool, &str)> = clock
        .trace
        .iter()
        .map(|step| (step.day, (step.counted, step.why.as_str())))
        .collect();
    let mut touched: Vec<(i32, u32)> = steps.keys().map(|day| (day.year(), day.month())).collect();
    touched.dedup();
    if touched.len() > 4 {
        touched = vec![touched[0], touched[touched.len() - 1]];
    }
    touched
        .into_iter()
        .filter_map(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1))
        .map(|first| month_of(first, &steps, clock.due_on))
        .collect()
}

fn month_of(
    first: NaiveDate,
    steps: &BTreeMap<NaiveDate, (bool, &str)>,
    due_on: Option<NaiveDate>,
) -> Month {
    let mut weeks: Vec<Vec<Option<Cell>>> = Vec::new();
    let mut week: Vec<Option<Cell>> = vec![None; first.weekday().num_days_from_sunday() as usize];
    let mut day = first;
    while day.month() == first.month() {
        week.push(Some(cell(day, steps.get(&day).copied(), due_on)));
        if week.len() == 7 {
            weeks.push(std::mem::take(&mut week));
        }
        match day.succ_opt() {
            Some(next) => day = next,
            None => break,
        }
    }
    if !week.is_empty() {
        week.resize_with(7, || None);
        weeks.push(week);
    }
    Month {
        title: first.format("%B %Y").to_string(),
        weeks,
    }
}

fn cell(day: NaiveDate, step: Option<(bool, &str)>, due_on: Option<NaiveDate>) -> Cell {
    let is_limit = due_on == Some(day);
    let (class, unseen) = match step {
        _ if is_limit => ("limit", "the limit"),
        Some((true, _)) => ("counted", "counted"),
        Some((false, why)) if why.starts_with("day zero") => ("", ""),
        Some((false, _)) => ("skipped", "not counted"),
        None => ("", ""),
    };
    let words = match step {
        Some((_, why)) if why.starts_with("day zero") => "day zero".to_owned(),
        // The day's own sentence stands above; its box has room for some words.
        Some((_, why)) if why.starts_with(NAMED) => "named by the agency".to_owned(),
        Some((_, why)) if why.starts_with(ADDED) => "end of added time".to_owned(),
        // The number of the counted day is enough in its box.
        Some((true, why)) => why
            .strip_prefix("business day ")
            .or_else(|| why.strip_prefix("calendar day "))
            .unwrap_or(why)
            .to_owned(),
        Some((false, why)) if is_weekend_only(why) => String::new(),
        Some((false, why)) => why.to_owned(),
        None => String::new(),
    };
    Cell {
        date: day.day(),
        class,
        words,
        unseen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::duty::{EventKind, clocks};
    use crate::law::Library;

    fn panel(code: &str, events: &[(EventKind, &str)], as_of: &str) -> ClockPanel {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let library = Library::embedded().expect("sound law files");
        let j = library
            .get(&code.parse().expect("a code"))
            .expect("a law")
            .clone();
        let facts = Facts {
            received_on: Some(day("2026-01-16")),
            events: events.iter().map(|(kind, on)| (*kind, day(on))).collect(),
            ..Facts::default()
        };
        let computed = clocks(&j, &facts, day(as_of));
        ClockPanel::new(
            &j,
            &facts,
            &computed,
            day(as_of),
            "Alder County Sheriff",
            "/c/alder",
        )
    }

    #[test]
    fn the_month_numbers_counted_days_and_names_skipped_ones() {
        let panel = panel("WA", &[], "2026-01-21");
        let clock = &panel.active[0];
        assert_eq!(
            clock.sentence,
            "Alder County Sheriff must acknowledge the request by Monday 26 January 2026, in 3 business days."
        );
        assert_eq!(clock.months.len(), 1);
        let cells: Vec<&Cell> = clock.months[0].weeks.iter().flatten().flatten().collect();
        let cell = |date: u32| cells.iter().find(|cell| cell.date == date).expect("a day");
        assert_eq!((cell(16).class, cell(16).words.as_str()), ("", "day zero"));
        assert_eq!(cell(17).class, "skipped");
        assert_eq!(
            (cell(19).class, cell(19).words.as_str()),
            ("skipped", "Martin Luther King Jr. Day")
        );
        assert_eq!((cell(20).class, cell(20).words.as_str()), ("counted", "1"));
        assert_eq!((cell(26).class, cell(26).words.as_str()), ("limit", "5"));
        assert!(clock.months[0].weeks.iter().all(|week| week.len() == 7));
        assert_eq!(
            clock.skipped,
            ["weekends", "Mon 19 Jan 2026: Martin Luther King Jr. Day"]
        );
        assert_eq!(panel.law_href, "/c/alder/laws/WA");
    }

    #[test]
    fn clocks_are_sorted_by_what_presses() {
        let extended = EventKind::Extended {
            to: "2026-02-20".parse().ok(),
            noticed: None,
        };
        let panel = panel(
            "WA",
            &[(extended, "2026-01-20"), (EventKind::Denied, "2026-02-02")],
            "2026-02-10",
        );
        assert_eq!(panel.done[0].chip, "proved");
        assert!(panel.active[0].ours, "our suit runs after the denial");
        assert_eq!(panel.waiting[0].id, "decide-appeal");
        assert!(
            panel
                .why_href
                .contains("events=extended%3D2026-01-20:2026-02-20%0Adenied%3D2026-02-02"),
            "{}",
            panel.why_href
        );
    }

    #[test]
    fn a_law_without_a_number_says_none_fixed() {
        let panel = panel("FL", &[], "2026-03-02");
        assert_eq!(panel.active[0].chip, "none_fixed");
        assert_eq!(panel.active[0].due, None);
        assert!(panel.active[0].months.is_empty());
    }
}
