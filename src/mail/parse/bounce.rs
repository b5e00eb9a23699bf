//! Mail that machines write: bounces (RFC 3464 and the plain-text kind), out-of-office notes and receipts.
//!
//! A bounce is called hard only where it says that the address is refused for good (5.x.x, "permanent"): a full mailbox,
//! a limit of size or a delay must never mark an agency's address as bad. Whether a server still tries is another matter:
//! "failed" with 4.x.x means that it tried for days and has stopped.

use std::sync::LazyLock;

use mail_parser::{HeaderName, Message};
use regex::Regex;

use crate::domain::reply::portal_of;

use super::{Bounce, BounceKind, Part, Person, guard};

pub struct Found {
    pub bounce: Option<Bounce>,
    /// The Message-ID of the mail that bounced, from the copy that the notice carries.
    pub original_message_id: Option<String>,
}

static STATUS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b([245]\.\d{1,3}\.\d{1,3})\b").expect("a fixed pattern"));
static CODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)(?:^|[\s:;(])([45]\d\d)[ :-]").expect("a fixed pattern"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
        .expect("a fixed pattern")
});
static ID_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?im)^message-id:\s*<([^<>\s]{1,500})>").expect("a fixed pattern")
});

/// Looks for a bounce, first in the machine-readable part, then in the words.
pub fn find(
    message: &Message<'_>,
    from: Option<&Person>,
    subject: &str,
    text: &str,
    attachments: &[Part],
) -> Found {
    let report = attachments.iter().find(|part| {
        part.media_type == "message/delivery-status"
            || part.media_type == "message/global-delivery-status"
    });
    let bounce = match report {
        Some(report) => from_report(&String::from_utf8_lossy(&report.bytes)),
        None if is_from_mail_system(message, from, subject) => {
            let named = header(message, "x-failed-recipients")
                .and_then(|named| ADDRESS.find(&named).map(|found| found.as_str().to_owned()));
            Some(from_words(named, subject, text))
        }
        None => None,
    };
    let original_message_id = if bounce.is_some() || report.is_some() {
        original_id(text, attachments)
    } else {
        None
    };
    Found {
        bounce,
        original_message_id,
    }
}

/// Reads the fields of a delivery status (RFC 3464). A report that all went well is no bounce.
fn from_report(report: &str) -> Option<Bounce> {
    let report = report.replace("\r\n", "\n");
    let mut worst: Option<Bounce> = None;
    for group in report.split("\n\n") {
        let unfolded = group.replace("\n ", " ").replace("\n\t", " ");
        let field = |name: &str| {
            unfolded.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim()
                    .eq_ignore_ascii_case(name)
                    .then(|| value.trim().to_owned())
            })
        };
        // A remark may stand behind the word.
        let action = field("action").unwrap_or_default().to_ascii_lowercase();
        let action = action
            .split(|sign: char| !sign.is_ascii_alphabetic())
            .next()
            .unwrap_or_default();
        let said = field("diagnostic-code").unwrap_or_default();
        let status = field("status")
            .and_then(|status| STATUS.find(&status).map(|found| found.as_str().to_owned()))
            .or_else(|| status_in(&said));
        // "5.0.0" says only that it failed: what the other server said tells more.
        let full = has_any(&said.to_lowercase(), &FULL) || said.contains(" 552 ");
        let kind = match action {
            "failed" if refuses_the_address(status.as_deref()) && !full => BounceKind::Hard,
            "failed" | "delayed" => BounceKind::Soft,
            _ => continue,
        };
        let bounce = Bounce {
            kind,
            gave_up: action == "failed",
            recipient: field("final-recipient")
                .or_else(|| field("original-recipient"))
                .and_then(|recipient| {
                    let address = recipient.rsplit(';').next().unwrap_or_default();
                    let address = address.trim().trim_matches(['<', '>']).to_owned();
                    address.contains('@').then_some(address)
                }),
            status,
        };
        if kind == BounceKind::Hard {
            return Some(bounce);
        }
        if bounce.gave_up || worst.is_none() {
            worst = Some(bounce);
        }
    }
    worst
}

