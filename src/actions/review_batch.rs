//! A batch as counsel reads it: its letters side by side, one text with its differences, and what is remarked on each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::draft_request::{REQUEST, Reasons, letter_law};
use super::read_batch::{Row, Sheet, read_batch};
use super::read_clocks::logs;
use super::send_letter::reply_address;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::batch::compare::{Comparison, Text, compare};
use crate::domain::event::Event;
use crate::domain::ids::{BatchId, RequestId};
use crate::domain::letter::{Clause, LetterKind, Series, check};
use crate::domain::request::{Status, later_series, letter_standing, written};
use crate::store::letters::{self, Letter};

/// One letter of the batch.
#[derive(Clone, Debug)]
pub struct Read {
    pub letter: Letter,
    pub agency: String,
    /// The code of its state.
    pub state: String,
    pub reference: String,
    /// Where it goes; empty where nowhere is known.
    pub goes_to: String,
    pub status: Status,
    /// What is this letter's own, by the name of its field.
    pub own: Vec<(&'static str, String)>,
}

/// The letters of a batch, in its order, and what is the same in them.
#[derive(Clone, Debug)]
pub struct Review {
    pub letters: Vec<Read>,
    pub comparison: Comparison,
    /// How many letters after the requests wait for counsel, by kind.
    pub later: Vec<(LetterKind, usize)>,
}

/// Lays the letters of a batch side by side that are of this kind: the requests themselves, or the follow-ups. `which`
/// chooses: those that wait for counsel, or one state's.
pub async fn review_batch(
    app: &App,
    by: &Scope,
    id: BatchId,
    kind: LetterKind,
    which: impl Fn(&Status, &str) -> bool,
    now: DateTime<Utc>,
) -> Deed<Review> {
    let sheet = read_batch(app, by, id, now).await?;
    let rows: HashMap<RequestId, &Row> = sheet
        .rows
        .iter()
        .filter_map(|row| Some((row.target.request?, row)))
        .collect();
    let mut read = Vec::new();
    let mut clauses: Vec<Vec<Clause>> = Vec::new();
    let mut notes = Vec::new();
    let logs = logs(app, by.campaign).await?;
    for (letter, status) in letters_of(app, by, &sheet, &logs, kind).await? {
        let Some(row) = rows.get(&letter.request) else {
            continue;
        };
        if !which(&status, &row.agency.jurisdiction) {
            continue;
        }
        let reasons = Reasons::of(&letter);
        notes.push(remarks(row, &letter, &reasons));
        clauses.push(reasons.clauses);
        read.push(one(app, row, letter, status)?);
    }
    let texts: Vec<Text<'_>> = read
        .iter()
        .zip(&clauses)
        .zip(notes)
        .map(|((one, clauses), notes)| Text {
            subject: &one.letter.subject,
            body: &one.letter.body,
            clauses,
            own: one.own.clone(),
            notes,
        })
        .collect();
    let comparison = compare(&texts);
    Ok(Review {
        letters: read,
        comparison,
        later: later_waiting(rows.keys().copied(), &logs),
    })
}

/// The newest letter of that kind of every request of the batch, in its order, with where it stands.
pub(super) async fn letters_of(
    app: &App,
    by: &Scope,
    sheet: &Sheet,
    logs: &HashMap<RequestId, Vec<Event>>,
    kind: LetterKind,
) -> Deed<Vec<(Letter, Status)>> {
    let db = app.store.read();
    let order: Vec<RequestId> = sheet
        .rows
        .iter()
        .filter_map(|row| row.target.request)
        .collect();
    let mut stands: HashMap<RequestId, (String, Status)> = HashMap::new();
    if kind == LetterKind::Request {
        for row in &sheet.rows {
            if let (Some(request), Some(status)) = (row.target.request, row.status()) {
                stands.insert(request, (REQUEST.to_owned(), status));
            }
        }
    } else {
        for request in &order {
            let log = logs.get(request).map(Vec::as_slice).unwrap_or_default();
            let of_kind = |name: &String| {
                name.parse::<Series>()
                    .is_ok_and(|series| series.kind == kind)
            };
            if let Some(series) = later_series(log).into_iter().rfind(of_kind) {
                let status = letter_standing(log, &series).status;
                stands.insert(*request, (series, status));
            }
        }
    }
    let names: BTreeSet<&str> = stands.values().map(|(name, _)| name.as_str()).collect();
    let mut found: HashMap<RequestId, (Letter, Status)> = HashMap::new();
    for name in names {
        for letter in letters::list_latest(db, by, &order, name).await? {
            if let Some((series, status)) = stands.get(&letter.request)
                && series == name
            {
                found.insert(letter.request, (letter, *status));
            }
        }
    }
    Ok(order
        .iter()
        .filter_map(|request| found.remove(request))
        .collect())
}

/// How many letters after these requests wait for counsel, by kind.
pub fn later_waiting(
    requests: impl Iterator<Item = RequestId>,
    logs: &HashMap<RequestId, Vec<Event>>,
) -> Vec<(LetterKind, usize)> {
    let mut waiting: BTreeMap<LetterKind, usize> = BTreeMap::new();
    for log in requests.filter_map(|request| logs.get(&request)) {
        for name in later_series(log) {
            if letter_standing(log, &name).status == Status::WithCounsel
                && let Ok(series) = name.parse::<Series>()
            {
                *waiting.entry(series.kind).or_default() += 1;
            }
        }
    }
    waiting.into_iter().collect()
}

fn one(app: &App, row: &Row, letter: Letter, status: Status) -> Deed<Read> {
    let kept = row.request.as_ref().ok_or(ActionError::NotFound)?;
    let token = kept
        .reply_token
        .parse()
        .map_err(|error| ActionError::fault("reading a request's reply token", error))?;
    let reference = kept.request.reference.to_string();
    let goes_to = row
        .contact
        .as_ref()
        .map(|contact| contact.value.clone())
        .unwrap_or_default();
    let facilities = row
        .target
        .facilities
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    let mut own = vec![
        ("agency", row.agency.name.clone()),
        ("our reference", reference.clone()),
        ("address for answers", reply_address(app)?.with(&token)),
        ("its address", goes_to.clone()),
        ("facilities", facilities),
        (
            "date of the agreement",
            row.target.agreement_on.map(written).unwrap_or_default(),
        ),
    ];
    if letter.kind != REQUEST {
        let zone = row.agency.time_zone;
        let stands = row.standing.as_ref();
        own.push((
            "day the request left",
            stands
                .and_then(|stands| stands.sent_at)
                .map(|at| written(day_in(zone, at)))
                .unwrap_or_default(),
        ));
        own.push((
            "day it was received",
            stands
                .and_then(|stands| stands.received.as_ref())
                .map(|had| written(had.on))
                .unwrap_or_default(),
        ));
    }
    Ok(Read {
        agency: row.agency.name.clone(),
        state: row.agency.jurisdiction.clone(),
        reference,
        goes_to,
        status,
        own,
        letter,
    })
}

/// What the check of the text remarks, and what the composer warned of.
fn remarks(row: &Row, letter: &Letter, reasons: &Reasons) -> Vec<String> {
    let mut all: Vec<String> = reasons
        .warnings
        .iter()
        .map(|warning| warning.message.clone())
        .collect();
    if let Some(law) = &row.law {
        let law = letter_law(law, &row.agency, letter.written_at.date_naive());
        all.extend(
            check(&letter.subject, &letter.body, &law)
                .into_iter()
                .map(|note| note.message),
        );
    }
    all
}
