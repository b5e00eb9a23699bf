//! The text of a message and its files, mended where the sender's program or the way was careless.

use std::collections::HashSet;

use encoding_rs::WINDOWS_1252;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders, PartType};

use super::html::as_text;
use super::names::{is_deceptive, repair, unique};
use super::{MAX_TEXT_CHARS, Part, archive, guard, tnef, uuencode};

/// The readable text of a message.
pub struct Body {
    pub text: String,
    /// It had to be made from HTML.
    pub from_html: bool,
    /// Files that stood in the text itself.
    pub files: Vec<uuencode::Found>,
}

/// The readable text, without the files that old programs write into it.
pub fn body_text(message: &Message<'_>, raw: &[u8], problems: &mut Vec<String>) -> Body {
    let mut pieces = Vec::new();
    let mut files = Vec::new();
    let mut from_html = false;
    for part in message.text_body.iter().filter_map(|id| message.part(*id)) {
        match &part.body {
            PartType::Text(_) => {
                let (text, found) = uuencode::take_out(&text_of(part, raw));
                pieces.push(text);
                files.extend(found);
            }
            PartType::Html(_) => {
                from_html = true;
                pieces.push(as_text(&text_of(part, raw)));
            }
            _ => {}
        }
    }
    // "Your mail program cannot show HTML" and nothing else: the HTML holds the letter.
    if pieces.iter().all(|piece| piece.trim().is_empty()) {
        for part in message.html_body.iter().filter_map(|id| message.part(*id)) {
            if let PartType::Html(_) = &part.body {
                from_html = true;
                pieces.push(as_text(&text_of(part, raw)));
            }
        }
    }
    let text = tidy(&guard::unrename(&pieces.join("\n\n")));
    if text.chars().count() > MAX_TEXT_CHARS {
        problems.push(
            "The text is longer than two million signs and is shown cut; the message itself is kept whole.".to_owned(),
        );
        return Body {
            text: text.chars().take(MAX_TEXT_CHARS).collect(),
            from_html,
            files,
        };
    }
    Body {
        text,
        from_html,
        files,
    }
}

/// What lay in wrappings.
#[derive(Default)]
pub struct Unwrapped {
    /// A text from Outlook's winmail.dat, and whether it was made from HTML.
    pub text: (String, bool),
    pub html: Option<String>,
    /// Names of files that need a password.
    pub locked: Vec<String>,
}

/// Puts the files that lie in wrappings (uuencode, winmail.dat, archives) beside them, each opened once and no deeper.
pub fn unwrap(
    attachments: &mut Vec<Part>,
    in_text: Vec<uuencode::Found>,
    problems: &mut Vec<String>,
) -> Unwrapped {
    let mut taken: HashSet<String> = attachments
        .iter()
        .map(|part| part.name.to_lowercase())
        .collect();
    let mut unwrapped = Unwrapped::default();
    let mut more: Vec<Part> = Vec::new();
    let mut add = |more: &mut Vec<Part>, written: &str, media_type: &str, bytes: Vec<u8>| {
        let media_type = clean_media_type(media_type);
        let name = repair(Some(written), more.len() + 1, &media_type);
        more.push(Part {
            name: unique(name, &mut taken),
            media_type,
            bytes,
            inline: false,
            opened: false,
        });
    };
    for file in in_text {
        if file.cut_off {
            problems.push(
                "A file written into the text was cut off on its way; what could be read was kept. Ask the agency to send it again.".to_owned(),
            );
        }
        add(&mut more, &file.name, "", file.bytes);
    }
    for part in attachments.iter_mut() {
        if tnef::is_tnef(&part.bytes) {
            let Some(opened) = tnef::open(&part.bytes) else {
                continue;
            };
            if opened.cut_off {
                problems.push(format!("{} was cut off on its way; what could be read was kept. Ask the agency to send the files another way.", part.name));
            }
            part.opened =
                !opened.cut_off && (!opened.files.is_empty() || !opened.text.trim().is_empty());
            if !opened.text.trim().is_empty() {
                unwrapped.text = (tidy(&opened.text), false);
            } else if !opened.html.trim().is_empty() {
                unwrapped.text = (tidy(&as_text(&opened.html)), true);
            }
            if !opened.html.trim().is_empty() && opened.html.len() <= MAX_TEXT_CHARS {
                unwrapped.html = Some(opened.html);
            }
            for (name, media_type, bytes) in opened.files {
                add(&mut more, &name, &media_type, bytes);
            }
        } else if archive::is_archive(&part.name, &part.media_type, &part.bytes) {
            let opened = archive::open(&part.name, &part.bytes);
            problems.extend(opened.problems);
            part.opened = opened.whole && !opened.files.is_empty();
            if opened.locked {
                unwrapped.locked.push(part.name.clone());
            }
            for (name, bytes) in opened.files {
                add(&mut more, &name, "", bytes);
            }
        }
    }
    attachments.extend(more);
    let text: String = unwrapped.text.0.chars().take(MAX_TEXT_CHARS).collect();
    unwrapped.text.0 = text;
    unwrapped
}

/// The body as HTML, where the sender laid one out and it is of a size that is looked at.
pub fn body_html(message: &Message<'_>, raw: &[u8]) -> Option<String> {
    message
        .html_body
        .iter()
        .filter_map(|id| message.part(*id))
        .find(|part| matches!(part.body, PartType::Html(_)))
        .map(|part| text_of(part, raw))
        .filter(|html| !html.trim().is_empty() && html.len() <= MAX_TEXT_CHARS)
}

