//! Invented papers for the tests: letters from agencies as PDF, mails as they arrive, spreadsheets and lists.
//!
//! All of it is made here, good and broken alike. No file of a real agency is ever part of the tests.

use std::io::{Cursor, Write};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};

/// A PDF on US Letter with one page for each text; lines of a text are parted by `\n`.
pub fn pdf(pages: &[&str]) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let mut kids = Vec::new();
    for text in pages {
        let mut operations = vec![
            Operation::new("BT", vec![]),
            Operation::new("Tf", vec!["F1".into(), 12.into()]),
            Operation::new("TL", vec![16.into()]),
            Operation::new("Td", vec![72.into(), 720.into()]),
        ];
        for line in text.lines() {
            operations.push(Operation::new("Tj", vec![Object::string_literal(line)]));
            operations.push(Operation::new("T*", vec![]));
        }
        operations.push(Operation::new("ET", vec![]));
        let content = Content { operations }.encode().expect("a page is written");
        let content = document.add_object(Stream::new(dictionary! {}, content));
        let page = document.add_object(dictionary! {
            "Type" => "Page", "Parent" => tree, "Contents" => content, "Resources" => resources,
            "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
        });
        kids.push(page.into());
    }
    let count = i64::try_from(kids.len()).expect("few pages");
    document.objects.insert(
        tree,
        dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into(),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("a PDF is written");
    bytes
}

/// A PDF that opens only with a password.
pub fn encrypted_pdf() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (open, closed) = (
        folder.path().join("open.pdf"),
        folder.path().join("closed.pdf"),
    );
    std::fs::write(&open, pdf(&["Closed to those without the word."])).expect("a PDF is kept");
    let done = Command::new("qpdf")
        .args(["--encrypt", "reader", "owner", "256", "--"])
        .args([&open, &closed])
        .status()
        .expect("qpdf runs: ./test installs it");
    assert!(done.success(), "qpdf encrypts");
    std::fs::read(&closed).expect("the encrypted PDF is there")
}

/// A PDF cut off in the middle.
pub fn truncated_pdf() -> Vec<u8> {
    let mut bytes = pdf(&["The first page of a policy.", "The second page."]);
    bytes.truncate(bytes.len() * 2 / 3);
    bytes
}

/// A workbook (XLSX) of one sheet; each row is its cells' texts.
pub fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let rows: String = rows
        .iter()
        .map(|cells| {
            let cells: String = cells
                .iter()
                .map(|cell| {
                    format!(
                        r#"<c t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#,
                        escaped(cell)
                    )
                })
                .collect();
            format!("<row>{cells}</row>")
        })
        .collect();
    workbook(&format!("<sheetData>{rows}</sheetData>"))
}

/// A workbook (XLSX) of one sheet, whose body is given as XML: for formulas and merged cells.
pub fn workbook(sheet: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATED: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                r#"<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATED}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{MAIN}">{sheet}</worksheet>"#),
        ),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        let plain = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        archive.start_file(name, plain).expect("a part begins");
        archive
            .write_all(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{text}").as_bytes())
            .expect("a part is written");
    }
    archive
        .finish()
        .expect("a workbook is written")
        .into_inner()
}

/// A mail as it arrives, from a clerk to a request's reply address.
pub struct Mail<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    /// Message-ID of the letter that it answers, with its angle brackets; may be empty.
    pub answers: &'a str,
    /// Name and bytes of each PDF that came with it.
    pub attachments: &'a [(&'a str, &'a [u8])],
}

impl Mail<'_> {
    /// The bytes of the mail, with CRLF line ends.
    pub fn bytes(&self) -> Vec<u8> {
        let mut mail = format!(
            "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: Mon, 12 Jan 2026 15:04:05 -0800\r\n\
             Message-ID: <{:x}.reply@records.example>\r\nMIME-Version: 1.0\r\n",
            self.from,
            self.to,
            self.subject,
            // Different mails, different ids; the same mail again keeps its own.
            self.subject
                .bytes()
                .chain(self.text.bytes())
                .fold(7u64, |sum, byte| sum
                    .wrapping_mul(31)
                    .wrapping_add(u64::from(byte))),
        );
        if !self.answers.is_empty() {
            mail.push_str(&format!(
                "In-Reply-To: {0}\r\nReferences: {0}\r\n",
                self.answers
            ));
        }
        let text = self.text.replace('\n', "\r\n");
        mail.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=\"cut-here\"\r\n\r\n\
             --cut-here\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        ));
        for (name, bytes) in self.attachments {
            let encoded = STANDARD.encode(bytes);
            let lines: Vec<&str> = encoded
                .as_bytes()
                .chunks(76)
                .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
                .collect();
            mail.push_str(&format!(
                "--cut-here\r\nContent-Type: application/pdf; name=\"{name}\"\r\n\
                 Content-Disposition: attachment; filename=\"{name}\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
                lines.join("\r\n")
            ));
        }
        mail.push_str("--cut-here--\r\n");
        mail.into_bytes()
    }
}

