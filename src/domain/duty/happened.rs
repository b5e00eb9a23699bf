//! What can happen to a request that its clocks depend on: the words of the command line, of addresses and of the JSON.

use chrono::NaiveDate;
use serde::Serialize;

use crate::law::Ground;

/// What can move a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Sent,
    Acknowledged,
    /// The agency took more time, to the date it named if it named one.
    Extended {
        to: Option<NaiveDate>,
        /// Whether we had its notice; none where that is not said.
        noticed: Option<bool>,
    },
    /// The clock was stopped, on the ground given if one was.
    Paused {
        ground: Option<Ground>,
    },
    Resumed,
    ClarificationAsked,
    ClarificationAnswered,
    /// We asked for less; it answers a question that was open.
    Narrowed,
    FeeAsked,
    /// We accepted or contested a fee.
    FeeAnswered,
    Paid,
    /// The agency gave up all of the fee that it asked for.
    FeeWaived,
    /// With its question: the day by which the agency wants our answer.
    AnswerWanted {
        by: Option<NaiveDate>,
    },
    /// With its demand: the day by which the agency wants to be paid.
    PaymentWanted {
        by: Option<NaiveDate>,
    },
    ThirdPartyNotified,
    /// The formal request that follows an informal refusal.
    FormalRequest,
    /// The agency said what it will release.
    Determined,
    Denied,
    /// We received a denial, where that day differs from the day of the denial.
    DenialReceived,
    /// Some items were refused, or the agency closed the request, while others are open: our own time may run, and the
    /// agency still owes its answer.
    RefusedPart,
    /// Released in part, the rest refused.
    Partial,
    NoRecords,
    /// A part of the records came, and more is to follow.
    Instalment,
    Produced,
    RulingRequested,
    Appealed,
    AppealDecided,
    Complained,
    Sued,
    Closed,
}

impl EventKind {
    const PLAIN: [EventKind; 30] = [
        EventKind::Sent,
        EventKind::Acknowledged,
        EventKind::Extended {
            to: None,
            noticed: None,
        },
        EventKind::Paused { ground: None },
        EventKind::Resumed,
        EventKind::ClarificationAsked,
        EventKind::ClarificationAnswered,
        EventKind::Narrowed,
        EventKind::FeeAsked,
        EventKind::FeeAnswered,
        EventKind::Paid,
        EventKind::FeeWaived,
        EventKind::AnswerWanted { by: None },
        EventKind::PaymentWanted { by: None },
        EventKind::ThirdPartyNotified,
        EventKind::FormalRequest,
        EventKind::Determined,
        EventKind::Denied,
        EventKind::DenialReceived,
        EventKind::RefusedPart,
        EventKind::Partial,
        EventKind::NoRecords,
        EventKind::Instalment,
        EventKind::Produced,
        EventKind::RulingRequested,
        EventKind::Appealed,
        EventKind::AppealDecided,
        EventKind::Complained,
        EventKind::Sued,
        EventKind::Closed,
    ];