/// Permanent, and about the address or the server. Not about a full mailbox (5.2.2, which RFC 3463 calls a persistent
/// transient failure whatever its class), the size (5.2.3, 5.3.4) or the time that ran out (5.4.7): the letter did not
/// arrive, but nothing is wrong with the address.
fn refuses_the_address(status: Option<&str>) -> bool {
    status.is_some_and(|status| {
        status.starts_with('5') && !matches!(status, "5.2.2" | "5.2.3" | "5.3.4" | "5.4.7" | "552")
    })
}

/// The enhanced status in a text, or else the SMTP code; success is none.
fn status_in(text: &str) -> Option<String> {
    STATUS
        .captures_iter(text)
        .map(|found| found[1].to_owned())
        .find(|status| !status.starts_with('2'))
        .or_else(|| CODE.captures(text).map(|found| found[1].to_owned()))
}

const FULL: [&str; 6] = [
    "mailbox full",
    "mailbox is full",
    "over quota",
    "overquota",
    "quota exceeded",
    "exceeded storage",
];

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn is_from_mail_system(message: &Message<'_>, from: Option<&Person>, subject: &str) -> bool {
    let sender = from
        .map(|from| from.address.to_ascii_lowercase())
        .unwrap_or_default();
    let by_name = [
        "mailer-daemon@",
        "postmaster@",
        "mail-daemon@",
        "microsoftexchange",
    ]
    .iter()
    .any(|name| sender.starts_with(name));
    let failed_header = header(message, "x-failed-recipients").is_some();
    let subject = subject.to_lowercase();
    let by_subject = [
        "undeliverable",
        "undelivered mail",
        "mail delivery failed",
        "delivery status notification",
        "delivery failure",
        "failure notice",
        "returned mail",
        "delivery delayed",
        "warning: message",
        "delivery incomplete",
        "message delayed",
        "could not be delivered",
    ]
    .iter()
    .any(|words| subject.contains(words));
    failed_header || (by_name && by_subject)
}

/// Reads a notice that says in words only what happened. `named` is the recipient, where something else tells it.
pub fn from_words(named: Option<String>, subject: &str, text: &str) -> Bounce {
    // The notice stands before the copy of our own letter, whose words must not be read as the server's.
    let notice: String = text.chars().take(6_000).collect();
    let status = status_in(&notice);
    let words = format!("{subject}\n{notice}").to_lowercase();
    let waiting = [
        "delayed",
        "not yet been delivered",
        "will be retried",
        "will continue to try",
        "warning:",
    ];
    let waiting = has_any(&words, &waiting);
    let for_good = [
        "permanent error",
        "permanent failure",
        "permanent fatal error",
        "user unknown",
        "no such user",
        "does not exist",
        "unknown user",
        "domain name not found",
        "unrouteable address",
        "address not found",
        "mailbox not found",
        "recipient not found",
        "not a valid recipient",
        "no mailbox here",
    ];
    let for_good = has_any(&words, &for_good);
    let full = has_any(&words, &FULL);
    let kind = match status.as_deref() {
        Some(_) if refuses_the_address(status.as_deref()) && !waiting && !full => BounceKind::Hard,
        None if for_good && !waiting && !full => BounceKind::Hard,
        _ => BounceKind::Soft,
    };
    let recipient = named.or_else(|| {
        ADDRESS
            .find_iter(&notice)
            .map(|found| found.as_str().to_owned())
            .find(|address| {
                let address = address.to_ascii_lowercase();
                !address.starts_with("postmaster@") && !address.starts_with("mailer-daemon@")
            })
    });
    Bounce {
        kind,
        recipient,
        status,
        gave_up: !waiting,
    }
}

fn original_id(text: &str, attachments: &[Part]) -> Option<String> {
    attachments
        .iter()
        .filter(|part| {
            matches!(
                part.media_type.as_str(),
                "message/rfc822"
                    | "message/global"
                    | "text/rfc822-headers"
                    | "message/global-headers"
            )
        })
        .find_map(|part| {
            let copy = guard::parser().parse_headers(&part.bytes)?;
            copy.headers().first()?;
            copy.message_id().map(str::to_owned)
        })
        .or_else(|| ID_LINE.captures(text).map(|found| found[1].to_owned()))
}

