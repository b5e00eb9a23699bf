//! A figure is withdrawn: it stays on record, marked, and leaves every later dossier.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::FactId;
use crate::store::{commit, events, facts};

/// Marks the figure as withdrawn. Who entered it may do so, and counsel.
///
/// # Errors
/// Refused for others, without a reason, and the second time.
pub async fn withdraw_fact(
    app: &App,
    by: &Scope,
    id: FactId,
    why: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let (record, _) = facts::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    if !(by.may_approve() || (by.may_draft() && record.fact.entered_by == by.user)) {
        return Err(ActionError::Forbidden(
            "A figure is withdrawn by the person who entered it, or by counsel. Dispute it instead.",
        ));
    }
    let why = why.trim();
    if why.is_empty() {
        return Err(ActionError::refused(
            "Say why the figure is withdrawn. It stays on record with the reason.",
        ));
    }
    let tx = app.store.begin().await?;
    if !facts::withdraw(&tx, by, id, why, now).await? {
        return Err(ActionError::refused("This figure was withdrawn already."));
    }
    events::record(
        &tx,
        by.campaign,
        record.fact.request,
        Some(by.user),
        now,
        &Happening::FactWithdrawn {
            fact: id,
            why: why.to_owned(),
        },
    )
    .await?;
    commit(tx).await?;
    Ok(())
}