    /// The word of the command line and of the JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::Sent => "sent",
            EventKind::Acknowledged => "acknowledged",
            EventKind::Extended { .. } => "extended",
            EventKind::Paused { .. } => "paused",
            EventKind::Resumed => "resumed",
            EventKind::ClarificationAsked => "clarification_asked",
            EventKind::ClarificationAnswered => "clarification_answered",
            EventKind::Narrowed => "narrowed",
            EventKind::FeeAsked => "fee_asked",
            EventKind::FeeAnswered => "fee_answered",
            EventKind::Paid => "paid",
            EventKind::FeeWaived => "fee_waived",
            EventKind::AnswerWanted { .. } => "answer_wanted",
            EventKind::PaymentWanted { .. } => "payment_wanted",
            EventKind::ThirdPartyNotified => "third_party_notified",
            EventKind::FormalRequest => "formal_request",
            EventKind::Determined => "determined",
            EventKind::Denied => "denied",
            EventKind::DenialReceived => "denial_received",
            EventKind::RefusedPart => "refused_part",
            EventKind::Partial => "partial",
            EventKind::NoRecords => "no_records",
            EventKind::Instalment => "instalment",
            EventKind::Produced => "produced",
            EventKind::RulingRequested => "ruling_requested",
            EventKind::Appealed => "appealed",
            EventKind::AppealDecided => "appeal_decided",
            EventKind::Complained => "complained",
            EventKind::Sued => "sued",
            EventKind::Closed => "closed",
        }
    }

    /// As a list of happenings says it: "The agency acknowledged the request".
    pub fn plain(self) -> &'static str {
        match self {
            EventKind::Sent => "We sent the request",
            EventKind::Acknowledged => "The agency acknowledged the request",
            EventKind::Extended { .. } => "The agency took more time",
            EventKind::Paused { .. } => "The clock was stopped",
            EventKind::Resumed => "The clock runs again",
            EventKind::ClarificationAsked => "The agency asked us to clarify",
            EventKind::ClarificationAnswered => "We answered the agency's question",
            EventKind::Narrowed => "We narrowed the request",
            EventKind::FeeAsked => "The agency asked for a fee or deposit",
            EventKind::FeeAnswered => "We answered the fee estimate",
            EventKind::Paid => "We paid",
            EventKind::FeeWaived => "The agency waived the whole fee",
            EventKind::AnswerWanted { .. } => "The agency set a day for our answer",
            EventKind::PaymentWanted { .. } => "The agency set a day for our payment",
            EventKind::ThirdPartyNotified => "The agency notified a third party",
            EventKind::FormalRequest => "The agency received our formal request",
            EventKind::Determined => "The agency said what it will release",
            EventKind::Denied => "The agency denied the request",
            EventKind::DenialReceived => "We received the denial",
            EventKind::RefusedPart => "The agency refused some items, others are open",
            EventKind::Partial => "The agency released a part and refused the rest",
            EventKind::NoRecords => "The agency said it has no records",
            EventKind::Instalment => "A part of the records came, more to follow",
            EventKind::Produced => "The agency produced the records",
            EventKind::RulingRequested => "The agency asked for a ruling",
            EventKind::Appealed => "We appealed",
            EventKind::AppealDecided => "The appeal was decided",
            EventKind::Complained => "We filed a complaint",
            EventKind::Sued => "We went to court",
            EventKind::Closed => "The request was closed",
        }
    }

    /// Every word that [`EventKind::parse`] takes.
    pub fn words() -> Vec<&'static str> {
        Self::PLAIN.iter().map(|kind| kind.as_str()).collect()
    }

    /// The kind of that word, `extended` without a date and `paused` without a ground; hyphens pass for underscores.
    pub fn parse(word: &str) -> Option<EventKind> {
        let word = word.trim().to_ascii_lowercase().replace('-', "_");
        Self::PLAIN.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Reads `acknowledged=2026-01-20`, `extended=2026-01-20:2026-02-10` (the date it named; `:noticed` or
    /// `:unnoticed` after it says whether we had its notice) and
    /// `paused=2026-01-20:fee` (the ground) and `payment_wanted=2026-01-20:2026-02-10` (the day by which).
    ///
    /// # Errors
    /// What to write instead.
    pub fn read(text: &str) -> Result<(EventKind, NaiveDate), String> {
        let (word, days) = text
            .split_once('=')
            .ok_or("write it as acknowledged=2026-01-20")?;
        let kind = EventKind::parse(word)
            .ok_or_else(|| format!("“{word}” is not one of {}", EventKind::words().join(", ")))?;
        let day = |text: &str| {
            text.trim()
                .parse::<NaiveDate>()
                .map_err(|_| format!("“{text}” is not a day as in 2026-01-20"))
        };
        match (kind, days.split_once(':')) {
            (EventKind::Extended { .. }, Some((on, rest))) => {
                let (to, noticed) = match rest.split_once(':') {
                    None => (rest, None),
                    Some((to, "noticed")) => (to, Some(true)),
                    Some((to, "unnoticed")) => (to, Some(false)),
                    Some((_, word)) => {
                        return Err(format!("“{word}” is neither noticed nor unnoticed"));
                    }
                };
                let to = if to.is_empty() { None } else { Some(day(to)?) };
                Ok((EventKind::Extended { to, noticed }, day(on)?))
            }
            (EventKind::Paused { .. }, Some((on, ground))) => {
                let ground = Ground::parse(ground).ok_or_else(|| {
                    let known: Vec<_> = Ground::ALL.iter().map(|ground| ground.as_str()).collect();
                    format!("“{ground}” is not one of {}", known.join(", "))
                })?;
                Ok((
                    EventKind::Paused {
                        ground: Some(ground),
                    },
                    day(on)?,
                ))
            }
            (EventKind::AnswerWanted { .. }, Some((on, by))) => {
                Ok((EventKind::AnswerWanted { by: Some(day(by)?) }, day(on)?))
            }
            (EventKind::PaymentWanted { .. }, Some((on, by))) => {
                Ok((EventKind::PaymentWanted { by: Some(day(by)?) }, day(on)?))
            }
            (EventKind::AnswerWanted { .. } | EventKind::PaymentWanted { .. }, None) => Err(
                format!("say by when: {}=2026-01-20:2026-02-10", kind.as_str()),
            ),
            _ => Ok((kind, day(days)?)),
        }
    }

    /// As [`EventKind::read`] takes it.
    pub fn write(self, on: NaiveDate) -> String {
        let word = self.as_str();
        match self {
            EventKind::Extended { to, noticed } if to.is_some() || noticed.is_some() => {
                let to = to.map(|to| to.to_string()).unwrap_or_default();
                match noticed {
                    None => format!("{word}={on}:{to}"),
                    Some(true) => format!("{word}={on}:{to}:noticed"),
                    Some(false) => format!("{word}={on}:{to}:unnoticed"),
                }
            }
            EventKind::AnswerWanted { by: Some(by) }
            | EventKind::PaymentWanted { by: Some(by) } => {
                format!("{word}={on}:{by}")
            }
            EventKind::Paused {
                ground: Some(ground),
            } => format!("{word}={on}:{}", ground.as_str()),
            _ => format!("{word}={on}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for word in EventKind::words() {
            assert_eq!(EventKind::parse(word).map(EventKind::as_str), Some(word));
        }
        assert_eq!(EventKind::words().len(), 30);
        for text in [
            "extended=2026-01-20:2026-02-10",
            "extended=2026-01-20::unnoticed",
            "extended=2026-01-20:2026-02-10:noticed",
            "paused=2026-01-20:third_party",
            "paused=2026-01-20",
            "instalment=2026-01-20",
            "answer_wanted=2026-01-20:2026-02-10",
            "payment_wanted=2026-01-20:2026-02-10",
        ] {
            let (kind, on) = EventKind::read(text).expect(text);
            assert_eq!(kind.write(on), text);
        }
        for wrong in [
            "paused",
            "paused=soon",
            "paused=2026-01-20:rain",
            "slept=2026-01-20",
            "payment_wanted=2026-01-20",
            "payment_wanted=2026-01-20:soon",
        ] {
            assert!(EventKind::read(wrong).is_err(), "{wrong}");
        }
    }
}
