//! Which request a message belongs to, and why we think so.
//!
//! Rules in order: reply address, the mail it answers, the agency's tracking number, a sender known for the agency,
//! our reference in the subject. The first rule that points at one request decides; one that points at several is
//! narrowed by the later ones; what stays doubtful waits for a person. A request's state never matters for the
//! strong rules: a late reply to a closed request still belongs to it. Imports `ids` only.

use serde::{Deserialize, Serialize};

use super::token::{HeardToken, ReplyToken};
use crate::domain::ids::{AgencyId, RequestId};

/// What matching needs to know of a message that came in.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// Tokens heard in To, Cc, Delivered-To and the like.
    pub tokens: Vec<HeardToken>,
    /// Message-IDs of In-Reply-To, without angle brackets.
    pub in_reply_to: Vec<String>,
    /// Message-IDs of References (and of a mail quoted by a bounce), without angle brackets.
    pub references: Vec<String>,
    /// The sender's bare address.
    pub from: Option<String>,
    pub subject: String,
    pub text: String,
}

/// What matching needs to know of a request that a message may belong to.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub request: RequestId,
    pub agency: AgencyId,
    /// The request's number in its campaign: 42 is "S-0042".
    pub number: i32,
    pub token: ReplyToken,
    /// Message-IDs of what we sent, without angle brackets.
    pub sent_message_ids: Vec<String>,
    /// The agency's own numbers for this request.
    pub tracking_numbers: Vec<String>,
    /// Bare e-mail addresses of the agency's contacts.
    pub contact_addresses: Vec<String>,
    /// Whether an answer is still awaited.
    pub open: bool,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    ReplyAddress,
    References,
    TrackingNumber,
    Sender,
    SenderDomain,
    Subject,
}

impl Why {
    pub const ALL: [Why; 6] = [
        Why::ReplyAddress,
        Why::References,
        Why::TrackingNumber,
        Why::Sender,
        Why::SenderDomain,
        Why::Subject,
    ];

    pub fn parse(text: &str) -> Option<Why> {
        Why::ALL.into_iter().find(|why| why.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Why::ReplyAddress => "reply_address",
            Why::References => "references",
            Why::TrackingNumber => "tracking_number",
            Why::Sender => "sender",
            Why::SenderDomain => "sender_domain",
            Why::Subject => "subject",
        }
    }

    /// Completes "Filed here because …".
    pub fn plain(self) -> &'static str {
        match self {
            Why::ReplyAddress => "it was addressed to this request's own reply address",
            Why::References => "it answers a letter of this request",
            Why::TrackingNumber => "it carries the agency's tracking number for this request",
            Why::Sender => {
                "the sender is a known contact of this agency, and only this request is open there"
            }
            Why::SenderDomain => {
                "the sender writes from this agency's mail domain, and only this request is open there"
            }
            Why::Subject => "its subject carries this request's reference",
        }
    }
}

/// The verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    Matched {
        request: RequestId,
        why: Why,
    },
    /// Several may be meant, or one that no strong rule supports: a person chooses.
    Doubtful {
        candidates: Vec<RequestId>,
        why: Why,
    },
    Unknown,
}

/// Our reference as letters carry it: 42 is "S-0042".
pub fn reference(number: i32) -> String {
    format!("S-{number:04}")
}