/// A mail in a character set that its header names wrongly, with bytes that fit neither.
pub fn mail_with_a_broken_charset(to: &str) -> Vec<u8> {
    let mut mail = format!(
        "From: clerk@records.example\r\nTo: {to}\r\nSubject: =?x-unheard-of?Q?Your_request?=\r\n\
         Message-ID: <charset@records.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=x-unheard-of\r\n\r\nWe have received your request. Caf"
    )
    .into_bytes();
    mail.extend([0xe9, 0xff, 0xfe, 0x80, b'.', b'\r', b'\n']);
    mail
}

/// A mail of several parts that ends before its final boundary, in the middle of an attachment.
pub fn mail_without_its_end(to: &str) -> Vec<u8> {
    let whole = Mail {
        from: "clerk@records.example",
        to,
        subject: "Your request",
        text: "Please find the policy attached.",
        answers: "",
        attachments: &[("policy.pdf", &pdf(&["Policy"]))],
    }
    .bytes();
    let end = whole.len() - 200;
    whole[..end].to_vec()
}

/// A list of agencies as an old spreadsheet program saves it: Latin-1, with letters that are no UTF-8.
pub fn csv_in_latin_1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).expect("the text fits Latin-1"))
        .collect()
}

/// A grey picture as a PNG: `dark` says which pixels are ink.
pub fn png(width: u32, height: u32, dark: impl Fn(u32, u32) -> bool) -> Vec<u8> {
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |mut sum, byte| {
            sum ^= u32::from(*byte);
            for _ in 0..8 {
                sum = (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
            }
            sum
        })
    }
    let mut raw = Vec::new();
    for y in 0..height {
        raw.push(0);
        raw.extend((0..width).map(|x| if dark(x, y) { 0u8 } else { 255 }));
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in &raw {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    // Deflate without compressing: stored blocks.
    let mut data = vec![0x78, 0x01];
    let mut blocks = raw.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).expect("a block fits");
        data.push(u8::from(blocks.peek().is_none()));
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend_from_slice(block);
    }
    data.extend((b << 16 | a).to_be_bytes());
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [(b"IHDR", &header), (b"IDAT", &data), (b"IEND", &Vec::new())] {
        png.extend(
            u32::try_from(content.len())
                .expect("a chunk fits")
                .to_be_bytes(),
        );
        let mut chunk = name.to_vec();
        chunk.extend_from_slice(content);
        png.extend_from_slice(&chunk);
        png.extend(crc(&chunk).to_be_bytes());
    }
    png
}

#[test]
fn the_papers_are_what_they_say() {
    use calamine::Reader;
    let policy = pdf(&["One", "Two"]);
    let read = Document::load_mem(&policy).expect("a PDF");
    assert_eq!(read.get_pages().len(), 2);
    assert!(read.extract_text(&[2]).expect("its text").contains("Two"));
    assert!(Document::load_mem(&encrypted_pdf()).map_or(true, |closed| closed.is_encrypted()));

    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(xlsx(&[&["STATE", "A & B"], &["WA", "é"]])))
            .expect("a workbook");
    let sheet = book.worksheet_range("Sheet1").expect("a sheet");
    assert_eq!(sheet.get_size(), (2, 2));
    assert_eq!(
        sheet.get((0, 1)).map(ToString::to_string).as_deref(),
        Some("A & B")
    );

    let mail = Mail {
        from: "clerk@records.example",
        to: "requests+abc@campaign.example",
        subject: "Your request",
        text: "Attached.\nRegards",
        answers: "<letter@campaign.example>",
        attachments: &[("policy.pdf", &policy)],
    }
    .bytes();
    let read = mail_parser::MessageParser::default()
        .parse(&mail)
        .expect("a mail");
    assert_eq!(read.attachment_count(), 1);
    assert_eq!(
        read.attachments().next().map(|part| part.contents()),
        Some(policy.as_slice())
    );
}

/// A ZIP archive of these files.
pub fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let packed = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(*name, packed).expect("a file begins");
        archive.write_all(bytes).expect("a file is written");
    }
    archive
        .finish()
        .expect("an archive is written")
        .into_inner()
}
