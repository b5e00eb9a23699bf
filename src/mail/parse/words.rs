//! Encoded words (RFC 2047) of a subject. Mail-parser reads each by itself, so a sign whose bytes were parted between two
//! of them is lost, and puts blanks where none are; here neighbours of one charset are read as one.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::packed::base64_leniently;

/// The text of an unstructured header from its raw bytes, line ends and blanks as they stand.
pub fn decoded(raw: &[u8]) -> String {
    let mut text = String::new();
    // Bytes of encoded words that are not read yet.
    let mut open: Option<(&'static Encoding, Vec<u8>)> = None;
    let mut rest = raw;
    while !rest.is_empty() {
        let next = rest
            .windows(2)
            .position(|pair| pair == b"=?")
            .unwrap_or(rest.len());
        let (plain, after) = rest.split_at(next);
        // Blanks between two encoded words belong to neither.
        let parted =
            after.is_empty() || !plain.iter().all(u8::is_ascii_whitespace) || open.is_none();
        let Some((encoding, bytes, end)) = word(after) else {
            finish(&mut text, open.take());
            let end = next + 2.min(after.len());
            text.push_str(&of_no_charset(&rest[..end]));
            rest = &rest[end..];
            continue;
        };
        if parted {
            finish(&mut text, open.take());
            text.push_str(&of_no_charset(plain));
        }
        open = match open {
            Some((before, mut all)) if before == encoding => {
                all.extend(bytes);
                Some((before, all))
            }
            other => {
                finish(&mut text, other);
                Some((encoding, bytes))
            }
        };
        rest = &after[end..];
    }
    finish(&mut text, open);
    text
}

fn finish(text: &mut String, open: Option<(&'static Encoding, Vec<u8>)>) {
    let Some((encoding, bytes)) = open else {
        return;
    };
    text.push_str(&super::outlook::decoded(&bytes, encoding));
}

/// The encoded word that begins here: its charset, its bytes, and where it ends.
fn word(from: &[u8]) -> Option<(&'static Encoding, Vec<u8>, usize)> {
    let inner = from.strip_prefix(b"=?")?;
    let charset_end = inner.iter().take(80).position(|byte| *byte == b'?')?;
    let (kind, rest) = inner.get(charset_end + 1..)?.split_first()?;
    let data = rest.strip_prefix(b"?")?;
    let length = data.windows(2).take(2_000).position(|pair| pair == b"?=")?;
    let label = inner[..charset_end].split(|byte| *byte == b'*').next()?;
    let data_bytes = &data[..length];
    let bytes = match kind.to_ascii_uppercase() {
        b'B' => base64_leniently(data_bytes),
        b'Q' => quoted(data_bytes),
        _ => return None,
    };
    // An unknown charset: most likely the one that everybody uses.
    let encoding = Encoding::for_label(label).unwrap_or(UTF_8);
    let end = from.len() - data.len() + length + 2;
    Some((encoding, bytes, end))
}

fn quoted(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len());
    let mut at = 0;
    while let Some(byte) = data.get(at) {
        at += 1;
        let hex = (*byte == b'=')
            .then(|| data.get(at..at + 2))
            .flatten()
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match (byte, hex) {
            (_, Some(decoded)) => {
                bytes.push(decoded);
                at += 2;
            }
            (b'_', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    bytes
}

/// Bytes that say nothing of their charset: UTF-8 where they are, else what Windows wrote.
pub fn of_no_charset(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_their_writer_meant_them() {
        for (raw, expected) in [
            (
                &b"=?utf-8?B?U2XD?=\r\n =?utf-8?B?sW9y?= Ana"[..],
                "Señor Ana",
            ),
            (
                b"Re: =?iso-8859-1?Q?Se=F1or_?= =?utf-8?q?Do=C3=B1a?=!",
                "Re: Señor Doña!",
            ),
            (b"=?ISO-2022-JP?B?GyRCNS1PPxsoQg==?=", "記録"),
            (b"=?gb2312?B?vMfCvA==?=", "记录"),
            (b"=?utf-8*en?Q?Se=C3=B1or?=", "Señor"),
            (b"=?x-nobody?Q?Se=C3=B1or?=", "Señor"),
            (b"=?utf-8?B?U2XDsW9?=", "Seño"),
            (b"a=?utf-8?Q?=C3=B1?=b", "añb"),
            (b"fee =?utf-8?Q?=3D5?=", "fee =5"),
            (b"=?utf-8?Q?never ends", "=?utf-8?Q?never ends"),
            (b"why =? not =? =?a?x?c?=", "why =? not =? =?a?x?c?="),
            (b"Se\xF1or", "Señor"),
            (b"Se\xC3\xB1or", "Señor"),
            (b"", ""),
        ] {
            assert_eq!(decoded(raw), expected, "{}", String::from_utf8_lossy(raw));
        }
    }
}
