//! What a file is, told by its bytes and never by its name.
//!
//! Pure. Only the first and last bytes are compared with known marks; nothing is parsed or unpacked, so this may run
//! in the server.

use std::fmt;
use std::str::FromStr;

use super::tables::TableKind;

/// How many bytes from the start, and as many from the end, tell the kind.
pub const LOOKED_AT: usize = 64 << 10;

/// The kinds that anything here treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaType {
    Pdf,
    Png,
    Jpeg,
    Tiff,
    Xlsx,
    Xls,
    Ods,
    Docx,
    /// Delimited text with a table's shape.
    Csv,
    Text,
    /// A mail as it travels.
    Eml,
    Html,
    Zip,
    Unknown,
}

impl MediaType {
    pub const ALL: [MediaType; 14] = [
        MediaType::Pdf,
        MediaType::Png,
        MediaType::Jpeg,
        MediaType::Tiff,
        MediaType::Xlsx,
        MediaType::Xls,
        MediaType::Ods,
        MediaType::Docx,
        MediaType::Csv,
        MediaType::Text,
        MediaType::Eml,
        MediaType::Html,
        MediaType::Zip,
        MediaType::Unknown,
    ];

    /// The name of the registry, for the database and for headers.
    pub fn as_str(self) -> &'static str {
        match self {
            MediaType::Pdf => "application/pdf",
            MediaType::Png => "image/png",
            MediaType::Jpeg => "image/jpeg",
            MediaType::Tiff => "image/tiff",
            MediaType::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            MediaType::Xls => "application/vnd.ms-excel",
            MediaType::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            MediaType::Docx => {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
            MediaType::Csv => "text/csv",
            MediaType::Text => "text/plain",
            MediaType::Eml => "message/rfc822",
            MediaType::Html => "text/html",
            MediaType::Zip => "application/zip",
            MediaType::Unknown => "application/octet-stream",
        }
    }

    /// For people.
    pub fn plain(self) -> &'static str {
        match self {
            MediaType::Pdf => "PDF",
            MediaType::Png => "PNG picture",
            MediaType::Jpeg => "JPEG picture",
            MediaType::Tiff => "TIFF picture",
            MediaType::Xlsx => "Excel workbook",
            MediaType::Xls => "old Excel workbook",
            MediaType::Ods => "OpenDocument spreadsheet",
            MediaType::Docx => "Word document",
            MediaType::Csv => "delimited text",
            MediaType::Text => "plain text",
            MediaType::Eml => "e-mail",
            MediaType::Html => "web page",
            MediaType::Zip => "ZIP archive",
            MediaType::Unknown => "unknown kind",
        }
    }

    /// The usual ending of a name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            MediaType::Pdf => "pdf",
            MediaType::Png => "png",
            MediaType::Jpeg => "jpg",
            MediaType::Tiff => "tif",
            MediaType::Xlsx => "xlsx",
            MediaType::Xls => "xls",
            MediaType::Ods => "ods",
            MediaType::Docx => "docx",
            MediaType::Csv => "csv",
            MediaType::Text => "txt",
            MediaType::Eml => "eml",
            MediaType::Html => "html",
            MediaType::Zip => "zip",
            MediaType::Unknown => "bin",
        }
    }

    /// How the worker reads it as a table, where it is one.
    pub fn table_kind(self) -> Option<TableKind> {
        match self {
            MediaType::Xlsx => Some(TableKind::Xlsx),
            MediaType::Xls => Some(TableKind::Xls),
            MediaType::Ods => Some(TableKind::Ods),
            MediaType::Csv => Some(TableKind::Csv),
            _ => None,
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MediaType {
    type Err = UnknownMediaType;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        MediaType::ALL
            .into_iter()
            .find(|media| media.as_str() == text)
            .ok_or(UnknownMediaType)
    }
}

/// The text names no media type known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no media type that is known here")]
pub struct UnknownMediaType;

/// The kind of a whole file in memory.
pub fn sniff(bytes: &[u8]) -> MediaType {
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let tail = &bytes[bytes.len().saturating_sub(LOOKED_AT)..];
    sniff_ends(head, tail)
}

/// The kind of a file, from up to [`LOOKED_AT`] bytes of its start and its end (which may overlap).
pub fn sniff_ends(head: &[u8], tail: &[u8]) -> MediaType {
    if head.is_empty() {
        return MediaType::Unknown;
    }
    // Readers allow some bytes before the mark, and agencies' scanners make use of it.
    if contains(&head[..head.len().min(1024)], b"%PDF-") {
        return MediaType::Pdf;
    }
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return MediaType::Png;
    }
    if head.starts_with(b"\xff\xd8\xff") {
        return MediaType::Jpeg;
    }
    if head.starts_with(b"II*\0") || head.starts_with(b"MM\0*") {
        return MediaType::Tiff;
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return in_a_zip(head, tail);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // Excel's stream is named in UTF-16 in the container's folder.
        let named = |name: &str| {
            let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            contains(head, &wide) || contains(tail, &wide)
        };
        return if named("Workbook") || named("Book") {
            MediaType::Xls
        } else {
            MediaType::Unknown
        };
    }
    as_text(head)
}

