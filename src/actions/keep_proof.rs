//! What shows a sending or a receipt is kept as a document of its request: a screenshot, a green card, a fax report; and
//! what stood in an agency's portal when somebody looked.

use chrono::{DateTime, NaiveDate, Utc};

use super::take_document::{Taken, take_in};
use super::{ActionError, App, Deed, Scope};
use crate::documents::files::Stored;
use crate::domain::event::{Evidence, Happening};
use crate::domain::ids::{DocumentId, RequestId};
use crate::store::{Tx, commit, events, requests};

/// A file that is kept in the file store already.
#[derive(Clone, Debug)]
pub struct Proof {
    pub stored: Stored,
    /// As the browser named it.
    pub name: String,
}

/// Keeps it beside the request. Like every file it is held until counsel clears it.
///
/// # Errors
/// Refused for an empty file; not found where the request is another campaign's.
pub async fn keep_proof(
    app: &App,
    by: &Scope,
    request: RequestId,
    evidence: Evidence,
    proof: Proof,
    on: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<DocumentId> {
    may(app, by, request).await?;
    let tx = app.store.begin().await?;
    let name = proof.name.clone();
    let document = take(&tx, by, request, proof, on, now).await?;
    let what = Happening::EvidenceKept {
        document,
        name,
        evidence,
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(document)
}

/// Somebody looked into the agency's portal: portals drop messages and close silently, so what stood there is saved.
///
/// # Errors
/// As [`keep_proof`]; refused for a day to come.
pub async fn record_portal_check(
    app: &App,
    by: &Scope,
    request: RequestId,
    (on, today): (NaiveDate, NaiveDate),
    note: &str,
    saved: Option<Proof>,
    now: DateTime<Utc>,
) -> Deed<()> {
    may(app, by, request).await?;
    if on > today {
        return Err(ActionError::refused(
            "That day is still to come. Record the look into the portal when you have had it.",
        ));
    }
    let tx = app.store.begin().await?;
    let document = match saved {
        Some(proof) => Some(take(&tx, by, request, proof, on, now).await?),
        None => None,
    };
    let what = Happening::PortalChecked {
        on,
        note: note.to_owned(),
        document,
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}

async fn may(app: &App, by: &Scope, request: RequestId) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel record what was sent and seen. Ask one of them.",
        ));
    }
    requests::find(app.store.read(), by, request)
        .await?
        .map(|_| ())
        .ok_or(ActionError::NotFound)
}

async fn take(
    tx: &Tx,
    by: &Scope,
    request: RequestId,
    proof: Proof,
    on: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<DocumentId> {
    if proof.stored.bytes == 0 {
        return Err(ActionError::refused(
            "This file is empty: it has no bytes in it. Choose another.",
        ));
    }
    let taken = Taken {
        stored: proof.stored,
        name: proof.name,
        request: Some(request),
        agency: None,
        message: None,
        uploaded_by: Some(by.user),
        received_on: on,
    };
    take_in(tx, by.campaign, taken, now).await
}
