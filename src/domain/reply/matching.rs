//! Which request a message belongs to, and why we think so.
//!
//! Rules in order: reply address, the mail it answers, the agency's tracking number, a sender known for the agency,
//! our reference in the subject. The first rule that points at one request decides; one that points at several is
//! narrowed by the later ones; what stays doubtful, or contradicts itself, waits for a person. A request's state never
//! matters for the strong rules: a late reply to a closed request still belongs to it.

use serde::{Deserialize, Serialize};

use super::number::{folded_number, numbers_in_text};
use super::sender::{county_of, is_shared_address, organisation};
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
    /// The agency's county and state, where it is a county's: "Alder", "OR".
    pub county: Option<(String, String)>,
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
    /// Its domain names the agency's county by its form. A hint, never more.
    County,
    Subject,
}

impl Why {
    pub const ALL: [Why; 7] = [
        Why::ReplyAddress,
        Why::References,
        Why::TrackingNumber,
        Why::Sender,
        Why::SenderDomain,
        Why::County,
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
            Why::County => "county",
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
            Why::County => "the sender's mail domain names this agency's county",
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
    let their_numbers = message.numbers();
    let from = message.from.as_deref().map(bare);
    let whose = message.organisation();
    let county = message.county();

    let knows_address: Rule<'_> = &|candidate| {
        from.as_deref().is_some_and(|from| {
            !is_shared_address(from)
                && candidate
                    .contact_addresses
                    .iter()
                    .any(|contact| bare(contact) == from)
        })
    };
    let knows_domain: Rule<'_> = &|candidate| {
        whose.as_deref().is_some_and(|whose| {
            candidate.contact_addresses.iter().any(|contact| {
                domain_of(&bare(contact))
                    .and_then(|domain| organisation(&domain))
                    .as_deref()
                    == Some(whose)
            })
        })
    };
    let rules: [(Why, Rule<'_>); 8] = [
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
                .filter_map(|number| folded_number(number))
                .any(|number| their_numbers.contains(&number))
        }),
        (Why::Sender, knows_address),
        (Why::SenderDomain, knows_domain),
        (Why::County, &|candidate| {
            county.as_ref().is_some_and(|(county, state)| {
                candidate.county.as_ref().is_some_and(|(own, own_state)| {
                    own.eq_ignore_ascii_case(county) && own_state.eq_ignore_ascii_case(state)
                })
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
            // A sender alone, with nothing open there, is a hint and no proof; so is a county's name.
            [one]
                if why != Why::County && (!by_sender || one.open)
                    || doubt.is_some_and(|why| !is_sender(why) && why != Why::County) =>
            {
                let against: Vec<&Candidate> = match (doubt, why) {
                    (None, Why::TrackingNumber) => candidates
                        .iter()
                        .filter(|other| knows_address(other) || knows_domain(other))
                        .collect(),
                    (None, Why::Sender | Why::SenderDomain) => candidates
                        .iter()
                        .filter(|other| subject_numbers.contains(&other.number))
                        .collect(),
                    _ => Vec::new(),
                };
                // Another agency's sender with this agency's number, or a known sender who names another request.
                let at_odds = match why {
                    Why::TrackingNumber => {
                        !against.is_empty()
                            && against.iter().all(|other| other.agency != one.agency)
                    }
                    _ => {
                        !against.is_empty()
                            && against.iter().all(|other| other.request != one.request)
                    }
                };
                if at_odds {
                    let mut both = vec![one.request];
                    both.extend(against.iter().map(|other| other.request));
                    return Match::Doubtful {
                        candidates: both,
                        why,
                    };
                }
                let why = doubt.filter(|why| *why != Why::County).unwrap_or(why);
                return Match::Matched {
                    request: one.request,
                    why,
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

impl Incoming {
    /// Every number in it that could be an agency's own.
    pub fn numbers(&self) -> std::collections::BTreeSet<String> {
        let mut all = numbers_in_text(&self.subject);
        all.extend(numbers_in_text(&self.text));
        all
    }

    /// The sender's address as it is compared.
    pub fn address(&self) -> Option<String> {
        self.from.as_deref().map(bare)
    }

    /// The organisation that the sender's domain belongs to.
    pub fn organisation(&self) -> Option<String> {
        self.address()
            .as_deref()
            .and_then(domain_of)
            .and_then(|domain| organisation(&domain))
    }

    /// The county that the sender's domain names by its form, with its state.
    pub fn county(&self) -> Option<(String, String)> {
        self.address()
            .as_deref()
            .and_then(domain_of)
            .and_then(|domain| county_of(&domain))
    }

    /// Numbers of our references in the subject.
    pub fn our_numbers(&self) -> Vec<i32> {
        numbers_in(&self.subject)
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

#[cfg(test)]
mod tests;
