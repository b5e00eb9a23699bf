//! A whole import is taken back: its agencies, contacts and agreements go, what it changed stands as before.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::preview_import::MAY_NOT;
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::{AgreementId, ImportId};
use crate::store::agreements::{self, Agreement};
use crate::store::imports::{self, Import, State};
use crate::store::{Db, commit, events, profiles, undoing};

/// What prevents the undoing of an import, each a phrase; empty where it can be undone.
pub async fn what_prevents(db: &impl Db, by: &Scope, import: &Import) -> Deed<Vec<String>> {
    let done = &import.reading.done;
    let found = undoing::blockers(db, by, import.id, &done.agreements_added).await?;
    let mut words = found.in_words();
    let all: HashMap<AgreementId, Agreement> = agreements::list(db, by)
        .await?
        .into_iter()
        .map(|agreement| (agreement.id, agreement))
        .collect();
    let (mut later, mut corrected) = (0_u32, 0_u32);
    let added = done.agreements_added.iter().map(|id| (id, None));
    let changed = done.agreements_before.iter();
    for (id, read_on) in added.chain(changed.map(|before| (&before.id, before.read_on))) {
        match all.get(id) {
            Some(kept) if kept.import == Some(import.id) => {
                // A person who corrects one says on which day they read of it.
                corrected += u32::from(kept.read_on != read_on);
            }
            _ => later += 1,
        }
    }
    if corrected > 0 {
        words.push(format!("a person corrected {corrected} of its agreements"));
    }
    if later > 0 {
        words.push(format!(
            "a later list changed {later} of its agreements: undo that import first"
        ));
    }
    let added = import.summary.map_or(0, |summary| summary.agreements_added);
    if added > 0 && done.agreements_added.is_empty() {
        words.push("it was made before imports could be undone".to_owned());
    }
    Ok(words)
}

/// Takes a confirmed import back: all of it, or nothing.
///
/// # Errors
/// Refused where somebody worked on with its rows: the sentence says what prevents it.
pub async fn undo_import(app: &App, by: &Scope, id: ImportId, now: DateTime<Utc>) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    let import = imports::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    if import.state != State::Confirmed {
        return Err(ActionError::refused(
            "Only an import that was confirmed, and not undone before, can be undone.",
        ));
    }
    let tx = app.store.begin().await?;
    let prevented = what_prevents(&tx, by, &import).await?;
    if !prevented.is_empty() {
        return Err(ActionError::refused(format!(
            "This import cannot be undone, because {}. Nothing was changed.",
            prevented.join("; ")
        )));
    }
    if !imports::mark_undone(&tx, by, id).await? {
        return Err(ActionError::refused("Somebody else has just undone it."));
    }
    let mut history = Vec::new();
    for before in &import.reading.done.agreements_before {
        agreements::update(&tx, by, before).await?;
        let noted = Happening::AgreementNoted {
            title: before.model.title(),
            what: format!("an import was undone: {} again", before.standing()),
            source: before.source.clone(),
        };
        history.push((before.agency, noted));
    }
    for (agency, name) in &import.reading.done.names_added {
        profiles::remove_alias(&tx, by, *agency, name).await?;
    }
    agreements::remove(&tx, by, &import.reading.done.agreements_added).await?;
    undoing::remove(&tx, by, id).await?;
    events::record_for_agencies(&tx, by, now, &history).await?;
    let what = Happening::ImportUndone {
        import: id.to_string(),
    };
    events::record_by(&tx, by, None, now, &what).await?;
    commit(tx).await?;
    Ok(())
}
