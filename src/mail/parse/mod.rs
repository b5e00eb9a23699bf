//! Reading a message that anyone on earth may have made: raw bytes → [`Parsed`], a plain value.
//!
//! Mail-parser does the reading; this module guards it (size, nesting, part count), mends what it finds (charsets,
//! names, cut-off parts) and turns it into plain text and named files. In the running program it is called in the
//! worker process only, like everything that opens an uploaded file. Not here: matching, storing.

mod archive;
mod bounce;
mod bundle;
mod carry;
mod date;
mod guard;
mod html;
mod msg;
mod names;
mod outlook;
mod packed;
mod part;
mod person;
mod receipt;
mod rtf;
mod tnef;
mod uuencode;
mod words;

pub use receipt::{Receipt, ReceiptKind};

pub use bundle::messages as messages_of;
pub use carry::{Split, from_worker, in_worker, split_from_worker, split_in_worker};
pub(in crate::mail) use part::bytes_of;

use chrono::{DateTime, Utc};
use mail_parser::{HeaderName, HeaderValue, Message};
use serde::{Deserialize, Serialize};

use crate::domain::approval::sha256_hex;

/// More than any mail server lets through (Exchange Online: 150 MB is the ceiling, 25 to 35 MB usual).
pub const MAX_BYTES: usize = 160 * 1024 * 1024;
/// Text beyond this is cut; the raw message keeps it.
const MAX_TEXT_CHARS: usize = 2_000_000;
/// Some offices write to all the county at once.
const MAX_ADDRESSES: usize = 20_000;
/// Message-IDs and notes of the way, each compared with all before it.
const MAX_NOTES: usize = 500;
const MAX_PARTS: usize = 2_000;

/// A message as plain data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parsed {
    /// Without angle brackets. Where the message has none: made from its SHA-256, ending in `@no-message-id.invalid`.
    pub message_id: String,
    pub from: Option<Person>,
    pub to: Vec<Person>,
    pub cc: Vec<Person>,
    /// Bare addresses that servers on the way noted as the one delivered to.
    pub delivered_to: Vec<String>,
    /// Message-IDs without angle brackets.
    pub in_reply_to: Vec<String>,
    /// Message-IDs without angle brackets; of a bounce also the one of the mail that bounced.
    pub references: Vec<String>,
    /// The sender's date, if it can be read. It is the sender's word, not the time of arrival.
    pub date: Option<DateTime<Utc>>,
    pub subject: String,
    /// Plain text with `\n` line ends and no control signs. HTML-only messages are turned into text.
    pub text: String,
    pub text_from_html: bool,
    /// Written by a machine: an out-of-office note, a receipt, a ticket system. Never an answer by itself.
    pub auto_reply: bool,
    pub bounce: Option<Bounce>,
    /// A machine's word that a mail of ours is there.
    #[serde(default)]
    pub receipt: Option<Receipt>,
    pub attachments: Vec<Part>,
    /// What had to be mended or left out, in plain sentences.
    pub problems: Vec<String>,
    /// The body as HTML, where the sender laid one out.
    #[serde(default)]
    pub html: Option<String>,
    /// Names of files that cannot be opened without a password.
    #[serde(default)]
    pub locked: Vec<String>,
}

/// A name and an address as a header gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: Option<String>,
    /// Bare, lower-case domain not enforced; as written. Empty where an Outlook file knows the name alone.
    pub address: String,
}

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) if self.address.is_empty() => f.write_str(name),
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => f.write_str(&self.address),
        }
    }
}

/// A notice that a mail of ours did not arrive, or not yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounce {
    pub kind: BounceKind,
    pub recipient: Option<String>,
    /// Enhanced status (RFC 3463), "5.1.1" for instance, or a bare SMTP code.
    pub status: Option<String>,
    /// No server tries on: it will not arrive. A delay is no such thing.
    #[serde(default)]
    pub gave_up: bool,
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BounceKind {
    /// The address or the server refuses for good (5.x.x).
    Hard,
    /// Full mailbox, greylisting, a server that is down: says nothing about the address.
    Soft,
}

/// An attached file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Safe as a file name: no path, no control or direction signs, never empty, unique in the message.
    pub name: String,
    /// As the sender declared it, lower case; `application/octet-stream` where it is missing.
    pub media_type: String,
    #[serde(with = "as_base64")]
    pub bytes: Vec<u8>,
    /// Shown within the text (a logo, a signature), rather than attached on purpose.
    pub inline: bool,
    /// A wrapping whose content stands beside it: an archive, Outlook's winmail.dat.
    #[serde(default)]
    pub opened: bool,
}

/// A message that cannot be read as mail. Its raw bytes are kept all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMail {
    #[error(
        "The message is empty. Ask the sender to send it again, or upload the .eml file once more."
    )]
    Empty,
    #[error(
        "The message is larger than {} MB. Save its attachments from your mail program and upload them one by one.",
        MAX_BYTES / 1024 / 1024
    )]
    TooLarge,
    #[error(
        "The message is built in a way that no mail program builds one ({what}), so it was not opened. Its raw bytes are kept. Ask the sender to send the files another way."
    )]
    Tangled { what: &'static str },
    #[error(
        "The file has no mail headers. Save the message from your mail program as .eml and upload that file."
    )]
    NoHeaders,
    #[error(
        "The file is no Outlook message, or it is damaged. Save the message in Outlook once more, or forward it to the campaign's address."
    )]
    NotOutlook,
}

