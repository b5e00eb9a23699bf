//! A batch as counsel reads it: its letters side by side, one text with its differences, and what is remarked on each.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::draft_request::{REQUEST, Reasons, letter_law};
use super::read_batch::{Row, read_batch};
use super::send_letter::reply_address;
use super::{ActionError, App, Deed, Scope};
use crate::domain::batch::compare::{Comparison, Text, compare};
use crate::domain::ids::{BatchId, RequestId};
use crate::domain::letter::{Clause, check};
use crate::domain::request::{Status, written};
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
}

/// Lays the letters of a batch side by side. `which` chooses: those that wait for counsel, or one state's.
pub async fn review_batch(
    app: &App,
    by: &Scope,
    id: BatchId,
    which: impl Fn(&Status, &str) -> bool,
    now: DateTime<Utc>,
) -> Deed<Review> {
    let sheet = read_batch(app, by, id, now).await?;
    let rows: HashMap<RequestId, &Row> = sheet
        .rows
        .iter()
        .filter(|row| {
            row.status()
                .is_some_and(|status| which(&status, &row.agency.jurisdiction))
        })
        .filter_map(|row| Some((row.target.request?, row)))
        .collect();
    let order: Vec<RequestId> = sheet
        .rows
        .iter()
        .filter_map(|row| row.target.request)
        .filter(|request| rows.contains_key(request))
        .collect();
    let mut read = Vec::new();
    let mut clauses: Vec<Vec<Clause>> = Vec::new();
    let mut notes = Vec::new();
    for letter in letters::list_latest(app.store.read(), by, &order, REQUEST).await? {
        let Some(row) = rows.get(&letter.request) else {
            continue;
        };
        let reasons = Reasons::of(&letter);
        notes.push(remarks(row, &letter, &reasons));
        clauses.push(reasons.clauses);
        read.push(one(app, row, letter)?);
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
    })
}

fn one(app: &App, row: &Row, letter: Letter) -> Deed<Read> {
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
    let own = vec![
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
    Ok(Read {
        agency: row.agency.name.clone(),
        state: row.agency.jurisdiction.clone(),
        reference,
        goes_to,
        status: row.status().unwrap_or(Status::Draft),
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
