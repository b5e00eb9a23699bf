//! The table of figures: each from a checked fact, each with its exhibit and page.

use chrono::NaiveDate;
use serde::Serialize;

use super::exhibit::{Exhibits, SourceTag};
use crate::domain::document::Sha256;
use crate::domain::fact::{
    CheckedFact, CostBasis, CountBasis, Figure, Flag, Method, Metric, Period,
};

/// Why a checked fact makes no row, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARow {
    #[error("“{0}” has no exhibit in this packet, so it cannot be printed.")]
    NoExhibit(&'static str),
    #[error(
        "“{0}” names a page that its exhibit does not have. Correct the page, then build again."
    )]
    NoSuchPage(&'static str),
}

/// One figure as the packet prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FigureRow {
    metric: Metric,
    agency: String,
    period: Period,
    value: Figure,
    count_basis: Option<CountBasis>,
    cost_basis: Option<CostBasis>,
    definition: String,
    method: Method,
    cautions: Vec<String>,
    source: SourceTag,
    checked_on: NaiveDate,
}

impl FigureRow {
    /// `sha256` is the hash of the document that the fact was read from; `checked_on` the day of the second reading in
    /// the campaign's time zone.
    pub fn new(
        checked: &CheckedFact,
        agency: impl Into<String>,
        sha256: &Sha256,
        exhibits: &Exhibits,
        checked_on: NaiveDate,
    ) -> Result<FigureRow, NotARow> {
        let fact = checked.fact();
        let reading = &fact.reading;
        let label = reading.metric.label();
        let exhibit = exhibits
            .find_bytes(sha256)
            .ok_or(NotARow::NoExhibit(label))?;
        let source = exhibit
            .page(reading.page)
            .ok_or(NotARow::NoSuchPage(label))?;
        let mut cautions: Vec<String> = Vec::new();
        for flag in &fact.flags {
            // The table has columns of its own for these two.
            if !matches!(flag, Flag::DefinitionMissing | Flag::CountBasisUnknown) {
                cautions.push(flag.plain().to_owned());
            }
        }
        Ok(FigureRow {
            metric: reading.metric,
            agency: agency.into(),
            period: reading.period,
            value: reading.value,
            count_basis: reading.count_basis,
            cost_basis: reading.cost_basis,
            definition: reading.definition.clone(),
            method: reading.method,
            cautions,
            source,
            checked_on,
        })
    }

    pub fn metric(&self) -> Metric {
        self.metric
    }

    pub fn label(&self) -> &'static str {
        self.metric.label()
    }

    pub fn agency(&self) -> &str {
        &self.agency
    }

    pub fn period(&self) -> Period {
        self.period
    }

    pub fn value(&self) -> Figure {
        self.value
    }

    /// `$126.50`, `1,204`.
    pub fn shown(&self) -> String {
        self.value.shown(self.metric.unit())
    }

    /// What was counted, or what a rate rests on; "not stated" where the source does not say.
    pub fn basis(&self) -> &'static str {
        if let Some(basis) = self.cost_basis {
            return basis.plain();
        }
        match self.count_basis {
            Some(basis) => basis.plain(),
            None if self.metric.unit().is_count() => CountBasis::Unknown.plain(),
            None => self.metric.unit().plain(),
        }
    }

    /// The agency's own words; none where it gives no definition.
    pub fn definition(&self) -> Option<&str> {
        (!self.definition.is_empty()).then_some(self.definition.as_str())
    }

    pub fn method(&self) -> Method {
        self.method
    }

    pub fn cautions(&self) -> &[String] {
        &self.cautions
    }

    pub fn source(&self) -> &SourceTag {
        &self.source
    }

    pub fn checked_on(&self) -> NaiveDate {
        self.checked_on
    }

    /// A cell of a breakdown that could point at a person: one to nine.
    fn is_small_cell(&self) -> bool {
        self.metric.is_breakdown()
            && self
                .value
                .as_whole()
                .is_some_and(|value| (1..10).contains(&value))
    }
}

/// Figures in the order of question, metric, agency and period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FigureTable {
    rows: Vec<FigureRow>,
    /// Breakdowns left out whole because of a small cell, as phrases for the limits.
    withheld: Vec<String>,
}

impl FigureTable {
    /// Sorts the rows, and leaves a breakdown out whole where any of its cells is one to nine: leaving out the small
    /// cell alone would let a reader find it by subtraction.
    pub fn new(mut rows: Vec<FigureRow>) -> FigureTable {
        let small: Vec<(Metric, String, Period)> = rows
            .iter()
            .filter(|row| row.is_small_cell())
            .map(|row| (row.metric, row.agency.clone(), row.period))
            .collect();
        let mut withheld = Vec::new();
        rows.retain(|row| {
            let hidden = small.iter().any(|(metric, agency, period)| {
                row.metric == *metric && row.agency == *agency && row.period == *period
            });
            if hidden {
                let phrase = format!("{}, {}", row.label(), row.agency);
                if !withheld.contains(&phrase) {
                    withheld.push(phrase);
                }
            }
            !hidden
        });
        rows.sort_by(|a, b| {
            (a.metric.question(), a.metric, &a.agency, a.period, a.source).cmp(&(
                b.metric.question(),
                b.metric,
                &b.agency,
                b.period,
                b.source,
            ))
        });
        FigureTable { rows, withheld }
    }

    pub fn rows(&self) -> &[FigureRow] {
        &self.rows
    }

    /// "Detainers by country, Alder County Sheriff".
    pub fn withheld(&self) -> &[String] {
        &self.withheld
    }
}
