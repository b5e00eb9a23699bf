//! Saved odd mails, each named by its oddity, read and held by snapshots; and mutants of them.

use std::fmt::Write;
use std::path::Path;

use super::*;

/// Every saved mail, by name.
fn saved() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail");
    let mut mails: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "eml" || ending == "msg")
        })
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    mails.sort();
    mails
}

/// A message as a reader would check it.
fn summary(mail: &Parsed) -> String {
    let mut text = String::new();
    let persons = |list: &[Person]| {
        list.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let yes = |holds: bool| if holds { "yes" } else { "" }.to_owned();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            writeln!(text, "{name}: {value}").unwrap();
        }
    };
    line("id", mail.message_id.clone());
    line(
        "from",
        mail.from
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
    );
    line("to", persons(&mail.to));
    line("cc", persons(&mail.cc));
    line("delivered to", mail.delivered_to.join(", "));
    line("in reply to", mail.in_reply_to.join(", "));
    line("references", mail.references.join(", "));
    line(
        "date",
        mail.date.map(|date| date.to_rfc3339()).unwrap_or_default(),
    );
    line("subject", mail.subject.clone());
    line("auto reply", yes(mail.auto_reply));
    line(
        "bounce",
        mail.bounce
            .as_ref()
            .map(|bounce| format!("{bounce:?}"))
            .unwrap_or_default(),
    );
    line(
        "receipt",
        mail.receipt
            .as_ref()
            .map(|receipt| format!("{receipt:?}"))
            .unwrap_or_default(),
    );
    for part in &mail.attachments {
        line(
            "attachment",
            format!(
                "{} | {} | {} bytes{}",
                part.name,
                part.media_type,
                part.bytes.len(),
                if part.inline { " | inline" } else { "" }
            ),
        );
    }
    for problem in &mail.problems {
        line("problem", problem.clone());
    }
    line("text from html", yes(mail.text_from_html));
    writeln!(text, "---\n{}", mail.text).unwrap();
    text
}

#[test]
fn odd_mails_are_read() {
    let mails = saved();
    assert!(mails.len() >= 20);
    for (name, raw) in mails {
        insta::assert_snapshot!(name.as_str(), summary(&parse(&raw).unwrap()));
    }
}

#[test]
fn a_message_survives_its_way_from_the_worker() {
    for (name, raw) in saved() {
        let mail = parse(&raw).unwrap();
        let json = serde_json::to_string(&mail).unwrap();
        assert_eq!(
            serde_json::from_str::<Parsed>(&json).unwrap(),
            mail,
            "{name}"
        );
    }
}

#[test]
fn files_come_out_byte_for_byte() {
    let mails: std::collections::BTreeMap<_, _> = saved().into_iter().collect();
    let table = parse(&mails["table-in-latin1"]).unwrap();
    assert_eq!(table.attachments[0].bytes, b"a\xF1o,holds\r\n2025,41");

    // An attached message comes out as the very bytes that were attached, inner media types and all.
    let outer = &mails["message-within-message"];
    let attached = &parse(outer).unwrap().attachments[0];
    assert_eq!(attached.media_type, "message/rfc822");
    let inner = outer
        .windows(attached.bytes.len())
        .any(|window| window == attached.bytes);
    assert!(inner);
    let inner = parse(&attached.bytes).unwrap();
    assert_eq!(inner.attachments[0].name, "log.pdf");
    let whole = &parse(&mails["no-message-id"]).unwrap().attachments[0].bytes;
    assert_eq!(inner.attachments[0].bytes, *whole);

    // What came before the cut is the beginning of the file.
    let cut = &parse(&mails["no-final-boundary"]).unwrap().attachments[0];
    assert!(cut.bytes.len() > 300 && whole.starts_with(&cut.bytes));
}

#[test]
fn inspection_keeps_its_contract() {
    let mails: std::collections::BTreeMap<_, _> = saved().into_iter().collect();
    let bounced = parse(&mails["bounce-hard"]).unwrap().inspection();
    assert_eq!(
        bounced["bounce"],
        serde_json::json!({"kind": "hard", "recipient": "records@alder.example", "status": "5.1.1"})
    );
    let table = parse(&mails["table-in-latin1"]).unwrap().inspection();
    insta::assert_snapshot!("inspection", serde_json::to_string_pretty(&table).unwrap());
}

#[test]
fn what_is_no_mail_is_said_in_a_sentence() {
    for (raw, expected) in [
        (b"".as_slice(), NotMail::Empty),
        (b" \r\n\t ".as_slice(), NotMail::Empty),
        (b"hello".as_slice(), NotMail::NoHeaders),
        (b"%PDF-1.4\n\x00\xff\n".as_slice(), NotMail::NoHeaders),
        (b"Shopping: eggs\n\nmilk".as_slice(), NotMail::NoHeaders),
        (b"PK\x03\x04\x00\x00".as_slice(), NotMail::NoHeaders),
    ] {
        assert_eq!(parse(raw).err(), Some(expected), "{raw:?}");
    }
}

