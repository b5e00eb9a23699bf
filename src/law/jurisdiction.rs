//! One jurisdiction: the whole of its file, with the calendars made from its holidays.
//!
//! Over 500 lines because it mirrors the law file table by table.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::rules::{Duty, Extension, Pause, RollDay, Silence};
use super::terms::{Confidence, Deed, HolderKind, Start, Unit, Who};
use super::{Code, check};
use crate::calendar::{Calendar, ClosingKind, FiscalStart, Holiday, Observed};

/// The public-records law of one jurisdiction, as its file under `data/law/` gives it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jurisdiction {
    pub code: Code,
    pub name: String,
    pub kind: JurisdictionKind,
    /// SHA-256 of the file, in hex: a request keeps the version that governed it.
    #[serde(skip_deserializing, default)]
    pub version: String,
    pub law: Act,
    pub form: Form,
    pub eligibility: Eligibility,
    #[serde(rename = "duty", default)]
    pub duties: Vec<Duty>,
    #[serde(rename = "extension", default)]
    pub extensions: Vec<Extension>,
    #[serde(rename = "pause", default)]
    pub pauses: Vec<Pause>,
    #[serde(rename = "silence", default)]
    pub silences: Vec<Silence>,
    /// In the order of their steps.
    #[serde(rename = "appeal", default)]
    pub appeals: Vec<Appeal>,
    #[serde(rename = "condition", default)]
    pub conditions: Vec<Condition>,
    #[serde(rename = "receipt", default)]
    pub receipts: Vec<Receipt>,
    pub court: Court,
    pub fees: Fees,
    pub counting: Counting,
    pub holidays: Holidays,
    #[serde(default)]
    pub detainers: Option<Detainers>,
    pub fiscal: Fiscal,
    #[serde(rename = "source", default)]
    pub sources: Vec<Source>,
    #[serde(skip)]
    calendars: Calendars,
}

/// Two readings of the same closings.
#[derive(Debug, Clone)]
struct Calendars {
    full: Arc<Calendar>,
    sure: Arc<Calendar>,
}

impl Default for Calendars {
    fn default() -> Self {
        let empty = Arc::new(Calendar::new(Vec::new(), Vec::new(), false));
        Self {
            full: Arc::clone(&empty),
            sure: empty,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JurisdictionKind {
    Federal,
    State,
    District,
}

/// A part of a file that sources support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    Law,
    Eligibility,
    Response,
    Production,
    Extension,
    Appeal,
    Court,
    Fees,
    Counting,
    Holidays,
    Detainers,
    FiscalYearStart,
    CountyFiscalYearStart,
}

/// The act itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    pub name: String,
    pub short: String,
    pub citation: String,
    pub url: String,
    pub covers_county_jails: bool,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
}

/// How a request must be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub written_request_required: bool,
    /// Whose receipt starts the clock, where the law names an officer.
    #[serde(default)]
    pub received_by: Option<String>,
    pub note: String,
}

/// Who may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    pub residents_only: bool,
    pub citation: String,
    pub note: String,
    pub confidence: Confidence,
}

/// A question whose answer changes which rules apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// "commercial".
    pub key: String,
    /// After "where": "the request is commercial".
    pub says: String,
}

/// A day on which the law takes a request as received, whatever the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// "email", "mail".
    pub sent_by: String,
    /// Counted from the day of sending.
    pub days: u32,
    pub unit: Unit,
    pub citation: String,
    pub confidence: Confidence,
    pub says: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppealKind {
    Administrative,
    AttorneyGeneral,
    Commission,
    Ombudsman,
    /// No body but a court.
    CourtOnly,
}

impl AppealKind {
    /// For people: "within the government".
    pub fn plain(self) -> &'static str {
        match self {
            AppealKind::Administrative => "Administrative appeal",
            AppealKind::AttorneyGeneral => "Attorney General",
            AppealKind::Commission => "Commission",
            AppealKind::Ombudsman => "Ombudsman",
            AppealKind::CourtOnly => "Court only",
        }
    }
}