/// Reads one message. Takes no longer and no more memory than a small multiple of its size allows.
pub fn parse(raw: &[u8]) -> Result<Parsed, NotMail> {
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(NotMail::Empty);
    }
    if raw.len() > MAX_BYTES {
        return Err(NotMail::TooLarge);
    }
    let hash = sha256_hex(raw);
    if msg::is_msg(raw) {
        return msg::parse(raw, &hash);
    }
    let raw = guard::from_the_first_header(raw);
    let raw = raw.as_ref();
    let flat = guard::flatten(raw)?;
    let message = guard::parser()
        .parse(flat.as_ref())
        .ok_or(NotMail::NoHeaders)?;
    if message.headers().is_empty() || !guard::looks_like_mail(&message) {
        return Err(NotMail::NoHeaders);
    }
    if message.parts.len() > MAX_PARTS {
        return Err(NotMail::Tangled {
            what: "more than two thousand parts",
        });
    }
    Ok(read(&message, raw, &hash))
}

impl Parsed {
    /// The message as `sundial mail inspect --json` prints it: a contract, so fields are only ever added.
    pub fn inspection(&self) -> serde_json::Value {
        let persons = |list: &[Person]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        serde_json::json!({
            "message_id": self.message_id,
            "from": self.from.as_ref().map(ToString::to_string),
            "to": persons(&self.to),
            "cc": persons(&self.cc),
            "delivered_to": self.delivered_to,
            "in_reply_to": self.in_reply_to,
            "references": self.references,
            "date": self.date.map(|date| date.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            "subject": self.subject,
            "text": self.text,
            "text_from_html": self.text_from_html,
            "auto_reply": self.auto_reply,
            "bounce": self.bounce.as_ref().map(|bounce| serde_json::json!({
                "kind": bounce.kind,
                "recipient": bounce.recipient,
                "status": bounce.status,
            })),
            "attachments": self.attachments.iter().map(|part| serde_json::json!({
                "name": part.name,
                "media_type": part.media_type,
                "bytes": part.bytes.len(),
                "sha256": sha256_hex(&part.bytes),
                "inline": part.inline,
                "opened": part.opened,
            })).collect::<Vec<_>>(),
            "problems": self.problems,
        })
    }
}

fn read(message: &Message<'_>, raw: &[u8], hash: &str) -> Parsed {
    let mut problems = Vec::new();
    let body = part::body_text(message, raw, &mut problems);
    let mut attachments = part::attachments(message, raw, &body.parts, &mut problems);
    let unwrapped = part::unwrap(&mut attachments, body.files, &mut problems);
    let (mut text, mut text_from_html) = (body.text, body.from_html);
    if text.trim().is_empty() {
        (text, text_from_html) = unwrapped.text;
    }
    let html = part::body_html(message, raw).or(unwrapped.html);
    let subject = person::subject(message);
    let from = person::all(message, HeaderName::From)
        .into_iter()
        .next()
        .or_else(|| person::all(message, HeaderName::Sender).into_iter().next());
    let machine_made = bounce::is_machine_made(message, from.as_ref(), &subject, &text);
    let found = bounce::find(message, from.as_ref(), &subject, &text, &attachments);
    let receipt = match found.bounce {
        None => receipt::find(&attachments, found.original_message_id.as_deref()),
        Some(_) => None,
    };
    let mut references = ids(message, HeaderName::References);
    if let Some(id) = found.original_message_id {
        references.push(id);
    }
    Parsed {
        message_id: ids(message, HeaderName::MessageId)
            .into_iter()
            .next()
            .unwrap_or_else(|| format!("sha256.{}@no-message-id.invalid", &hash[..40])),
        from,
        to: person::all(message, HeaderName::To),
        cc: person::all(message, HeaderName::Cc),
        delivered_to: person::delivered_to(message),
        in_reply_to: ids(message, HeaderName::InReplyTo),
        references,
        date: person::date(message),
        subject,
        text,
        text_from_html,
        auto_reply: machine_made || found.bounce.is_some() || receipt.is_some(),
        bounce: found.bounce,
        receipt,
        attachments,
        problems,
        html,
        locked: unwrapped.locked,
    }
}

/// Message-IDs of a header, without brackets and blanks.
fn ids(message: &Message<'_>, header: HeaderName<'static>) -> Vec<String> {
    let mut found = Vec::new();
    for value in message.header_values(header) {
        let texts: Vec<&str> = match value {
            HeaderValue::Text(text) => vec![text],
            HeaderValue::TextList(list) => list.iter().map(AsRef::as_ref).collect(),
            _ => Vec::new(),
        };
        for text in texts {
            let id: String = text
                .chars()
                .filter(|sign| {
                    !sign.is_whitespace() && !sign.is_control() && !matches!(sign, '<' | '>')
                })
                .take(500)
                .collect();
            if !id.is_empty() && found.len() < MAX_NOTES && !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

/// Bytes travel from the worker process as base64 within JSON.
mod as_base64 {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
