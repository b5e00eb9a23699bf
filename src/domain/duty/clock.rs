//! The computed clock of one duty: plain data, as pages, jobs and the command line use it.

use chrono::NaiveDate;
use serde::Serialize;

use crate::calendar::Step;
use crate::calendar::words::long;
use crate::law::{Confidence, Kind, Unit};

/// Where a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// What it counts from has not happened.
    NotStarted,
    Running,
    /// Stopped by a pause that the law allows and that has not ended.
    Paused,
    /// Done, in time or late.
    Met,
    /// Its limit has passed and it is not done.
    Late,
    /// The law fixes no number of days.
    NoneFixed,
    /// The request was closed before it was done.
    Closed,
}

impl ClockState {
    pub fn as_str(self) -> &'static str {
        match self {
            ClockState::NotStarted => "not_started",
            ClockState::Running => "running",
            ClockState::Paused => "paused",
            ClockState::Met => "met",
            ClockState::Late => "late",
            ClockState::NoneFixed => "none_fixed",
            ClockState::Closed => "closed",
        }
    }
}

/// One duty of one request, computed. The first fields are the contract of `sundial clock --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyClock {
    /// What is to be done: `acknowledge`, `determine`, `produce`, `appeal` …
    pub duty: String,
    pub kind: Kind,
    pub days: Option<u32>,
    pub unit: Option<Unit>,
    /// The limit: for the agency the latest reasonable reading, for us the earliest. None where no number is fixed,
    /// the count has not started, or it is paused.
    pub due_on: Option<NaiveDate>,
    pub citation: String,
    pub confidence: Confidence,
    /// Day by day from day zero to the limit. A limit of more than 120 calendar days, months or years has its last
    /// days only.
    pub trace: Vec<Step>,
    /// The rule's name in the law file, unique in its jurisdiction: "produce-municipality".
    pub id: String,
    pub ours: bool,
    pub state: ClockState,
    pub earliest_on: Option<NaiveDate>,
    pub latest_on: Option<NaiveDate>,
    /// Day zero.
    pub counted_from: Option<NaiveDate>,
    /// In words: "the day the agency received the request".
    pub counted_from_what: String,
    pub met_on: Option<NaiveDate>,
    /// Where the limit has passed, in the law's unit (days for hours, months and years).
    pub days_late: Option<i64>,
    /// "The agency must acknowledge the request by Monday 26 January 2026, in 3 business days."
    pub sentence: String,
    /// The same after a name: "must acknowledge the request by Monday 26 January 2026, in 3 business days".
    pub predicate: String,
    /// The law file's own sentence on what is due.
    pub says: String,
    pub heading: String,
    /// Where the rule is not for everyone: "for a municipality, where the request is commercial".
    pub applies: Option<String>,
    /// What a reader should know besides: other readings, an extension that the law does not allow, a pause.
    pub notes: Vec<String>,
    pub more_time: Option<MoreTime>,
    pub silence: Option<SilenceClock>,
    /// For a limit of ours: what must be filed and where.
    pub filing: Option<Filing>,
    pub sources: Vec<SourceRef>,
}

impl DutyClock {
    /// No rule of law: a day that the agency's own letter set. A rule with a fixed limit has a number.
    pub fn is_by_letter(&self) -> bool {
        self.kind == Kind::Fixed && self.days.is_none()
    }

    /// The days that the count left out, for people: "weekends", then each holiday or stop with its reason. Day zero
    /// and the day that a limit moved to are no days left out.
    pub fn skipped_days(&self) -> Vec<String> {
        let left_out = || {
            self.trace.iter().filter(|step| {
                !step.counted && !step.why.starts_with("day zero") && step.why != MOVED_TO
            })
        };
        let weekend = |why: &str| matches!(why, "Saturday" | "Sunday");
        let mut skipped = Vec::new();
        if left_out().any(|step| weekend(&step.why)) {
            skipped.push("weekends".to_owned());
        }
        skipped.extend(
            left_out()
                .filter(|step| !weekend(&step.why))
                .map(|step| format!("{}: {}", long(step.day), step.why)),
        );
        skipped
    }
}

/// Why a rolled limit stands where it does, in a trace.
pub(super) const MOVED_TO: &str = "the next business day";

/// More time that the agency took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoreTime {
    pub taken_on: NaiveDate,
    pub named_on: Option<NaiveDate>,
    /// The last day that the law allows, where it has a number.
    pub allowed_until: Option<NaiveDate>,
    /// Taken after the limit had passed, further than the law allows, or where it allows none.
    pub beyond_law: bool,
    /// Where it does not count at all: why, as half a sentence.
    pub why_not: Option<String>,
    pub citation: Option<String>,
}

/// What must be filed, and where, to keep a limit of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filing {
    /// Bodies that it may go to; more than one where they are alternatives.
    pub ways: Vec<FilingWay>,
    /// What must come before: notice to the agency before a suit.
    pub first: Vec<String>,
}

/// One body that an appeal, a complaint or a suit may go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilingWay {
    pub step: u32,
    pub body: String,
    /// "Administrative appeal".
    pub kind: String,
    /// "a written appeal that says why the denial was wrong"; absent where our sources do not say.
    pub what: Option<String>,
    /// Where it goes, if not to the body itself.
    pub place: Option<String>,
    /// Whether a court may be asked without it; absent where not stated.
    pub optional: Option<bool>,
    /// Taking this way shuts the others of its step.
    pub exclusive: bool,
    pub citation: String,
    pub confidence: Confidence,
    pub note: Option<String>,
}

/// What silence after this duty means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SilenceClock {
    /// `denial`, `violation`, `approval`, `unstated`.
    pub means: String,
    pub says: String,
    pub citation: Option<String>,
    /// The day on which silence becomes that, where it means anything and the duty is not done.
    pub from_on: Option<NaiveDate>,
    pub note: Option<String>,
}

/// A source of the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceRef {
    pub url: String,
    pub title: String,
    pub retrieved_on: NaiveDate,
}
