//! Base64 as it arrives: without its filling, with signs that are none of its, cut off, or with words behind it.

/// The base64 at the beginning, and what stands behind it: another part's boundary, words.
pub fn base64_run(span: &[u8]) -> (&[u8], &[u8]) {
    let is_base64 = |byte: &u8| {
        byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+/=".contains(byte)
    };
    let end = span
        .iter()
        .position(|byte| !is_base64(byte))
        .unwrap_or(span.len());
    span.split_at(end)
}

/// Decodes base64 whatever its lines and fillings; other signs are passed over (RFC 2045, 6.8). Pieces that were each
/// encoded by themselves and joined are read one after the other.
pub fn base64_leniently(span: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(span.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in span {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                (bits, count) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_to_its_last_sign() {
        for (packed, expected) in [
            ("SGVsbG8gd29ybGQ=", "Hello world"),
            ("SGVsbG8gd29ybGQ", "Hello world"),
            ("SGVs\r\nbG8g\r\nd29y bGQ=\r\n", "Hello world"),
            ("SGVs!!bG8g**d29ybGQ=", "Hello world"),
            ("SGVsbG8=\r\nIHdvcmxk", "Hello world"),
            ("SGVsbG8g d29ybGQ", "Hello world"),
            ("S", ""),
            ("", ""),
        ] {
            assert_eq!(
                base64_leniently(packed.as_bytes()),
                expected.as_bytes(),
                "{packed}"
            );
        }
    }
}