/// One step of the way against a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// From 1. Two entries of one step are alternatives.
    pub step: u32,
    pub kind: AppealKind,
    pub body: String,
    /// Whether a requester may go to court without it; absent where not stated.
    #[serde(default)]
    pub optional: Option<bool>,
    /// Id of the duty of ours that limits the filing; absent where the file states no limit.
    #[serde(default)]
    pub file_by: Option<String>,
    /// Id of the duty that limits the decision.
    #[serde(default)]
    pub decide_by: Option<String>,
    #[serde(default)]
    pub holders: Vec<HolderKind>,
    pub citation: String,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeShifting {
    Mandatory,
    Discretionary,
    None,
}

impl FeeShifting {
    pub fn plain(self) -> &'static str {
        match self {
            FeeShifting::Mandatory => {
                "Attorney fees must go to a requester who wins, as the note says"
            }
            FeeShifting::Discretionary => {
                "Attorney fees are at the court's choice, as the note says"
            }
            FeeShifting::None => "No attorney fees for a requester who wins",
        }
    }
}

/// Going to court.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Court {
    pub fee_shifting: FeeShifting,
    pub citation: String,
    pub note: String,
    pub confidence: Confidence,
    #[serde(rename = "notice", default)]
    pub notices: Vec<NoticeBeforeSuit>,
}

/// Notice that must go to the agency before a suit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeBeforeSuit {
    pub days: u32,
    pub unit: Unit,
    pub says: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiver {
    PublicInterest,
    Discretionary,
    Indigent,
    None,
}

impl Waiver {
    pub fn plain(self) -> &'static str {
        match self {
            Waiver::PublicInterest => "Waiver in the public interest",
            Waiver::Discretionary => "Waiver at the agency's discretion",
            Waiver::Indigent => "Waiver for people who cannot pay",
            Waiver::None => "No waiver in the law",
        }
    }
}

/// What an agency may charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    pub waiver: Waiver,
    #[serde(default)]
    pub waiver_citation: Option<String>,
    pub search_time_chargeable: bool,
    #[serde(default)]
    pub free_allowance: Option<String>,
    pub note: String,
    pub citation: String,
    pub confidence: Confidence,
}

/// How days are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counting {
    pub first_day_excluded: bool,
    /// A calendar limit whose last day is closed moves to the next business day.
    pub rolls_forward: bool,
    /// From which days it surely moves, where not from all of Saturday, Sunday and holiday.
    #[serde(default)]
    pub rolls_surely_off: Option<Vec<RollDay>>,
    /// Saturday is a business day by the words of the statute (Montana): counted in the earliest reading only.
    #[serde(default)]
    pub saturday_may_count: bool,
    pub citation: String,
    pub note: String,
    pub confidence: Confidence,
}

/// On which days the state's offices are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    /// `mlk` or `Name = rule`; see `calendar::Holiday`.
    pub days: Vec<String>,
    pub observed: Observed,
    /// A shift that practice may add: closed in the latest reading only.
    #[serde(default)]
    pub observed_may_be: Option<Observed>,
    /// Days on which some offices close: closed in the latest reading only.
    #[serde(default)]
    pub may_be: Vec<MaybeHoliday>,
    /// Half days count as business days.
    #[serde(default)]
    pub half_days: Vec<String>,
    pub citation: String,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
}

/// A closing that is not certain or not everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaybeHoliday {
    pub day: String,
    pub note: String,
}

/// One closed day of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedDay {
    pub day: NaiveDate,
    pub kind: ClosingKind,
    /// "Independence Day (observed)".
    pub why: String,
    pub rule: String,
    /// False where only some offices close or practice is unsettled: left out of the earliest reading.
    pub sure: bool,
}

/// State law on cooperation with detainers that a request or dossier should cite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detainers {
    pub citation: String,
    pub says: String,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
}

/// When fiscal years start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fiscal {
    pub state_start: FiscalStart,
    pub state_confidence: Confidence,
    #[serde(default)]
    pub state_note: Option<String>,
    /// Where state law fixes one for all counties.
    #[serde(default)]
    pub county_start: Option<FiscalStart>,
    #[serde(default)]
    pub county_confidence: Option<Confidence>,
    #[serde(default)]
    pub county_note: Option<String>,
}

