//! A file becomes a held document.
//!
//! The bytes are in the file store first, then one transaction writes the row and the job that has the worker look
//! into it (`read_document`). So nothing that arrived can be lost by a file that cannot be read.

use chrono::{DateTime, NaiveDate, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::documents::files::{FilesError, Stored};
use crate::documents::names::safe_name;
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, CampaignId, DocumentId, MessageId, RequestId, UserId};
use crate::store::documents::{self, NewDocument};
use crate::store::jobs::{self, NewJob};
use crate::store::{Tx, agencies, commit, events, requests};

/// The kind of the job that looks into a document; its payload is the document's id.
pub const READ_JOB: &str = "read_document";

/// A file that is kept already and now becomes a document.
#[derive(Clone, Debug)]
pub struct Taken {
    pub stored: Stored,
    /// As its sender named it.
    pub name: String,
    pub request: Option<RequestId>,
    pub agency: Option<AgencyId>,
    pub message: Option<MessageId>,
    /// Who put it in; none where it came by mail.
    pub uploaded_by: Option<UserId>,
    /// The day on which it reached us, in the campaign's time zone.
    pub received_on: NaiveDate,
}

impl From<FilesError> for ActionError {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::TooLarge { .. } | FilesError::Interrupted(_) => {
                ActionError::refused(error.to_string())
            }
            other => ActionError::fault("file store", other),
        }
    }
}

/// Writes the document, its line in the log and its job, within a change that the caller commits: for mail, whose
/// message and attachments come in together. The same content with the same name in the same message is taken once.
pub async fn take_in(
    tx: &Tx,
    campaign: CampaignId,
    taken: Taken,
    now: DateTime<Utc>,
) -> Deed<DocumentId> {
    let name = safe_name(&taken.name, taken.stored.media);
    if let Some(message) = taken.message
        && let Some(known) =
            documents::find_of_message(tx, campaign, message, &taken.stored.sha256, &name).await?
    {
        return Ok(known);
    }
    // A file that came in answer to a request is its agency's.
    let agency = match (taken.agency, taken.request) {
        (None, Some(request)) => requests::find_unscoped(tx, request)
            .await?
            .map(|kept| kept.request.agency),
        (known, _) => known,
    };
    let id = documents::add(
        tx,
        NewDocument {
            campaign,
            sha256: taken.stored.sha256,
            name: name.clone(),
            media_type: taken.stored.media.as_str().to_owned(),
            bytes: taken.stored.bytes,
            received_on: taken.received_on,
            agency,
            request: taken.request,
            message: taken.message,
            uploaded_by: taken.uploaded_by,
        },
        now,
    )
    .await?;
    jobs::add(tx, reading_of(campaign, id, now, "first"), now).await?;
    events::record(
        tx,
        campaign,
        taken.request,
        taken.uploaded_by,
        now,
        &Happening::DocumentTaken {
            document: id,
            name,
            pages: None,
        },
    )
    .await?;
    Ok(id)
}

/// The job that looks into a document; `mark` tells one time from another.
pub(super) fn reading_of(
    campaign: CampaignId,
    id: DocumentId,
    now: DateTime<Utc>,
    mark: &str,
) -> NewJob {
    NewJob {
        kind: READ_JOB,
        effect_key: format!("{READ_JOB}:{id}:{mark}"),
        payload: serde_json::json!({ "document": id }),
        campaign: Some(campaign),
        run_at: now,
    }
}

/// What a person adds by hand.
#[derive(Clone, Debug)]
pub struct Upload {
    pub stored: Stored,
    pub name: String,
    pub request: Option<RequestId>,
    /// Left out where the request tells it.
    pub agency: Option<AgencyId>,
    pub received_on: NaiveDate,
}

/// A person adds a file that an agency sent them by another way than mail.
///
/// # Errors
/// Refused for the role, for a request or agency that is not here, for a day to come, and for a file that is here
/// already.
pub async fn take_document(
    app: &App,
    by: &Scope,
    upload: Upload,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<DocumentId> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel add documents. Ask one of them.",
        ));
    }
    if upload.stored.bytes == 0 {
        return Err(ActionError::refused(
            "This file is empty: it has no bytes in it. Choose another, or ask the agency to send it again.",
        ));
    }
    if upload.received_on > today {
        return Err(ActionError::refused(
            "The day on which the file came lies ahead. Give the day on which it reached you.",
        ));
    }
    let db = app.store.read();
    let agency = match (upload.request, upload.agency) {
        (Some(request), _) => Some(
            requests::find(db, by, request)
                .await?
                .ok_or(ActionError::NotFound)?
                .request
                .agency,
        ),
        (None, Some(agency)) => Some(
            agencies::find(db, by, agency)
                .await?
                .ok_or(ActionError::NotFound)?
                .id,
        ),
        (None, None) => {
            return Err(ActionError::refused(
                "Say which agency the file comes from: a figure without its agency cannot be used.",
            ));
        }
    };
    if let Some(known) = documents::find_by_content(db, by.campaign, &upload.stored.sha256).await? {
        return Err(ActionError::refused(format!(
            "This very file is here already, taken in on {}. Nothing was added.",
            known.document.received_on.format("%a %-d %b %Y")
        )));
    }
    let taken = Taken {
        stored: upload.stored,
        name: upload.name,
        request: upload.request,
        agency,
        message: None,
        uploaded_by: Some(by.user),
        received_on: upload.received_on,
    };
    let tx = app.store.begin().await?;
    let id = take_in(&tx, by.campaign, taken, now).await?;
    commit(tx).await?;
    Ok(id)
}
