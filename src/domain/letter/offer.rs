//! Which letters make sense for a request as it stands: the best next one first, the others with the reason why not.
//!
//! Longer than 500 lines: one question, whether a letter fits, answered for every kind.

use super::kind::LetterKind;
use super::law::LetterLaw;
use super::occasion::Occasion;
use super::rules::Rule;
use crate::calendar::words::{counted, long};
use crate::domain::duty::{ClockState, DutyClock};
use crate::domain::event::ReplyKind;
use crate::domain::request::Items;
use crate::law::{Confidence, Waiver};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Whether a kind of letter fits, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It makes sense now. The highest rank is the best next one.
    Now { rank: u8, why: String },
    /// It does not: the reason, and what does.
    Refused {
        why: String,
        instead: Option<LetterKind>,
        /// A rule that would make it fit, if a person confirms it.
        confirm: Option<(String, String, String)>,
    },
}

/// One kind of letter, with its fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub kind: LetterKind,
    pub fit: Fit,
}

fn now(rank: u8, why: impl Into<String>) -> Fit {
    Fit::Now {
        rank,
        why: why.into(),
    }
}

fn no(why: impl Into<String>, instead: Option<LetterKind>) -> Fit {
    Fit::Refused {
        why: why.into(),
        instead,
        confirm: None,
    }
}

/// Every later letter, those that fit first, best first.
pub fn offers(
    law: &LetterLaw,
    occasion: &Occasion,
    confirmed: &BTreeSet<String>,
    today: NaiveDate,
) -> Vec<Offer> {
    let mut all: Vec<Offer> = LetterKind::ALL
        .into_iter()
        .filter(|kind| *kind != LetterKind::Request)
        .map(|kind| Offer {
            kind,
            fit: fit(kind, law, occasion, confirmed, today),
        })
        .collect();
    all.sort_by_key(|offer| match offer.fit {
        Fit::Now { rank, .. } => std::cmp::Reverse(i16::from(rank)),
        Fit::Refused { .. } => std::cmp::Reverse(-1),
    });
    all
}

/// Whether this kind of letter fits the request on `today`.
pub fn fit(
    kind: LetterKind,
    law: &LetterLaw,
    occasion: &Occasion,
    confirmed: &BTreeSet<String>,
    today: NaiveDate,
) -> Fit {
    if kind == LetterKind::Request {
        return no("A request is begun from its agency.", None);
    }
    if occasion.sent_on.is_none() {
        return no(
            "The request has not been sent yet: nothing can follow it.",
            None,
        );
    }
    if occasion.is_closed && kind != LetterKind::ThankYou {
        return no("The request is closed.", Some(LetterKind::ThankYou));
    }
    match kind {
        LetterKind::Request => no("A request is begun from its agency.", None),
        LetterKind::FollowUp => follow_up(occasion),
        LetterKind::OverdueNotice => overdue(law, occasion, confirmed),
        LetterKind::StatusEnquiry => status_enquiry(law, occasion, confirmed),
        LetterKind::FeeWaiver => fee_waiver(law, occasion, confirmed),
        LetterKind::FeeReply => match occasion.fee_open() {
            Some(said) => now(
                90,
                format!(
                    "The agency asked for a fee on {} and waits for an answer.",
                    long(said.on)
                ),
            ),
            None => no(
                "No fee is open: either none was asked, or it was answered.",
                None,
            ),
        },
        LetterKind::Clarification => match occasion.question_open() {
            Some(said) => now(
                92,
                format!(
                    "The agency asked a question on {} and waits for an answer.",
                    long(said.on)
                ),
            ),
            None if is_over(occasion) => no(
                "There is nothing left to narrow: the agency has answered.",
                None,
            ),
            None => now(
                20,
                "Nothing was asked, but an item can be made simpler at any time.",
            ),
        },
        LetterKind::ResponseCheck => match occasion.production() {
            Some(said) => now(
                75,
                format!(
                    "Records came on {}: say what is complete and what is not.",
                    long(said.on)
                ),
            ),
            None => no("No records have come yet.", None),
        },
        LetterKind::Reconsideration => match refused(occasion, today) {
            Some(why) if law.steps_for(LetterKind::Appeal).is_empty() => now(85, why),
            Some(why) => now(60, why),
            None => no("Nothing has been refused.", None),
        },
        LetterKind::Appeal => appeal(law, occasion, today),
        LetterKind::Complaint => complaint(law, occasion, today),
        LetterKind::Correction => now(
            3,
            "Only if something in a letter of ours is wrong: the sooner it is said, the better.",
        ),
        LetterKind::ThankYou => match occasion
            .replies
            .iter()
            .any(|said| said.what != ReplyKind::Other)
        {
            true if is_over(occasion) => now(50, "The agency has answered."),
            true => now(10, "The agency has written."),
            false => no("The agency has not answered yet.", None),
        },
    }
}