/// Where a fact was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub url: String,
    pub title: String,
    pub supports: Vec<Topic>,
    pub retrieved: NaiveDate,
}

impl Jurisdiction {
    /// Makes the calendars; the library calls it once a file has passed its checks.
    pub(super) fn ready(mut self, version: String) -> Result<Self, Vec<check::Problem>> {
        let mut problems = Vec::new();
        let mut sure = Vec::new();
        let mut maybe = Vec::new();
        let mut read = |text: &str, key: &str| match Holiday::parse(text) {
            Ok(holiday) => Some(holiday),
            Err(problem) => {
                problems.push(check::Problem::new(self.code, key, problem.to_string()));
                None
            }
        };
        let usual = vec![self.holidays.observed];
        let generous: Vec<_> = usual
            .iter()
            .copied()
            .chain(self.holidays.observed_may_be)
            .collect();
        for text in &self.holidays.days {
            sure.extend(read(text, "holidays.days"));
        }
        for day in &self.holidays.may_be {
            maybe.extend(read(&day.day, "holidays.may_be"));
        }
        for text in &self.holidays.half_days {
            read(text, "holidays.half_days");
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let all = sure
            .iter()
            .chain(&maybe)
            .map(|holiday| (holiday.clone(), generous.clone()))
            .collect();
        let certain = sure
            .into_iter()
            .map(|holiday| (holiday, usual.clone()))
            .collect();
        self.calendars = Calendars {
            full: Arc::new(Calendar::new(all, Vec::new(), false)),
            sure: Arc::new(Calendar::new(
                certain,
                Vec::new(),
                self.counting.saturday_may_count,
            )),
        };
        self.version = version;
        Ok(self)
    }

    /// The calendar of the latest reasonable reading: every day that may be closed is closed.
    /// Limits of the agency and reminders use it.
    pub fn calendar(&self) -> &Calendar {
        &self.calendars.full
    }

    /// The calendar of the earliest reading: only what is surely closed is closed.
    pub fn sure_calendar(&self) -> &Calendar {
        &self.calendars.sure
    }

    /// The holidays and observed days of a year in order, weekends aside.
    pub fn closed_days(&self, year: i32) -> Vec<ClosedDay> {
        let sure = self.sure_calendar().closings(year);
        self.calendar()
            .closings(year)
            .into_iter()
            .map(|closing| ClosedDay {
                sure: sure.contains(&closing),
                day: closing.day,
                kind: closing.kind,
                why: closing.why,
                rule: closing.rule,
            })
            .collect()
    }

    /// The half days of a year, which count as business days.
    pub fn half_days(&self, year: i32) -> Vec<NaiveDate> {
        self.holidays
            .half_days
            .iter()
            .filter_map(|rule| Holiday::parse(rule).ok()?.falls_on(year))
            .collect()
    }

    /// The rule of that id.
    pub fn duty(&self, id: &str) -> Option<&Duty> {
        self.duties.iter().find(|duty| duty.id == id)
    }

    /// The agency's first duty after receipt for this holder, with no special condition: what a letter quotes.
    pub fn first_duty(&self, holder: HolderKind) -> Option<&Duty> {
        self.duties.iter().find(|duty| {
            duty.who == Who::Agency
                && duty.when.is_empty()
                && duty.from.contains(&Start::Receipt)
                && duty.covers(holder)
        })
    }

    /// Our first duty after a denial (to appeal or complain), if the file fixes a limit.
    pub fn appeal_duty(&self) -> Option<&Duty> {
        self.duties.iter().find(|duty| {
            duty.who == Who::Ours && matches!(duty.deed, Deed::Appeal | Deed::Complain)
        })
    }

    /// What silence after the duty of that id means.
    pub fn silence_after(&self, duty_id: &str) -> Option<&Silence> {
        self.silences
            .iter()
            .find(|silence| silence.after.iter().any(|id| id == duty_id))
    }

    /// The sources that support a part of the file.
    pub fn sources_for(&self, topic: Topic) -> impl Iterator<Item = &Source> {
        self.sources
            .iter()
            .filter(move |source| source.supports.contains(&topic))
    }
}
