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
mod tests {
    use super::*;

    fn candidate(number: i32, contact: &str) -> Candidate {
        let sign = b"abcdefgh"[usize::try_from(number % 8).unwrap()];
        Candidate {
            request: RequestId::new(),
            agency: AgencyId::new(),
            number,
            token: ReplyToken::from_random([sign; 14]),
            sent_message_ids: vec![format!("letter-{number}@sundial.example")],
            tracking_numbers: vec![format!("R00{number:04}-2026")],
            contact_addresses: vec![contact.to_owned()],
            open: true,
        }
    }

    fn matched(request: RequestId, why: Why) -> Match {
        Match::Matched { request, why }
    }

    #[test]
    fn each_rule_and_their_order() {
        let alder = candidate(1, "records@alder.example");
        let birch = candidate(2, "records@birch.example");
        let both = [alder.clone(), birch.clone()];
        let to_birch = Incoming {
            tokens: vec![HeardToken::hear(birch.token.as_str()).unwrap()],
            ..Incoming::default()
        };
        assert_eq!(
            match_message(&to_birch, &both),
            matched(birch.request, Why::ReplyAddress)
        );

        // A clerk of Alder who forwards to Birch's address: the address says where it belongs.
        let crossed = Incoming {
            in_reply_to: vec!["letter-1@sundial.example".into()],
            from: Some("records@alder.example".into()),
            subject: "S-0001".into(),
            ..to_birch
        };
        assert_eq!(
            match_message(&crossed, &both),
            matched(birch.request, Why::ReplyAddress)
        );

        let answer = |edit: &dyn Fn(&mut Incoming)| {
            let mut message = Incoming::default();
            edit(&mut message);
            match_message(&message, &both)
        };
        assert_eq!(
            answer(&|m| m.in_reply_to = vec!["LETTER-1@sundial.example".into()]),
            matched(alder.request, Why::References)
        );
        assert_eq!(
            answer(&|m| {
                m.in_reply_to = vec!["letter-1@sundial.example".into()];
                m.references = vec!["letter-2@sundial.example".into()];
            }),
            matched(alder.request, Why::References)
        );
        assert_eq!(
            answer(&|m| m.text = "Your request (r000002-2026) was received.".into()),
            matched(birch.request, Why::TrackingNumber)
        );
        assert_eq!(answer(&|m| m.text = "R000002-20265".into()), Match::Unknown);
        assert_eq!(
            answer(&|m| m.from = Some("Records@Alder.example".into())),
            matched(alder.request, Why::Sender)
        );
        assert_eq!(
            answer(&|m| m.from = Some("sheriff@alder.example".into())),
            matched(alder.request, Why::SenderDomain)
        );
        assert_eq!(
            answer(&|m| m.from = Some("sheriff@mail.alder.example".into())),
            Match::Unknown
        );
        assert_eq!(
            answer(&|m| m.subject = "Re: Detainers [s\u{2013}0002]".into()),
            matched(birch.request, Why::Subject)
        );
        for subject in [
            "Re: PS-0002",
            "S-0002a",
            "S0002",
            "S-",
            "S-00029999999999999",
            "",
        ] {
            assert_eq!(
                answer(&|m| m.subject = subject.into()),
                Match::Unknown,
                "{subject}"
            );
        }
    }

    #[test]
    fn a_known_sender_with_two_open_requests_is_doubtful_until_something_narrows_it() {
        let first = candidate(1, "records@alder.example");
        let second = candidate(2, "records@alder.example");
        let both = [first.clone(), second.clone()];
        let mut message = Incoming {
            from: Some("records@alder.example".into()),
            ..Incoming::default()
        };
        assert_eq!(
            match_message(&message, &both),
            Match::Doubtful {
                candidates: vec![first.request, second.request],
                why: Why::Sender
            }
        );
        message.subject = "Re: S-0002".into();
        assert_eq!(
            match_message(&message, &both),
            matched(second.request, Why::Sender)
        );

        // One of them closed: the open one is meant. Both closed: a person looks.
        let mut closed = first.clone();
        closed.open = false;
        message.subject.clear();
        assert_eq!(
            match_message(&message, &[closed.clone(), second.clone()]),
            matched(second.request, Why::Sender)
        );
        assert_eq!(
            match_message(&message, &[closed.clone()]),
            Match::Doubtful {
                candidates: vec![closed.request],
                why: Why::Sender
            }
        );
        // But its own reply address finds it, closed or not.
        message.tokens = vec![HeardToken::hear(closed.token.as_str()).unwrap()];
        assert_eq!(
            match_message(&message, &[closed.clone(), second]),
            matched(closed.request, Why::ReplyAddress)
        );
    }

    #[test]
    fn same_reference_in_two_campaigns_is_doubtful() {
        let mine = candidate(7, "records@alder.example");
        let theirs = candidate(7, "records@birch.example");
        let message = Incoming {
            subject: "S-0007".into(),
            ..Incoming::default()
        };
        assert_eq!(
            match_message(&message, &[mine.clone(), theirs.clone()]),
            Match::Doubtful {
                candidates: vec![mine.request, theirs.request],
                why: Why::Subject
            }
        );
    }

    #[test]
    fn shared_domains_prove_nothing() {
        for shared in [
            "gmail.com",
            "GMAIL.com",
            "or.us",
            "co.or.us",
            "state.or.us",
            "wa.gov",
            "gov",
            "us",
            "com",
            "govqa.us",
            "alder.govqa.us",
            "alder.nextrequest.com",
            "comcast.net.",
        ] {
            assert!(is_shared_domain(shared), "{shared}");
        }
        for own in [
            "co.alder.or.us",
            "alder.or.us",
            "aldercounty.gov",
            "doc.wa.gov",
            "aldersheriff.example",
            "notgovqa.us.example",
        ] {
            assert!(!is_shared_domain(own), "{own}");
        }
        let alder = candidate(1, "clerk@gmail.com");
        let message = |from: &str| Incoming {
            from: Some(from.into()),
            ..Incoming::default()
        };
        assert_eq!(
            match_message(&message("other@gmail.com"), std::slice::from_ref(&alder)),
            Match::Unknown
        );
        // The very address of a contact is known, whatever its provider.
        assert_eq!(
            match_message(&message("clerk@gmail.com"), std::slice::from_ref(&alder)),
            matched(alder.request, Why::Sender)
        );
        let county = candidate(2, "records@co.alder.or.us");
        assert_eq!(
            match_message(&message("records@co.birch.or.us"), &[county]),
            Match::Unknown
        );
    }

    #[test]
    fn hostile_wording_does_not_trip_it() {
        let alder = candidate(1, "records@alder.example");
        for text in [
            "\u{0130}\u{0130}R000001-2026\u{0130}",
            "@",
            "a@",
            "@b",
            "S-\u{0661}",
        ] {
            let message = Incoming {
                from: Some(text.into()),
                subject: text.into(),
                text: text.into(),
                ..Incoming::default()
            };
            assert_eq!(
                match_message(&message, std::slice::from_ref(&alder)),
                Match::Unknown,
                "{text}"
            );
        }
    }
}
