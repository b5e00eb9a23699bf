//! The administrator ends an account: it can no longer sign in, and is signed out everywhere at once.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed};
use crate::domain::ids::UserId;
use crate::store::accounts::{self, Account};
use crate::store::{commit, sessions};

/// Ends the account of `whom` and gives its name. What it did stays in the record under that name.
///
/// # Errors
/// Refused for one's own account, so that somebody is left who can look after the installation.
pub async fn end_account(
    app: &App,
    by: &Account,
    whom: UserId,
    now: DateTime<Utc>,
) -> Deed<String> {
    if !by.is_admin {
        return Err(ActionError::Forbidden(
            "Only whoever runs this installation ends accounts.",
        ));
    }
    if by.id == whom {
        return Err(ActionError::refused(
            "This is your own account. Another administrator can end it.",
        ));
    }
    let tx = app.store.begin().await?;
    let account = accounts::find(&tx, whom)
        .await?
        .ok_or(ActionError::NotFound)?;
    accounts::disable(&tx, whom, now).await?;
    sessions::revoke_all(&tx, whom, now).await?;
    commit(tx).await?;
    Ok(account.name)
}
