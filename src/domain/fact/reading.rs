//! A figure as a person typed it, read field by field: every wrong field is named with what to do.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{CostBasis, CountBasis, Figure, Flag, Method, Metric};

/// First and last day that a figure covers, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

impl Period {
    /// Refuses a period that ends before it starts.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Period, Problem> {
        if end < start {
            return Err(Problem::at(
                "period_end",
                "The period ends before it starts. Give the first and the last day that the figure covers.",
            ));
        }
        Ok(Period { start, end })
    }

    pub fn start(&self) -> NaiveDate {
        self.start
    }

    pub fn end(&self) -> NaiveDate {
        self.end
    }

    /// Days covered, both ends included.
    pub fn days(&self) -> i64 {
        (self.end - self.start).num_days() + 1
    }

    /// A whole year: twelve months from the first of a month.
    pub fn is_whole_year(&self) -> bool {
        self.start.day() == 1
            && self
                .start
                .checked_add_months(chrono::Months::new(12))
                .and_then(|next| next.pred_opt())
                == Some(self.end)
    }
}

/// What is wrong with one field of a form, as a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{says}")]
pub struct Problem {
    pub field: &'static str,
    pub says: String,
}

impl Problem {
    pub fn at(field: &'static str, says: impl Into<String>) -> Problem {
        Problem {
            field,
            says: says.into(),
        }
    }
}

/// A figure as a person typed it, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    pub metric: String,
    /// `YYYY-MM-DD`, as date fields send it.
    pub period_start: String,
    pub period_end: String,
    pub value: String,
    pub count_basis: String,
    pub cost_basis: String,
    /// The agency's own words; empty where it gives none.
    pub definition: String,
    pub quote: String,
    /// PDF page, counted from 1.
    pub page: String,
    /// As printed on the page, where it differs.
    pub printed_page: String,
    pub method: String,
    pub note: String,
}

/// A figure that reads right, not yet tied to a document and a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub metric: Metric,
    pub period: Period,
    pub value: Figure,
    pub count_basis: Option<CountBasis>,
    pub cost_basis: Option<CostBasis>,
    pub definition: String,
    pub quote: String,
    pub page: u32,
    pub printed_page: String,
    pub method: Method,
    pub note: String,
}

impl Reading {
    /// Reads a form. Every field that is wrong is named, not just the first.
    pub fn parse(typed: &Typed, pages: Option<u32>) -> Result<Reading, Vec<Problem>> {
        let mut problems = Vec::new();
        let metric = Metric::parse(typed.metric.trim());
        if metric.is_none() {
            problems.push(Problem::at("metric", "Choose what the figure measures."));
        }
        let start = day("period_start", "first", &typed.period_start, &mut problems);
        let end = day("period_end", "last", &typed.period_end, &mut problems);
        let period = match (start, end) {
            (Some(start), Some(end)) => match Period::new(start, end) {
                Ok(period) => Some(period),
                Err(problem) => {
                    problems.push(problem);
                    None
                }
            },
            _ => None,
        };
        let value = match metric.map(|m| Figure::parse(&typed.value, m.unit())) {
            Some(Ok(value)) => Some(value),
            Some(Err(wrong)) => {
                problems.push(Problem::at("value", wrong.to_string()));
                None
            }
            None => None,
        };
        let count_basis = match (metric, typed.count_basis.trim()) {
            (Some(metric), "") if metric.unit().is_count() => {
                problems.push(Problem::at(
                    "count_basis",
                    "Say what was counted: forms, bookings or people. Choose “not stated” where the agency does not say.",
                ));
                None
            }
            (_, "") => None,
            (_, word) => {
                let basis = CountBasis::parse(word);
                if basis.is_none() {
                    problems.push(Problem::at(
                        "count_basis",
                        "Choose what was counted from the list.",
                    ));
                }
                basis
            }
        };
        let cost_basis = match (metric, typed.cost_basis.trim()) {
            (Some(Metric::PerDiem), "") => {
                problems.push(Problem::at(
                    "cost_basis",
                    "A daily rate needs its basis. Choose “not stated” where the source does not say.",
                ));
                None
            }
            (_, "") => None,
            (_, word) => {
                let basis = CostBasis::parse(word);
                if basis.is_none() {
                    problems.push(Problem::at(
                        "cost_basis",
                        "Choose the rate's basis from the list.",
                    ));
                }
                basis
            }
        };
        if typed.quote.trim().is_empty() {
            problems.push(Problem::at(
                "quote",
                "Copy the words or the table row in which the figure stands, so that a second person can find it.",
            ));
        }
        let page = match typed.page.trim().parse::<u32>() {
            Ok(page) if page >= 1 && pages.is_none_or(|pages| page <= pages) => Some(page),
            Ok(_) => {
                problems.push(Problem::at(
                    "page",
                    match pages {
                        Some(1) => "The document has one page: give page 1.".to_owned(),
                        Some(pages) => format!("Give a page between 1 and {pages}."),
                        None => "Pages are counted from 1.".to_owned(),
                    },
                ));
                None
            }
            Err(_) => {
                problems.push(Problem::at(
                    "page",
                    "Give the page as a number, counted from the first page of the file.",
                ));
                None
            }
        };
        let method = match typed.method.trim() {
            "" => Some(Method::Quoted),
            word => {
                let method = Method::parse(word);
                if method.is_none() {
                    problems.push(Problem::at("method", "Choose how the figure was obtained."));
                }
                method
            }
        };
        match (metric, period, value, page, method) {
            (Some(metric), Some(period), Some(value), Some(page), Some(method))
                if problems.is_empty() =>
            {
                Ok(Reading {
                    metric,
                    period,
                    value,
                    count_basis,
                    cost_basis,
                    definition: typed.definition.trim().to_owned(),
                    quote: typed.quote.trim().to_owned(),
                    page,
                    printed_page: typed.printed_page.trim().to_owned(),
                    method,
                    note: typed.note.trim().to_owned(),
                })
            }
            _ => Err(problems),
        }
    }

    /// Cautions that follow from the reading itself.
    pub fn flags(&self, quote_found: bool) -> Vec<Flag> {
        let mut flags = Vec::new();
        if self.definition.is_empty() && self.metric.unit().is_count() {
            flags.push(Flag::DefinitionMissing);
        }
        if self.count_basis == Some(CountBasis::Unknown) {
            flags.push(Flag::CountBasisUnknown);
        }
        if !quote_found {
            flags.push(Flag::QuoteNotFound);
        }
        flags
    }
}

fn day(
    field: &'static str,
    which: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Option<NaiveDate> {
    match NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
        Ok(day) if (1900..2200).contains(&day.year()) => Some(day),
        _ => {
            problems.push(Problem::at(
                field,
                format!(
                    "Give the {which} day that the figure covers as a date, not a label such as “FY24”."
                ),
            ));
            None
        }
    }
}
