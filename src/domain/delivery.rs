//! Delivery: a letter on its way, and [`Sent`], the one value that may start a law's clock.
//!
//! Here: the states of a delivery and what may follow what, the channels, the evidence of receipt, and when to
//! try again. Not here: SMTP and folders (`mail`), rows (`store`). Imports `ids` only.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::ids::{DeliveryId, LetterId};

/// Where a delivery stands.
///
/// `queued → attempting → accepted | deferred | failed | unknown`; `deferred` is tried again by itself,
/// `failed` and `unknown` wait for a person.
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
}

impl State {
    pub const ALL: [State; 6] = [
        State::Queued,
        State::Attempting,
        State::Accepted,
        State::Deferred,
        State::Failed,
        State::Unknown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Attempting => "attempting",
            State::Accepted => "accepted",
            State::Deferred => "deferred",
            State::Failed => "failed",
            State::Unknown => "unknown",
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
#[error("a delivery is queued, attempting, accepted, deferred, failed or unknown")]
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
    PersonSaysItArrived,
    PersonSaysSendAgain,
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

/// What shows that the agency has the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// The receiving or relaying mail server took the letter; its words, for instance "250 2.0.0 OK id=…".
    ServerAccepted { reply: String },
    /// The letter was written as a file for the operator's own mail system. No server said anything.
    WrittenToFolder { file: String },
    /// A person looked (mailbox, server log, telephone) and says that it went out.
    PersonSays { note: String },
    /// The portal's confirmation number or text.
    PortalConfirmation { number: String },
    /// Certified or tracked post: the number, delivered on the day recorded.
    CertifiedPost { tracking: String },
    /// The fax machine's confirmation page.
    FaxConfirmation { note: String },
    /// A copy stamped at the counter.
    StampedCopy { note: String },
    /// The agency itself wrote that it has the letter (acknowledgement, auto-reply).
    AgencyConfirmed { note: String },
}

/// How far a piece of evidence carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Nobody outside has confirmed anything: receipt is assumed from our own act.
    Assumed,
    /// A server took it over: receipt is presumed until a bounce says otherwise.
    Presumed,
    /// The agency, its portal or the carrier confirmed it.
    Proved,
}

impl Strength {
    pub fn plain(self) -> &'static str {
        match self {
            Strength::Assumed => "receipt assumed, not proved",
            Strength::Presumed => "receipt presumed",
            Strength::Proved => "receipt proved",
        }
    }
}

impl Evidence {
    /// The names used in forms and rows.
    pub const KINDS: [&'static str; 8] = [
        "server_accepted",
        "written_to_folder",
        "person_says",
        "portal_confirmation",
        "certified_post",
        "fax_confirmation",
        "stamped_copy",
        "agency_confirmed",
    ];

    /// The kinds that a person may record by hand; the others only the program writes.
    pub const BY_HAND: [&'static str; 6] = [
        "agency_confirmed",
        "portal_confirmation",
        "certified_post",
        "fax_confirmation",
        "stamped_copy",
        "person_says",
    ];