/// Finds the request that `message` belongs to.
pub fn match_message(message: &Incoming, candidates: &[Candidate]) -> Match {
    let mut pool: Vec<&Candidate> = candidates.iter().collect();
    let mut doubt: Option<Why> = None;
    let subject_numbers = numbers_in(&message.subject);
    let wording = format!("{}\n{}", message.subject, message.text).to_lowercase();
    let from = message.from.as_deref().map(bare);
    let domain = from
        .as_deref()
        .and_then(domain_of)
        .filter(|domain| !is_shared_domain(domain));

    let rules: [(Why, Rule<'_>); 7] = [
        (Why::ReplyAddress, &|candidate| {
            message
                .tokens
                .iter()
                .any(|heard| heard.could_be(&candidate.token))
        }),
        // In-Reply-To names one letter, References the whole thread: the closer one first.
        (Why::References, &|candidate| {
            any_of(&message.in_reply_to, &candidate.sent_message_ids)
        }),
        (Why::References, &|candidate| {
            any_of(&message.references, &candidate.sent_message_ids)
        }),
        (Why::TrackingNumber, &|candidate| {
            candidate
                .tracking_numbers
                .iter()
                .any(|number| carries(&wording, number))
        }),
        (Why::Sender, &|candidate| {
            from.as_deref().is_some_and(|from| {
                candidate
                    .contact_addresses
                    .iter()
                    .any(|contact| bare(contact) == from)
            })
        }),
        (Why::SenderDomain, &|candidate| {
            domain.as_deref().is_some_and(|domain| {
                candidate
                    .contact_addresses
                    .iter()
                    .any(|contact| domain_of(&bare(contact)).as_deref() == Some(domain))
            })
        }),
        (Why::Subject, &|candidate| {
            subject_numbers.contains(&candidate.number)
        }),
    ];

    for (why, hits) in rules {
        let mut found: Vec<&Candidate> = pool.iter().copied().filter(|c| hits(c)).collect();
        let by_sender = is_sender(why);
        if by_sender && found.iter().any(|candidate| candidate.open) {
            found.retain(|candidate| candidate.open);
        }
        match found[..] {
            [] => {}
            // A sender alone, with nothing open there, is a hint and no proof.
            [one] if !by_sender || one.open || doubt.is_some_and(|why| !is_sender(why)) => {
                return Match::Matched {
                    request: one.request,
                    why: doubt.unwrap_or(why),
                };
            }
            _ => {
                pool = found;
                doubt = doubt.or(Some(why));
            }
        }
    }
    match doubt {
        Some(why) => Match::Doubtful {
            candidates: pool.iter().map(|candidate| candidate.request).collect(),
            why,
        },
        None => Match::Unknown,
    }
}

/// Whether a candidate fits by one rule.
type Rule<'a> = &'a dyn Fn(&Candidate) -> bool;

fn is_sender(why: Why) -> bool {
    matches!(why, Why::Sender | Why::SenderDomain)
}

fn any_of(ids: &[String], ours: &[String]) -> bool {
    ids.iter()
        .any(|id| ours.iter().any(|our| our.eq_ignore_ascii_case(id)))
}

fn bare(address: &str) -> String {
    address.trim().to_lowercase()
}

fn domain_of(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then(|| domain.trim_end_matches('.').to_owned())
}

/// Whether lower-cased `wording` carries `number` as a word of its own. Short or digitless numbers prove nothing.
fn carries(wording: &str, number: &str) -> bool {
    let number = number.trim().to_lowercase();
    if number.chars().count() < 5 || !number.contains(|sign: char| sign.is_ascii_digit()) {
        return false;
    }
    wording.match_indices(&number).any(|(at, found)| {
        let before = wording[..at].chars().next_back();
        let after = wording[at + found.len()..].chars().next();
        let word = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
        !word(before) && !word(after)
    })
}

/// The numbers of our references ("S-0042", "s-42") in a subject.
fn numbers_in(subject: &str) -> Vec<i32> {
    let signs: Vec<char> = subject.chars().collect();
    let mut numbers = Vec::new();
    for at in 0..signs.len() {
        let starts = signs[at].eq_ignore_ascii_case(&'s')
            && (at == 0 || !signs[at - 1].is_alphanumeric())
            && signs
                .get(at + 1)
                // Mail programs like to turn a hyphen into a dash.
                .is_some_and(|sign| matches!(sign, '-' | '\u{2010}' | '\u{2011}' | '\u{2013}'));
        if !starts {
            continue;
        }
        let digits: String = signs[at + 2..]
            .iter()
            .take_while(|sign| sign.is_ascii_digit())
            .collect();
        let ends = signs
            .get(at + 2 + digits.len())
            .is_none_or(|sign| !sign.is_alphanumeric());
        // Only digits too many for a number of ours fail to parse.
        if let (true, Ok(number)) = (ends, digits.parse()) {
            numbers.push(number);
        }
    }
    numbers
}

/// Whether mail from `domain` says nothing about which agency wrote: public mail providers, portal vendors that
/// serve hundreds of agencies, and bare suffixes such as `or.us`, `co.or.us` or `wa.gov`.
pub fn is_shared_domain(domain: &str) -> bool {
    const PROVIDERS: [&str; 36] = [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "ymail.com",
        "rocketmail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "gmx.com",
        "gmx.net",
        "mail.com",
        "zoho.com",
        "fastmail.com",
        "yandex.com",
        "comcast.net",
        "xfinity.com",
        "att.net",
        "sbcglobal.net",
        "bellsouth.net",
        "verizon.net",
        "charter.net",
        "spectrum.net",
        "cox.net",
        "earthlink.net",
        "juno.com",
        "centurylink.net",
        "frontier.com",
        "windstream.net",
    ];
    const VENDORS: [&str; 12] = [
        "govqa.us",
        "govqa.com",
        "mycusthelp.com",
        "mycusthelp.net",
        "nextrequest.com",
        "justfoia.com",
        "muckrock.com",
        "granicus.com",
        "govdelivery.com",
        "civicplus.com",
        "onmicrosoft.com",
        "sharepointonline.com",
    ];
    let domain = domain.trim().trim_end_matches('.').to_ascii_lowercase();
    if PROVIDERS.contains(&domain.as_str()) {
        return true;
    }
    if VENDORS
        .iter()
        .any(|vendor| domain == *vendor || domain.ends_with(&format!(".{vendor}")))
    {
        return true;
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let is_state = |label: &str| label.len() == 2 && label.bytes().all(|b| b.is_ascii_alphabetic());
    match labels[..] {
        [_] => true,
        [state, "us" | "gov"] => is_state(state),
        [
            "co" | "ci" | "state" | "county" | "city" | "k12" | "lib" | "cc" | "gen" | "dst",
            state,
            "us",
        ] => is_state(state),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