/// Answered in full, one way or the other.
fn is_over(occasion: &Occasion) -> bool {
    let mut items = Items::default();
    let mut over = false;
    for said in &occasion.replies {
        // A word on some items is no answer to the others.
        let meaning = items.take(said.what, said.on, &said.detail);
        over |= match meaning.whole {
            Some((ReplyKind::Produced | ReplyKind::Denied | ReplyKind::NoRecords, _)) => true,
            Some((ReplyKind::Partial, _)) => said.detail.is_part(),
            _ => false,
        };
    }
    over
}

fn follow_up(occasion: &Occasion) -> Fit {
    if is_over(occasion) {
        return no("The agency has answered.", None);
    }
    if let Some((kind, said)) = ours(occasion) {
        return no(said, Some(kind));
    }
    let before = occasion
        .letters
        .iter()
        .filter(|(kind, _)| *kind == LetterKind::FollowUp)
        .map(|(_, on)| *on)
        .max();
    if let Some(on) = before {
        return now(
            5,
            format!("One went out on {}; once is usually enough.", long(on)),
        );
    }
    if let Some(clock) = occasion.late().first() {
        return now(
            15,
            format!("{} An overdue notice says more.", clock.sentence),
        );
    }
    match occasion.running() {
        Some(clock) => now(40, clock.sentence.clone()),
        None => now(35, "No limit has passed."),
    }
}

/// The delay is ours: what has to be answered first, and why.
fn ours(occasion: &Occasion) -> Option<(LetterKind, String)> {
    if let Some(said) = occasion.fee_open() {
        return Some((
            LetterKind::FeeReply,
            format!(
                "The delay is ours: the agency asked for a fee on {} and has no answer.",
                long(said.on)
            ),
        ));
    }
    occasion.question_open().map(|said| {
        (
            LetterKind::Clarification,
            format!(
                "The delay is ours: the agency asked a question on {} and has no answer.",
                long(said.on)
            ),
        )
    })
}

/// Whether a letter may speak of a clock's rule.
fn is_sure(clock: &DutyClock, confirmed: &BTreeSet<String>) -> bool {
    clock.confidence > Confidence::Unverified || confirmed.contains(&clock_key(clock))
}

pub(super) fn clock_key(clock: &DutyClock) -> String {
    format!("duty:{}", clock.id)
}

/// The passed limit that a notice names: of the sure ones, the one that was due last.
pub(super) fn late_and_sure<'o>(
    occasion: &'o Occasion,
    confirmed: &BTreeSet<String>,
) -> Vec<&'o DutyClock> {
    occasion
        .late()
        .into_iter()
        .filter(|clock| is_sure(clock, confirmed))
        .collect()
}

