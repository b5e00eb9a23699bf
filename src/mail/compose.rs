//! Writing mail: an approved letter, or a notice of our own (reminder, invitation), as RFC 5322 bytes.
//!
//! A [`Composed`] can be made in three ways only: from an [`Approved`] letter, from stored bytes that still say
//! exactly what was approved, or as a notice. So nothing unapproved reaches `send` under an agency's address.
//! Text is sent as plain text with `format=flowed` (RFC 3676): short lines that read well everywhere, and joined
//! again they are the approved text to the letter. No HTML, no tracking, no reader's name in our headers.
//! Not here: handing over (`send`).
//!
//! Longer than 500 lines, with its tests: every way in which bytes of ours come about stands in one place.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use mail_parser::MessageParser;

use super::sign::Signer;
use crate::domain::approval::{Approved, EnclosureSource, HasText, sha256_hex};
use crate::domain::ids::DeliveryId;
use crate::mail::flow::{flow, tidy, unflow};
use crate::mail::parse::bytes_of;

/// Where a letter goes and where answers shall come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressing {
    /// The campaign's name, as the agency sees it.
    pub sender_name: String,
    /// The request's own reply address; bounces come there as well.
    pub reply_address: String,
    /// The office or person written to.
    pub recipient_name: Option<String>,
    pub recipient: String,
    /// From [`message_id`]; the same at every attempt.
    pub message_id: String,
    /// The moment at which the letter was queued; the same at every attempt.
    pub date: DateTime<Utc>,
    /// Message-ID of the mail that this one follows up, without angle brackets.
    pub in_reply_to: Option<String>,
}

/// A notice that the program itself writes to its own people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub sender_name: String,
    pub sender: String,
    pub recipient: String,
    pub subject: String,
    pub text: String,
    /// Without angle brackets, derived from what the notice is about, so that a second attempt has the same.
    pub message_id: String,
    pub date: DateTime<Utc>,
}

/// A finished message with its envelope.
#[derive(Clone, Debug)]
pub struct Composed {
    from: String,
    to: String,
    message_id: String,
    bytes: Vec<u8>,
    /// Still to be signed; none where it was taken up from bytes, which are never touched.
    unsigned: Option<Box<Message>>,
}

impl PartialEq for Composed {
    fn eq(&self, other: &Composed) -> bool {
        (&self.from, &self.to, &self.message_id, &self.bytes)
            == (&other.from, &other.to, &other.message_id, &other.bytes)
    }
}

impl Eq for Composed {}

/// A file that goes along, with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosed {
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl Composed {
    /// The envelope's sender, to whom bounces go.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// The envelope's recipient.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// Without angle brackets.
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// The whole message with CRLF line ends, ASCII only.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same message with a signature. One that was taken up from stored bytes keeps them as they are.
    pub fn signed(mut self, signer: &Signer) -> Composed {
        if let Some(mut message) = self.unsigned.take() {
            signer.sign(&mut message);
            self.bytes = message.formatted();
        }
        self
    }

    pub(super) fn is_unsigned(&self) -> bool {
        self.unsigned.is_some()
    }
}

/// Why a message cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotCompose {
    #[error(
        "\"{address}\" is no e-mail address that mail can be sent to. Correct it and try again."
    )]
    Address { address: String },
    #[error("The letter has no text. Write it and send it to counsel first.")]
    Empty,
    #[error(
        "The stored message no longer says exactly what counsel approved, so it was not sent. Queue the letter again."
    )]
    NotWhatWasApproved,
    #[error(
        "The message could not be put into mail format ({why}). Check its subject and text for odd characters."
    )]
    Format { why: String },
}

/// The Message-ID of a delivery, without angle brackets: made from the outbox row, so each retry has the same.
pub fn message_id(delivery: DeliveryId, reply_address: &str) -> String {
    format!("letter.{delivery}@{}", domain_of(reply_address))
}

/// The Message-ID of a notice, without angle brackets: made from its effect's key.
pub fn notice_message_id(effect_key: &str, sender: &str) -> String {
    let hash = crate::domain::approval::sha256_hex(effect_key.as_bytes());
    format!("notice.{}@{}", &hash[..32], domain_of(sender))
}

fn domain_of(address: &str) -> &str {
    match address.rsplit_once('@') {
        Some((_, domain)) if !domain.is_empty() => domain,
        _ => "localhost.localdomain",
    }
}

