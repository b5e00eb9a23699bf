//! A message that was filed under the wrong request is moved to the right one, with its files. What rests on it is
//! listed first; figures that name another agency have to be withdrawn before.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::event::{Happening, that_count};
use crate::domain::ids::{DocumentId, FactId, MessageId, RequestId};
use crate::store::messages::{self, Message, MessageState};
use crate::store::requests::{self, Kept};
use crate::store::{commit, documents, dossiers, events, facts, tracking_numbers};

/// What rests on a message.
#[derive(Clone, Debug, Default)]
pub struct Resting {
    /// Its files that became documents, by name.
    pub documents: Vec<(DocumentId, String)>,
    /// Figures read from them: what each says, and whether it was withdrawn.
    pub facts: Vec<RestingFact>,
    /// Editions of dossiers that show one of its files.
    pub dossiers: Vec<(u32, String)>,
    /// What it was sorted as: the log's entries that count.
    pub sorted: Vec<i64>,
    /// Every document of it, also those whose names this person may not see.
    ids: Vec<DocumentId>,
    /// Those of them that counsel has not decided on.
    waiting: Vec<DocumentId>,
}

/// A figure that was read from one of the message's files.
#[derive(Clone, Debug)]
pub struct RestingFact {
    pub id: FactId,
    pub says: String,
    pub withdrawn: bool,
}

/// The message, the request that it is filed under, and what rests on it.
///
/// # Errors
/// Not found; refused where it is filed nowhere.
pub async fn what_rests_on(
    app: &App,
    by: &Scope,
    message: MessageId,
) -> Deed<(Message, Kept, Resting)> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel file messages. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let found = messages::find(db, by, message)
        .await?
        .ok_or(ActionError::NotFound)?;
    let request = found
        .request
        .filter(|_| found.state == MessageState::Filed)
        .ok_or_else(|| {
            ActionError::refused("This message is filed under no request. File it from the tray.")
        })?;
    let kept = requests::find(db, by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let mut resting = Resting::default();
    for file in documents::list_for_message(db, by, message).await? {
        resting
            .documents
            .push((file.document.id, file.document.name.clone()));
    }
    resting.ids = documents::list_of_message(db, by.campaign, message)
        .await?
        .into_iter()
        .map(|(id, ..)| id)
        .collect();
    for record in facts::list_all(db, by).await? {
        if resting.ids.contains(&record.fact.document) {
            resting.facts.push(RestingFact {
                id: record.fact.id,
                says: format!(
                    "{}: {} (page {})",
                    record.fact.reading.metric.label(),
                    record.fact.reading.value,
                    record.fact.reading.page
                ),
                withdrawn: record.withdrawn.is_some(),
            });
        }
    }
    for dossier in dossiers::list(db, by).await? {
        let packet = serde_json::to_string(&dossier.packet)
            .map_err(|error| ActionError::fault("reading a dossier's packet", error))?;
        let shown = resting.ids.iter().map(ToString::to_string);
        let files = found.attachments.iter().map(|file| file.sha256.clone());
        if shown.chain(files).any(|mark| packet.contains(&mark)) {
            resting
                .dossiers
                .push((dossier.edition, dossier.title.clone()));
        }
    }
    let log = events::list_for_request(db, by, request).await?;
    let decided = |id: &DocumentId| {
        log.iter().any(|event| {
            matches!(
                &event.what,
                Happening::DocumentCleared { document }
                | Happening::DocumentSealed { document }
                | Happening::DocumentHeld { document } if document == id
            )
        })
    };
    resting.waiting = resting
        .ids
        .iter()
        .copied()
        .filter(|id| !decided(id))
        .collect();
    resting.sorted = that_count(&log)
        .filter(|event| {
            matches!(
                &event.what,
                Happening::ReplySorted { message: Some(of), .. }
                | Happening::FeeRecorded { message: Some(of), .. } if *of == message
            )
        })
        .map(|event| event.id)
        .collect();
    Ok((found, kept, resting))
}

/// Moves a message with its files. What it was sorted as under the wrong request counts there no more; under the right
/// one it waits to be sorted.
///
/// # Errors
/// Refused where figures of another agency rest on its files, and where somebody moved it meanwhile.
pub async fn move_reply(
    app: &App,
    by: &Scope,
    message: MessageId,
    to: RequestId,
    why: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let (_, from, resting) = what_rests_on(app, by, message).await?;
    let target = requests::find(app.store.read(), by, to)
        .await?
        .ok_or(ActionError::NotFound)?;
    if target.request.id == from.request.id {
        return Err(ActionError::refused(
            "The message is filed under this request already. Choose another.",
        ));
    }
    if why.trim().is_empty() {
        return Err(ActionError::refused(
            "Say how you know that it belongs there. Both requests keep the reason.",
        ));
    }
    let same_agency = target.request.agency == from.request.agency;
    if !same_agency && resting.facts.iter().any(|fact| !fact.withdrawn) {
        return Err(ActionError::refused(
            "Figures were read from its files as another agency's. Withdraw them first, then move the message and record them anew: a figure must never carry the wrong agency's name.",
        ));
    }
    let moved_to = target.request.reference.to_string();
    let moved_from = from.request.reference.to_string();
    let why = why.trim();
    let tx = app.store.begin().await?;
    if !messages::refile(&tx, by, message, from.request.id, to, now).await? {
        return Err(ActionError::refused(
            "Somebody else has just moved this message. Reload the page to see where it is.",
        ));
    }
    let note = |what: Happening, request: RequestId| {
        let tx = &tx;
        async move { events::record_by(tx, by, Some(request), now, &what).await }
    };
    for entry in &resting.sorted {
        let taken_back = Happening::EntryWithdrawn {
            entry: *entry,
            why: format!("Its message belongs to {moved_to}: {why}"),
        };
        note(taken_back, from.request.id).await?;
    }
    note(
        Happening::ReplyMovedAway {
            message,
            to,
            reference: moved_to,
            why: why.to_owned(),
            documents: resting.ids.clone(),
        },
        from.request.id,
    )
    .await?;
    note(
        Happening::ReplyFiled {
            message,
            why: format!("moved from {moved_from}: {why}"),
            documents: resting.waiting.clone(),
        },
        to,
    )
    .await?;
    tracking_numbers::remove_of_message(&tx, by, from.request.id, message).await?;
    documents::set_request_of_message(&tx, by.campaign, message, to, target.request.agency).await?;
    facts::follow_documents(&tx, by, &resting.ids, to).await?;
    commit(tx).await?;
    Ok(())
}
