//! Outlook files made here with the properties that Outlook writes; and damaged ones. Longer than 500 lines: each made
//! message names all its properties.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use cfb::{CompoundFile, Version};

use super::files::ATTACHMENT;
use super::*;
use crate::domain::approval::sha256_hex;

/// A value of a property.
#[derive(Clone)]
enum Value {
    Wide(&'static str),
    /// Text of one byte a sign.
    Narrow(&'static [u8]),
    Bytes(Vec<u8>),
    Number(u32),
    Time(u64),
    Yes,
}
use Value::{Bytes, Narrow, Number, Time, Wide, Yes};

/// An object with its properties and the objects below it.
#[derive(Clone, Default)]
struct Made {
    properties: Vec<(u16, Value)>,
    below: Vec<(String, Made)>,
}

fn made(properties: &[(u16, Value)]) -> Made {
    Made {
        properties: properties.to_vec(),
        below: Vec::new(),
    }
}

impl Made {
    fn with(mut self, name: &str, object: Made) -> Made {
        self.below.push((name.to_owned(), object));
        self
    }

    fn recipient(
        self,
        number: usize,
        kind: u32,
        name: &'static str,
        address: &'static str,
    ) -> Made {
        let object = made(&[
            (id::RECIPIENT_TYPE, Number(kind)),
            (id::DISPLAY_NAME, Wide(name)),
            (id::EMAIL_ADDRESS, Wide(address)),
        ]);
        self.with(&format!("{RECIPIENT}#{number:08X}"), object)
    }

    fn attachment(self, number: usize, object: Made) -> Made {
        self.with(&format!("{ATTACHMENT}#{number:08X}"), object)
    }

    fn write(&self, file: &mut CompoundFile<Cursor<Vec<u8>>>, at: &Path, header: usize) {
        let mut table = vec![0_u8; header];
        for (number, value) in &self.properties {
            let (kind, eight, stream) = match value {
                Wide(text) => (
                    0x001F_u16,
                    0,
                    Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
                ),
                Narrow(bytes) => (0x001E, 0, Some(bytes.to_vec())),
                Bytes(bytes) => (0x0102, 0, Some(bytes.clone())),
                Number(number) => (0x0003, u64::from(*number), None),
                Time(ticks) => (0x0040, *ticks, None),
                Yes => (0x000B, 1, None),
            };
            table.extend(kind.to_le_bytes());
            table.extend(number.to_le_bytes());
            table.extend([6, 0, 0, 0]);
            let size = stream
                .as_ref()
                .map_or(eight, |stream: &Vec<u8>| stream.len() as u64);
            table.extend(size.to_le_bytes());
            if let Some(stream) = stream {
                let path = at.join(format!("__substg1.0_{number:04X}{kind:04X}"));
                file.create_stream(path)
                    .unwrap()
                    .write_all(&stream)
                    .unwrap();
            }
        }
        file.create_stream(at.join("__properties_version1.0"))
            .unwrap()
            .write_all(&table)
            .unwrap();
        for (name, object) in &self.below {
            let path: PathBuf = at.join(name);
            file.create_storage(&path).unwrap();
            let header = if name.starts_with("__substg") { 24 } else { 8 };
            object.write(file, &path, header);
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut file =
            CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new())).unwrap();
        file.create_storage("/__nameid_version1.0").unwrap();
        for stream in ["00020102", "00030102", "00040102"] {
            file.create_stream(format!("/__nameid_version1.0/__substg1.0_{stream}"))
                .unwrap();
        }
        self.write(&mut file, Path::new("/"), 32);
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    fn read(&self) -> Parsed {
        let raw = self.bytes();
        parse(&raw, &sha256_hex(&raw)).unwrap()
    }
}

/// 2026-01-16T17:02:10Z.
const FRIDAY: u64 = (1_768_582_930 + 11_644_473_600) * 10_000_000;

fn plain(text: &'static str) -> Made {
    made(&[
        (id::MESSAGE_CLASS, Wide("IPM.Note")),
        (id::SUBJECT, Wide("RE: Records request")),
        (id::BODY, Wide(text)),
    ])
}

/// A mail within one Exchange organisation: no headers, directory paths in place of some addresses, another message
/// attached whose own people and files are not this one's.
#[test]
fn mail_without_headers_is_read_by_its_properties() {
    let within = made(&[
        (id::MESSAGE_CLASS, Wide("IPM.Note")),
        (id::SUBJECT, Wide("Log of 12/2025")),
        (id::BODY, Wide("The log is below.")),
        (id::INTERNET_MESSAGE_ID, Wide("<inner@alder.example>")),
    ])
    .recipient(0, 1, "Somebody Else", "else@alder.example")
    .attachment(
        0,
        made(&[
            (id::ATTACH_METHOD, Number(1)),
            (id::ATTACH_LONG_FILENAME, Wide("inner.csv")),
            (id::ATTACH_DATA, Bytes(b"a,b\r\n".to_vec())),
        ]),
    );
    let mail = made(&[
        (id::MESSAGE_CLASS, Wide("IPM.Note")),
        (id::SUBJECT, Wide("\u{1}\u{5}RE: Records request S-0042")),
        (id::CLIENT_SUBMIT_TIME, Time(FRIDAY)),
        (id::INTERNET_MESSAGE_ID, Wide("<outer@alder.example>")),
        (id::IN_REPLY_TO, Wide("<letter.1@campaign.example>")),
        (
            id::INTERNET_REFERENCES,
            Wide("<first@x.example>\r\n <letter.1@campaign.example>"),
        ),
        (id::SENDER_NAME, Wide("Scanner")),
        (id::SENDER_ADDRESS, Wide("/O=ALDER/OU=X/CN=SCANNER")),
        (id::SENT_REPRESENTING_NAME, Wide("Sample, Dana")),
        (id::SENT_REPRESENTING_ADDRESS, Wide("/O=ALDER/OU=X/CN=DANA")),
        (
            id::SENT_REPRESENTING_SMTP_ADDRESS,
            Wide("dana@alder.example"),
        ),
        (id::BODY, Wide("See the policy.\r\n\r\nDana")),
        (
            id::HTML,
            Bytes(b"<p>See the policy. <img src=\"cid:logo@x\"></p>".to_vec()),
        ),
    ])
    .recipient(0, 1, "Alder Welcome", "records@campaign.example")
    .recipient(1, 1, "Records Desk", "/O=ALDER/OU=X/CN=DESK")
    .recipient(2, 2, "'legal@alder.example'", "legal@alder.example")
    .recipient(3, 3, "Hidden", "hidden@alder.example")
    .attachment(
        0,
        made(&[
            (id::ATTACH_METHOD, Number(1)),
            (id::ATTACH_FILENAME, Wide("POLICY~1.PDF")),
            (id::ATTACH_LONG_FILENAME, Wide("Policy 5.14.pdf")),
            (id::ATTACH_MIME_TAG, Wide("application/pdf")),
            (id::ATTACH_CONTENT_ID, Wide("f_1")),
            (id::ATTACH_DATA, Bytes(b"%PDF-1.4".to_vec())),
        ]),
    )
    .attachment(
        1,
        made(&[
            (id::ATTACH_METHOD, Number(1)),
            (id::ATTACH_LONG_FILENAME, Wide("logo.png")),
            (id::ATTACH_CONTENT_ID, Wide("logo@x")),
            (id::ATTACH_DATA, Bytes(b"\x89PNG".to_vec())),
        ]),
    )
    .attachment(
        2,
        made(&[
            (id::ATTACH_METHOD, Number(1)),
            (id::ATTACH_LONG_FILENAME, Wide("image001.png")),
            (id::ATTACHMENT_HIDDEN, Yes),
            (id::ATTACH_DATA, Bytes(b"\x89PNG2".to_vec())),
        ]),
    )
    .attachment(
        3,
        made(&[
            (id::ATTACH_METHOD, Number(5)),
            (id::DISPLAY_NAME, Wide("Log of 12/2025")),
        ])
        .with("__substg1.0_3701000D", within),
    )
    .attachment(
        4,
        made(&[
            (id::ATTACH_METHOD, Number(7)),
            (
                id::ATTACH_LONG_PATHNAME,
                Wide("https://alder.example/files/big.zip"),
            ),
        ]),
    )
    .attachment(
        5,
        made(&[
            (id::ATTACH_METHOD, Number(1)),
            (id::ATTACH_LONG_FILENAME, Wide("lost.pdf")),
        ]),
    );
    let read = mail.read();
    let people = |list: &[Person]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(read.message_id, "outer@alder.example");
    assert_eq!(read.in_reply_to, ["letter.1@campaign.example"]);
    assert_eq!(
        read.references,
        ["first@x.example", "letter.1@campaign.example"]
    );
    assert_eq!(
        read.from.unwrap().to_string(),
        "Sample, Dana <dana@alder.example>"
    );
    assert_eq!(
        people(&read.to),
        ["Alder Welcome <records@campaign.example>", "Records Desk"]
    );
    assert_eq!(people(&read.cc), ["legal@alder.example"]);
    assert_eq!(read.date.unwrap().to_rfc3339(), "2026-01-16T17:02:10+00:00");
    assert_eq!(read.subject, "RE: Records request S-0042");
    assert_eq!(
        (read.text.as_str(), read.text_from_html),
        ("See the policy.\n\nDana", false)
    );
    assert!(read.html.unwrap().contains("cid:logo@x"));
    assert!(!read.auto_reply && read.bounce.is_none());
    let files: Vec<_> = read
        .attachments
        .iter()
        .map(|part| (part.name.as_str(), part.media_type.as_str(), part.inline))
        .collect();
    assert_eq!(
        files,
        [
            ("Policy 5.14.pdf", "application/pdf", false),
            ("logo.png", "application/octet-stream", true),
            ("image001.png", "application/octet-stream", true),
            ("Log of 12_2025.msg", "application/vnd.ms-outlook", false),
        ]
    );
    assert_eq!(read.attachments[0].bytes, b"%PDF-1.4");
    assert!(
        read.problems[1].contains("only a link: https://alder.example/files/big.zip"),
        "{:?}",
        read.problems
    );
    assert!(
        read.problems[2].contains("Attachment 6"),
        "{:?}",
        read.problems
    );

    // The message within is a file that opens as one, the same every time.
    assert_eq!(mail.read().attachments[3].bytes, read.attachments[3].bytes);
    let inner = super::super::parse(&read.attachments[3].bytes).unwrap();
    assert_eq!(inner.message_id, "inner@alder.example");
    assert_eq!(people(&inner.to), ["Somebody Else <else@alder.example>"]);
    assert_eq!(inner.text, "The log is below.");
    assert_eq!(inner.attachments[0].bytes, b"a,b\r\n");
}

#[test]
fn headers_go_before_properties_and_a_draft_has_no_date() {
    let mut mail = plain("Hello");
    mail.properties.extend([
        (id::TRANSPORT_HEADERS, Wide("Microsoft Mail Internet Headers Version 2.0\r\nReceived: from x by y for <records+abc@campaign.example>; Fri, 16 Jan 2026 09:00:00 -0800\r\nFrom: Dana Sample <dana@alder.example>\r\nTo: Records <records@campaign.example>\r\nDate: Fri, 16 Jan 2026 09:02:10 -0800\r\nMessage-ID: <h@alder.example>\r\nAuto-Submitted: auto-replied\r\n\r\n")),
        (id::SENDER_NAME, Wide("Other")),
        (id::CLIENT_SUBMIT_TIME, Time(FRIDAY + 990_000_000)),
    ]);
    let read = mail.recipient(0, 1, "Nobody", "nobody@x.example").read();
    assert_eq!(
        read.from.unwrap().to_string(),
        "Dana Sample <dana@alder.example>"
    );
    assert_eq!(read.to[0].address, "records@campaign.example");
    assert_eq!(read.delivered_to, ["records+abc@campaign.example"]);
    assert_eq!(read.date.unwrap().to_rfc3339(), "2026-01-16T17:02:10+00:00");
    assert_eq!(read.message_id, "h@alder.example");
    assert!(read.auto_reply);

    let mut draft = plain("Hello");
    draft.properties.extend([
        (id::CLIENT_SUBMIT_TIME, Time(FRIDAY)),
        (id::MESSAGE_FLAGS, Number(8)),
    ]);
    assert_eq!(draft.read().date, None);
    let nobody = plain("Hello").read();
    assert!(nobody.from.is_none() && nobody.message_id.ends_with("@no-message-id.invalid"));
}

#[test]
fn every_kind_of_body_is_read() {
    let class = (id::MESSAGE_CLASS, Wide("IPM.Note"));
    let packed = |rtf: &str| Bytes([&[0; 8][..], b"MELA", &[0; 4], rtf.as_bytes()].concat());
    for (properties, text, from_html) in [
        // Of an old Outlook in Russian.
        (
            vec![
                (id::MESSAGE_CODEPAGE, Number(1251)),
                (id::BODY, Narrow(b"\xCF\xEE\xEB\xE8\xF2\xE8\xEA\xE0")),
            ],
            "Политика",
            false,
        ),
        (
            vec![(id::BODY, Narrow(b"Se\xF1or \x93x\x94"))],
            "Señor “x”",
            false,
        ),
        (
            vec![
                (id::INTERNET_CODEPAGE, Number(28_591)),
                (id::HTML, Bytes(b"<p>Se\xF1or</p>".to_vec())),
            ],
            "Señor",
            true,
        ),
        (
            vec![(id::HTML, Bytes("<p>Señor</p>".as_bytes().to_vec()))],
            "Señor",
            true,
        ),
        (vec![(id::HTML, Wide("<p>Señor</p>"))], "Señor", true),
        (
            vec![(
                id::RTF_COMPRESSED,
                packed("{\\rtf1\\ansi The fee is \\'a35.\\par Dana}"),
            )],
            "The fee is £5.\nDana",
            false,
        ),
        (
            vec![(
                id::RTF_COMPRESSED,
                packed(
                    "{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}The fee{\\*\\htmltag72 </p>}}",
                ),
            )],
            "The fee",
            true,
        ),
        (
            vec![
                (id::BODY, Wide(" \r\n")),
                (id::HTML, Wide("<p>All is here</p>")),
            ],
            "All is here",
            true,
        ),
        (vec![], "", false),
    ] {
        let properties = [vec![class.clone()], properties].concat();
        let read = made(&properties).read();
        assert_eq!((read.text.trim(), read.text_from_html), (text, from_html));
    }
    assert_eq!(rtf::unpacked(b""), None);
}

#[test]
fn reports_automatic_answers_and_signed_mail_are_told_by_their_class() {
    let mut report = made(&[
        (id::MESSAGE_CLASS, Wide("REPORT.IPM.Note.NDR")),
        (id::SUBJECT, Wide("Undeliverable: Records request")),
        (id::ORIGINAL_MESSAGE_ID, Wide("<letter.1@campaign.example>")),
    ]);
    report = report.with(
        &format!("{RECIPIENT}#00000000"),
        made(&[
            (id::DISPLAY_NAME, Wide("clerk@alder.example")),
            (id::EMAIL_ADDRESS, Wide("clerk@alder.example")),
            (
                id::SUPPLEMENTARY_INFO,
                Wide("<mx.alder.example #5.1.1 smtp;550 5.1.1 User unknown>"),
            ),
        ]),
    );
    let read = report.read();
    let bounce = read.bounce.unwrap();
    assert_eq!(bounce.kind, super::super::BounceKind::Hard);
    assert_eq!(
        (bounce.recipient.as_deref(), bounce.status.as_deref()),
        (Some("clerk@alder.example"), Some("5.1.1"))
    );
    assert_eq!(read.references, ["letter.1@campaign.example"]);
    assert!(read.auto_reply);

    let shown = made(&[
        (id::MESSAGE_CLASS, Wide("REPORT.IPM.Note.IPNRN")),
        (id::ORIGINAL_MESSAGE_ID, Wide("<l@x>")),
    ])
    .read();
    assert_eq!(
        shown.receipt,
        Some(Receipt {
            kind: ReceiptKind::Displayed,
            of: Some("l@x".to_owned())
        })
    );
    let away = made(&[
        (
            id::MESSAGE_CLASS,
            Wide("IPM.Note.Rules.OofTemplate.Microsoft"),
        ),
        (id::BODY, Wide("Away")),
    ])
    .read();
    assert!(away.auto_reply);
    assert!(
        !plain("We received your request and will answer by Friday.")
            .read()
            .auto_reply
    );

    let signed = b"Content-Type: multipart/signed; boundary=\"s\"; protocol=\"application/pkcs7-signature\"\r\n\r\n--s\r\nContent-Type: multipart/mixed; boundary=\"m\"\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nSigned words.\r\n--m\r\nContent-Type: application/pdf; name=log.pdf\r\nContent-Disposition: attachment; filename=log.pdf\r\n\r\n%PDF\r\n--m--\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--s--\r\n";
    let read = made(&[(id::MESSAGE_CLASS, Wide("IPM.Note.SMIME.MultipartSigned"))])
        .attachment(
            0,
            made(&[
                (id::ATTACH_METHOD, Number(1)),
                (id::ATTACH_LONG_FILENAME, Wide("smime.p7m")),
                (id::ATTACH_MIME_TAG, Wide("multipart/signed")),
                (id::ATTACH_DATA, Bytes(signed.to_vec())),
            ]),
        )
        .read();
    assert_eq!(read.text, "Signed words.");
    let names: Vec<_> = read
        .attachments
        .iter()
        .map(|part| part.name.as_str())
        .collect();
    assert_eq!(names, ["log.pdf", "smime.p7s"]);
}

#[test]
fn what_is_no_outlook_message_is_said_so_and_nothing_panics() {
    assert!(!is_msg(b"From: a\r\n\r\n"));
    let hash = "0".repeat(64);
    assert_eq!(parse(OLE, &hash), Err(NotMail::NotOutlook));
    let contact = made(&[(id::MESSAGE_CLASS, Wide("Something.Else"))]).bytes();
    assert_eq!(parse(&contact, &hash), Err(NotMail::NotOutlook));
    let mut other = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    other
        .create_stream("/WordDocument")
        .unwrap()
        .write_all(b"x")
        .unwrap();
    other.flush().unwrap();
    assert_eq!(
        parse(&other.into_inner().into_inner(), &hash),
        Err(NotMail::NotOutlook)
    );

    let whole = plain("Hello there")
        .recipient(0, 1, "Records", "records@campaign.example")
        .attachment(
            0,
            made(&[
                (id::ATTACH_METHOD, Number(1)),
                (id::ATTACH_LONG_FILENAME, Wide("a.bin")),
                (id::ATTACH_DATA, Bytes(vec![7; 9_000])),
            ]),
        )
        .bytes();
    let mut seed = 7_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut read = 0;
    for round in 0..3_000 {
        let mut damaged = whole.clone();
        for _ in 0..=random(4) {
            // The first half of them where the tables are.
            let at = if round % 2 == 0 {
                random(1_024)
            } else {
                random(whole.len())
            };
            damaged[at] = if random(3) == 0 {
                0xFF
            } else {
                u8::try_from(random(256)).unwrap()
            };
        }
        if round % 7 == 0 {
            damaged.truncate(random(whole.len()));
        }
        if let Ok(mail) = parse(&damaged, &hash) {
            read += 1;
            let taken: usize = mail.attachments.iter().map(|part| part.bytes.len()).sum();
            assert!(taken <= whole.len() * 2, "{taken}");
        }
    }
    assert!(read > 500, "{read}");
}
