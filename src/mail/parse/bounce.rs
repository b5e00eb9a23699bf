//! Mail that machines write: bounces (RFC 3464 and the plain-text kind), out-of-office notes and receipts.
//!
//! A bounce is called hard only where it says that the address is refused for good (5.x.x, "permanent"): a full mailbox,
//! a limit of size or a delay must never mark an agency's address as bad. Whether a server still tries is another matter:
//! "failed" with 4.x.x means that it tried for days and has stopped.

use std::sync::LazyLock;

use mail_parser::{HeaderName, Message, MessageParser};
use regex::Regex;

use super::{Bounce, BounceKind, Part, Person};

pub struct Found {
    pub bounce: Option<Bounce>,
    /// The Message-ID of the mail that bounced, from the copy that the notice carries.
    pub original_message_id: Option<String>,
}

static STATUS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b([245]\.\d{1,3}\.\d{1,3})\b").expect("a fixed pattern"));
static CODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)(?:^|[\s:;(])([45]\d\d)[ -]").expect("a fixed pattern"));
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
        None if is_from_mail_system(message, from, subject) => from_words(message, subject, text),
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
        let action = field("action").unwrap_or_default().to_ascii_lowercase();
        let status = field("status")
            .and_then(|status| STATUS.find(&status).map(|found| found.as_str().to_owned()));
        let kind = match action.as_str() {
            "failed" if refuses_the_address(status.as_deref()) => BounceKind::Hard,
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

/// Permanent, and about the address or the server, not about a full mailbox (5.2.2) or the size (5.2.3, 5.3.4).
fn refuses_the_address(status: Option<&str>) -> bool {
    status.is_some_and(|status| {
        status.starts_with('5') && !matches!(status, "5.2.2" | "5.2.3" | "5.3.4" | "552")
    })
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

fn from_words(message: &Message<'_>, subject: &str, text: &str) -> Option<Bounce> {
    // The notice stands before the copy of our own letter, whose words must not be read as the server's.
    let notice: String = text.chars().take(6_000).collect();
    let status = STATUS
        .captures_iter(&notice)
        .map(|found| found[1].to_owned())
        .find(|status| !status.starts_with('2'))
        .or_else(|| CODE.captures(&notice).map(|found| found[1].to_owned()));
    let words = format!("{subject}\n{notice}").to_lowercase();
    let waiting = [
        "delayed",
        "not yet been delivered",
        "will be retried",
        "will continue to try",
        "warning:",
    ]
    .iter()
    .any(|sign| words.contains(sign));
    let for_good = [
        "permanent error",
        "permanent failure",
        "permanent fatal error",
        "user unknown",
        "no such user",
        "does not exist",
    ]
    .iter()
    .any(|sign| words.contains(sign));
    let full = [
        "mailbox full",
        "mailbox is full",
        "over quota",
        "quota exceeded",
        "exceeded storage",
    ]
    .iter()
    .any(|sign| words.contains(sign));
    let kind = match status.as_deref() {
        Some(_) if refuses_the_address(status.as_deref()) && !waiting && !full => BounceKind::Hard,
        None if for_good && !waiting && !full => BounceKind::Hard,
        _ => BounceKind::Soft,
    };
    let recipient = header(message, "x-failed-recipients")
        .and_then(|named| ADDRESS.find(&named).map(|found| found.as_str().to_owned()))
        .or_else(|| {
            ADDRESS
                .find_iter(&notice)
                .map(|found| found.as_str().to_owned())
                .find(|address| {
                    let address = address.to_ascii_lowercase();
                    !address.starts_with("postmaster@") && !address.starts_with("mailer-daemon@")
                })
        });
    Some(Bounce {
        kind,
        recipient,
        status,
        gave_up: !waiting,
    })
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
            let copy = MessageParser::default().parse_headers(&part.bytes)?;
            copy.headers().first()?;
            copy.message_id().map(str::to_owned)
        })
        .or_else(|| ID_LINE.captures(text).map(|found| found[1].to_owned()))
}

/// Whether a machine wrote this: out-of-office notes, receipts, ticket systems, mailing software.
pub fn is_machine_made(message: &Message<'_>, subject: &str) -> bool {
    let says = |name: &str, test: &dyn Fn(&str) -> bool| {
        header(message, name).is_some_and(|value| test(value.trim().to_ascii_lowercase().as_str()))
    };
    let subject = subject.to_lowercase();
    says("auto-submitted", &|value| {
        !value.is_empty() && !value.starts_with("no")
    }) || says("x-autoreply", &|value| value != "no")
        || says("x-autorespond", &|_| true)
        || says("x-auto-response-suppress", &|value| value.contains("all"))
        || says("precedence", &|value| {
            value == "auto_reply" || value == "auto-reply"
        })
        || says("return-path", &|value| value == "<>")
        || [
            "automatic reply:",
            "auto reply:",
            "autoreply:",
            "auto:",
            "out of office",
            "out of the office",
        ]
        .iter()
        .any(|sign| subject.starts_with(sign))
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
