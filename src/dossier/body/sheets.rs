//! The tabular sections: figures, agreements, the request timeline, and the index of exhibits.

use super::super::face::Face;
use super::super::flow::Piece;
use super::super::table::{Cell, Column, Row, cell};
use super::super::text::Span;
use super::{SMALL, Sheet, TEXT, day, page_label, tag};
use crate::domain::fact::Period;
use crate::domain::packet::{Due, Exhibit, FigureRow, Packet, RequestRow};

fn small(text: impl Into<String>) -> Vec<Span> {
    vec![Span::new(text, Face::Sans, 8.0)]
}

/// "Wed 1 Jan 2025 to Wed 31 Dec 2025" is too long for a column: two lines.
fn period_cell(period: Period) -> Cell {
    if period.start() == period.end() {
        return cell(day(period.start()));
    }
    vec![
        vec![Span::new(format!("{} –", short(period.start())), Face::Sans, 9.0).tabular()],
        vec![Span::new(short(period.end()), Face::Sans, 9.0).tabular()],
    ]
}

/// "1 Jan 2025": a period's ends need no weekday.
fn short(day: chrono::NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

pub(super) fn figures(sheet: &mut Sheet, packet: &Packet) {
    sheet.section("figures", "Figures");
    let rows = packet.figures().rows();
    if rows.is_empty() {
        sheet.plain(
            "No figure has passed both readings yet. Agencies’ answers so far are in the request timeline.",
        );
        return;
    }
    sheet.plain(
        "Each figure was read from the page named beside it and read again by a second person. The agency’s own \
         definition stands under the figure, in its words. Figures with different definitions or counting bases \
         are not added together.",
    );
    let columns = [
        Column::new("Figure", 188.0),
        Column::new("Agency", 84.0),
        Column::new("Period", 72.0),
        Column::decimal("Value", 62.0),
        Column::new("Basis", 62.0),
    ];
    let mut body = Vec::new();
    let mut question = None;
    for row in rows {
        let of = row.metric().question();
        if question != Some(of) {
            body.push(Row::Group(format!("{}. {}", of.number(), of.short())));
            question = Some(of);
        }
        body.push(Row::Cells(vec![
            figure_cell(row),
            cell(row.agency()),
            period_cell(row.period()),
            vec![vec![Span::new(row.shown(), Face::SansBold, 9.0).tabular()]],
            cell(row.basis()),
        ]));
    }
    sheet.table(&columns, &body);
    if !packet.figures().withheld().is_empty() {
        sheet.remark(format!(
            "Left out whole, because a count below ten could point at a person: {}.",
            packet.figures().withheld().join("; ")
        ));
    }
}

fn figure_cell(row: &FigureRow) -> Cell {
    let mut lines = vec![vec![
        Span::new(format!("{} ", row.label()), Face::Sans, 9.0),
        Span::new("(", Face::Sans, 8.0),
        tag(row.source(), 8.0),
        Span::new(")", Face::Sans, 8.0),
    ]];
    lines.push(match row.definition() {
        Some(words) => vec![Span::new(
            format!("“{}”", words.trim_matches(['“', '”', '"'])),
            Face::SerifItalic,
            8.5,
        )],
        None => small("No definition given by the agency."),
    });
    let mut notes = vec![row.method().plain().to_owned()];
    notes.extend(row.cautions().iter().cloned());
    notes.push(format!("checked {}", short(row.checked_on())));
    let mut text = notes.join("; ");
    if let Some(first) = text.get(..1) {
        text = format!("{}{}.", first.to_uppercase(), &text[1..]);
    }
    lines.push(small(text));
    lines
}

pub(super) fn agreements(sheet: &mut Sheet, packet: &Packet) {
    sheet.section("agreements", "Agreements with federal agencies");
    if packet.agreements().is_empty() {
        sheet.plain(
            "No agreement of the agencies asked is known from the records received so far or from the lists that the \
             campaign has read. That is not proof that none exists.",
        );
        return;
    }
    let columns = [
        Column::new("Agency", 120.0),
        Column::new("Agreement", 106.0),
        Column::new("Signed", 94.0),
        Column::new("Status", 58.0),
        Column::new("Known from", 90.0),
    ];
    let rows: Vec<Row> = packet
        .agreements()
        .iter()
        .map(|agreement| {
            let mut known = vec![vec![
                Span::new(&*agreement.known_from, Face::Sans, 9.0).tabular(),
            ]];
            if let Some(source) = &agreement.exhibit {
                known.push(vec![tag(source, 8.5)]);
            }
            Row::Cells(vec![
                cell(&*agreement.agency),
                cell(&*agreement.kind),
                cell(agreement.signed_on.map_or("not stated".to_owned(), day)),
                cell(if agreement.status.is_empty() {
                    "not stated"
                } else {
                    agreement.status.as_str()
                }),
                known,
            ])
        })
        .collect();
    sheet.table(&columns, &rows);
}

pub(super) fn timeline(sheet: &mut Sheet, packet: &Packet) {
    sheet.section("timeline", "Request timeline");
    let as_of = day(packet.front().built_on);
    sheet.plain(format!(
        "Every request of this campaign as of {as_of}. Days late are counted only where the law fixes a number, in the \
         law’s own unit and by its latest reasonable reading."
    ));
    let columns = [
        Column::new("Request", 54.0),
        Column::new("Agency", 124.0),
        Column::new("Sent", 94.0),
        Column::new("Answer due", 94.0),
        Column::new("Standing", 102.0),
    ];
    let rows: Vec<Row> = packet
        .timeline()
        .iter()
        .map(|row| {
            Row::Cells(vec![
                cell(&*row.number),
                cell(&*row.agency),
                cell(row.sent_on.map_or("not sent".to_owned(), day)),
                cell(match &row.due {
                    Due::Fixed { on, .. } => day(*on),
                    Due::NoneFixed { .. } => "none fixed".to_owned(),
                    Due::NotRunning { .. } => "not running".to_owned(),
                }),
                cell(row.delay.plain()),
            ])
        })
        .collect();
    sheet.table(&columns, &rows);
    for row in packet.timeline() {
        request(sheet, row);
    }
}

fn request(sheet: &mut Sheet, row: &RequestRow) {
    sheet.heading(None, &format!("{}   {}", row.number, row.agency));
    let on = |day_of: Option<chrono::NaiveDate>, none: &str| day_of.map_or(none.to_owned(), day);
    let mut pairs: Vec<(&str, String)> = vec![
        ("Asked for", row.records.join("; ")),
        ("Law", format!("{}, {}", row.law, row.citation)),
        ("Sent", on(row.sent_on, "not sent yet")),
        (
            "Received",
            row.receipt
                .as_ref()
                .map_or("not shown yet".to_owned(), |receipt| {
                    format!("{}: {}", day(receipt.on), receipt.how)
                }),
        ),
        ("Acknowledged", on(row.acknowledged_on, "no")),
        (
            "Answer due",
            match &row.due {
                Due::Fixed {
                    on,
                    rule,
                    citation,
                    confidence,
                } => format!("{}: {rule}. {citation} ({confidence}).", day(*on)),
                Due::NoneFixed {
                    says,
                    citation,
                    confidence,
                } => format!("None fixed: {says}. {citation} ({confidence})."),
                Due::NotRunning { why } => format!("No clock runs: {why}."),
            },
        ),
    ];
    if row.extended_to.is_some() {
        pairs.push(("Extended to", on(row.extended_to, "")));
    }
    pairs.push((
        "Answered",
        match (&row.answered_on, &row.answer) {
            (Some(answered), Some(answer)) => format!("{}: {answer}", day(*answered)),
            (Some(answered), None) => day(*answered),
            (None, _) => format!("not as of {}", day(row.as_of)),
        },
    ));
    pairs.push(("Records", on(row.produced_on, "none produced")));
    pairs.push(("Standing", row.delay.plain()));
    if !row.ours.trim().is_empty() {
        pairs.push(("Our part", row.ours.trim().to_owned()));
    }
    let first = sheet.pieces.len();
    for (name, value) in pairs {
        sheet.pair(
            name,
            &[Span::new(value, Face::Serif, 9.5)],
            86.0,
            SMALL,
            12.5,
        );
    }
    // A request is read as a whole.
    let last = sheet.pieces.len().saturating_sub(1);
    for piece in sheet.pieces.get_mut(first..last).unwrap_or_default() {
        piece.keep_next = true;
    }
}

pub(super) fn exhibits(sheet: &mut Sheet, packet: &Packet) {
    sheet.section("exhibits", "Exhibits");
    if packet.exhibits().is_empty() {
        sheet.plain("No document has been cleared for this packet yet.");
        return;
    }
    sheet.para(&[Span::new(
        "The documents follow in this order, complete and in their own size. The SHA-256 is that of the file as the \
         agency sent it: anyone who holds the file can prove that it is the same.",
        Face::Serif,
        TEXT,
    )]);
    let columns = [
        Column::new("Exhibit", 46.0),
        Column::new("Document", 214.0),
        Column::new("Received", 86.0),
        Column::decimal("Pages", 44.0),
        Column::new("In this file", 78.0),
    ];
    let rows: Vec<Row> = packet
        .exhibits()
        .iter()
        .map(|exhibit| {
            Row::Cells(vec![
                vec![vec![
                    Span::new(exhibit.letter().to_string(), Face::SansBold, 9.0).linked(
                        super::Place::Exhibit {
                            index: exhibit.letter().place(),
                            page: 1,
                        },
                    ),
                ]],
                document_cell(exhibit),
                cell(day(exhibit.received_on())),
                cell(exhibit.pages().to_string()),
                cell(range(exhibit)),
            ])
        })
        .collect();
    sheet.table(&columns, &rows);
    sheet.pieces.push(Piece::space(4.0));
}

fn range(exhibit: &Exhibit) -> String {
    match exhibit.pages() {
        1 => page_label(exhibit, 1),
        pages => format!(
            "{} to {}",
            page_label(exhibit, 1),
            page_label(exhibit, pages)
        ),
    }
}

fn document_cell(exhibit: &Exhibit) -> Cell {
    let mut lines = vec![vec![Span::new(exhibit.title(), Face::Sans, 9.0)]];
    let mut from = exhibit.agency().to_owned();
    if let Some(number) = exhibit.request_number() {
        from.push_str(&format!(", request {number}"));
    }
    lines.push(small(from));
    if !exhibit.relied_on_for().is_empty() {
        lines.push(small(format!(
            "Relied on for: {}.",
            exhibit.relied_on_for().join("; ")
        )));
    }
    lines.push(vec![Span::new(
        format!("SHA-256 {}", exhibit.sha256()),
        Face::Sans,
        7.0,
    )]);
    lines
}