/// 12,000 messages within messages overflow the stack of the parser when they are dropped; here they stay shut,
/// also when comments or blanks hide the slash, or base64 hides the rest.
#[test]
fn messages_nested_beyond_reason_stay_shut() {
    let nest = |media_type: &str| {
        let mut mail = "Subject: nest\r\n".to_owned();
        for _ in 0..12_000 {
            write!(mail, "Content-Type: {media_type}\r\n\r\n").unwrap();
        }
        mail + "end"
    };
    for media_type in [
        "message/rfc822",
        "MESSAGE / Global",
        "message(a(b)c)/(d)rfc822",
    ] {
        let mail = parse(nest(media_type).as_bytes()).unwrap();
        assert_eq!(mail.attachments.len(), 1, "{media_type}");
    }
    use base64::Engine;
    let hidden = format!(
        "Subject: x\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        base64::engine::general_purpose::STANDARD.encode(nest("message/rfc822"))
    );
    assert_eq!(parse(hidden.as_bytes()).unwrap().attachments.len(), 1);
    let digest = format!(
        "Subject: x\r\n{}",
        "Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\n".repeat(90)
    );
    assert!(parse(digest.as_bytes()).is_ok());
}

#[test]
fn a_large_message_is_read_in_reasonable_time() {
    let mut raw = b"Subject: big\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n".to_vec();
    let line = [b"A".repeat(76).as_slice(), b"\r\n"].concat();
    for _ in 0..70_000 {
        raw.extend_from_slice(&line);
    }
    raw.extend_from_slice(b"--b--\r\n");
    let mail = parse(&raw).unwrap();
    assert_eq!(mail.attachments[0].bytes.len(), 70_000 * 57);
}

/// Thousands of damaged copies of the saved mails: cut, repeated, spliced, with odd bytes. None may panic, and what
/// is read must keep the promises that the rest of the program relies on.
#[test]
fn damaged_mail_never_panics() {
    // The bomb is stopped after some megabytes each time, which thousands of mutants of it would add up.
    let mails: Vec<_> = saved()
        .into_iter()
        .filter(|(name, _)| name != "archive-bomb")
        .collect();
    let mut seed = 0x5EED_0042_u64;
    let mut random = move |below: usize| {
        // xorshift64*: the same mutants at every run.
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        usize::try_from(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % below.max(1)
    };
    const PIECES: [&[u8]; 14] = [
        b"\r\n\r\n",
        b"--",
        b"--=_cut\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=\"\"\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"=?utf-8?B?////?=",
        b"=?utf-8?Q?=",
        b"filename*0*=utf-8''%",
        b"\x00\xff\xfe",
        b"Date: Tue, 99 Foo 99999 99:99:99 +9999\r\n",
        b"<!--<script<",
        b"&#99999999999;",
        b"From: \"<@(\r\n",
    ];
    let mut read = 0;
    for round in 0..6_000 {
        let mut raw = mails[round % mails.len()].1.clone();
        for _ in 0..=random(6) {
            let at = random(raw.len());
            match random(6) {
                0 => raw.truncate(at),
                1 => {
                    let until = (at + random(200)).min(raw.len());
                    raw.drain(at..until);
                }
                2 => {
                    let until = (at + random(300)).min(raw.len());
                    let copy = raw[at..until].to_vec();
                    let to = random(raw.len());
                    raw.splice(to..to, copy);
                }
                3 => {
                    if let Some(byte) = raw.get_mut(at) {
                        *byte = u8::try_from(random(256)).unwrap();
                    }
                }
                4 => {
                    let piece = PIECES[random(PIECES.len())];
                    raw.splice(at..at, piece.iter().copied());
                }
                _ => {
                    let other = &mails[random(mails.len())].1;
                    let from = random(other.len());
                    let until = (from + random(400)).min(other.len());
                    raw.splice(at..at, other[from..until].iter().copied());
                }
            }
        }
        let Ok(mail) = parse(&raw) else { continue };
        read += 1;
        assert!(!mail.message_id.is_empty() && !mail.message_id.contains(char::is_whitespace));
        assert!(!mail.subject.contains(['\n', '\r', '\0']));
        assert!(!mail.text.contains(['\0', '\u{202E}']));
        let mut names = std::collections::HashSet::new();
        for part in &mail.attachments {
            assert!(!part.name.is_empty() && !part.name.contains(['/', '\\', '\n', '\0']));
            assert!(names.insert(part.name.to_lowercase()), "{}", part.name);
            assert!(part.media_type.contains('/'));
        }
    }
    // The mutants must be mail often enough for the test to mean something.
    assert!(read > 4_000, "{read}");
}
