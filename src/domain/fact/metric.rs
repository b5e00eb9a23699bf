//! What can be measured: the metrics of a campaign, their units, and the question that each answers.

use serde::{Deserialize, Serialize};

use crate::domain::question::Question;

/// What a metric counts or measures in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Forms,
    Events,
    Persons,
    /// As the agency codes them.
    Counts,
    Hours,
    Days,
    Dollars,
    DollarsPerPersonDay,
}

impl Unit {
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Forms => "forms",
            Unit::Events => "events",
            Unit::Persons => "persons",
            Unit::Counts => "counts",
            Unit::Hours => "hours",
            Unit::Days => "days",
            Unit::Dollars => "usd",
            Unit::DollarsPerPersonDay => "usd_per_person_day",
        }
    }

    /// As a table says it.
    pub fn plain(self) -> &'static str {
        match self {
            Unit::Forms => "forms",
            Unit::Events => "events",
            Unit::Persons => "people",
            Unit::Counts => "counted",
            Unit::Hours => "hours",
            Unit::Days => "days",
            Unit::Dollars => "US$",
            Unit::DollarsPerPersonDay => "US$ per person and day",
        }
    }

    /// A whole number of things.
    pub fn is_count(self) -> bool {
        matches!(
            self,
            Unit::Forms | Unit::Events | Unit::Persons | Unit::Counts
        )
    }

    pub fn is_money(self) -> bool {
        matches!(self, Unit::Dollars | Unit::DollarsPerPersonDay)
    }
}

/// What a count's number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountBasis {
    Forms,
    Bookings,
    Persons,
    Unknown,
}

impl CountBasis {
    pub const ALL: [CountBasis; 4] = [
        CountBasis::Forms,
        CountBasis::Bookings,
        CountBasis::Persons,
        CountBasis::Unknown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            CountBasis::Forms => "forms",
            CountBasis::Bookings => "bookings",
            CountBasis::Persons => "persons",
            CountBasis::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<CountBasis> {
        CountBasis::ALL.into_iter().find(|b| b.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            CountBasis::Forms => "forms",
            CountBasis::Bookings => "bookings",
            CountBasis::Persons => "people",
            CountBasis::Unknown => "not stated",
        }
    }
}

/// What a daily rate rests on. An average is not a saving: fixed costs stay when one person leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostBasis {
    Average,
    MarginalShortRun,
    MarginalLongRun,
    ContractRate,
    Statutory,
    Unknown,
}

impl CostBasis {
    pub const ALL: [CostBasis; 6] = [
        CostBasis::Average,
        CostBasis::MarginalShortRun,
        CostBasis::MarginalLongRun,
        CostBasis::ContractRate,
        CostBasis::Statutory,
        CostBasis::Unknown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            CostBasis::Average => "average",
            CostBasis::MarginalShortRun => "marginal_short_run",
            CostBasis::MarginalLongRun => "marginal_long_run",
            CostBasis::ContractRate => "contract_rate",
            CostBasis::Statutory => "statutory",
            CostBasis::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<CostBasis> {
        CostBasis::ALL.into_iter().find(|b| b.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            CostBasis::Average => "average cost",
            CostBasis::MarginalShortRun => "marginal cost, short run",
            CostBasis::MarginalLongRun => "marginal cost, long run",
            CostBasis::ContractRate => "contract rate",
            CostBasis::Statutory => "rate fixed by statute",
            CostBasis::Unknown => "basis not stated",
        }
    }
}

macro_rules! metrics {
    ($($name:ident, $key:literal, $label:literal, $unit:ident, $question:ident;)+) => {
        /// What a figure measures.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Metric { $(#[serde(rename = $key)] $name),+ }

        impl Metric {
            pub const ALL: &'static [Metric] = &[$(Metric::$name),+];

            /// The word of the database and of forms.
            pub fn key(self) -> &'static str {
                match self { $(Metric::$name => $key),+ }
            }

            /// As pages and the dossier name it.
            pub fn label(self) -> &'static str {
                match self { $(Metric::$name => $label),+ }
            }

            pub fn unit(self) -> Unit {
                match self { $(Metric::$name => Unit::$unit),+ }
            }

            /// The question that it answers.
            pub fn question(self) -> Question {
                match self { $(Metric::$name => Question::$question),+ }
            }
        }
    };
}

