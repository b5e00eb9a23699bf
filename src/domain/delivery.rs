//! Delivery: a letter on its way, and [`Sent`], the one value that may start a law's clock.
//!
//! Here: the states of a delivery and what may follow what, the channels, and when to try again; when a letter leaves
//! (`when`) and how many an hour go to one mail domain (`pace`). What counts as evidence of receipt is in `event`.
//! Not here: SMTP and folders (`mail`), rows (`store`). Imports `ids` and `event`.

pub mod pace;
pub mod when;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::event::Evidence;
use super::ids::{DeliveryId, LetterId};

/// Where a delivery stands.
///
/// `queued → attempting → accepted | deferred | failed | unknown`; `deferred` is tried again by itself,
/// `failed` and `unknown` wait for a person. Before an attempt a person may hold a letter back or take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// An attempt is on record. If the program dies now, nobody knows what happened.
    Attempting,
    /// Taken over: by the server (250), by the folder, or by a person's word.
    Accepted,
    /// The server asked to come back later, or could not be reached; nothing was handed over.
    Deferred,
    /// Refused for good, or put off too often. A person decides what next.
    Failed,
    /// It may or may not have gone out. Never sent again without a person's say.
    Unknown,
    /// Held back: leaves when somebody says so.
    Held,
    /// Taken back before anything was handed over.
    Recalled,
}

impl State {
    pub const ALL: [State; 8] = [
        State::Queued,
        State::Attempting,
        State::Accepted,
        State::Deferred,
        State::Failed,
        State::Unknown,
        State::Held,
        State::Recalled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Attempting => "attempting",
            State::Accepted => "accepted",
            State::Deferred => "deferred",
            State::Failed => "failed",
            State::Unknown => "unknown",
            State::Held => "held",
            State::Recalled => "recalled",
        }
    }

    /// As pages name it.
    pub fn plain(self) -> &'static str {
        match self {
            State::Queued => "Waiting to go out",
            State::Attempting => "Going out now",
            State::Accepted => "Handed over",
            State::Deferred => "Put off by the mail server, tried again by itself",
            State::Failed => "Not sent",
            State::Unknown => "Not known whether it went out",
            State::Held => "Held back",
            State::Recalled => "Taken back before it left",
        }
    }

    /// Whether a person has to decide before anything more happens.
    pub fn waits_for_a_person(self) -> bool {
        matches!(self, State::Failed | State::Unknown)
    }

    /// The state after `step`.
    ///
    /// # Errors
    /// [`WrongTurn`] when the step cannot follow, for instance a second attempt on an accepted letter.
    pub fn after(self, step: Step) -> Result<State, WrongTurn> {
        let next = match (self, step) {
            (State::Queued | State::Deferred, Step::AttemptBegan) => State::Attempting,
            (State::Attempting, Step::Accepted) => State::Accepted,
            (State::Attempting, Step::Deferred) => State::Deferred,
            (State::Attempting, Step::Refused | Step::GaveUp) => State::Failed,
            // The connection broke after the text was handed over, or the program died in the middle.
            (State::Attempting, Step::OutcomeUnknown | Step::AttemptAbandoned) => State::Unknown,
            (State::Attempting, Step::AttemptLeftNothing) => State::Queued,
            (State::Queued | State::Deferred, Step::ApprovalVoided) => State::Failed,
            (State::Queued | State::Deferred, Step::PersonHolds) => State::Held,
            (State::Queued | State::Deferred | State::Held, Step::PersonRecalls) => State::Recalled,
            (State::Queued | State::Held | State::Recalled, Step::PersonGivesTime) => State::Queued,
            (State::Accepted | State::Unknown, Step::CameBack) => State::Failed,
            (State::Unknown, Step::ReceiptCame) => State::Accepted,
            (State::Unknown, Step::PersonSaysItArrived) => State::Accepted,
            (State::Unknown | State::Failed, Step::PersonSaysSendAgain) => State::Queued,
            (from, step) => return Err(WrongTurn { from, step }),
        };
        Ok(next)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        State::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(UnknownState)
    }
}

/// The text names no delivery state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a delivery is queued, attempting, accepted, deferred, failed, unknown, held or recalled")]
pub struct UnknownState;

/// What happened to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    AttemptBegan,
    Accepted,
    Deferred,
    Refused,
    /// Put off more often or longer than [`retry_after`] allows.
    GaveUp,
    OutcomeUnknown,
    /// An attempt is on record, but the process that made it is gone.
    AttemptAbandoned,
    /// The same, but it can be seen that nothing was handed over.
    AttemptLeftNothing,
    /// The letter was edited or its approval taken back while it waited.
    ApprovalVoided,
    /// A server further on refused it for good after the first had taken it: a hard bounce.
    CameBack,
    /// A machine at the agency vouches for it, when nobody knew whether it had gone out.
    ReceiptCame,
    PersonSaysItArrived,
    PersonSaysSendAgain,
    /// Nothing leaves until somebody gives it a time.
    PersonHolds,
    /// It is not to leave at all; nothing was handed over.
    PersonRecalls,
    /// It leaves at another time than was said, or now.
    PersonGivesTime,
}

/// A step that cannot follow the present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this letter is \"{}\", so that step is no longer possible; reload the page to see where it stands", .from.plain()
)]
pub struct WrongTurn {
    pub from: State,
    pub step: Step,
}

