//! Who wrote to whom, and about what: address headers and the subject, mended.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use mail_parser::{HeaderName, HeaderValue, Message};
use regex::Regex;

use super::names::is_deceptive;
use super::{MAX_ADDRESSES, MAX_NOTES, Person, date, guard, words};

/// "for <records@campaign.example>;" in a Received header.
static ROUTED_FOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bfor\s+<?([^\s<>;()]+@[^\s<>;()]+)").expect("a fixed pattern")
});

/// Every address of a header, in order. Groups are opened, entries without an address left out.
pub fn all(message: &Message<'_>, header: HeaderName<'static>) -> Vec<Person> {
    let written: Vec<&[u8]> = message
        .headers()
        .iter()
        .filter(|found| found.name == header)
        .filter_map(|found| {
            message
                .raw_message
                .get(found.offset_start as usize..found.offset_end as usize)
        })
        .collect();
    if written.iter().all(|raw| std::str::from_utf8(raw).is_ok()) {
        return as_parsed(message, header);
    }
    // Eight-bit names without a charset: read again as what Windows wrote.
    let again: String = written
        .iter()
        .map(|raw| {
            format!(
                "{}:{}\r\n",
                header.as_str(),
                words::of_no_charset(raw).trim_end()
            )
        })
        .chain(["\r\n".to_owned()])
        .collect();
    guard::parser()
        .parse(again.as_bytes())
        .map(|again| as_parsed(&again, header))
        .unwrap_or_default()
}

fn as_parsed(message: &Message<'_>, header: HeaderName<'static>) -> Vec<Person> {
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
            let name = found.name.as_deref().map(one_line);
            let (name, address) = mended(name, address);
            let name = name.filter(|name| !name.is_empty() && *name != address);
            Some(Person { name, address })
        })
        .take(MAX_ADDRESSES)
        .collect()
}

/// Addresses with what does not belong to them: "mailto:", the route of old mail. The parser takes a quoted local part for
/// a name.
fn mended(name: Option<String>, address: String) -> (Option<String>, String) {
    let plain = address
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
        .map_or(address.as_str(), |_| &address[7..]);
    match (name, plain.strip_prefix('@')) {
        (name, Some(route)) if route.contains(':') => {
            let last = route.rsplit(':').next().unwrap_or_default().to_owned();
            (name, last)
        }
        (Some(local), Some(domain)) => (None, format!("\"{local}\"@{domain}")),
        (name, _) => (name, plain.to_owned()),
    }
}

/// The sender's date, from the first header that has it.
pub fn date(message: &Message<'_>) -> Option<DateTime<Utc>> {
    let header = first(message, HeaderName::Date)?;
    date::read(&String::from_utf8_lossy(header))
}

/// The raw value of the first header of this name: what stands further down was there before the last servers.
fn first<'m>(message: &'m Message<'_>, name: HeaderName<'static>) -> Option<&'m [u8]> {
    let header = message
        .headers()
        .iter()
        .find(|header| header.name == name)?;
    message
        .raw_message
        .get(header.offset_start as usize..header.offset_end as usize)
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
        .headers_raw()
        .filter(|(name, _)| name.eq_ignore_ascii_case("received"))
        .filter_map(|(_, value)| ROUTED_FOR.captures(value)?.get(1))
        .map(|found| found.as_str());
    let mut found: Vec<String> = Vec::new();
    for value in noted.chain(routed) {
        for piece in value.split([',', ';', ' ', '\t', '\r', '\n']) {
            let address = one_line(piece.trim_matches(|sign| matches!(sign, '<' | '>' | '"')));
            if address.contains('@') && found.len() < MAX_NOTES && !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}

/// The subject on one line.
pub fn subject(message: &Message<'_>) -> String {
    /// A thousand signs are shown; packed they are no more than this.
    const MOST_BYTES: usize = 64 << 10;
    first(message, HeaderName::Subject)
        .map(|raw| one_line(&words::decoded(&raw[..raw.len().min(MOST_BYTES)])))
        .unwrap_or_default()
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
