//! Who may correct the law: administrators, and counsel of any campaign. Two of them for each correction.

use super::{ActionError, App, Deed};
use crate::domain::ids::UserId;
use crate::domain::person::Role;
use crate::store::accounts::{self, Account};
use crate::store::campaigns;

/// Whether this account may propose, approve and withdraw corrections.
pub async fn may_correct(app: &App, account: &Account) -> Deed<bool> {
    if account.disabled {
        return Ok(false);
    }
    if account.is_admin {
        return Ok(true);
    }
    let scopes = campaigns::list_scopes(app.store.read(), account.id).await?;
    Ok(scopes.iter().any(|scope| scope.role == Role::Counsel))
}

/// Refuses whoever may not.
pub(super) async fn check(app: &App, account: &Account) -> Deed<()> {
    if may_correct(app, account).await? {
        Ok(())
    } else {
        Err(ActionError::Forbidden(
            "Administrators and counsel correct the law. Ask your legal partner.",
        ))
    }
}

/// Everybody who may approve what this person proposes.
pub async fn seconds(app: &App, proposer: UserId) -> Deed<Vec<Account>> {
    let mut found = Vec::new();
    for account in accounts::list(app.store.read()).await? {
        if account.id != proposer && may_correct(app, &account).await? {
            found.push(account);
        }
    }
    Ok(found)
}

/// Where nobody could approve: what to do about it.
pub const NOBODY_ELSE: &str = "Nobody else here may approve it yet. Invite a legal partner as counsel of a campaign (People, \
     Invite), or have whoever runs the installation add a second administrator; then they approve it.";
