//! A letter on paper: the same bytes each time, the same words as the mail, nothing off the page.

use std::process::Command;

use super::*;
use crate::domain::letter::{
    Addressee, LetterFacts, LetterKind, LetterLaw, Requester, Resident, compose, list_items,
};
use crate::domain::records::Catalogue;
use crate::domain::request::{Format, Reference};
use crate::law::{HolderKind, Library};

fn letter(code: &str, keys: &[&str]) -> Letter {
    let library = Library::embedded().expect("sound law files");
    let law = LetterLaw::of(
        library.get(&code.parse().expect("a code")).expect("a law"),
        HolderKind::Sheriff,
        "2026-11-20".parse().expect("a day"),
    );
    let catalogue = Catalogue::embedded().expect("a sound catalogue");
    let on: NaiveDate = "2026-11-20".parse().expect("a day");
    let period = "2023-07-01..2026-06-30".parse().expect("a period");
    let keys: Vec<&str> = if keys.is_empty() {
        catalogue
            .all()
            .iter()
            .map(|record| record.key.as_str())
            .collect()
    } else {
        keys.to_vec()
    };
    let (items, _) =
        list_items(&catalogue, &keys, &law, "Alder County Sheriff", &period, on).expect("items");
    let facts = LetterFacts {
        requester: Requester {
            name: "Rosa Peña".into(),
            organisation: "Alder Welcome Campaign".into(),
            address: "PO Box 12\nAlder City 98000".into(),
            email: "records@alder.example".into(),
            phone: "206-555-0100".into(),
        },
        resident: law.residents_only.then(|| Resident {
            name: "Ana Example".into(),
            address: "1 Elm Street\nAlder City".into(),
        }),
        addressee: Addressee {
            agency: "Alder County Sheriff's Office".into(),
            custodian_title: "Public Records Officer".into(),
            address: "400 Main Street\nAlder City 98000".into(),
            email: String::new(),
        },
        law,
        items,
        period,
        format: Format::Native,
        our_ref: Reference(42),
        reply_address: "records+abcdefghijkmn2@alder.example".into(),
        date: on,
        fee_ceiling_cents: 5000,
        kind: LetterKind::Request,
        confirmed: std::collections::BTreeSet::new(),
        occasion: None,
    };
    let draft = compose(&facts).expect("a letter");
    Letter {
        organisation: facts.requester.organisation,
        under: vec!["PO Box 12, Alder City 98000".into(), "206-555-0100".into()],
        subject: draft.subject,
        body: draft.body,
        reference: "S-0042".into(),
        on,
        remark: String::new(),
        signature: None,
    }
}

fn drawn() -> Arc<Picture> {
    let (width, height) = (300, 80);
    let gray = (0..width * height)
        .map(|at| {
            if (at / width + at % width / 3) % 40 < 4 {
                0
            } else {
                255
            }
        })
        .collect();
    Arc::new(Picture {
        width,
        height,
        gray,
    })
}

/// The words of a PDF as `pdftotext` copies them, without the feet of its pages, and without any blank.
fn copied(set: &Set, foot: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("letter.pdf");
    std::fs::write(&file, &set.pdf).expect("written");
    let out = Command::new("pdftotext")
        .arg("-layout")
        .arg(&file)
        .arg("-")
        .output()
        .expect("pdftotext runs");
    assert!(out.status.success(), "{out:?}");
    let text = String::from_utf8(out.stdout).expect("text");
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert_eq!(pages.len(), set.pages);
    let mut all = String::new();
    for (at, page) in pages.iter().enumerate() {
        let page: String = page.split_whitespace().collect();
        let foot: String = format!("{foot}page {} of {}", at + 1, set.pages)
            .split_whitespace()
            .collect();
        all.push_str(
            page.strip_suffix(&foot)
                .unwrap_or_else(|| panic!("no foot “{foot}” in {page}")),
        );
    }
    all
}

#[test]
fn paper_and_mail_say_the_same() {
    for code in ["WA", "IL", "CA", "TX", "VA", "FL", "US"] {
        let letter = letter(code, &[]);
        let set = render(&letter).expect("set");
        assert!(set.unprintable.is_empty(), "{:?}", set.unprintable);
        let (before, rest) = letter.body.split_once("Dear ").expect("a salutation");
        let said: String = [
            letter.organisation.as_str(),
            &letter.under.join(" · "),
            before,
            &letter.subject,
            "Dear ",
            rest,
        ]
        .concat()
        .split_whitespace()
        .collect();
        let copied = copied(&set, "S-0042 · Alder Welcome Campaign");
        assert_eq!(copied, said, "{code}");
    }
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let mut letter = letter("WA", &["detainer_summary", "detainer_policy"]);
    letter.signature = Some(drawn());
    let one = render(&letter).expect("set");
    let two = render(&letter).expect("set again");
    assert!(one == two, "the bytes differ");
    letter.remark = "Draft".into();
    assert_ne!(render(&letter).expect("set").pdf, one.pdf);
    let read = Document::load_mem(&one.pdf).expect("a PDF");
    assert_eq!(read.get_pages().len(), one.pages);
    assert!(one.pdf.len() < 200_000, "{} bytes", one.pdf.len());
}

#[test]
fn a_signature_is_never_alone_on_its_page() {
    let mut letter = letter("WA", &["detainer_summary"]);
    for lines in 0..60 {
        letter.body = format!(
            "Dear clerk:\n\n{}Thank you.\n\nSincerely,\n\nRosa Quill\nAlder Coalition\n",
            "A line.\n\n".repeat(lines)
        );
        let (pages, _) = lay(&letter);
        let page_of = |words: &str| {
            pages.pages.iter().position(|page| {
                page.texts
                    .iter()
                    .any(|placed| placed.run.text().contains(words))
            })
        };
        assert!(page_of("Sincerely").is_some());
        assert_eq!(page_of("Sincerely"), page_of("Thank"), "{lines}");
        assert_eq!(page_of("Sincerely"), page_of("Quill"), "{lines}");
    }
}

#[test]
fn a_signature_stands_above_the_name_and_odd_texts_are_set() {
    let mut letter = letter("VA", &["detainer_summary"]);
    let without = render(&letter).expect("set").pdf;
    letter.signature = Some(drawn());
    let with = render(&letter).expect("set");
    assert!(with.pdf.len() > without.len());
    let read = Document::load_mem(&with.pdf).expect("a PDF");
    let pictures = read
        .objects
        .values()
        .filter_map(|object| object.as_stream().ok())
        .filter(|stream| {
            stream.dict.get(b"Subtype").and_then(Object::as_name).ok() == Some(b"Image")
        })
        .count();
    assert_eq!(pictures, 1);
    let long = "word ".repeat(4000) + &"x".repeat(600);
    for body in [
        "",
        "no form at all",
        "Dear me",
        long.as_str(),
        "漢字 and \u{7}",
    ] {
        letter.body = body.to_owned();
        let set = render(&letter).expect("set");
        assert!(set.pages >= 1);
    }
}
