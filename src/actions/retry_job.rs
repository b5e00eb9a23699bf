//! A job that was given up is tried again, by whoever runs the installation.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{ActionError, App, Deed};
use crate::store::{commit, jobs};

/// Lets a job run again at once.
///
/// # Errors
/// Not found where there is none such; refused where it is done.
pub async fn retry_job(app: &App, id: Uuid, now: DateTime<Utc>) -> Deed<()> {
    let job = jobs::find(app.store.read(), id)
        .await?
        .ok_or(ActionError::NotFound)?;
    if job.done_at.is_some() {
        return Err(ActionError::refused(
            "This job is done. Nothing needs to be tried again.",
        ));
    }
    if job.failed_at.is_none() && job.lease_owner.is_some() {
        return Err(ActionError::refused(
            "This job is being carried out, or its process was cut off: then another takes it over by itself when its lease ends.",
        ));
    }
    let tx = app.store.begin().await?;
    jobs::retry(&tx, id, now).await?;
    commit(tx).await?;
    Ok(())
}