fn overdue(law: &LetterLaw, occasion: &Occasion, confirmed: &BTreeSet<String>) -> Fit {
    if is_over(occasion) {
        return no("The agency has answered.", None);
    }
    if occasion.received.is_none() {
        return no(
            "Nothing shows that the agency has the letter, so no clock runs. Record the receipt, or ask whether it arrived.",
            Some(LetterKind::StatusEnquiry),
        );
    }
    if let Some((kind, why)) = ours(occasion) {
        return no(why, Some(kind));
    }
    if let Some(clock) = late_and_sure(occasion, confirmed).first() {
        return now(95, clock.sentence.clone());
    }
    if let Some(clock) = occasion.late().first() {
        return Fit::Refused {
            why: format!(
                "{} But that rule ({}) is not verified, so no notice may rest on it until somebody has looked it up.",
                clock.sentence, clock.citation
            ),
            instead: Some(LetterKind::StatusEnquiry),
            confirm: Some((clock_key(clock), clock.citation.clone(), clock.says.clone())),
        };
    }
    if let Some(clock) = occasion.running() {
        return no(
            format!("Nothing is overdue. {}", clock.sentence),
            Some(LetterKind::FollowUp),
        );
    }
    if paused(occasion) {
        return no(
            "The clock stands still by the law's own rule.",
            Some(LetterKind::FollowUp),
        );
    }
    no(
        format!(
            "The law of {} fixes no number of days that has passed, so nothing can be called overdue.",
            law.state
        ),
        Some(LetterKind::StatusEnquiry),
    )
}

fn paused(occasion: &Occasion) -> bool {
    occasion
        .clocks
        .iter()
        .any(|clock| !clock.ours && clock.state == ClockState::Paused)
}

fn status_enquiry(law: &LetterLaw, occasion: &Occasion, confirmed: &BTreeSet<String>) -> Fit {
    if is_over(occasion) {
        return no("The agency has answered.", None);
    }
    if let Some((kind, why)) = ours(occasion) {
        return no(why, Some(kind));
    }
    if occasion.received.is_none() {
        return now(80, "Nothing shows that the agency has the letter: ask.");
    }
    if let Some(clock) = late_and_sure(occasion, confirmed).first() {
        return no(
            format!("{} An overdue notice can say so.", clock.sentence),
            Some(LetterKind::OverdueNotice),
        );
    }
    if occasion.late().is_empty()
        && let Some(clock) = occasion.running()
    {
        return no(
            format!("A limit still runs. {}", clock.sentence),
            Some(LetterKind::FollowUp),
        );
    }
    now(
        70,
        format!(
            "The law of {} fixes no number of days for what is still to come, or none that is verified.",
            law.state
        ),
    )
}

fn fee_waiver(law: &LetterLaw, occasion: &Occasion, confirmed: &BTreeSet<String>) -> Fit {
    match law.waiver {
        Waiver::None => {
            return no(
                format!(
                    "The law of {} has no waiver. Ask for a lower fee or for inspection in a reply to the fee.",
                    law.state
                ),
                Some(LetterKind::FeeReply),
            );
        }
        Waiver::Indigent => {
            return no(
                format!(
                    "{} waives fees only for people who cannot pay ({}). Ask for a lower fee or for inspection.",
                    law.state, law.waiver_citation
                ),
                Some(LetterKind::FeeReply),
            );
        }
        Waiver::PublicInterest | Waiver::Discretionary => {}
    }
    if law.fees_confidence == Confidence::Unverified && !confirmed.contains("waiver") {
        return Fit::Refused {
            why: format!(
                "The waiver under {} is not verified, so no letter may rest on it until somebody has looked it up.",
                law.waiver_citation
            ),
            instead: Some(LetterKind::FeeReply),
            confirm: Some((
                "waiver".to_owned(),
                law.waiver_citation.clone(),
                format!("{}: {}.", law.state, law.waiver.plain().to_lowercase()),
            )),
        };
    }
    if is_over(occasion) && occasion.fee_open().is_none() {
        return no("The agency has answered, and no fee is open.", None);
    }
    match occasion.fee_open() {
        Some(said) => now(
            88,
            format!(
                "A fee was asked on {}; {} has a waiver.",
                long(said.on),
                law.state
            ),
        ),
        None => now(
            12,
            format!("No fee was asked yet; {} has a waiver.", law.state),
        ),
    }
}

