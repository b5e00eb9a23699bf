//! The rules that dates are computed from: duties, extensions, pauses, silence. Their shape in `data/law/*.toml`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Topic;

/// How sure a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// No source was seen; well known only.
    Unverified,
    OneSource,
    /// Two independent sources agree.
    TwoSources,
}

impl Confidence {
    /// The word of the law files and of the JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Unverified => "unverified",
            Confidence::OneSource => "one_source",
            Confidence::TwoSources => "two_sources",
        }
    }

    /// For people: "confirmed by two sources".
    pub fn plain(self) -> &'static str {
        match self {
            Confidence::Unverified => "not verified: no source seen",
            Confidence::OneSource => "one source",
            Confidence::TwoSources => "two sources agree",
        }
    }
}

/// Whose duty it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The agency, or the body that decides over it.
    Agency,
    /// The requester.
    Ours,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Acknowledge,
    Determine,
    Produce,
    /// The agency must ask an outside body for a ruling (Texas).
    SeekRuling,
    DecideAppeal,
    /// Ours.
    Appeal,
    /// Ours: to an ombudsman or counselor, who does not decide like an appeal body.
    Complain,
    Sue,
    AnswerClarification,
    /// Ours: pay, accept or contest a fee estimate.
    AnswerFee,
}

impl Deed {
    /// The word of the law files, of the JSON and of addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Deed::Acknowledge => "acknowledge",
            Deed::Determine => "determine",
            Deed::Produce => "produce",
            Deed::SeekRuling => "seek_ruling",
            Deed::DecideAppeal => "decide_appeal",
            Deed::Appeal => "appeal",
            Deed::Complain => "complain",
            Deed::Sue => "sue",
            Deed::AnswerClarification => "answer_clarification",
            Deed::AnswerFee => "answer_fee",
        }
    }

    /// What is to be done, after "must" or "to": "acknowledge the request".
    pub fn plain(self) -> &'static str {
        match self {
            Deed::Acknowledge => "acknowledge the request",
            Deed::Determine => "answer the request",
            Deed::Produce => "produce the records",
            Deed::SeekRuling => "ask for a ruling",
            Deed::DecideAppeal => "decide the appeal",
            Deed::Appeal => "appeal",
            Deed::Complain => "file a complaint",
            Deed::Sue => "go to court",
            Deed::AnswerClarification => "answer the agency's question",
            Deed::AnswerFee => "answer the fee estimate",
        }
    }

    /// As a heading: "Acknowledgment".
    pub fn heading(self) -> &'static str {
        match self {
            Deed::Acknowledge => "Acknowledgment",
            Deed::Determine => "Answer",
            Deed::Produce => "Records",
            Deed::SeekRuling => "Request for a ruling",
            Deed::DecideAppeal => "Decision on the appeal",
            Deed::Appeal => "Our appeal",
            Deed::Complain => "Our complaint",
            Deed::Sue => "Our suit",
            Deed::AnswerClarification => "Our answer to a question",
            Deed::AnswerFee => "Our answer to a fee estimate",
        }
    }
}

/// How the law limits a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A number of days, hours, months or years.
    Fixed,
    /// "Promptly", no number.
    Prompt,
    /// "Within a reasonable time", no number.
    Reasonable,
    /// No limit at all.
    None,
    /// Whatever both sides agree.
    Agreed,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Fixed => "fixed",
            Kind::Prompt => "prompt",
            Kind::Reasonable => "reasonable",
            Kind::None => "none",
            Kind::Agreed => "agreed",
        }
    }

    /// For people, where no number is fixed: "None fixed: promptly".
    pub fn plain(self) -> &'static str {
        match self {
            Kind::Fixed => "Fixed",
            Kind::Prompt => "None fixed: “promptly”",
            Kind::Reasonable => "None fixed: “a reasonable time”",
            Kind::None => "None fixed",
            Kind::Agreed => "None fixed: as both sides agree",
        }
    }
}

/// What a limit counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Business,
    Calendar,
    Hours,
    Months,
    Years,
}

