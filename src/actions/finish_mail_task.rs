//! A person says that what a message asked for is done: the records were fetched, the archive was opened.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{ActionError, App, Deed, Scope};
use crate::domain::ids::MessageId;
use crate::store::{commit, mail_tasks, messages};

/// # Errors
/// Refused for the role and where it was done before.
pub async fn finish_mail_task(
    app: &App,
    by: &Scope,
    message: MessageId,
    task: Uuid,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel fetch records. Ask one of them.",
        ));
    }
    messages::find(app.store.read(), by, message)
        .await?
        .ok_or(ActionError::NotFound)?;
    let tx = app.store.begin().await?;
    if !mail_tasks::finish(&tx, by, message, task, now).await? {
        return Err(ActionError::refused(
            "This was marked as done before. Reload the page.",
        ));
    }
    commit(tx).await?;
    Ok(())
}