/// Whether a machine wrote this: out-of-office notes, receipts, ticket systems, mailing software.
pub fn is_machine_made(
    message: &Message<'_>,
    from: Option<&Person>,
    subject: &str,
    text: &str,
) -> bool {
    let says = |name: &str, test: &dyn Fn(&str) -> bool| {
        header(message, name).is_some_and(|value| test(value.trim().to_ascii_lowercase().as_str()))
    };
    says("auto-submitted", &|value| {
        !value.is_empty() && !value.starts_with("no")
    }) || says("x-autoreply", &|value| value != "no")
        || says("x-autorespond", &|_| true)
        || says("x-auto-response-suppress", &|value| value.contains("all"))
        || says("precedence", &|value| {
            matches!(value, "auto_reply" | "auto-reply" | "junk")
        })
        || says("x-autogenerated", &|_| true)
        || says("x-mail-autoreply", &|_| true)
        || says("x-autoreply-from", &|_| true)
        || says("return-path", &|value| value == "<>")
        || has_machine_words(from, subject, text)
}

/// Subjects that mail programs write over what they answer by themselves, senders whose name says so, and words in which a
/// machine says that it is one. A person who writes "we received your request" is none. Where nobody can answer
/// (no-reply), or a portal writes, it is an automatic reply only if it says that the request came in: records and refusals
/// come from the same addresses.
pub fn has_machine_words(from: Option<&Person>, subject: &str, text: &str) -> bool {
    static LOCAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:auto[-_.]?(?:reply|respon[ds]\w*|mailer)|automated)\b")
            .expect("a fixed pattern")
    });
    static NO_ONE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:no|do-?_?\.?not|donot)[-_.]?reply\b").expect("a fixed pattern")
    });
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)^\s*(?:auto(?:matic|mated)?[- ]?(?:reply|response)\b|auto:|(?:respuesta|resposta) autom[aá]tica\b|r[eé]ponse automatique\b|automatische antwort\b|out of (?:the )?office\s*(?:$|[:\-–—(/]|re\b|auto|reply|until|from))|\bis out of the office \(returning\b|\(out of office\)",
        )
        .expect("a fixed pattern")
    });
    static TEXT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\bthis (?:is|message is|email is|e-mail is) an? (?:automat(?:ed|ic)|auto-?generated|automatically generated|system[- ]generated) (?:message|e-?mail|response|reply|notification|acknowledge?ment)\b",
        )
        .expect("a fixed pattern")
    });
    // What a person decided travels under the same remark: "This is an automated message, do not reply".
    static ANSWERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b(?:den(?:y|ied|ial)|exempt(?:ion)?|withh(?:old|eld)\w*|redact\w*|released?|produced|attached|enclosed|(?:is|are) (?:now )?(?:available|ready)|no (?:responsive )?records|invoice|deposit|estimated?|payment|fees?|extension|additional time|clarif\w+|closed)\b",
        )
        .expect("a fixed pattern")
    });
    static TAKEN_IN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?is)\brequest\b.{0,80}?\b(?:has been|was|is) (?:received|opened|submitted)\b|\bthank you for (?:submitting|your interest in public records)\b")
            .expect("a fixed pattern")
    });
    let (local, host) = from
        .and_then(|from| from.address.split_once('@'))
        .map_or((None, None), |(local, host)| (Some(local), Some(host)));
    // What is quoted below is somebody else's.
    let own: String = text
        .lines()
        .filter(|line| !line.starts_with('>'))
        .flat_map(|line| [line, "\n"])
        .collect::<String>()
        .chars()
        .take(3_000)
        .collect();
    let of_a_machine = local.is_some_and(|local| NO_ONE.is_match(local))
        || host.is_some_and(|host| portal_of(host).is_some());
    let taken_in = || TAKEN_IN.is_match(subject) || TAKEN_IN.is_match(&own);
    let answers = || ANSWERS.is_match(subject) || ANSWERS.is_match(&own);
    local.is_some_and(|local| LOCAL.is_match(local))
        || SUBJECT.is_match(subject)
        || (TEXT.is_match(&own) || of_a_machine && taken_in()) && !answers()
}

