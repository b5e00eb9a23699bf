//! The text of a message and its files, mended where the sender's program or the way was careless.

use std::collections::HashSet;

use encoding_rs::WINDOWS_1252;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders, PartType};

use super::html::as_text;
use super::names::{is_deceptive, repair, unique};
use super::packed::{base64_leniently, base64_run};
use super::{MAX_TEXT_CHARS, Part, archive, guard, tnef, uuencode};

/// The readable text of a message.
pub struct Body {
    pub text: String,
    /// It had to be made from HTML.
    pub from_html: bool,
    /// Files that stood in the text itself.
    pub files: Vec<uuencode::Found>,
    /// Parts that the parser takes for files and that are the text.
    pub parts: Vec<u32>,
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
    let mut parts = Vec::new();
    if pieces.iter().all(|piece| piece.trim().is_empty()) {
        // Cut off within its text, or with a boundary that is none: what is there is what was written.
        for id in &message.attachments {
            let Some(part) = message.part(*id) else {
                continue;
            };
            let is_file = part.attachment_name().is_some()
                || part
                    .content_disposition()
                    .is_some_and(|how| how.is_attachment());
            match media_type(part).as_str() {
                _ if is_file => continue,
                "text/plain" => pieces.push(cut_text_of(part, raw)),
                "text/html" => {
                    from_html = true;
                    pieces.push(as_text(&cut_text_of(part, raw)));
                }
                kind if kind.starts_with("multipart/") => {
                    problems.push("The message is made of parts that could not be told apart; it is shown as it came. Ask the sender to send it again.".to_owned());
                    let span = raw.get(part.offset_body as usize..part.offset_end as usize);
                    pieces.push(String::from_utf8_lossy(span.unwrap_or_default()).into_owned());
                }
                _ => continue,
            }
            parts.push(*id);
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
            parts,
        };
    }
    Body {
        text,
        from_html,
        files,
        parts,
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
    let charset = part
        .content_type()
        .and_then(|declared| declared.attribute("charset"))
        .unwrap_or("us-ascii");
    // What calls itself Western and reads as UTF-8 is UTF-8: "Ã±" is nothing that people write.
    let western = [
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "windows-1252",
        "ansi_x3.4-1968",
        "latin1",
    ]
    .iter()
    .any(|name| charset.eq_ignore_ascii_case(name));
    let doubtful = text.contains('\u{FFFD}') || (western && !text.is_ascii());
    let badly_packed = part.is_encoding_problem
        || (part.encoding == Encoding::Base64 && !text.is_empty())
        || declared_encoding(part)
            .is_some_and(|how| how == "base64" && part.encoding == Encoding::None);
    if badly_packed && declared_encoding(part).as_deref() == Some("base64") {
        return base64_text(part, raw, charset);
    }
    if !doubtful {
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

/// The text of a part that the parser gave up on.
fn cut_text_of(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let bytes = bytes_of(part, raw).unwrap_or_else(|saved| saved);
    let encoding = part
        .content_type()
        .and_then(|declared| declared.attribute("charset"))
        .and_then(|charset| encoding_rs::Encoding::for_label(charset.as_bytes()))
        .unwrap_or(encoding_rs::UTF_8);
    super::outlook::decoded(&bytes, encoding)
}

/// How the part says that it is packed, in lower case.
fn declared_encoding(part: &MessagePart<'_>) -> Option<String> {
    part.content_transfer_encoding()
        .map(|declared| declared.trim().to_ascii_lowercase())
}

/// A text in base64, and behind it what mailing lists and virus scanners write below in plain words.
fn base64_text(part: &MessagePart<'_>, raw: &[u8], charset: &str) -> String {
    let span = raw
        .get(part.offset_body as usize..part.offset_end as usize)
        .unwrap_or_default();
    let is_packed = |line: &[u8]| {
        let line = line.trim_ascii();
        line.iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=!*".contains(byte))
    };
    let mut end = 0;
    for line in span.split_inclusive(|byte| *byte == b'\n') {
        if !is_packed(line) {
            break;
        }
        end += line.len();
    }
    let (packed, below) = span.split_at(end);
    let encoding =
        encoding_rs::Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let bytes = base64_leniently(packed);
    let text = match std::str::from_utf8(&bytes) {
        // ISO-2022-JP and its like are ASCII throughout.
        Ok(text) if encoding.is_ascii_compatible() => text.to_owned(),
        _ => super::outlook::decoded(&bytes, encoding),
    };
    let below = String::from_utf8_lossy(below);
    if below.trim().is_empty() {
        text
    } else {
        format!("{text}\n{below}")
    }
}

/// The part's bytes after transfer decoding and before any charset.
fn undecoded(part: &MessagePart<'_>, raw: &[u8]) -> Option<Vec<u8>> {
    let span = raw.get(part.offset_body as usize..part.offset_end as usize)?;
    match part.encoding {
        Encoding::None => Some(span.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(span),
        Encoding::Base64 => Some(base64_leniently(span)),
    }
}

/// All files of the message: attached, inline, and attached messages as .eml.
/// Those that are the text are none.
pub fn attachments(
    message: &Message<'_>,
    raw: &[u8],
    text: &[u32],
    problems: &mut Vec<String>,
) -> Vec<Part> {
    let mut taken = HashSet::new();
    let html = body_html(message, raw).unwrap_or_default();
    let mut found = Vec::new();
    for part in message
        .attachments
        .iter()
        .filter(|id| !text.contains(id))
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
        let inline = is_inline(part, &media_type, &html);
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

/// Whether the part is shown within the text. Gmail gives every attachment a Content-ID, so one alone says nothing; that
/// the text shows it, or the sender says so, does.
fn is_inline(part: &MessagePart<'_>, media_type: &str, html: &str) -> bool {
    let content_id = part
        .content_id()
        .map(|id| id.trim_matches(['<', '>', ' ']))
        .filter(|id| !id.is_empty());
    if content_id.is_some_and(|id| html.contains(&format!("cid:{id}"))) {
        return true;
    }
    match part.content_disposition() {
        Some(how) if how.is_inline() => true,
        Some(how) if how.is_attachment() => false,
        _ => {
            media_type.starts_with("image/")
                && (content_id.is_some() || part.attachment_name().is_none())
        }
    }
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
    let declared = declared_encoding(part).unwrap_or_default();
    match declared.as_str() {
        "base64" if part.encoding != Encoding::QuotedPrintable => {
            let (signs, rest) = base64_run(span);
            let bytes = base64_leniently(signs);
            // The parser complains of a missing last boundary, too, and gives up on what has no filling at its end.
            return if part.is_encoding_problem || !rest.iter().all(u8::is_ascii_whitespace) {
                Err(bytes)
            } else {
                Ok(bytes)
            };
        }
        "x-uuencode" | "uuencode" | "x-uue" | "uue" => {
            let text = String::from_utf8_lossy(span);
            if let Some(file) = uuencode::take_out(&text).1.into_iter().next() {
                return if file.cut_off {
                    Err(file.bytes)
                } else {
                    Ok(file.bytes)
                };
            }
        }
        _ => {}
    }
    if part.is_encoding_problem {
        // The parser gives up on a part without its end; most of a file is better than none.
        return Err(quoted_printable_decode(span)
            .filter(|_| declared == "quoted-printable")
            .unwrap_or_else(|| span.to_vec()));
    }
    match (&part.body, part.encoding) {
        // The span of the original, not the flattened copy that the parser saw.
        (_, Encoding::None) => Ok(span.to_vec()),
        (PartType::Binary(bytes) | PartType::InlineBinary(bytes), _) => Ok(bytes.to_vec()),
        _ => Ok(undecoded(part, raw).unwrap_or_else(|| part.contents().to_vec())),
    }
}
