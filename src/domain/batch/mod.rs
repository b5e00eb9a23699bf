//! Batches: one plan for many agencies, each of which gets a request and a letter of its own.
//!
//! Here: what a batch and its targets are, what stands in the way of a target ([`plan`]), what is particular to it in
//! its letter ([`particulars`]), when each letter leaves ([`pace`]), and the letters side by side for counsel
//! ([`compare`]). A target's state is its request's, folded from the log, never kept here. Pure.
//! May import `calendar`, `law` and the earlier stages.

mod beside;
pub mod compare;
pub mod pace;
pub mod particulars;
pub mod plan;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{AgencyId, BatchId, CampaignId, RequestId, TargetId, UserId};
use super::letter::Resident;
use super::request::{Format, Period};
use crate::calendar::FiscalStart;
use pace::Pace;

/// The most agencies that one batch takes: every county of the country fits.
pub const MOST_TARGETS: usize = 3_500;

/// A person whose residence gives the right to ask, for every letter of a batch in one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    pub name: String,
    pub address: String,
}

impl From<&Signer> for Resident {
    fn from(signer: &Signer) -> Resident {
        Resident {
            name: signer.name.clone(),
            address: signer.address.clone(),
        }
    }
}

/// Whether the letters of a batch are leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sending {
    NotStarted,
    Running,
    Paused,
}

impl Sending {
    pub fn as_str(self) -> &'static str {
        match self {
            Sending::NotStarted => "not_started",
            Sending::Running => "running",
            Sending::Paused => "paused",
        }
    }

    pub fn parse(text: &str) -> Option<Sending> {
        [Sending::NotStarted, Sending::Running, Sending::Paused]
            .into_iter()
            .find(|sending| sending.as_str() == text)
    }
}

/// What is asked of every agency of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    pub id: BatchId,
    pub campaign: CampaignId,
    /// "Batch 3" of its campaign.
    pub number: i32,
    pub title: String,
    /// What the campaign says of itself in each letter; may be empty.
    pub words: String,
    /// Keys of the catalogue.
    pub records: Vec<String>,
    pub period: Period,
    /// So many complete fiscal years of each agency, in place of the one period for all.
    pub fiscal_years: Option<u8>,
    pub format: Format,
    pub fee_ceiling_cents: i64,
    /// The day on which the first letter is meant to leave.
    pub send_on: NaiveDate,
    /// By the code of the state.
    pub signers: BTreeMap<String, Signer>,
    pub pace: Pace,
    /// How often drafting was started: a job of an earlier round does nothing.
    pub draft_round: i32,
    /// How often the letters were given their times: a job of an earlier round does nothing.
    pub send_round: i32,
    pub sending: Sending,
    /// Who started the work that is going on: jobs act for them.
    pub started_by: Option<UserId>,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
}

impl Batch {
    /// The days that the request to one agency covers, as of `today`.
    pub fn period_for(&self, start: Option<FiscalStart>, today: NaiveDate) -> Period {
        let own = self.fiscal_years.and_then(|years| {
            let start = start.or_else(|| FiscalStart::try_from("01-01".to_owned()).ok())?;
            Period::fiscal_years(start, today, i32::from(years), false)
        });
        own.unwrap_or(self.period)
    }
}

/// One agency in a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub id: TargetId,
    pub campaign: CampaignId,
    pub batch: BatchId,
    pub agency: AgencyId,
    pub position: i32,
    /// Names of the facilities that are meant, one a line; may be empty.
    pub facilities: String,
    /// `MM-DD`; empty where the agency's own or the law's is used.
    pub fiscal_year_start: String,
    pub agreement_on: Option<NaiveDate>,
    /// Keys of problems that a person looked at and lets pass.
    pub accepted: Vec<String>,
    /// The request that was drafted for it.
    pub request: Option<RequestId>,
    /// Why drafting or sending it came to nothing; empty where nothing is wrong.
    pub problem: String,
    /// When its letter is to leave.
    pub send_at: Option<DateTime<Utc>>,
    /// When its letter was put into the outbox.
    pub queued_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_agency_is_asked_for_its_own_fiscal_years_where_the_batch_says_so() {
        let mut batch = Batch {
            id: BatchId::new(),
            campaign: CampaignId::new(),
            number: 1,
            title: String::new(),
            words: String::new(),
            records: Vec::new(),
            period: "2023-01-01..2025-12-31".parse().expect("a period"),
            fiscal_years: None,
            format: Format::Native,
            fee_ceiling_cents: 0,
            send_on: NaiveDate::from_ymd_opt(2026, 1, 13).expect("a day"),
            signers: BTreeMap::new(),
            pace: Pace::default(),
            draft_round: 0,
            send_round: 0,
            sending: Sending::NotStarted,
            started_by: None,
            created_by: UserId::new(),
            created_at: DateTime::UNIX_EPOCH,
        };
        let july = FiscalStart::try_from("07-01".to_owned()).ok();
        let today = NaiveDate::from_ymd_opt(2026, 1, 12).expect("a day");
        assert_eq!(batch.period_for(july, today), batch.period);
        batch.fiscal_years = Some(2);
        let words = |start| batch.period_for(start, today).in_words();
        assert_eq!(words(july), "July 1, 2023 through June 30, 2025");
        assert_eq!(words(None), "January 1, 2024 through December 31, 2025");
    }
}