metrics! {
    DetainersReceived, "detainers_received", "Detainers received", Forms, Counts;
    DetainersHonoredHold, "detainers_honored_hold", "Detainers honored by holding", Events, Counts;
    DetainersHonoredNotify, "detainers_honored_notify", "Detainers honored by notice only", Events, Counts;
    DetainersDeclined, "detainers_declined", "Detainers declined", Events, Counts;
    DetainersCancelled, "detainers_cancelled", "Detainers cancelled", Forms, Counts;
    DetainersOpen, "detainers_open", "Detainers open at the cut-off", Forms, Counts;
    DetainersPrepared, "detainers_prepared", "Detainers prepared (ICE records)", Forms, Counts;
    DetainersIssued287g, "detainers_issued_287g", "Detainers issued by local staff under 287(g)", Forms, Counts;
    TransfersToIce, "transfers_to_ice", "Transfers to ICE", Events, Counts;
    WithJudicialWarrant, "with_judicial_warrant", "Detainers with a judicial warrant", Forms, Counts;
    WithAdminWarrant, "with_admin_warrant", "Detainers with an administrative warrant (I-200, I-205)", Forms, Counts;
    WithoutWarrant, "without_warrant", "Detainers without a warrant", Forms, Counts;
    HoursBeyondRelease, "hours_beyond_release", "Hours held beyond release", Hours, Cost;
    LengthOfStay, "length_of_stay", "Length of stay", Days, Cost;
    IceVisits, "ice_visits", "Visits by ICE", Events, Access;
    IceInterviews, "ice_interviews", "Interviews by ICE", Events, Access;
    InterviewConsents, "interview_consents", "Interviews consented to", Events, Access;
    InterviewRefusals, "interview_refusals", "Interviews refused", Events, Access;
    NotificationsSent, "notifications_sent", "Notices of release sent to ICE", Events, Access;
    DataQueries, "data_queries", "Immigration status queries", Events, Access;
    PerDiem, "per_diem", "Daily cost per person", DollarsPerPersonDay, Cost;
    ScaapAward, "scaap_award", "SCAAP award", Dollars, Cost;
    IgsaRevenue, "igsa_revenue", "Paid by ICE under an IGSA", Dollars, Cost;
    BoaRevenue, "boa_revenue", "Paid by ICE under a BOA", Dollars, Cost;
    UsmsRevenue, "usms_revenue", "Paid by the U.S. Marshals", Dollars, Cost;
    Cost287gStaff, "cost_287g_staff", "Staff cost of 287(g)", Dollars, Cost;
    ByCharge, "by_charge", "Detainers by charge", Counts, Counts;
    ByRace, "by_race", "Detainers by race", Counts, Counts;
    BySex, "by_sex", "Detainers by sex", Counts, Counts;
    ByCountry, "by_country", "Detainers by country", Counts, Counts;
}

impl Metric {
    pub fn parse(key: &str) -> Option<Metric> {
        Metric::ALL.iter().copied().find(|m| m.key() == key)
    }

    /// One cell of a table that splits people up. Small cells could point at a person, so they may not leave the team.
    pub fn is_breakdown(self) -> bool {
        matches!(
            self,
            Metric::ByCharge | Metric::ByRace | Metric::BySex | Metric::ByCountry
        )
    }

    /// A number at one moment, never pro-rated or summed over time.
    pub fn is_stock(self) -> bool {
        matches!(self, Metric::DetainersOpen)
    }

    /// What the word means here, for the form and the glossary. The agency's own definition is kept beside it.
    pub fn definition(self) -> &'static str {
        match self {
            Metric::DetainersPrepared => {
                "ICE recorded preparing it, in its own data. Not proof that the jail received it."
            }
            Metric::DetainersReceived => "The jail recorded that it arrived.",
            Metric::DetainersIssued287g => {
                "Issued by the agency's own staff under a jail enforcement agreement."
            }
            Metric::DetainersHonoredHold => {
                "A person was kept beyond the moment of otherwise-release because of it."
            }
            Metric::DetainersHonoredNotify => {
                "ICE was told of the release; no extra time was held."
            }
            Metric::DetainersDeclined => "The agency decided not to act on it.",
            Metric::DetainersCancelled => "Withdrawn or superseded.",
            Metric::DetainersOpen => "No outcome yet on the last day of the period: a stock.",
            Metric::TransfersToIce => {
                "Custody passed to ICE, CBP or a contractor. It may happen without a detainer."
            }
            Metric::WithJudicialWarrant => "Signed by a judge. I-200 and I-205 are not.",
            Metric::WithAdminWarrant => "Form I-200 or I-205, signed by an immigration officer.",
            Metric::WithoutWarrant => "No warrant of any kind attached.",
            Metric::HoursBeyondRelease => "From otherwise-release to actual departure.",
            Metric::LengthOfStay => {
                "Booking to release. Say in the note whether a mean or a median, and how days are counted."
            }
            Metric::IceVisits => "From sign-in sheets, gate logs or bookings of rooms.",
            Metric::IceInterviews => "From interview requests, logs or consent forms.",
            Metric::InterviewConsents => "Signed consents to speak with ICE.",
            Metric::InterviewRefusals => "Recorded refusals to speak with ICE.",
            Metric::NotificationsSent => "Messages about a person, not e-mailed rosters.",
            Metric::DataQueries => {
                "Queries sent to, or answers received from, ICE's support center."
            }
            Metric::PerDiem => "Cost of one person in custody for one day. Always with its basis.",
            Metric::ScaapAward => {
                "A federal payment with its own reporting period. Never “detainer reimbursement”."
            }
            Metric::IgsaRevenue | Metric::BoaRevenue | Metric::UsmsRevenue => "Paid, not billed.",
            Metric::Cost287gStaff => {
                "Salary, benefits, overtime and training time that the agreement puts on the agency."
            }
            Metric::ByCharge | Metric::ByRace | Metric::BySex | Metric::ByCountry => {
                "One row of a breakdown, as the agency codes it. Counts below ten stay inside the team."
            }
        }
    }
}
