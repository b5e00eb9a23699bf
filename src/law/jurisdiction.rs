//! One jurisdiction: the whole of its file, with the calendars made from its holidays.
//!
//! Over 500 lines because it mirrors the law file table by table.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::calendars::{Calendars, Readings};
use super::rules::{Duty, Extension, Pause, RollDay, Silence, covers, in_force};
use super::terms::{About, Confidence, Deed, HolderKind, Start, Unit, Who};
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
    /// The newest first.
    #[serde(rename = "change", default)]
    pub changes: Vec<Change>,
    #[serde(skip)]
    calendars: Calendars,
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
    /// A form that the law or the body prescribes, by its name.
    #[serde(default)]
    pub statutory_form: Option<String>,
    #[serde(default)]
    pub citation: Option<String>,
    #[serde(default)]
    pub confidence: Option<Confidence>,
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
    pub about: About,
    /// After "where": "the request is commercial".
    pub says: String,
}

/// A day on which the law takes a request as received, whatever the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// "email", "mail".
    pub sent_by: String,
    /// Only where no evidence shows the day (Texas mail); otherwise the law's day stands whatever the evidence.
    #[serde(default)]
    pub only_without_proof: bool,
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
    /// Taking this way shuts the others of its step (New Hampshire: ombudsman or court).
    #[serde(default)]
    pub exclusive: bool,
    /// What must be filed: "a written appeal that says why the denial was wrong, with a copy of the denial".
    #[serde(default)]
    pub file_what: Option<String>,
    /// Where it goes, if not to the body itself.
    #[serde(default)]
    pub file_where: Option<String>,
    pub citation: String,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub in_force_from: Option<NaiveDate>,
    #[serde(default)]
    pub in_force_until: Option<NaiveDate>,
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
    /// What the law makes of a request that arrives after the office has shut for the day.
    #[serde(default)]
    pub after_hours: AfterHours,
    #[serde(default)]
    pub after_hours_citation: Option<String>,
    pub citation: String,
    pub note: String,
    pub confidence: Confidence,
}

/// A request that arrives after the office has shut for the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterHours {
    /// Not stated: received that day in the earliest reading, on the next business day in the latest.
    #[default]
    Unstated,
    SameDay,
    NextBusinessDay,
}

impl AfterHours {
    pub fn plain(self) -> &'static str {
        match self {
            AfterHours::Unstated => {
                "The law does not say whether a request that comes after hours is received that day; the latest reading takes the next business day."
            }
            AfterHours::SameDay => "A request that comes after hours is received that day.",
            AfterHours::NextBusinessDay => {
                "A request that comes after hours is received on the next business day."
            }
        }
    }
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
    /// Holidays with a shift of their own (California moves 11 November alone from Saturday to Friday).
    #[serde(rename = "own_shift", default)]
    pub own_shifts: Vec<OwnShift>,
    /// Holidays of some counties or some kinds of body only.
    #[serde(default)]
    pub local: Vec<LocalHoliday>,
    /// Single closed days, as a governor proclaims them.
    #[serde(rename = "closing", default)]
    pub closings: Vec<DatedClosing>,
    /// How many days a year each body may choose to close besides (Texas: ten).
    #[serde(default)]
    pub own_days: Option<OwnDays>,
    /// Where a public list of holidays differs from this file, and the statute that explains it.
    #[serde(default)]
    pub unlike: Vec<Unlike>,
    pub citation: String,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
}

/// A holiday whose weekend shift is not that of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnShift {
    /// As it stands in `days`.
    pub day: String,
    pub observed: Observed,
    pub citation: String,
}

/// A holiday of some counties or some kinds of body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalHoliday {
    /// A rule, as in `days`.
    pub day: String,
    /// County names without "County"; empty is for all.
    #[serde(default)]
    pub counties: Vec<String>,
    #[serde(default)]
    pub holders: Vec<HolderKind>,
    pub citation: String,
    pub note: String,
}

/// One closed day that no rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedClosing {
    pub on: NaiveDate,
    /// "Closed by the Governor's proclamation".
    pub why: String,
    #[serde(default)]
    pub counties: Vec<String>,
    #[serde(default)]
    pub holders: Vec<HolderKind>,
    /// The order or notice that closed the offices.
    pub citation: String,
    pub confidence: Confidence,
}

/// Days that each body may choose for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnDays {
    /// In one calendar year.
    pub at_most: u32,
    pub citation: String,
    pub note: String,
}

/// A difference from a public list of holidays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlike {
    /// The list: "python-holidays".
    pub list: String,
    /// The holiday's name, in the list or here.
    pub day: String,
    /// Why this file is right, by the words of the law.
    pub why: String,
    pub citation: String,
}

/// A closing that is not certain or not everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaybeHoliday {
    pub day: String,
    pub note: String,
}

