//! The rules that dates are computed from: duties, extensions, pauses, silence. Their shape in `data/law/*.toml`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Topic;
use super::terms::{Confidence, Deed, Ground, HolderKind, Kind, Start, Unit, Who};

/// A number of days, hours, months or years from a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub days: u32,
    pub unit: Unit,
    /// Where it counts from, if not from the start of the rule that it stands in.
    #[serde(default)]
    pub from: Option<Start>,
    #[serde(default)]
    pub note: Option<String>,
}

/// Another reasonable reading of an ambiguous rule. What it leaves out is as in the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    #[serde(default)]
    pub days: Option<u32>,
    #[serde(default)]
    pub unit: Option<Unit>,
    #[serde(default)]
    pub from: Option<Start>,
    /// Why it can be read so.
    pub note: String,
}

/// One rule: who must do what by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Unique among the rules in force on a day; stands in addresses and reminders: "produce", "produce-municipality".
    /// A rule that changed stands once for each time, with dates of force that meet.
    pub id: String,
    pub who: Who,
    #[serde(rename = "do")]
    pub deed: Deed,
    pub kind: Kind,
    /// With `unit`, present exactly where `kind` is fixed.
    #[serde(default)]
    pub days: Option<u32>,
    #[serde(default)]
    pub unit: Option<Unit>,
    /// The other end of a range ("five to ten days"): agencies have until then, our own limits keep to `days`.
    #[serde(default)]
    pub days_to: Option<u32>,
    /// The earliest of these that has happened is day zero.
    pub from: Vec<Start>,
    /// A later event that starts the count afresh once it has happened (payment of a deposit).
    #[serde(default)]
    pub or_later_from: Option<Start>,
    /// Where silence opened this duty, the count runs from here instead.
    #[serde(default)]
    pub after_silence_from: Option<Start>,
    /// Only for these holders; empty is for all.
    #[serde(default)]
    pub holders: Vec<HolderKind>,
    /// Only where all of these conditions hold.
    #[serde(default)]
    pub when: Vec<String>,
    /// Not where any of these conditions holds.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The limit is the earlier of this one and these.
    #[serde(default)]
    pub earlier_of: Vec<Limit>,
    /// The limit is the later of this one and these, once each has started.
    #[serde(default)]
    pub later_of: Vec<Limit>,
    #[serde(default)]
    pub readings: Vec<Reading>,
    pub citation: String,
    pub confidence: Confidence,
    /// Which sources of the file support it.
    pub topic: Topic,
    /// One sentence of our own on what is due.
    pub says: String,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub in_force_from: Option<NaiveDate>,
    #[serde(default)]
    pub in_force_until: Option<NaiveDate>,
}

/// Whether a rule that is written for `holders` (empty: for all) is meant for this one; an unstated one meets every
/// rule.
pub fn covers(holders: &[HolderKind], holder: HolderKind) -> bool {
    holders.is_empty() || holder == HolderKind::Unstated || holders.contains(&holder)
}

/// Whether a rule of these dates of force governs a request received on `day`. Both days belong to it.
pub fn in_force(from: Option<NaiveDate>, until: Option<NaiveDate>, day: NaiveDate) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

impl Duty {
    /// Whether the rule is written for this kind of holder; an unstated one meets every rule.
    pub fn covers(&self, holder: HolderKind) -> bool {
        covers(&self.holders, holder)
    }

    /// Whether the rule is in force on `day`.
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        in_force(self.in_force_from, self.in_force_until, day)
    }

    /// The limit for people: "5 business days", "5 to 10 business days", "None fixed: “promptly”".
    pub fn limit_plain(&self) -> String {
        match (self.days, self.unit) {
            (Some(days), Some(unit)) if self.days_to.is_some() => format!(
                "{days} to {}",
                crate::calendar::words::counted(
                    i64::from(self.days_to.unwrap_or(days)),
                    unit.noun()
                )
            ),
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
    #[serde(default)]
    pub days: Option<u32>,
    #[serde(default)]
    pub unit: Option<Unit>,
    /// The days replace those of the duty, counted from its start, instead of being added (Vermont, Idaho).
    #[serde(default)]
    pub total: bool,
    /// May be taken more than once (Alabama).
    #[serde(default)]
    pub repeatable: bool,
    #[serde(default)]
    pub notice_required: Option<bool>,
    #[serde(default)]
    pub holders: Vec<HolderKind>,
    #[serde(default)]
    pub when: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
    #[serde(default)]
    pub grounds: Option<String>,
    pub citation: String,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub in_force_from: Option<NaiveDate>,
    #[serde(default)]
    pub in_force_until: Option<NaiveDate>,
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
    pub grounds: Vec<Ground>,
    pub after: PauseAfter,
    /// How many times the clock may stop for it; absent where the law does not say.
    #[serde(default)]
    pub times: Option<u32>,
    #[serde(default)]
    pub holders: Vec<HolderKind>,
    pub citation: String,
    pub confidence: Confidence,
    pub says: String,
    #[serde(default)]
    pub in_force_from: Option<NaiveDate>,
    #[serde(default)]
    pub in_force_until: Option<NaiveDate>,
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
    #[serde(default)]
    pub deemed: Option<Limit>,
    #[serde(default)]
    pub deemed_earlier_of: Vec<Limit>,
    #[serde(default)]
    pub citation: Option<String>,
    pub confidence: Confidence,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub in_force_from: Option<NaiveDate>,
    #[serde(default)]
    pub in_force_until: Option<NaiveDate>,
}

/// A last day from which a calendar limit moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollDay {
    Saturday,
    Sunday,
    Holiday,
}
