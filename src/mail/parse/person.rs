//! Who wrote to whom, and about what: address headers and the subject, mended.

use encoding_rs::WINDOWS_1252;
use mail_parser::{HeaderName, HeaderValue, Message};

use super::names::is_deceptive;
use super::{MAX_ADDRESSES, Person};

/// Every address of a header, in order. Groups are opened, entries without an address left out.
pub fn all(message: &Message<'_>, header: HeaderName<'static>) -> Vec<Person> {
    message
        .header_values(header)
        .filter_map(HeaderValue::as_address)
        .flat_map(|addresses| addresses.iter())
        .filter_map(|found| {
            let address = one_line(found.address.as_deref()?);
            // Exchange writes local names without a domain; they identify nobody outside.
            if !address.contains('@') {
                return None;
            }
            let name = found
                .name
                .as_deref()
                .map(one_line)
                .filter(|name| !name.is_empty() && *name != address);
            Some(Person { name, address })
        })
        .take(MAX_ADDRESSES)
        .collect()
}

/// Addresses that mail servers noted on the way: a Bcc or an alias never shows in To.
pub fn delivered_to(message: &Message<'_>) -> Vec<String> {
    const NOTES: [&str; 8] = [
        "delivered-to",
        "x-original-to",
        "envelope-to",
        "x-envelope-to",
        "x-forwarded-to",
        "x-delivered-to",
        "apparently-to",
        "resent-to",
    ];
    let noted = message.headers_raw().filter_map(|(name, value)| {
        NOTES
            .iter()
            .any(|note| name.eq_ignore_ascii_case(note))
            .then_some(value)
    });
    let routed = message
        .received_all()
        .filter_map(|received| received.for_());
    let mut found: Vec<String> = Vec::new();
    for value in noted.chain(routed) {
        for piece in value.split([',', ';', ' ', '\t', '\r', '\n']) {
            let address = one_line(piece.trim_matches(|sign| matches!(sign, '<' | '>' | '"')));
            if address.contains('@') && found.len() < MAX_ADDRESSES && !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}

/// The subject on one line. Raw eight-bit subjects without a charset are read as UTF-8, else as Windows-1252.
pub fn subject(message: &Message<'_>, raw: &[u8]) -> String {
    let Some(text) = message.subject() else {
        return String::new();
    };
    if text.contains('\u{FFFD}')
        && let Some(header) = message
            .headers()
            .iter()
            .find(|header| header.name == HeaderName::Subject)
        && let Some(bytes) = raw.get(header.offset_start as usize..header.offset_end as usize)
        && std::str::from_utf8(bytes).is_err()
        && !bytes.windows(2).any(|pair| pair == b"=?")
    {
        return one_line(&WINDOWS_1252.decode_without_bom_handling(bytes).0);
    }
    one_line(text)
}

/// Control and direction signs out, runs of blanks to one, at most a thousand signs.
pub(super) fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .filter(|sign| !is_deceptive(*sign))
        .collect();
    clean
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(1_000)
        .collect()
}
