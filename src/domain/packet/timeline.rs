//! The request timeline: what was asked, what the law gave the agency, and what came back.

use chrono::NaiveDate;
use serde::Serialize;

/// How and when the agency had the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    pub on: NaiveDate,
    /// "delivery receipt", "the agency's mail server accepted it; receipt presumed".
    pub how: String,
}

/// What the law fixes for the agency's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Due {
    Fixed {
        on: NaiveDate,
        /// "acknowledge within 5 business days".
        rule: String,
        citation: String,
        /// "two sources agree", "one source", "not confirmed".
        confidence: String,
    },
    /// The law names no number of days.
    NoneFixed {
        /// "promptly".
        says: String,
        citation: String,
        confidence: String,
    },
    /// Receipt is not shown yet, so no clock runs.
    NotRunning { why: String },
}

/// Late or not, in the law's own unit, and only where the law fixes a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Delay {
    /// Answered within the limit.
    InTime,
    /// Answered after the limit.
    AnsweredLate { days: u32, unit: String },
    /// Not answered, and the limit has passed.
    Overdue { days: u32, unit: String },
    /// Not answered, and the limit has not passed.
    NotYetDue,
    /// Answered; the law fixes no number.
    AnsweredNoLimit { days: u32 },
    /// Not answered; the law fixes no number.
    OpenNoLimit { days: u32 },
    /// No clock runs: not sent, or receipt not shown.
    NoClock,
}

impl Delay {
    /// As the timeline and the findings print it.
    pub fn plain(&self) -> String {
        match self {
            Delay::InTime => "answered in time".to_owned(),
            Delay::AnsweredLate { days, unit } => {
                format!("answered {} late", count(*days, unit))
            }
            Delay::Overdue { days, unit } => format!("{} late", count(*days, unit)),
            Delay::NotYetDue => "not yet due".to_owned(),
            Delay::AnsweredNoLimit { days } => {
                format!("answered after {}, no fixed limit", count(*days, "days"))
            }
            Delay::OpenNoLimit { days } => {
                format!("{}, no fixed limit", count(*days, "days"))
            }
            Delay::NoClock => "no clock runs".to_owned(),
        }
    }
}

/// "1 business day", "14 business days": `unit` comes in the plural.
fn count(days: u32, unit: &str) -> String {
    match days {
        1 => format!("1 {}", unit.strip_suffix('s').unwrap_or(unit)),
        days => format!("{days} {unit}"),
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRow {
    /// "S-0042".
    pub number: String,
    pub agency: String,
    /// Plain names of the records asked for.
    pub records: Vec<String>,
    /// "Washington Public Records Act".
    pub law: String,
    pub citation: String,
    pub sent_on: Option<NaiveDate>,
    pub receipt: Option<Receipt>,
    pub acknowledged_on: Option<NaiveDate>,
    pub due: Due,
    /// The new date that the agency named when it took more time.
    pub extended_to: Option<NaiveDate>,
    pub answered_on: Option<NaiveDate>,
    /// What the answer was: "Produced the records", "Denied".
    pub answer: Option<String>,
    pub produced_on: Option<NaiveDate>,
    pub delay: Delay,
    /// What the requester did to delay the answer, said plainly; empty where nothing.
    pub ours: String,
    pub as_of: NaiveDate,
}