/// Writes an approved letter as mail, with no file.
pub fn letter<T: HasText>(
    letter: &Approved<T>,
    addressing: &Addressing,
) -> Result<Composed, CannotCompose> {
    letter_with(letter, addressing, &[])
}

/// Writes an approved letter as mail with the files that go along.
pub fn letter_with<T: HasText>(
    letter: &Approved<T>,
    addressing: &Addressing,
    enclosed: &[Enclosed],
) -> Result<Composed, CannotCompose> {
    let text = letter.get();
    if text.body().trim().is_empty() {
        return Err(CannotCompose::Empty);
    }
    let reply = mailbox(Some(&addressing.sender_name), &addressing.reply_address)?;
    let recipient = mailbox(addressing.recipient_name.as_deref(), &addressing.recipient)?;
    let mut builder = Message::builder()
        .from(reply.clone())
        .reply_to(reply)
        .to(recipient)
        .subject(one_line(text.subject()));
    if let Some(earlier) = &addressing.in_reply_to {
        let earlier = format!("<{earlier}>");
        builder = builder.in_reply_to(earlier.clone()).references(earlier);
    }
    finish(
        builder,
        text.body(),
        enclosed,
        addressing.date,
        &addressing.message_id,
        (&addressing.reply_address, &addressing.recipient),
    )
}

/// Takes up bytes that [`letter_with`] made earlier and that were stored since. `own_paper` is the hash of the letter's
/// own paper, where that goes along.
///
/// # Errors
/// [`CannotCompose::NotWhatWasApproved`] when subject, text, files or Message-ID in the bytes are not those of the
/// approved letter.
pub fn stored<T: HasText>(
    letter: &Approved<T>,
    bytes: Vec<u8>,
    message_id: &str,
    reply_address: &str,
    recipient: &str,
    own_paper: Option<&str>,
) -> Result<Composed, CannotCompose> {
    let along: Vec<String> = letter
        .get()
        .enclosures()
        .into_iter()
        .map(|file| match file.from {
            EnclosureSource::OwnPaper => own_paper.unwrap_or_default().to_owned(),
            _ => file.sha256,
        })
        .collect();
    let same = MessageParser::default().parse(&bytes).is_some_and(|kept| {
        kept.subject().unwrap_or_default() == one_line(letter.get().subject())
            && kept.message_id() == Some(message_id)
            && kept
                .body_text(0)
                .is_some_and(|text| unflow(&text) == tidy(letter.get().body()))
            && kept
                .attachments()
                .map(|file| sha256_hex(&bytes_of(file, &bytes).unwrap_or_else(|cut| cut)))
                .eq(along)
    });
    if !same {
        return Err(CannotCompose::NotWhatWasApproved);
    }
    Ok(Composed {
        from: reply_address.to_owned(),
        to: recipient.to_owned(),
        message_id: message_id.to_owned(),
        bytes,
        unsigned: None,
    })
}

/// Writes a notice. It is marked as made by a machine, so that no out-of-office note answers it (RFC 3834).
pub fn notice(notice: &Notice) -> Result<Composed, CannotCompose> {
    let builder = Message::builder()
        .from(mailbox(Some(&notice.sender_name), &notice.sender)?)
        .to(mailbox(None, &notice.recipient)?)
        .subject(one_line(&notice.subject))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    finish(
        builder,
        &notice.text,
        &[],
        notice.date,
        &notice.message_id,
        (&notice.sender, &notice.recipient),
    )
}

/// A notice in two forms, plain text and simple HTML, of the kind that comes round: with a link to what one can choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulletin {
    pub notice: Notice,
    pub html: String,
    /// Where its reader says what comes and what does not.
    pub settings_url: String,
}