/// How long to wait after attempt number `attempt` (the first is 1) was put off, or `None` when it is time to give
/// up and tell a person. The waits add up to about two days, as mail servers do it (RFC 5321, 4.5.4.1).
///
/// `jitter` from 0.0 to 1.0 spreads retries by up to a fifth, so that a hundred letters do not knock at once.
pub fn retry_after(attempt: u32, jitter: f64) -> Option<TimeDelta> {
    const MINUTES: [i64; 10] = [1, 5, 15, 60, 120, 240, 480, 720, 720, 720];
    let index = usize::try_from(attempt.checked_sub(1)?).ok()?;
    let base = *MINUTES.get(index)? * 60;
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    let extra = (base as f64 * 0.2 * jitter.clamp(0.0, 1.0)) as i64;
    Some(TimeDelta::seconds(base + extra))
}

/// How a letter reached the agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Email,
    Portal,
    Post,
    Fax,
    Hand,
}

impl Channel {
    pub const ALL: [Channel; 5] = [
        Channel::Email,
        Channel::Portal,
        Channel::Post,
        Channel::Fax,
        Channel::Hand,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Portal => "portal",
            Channel::Post => "post",
            Channel::Fax => "fax",
            Channel::Hand => "hand",
        }
    }

    pub fn plain(self) -> &'static str {
        match self {
            Channel::Email => "E-mail",
            Channel::Portal => "The agency's portal",
            Channel::Post => "Post",
            Channel::Fax => "Fax",
            Channel::Hand => "By hand",
        }
    }
}

impl FromStr for Channel {
    type Err = UnknownChannel;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.as_str() == text)
            .ok_or(UnknownChannel)
    }
}

/// The text names no channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a channel is email, portal, post, fax or hand")]
pub struct UnknownChannel;

/// The kinds of evidence that a person may record by hand; the others only the program writes.
pub const EVIDENCE_BY_HAND: [Evidence; 7] = [
    Evidence::Acknowledgment,
    Evidence::DeliveryReceipt,
    Evidence::PortalStamp,
    Evidence::CertifiedPost,
    Evidence::FaxConfirmation,
    Evidence::StampedCopy,
    Evidence::PersonVouched,
];

/// The channel that a piece of evidence belongs to.
pub fn channel_of(evidence: Evidence) -> Channel {
    match evidence {
        Evidence::ServerAccepted
        | Evidence::FolderWritten
        | Evidence::Acknowledgment
        | Evidence::DeliveryReceipt
        | Evidence::PersonVouched => Channel::Email,
        Evidence::PortalStamp => Channel::Portal,
        Evidence::CertifiedPost => Channel::Post,
        Evidence::FaxConfirmation => Channel::Fax,
        Evidence::StampedCopy => Channel::Hand,
    }
}

/// A letter that has left us, with what shows that it arrived. Only this starts a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    letter: LetterId,
    delivery: Option<DeliveryId>,
    channel: Channel,
    at: DateTime<Utc>,
    evidence: Evidence,
    note: String,
    received_on: NaiveDate,
}

impl Sent {
    /// A letter handed to a mail server or written to the mail folder at `at`.
    ///
    /// The day of receipt is the day in the agency's own `zone`: 23:30 in Seattle is not yet tomorrow there. Whether
    /// mail after hours counts for the next day is a matter of the jurisdiction's law, not of this value.
    pub fn by_mail(
        letter: LetterId,
        delivery: DeliveryId,
        at: DateTime<Utc>,
        evidence: Evidence,
        note: String,
        zone: Tz,
    ) -> Sent {
        Sent {
            letter,
            delivery: Some(delivery),
            channel: Channel::Email,
            at,
            evidence,
            note,
            received_on: at.with_timezone(&zone).date_naive(),
        }
    }

    /// A letter that a person delivered or saw delivered on `received_on`, recorded at `at`.
    ///
    /// # Errors
    /// [`NotYet`] when the day lies after today in the agency's zone: a receipt cannot be recorded ahead.
    pub fn by_hand(
        letter: LetterId,
        received_on: NaiveDate,
        evidence: Evidence,
        note: String,
        at: DateTime<Utc>,
        zone: Tz,
    ) -> Result<Sent, NotYet> {
        if received_on > at.with_timezone(&zone).date_naive() {
            return Err(NotYet);
        }
        Ok(Sent {
            letter,
            delivery: None,
            channel: channel_of(evidence),
            at,
            evidence,
            note,
            received_on,
        })
    }

    pub fn letter(&self) -> LetterId {
        self.letter
    }

    /// The row of the outbox; `None` when a person carried the letter.
    pub fn delivery(&self) -> Option<DeliveryId> {
        self.delivery
    }

    pub fn channel(&self) -> Channel {
        self.channel
    }

    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    pub fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// The server's words, the file's name, the tracking number or what the person wrote.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The day of receipt in the agency's zone: day zero of its clocks.
    pub fn received_on(&self) -> NaiveDate {
        self.received_on
    }
}

/// A receipt on a day that has not come yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The day of receipt lies in the future. Give the day on which the agency had the letter.")]
pub struct NotYet;

#[cfg(test)]
mod tests;
