//! What a later letter is about: what happened to its request, what the clocks say, and what the drafter chose.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::facts::Resident;
use super::kind::LetterKind;
use crate::domain::duty::{ClockState, DutyClock};
use crate::domain::event::{Detail, Evidence, ReplyKind};
use crate::law::Kind;

/// A request on its way, as a letter about it sees it.
#[derive(Clone, Debug, Default)]
pub struct Occasion {
    /// The day on which our request left.
    pub sent_on: Option<NaiveDate>,
    pub received: Option<(NaiveDate, Evidence)>,
    /// What the agency did, as a person sorted it, oldest first.
    pub replies: Vec<Said>,
    /// Letters of ours after the request that have left, oldest first.
    pub letters: Vec<(LetterKind, NaiveDate)>,
    /// On which day we paid, if we did.
    pub paid_on: Option<NaiveDate>,
    pub is_closed: bool,
    /// Every duty of agency and requester on the day of the letter.
    pub clocks: Vec<DutyClock>,
    /// A day by which an answer can fairly be asked for: seven business days on.
    pub fair_day: Option<NaiveDate>,
    pub choices: Choices,
}

/// One thing that the agency said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub what: ReplyKind,
    pub on: NaiveDate,
    pub until: Option<NaiveDate>,
    pub amount_cents: Option<i64>,
    pub detail: Detail,
}

/// How a fee is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeAnswer {
    Accept,
    /// Ask for hours, rates and what each item costs.
    #[default]
    Itemize,
    /// Say why it is out of proportion.
    Dispute,
    /// Ask for less, for less.
    Narrow,
}

impl FeeAnswer {
    pub const ALL: [FeeAnswer; 4] = [
        FeeAnswer::Itemize,
        FeeAnswer::Accept,
        FeeAnswer::Dispute,
        FeeAnswer::Narrow,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            FeeAnswer::Accept => "accept",
            FeeAnswer::Itemize => "itemize",
            FeeAnswer::Dispute => "dispute",
            FeeAnswer::Narrow => "narrow",
        }
    }

    pub fn parse(word: &str) -> Option<FeeAnswer> {
        FeeAnswer::ALL
            .into_iter()
            .find(|answer| answer.as_str() == word)
    }

    pub fn plain(self) -> &'static str {
        match self {
            FeeAnswer::Accept => "Accept it",
            FeeAnswer::Itemize => "Ask how it is made up",
            FeeAnswer::Dispute => "Say why it is out of proportion",
            FeeAnswer::Narrow => "Narrow the request to lower it",
        }
    }
}

/// How an item stands after something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    Complete,
    Partial,
    Missing,
    Unclear,
}

impl ItemState {
    pub const ALL: [ItemState; 4] = [
        ItemState::Complete,
        ItemState::Partial,
        ItemState::Missing,
        ItemState::Unclear,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ItemState::Complete => "complete",
            ItemState::Partial => "partial",
            ItemState::Missing => "missing",
            ItemState::Unclear => "unclear",
        }
    }

    pub fn parse(word: &str) -> Option<ItemState> {
        ItemState::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
    }

    pub fn plain(self) -> &'static str {
        match self {
            ItemState::Complete => "complete",
            ItemState::Partial => "in part",
            ItemState::Missing => "not yet received",
            ItemState::Unclear => "not clear to me",
        }
    }
}

/// What the drafter chose for a later letter. Kept beside it, so that it can be composed again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// The agency's number for the request.
    pub their_ref: String,
    /// The drafter's own sentence: a question, an explanation, what helped.
    pub words: String,
    pub reply_by: Option<NaiveDate>,
    pub fee_answer: FeeAnswer,
    /// What is paid at most, in US cents, where a fee is accepted or narrowed.
    pub pay_cents: Option<i64>,
    /// How the records will reach the public.
    pub publication: String,
    pub nonprofit: bool,
    pub items: Vec<ItemChoice>,
    /// Which `[[appeal]]` of the law file, from 0.
    pub step: Option<usize>,
    pub refused_on: Option<NaiveDate>,
    pub refusal_received_on: Option<NaiveDate>,
    /// Keys of authorities of other places that the letter may name as persuasive.
    pub persuasive: BTreeSet<String>,
    /// A thank-you that leaves something open.
    pub stays_open: bool,
    /// Copies of the request and the refusal go with it.
    pub with_copies: bool,
    /// A correction of a letter after the request: the day on which that letter left.
    pub corrects_on: Option<NaiveDate>,
    /// A correction that supplies what the law asks of a request and the request lacked: its resident requester.
    pub completes: bool,
    pub resident: Option<Resident>,
}