    pub fn kind(&self) -> &'static str {
        match self {
            Evidence::ServerAccepted { .. } => "server_accepted",
            Evidence::WrittenToFolder { .. } => "written_to_folder",
            Evidence::PersonSays { .. } => "person_says",
            Evidence::PortalConfirmation { .. } => "portal_confirmation",
            Evidence::CertifiedPost { .. } => "certified_post",
            Evidence::FaxConfirmation { .. } => "fax_confirmation",
            Evidence::StampedCopy { .. } => "stamped_copy",
            Evidence::AgencyConfirmed { .. } => "agency_confirmed",
        }
    }

    /// The number, note, file or server's words that go with the kind.
    pub fn detail(&self) -> &str {
        match self {
            Evidence::ServerAccepted { reply: detail }
            | Evidence::WrittenToFolder { file: detail }
            | Evidence::PersonSays { note: detail }
            | Evidence::PortalConfirmation { number: detail }
            | Evidence::CertifiedPost { tracking: detail }
            | Evidence::FaxConfirmation { note: detail }
            | Evidence::StampedCopy { note: detail }
            | Evidence::AgencyConfirmed { note: detail } => detail,
        }
    }

    /// Builds the evidence back from its two columns.
    pub fn from_parts(kind: &str, detail: &str) -> Result<Evidence, UnknownEvidence> {
        let detail = detail.to_owned();
        Ok(match kind {
            "server_accepted" => Evidence::ServerAccepted { reply: detail },
            "written_to_folder" => Evidence::WrittenToFolder { file: detail },
            "person_says" => Evidence::PersonSays { note: detail },
            "portal_confirmation" => Evidence::PortalConfirmation { number: detail },
            "certified_post" => Evidence::CertifiedPost { tracking: detail },
            "fax_confirmation" => Evidence::FaxConfirmation { note: detail },
            "stamped_copy" => Evidence::StampedCopy { note: detail },
            "agency_confirmed" => Evidence::AgencyConfirmed { note: detail },
            _ => return Err(UnknownEvidence),
        })
    }

    pub fn strength(&self) -> Strength {
        match self {
            Evidence::WrittenToFolder { .. } | Evidence::PersonSays { .. } => Strength::Assumed,
            Evidence::ServerAccepted { .. } => Strength::Presumed,
            Evidence::PortalConfirmation { .. }
            | Evidence::CertifiedPost { .. }
            | Evidence::FaxConfirmation { .. }
            | Evidence::StampedCopy { .. }
            | Evidence::AgencyConfirmed { .. } => Strength::Proved,
        }
    }

    /// One sentence for the timeline.
    pub fn plain(&self) -> String {
        let with = |what: &str, detail: &str| {
            if detail.trim().is_empty() {
                what.to_owned()
            } else {
                format!("{what} ({})", detail.trim())
            }
        };
        match self {
            Evidence::ServerAccepted { reply } => with(
                "The mail server accepted the letter: receipt presumed",
                reply,
            ),
            Evidence::WrittenToFolder { file } => with(
                "The letter was only written to the mail folder; your own mail system has to carry it: receipt assumed, not proved",
                file,
            ),
            Evidence::PersonSays { note } => with(
                "A person says that the agency has it: receipt assumed",
                note,
            ),
            Evidence::PortalConfirmation { number } => {
                with("The agency's portal confirmed it", number)
            }
            Evidence::CertifiedPost { tracking } => with("Delivered by certified post", tracking),
            Evidence::FaxConfirmation { note } => with("The fax was confirmed", note),
            Evidence::StampedCopy { note } => with("Handed over, copy stamped", note),
            Evidence::AgencyConfirmed { note } => with("The agency confirmed receipt", note),
        }
    }
}

/// The text names no kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is no kind of evidence that this program knows; pick one from the list")]
pub struct UnknownEvidence;

