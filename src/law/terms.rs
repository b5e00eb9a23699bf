//! The terms that rules are written in: confidence, deeds, kinds of limit, units, starts, holders.

use serde::{Deserialize, Serialize};

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
    /// The agency must say what it will charge.
    EstimateFees,
    /// The agency must give notice if it takes more time.
    Extend,
    /// The agency must ask an outside body for a ruling (Texas).
    SeekRuling,
    DecideAppeal,
    /// Ours.
    Appeal,
    /// Ours: to an ombudsman or counselor, who does not decide like an appeal body.
    Complain,
    Sue,
    AnswerClarification,
    /// Ours: accept or contest a fee estimate.
    AnswerFee,
    /// Ours: pay the deposit that was asked, before the request lapses.
    PayDeposit,
}

impl Deed {
    /// The word of the law files, of the JSON and of addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Deed::Acknowledge => "acknowledge",
            Deed::Determine => "determine",
            Deed::Produce => "produce",
            Deed::EstimateFees => "estimate_fees",
            Deed::Extend => "extend",
            Deed::SeekRuling => "seek_ruling",
            Deed::DecideAppeal => "decide_appeal",
            Deed::Appeal => "appeal",
            Deed::Complain => "complain",
            Deed::Sue => "sue",
            Deed::AnswerClarification => "answer_clarification",
            Deed::AnswerFee => "answer_fee",
            Deed::PayDeposit => "pay_deposit",
        }
    }

    /// What is to be done, after "must" or "to": "acknowledge the request".
    pub fn plain(self) -> &'static str {
        match self {
            Deed::Acknowledge => "acknowledge the request",
            Deed::Determine => "answer the request",
            Deed::Produce => "produce the records",
            Deed::EstimateFees => "estimate its fees",
            Deed::Extend => "give notice, if it takes more time,",
            Deed::SeekRuling => "ask for a ruling, if it means to withhold anything,",
            Deed::DecideAppeal => "decide the appeal",
            Deed::Appeal => "appeal",
            Deed::Complain => "file a complaint",
            Deed::Sue => "go to court",
            Deed::AnswerClarification => "answer the agency's question",
            Deed::AnswerFee => "answer the fee estimate",
            Deed::PayDeposit => "pay the deposit",
        }
    }

    /// As a heading: "Acknowledgment".
    pub fn heading(self) -> &'static str {
        match self {
            Deed::Acknowledge => "Acknowledgment",
            Deed::Determine => "Answer",
            Deed::Produce => "Records",
            Deed::EstimateFees => "Fee estimate",
            Deed::Extend => "Notice of more time",
            Deed::SeekRuling => "Request for a ruling",
            Deed::DecideAppeal => "Decision on the appeal",
            Deed::Appeal => "Our appeal",
            Deed::Complain => "Our complaint",
            Deed::Sue => "Our suit",
            Deed::AnswerClarification => "Our answer to a question",
            Deed::AnswerFee => "Our answer to a fee estimate",
            Deed::PayDeposit => "Our deposit",
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
    /// The formal request that follows an informal refusal (South Dakota); until one is recorded, the receipt.
    FormalRequest,
    Acknowledgment,
    /// The day on which the acknowledgment was due, given or not.
    AcknowledgmentDue,
    Determination,
    /// A denial, whole or in part, or "no records".
    Denial,
    ReceiptOfDenial,
    /// The day on which the law turns silence into a denial.
    DeemedDenial,
    /// The day on which the time to answer ran out, where the law takes silence as a denial or a violation.
    Silence,
    /// We appealed: of the way's second step, the second appeal.
    Appeal,
    /// An appeal body decided: of the way's second step, its ruling is the second.
    Ruling,
    /// The agency asked for a ruling.
    RulingRequest,
    /// A part of the records came, and more is to follow; the latest one counts.
    Instalment,
    /// The last part of the records came.
    LastInstalment,
    ClarificationAsked,
    ClarificationAnswered,
    FeeAsked,
    Payment,
    /// The agency told us that it takes more time.
    ExtensionNotice,
}

impl Start {
    /// After "counted from": "the day the agency received the request".
    pub fn plain(self) -> &'static str {
        match self {
            Start::Sending => "the day the request was sent",
            Start::Receipt => "the day the agency received the request",
            Start::FormalRequest => "the day the agency received the formal request",
            Start::Acknowledgment => "the agency's acknowledgment",
            Start::AcknowledgmentDue => "the day the acknowledgment was due",
            Start::Determination => "the agency's determination",
            Start::Denial => "the denial",
            Start::ReceiptOfDenial => "the day we received the denial",
            Start::DeemedDenial => "the day silence became a denial",
            Start::Silence => "the day the time to answer ran out",
            Start::Appeal => "our appeal",
            Start::Ruling => "the ruling",
            Start::RulingRequest => "the agency's request for a ruling",
            Start::Instalment => "the part of the records that came last",
            Start::LastInstalment => "the last records produced",
            Start::ClarificationAsked => "the agency's question",
            Start::ClarificationAnswered => "our answer to its question",
            Start::FeeAsked => "the agency's fee estimate",
            Start::Payment => "our payment",
            Start::ExtensionNotice => "the notice that it takes more time",
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

/// Why an agency's clock may stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// It asked us what we mean.
    Clarification,
    /// It asked for a fee or deposit.
    Fee,
    /// It told somebody whose data the records hold.
    ThirdParty,
    Mediation,
    /// It waits for proof of who we are or where we live.
    Identity,
}

impl Ground {
    pub const ALL: [Ground; 5] = [
        Ground::Clarification,
        Ground::Fee,
        Ground::ThirdParty,
        Ground::Mediation,
        Ground::Identity,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Ground::Clarification => "clarification",
            Ground::Fee => "fee",
            Ground::ThirdParty => "third_party",
            Ground::Mediation => "mediation",
            Ground::Identity => "identity",
        }
    }

    /// The ground of that word; hyphens pass for underscores.
    pub fn parse(text: &str) -> Option<Ground> {
        let word = text.trim().to_ascii_lowercase().replace('-', "_");
        Ground::ALL
            .into_iter()
            .find(|ground| ground.as_str() == word)
    }

    /// After "stopped for": "a question to us".
    pub fn plain(self) -> &'static str {
        match self {
            Ground::Clarification => "a question to us",
            Ground::Fee => "a fee or deposit",
            Ground::ThirdParty => "notice to a third party",
            Ground::Mediation => "mediation",
            Ground::Identity => "proof of identity or residence",
        }
    }
}

/// What a condition of a law is about: who is asked, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The body that is asked, beyond its kind.
    Holder,
    Requester,
    /// The records asked for.
    Record,
    /// How the request was handed over.
    Delivery,
    /// How much work it makes.
    Size,
    Fee,
}