/// Line ends to `\n`, no control or direction signs, at most two empty lines in a row, no blanks around.
pub(super) fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut tidied = String::with_capacity(text.len());
    let mut empty_lines = 0_usize;
    for line in text.split('\n') {
        let clean: String = line
            .chars()
            .filter(|sign| (!sign.is_control() || *sign == '\t') && !is_deceptive(*sign))
            .collect();
        let clean = clean.trim_end();
        if clean.is_empty() {
            empty_lines += 1;
            if empty_lines > 2 {
                continue;
            }
        } else {
            empty_lines = 0;
        }
        tidied.push_str(clean);
        tidied.push('\n');
    }
    tidied.trim_matches('\n').to_owned()
}

/// A text part as text. Where the declared charset did not fit: UTF-8 if the bytes are, else Windows-1252, which
/// is what old mail programs mean when they say nothing.
fn text_of(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let text = match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.as_ref(),
        _ => return String::new(),
    };
    if !text.contains('\u{FFFD}') {
        return text.to_owned();
    }
    match undecoded(part, raw) {
        Some(bytes) => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => WINDOWS_1252
                .decode_without_bom_handling(error.as_bytes())
                .0
                .into_owned(),
        },
        None => text.to_owned(),
    }
}

/// The part's bytes after transfer decoding and before any charset.
fn undecoded(part: &MessagePart<'_>, raw: &[u8]) -> Option<Vec<u8>> {
    let span = raw.get(part.offset_body as usize..part.offset_end as usize)?;
    match part.encoding {
        Encoding::None => Some(span.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(span),
        Encoding::Base64 => base64_decode(span),
    }
}

/// All files of the message: attached, inline, and attached messages as .eml.
pub fn attachments(message: &Message<'_>, raw: &[u8], problems: &mut Vec<String>) -> Vec<Part> {
    let mut taken = HashSet::new();
    let mut found = Vec::new();
    for part in message
        .attachments
        .iter()
        .filter_map(|id| message.part(*id))
    {
        let media_type = media_type(part);
        let bytes = match bytes_of(part, raw) {
            Ok(bytes) => bytes,
            Err(cut_off) => {
                problems.push(format!(
                    "Attachment {} was cut off on its way or badly encoded; what could be read was kept. Ask the agency to send it again.",
                    found.len() + 1
                ));
                cut_off
            }
        };
        let name = repair(part.attachment_name(), found.len() + 1, &media_type);
        let inline = matches!(part.body, PartType::InlineBinary(_))
            || part
                .content_disposition()
                .is_some_and(|how| how.is_inline())
            || (part.content_id().is_some() && media_type.starts_with("image/"));
        found.push(Part {
            name: unique(name, &mut taken),
            media_type,
            bytes,
            inline,
            opened: false,
        });
    }
    found
}

fn media_type(part: &MessagePart<'_>) -> String {
    let declared = part
        .content_type()
        .map(|declared| match declared.subtype() {
            Some(subtype) => format!("{}/{subtype}", declared.ctype()),
            None => declared.ctype().to_owned(),
        });
    match declared {
        Some(declared) => clean_media_type(&declared),
        None if matches!(part.body, PartType::Text(_)) => "text/plain".to_owned(),
        None => clean_media_type(""),
    }
}

/// A media type in lower case without anything that does not belong into one.
pub(super) fn clean_media_type(declared: &str) -> String {
    let clean: String = declared
        .to_ascii_lowercase()
        .chars()
        .filter(|sign| sign.is_ascii_alphanumeric() || "/+-._".contains(*sign))
        .take(120)
        .collect();
    let clean = guard::unrename(&clean).into_owned();
    match clean.split_once('/') {
        Some((kind, subtype)) if !kind.is_empty() && !subtype.is_empty() => clean,
        _ => "application/octet-stream".to_owned(),
    }
}

/// The file's bytes as the sender had them. `Err` carries what could be saved of a part that was cut off.
pub(in crate::mail) fn bytes_of(part: &MessagePart<'_>, raw: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let span = raw
        .get(part.offset_body as usize..part.offset_end as usize)
        .unwrap_or_default();
    let declared = part.content_transfer_encoding().unwrap_or_default();
    if part.is_encoding_problem {
        // The parser gives up on a part without its end; most of a file is better than none.
        return Err(if declared.eq_ignore_ascii_case("base64") {
            base64_as_far_as_it_goes(span)
        } else {
            quoted_printable_decode(span)
                .filter(|_| declared.eq_ignore_ascii_case("quoted-printable"))
                .unwrap_or_else(|| span.to_vec())
        });
    }
    match (&part.body, part.encoding) {
        // The span of the original, not the flattened copy that the parser saw.
        (_, Encoding::None) => Ok(span.to_vec()),
        (PartType::Binary(bytes) | PartType::InlineBinary(bytes), _) => Ok(bytes.to_vec()),
        _ => Ok(undecoded(part, raw).unwrap_or_else(|| part.contents().to_vec())),
    }
}

/// Decodes whole groups of four and stops at the first thing that is not base64.
fn base64_as_far_as_it_goes(span: &[u8]) -> Vec<u8> {
    let mut signs: Vec<u8> = span
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte))
        .collect();
    signs.truncate(signs.len() / 4 * 4);
    base64_decode(&signs).unwrap_or_default()
}