/// Writes a bulletin as multipart/alternative with the headers of a list (RFC 2919, RFC 2369).
pub fn bulletin(bulletin: &Bulletin) -> Result<Composed, CannotCompose> {
    let notice = &bulletin.notice;
    let raw = |name: &'static str, value: String| {
        HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
    };
    // A header has no room for anything but what an address is made of.
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|sign| sign.is_ascii_graphic() && !matches!(sign, '<' | '>'))
            .collect()
    };
    let format = |why: String| CannotCompose::Format { why };
    let flowed = ContentType::parse("text/plain; charset=utf-8; format=flowed")
        .map_err(|error| format(error.to_string()))?;
    let html = ContentType::parse("text/html; charset=utf-8")
        .map_err(|error| format(error.to_string()))?;
    let parts = MultiPart::alternative()
        .singlepart(
            SinglePart::builder()
                .header(flowed)
                .body(flow(&notice.text)),
        )
        .singlepart(
            SinglePart::builder()
                .header(html)
                .body(bulletin.html.clone()),
        );
    let message = Message::builder()
        .from(mailbox(Some(&notice.sender_name), &notice.sender)?)
        .to(mailbox(None, &notice.recipient)?)
        .subject(one_line(&notice.subject))
        .date(SystemTime::from(notice.date))
        .message_id(Some(format!("<{}>", notice.message_id)))
        .raw_header(raw("Auto-Submitted", "auto-generated".to_owned()))
        .raw_header(raw(
            "List-Id",
            format!("<morning.{}>", plain(domain_of(&notice.sender))),
        ))
        .raw_header(raw(
            "List-Unsubscribe",
            format!("<{}>", plain(&bulletin.settings_url)),
        ))
        .multipart(parts)
        .map_err(|error| format(error.to_string()))?;
    Ok(Composed {
        from: notice.sender.trim().to_owned(),
        to: notice.recipient.trim().to_owned(),
        message_id: notice.message_id.clone(),
        bytes: message.formatted(),
        unsigned: Some(Box::new(message)),
    })
}

fn finish(
    builder: MessageBuilder,
    text: &str,
    enclosed: &[Enclosed],
    date: DateTime<Utc>,
    message_id: &str,
    (from, to): (&str, &str),
) -> Result<Composed, CannotCompose> {
    let format = |why: String| CannotCompose::Format { why };
    let flowed = ContentType::parse("text/plain; charset=utf-8; format=flowed")
        .map_err(|error| format(error.to_string()))?;
    let builder = builder
        .date(SystemTime::from(date))
        .message_id(Some(format!("<{message_id}>")));
    let text = SinglePart::builder().header(flowed).body(flow(text));
    let message = if enclosed.is_empty() {
        builder.singlepart(text)
    } else {
        let mut parts = MultiPart::mixed().singlepart(text);
        for file in enclosed {
            let kind = ContentType::parse(&file.media_type)
                .or_else(|_| ContentType::parse("application/octet-stream"))
                .map_err(|error| format(error.to_string()))?;
            // Always base64: a line end within a file must not be changed on the way.
            let body = Body::new_with_encoding(file.bytes.clone(), ContentTransferEncoding::Base64)
                .map_err(|_| format("a file could not be encoded".to_owned()))?;
            parts = parts.singlepart(Attachment::new(one_line(&file.name)).body(body, kind));
        }
        builder.multipart(parts)
    }
    .map_err(|error| format(error.to_string()))?;
    Ok(Composed {
        from: from.trim().to_owned(),
        to: to.trim().to_owned(),
        message_id: message_id.to_owned(),
        bytes: message.formatted(),
        unsigned: Some(Box::new(message)),
    })
}

fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, CannotCompose> {
    let parsed: Address = address.trim().parse().map_err(|_| CannotCompose::Address {
        address: address.trim().to_owned(),
    })?;
    // Without SMTPUTF8 along the whole way, only ASCII addresses arrive.
    if !address.is_ascii() {
        return Err(CannotCompose::Address {
            address: address.trim().to_owned(),
        });
    }
    Ok(Mailbox::new(
        name.map(one_line).filter(|name| !name.is_empty()),
        parsed,
    ))
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::{Approval, Decision, Enclosure, LetterText};
    use crate::domain::ids::{LetterId, UserId};
    use chrono::TimeZone;

    const BODY: &str = "Records Officer\nAlder County Sheriff\n\nDear Records Officer:\n\nUnder the Public Records Act I request the following records for the period from 1 January 2025 to 31 December 2025, in their native format where one exists:\n\n1. Records sufficient to show the number of immigration detainers (form I-247A) received in each month.\n   From this item leave out names.\n\n> not a quotation\n  – “Señor” is spelt so.\nhttps://records.example/a/very/long/address/that/cannot/be/broken/anywhere/because/it/has/no/blanks/at/all\n\nSincerely,\nRosa Example\n";

    fn approved(subject: &str, body: &str) -> Approved<LetterText> {
        let text = LetterText {
            letter: LetterId::new(),
            subject: subject.into(),
            body: body.into(),
        };
        let approval = Approval {
            letter: text.letter,
            sha256: text.sha256(),
            decision: Decision::Approved,
            comment: String::new(),
            by: UserId::new(),
            at: DateTime::UNIX_EPOCH,
        };
        Approved::confirm(text.clone(), &text.sha256(), &approval).unwrap()
    }

    fn addressing() -> Addressing {
        Addressing {
            sender_name: "Alder Welcome Campaign".into(),
            reply_address: "records+abcdefghijkmn2@campaign.example".into(),
            recipient_name: Some("Alder County Sheriff, Records".into()),
            recipient: "records@alder.example".into(),
            message_id: message_id(
                DeliveryId("6f1c1b54-6f0f-4a3c-8a7e-2f6f4d0e9b11".parse().unwrap()),
                "records+abcdefghijkmn2@campaign.example",
            ),
            date: Utc.with_ymd_and_hms(2026, 1, 15, 17, 30, 0).unwrap(),
            in_reply_to: None,
        }
    }

    #[test]
    fn a_letter_as_it_goes_out() {
        let mail = letter(
            &approved("Public Records Act request: detainers (S-0042)", BODY),
            &addressing(),
        )
        .unwrap();
        assert!(mail.bytes().is_ascii());
        insta::assert_snapshot!(
            String::from_utf8(mail.bytes().to_vec())
                .unwrap()
                .replace("\r\n", "\n")
        );
        assert_eq!(mail.from(), "records+abcdefghijkmn2@campaign.example");
        assert_eq!(mail.to(), "records@alder.example");
    }

    #[test]
    fn the_same_letter_is_the_same_bytes_at_every_attempt() {
        let text = approved("Détention", BODY);
        assert_eq!(letter(&text, &addressing()), letter(&text, &addressing()));
    }

    #[test]
    fn stored_bytes_pass_only_while_they_say_what_was_approved() {
        let text = approved("Detainers — März", BODY);
        let mail = letter(&text, &addressing()).unwrap();
        let again = |text: &Approved<LetterText>, bytes: &[u8], id: &str| {
            stored(text, bytes.to_vec(), id, mail.from(), mail.to(), None)
        };
        assert_eq!(
            again(&text, mail.bytes(), mail.message_id()),
            Ok(mail.clone())
        );
        let changed = String::from_utf8(mail.bytes().to_vec())
            .unwrap()
            .replace("Rosa", "Rose");
        for (text, bytes, id) in [
            (
                &approved("Detainers — März", &BODY.replace("2025", "2024")),
                mail.bytes(),
                mail.message_id(),
            ),
            (
                &approved("Detainees", BODY),
                mail.bytes(),
                mail.message_id(),
            ),
            (&text, changed.as_bytes(), mail.message_id()),
            (&text, mail.bytes(), "another@campaign.example"),
            (&text, b"".as_slice(), mail.message_id()),
        ] {
            assert_eq!(
                again(text, bytes, id),
                Err(CannotCompose::NotWhatWasApproved)
            );
        }
    }

    /// A letter with files along.
    struct With(LetterText, Vec<Enclosure>);

    impl HasText for With {
        fn letter(&self) -> LetterId {
            self.0.letter
        }
        fn subject(&self) -> &str {
            &self.0.subject
        }
        fn body(&self) -> &str {
            &self.0.body
        }
        fn enclosures(&self) -> Vec<Enclosure> {
            self.1.clone()
        }
    }

    #[test]
    fn files_along_are_compared_by_their_bytes_whatever_their_letters() {
        let files: Vec<Enclosed> = [
            (
                "latin1.txt",
                "text/plain",
                b"Se\xf1or, r\xe9ponse\r\n".to_vec(),
            ),
            (
                "blocks.csv",
                "text/csv; charset=windows-1252",
                b"a,\x93b\x94\n".to_vec(),
            ),
            ("page.html", "text/html", b"<p>\xff\xfe\n".to_vec()),
            ("bytes.pdf", "application/pdf", (0..=255).collect()),
        ]
        .into_iter()
        .map(|(name, media_type, bytes)| Enclosed {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            bytes,
        })
        .collect();
        let along = |files: &[Enclosed]| {
            let text = approved("Files", BODY).get().clone();
            let enclosures = files
                .iter()
                .map(|file| Enclosure {
                    name: file.name.clone(),
                    media_type: file.media_type.clone(),
                    bytes: file.bytes.len() as u64,
                    sha256: sha256_hex(&file.bytes),
                    from: EnclosureSource::Letter(text.letter),
                })
                .collect();
            let with = With(text, enclosures);
            let approval = Approval {
                letter: with.letter(),
                sha256: with.sha256(),
                decision: Decision::Approved,
                comment: String::new(),
                by: UserId::new(),
                at: DateTime::UNIX_EPOCH,
            };
            let own = with.sha256();
            Approved::confirm(with, &own, &approval).unwrap()
        };
        let mail = letter_with(&along(&files), &addressing(), &files).unwrap();
        let again = |text: &Approved<With>| {
            let id = mail.message_id();
            stored(
                text,
                mail.bytes().to_vec(),
                id,
                mail.from(),
                mail.to(),
                None,
            )
        };
        assert!(again(&along(&files)).is_ok());
        for at in 0..files.len() {
            let mut others = files.clone();
            others[at].bytes[0] ^= 1;
            assert_eq!(
                again(&along(&others)),
                Err(CannotCompose::NotWhatWasApproved),
                "{}",
                files[at].name
            );
        }
    }

    #[test]
    fn a_notice_says_that_a_machine_wrote_it() {
        let mail = notice(&Notice {
            sender_name: "Sundial".into(),
            sender: "sundial@campaign.example".into(),
            recipient: "rosa@campaign.example".into(),
            subject: "A date is near: S-0042".into(),
            text: "Hello\n".into(),
            message_id: notice_message_id("remind:1", "sundial@campaign.example"),
            date: Utc.with_ymd_and_hms(2026, 1, 15, 17, 30, 0).unwrap(),
        })
        .unwrap();
        let text = String::from_utf8(mail.bytes().to_vec()).unwrap();
        assert!(
            text.contains("Auto-Submitted: auto-generated\r\n"),
            "{text}"
        );
    }

    #[test]
    fn a_bulletin_is_two_forms_of_one_text_with_the_headers_of_a_list() {
        let mail = bulletin(&Bulletin {
            notice: Notice {
                sender_name: "Sundial".into(),
                sender: "sundial@campaign.example".into(),
                recipient: "rosa@campaign.example".into(),
                subject: "Sundial, Tue 20 Jan 2026: 1 to do now".into(),
                text: "Hello Señora\n".into(),
                message_id: notice_message_id("morning:1", "sundial@campaign.example"),
                date: Utc.with_ymd_and_hms(2026, 1, 20, 16, 0, 0).unwrap(),
            },
            html: "<p>Hello <b>Señora</b></p>".into(),
            settings_url: "https://x.example/settings/reminders\r\nBcc: a@b".into(),
        })
        .unwrap();
        let text = String::from_utf8(mail.bytes().to_vec()).unwrap();
        for header in [
            "Auto-Submitted: auto-generated\r\n",
            "List-Id: <morning.campaign.example>\r\n",
            "List-Unsubscribe: <https://x.example/settings/reminders",
            "multipart/alternative",
        ] {
            assert!(text.contains(header), "{header} is missing: {text}");
        }
        assert!(!text.contains("\r\nBcc"), "{text}");
        let read = MessageParser::default()
            .parse(mail.bytes())
            .expect("it is mail");
        assert_eq!(
            read.body_text(0).as_deref().map(str::trim),
            Some("Hello Señora")
        );
        assert_eq!(
            read.body_html(0).as_deref(),
            Some("<p>Hello <b>Señora</b></p>")
        );
    }

    #[test]
    fn nothing_slips_into_the_headers() {
        let mut to = addressing();
        to.sender_name = "Alder\r\nBcc: everyone@alder.example".into();
        let mail = letter(&approved("Hello\r\nBcc: x@alder.example", BODY), &to).unwrap();
        let text = String::from_utf8(mail.bytes().to_vec()).unwrap();
        assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
        for wrong in [
            "",
            "clerk",
            "clerk@",
            "a b@alder.example",
            "a@b\r\nRCPT TO:<c@d>",
            "señor@alder.example",
        ] {
            to.recipient = wrong.into();
            assert!(
                matches!(
                    letter(&approved("Hello", BODY), &to),
                    Err(CannotCompose::Address { .. })
                ),
                "{wrong}"
            );
        }
        assert_eq!(
            letter(&approved("Hello", " \n "), &addressing()),
            Err(CannotCompose::Empty)
        );
    }
}