impl Unit {
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Business => "business",
            Unit::Calendar => "calendar",
            Unit::Hours => "hours",
            Unit::Months => "months",
            Unit::Years => "years",
        }
    }

    /// The singular noun: "business day".
    pub fn noun(self) -> &'static str {
        match self {
            Unit::Business => "business day",
            Unit::Calendar => "calendar day",
            Unit::Hours => "hour",
            Unit::Months => "month",
            Unit::Years => "year",
        }
    }
}

/// The event that day zero falls on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Our letter leaves.
    Sending,
    /// The agency has our letter.
    Receipt,
    Acknowledgment,
    /// The day on which the acknowledgment was due, given or not.
    AcknowledgmentDue,
    Determination,
    /// A denial, whole or in part, or "no records".
    Denial,
    ReceiptOfDenial,
    /// The day on which the law turns silence into a denial.
    DeemedDenial,
    /// We appealed.
    Appeal,
    /// An appeal body decided.
    Ruling,
    /// The agency asked for a ruling.
    RulingRequest,
    /// The last part of the records came.
    LastInstalment,
    ClarificationAsked,
    FeeAsked,
    Payment,
}

impl Start {
    /// After "counted from": "the day the agency received the request".
    pub fn plain(self) -> &'static str {
        match self {
            Start::Sending => "the day the request was sent",
            Start::Receipt => "the day the agency received the request",
            Start::Acknowledgment => "the agency's acknowledgment",
            Start::AcknowledgmentDue => "the day the acknowledgment was due",
            Start::Determination => "the agency's determination",
            Start::Denial => "the denial",
            Start::ReceiptOfDenial => "the day we received the denial",
            Start::DeemedDenial => "the day silence became a denial",
            Start::Appeal => "our appeal",
            Start::Ruling => "the ruling",
            Start::RulingRequest => "the agency's request for a ruling",
            Start::LastInstalment => "the last records produced",
            Start::ClarificationAsked => "the agency's question",
            Start::FeeAsked => "the agency's fee estimate",
            Start::Payment => "our payment",
        }
    }
}

/// What kind of body holds the records. Some laws give each its own limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderKind {
    /// Not stated: every rule applies, each saying for whom.
    #[default]
    Unstated,
    /// A state's or the District's own agency.
    StateAgency,
    FederalAgency,
    County,
    Sheriff,
    Municipality,
    /// A regional jail, a school district, a special district.
    OtherLocal,
}

impl HolderKind {
    pub const ALL: [HolderKind; 7] = [
        HolderKind::Unstated,
        HolderKind::StateAgency,
        HolderKind::FederalAgency,
        HolderKind::County,
        HolderKind::Sheriff,
        HolderKind::Municipality,
        HolderKind::OtherLocal,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            HolderKind::Unstated => "unstated",
            HolderKind::StateAgency => "state_agency",
            HolderKind::FederalAgency => "federal_agency",
            HolderKind::County => "county",
            HolderKind::Sheriff => "sheriff",
            HolderKind::Municipality => "municipality",
            HolderKind::OtherLocal => "other_local",
        }
    }

    /// The kind of that word; hyphens pass for underscores.
    pub fn parse(text: &str) -> Option<HolderKind> {
        let word = text.trim().to_ascii_lowercase().replace('-', "_");
        HolderKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }

    /// "a county".
    pub fn plain(self) -> &'static str {
        match self {
            HolderKind::Unstated => "any body",
            HolderKind::StateAgency => "a state agency",
            HolderKind::FederalAgency => "a federal agency",
            HolderKind::County => "a county",
            HolderKind::Sheriff => "a sheriff",
            HolderKind::Municipality => "a municipality",
            HolderKind::OtherLocal => "another local body",
        }
    }
}

/// A number of days, hours, months or years from a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub days: u32,
    pub unit: Unit,
    /// Where it counts from, if not from the start of the rule that it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Start>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Another reasonable reading of an ambiguous rule. What it leaves out is as in the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Start>,
    /// Why it can be read so.
    pub note: String,
}

