//! A person follows a one-time link: makes an account, or joins a campaign with the one they have.

use chrono::{DateTime, Utc};

use super::sign_in::{Opened, check_password, hash_password, open_session, token_hash};
use super::{ActionError, App, Deed};
use crate::domain::event::Happening;
use crate::domain::ids::UserId;
use crate::store::accounts::{self, Account, Invitation};
use crate::store::{StoreError, Tx, campaigns, commit, events};

/// What the person filled in.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub name: String,
    pub email: String,
    pub password: String,
}

const GONE: &str = "This link has been used or has run out. Ask whoever gave it to you for a new one; for the first \
                    account, start the program again and follow the new link on its console.";

/// The invitation behind a link.
///
/// # Errors
/// Refused where the link was used or has run out.
pub async fn find_link(app: &App, token: &str, now: DateTime<Utc>) -> Deed<Invitation> {
    accounts::find_invitation(app.store.read(), &token_hash(token), now)
        .await?
        .ok_or_else(|| ActionError::refused(GONE))
}

/// Makes an account by a link and signs the person in.
pub async fn make_account(
    app: &App,
    token: &str,
    new: NewAccount,
    now: DateTime<Utc>,
) -> Deed<Opened> {
    let invitation = find_link(app, token, now).await?;
    check_password(&new.password).map_err(ActionError::refused)?;
    if new.name.trim().is_empty() {
        return Err(ActionError::refused(
            "Write your name as your colleagues know it.",
        ));
    }
    let email = invitation
        .email
        .clone()
        .unwrap_or_else(|| accounts::folded(&new.email));
    if !email.contains('@') {
        return Err(ActionError::refused(
            "Write your e-mail address: reminders go there.",
        ));
    }
    let hash = hash_password(new.password).await?;
    let tx = app.store.begin().await?;
    if !accounts::use_invitation(&tx, invitation.id, now).await? {
        return Err(ActionError::refused(GONE));
    }
    let id = match accounts::add(&tx, &new.name, &email, &hash, invitation.makes_admin, now).await {
        Ok(id) => id,
        Err(StoreError::Taken) => {
            return Err(ActionError::refused(
                "There is an account with that address already. Sign in with it, then follow the link again.",
            ));
        }
        Err(error) => return Err(error.into()),
    };
    join(&tx, &invitation, id, now).await?;
    commit(tx).await?;
    open_session(app, id, now).await
}

/// Joins with an account that is there already.
pub async fn join_signed_in(
    app: &App,
    token: &str,
    account: &Account,
    now: DateTime<Utc>,
) -> Deed<()> {
    let invitation = find_link(app, token, now).await?;
    if invitation
        .email
        .as_ref()
        .is_some_and(|email| *email != account.email)
    {
        return Err(ActionError::refused(
            "This invitation is for another address than the one you are signed in with. Sign out, then follow it again.",
        ));
    }
    let tx = app.store.begin().await?;
    if !accounts::use_invitation(&tx, invitation.id, now).await? {
        return Err(ActionError::refused(GONE));
    }
    join(&tx, &invitation, account.id, now).await?;
    commit(tx).await?;
    Ok(())
}

async fn join(tx: &Tx, invitation: &Invitation, account: UserId, now: DateTime<Utc>) -> Deed<()> {
    if let (Some(campaign), Some(role)) = (invitation.campaign, invitation.role) {
        campaigns::set_member(tx, campaign, account, role, invitation.invited_by, now).await?;
        let joined = Happening::MemberJoined {
            role: role.to_string(),
        };
        events::record(tx, campaign, None, Some(account), now, &joined).await?;
    }
    Ok(())
}
