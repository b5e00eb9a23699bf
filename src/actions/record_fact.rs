//! A figure is recorded from a cleared page.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::documents::folding::holds_quote;
use crate::domain::event::Happening;
use crate::domain::fact::{Fact, Flag, Problem, Reading, Typed};
use crate::domain::ids::{DocumentId, FactId};
use crate::domain::review::{Sight, Standing};
use crate::store::{commit, documents, events, facts, pages};

/// What became of the form.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// Written; and whether its quote stands in the text of its page.
    Written { fact: FactId, quote_found: bool },
    /// Not written: what is wrong, field by field.
    Wrong(Vec<Problem>),
}

/// Reads the form and writes the figure. `flags` are the cautions that the person ticked.
///
/// # Errors
/// Refused where the document is not cleared or belongs to no agency.
pub async fn record_fact(
    app: &App,
    by: &Scope,
    document: DocumentId,
    typed: &Typed,
    flags: &[Flag],
    now: DateTime<Utc>,
) -> Deed<Recorded> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel record figures. Your role reads them.",
        ));
    }
    let db = app.store.read();
    let source = documents::find(db, by, document)
        .await?
        .filter(|each| each.sight(by) == Sight::Whole)
        .ok_or(ActionError::NotFound)?;
    if source.standing != Standing::Cleared {
        return Err(ActionError::refused(
            "Figures are recorded from cleared documents only. Counsel has not cleared this one.",
        ));
    }
    let Some(agency) = source.document.agency else {
        return Err(ActionError::refused(
            "This document belongs to no agency yet, and a figure needs one. File the message that it came with to its request first.",
        ));
    };
    let marks = pages::list_marks(db, document).await?;
    let count = match source.document.pages {
        Some(pages) => Some(pages),
        None => Some(u32::try_from(marks.len()).unwrap_or(u32::MAX)),
    };
    let reading = match Reading::parse(typed, count) {
        Ok(reading) => reading,
        Err(problems) => return Ok(Recorded::Wrong(problems)),
    };
    let page = pages::find(db, document, reading.page).await?;
    let quote_found = page.is_some_and(|page| holds_quote(&page.folded, &reading.quote));
    let mut all = reading.flags(quote_found);
    for flag in flags {
        if !all.contains(flag) {
            all.push(flag.clone());
        }
    }
    let metric = reading.metric.key().to_owned();
    let fact = Fact {
        id: FactId::new(),
        agency,
        request: source.document.request,
        document,
        reading,
        quote_found,
        flags: all,
        entered_by: by.user,
        entered_at: now,
        withdrawn: false,
    };
    let tx = app.store.begin().await?;
    facts::add(&tx, by.campaign, &fact).await?;
    events::record(
        &tx,
        by.campaign,
        fact.request,
        Some(by.user),
        now,
        &Happening::FactRecorded {
            fact: fact.id,
            metric,
        },
    )
    .await?;
    commit(tx).await?;
    Ok(Recorded::Written {
        fact: fact.id,
        quote_found,
    })
}