/// What the drafter chose for one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemChoice {
    /// As the request numbers it.
    pub position: i32,
    pub state: Option<ItemState>,
    /// Keys of refusal classes.
    pub grounds: Vec<String>,
    /// The agency's own words on it.
    pub their_words: String,
    pub narrowed: String,
    pub deferred: bool,
    pub remark: String,
}

impl Occasion {
    /// The last reply of that kind.
    pub fn last(&self, what: ReplyKind) -> Option<&Said> {
        self.replies
            .iter()
            .filter(|said| said.what == what)
            .max_by_key(|said| said.on)
    }

    fn answered_since(&self, on: NaiveDate, kinds: &[LetterKind]) -> bool {
        self.letters
            .iter()
            .any(|(kind, sent_on)| kinds.contains(kind) && *sent_on >= on)
    }

    /// A fee was asked and we have neither paid nor answered.
    pub fn fee_open(&self) -> Option<&Said> {
        self.last(ReplyKind::FeeDemanded).filter(|said| {
            self.paid_on.is_none_or(|paid| paid < said.on)
                && !self.answered_since(said.on, &[LetterKind::FeeReply, LetterKind::FeeWaiver])
        })
    }

    /// A question was asked and we have not answered.
    pub fn question_open(&self) -> Option<&Said> {
        self.last(ReplyKind::ClarificationAsked).filter(|said| {
            !self.answered_since(said.on, &[LetterKind::Clarification, LetterKind::FeeReply])
        })
    }

    /// The last refusal, whole or in part, or "no records".
    pub fn refusal(&self) -> Option<&Said> {
        self.replies
            .iter()
            .filter(|said| {
                matches!(
                    said.what,
                    ReplyKind::Denied
                        | ReplyKind::Partial
                        | ReplyKind::NoRecords
                        | ReplyKind::Referred
                        | ReplyKind::ClosedByAgency
                )
            })
            .max_by_key(|said| said.on)
    }

    /// Something came.
    pub fn production(&self) -> Option<&Said> {
        self.replies
            .iter()
            .filter(|said| matches!(said.what, ReplyKind::Produced | ReplyKind::Partial))
            .max_by_key(|said| said.on)
    }

    /// The agency's duties to answer and produce, without those of appeals.
    fn answers(&self) -> impl Iterator<Item = &DutyClock> {
        self.clocks.iter().filter(|clock| {
            !clock.ours && matches!(clock.duty.as_str(), "acknowledge" | "determine" | "produce")
        })
    }

    /// Limits with a number that have passed by the latest reading, the latest due first.
    pub fn late(&self) -> Vec<&DutyClock> {
        let mut late: Vec<&DutyClock> = self
            .answers()
            .filter(|clock| clock.kind == Kind::Fixed && clock.state == ClockState::Late)
            .collect();
        late.sort_by_key(|clock| std::cmp::Reverse(clock.due_on));
        late
    }

    /// The limit with a number that runs and ends first.
    pub fn running(&self) -> Option<&DutyClock> {
        self.answers()
            .filter(|clock| clock.kind == Kind::Fixed && clock.state == ClockState::Running)
            .min_by_key(|clock| clock.due_on)
    }

    /// Silence that the law takes as a denial, and has by `on`.
    pub fn denied_by_silence(&self, on: NaiveDate) -> Option<NaiveDate> {
        self.clocks
            .iter()
            .filter_map(|clock| clock.silence.as_ref())
            .filter(|silence| silence.means == "denial")
            .filter_map(|silence| silence.from_on)
            .filter(|from| *from <= on)
            .min()
    }

    pub fn choice(&self, position: i32) -> Option<&ItemChoice> {
        self.choices
            .items
            .iter()
            .find(|choice| choice.position == position)
    }
}
