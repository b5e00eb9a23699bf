//! Document: a file that an agency sent, known by the SHA-256 of its bytes.
//!
//! Here: the hash, what is known of a file without opening it, how its text was read. Not here: the bytes, and who
//! may see them (`review`). May import `ids` only.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest;

use super::ids::{AgencyId, DocumentId, RequestId, UserId};

/// The SHA-256 of a file's bytes. Written as 64 lower-case hexadecimal digits everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Sha256 {
        let mut hash = [0u8; 32];
        hash.copy_from_slice(sha2::Sha256::digest(bytes).as_slice());
        Sha256(hash)
    }

    /// From the 32 raw bytes of a digest computed while streaming.
    pub fn from_bytes(bytes: [u8; 32]) -> Sha256 {
        Sha256(bytes)
    }

    /// The first twelve digits, for places where the whole would not fit.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

/// The text is not a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 is written as 64 hexadecimal digits")]
pub struct NotASha256;

impl FromStr for Sha256 {
    type Err = NotASha256;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(NotASha256);
        }
        let mut hash = [0u8; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let high = (pair[0] as char).to_digit(16).ok_or(NotASha256)?;
            let low = (pair[1] as char).to_digit(16).ok_or(NotASha256)?;
            *byte = (high * 16 + low) as u8;
        }
        Ok(Sha256(hash))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// How a document's text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextMethod {
    /// `pdftotext` of the poppler tools, which also reads form fields.
    Pdftotext,
    /// Our own reader, used where `pdftotext` is not installed.
    BuiltIn,
    /// The file is text itself.
    Plain,
    /// Read from an image of the page.
    Ocr,
}

impl TextMethod {
    pub const ALL: [TextMethod; 4] = [
        TextMethod::Pdftotext,
        TextMethod::BuiltIn,
        TextMethod::Plain,
        TextMethod::Ocr,
    ];

    /// The word of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            TextMethod::Pdftotext => "pdftotext",
            TextMethod::BuiltIn => "built_in",
            TextMethod::Plain => "plain",
            TextMethod::Ocr => "ocr",
        }
    }

    pub fn parse(text: &str) -> Option<TextMethod> {
        TextMethod::ALL.into_iter().find(|m| m.as_str() == text)
    }

    /// As a page says it.
    pub fn plain(self) -> &'static str {
        match self {
            TextMethod::Pdftotext => "read by pdftotext",
            TextMethod::BuiltIn => "read by the built-in reader; check it against the page",
            TextMethod::Plain => "text as sent",
            TextMethod::Ocr => "read from the page image; check it against the page",
        }
    }
}

/// The media type of a PDF.
pub const PDF: &str = "application/pdf";

/// What is known of one file, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    pub id: DocumentId,
    pub sha256: Sha256,
    /// As the agency named it.
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    /// None where the file has no pages, or they could not be counted.
    pub pages: Option<u32>,
    /// The day on which it reached us, in the campaign's time zone.
    pub received_on: NaiveDate,
    pub agency: Option<AgencyId>,
    pub request: Option<RequestId>,
    /// Who put it in; none where it came by mail.
    pub uploaded_by: Option<UserId>,
}

impl Document {
    pub fn is_pdf(&self) -> bool {
        self.media_type == PDF
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_and_read_as_64_digits() {
        let empty = Sha256::of(b"");
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(empty.to_string(), text);
        assert_eq!(text.parse(), Ok(empty));
        assert_eq!(text.to_uppercase().parse(), Ok(empty));
        assert_eq!(empty.short(), "e3b0c44298fc");
        for bad in [
            "",
            "e3b0",
            &text[..63],
            &format!("{}g", &text[..63]),
            &"é".repeat(32),
        ] {
            assert_eq!(bad.parse::<Sha256>(), Err(NotASha256), "{bad}");
        }
    }

    #[test]
    fn a_hash_travels_through_json_as_text() {
        let hash = Sha256::of(b"page");
        let json = serde_json::to_string(&hash).expect("a hash is text");
        assert_eq!(json, format!("\"{hash}\""));
        assert_eq!(
            serde_json::from_str::<Sha256>(&json).expect("it reads back"),
            hash
        );
    }

    #[test]
    fn text_methods_keep_their_words() {
        for method in TextMethod::ALL {
            assert_eq!(TextMethod::parse(method.as_str()), Some(method));
        }
        assert_eq!(TextMethod::parse("guessed"), None);
    }
}