/// The first value of a header by its lower-case name, as written.
fn header(message: &Message<'_>, name: &str) -> Option<String> {
    // Names are compared as text: the parser knows some of these by enum and others not.
    message
        .headers()
        .iter()
        .find(|header| {
            let known = match &header.name {
                HeaderName::Other(other) => other.as_ref(),
                known => known.as_str(),
            };
            known.eq_ignore_ascii_case(name)
        })
        .and_then(|header| {
            let whole = message.raw_message.as_ref();
            let bytes = whole.get(header.offset_start as usize..header.offset_end as usize)?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine says that it is one; a person who acknowledges a request, or writes of machines, is none.
    #[test]
    fn machines_are_told_from_people() {
        for (address, subject, text, machine) in [
            ("dana@alder.example", "Automatic reply: Request", "", true),
            (
                "dana@alder.example",
                "Respuesta automática: Solicitud",
                "",
                true,
            ),
            ("dana@alder.example", "Out of Office Re: Request", "", true),
            ("dana@alder.example", "Out of the office", "", true),
            (
                "dana@alder.example",
                "Dana Sample is out of the office (returning 01/20/2026)",
                "",
                true,
            ),
            ("dana@alder.example", "AUTO: Dana Sample is away", "", true),
            (
                "no-reply@alder.example",
                "Your request",
                "Your request has been received.",
                true,
            ),
            (
                "auto-reply@alder.example",
                "Your request",
                "Received.",
                true,
            ),
            (
                "donotreply+42@alder.example",
                "Request 26-12 was opened",
                "",
                true,
            ),
            (
                "records@alder.example",
                "Request",
                "This is an automated message. We received your request.",
                true,
            ),
            (
                "alder@mycusthelp.net",
                "Request :: R000123",
                "Your request has been received.",
                true,
            ),
            (
                "messages@nextrequest.com",
                "[Alder] Your request #26-12 has been opened.",
                "",
                true,
            ),
            // What the same machines carry from people.
            (
                "no-reply@nextrequest.com",
                "[Alder] Request 26-12: documents released",
                "Three documents were released.",
                false,
            ),
            (
                "donotreply@alder.example",
                "Request 26-12",
                "Your request is denied under RCW 42.56.240.",
                false,
            ),
            (
                "records@alder.example",
                "Request 26-12",
                "Your request is closed. This is an automated message, please do not reply.",
                false,
            ),
            (
                "no-reply@alder.example",
                "Request 26-12",
                "Your request was received on January 5. There are no responsive records.",
                false,
            ),
            // People.
            (
                "dana@alder.example",
                "RE: Request",
                "We received your request and will answer by Friday.",
                false,
            ),
            (
                "dana@alder.example",
                "Request received",
                "Your request was received. Dana",
                false,
            ),
            (
                "dana@alder.example",
                "Out of the office supplies budget",
                "Attached.",
                false,
            ),
            (
                "dana@alder.example",
                "Out-of-state detainers",
                "Attached.",
                false,
            ),
            (
                "dana@alder.example",
                "Auto theft records",
                "Attached.",
                false,
            ),
            (
                "dana@alder.example",
                "RE: x",
                "Sent.\n> This is an automated message.",
                false,
            ),
            ("noreplyson@alder.example", "RE: x", "Sent.", false),
            (
                "alder@mycusthelp.net",
                "Request :: R000123",
                "Your request is denied under section 7.",
                false,
            ),
        ] {
            let from = Person {
                name: None,
                address: address.to_owned(),
            };
            assert_eq!(
                has_machine_words(Some(&from), subject, text),
                machine,
                "{address} {subject} {text}"
            );
        }
    }
}
