//! The laid-out packet: nothing off the page, contents that point right, and the same bytes each time.

use super::super::flow::{MARGIN, PAGE_HEIGHT, PAGE_WIDTH};
use super::super::sample::{Paper, packet};
use super::*;

fn papers(count: usize) -> Vec<Paper> {
    (0..count)
        .map(|i| Paper {
            title: "Detainer policy 4.12 with every version in force since 2021",
            agency: "Alder County Sheriff",
            bytes: format!("paper {i}").into_bytes(),
            pages: 3,
        })
        .collect()
}

fn texts(pages: &Pages, page: usize) -> String {
    pages.pages[page]
        .texts
        .iter()
        .map(|t| t.run.text())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn no_text_or_rule_runs_off_the_page() {
    let packet = packet(&papers(30));
    let mut made = set(&packet, &set(&packet, &[]).pages.headings);
    foot(&mut made.pages, "Alder Valley · edition 2", 1);
    for (number, page) in made.pages.pages.iter().enumerate() {
        for placed in &page.texts {
            let end = placed.x + placed.run.width;
            assert!(
                placed.x >= MARGIN - 0.1 && end <= PAGE_WIDTH - MARGIN + 0.6,
                "page {number}: {:?} ends at {end}",
                placed.run.text()
            );
            assert!(placed.y >= 40.0 && placed.y <= PAGE_HEIGHT - MARGIN);
        }
        for rule in &page.rules {
            assert!(rule.x >= MARGIN - 0.1 && rule.x + rule.width <= PAGE_WIDTH - MARGIN + 0.1);
        }
    }
}

#[test]
fn the_contents_name_the_pages_on_which_sections_stand() {
    let packet = packet(&papers(12));
    let draft = set(&packet, &[]);
    let made = set(&packet, &draft.pages.headings);
    let places = |pages: &Pages| -> Vec<(String, usize)> {
        pages
            .headings
            .iter()
            .map(|h| (h.name.clone(), h.page))
            .collect()
    };
    assert_eq!(
        places(&draft.pages),
        places(&made.pages),
        "the second setting moves nothing"
    );
    let contents = made
        .pages
        .headings
        .iter()
        .find(|h| h.name == "contents")
        .expect("contents");
    let said = texts(&made.pages, contents.page);
    let sections = made.pages.headings.iter().filter(|h| h.level == 1).count();
    assert_eq!(sections, SECTIONS + 1, "the contents and the sections");
    for heading in made.pages.headings.iter().filter(|h| h.level == 1) {
        if heading.name != "contents" {
            assert!(said.contains(&heading.title), "{}", heading.title);
            let on = texts(&made.pages, heading.page);
            let words = heading.title.split_once(' ').map_or("", |(_, words)| words);
            assert!(on.contains(words), "{words}");
        }
    }
    assert!(said.contains("A-1") && said.contains("L-1"));
}

#[test]
fn every_source_tag_leads_to_its_exhibit() {
    let packet = packet(&papers(2));
    let made = set(&packet, &[]);
    let exhibits: Vec<&Place> = made
        .pages
        .links
        .iter()
        .map(|l| &l.to)
        .filter(|to| matches!(to, Place::Exhibit { .. }))
        .collect();
    // Findings, figures, the agreement, the contents and the index.
    assert!(exhibits.len() >= 3 + 6 + 1 + 2 + 2, "{}", exhibits.len());
    assert!(exhibits.contains(&&Place::Exhibit { index: 1, page: 1 }));
    for link in &made.pages.links {
        let [left, bottom, right, top] = link.rect;
        assert!(left < right && bottom < top && right <= PAGE_WIDTH && top <= PAGE_HEIGHT);
    }
}

#[test]
fn unanswered_questions_and_open_laws_are_said_plainly() {
    let packet = packet(&papers(1));
    let made = set(&packet, &[]);
    let all: String = (0..made.pages.pages.len())
        .map(|page| texts(&made.pages, page))
        .collect::<Vec<_>>()
        .join(" ");
    let said_all = all
        .replace('\u{a0}', " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for said in [
        "14 business days late",
        "31 days, no fixed limit",
        "Not asked.",
        "none fixed",
        "not stated",
        "No definition given by the agency.",
        "Relied on for: Detainers received, Alder County Sheriff",
    ] {
        let found = said_all.contains(said);
        assert!(found, "{said}");
    }
}

#[test]
fn the_same_packet_gives_the_same_bytes() {
    let (one, two) = (packet(&papers(2)), packet(&papers(2)));
    let first = render(&one).expect("it renders");
    let second = render(&two).expect("it renders");
    let strip = |pdf: &[u8]| {
        // The writer's file identifier is random; the bundle sets its own.
        let document = lopdf::Document::load_mem(pdf).expect("it reads back");
        document.objects
    };
    assert_eq!(strip(&first.pdf), strip(&second.pdf));
    assert!(first.pdf.len() < 120_000, "{} bytes", first.pdf.len());
    assert_eq!(first.unprintable, Vec::<char>::new());
}
