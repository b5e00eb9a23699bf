//! Findings in brief: the five questions, each with its answer, or with who has not answered.

use super::super::face::Face;
use super::super::text::Span;
use super::{Sheet, TEXT, day, tag};
use crate::domain::packet::{Answer, Finding, Packet, Pending, Unanswered};

pub(super) fn findings(sheet: &mut Sheet, packet: &Packet) {
    sheet.section("findings", "Findings in brief");
    for (question, answer) in packet.answers() {
        sheet.heading(
            Some(&format!("question-{}", question.number())),
            &format!("{}. {}", question.number(), question.asked()),
        );
        one(sheet, answer);
    }
}

fn one(sheet: &mut Sheet, answer: &Answer) {
    for finding in answer.findings() {
        sheet.item("•", &sentence(finding));
    }
    match answer.unanswered() {
        Some(Unanswered::NotAsked) => {
            sheet.para(&[
                Span::new("Not asked. ", Face::SansBold, 9.5),
                Span::new(
                    "No request of this campaign asked this question.",
                    Face::Serif,
                    TEXT,
                ),
            ]);
        }
        Some(Unanswered::Asked(missing)) => {
            for pending in &missing {
                sheet.item("•", &unanswered(pending));
            }
        }
        None => {
            for pending in answer.missing() {
                sheet.item("•", &unanswered(pending));
            }
        }
    }
}

fn sentence(finding: &Finding) -> Vec<Span> {
    let mut spans = vec![Span::new(
        format!("{} ", finding.text().trim()),
        Face::Serif,
        TEXT,
    )];
    for (i, source) in finding.sources().iter().enumerate() {
        let before = if i == 0 { "(" } else { "; " };
        spans.push(Span::new(before, Face::Sans, 8.0));
        spans.push(tag(source, 8.0));
    }
    spans.push(Span::new(")", Face::Sans, 8.0));
    spans
}

fn unanswered(pending: &Pending) -> Vec<Span> {
    let mut text = format!(
        "{} was asked on {} (request {})",
        pending.agency,
        day(pending.asked_on),
        pending.request_number
    );
    if let Some(said) = &pending.said {
        text.push_str(&format!(" and has {}", said.trim_end_matches('.')));
    }
    vec![
        Span::new("Not answered: ", Face::SansBold, 9.5),
        Span::new(
            format!("{}. {text}.", capital(&pending.delay.plain())),
            Face::Serif,
            TEXT,
        ),
    ]
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