fn in_a_zip(head: &[u8], tail: &[u8]) -> MediaType {
    let has = |name: &[u8]| contains(head, name) || contains(tail, name);
    if has(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet") {
        MediaType::Ods
    } else if has(b"xl/workbook.xml") {
        MediaType::Xlsx
    } else if has(b"word/document.xml") {
        MediaType::Docx
    } else {
        MediaType::Zip
    }
}

fn as_text(head: &[u8]) -> MediaType {
    let (text, encoding) = super::tables::decode(head);
    let odd = text
        .chars()
        .take(8_192)
        .filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
        .count();
    // A cut in the middle of a character makes the end look like another encoding; a few odd marks do no harm.
    if odd > 2 || (encoding == encoding_rs::UTF_8 && text.contains('\0')) {
        return MediaType::Unknown;
    }
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let lower: String = start.chars().take(200).collect::<String>().to_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return MediaType::Html;
    }
    if is_mail(start) {
        return MediaType::Eml;
    }
    if is_table(&text) {
        return MediaType::Csv;
    }
    MediaType::Text
}

/// Two or more of the headers that mail carries, before the first empty line.
fn is_mail(text: &str) -> bool {
    const HEADERS: [&str; 11] = [
        "from:",
        "to:",
        "date:",
        "subject:",
        "message-id:",
        "received:",
        "return-path:",
        "mime-version:",
        "delivered-to:",
        "content-type:",
        "dkim-signature:",
    ];
    let mut found = 0;
    for (number, line) in text.lines().take(200).enumerate() {
        if line.trim().is_empty() {
            break;
        }
        let folded = line.starts_with([' ', '\t']);
        let name = line.split(':').next().unwrap_or("");
        let header =
            line.contains(':') && !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic());
        // Mailboxes begin with an envelope line.
        let envelope = number == 0 && line.starts_with("From ");
        if !folded && !header && !envelope {
            return false;
        }
        let lower = line.to_lowercase();
        if HEADERS.iter().any(|header| lower.starts_with(header)) {
            found += 1;
        }
    }
    found >= 2
}

/// At least two lines that a delimiter splits into the same number of fields, two or more, and hardly any others.
fn is_table(text: &str) -> bool {
    let delimiter = char::from(super::tables::delimiter_of(text));
    let lines: Vec<usize> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(20)
        .map(|line| line.matches(delimiter).count())
        .collect();
    let Some(most) = lines
        .iter()
        .copied()
        .filter(|marks| *marks > 0)
        .max_by_key(|marks| lines.iter().filter(|other| *other == marks).count())
    else {
        return false;
    };
    let alike = lines.iter().filter(|marks| **marks == most).count();
    alike >= 2 && alike * 10 >= lines.len() * 6
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_the_kind() {
        let cases: [(&[u8], MediaType); 17] = [
            (b"%PDF-1.7\n...", MediaType::Pdf),
            (b"\r\n\r\n%PDF-1.4\n", MediaType::Pdf),
            (b"\x89PNG\r\n\x1a\n\0\0", MediaType::Png),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", MediaType::Jpeg),
            (b"II*\0\x08\0\0\0", MediaType::Tiff),
            (b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml", MediaType::Xlsx),
            (b"PK\x03\x04..[Content_Types].xml..word/document.xml", MediaType::Docx),
            (
                b"PK\x03\x04..mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK",
                MediaType::Ods,
            ),
            (b"PK\x03\x04..log.txt", MediaType::Zip),
            (b"agency,state\nAlder,WA\nBirch,OR\n", MediaType::Csv),
            (b"agency;state\nPe\xf1asco;NM\n", MediaType::Csv),
            (b"Dear clerk,\n\nplease send the log.\n", MediaType::Text),
            (
                b"From: clerk@alder.example\r\nTo: r@example.org\r\nSubject: Your request\r\n\r\nHello, all\r\n",
                MediaType::Eml,
            ),
            (
                b"Return-Path: <a@alder.example>\r\nReceived: from x\r\n by y\r\n\r\nbody",
                MediaType::Eml,
            ),
            (b"<!DOCTYPE html><html><script>", MediaType::Html),
            (b"\0\x01\x02\x03\x04binary\0\0", MediaType::Unknown),
            (b"", MediaType::Unknown),
        ];
        for (bytes, expected) in cases {
            assert_eq!(
                sniff(bytes),
                expected,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn names_read_back() {
        for media in MediaType::ALL {
            assert_eq!(media.as_str().parse(), Ok(media));
        }
        assert_eq!("text/x-evil".parse::<MediaType>(), Err(UnknownMediaType));
    }
}
