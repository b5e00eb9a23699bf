//! What is looked at before the parser sees a message, so that no message can bring it down.
//!
//! Mail-parser opens attached messages without a limit of depth: 12,000 of them inside one another overflow the
//! stack when they are dropped, and a base64 part can hide them from a count. So attached messages are never
//! opened: their media type is renamed byte for byte before parsing, which makes each an ordinary file.

use std::borrow::Cow;

use mail_parser::{HeaderName, Message, MessageParser};

use super::NotMail;

/// Multiparts inside one message; real mail has fewer than ten.
const MAX_BOUNDARIES: usize = 100;
/// Ten thousand recipients, one on a line, are an office that writes to all the county.
const MAX_HEADER_LINES: usize = 100_000;
/// How far a comment between "message" and "/" may reach.
const MAX_COMMENT: usize = 2_000;

/// The renamed first letter: `message/xfc822`, `message/xlobal`, `multipart/xigest`.
const RENAMED: u8 = b'x';

/// What of a message is read how. The dates are read by ourselves.
pub fn parser() -> MessageParser {
    MessageParser::new()
        .with_mime_headers()
        .header_text(HeaderName::Subject)
        .header_address(HeaderName::From)
        .header_address(HeaderName::Sender)
        .header_address(HeaderName::ReplyTo)
        .header_address(HeaderName::To)
        .header_address(HeaderName::Cc)
        .header_address(HeaderName::Bcc)
        .header_id(HeaderName::MessageId)
        .header_id(HeaderName::InReplyTo)
        .header_id(HeaderName::References)
        .default_header_raw()
}

/// The message without what some programs put before it: blank lines, a byte order mark, an mbox's envelope line. Line
/// ends of an old Macintosh become today's.
pub fn from_the_first_header(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = raw.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(raw);
    let blank = raw
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    let mut raw = &raw[blank..];
    if raw.starts_with(b"From ")
        && let Some(end) = raw.iter().position(|byte| *byte == b'\n')
    {
        raw = &raw[end + 1..];
    }
    if raw.contains(&b'\n') {
        return Cow::Borrowed(raw);
    }
    let is_line_end = |byte: &u8| *byte == b'\r';
    if !raw.iter().any(is_line_end) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(
        raw.iter()
            .map(|byte| if is_line_end(byte) { b'\n' } else { *byte })
            .collect(),
    )
}

/// Renames the media types that would make the parser open a message inside the message.
///
/// # Errors
/// [`NotMail::Tangled`] when the structure is beyond anything a mail program makes.
pub fn flatten(raw: &[u8]) -> Result<Cow<'_, [u8]>, NotMail> {
    let header_lines = raw
        .split(|byte| *byte == b'\n')
        .take_while(|line| !line.trim_ascii().is_empty())
        .take(MAX_HEADER_LINES + 1)
        .count();
    if header_lines > MAX_HEADER_LINES {
        return Err(NotMail::Tangled {
            what: "more than a hundred thousand lines of headers",
        });
    }
    let mut renamed: Option<Vec<u8>> = None;
    let mut boundaries = 0_usize;
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        // A cheap look at one byte first: this loop sees every byte of a large attachment.
        let step = match rest[0] | 0x20 {
            b'm' if starts_with(rest, b"message") => {
                rename(raw, at + 7, &[b"rfc822", b"global"], &mut renamed)?;
                7
            }
            b'm' if starts_with(rest, b"multipart") => {
                rename(raw, at + 9, &[b"digest"], &mut renamed)?;
                9
            }
            b'b' if starts_with(rest, b"boundary") => {
                boundaries += 1;
                8
            }
            _ => 1,
        };
        at += step;
    }
    if boundaries > MAX_BOUNDARIES {
        return Err(NotMail::Tangled {
            what: "more than a hundred parts within parts",
        });
    }
    Ok(renamed.map_or(Cow::Borrowed(raw), Cow::Owned))
}

fn starts_with(bytes: &[u8], lower_case: &[u8]) -> bool {
    bytes.len() >= lower_case.len() && bytes[..lower_case.len()].eq_ignore_ascii_case(lower_case)
}