/// A letter that has left us, with what shows that it arrived. Only this starts a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    letter: LetterId,
    delivery: Option<DeliveryId>,
    channel: Channel,
    at: DateTime<Utc>,
    evidence: Evidence,
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
        zone: Tz,
    ) -> Sent {
        Sent {
            letter,
            delivery: Some(delivery),
            channel: Channel::Email,
            at,
            evidence,
            received_on: at.with_timezone(&zone).date_naive(),
        }
    }

    /// A letter that a person delivered or saw delivered on `received_on`, recorded at `at`.
    ///
    /// # Errors
    /// [`NotYet`] when the day lies after today in the agency's zone: a receipt cannot be recorded ahead.
    pub fn by_hand(
        letter: LetterId,
        channel: Channel,
        received_on: NaiveDate,
        evidence: Evidence,
        at: DateTime<Utc>,
        zone: Tz,
    ) -> Result<Sent, NotYet> {
        if received_on > at.with_timezone(&zone).date_naive() {
            return Err(NotYet);
        }
        Ok(Sent {
            letter,
            delivery: None,
            channel,
            at,
            evidence,
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

    pub fn evidence(&self) -> &Evidence {
        &self.evidence
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
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn every_step_from_every_state() {
        use State::*;
        use Step::*;
        let allowed = [
            (Queued, AttemptBegan, Attempting),
            (State::Deferred, AttemptBegan, Attempting),
            (Attempting, Step::Accepted, State::Accepted),
            (Attempting, Step::Deferred, State::Deferred),
            (Attempting, Refused, Failed),
            (Attempting, GaveUp, Failed),
            (Attempting, OutcomeUnknown, Unknown),
            (Attempting, AttemptAbandoned, Unknown),
            (Unknown, PersonSaysItArrived, State::Accepted),
            (Unknown, PersonSaysSendAgain, Queued),
            (Failed, PersonSaysSendAgain, Queued),
        ];
        let steps = [
            AttemptBegan,
            Step::Accepted,
            Step::Deferred,
            Refused,
            GaveUp,
            OutcomeUnknown,
            AttemptAbandoned,
            PersonSaysItArrived,
            PersonSaysSendAgain,
        ];
        for from in State::ALL {
            for step in steps {
                let expected = allowed
                    .iter()
                    .find(|(f, s, _)| *f == from && *s == step)
                    .map(|(_, _, to)| *to);
                assert_eq!(from.after(step).ok(), expected, "{from} then {step:?}");
            }
            assert_eq!(from.as_str().parse(), Ok(from));
        }
    }

    #[test]
    fn nothing_leaves_unknown_without_a_person() {
        for step in [
            Step::AttemptBegan,
            Step::Accepted,
            Step::Deferred,
            Step::Refused,
            Step::GaveUp,
        ] {
            assert!(State::Unknown.after(step).is_err());
        }
    }

    #[test]
    fn retries_grow_and_end() {
        let waits: Vec<_> = (1..).map_while(|n| retry_after(n, 0.0)).collect();
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        let sum: TimeDelta = waits.iter().sum();
        assert!(
            sum > TimeDelta::hours(48) && sum < TimeDelta::hours(72),
            "{sum}"
        );
        assert_eq!(retry_after(0, 0.0), None);
        assert_eq!(retry_after(1, 1.0), Some(TimeDelta::seconds(72)));
        assert_eq!(retry_after(1, 9.0), Some(TimeDelta::seconds(72)));
        assert_eq!(retry_after(u32::MAX, 0.5), None);
    }

    #[test]
    fn the_day_of_receipt_is_the_agencys_day() {
        // 2026-01-17 07:30 UTC is still Friday the 16th in Seattle, and Saturday the 17th in New York.
        let at = Utc.with_ymd_and_hms(2026, 1, 17, 7, 30, 0).unwrap();
        for (zone, day) in [
            (chrono_tz::America::Los_Angeles, 16),
            (chrono_tz::America::New_York, 17),
        ] {
            let sent = Sent::by_mail(
                LetterId::new(),
                DeliveryId::new(),
                at,
                Evidence::ServerAccepted {
                    reply: "250 OK".into(),
                },
                zone,
            );
            assert_eq!(
                sent.received_on(),
                NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
            );
        }
    }

    #[test]
    fn a_receipt_cannot_be_recorded_ahead() {
        let at = Utc.with_ymd_and_hms(2026, 1, 17, 7, 30, 0).unwrap();
        let zone = chrono_tz::America::Los_Angeles;
        let on = |day| {
            Sent::by_hand(
                LetterId::new(),
                Channel::Post,
                NaiveDate::from_ymd_opt(2026, 1, day).unwrap(),
                Evidence::CertifiedPost {
                    tracking: "9400".into(),
                },
                at,
                zone,
            )
            .map(|sent| sent.received_on())
        };
        assert!(on(16).is_ok());
        assert_eq!(on(17), Err(NotYet));
    }

    #[test]
    fn evidence_survives_its_columns_and_folder_mail_is_weakest() {
        for kind in Evidence::KINDS {
            let evidence = Evidence::from_parts(kind, "x").unwrap();
            assert_eq!(evidence.kind(), kind);
            assert_eq!(evidence.detail(), "x");
            assert!(evidence.plain().ends_with("(x)"), "{}", evidence.plain());
        }
        assert!(Evidence::from_parts("hearsay", "").is_err());
        let folder = Evidence::WrittenToFolder {
            file: "a.eml".into(),
        };
        let server = Evidence::ServerAccepted {
            reply: "250".into(),
        };
        assert!(folder.strength() < server.strength());
    }
}
