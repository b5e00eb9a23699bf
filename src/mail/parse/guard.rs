//! What is looked at before the parser sees a message, so that no message can bring it down.
//!
//! Mail-parser opens attached messages without a limit of depth: 12,000 of them inside one another overflow the
//! stack when they are dropped, and a base64 part can hide them from a count. So attached messages are never
//! opened: their media type is renamed byte for byte before parsing, which makes each an ordinary file.

use std::borrow::Cow;

use mail_parser::{HeaderName, Message};

use super::NotMail;

/// Multiparts inside one message; real mail has fewer than ten.
const MAX_BOUNDARIES: usize = 100;
/// How far a comment between "message" and "/" may reach.
const MAX_COMMENT: usize = 2_000;

/// The renamed first letter: `message/xfc822`, `message/xlobal`, `multipart/xigest`.
const RENAMED: u8 = b'x';

/// Some programs hand mail over as mbox, with an envelope line first.
pub fn without_mbox_line(raw: &[u8]) -> &[u8] {
    if !raw.starts_with(b"From ") {
        return raw;
    }
    match raw.iter().position(|byte| *byte == b'\n') {
        Some(end) => &raw[end + 1..],
        None => raw,
    }
}

/// Renames the media types that would make the parser open a message inside the message.
///
/// # Errors
/// [`NotMail::Tangled`] when the structure is beyond anything a mail program makes.
pub fn flatten(raw: &[u8]) -> Result<Cow<'_, [u8]>, NotMail> {
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
        let remark = format!("message({}", "x".repeat(3_000));
        assert!(matches!(
            flatten(remark.as_bytes()),
            Err(NotMail::Tangled { .. })
        ));
    }

    #[test]
    fn mbox_line() {
        assert_eq!(without_mbox_line(b"From a@b Mon\nTo: x\n"), b"To: x\n");
        assert_eq!(without_mbox_line(b"From: a\n"), b"From: a\n");
        assert_eq!(without_mbox_line(b"From "), b"From ");
    }
}