/// If `/` and one of `subtypes` follow at `at`, across blanks and comments, renames the subtype's first letter.
fn rename(
    raw: &[u8],
    at: usize,
    subtypes: &[&[u8]],
    renamed: &mut Option<Vec<u8>>,
) -> Result<(), NotMail> {
    let Some(slash) = after_blanks_and_comments(raw, at)? else {
        return Ok(());
    };
    if raw[slash] != b'/' {
        return Ok(());
    }
    let Some(subtype) = after_blanks_and_comments(raw, slash + 1)? else {
        return Ok(());
    };
    if subtypes
        .iter()
        .any(|name| starts_with(&raw[subtype..], name))
    {
        renamed.get_or_insert_with(|| raw.to_vec())[subtype] = RENAMED;
    }
    Ok(())
}

/// The next byte that is neither blank nor within a comment; `None` at the end.
fn after_blanks_and_comments(raw: &[u8], from: usize) -> Result<Option<usize>, NotMail> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, byte) in raw.iter().enumerate().skip(from) {
        if at - from > MAX_COMMENT {
            return Err(NotMail::Tangled {
                what: "an endless remark inside a media type",
            });
        }
        match byte {
            _ if escaped => escaped = false,
            b'\\' if depth > 0 => escaped = true,
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            _ if depth > 0 || byte.is_ascii_whitespace() => {}
            _ => return Ok(Some(at)),
        }
    }
    Ok(None)
}

/// Puts the renamed media types back wherever they show.
pub fn unrename(text: &str) -> Cow<'_, str> {
    const BACK: [(&str, &str); 3] = [
        ("message/xfc822", "message/rfc822"),
        ("message/xlobal", "message/global"),
        ("multipart/xigest", "multipart/digest"),
    ];
    let mut text = Cow::Borrowed(text);
    for (renamed, real) in BACK {
        if text.contains(renamed) {
            text = Cow::Owned(text.replace(renamed, real));
        }
    }
    text
}

/// Whether there is at least one header that only mail has; any text file with a colon passes for a header.
pub fn looks_like_mail(message: &Message<'_>) -> bool {
    message.headers().iter().any(|header| {
        matches!(
            header.name,
            HeaderName::From
                | HeaderName::To
                | HeaderName::Subject
                | HeaderName::Date
                | HeaderName::MessageId
                | HeaderName::Received
                | HeaderName::ReturnPath
                | HeaderName::MimeVersion
                | HeaderName::Sender
                | HeaderName::DeliveredTo
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_attached_message_is_renamed() {
        for (raw, expected) in [
            (
                "Content-Type: message/rfc822\n",
                Some("Content-Type: message/xfc822\n"),
            ),
            ("MESSAGE/RFC822", Some("MESSAGE/xFC822")),
            ("message /\r\n rfc822", Some("message /\r\n xfc822")),
            (
                "message(a(b)\\)c)/(d)global",
                Some("message(a(b)\\)c)/(d)xlobal"),
            ),
            (
                "multipart/digest; boundary=x",
                Some("multipart/xigest; boundary=x"),
            ),
            ("message/delivery-status", None),
            ("multipart/mixed", None),
            ("a message.", None),
            ("message(", None),
            ("message", None),
        ] {
            let flat = flatten(raw.as_bytes()).unwrap();
            match expected {
                Some(expected) => assert_eq!(flat.as_ref(), expected.as_bytes(), "{raw}"),
                None => assert!(matches!(flat, Cow::Borrowed(_)), "{raw}"),
            }
        }
        assert_eq!(unrename("a message/xfc822 part"), "a message/rfc822 part");
    }

    #[test]
    fn tangles_are_refused() {
        let boundaries = "Content-Type: multipart/mixed; boundary=a\n".repeat(101);
        assert!(matches!(
            flatten(boundaries.as_bytes()),
            Err(NotMail::Tangled { .. })
        ));
        let headers = "X-A: b\n".repeat(100_001);
        assert!(matches!(
            flatten(headers.as_bytes()),
            Err(NotMail::Tangled { .. })
        ));
        let remark = format!("message({}", "x".repeat(3_000));
        assert!(matches!(
            flatten(remark.as_bytes()),
            Err(NotMail::Tangled { .. })
        ));
    }

    #[test]
    fn what_stands_before_the_headers_is_left_out() {
        for (raw, expected) in [
            (&b"From a@b Mon\nTo: x\n"[..], &b"To: x\n"[..]),
            (b"From: a\n", b"From: a\n"),
            (b"From ", b"From "),
            (b"\r\n\r\nTo: x\r\n", b"To: x\r\n"),
            (b"\xEF\xBB\xBFTo: x\n", b"To: x\n"),
            (b"To: x\r\rHello\r", b"To: x\n\nHello\n"),
        ] {
            assert_eq!(from_the_first_header(raw).as_ref(), expected);
        }
    }
}
