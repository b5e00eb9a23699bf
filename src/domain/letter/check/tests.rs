//! What blocks a letter, what had better be changed, and what is right and left alone.

use super::*;
use crate::law::{HolderKind, Library};

fn washington() -> LetterLaw {
    let library = Library::embedded().expect("sound law files");
    let code = "WA".parse().expect("a code");
    LetterLaw::of(
        library.get(&code).expect("Washington"),
        HolderKind::Sheriff,
        "2026-11-20".parse().expect("a day"),
    )
}

fn notes(body: &str) -> Vec<Note> {
    check("Records request", body, &washington())
}

#[test]
fn every_pattern_compiles() {
    for pattern in [
        &MERGE_FIELD,
        &PERSON_NUMBER,
        &SHORT_YEAR,
        &YEAR,
        &ITEM,
        &INITIALS,
        &SHOUTED,
        &WITHIN,
        &ALIEN,
    ] {
        assert!(LazyLock::force(pattern).is_some());
    }
    assert_eq!(BETTER_NOT_READ.len(), BETTER_NOT.len());
}

#[test]
fn what_blocks_a_letter() {
    for (body, line, says) in [
        ("Dear {{ name }},\nin 2024", 1, "not filled in"),
        (
            "In 2024\n\nI ask [[Name of a resident]] for it.",
            3,
            "Fill in: Name of a resident.",
        ),
        ("In 2024, dear ____,", 1, "not filled in"),
        ("In 2024 dear [your name],", 1, "not filled in"),
        (
            "In 2024 under 5\nILCS 140/3 I ask",
            2,
            "another jurisdiction (IL)",
        ),
        (
            "In 2024 under the federal Freedom of\nInformation Act I ask",
            1,
            "federal records law",
        ),
        (
            "In 2024 under 5 U.S.C. §\n552 I ask",
            1,
            "federal records law",
        ),
        ("In 2024: A123-456-789.", 1, "A-number"),
        (" \n", 1, "empty"),
    ] {
        let notes = notes(body);
        assert!(
            notes
                .iter()
                .any(|n| n.blocking && n.line == line && n.message.contains(says)),
            "{body}: {notes:?}"
        );
    }
    let two_lines = check("a\nb", "In 2024", &washington());
    assert!(two_lines.iter().any(|note| note.blocking && note.line == 0));
}

#[test]
fn what_had_better_be_changed() {
    for (body, says) in [
        ("I ask for any and all records of 2024.", "any and all"),
        (
            "How many detainees were held in 2024?",
            "A detainee is a person",
        ),
        ("Send it immediately, by 2024.", "immediately"),
        ("You must answer in 2024.", "you must"),
        ("Records of FY24 and 2023.", "FY24"),
        ("PLEASE ANSWER in 2024.", "shouts"),
        ("Illegal holds of 2024.", "illegal"),
        ("Aliens held in 2024.", "alien"),
        ("The XYZ of 2024.", "Explain “XYZ”"),
        ("We will pay $400 in 2024.", "is a promise"),
        ("I promise an answer in 2024.", "is a promise"),
        (
            "If it comes in 2024, we will withdraw item 3.",
            "is a promise",
        ),
        (
            "Records about such detainee in 2024.\n\nThe rule is 8 C.F.R. § 236.6.",
            "A detainee is a person",
        ),
        ("Answer in good time.", "No date with a year"),
        (
            "In 2024 an answer is due within ten business days.",
            "not a limit",
        ),
        (
            "In 2024 an answer is due within 5 calendar days.",
            "not a limit",
        ),
    ] {
        let notes = notes(body);
        assert!(
            notes
                .iter()
                .any(|n| !n.blocking && n.message.contains(says)),
            "{body}: {notes:?}"
        );
    }
}

#[test]
fn what_is_right_is_left_alone() {
    for body in [
        "The period is January 1, 2022 through December 31, 2024.",
        "Not about a detainee within the meaning\nof 8 C.F.R. § 236.6, in 2024.",
        "Awards under the State Criminal Alien Assistance Program (SCAAP) in 2024.",
        "RCW 42.56.520(1) says that you must answer; 2024.",
        "I will pay the lawful cost of this request up to $50 in 2024.",
        "In 2024 you wrote: \"We will pay nothing for detainee records.\"",
        "8 C.F.R. § 236.6 protects a name. A count names no detainee. So it is in 2024.",
        "In 2024 a first response is due within 5 business days, that is within five working days.",
        "Alder County Jail, 1 Main Street, Alderton, WA 98000, 2024",
        "Jordan Reed, 4 Quarry Road, Alderton, WA, asked in 2024",
        "Form I-247A and XLSX and PDF from ICE and CBP in 2024.",
    ] {
        assert_eq!(notes(body), [], "{body}");
    }
}

#[test]
fn thirteen_items_are_too_many() {
    let mut body = String::from("In 2024\n\n");
    for number in 1..=13 {
        body.push_str(&format!("{number:>2}. A record.\n\n"));
    }
    let notes = notes(&body);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].message.contains("13 items"));
    assert_eq!(items("1. a\n3. b\n2. c\n1999. d"), [1, 3]);
}

#[test]
fn odd_texts_do_no_harm() {
    for body in [
        "é. ß detainee’s\n\n\n§",
        "[[",
        "detainee",
        "you must",
        "….\n.",
        "1. \n2. \n",
    ] {
        notes(body);
    }
}
