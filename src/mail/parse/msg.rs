//! Outlook's `.msg` files. Read by `msg_parser`, which panics on some damaged ones: that is caught here, in a process
//! that may end anyway.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use mail_parser::{HeaderName, MessageParser};
use msg_parser::Outlook;

use super::names::{repair, unique};
use super::person::one_line;
use super::{
    MAX_ADDRESSES, MAX_TEXT_CHARS, NotMail, Parsed, Part, Person, html, ids, part, person,
};

/// The first bytes of every OLE file.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Whether these bytes may be a `.msg`.
pub fn is_msg(raw: &[u8]) -> bool {
    raw.starts_with(OLE)
}

/// Reads a `.msg`.
///
/// # Errors
/// [`NotMail::NoHeaders`] where it is another kind of OLE file or too damaged to be read.
pub fn parse(raw: &[u8], hash: &str) -> Result<Parsed, NotMail> {
    // The panic's own words go to the worker's standard error, which is only logged by its length.
    let read = std::panic::catch_unwind(|| Outlook::from_slice(raw));
    let Ok(Ok(outlook)) = read else {
        return Err(NotMail::NoHeaders);
    };
    let class = outlook.message_class.to_ascii_lowercase();
    if !class.is_empty() && !class.starts_with("ipm") && !class.starts_with("report") {
        return Err(NotMail::NoHeaders);
    }
    let mut problems = vec![
        "This came as an Outlook file (.msg). Where it still has them, it was read by its own headers.".to_owned(),
    ];
    let (text, from_html) = if outlook.body.trim().is_empty() {
        (html::as_text(&outlook.html), true)
    } else {
        (outlook.body.clone(), false)
    };
    let mut attachments = attachments(&outlook, &mut problems);
    let unwrapped = part::unwrap(&mut attachments, Vec::new(), &mut problems);
    let headers = format!("{}\r\n\r\n", outlook.headers.raw.trim());
    let envelope = MessageParser::default().parse(headers.as_bytes());
    let envelope = envelope
        .as_ref()
        .filter(|found| !found.headers().is_empty());
    let all = |header: HeaderName<'static>| envelope.map(|found| person::all(found, header));
    let own = |people: &[msg_parser::Person]| -> Vec<Person> {
        people
            .iter()
            .filter_map(of_outlook)
            .take(MAX_ADDRESSES)
            .collect()
    };
    let or_own = |found: Option<Vec<Person>>, people: &[msg_parser::Person]| {
        found
            .filter(|found| !found.is_empty())
            .unwrap_or_else(|| own(people))
    };
    let named =
        |header: HeaderName<'static>| envelope.map(|found| ids(found, header)).unwrap_or_default();
    let date = envelope
        .and_then(|found| found.date())
        .filter(|date| date.is_valid())
        .and_then(|date| DateTime::<Utc>::from_timestamp(date.to_timestamp(), 0));
    Ok(Parsed {
        message_id: named(HeaderName::MessageId)
            .into_iter()
            .next()
            .unwrap_or_else(|| format!("sha256.{}@no-message-id.invalid", &hash[..40])),
        from: all(HeaderName::From)
            .and_then(|found| found.into_iter().next())
            .or_else(|| of_outlook(&outlook.sender)),
        to: or_own(all(HeaderName::To), &outlook.to),
        cc: or_own(all(HeaderName::Cc), &outlook.cc),
        delivered_to: envelope.map(person::delivered_to).unwrap_or_default(),
        in_reply_to: named(HeaderName::InReplyTo),
        references: named(HeaderName::References),
        date,
        subject: one_line(&outlook.subject),
        text: part::tidy(&text).chars().take(MAX_TEXT_CHARS).collect(),
        text_from_html: from_html,
        auto_reply: envelope
            .is_some_and(|found| super::bounce::is_machine_made(found, &outlook.subject)),
        bounce: None,
        receipt: None,
        attachments,
        problems,
        html: Some(outlook.html.clone())
            .filter(|html| !html.trim().is_empty() && html.len() <= MAX_TEXT_CHARS),
        locked: unwrapped.locked,
    })
}

fn of_outlook(person: &msg_parser::Person) -> Option<Person> {
    let address = one_line(&person.email);
    // Inside one organisation Outlook keeps a directory's path in place of an address.
    let address = if address.contains('@') {
        address
    } else {
        return None;
    };
    let name = one_line(&person.name);
    Some(Person {
        name: (!name.is_empty() && name != address).then_some(name),
        address,
    })
}

fn attachments(outlook: &Outlook, problems: &mut Vec<String>) -> Vec<Part> {
    let mut taken = HashSet::new();
    let mut found = Vec::new();
    for (place, file) in outlook.attachments.iter().enumerate() {
        let written = [&file.long_file_name, &file.file_name, &file.display_name]
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .map(String::as_str);
        if file.payload_bytes.is_empty() {
            problems.push(format!(
                "Attachment {} of the Outlook file could not be taken out. Ask the sender for it, or save it in Outlook and add it as a document.",
                place + 1
            ));
            continue;
        }
        let media_type = part::clean_media_type(&file.mime_tag);
        let name = repair(written, place + 1, &media_type);
        found.push(Part {
            name: unique(name, &mut taken),
            media_type,
            bytes: file.payload_bytes.clone(),
            inline: !file.content_id.is_empty(),
            opened: false,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_outlook_message_is_said_so_and_nothing_panics() {
        assert!(!is_msg(b"From: a\r\n\r\n"));
        assert_eq!(parse(OLE, &"0".repeat(64)), Err(NotMail::NoHeaders));
        let mut noise = OLE.to_vec();
        let mut seed = 7_u64;
        for _ in 0..4_096 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            noise.push(seed.to_be_bytes()[0]);
        }
        for end in [8, 76, 512, 1_024, 4_000] {
            assert_eq!(
                parse(&noise[..end], &"0".repeat(64)),
                Err(NotMail::NoHeaders)
            );
        }
    }
}