/// One rule: who must do what by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Unique in its file; stands in addresses and reminders: "produce", "produce-municipality".
    pub id: String,
    pub who: Who,
    #[serde(rename = "do")]
    pub deed: Deed,
    pub kind: Kind,
    /// With `unit`, present exactly where `kind` is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The earliest of these that has happened is day zero.
    pub from: Vec<Start>,
    /// A later event that starts the count afresh once it has happened (payment of a deposit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub or_later_from: Option<Start>,
    /// Where silence opened this duty, the count runs from here instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_silence_from: Option<Start>,
    /// Only for these holders; empty is for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<HolderKind>,
    /// Only where all of these conditions hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    /// Not where any of these conditions holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// The limit is the earlier of this one and these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_of: Vec<Limit>,
    /// The limit is the later of this one and these, once each has started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later_of: Vec<Limit>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    pub citation: String,
    pub confidence: Confidence,
    /// Which sources of the file support it.
    pub topic: Topic,
    /// One sentence of our own on what is due.
    pub says: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force_from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force_until: Option<NaiveDate>,
}

impl Duty {
    /// Whether the rule is written for this kind of holder; an unstated one meets every rule.
    pub fn covers(&self, holder: HolderKind) -> bool {
        self.holders.is_empty() || holder == HolderKind::Unstated || self.holders.contains(&holder)
    }

    /// Whether the rule is in force on `day`.
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.in_force_from.is_none_or(|from| from <= day)
            && self.in_force_until.is_none_or(|until| day <= until)
    }

    /// The limit for people: "5 business days", "None fixed: “promptly”".
    pub fn limit_plain(&self) -> String {
        match (self.days, self.unit) {
            (Some(days), Some(unit)) => {
                crate::calendar::words::counted(i64::from(days), unit.noun())
            }
            _ => self.kind.plain().to_owned(),
        }
    }
}

/// How an agency may take more time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionKind {
    Fixed,
    /// To a date that the agency names.
    Reasonable,
    /// To a date that both sides agree.
    Agreed,
    /// The law allows none.
    None,
}

impl ExtensionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ExtensionKind::Fixed => "fixed",
            ExtensionKind::Reasonable => "reasonable",
            ExtensionKind::Agreed => "agreed",
            ExtensionKind::None => "none",
        }
    }
}

/// More time for a duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Ids of the duties that it extends.
    pub of: Vec<String>,
    pub kind: ExtensionKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The days replace those of the duty, counted from its start, instead of being added (Vermont, Idaho).
    #[serde(default)]
    pub total: bool,
    /// May be taken more than once (Alabama).
    #[serde(default)]
    pub repeatable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_required: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<HolderKind>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grounds: Option<String>,
    pub citation: String,
    pub confidence: Confidence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What becomes of the days that were left when a pause ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseAfter {
    /// They run on.
    Remaining,
    /// The whole limit starts again.
    Fresh,
}

/// A ground on which the law lets the agency's clock stand still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Ids of the duties that it stops.
    pub of: Vec<String>,
    /// "clarification", "fee", "mediation".
    pub ground: String,
    pub after: PauseAfter,
    pub citation: String,
    pub confidence: Confidence,
    pub says: String,
}

/// What the law makes of an agency that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilenceMeans {
    Denial,
    Violation,
    /// The request counts as granted (South Carolina).
    Approval,
    Unstated,
}

impl SilenceMeans {
    pub fn as_str(self) -> &'static str {
        match self {
            SilenceMeans::Denial => "denial",
            SilenceMeans::Violation => "violation",
            SilenceMeans::Approval => "approval",
            SilenceMeans::Unstated => "unstated",
        }
    }

    /// "counts as a denial".
    pub fn plain(self) -> &'static str {
        match self {
            SilenceMeans::Denial => "Silence counts as a denial",
            SilenceMeans::Violation => "Silence is a violation of the law",
            SilenceMeans::Approval => "Silence counts as approval of whatever is not exempt",
            SilenceMeans::Unstated => "The law does not say what silence means",
        }
    }
}

/// Silence after one duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Ids of the duties whose passing it follows.
    pub after: Vec<String>,
    pub means: SilenceMeans,
    /// Where the law gives silence a limit of its own; otherwise the limit of the duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deemed: Option<Limit>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deemed_earlier_of: Vec<Limit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
    pub confidence: Confidence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A last day from which a calendar limit moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollDay {
    Saturday,
    Sunday,
    Holiday,
}