/// What changed in the law, or in this file, and when: the sheet's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The day from which the law is so; absent where only the file was wrong.
    #[serde(default)]
    pub in_force_from: Option<NaiveDate>,
    /// The day on which the file was changed.
    pub recorded_on: NaiveDate,
    pub says: String,
    #[serde(default)]
    pub citation: Option<String>,
    /// Where it can be read.
    #[serde(default)]
    pub url: Option<String>,
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
    /// Where it is not everywhere or not settled: who closes, and by what.
    pub note: Option<String>,
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
        self.calendars = Calendars::of(&self.holidays, self.counting.saturday_may_count)
            .map_err(|(key, says)| vec![check::Problem::new(self.code, key, says)])?;
        self.version = version;
        Ok(self)
    }

    /// The calendars of a body of that kind in that county (without "County"; `None` where it is not known).
    pub fn calendars(&self, holder: HolderKind, county: Option<&str>) -> Arc<Readings> {
        self.calendars.of_place(holder, county)
    }

    /// The calendar of the latest reasonable reading, of a body anywhere: every day that may be closed is closed.
    pub fn calendar(&self) -> &Calendar {
        &self.calendars.anywhere().latest
    }

    /// The calendar of the earliest reading, of a body anywhere: only what is surely closed is closed.
    pub fn sure_calendar(&self) -> &Calendar {
        &self.calendars.anywhere().earliest
    }

    /// The holidays and observed days of a year in order, weekends aside.
    pub fn closed_days(&self, year: i32) -> Vec<ClosedDay> {
        self.closed_days_of(year, HolderKind::Unstated, None)
    }

    /// The same for a body of that kind in that county.
    pub fn closed_days_of(
        &self,
        year: i32,
        holder: HolderKind,
        county: Option<&str>,
    ) -> Vec<ClosedDay> {
        let readings = self.calendars(holder, county);
        let sure = readings.earliest.closings(year);
        readings
            .latest
            .closings(year)
            .into_iter()
            .map(|closing| ClosedDay {
                sure: sure.contains(&closing),
                note: self.note_on(&closing),
                day: closing.day,
                kind: closing.kind,
                why: closing.why,
                rule: closing.rule,
            })
            .collect()
    }

    /// Where a closing is not everywhere or not settled: why, in the words of the file.
    fn note_on(&self, closing: &crate::calendar::Closing) -> Option<String> {
        let is = |rule: &str| Holiday::parse(rule).is_ok_and(|h| h.rule == closing.rule);
        let local = || {
            let found = self.holidays.local.iter().find(|local| is(&local.day))?;
            Some(format!("{} ({})", found.note, found.citation))
        };
        let maybe = || {
            let found = self.holidays.may_be.iter().find(|maybe| is(&maybe.day))?;
            Some(found.note.clone())
        };
        let dated = || {
            let rule = closing.rule.parse::<NaiveDate>().ok()?;
            let found = self
                .holidays
                .closings
                .iter()
                .find(|dated| dated.on == rule)?;
            let mut only: Vec<String> = found.counties.clone();
            only.extend(found.holders.iter().map(|holder| holder.plain().to_owned()));
            Some(if only.is_empty() {
                found.citation.clone()
            } else {
                format!("{} only ({})", only.join(", "), found.citation)
            })
        };
        let certain = self.holidays.days.iter().any(|day| is(day));
        if certain {
            None
        } else {
            local().or_else(maybe).or_else(dated)
        }
    }

    /// The half days of a year, which count as business days.
    pub fn half_days(&self, year: i32) -> Vec<NaiveDate> {
        self.holidays
            .half_days
            .iter()
            .filter_map(|rule| Holiday::parse(rule).ok()?.falls_on(year))
            .collect()
    }

    /// The rule of that id that governs a request received on `day`.
    pub fn duty(&self, id: &str, day: NaiveDate) -> Option<&Duty> {
        self.duties
            .iter()
            .find(|duty| duty.id == id && duty.in_force_on(day))
    }

    /// The agency's first duty after receipt on `day` for this holder, with no special condition: what a letter quotes.
    pub fn first_duty(&self, holder: HolderKind, day: NaiveDate) -> Option<&Duty> {
        self.duties.iter().find(|duty| {
            duty.who == Who::Agency
                && duty.when.is_empty()
                && duty.in_force_on(day)
                && (duty.from.contains(&Start::Receipt)
                    || duty.from.contains(&Start::FormalRequest))
                && duty.covers(holder)
        })
    }

    /// Our first duty after a denial (to appeal or complain), if the file fixes a limit, for requests received on
    /// `day`.
    pub fn appeal_duty(&self, day: NaiveDate) -> Option<&Duty> {
        self.duties.iter().find(|duty| {
            duty.who == Who::Ours
                && duty.in_force_on(day)
                && matches!(duty.deed, Deed::Appeal | Deed::Complain)
        })
    }

    /// What silence after the duty of that id means, for requests received on `day`.
    pub fn silence_after(&self, duty_id: &str, day: NaiveDate) -> Option<&Silence> {
        self.silences.iter().find(|silence| {
            silence.after.iter().any(|id| id == duty_id)
                && in_force(silence.in_force_from, silence.in_force_until, day)
        })
    }

    /// The ways against a refusal for this holder, in the order of their steps, for requests received on `day`.
    pub fn appeals_for(&self, holder: HolderKind, day: NaiveDate) -> impl Iterator<Item = &Appeal> {
        self.appeals.iter().filter(move |appeal| {
            covers(&appeal.holders, holder)
                && in_force(appeal.in_force_from, appeal.in_force_until, day)
        })
    }

    /// The sources that support a part of the file.
    pub fn sources_for(&self, topic: Topic) -> impl Iterator<Item = &Source> {
        self.sources
            .iter()
            .filter(move |source| source.supports.contains(&topic))
    }
}