/// Why there is something to appeal, if there is.
fn refused(occasion: &Occasion, today: NaiveDate) -> Option<String> {
    if let Some(said) = occasion.refusal() {
        return Some(format!("{} on {}.", said.what.plain(), long(said.on)));
    }
    occasion
        .denied_by_silence(today)
        .map(|from| format!("The law takes silence as a denial, since {}.", long(from)))
}

fn appeal(law: &LetterLaw, occasion: &Occasion, today: NaiveDate) -> Fit {
    let steps = law.steps_for(LetterKind::Appeal);
    let Some(why) = refused(occasion, today) else {
        return no(
            "Nothing has been refused, and silence is no denial here.",
            None,
        );
    };
    let Some((step, words)) = steps.first() else {
        let court = law
            .court()
            .map_or_else(|| "a court".to_owned(), |step| step.appeal.body.clone());
        let instead = if law.steps_for(LetterKind::Complaint).is_empty() {
            LetterKind::Reconsideration
        } else {
            LetterKind::Complaint
        };
        let other: String = (law.steps_for(LetterKind::Complaint).iter())
            .map(|(_, words)| {
                format!(
                    " The letter called complaint carries {} to {}.",
                    words.what, words.name
                )
            })
            .collect();
        return no(
            format!(
                "The law of {} has no appeal below a court ({court}). That is for counsel; the agency itself can be asked to reconsider.{other}",
                law.state
            ),
            Some(instead),
        );
    };
    let limit = step
        .file_by
        .as_ref()
        .and_then(|duty| occasion.clocks.iter().find(|clock| clock.id == duty.id))
        .and_then(|clock| clock.due_on);
    match limit {
        Some(due) if due < today => now(
            82,
            format!(
                "{why} By the earliest count the limit passed on {}: ask counsel whether it still helps.",
                long(due)
            ),
        ),
        Some(due) => {
            let days = (due - today).num_days();
            now(
                93,
                format!(
                    "{why} To {} by {}, {} from now.",
                    words.name,
                    long(due),
                    counted(days, "day")
                ),
            )
        }
        None => now(86, format!("{why} To {}; no limit is on file.", words.name)),
    }
}

fn complaint(law: &LetterLaw, occasion: &Occasion, today: NaiveDate) -> Fit {
    let steps = law.steps_for(LetterKind::Complaint);
    let Some((_, words)) = steps.first() else {
        return no(
            format!(
                "No ombudsman or counselor for records is on file for {}.",
                law.state
            ),
            None,
        );
    };
    match refused(occasion, today) {
        Some(_) if words.silence_only && occasion.refusal().is_some() => no(
            format!(
                "{} takes {} only where nothing was answered at all.",
                words.name, words.what
            ),
            Some(LetterKind::Appeal),
        ),
        Some(why) => now(72, format!("{why} To {}.", words.name)),
        None => match occasion.late().first() {
            Some(clock) => now(55, format!("{} To {}.", clock.sentence, words.name)),
            None => no("Nothing has been refused, and nothing is late.", None),
        },
    }
}

/// The rule of a clock, for the table of rules.
pub(super) fn clock_rule(clock: &DutyClock, file: &str, confirmed: &BTreeSet<String>) -> Rule {
    let key = clock_key(clock);
    Rule {
        place: format!("{file}, duty {}", clock.id),
        citation: super::law::plain_citation(&clock.citation),
        confidence: clock.confidence,
        says: clock.says.clone(),
        source: clock
            .sources
            .first()
            .map(|source| source.url.clone())
            .unwrap_or_default(),
        confirmed: confirmed.contains(&key),
        key,
    }
}
