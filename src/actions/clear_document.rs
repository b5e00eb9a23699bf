//! Counsel clears, seals or holds a document.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::document::Sha256;
use crate::domain::event::Happening;
use crate::domain::ids::DocumentId;
use crate::domain::review::{Decision, Handling, may_clear};
use crate::store::clearances::{self, NewDecision};
use crate::store::documents::{self, Progress};
use crate::store::{commit, events};

/// What counsel decides, and about which bytes.
#[derive(Clone, Debug)]
pub struct Ruling {
    pub decision: Decision,
    pub class: Handling,
    pub comment: String,
    /// The hash shown on the page that counsel looked at.
    pub seen: Sha256,
}

/// Writes counsel's decision.
///
/// # Errors
/// Refused for one's own upload, for personal data, for a file that changed or that nobody could look into.
pub async fn clear_document(
    app: &App,
    by: &Scope,
    id: DocumentId,
    ruling: Ruling,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_approve() {
        return Err(ActionError::Forbidden(
            "Only counsel of this campaign decides about documents. Ask your legal partner.",
        ));
    }
    let on_file = documents::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let document = &on_file.document;
    if document.sha256 != ruling.seen {
        return Err(ActionError::refused(
            "The file is not the one that you looked at. Open the document again and decide on what is there now.",
        ));
    }
    if ruling.decision == Decision::Clear {
        may_clear(by.user, document.uploaded_by, ruling.class)
            .map_err(|why| ActionError::refused(why.to_string()))?;
        match on_file.progress {
            Progress::Read => {}
            Progress::Waiting => {
                return Err(ActionError::refused(
                    "This document has not been looked into yet. Wait until its pages are here, then decide.",
                ));
            }
            Progress::Failed => {
                return Err(ActionError::refused(
                    "The pages of this document could not be read here, so nobody can vouch for them. Hold it, and ask the agency for another copy.",
                ));
            }
        }
    }
    let happened = match ruling.decision {
        Decision::Clear => Happening::DocumentCleared { document: id },
        Decision::Seal => Happening::DocumentSealed { document: id },
        Decision::Hold => Happening::DocumentHeld { document: id },
    };
    let tx = app.store.begin().await?;
    clearances::add(
        &tx,
        by,
        NewDecision {
            document: id,
            sha256: document.sha256,
            decision: ruling.decision,
            class: ruling.class,
            comment: ruling.comment.trim(),
        },
        now,
    )
    .await?;
    events::record(
        &tx,
        by.campaign,
        document.request,
        Some(by.user),
        now,
        &happened,
    )
    .await?;
    commit(tx).await?;
    Ok(())
}
