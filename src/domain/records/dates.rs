//! Which days a record is asked for.

use serde::{Deserialize, Serialize};

/// Which days to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dates {
    /// The request's own period.
    Period,
    /// Today's text and each earlier one of five years.
    Versions,
    /// Instruments in force at any time in the period.
    InForce,
    TwelveMonths,
    FiveYears,
    Current,
}

impl Dates {
    pub fn plain(self) -> &'static str {
        match self {
            Dates::Period => {
                "The last three complete fiscal years and the year to date, with the days written out"
            }
            Dates::Versions => {
                "In force now, and each earlier version of the last five years with its effective date"
            }
            Dates::InForce => "In force at any time in the period asked for",
            Dates::TwelveMonths => "The last twelve months",
            Dates::FiveYears => "The last five fiscal years",
            Dates::Current => "The versions in use now",
        }
    }

    pub fn plain_es(self) -> &'static str {
        match self {
            Dates::Period => {
                "Los últimos tres años fiscales completos y lo que va del actual, con las fechas escritas"
            }
            Dates::Versions => {
                "Lo vigente hoy y cada versión anterior de los últimos cinco años, con su fecha de vigencia"
            }
            Dates::InForce => "Lo vigente en cualquier momento del periodo pedido",
            Dates::TwelveMonths => "Los últimos doce meses",
            Dates::FiveYears => "Los últimos cinco años fiscales",
            Dates::Current => "Las versiones en uso hoy",
        }
    }
}
