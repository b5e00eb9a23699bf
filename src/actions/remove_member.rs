//! A member leaves a campaign, or is taken out of it: from that moment the campaign is not found for them.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::UserId;
use crate::domain::person::Role;
use crate::store::{campaigns, commit, events};

/// Takes `whom` out. Members may always leave themselves; researchers and counsel may take others out.
///
/// # Errors
/// Refused for the last researcher or counsel: somebody must be able to go on.
pub async fn remove_member(app: &App, by: &Scope, whom: UserId, now: DateTime<Utc>) -> Deed<()> {
    if whom != by.user && !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel take members out. Ask one of them.",
        ));
    }
    let tx = app.store.begin().await?;
    let members = campaigns::list_members(&tx, by.campaign).await?;
    if !members.iter().any(|member| member.account == whom) {
        return Err(ActionError::NotFound);
    }
    let others_who_work = members
        .iter()
        .any(|member| member.account != whom && member.role != Role::Team);
    if !others_who_work {
        return Err(ActionError::refused(
            "This is the campaign's only researcher or counsel, and somebody must be able to go on. Invite another one first.",
        ));
    }
    campaigns::remove_member(&tx, by.campaign, whom, now).await?;
    campaigns::withdraw_invitations_by(&tx, by.campaign, whom, now).await?;
    let happening = Happening::MemberRemoved { account: whom };
    events::record_by(&tx, by, None, now, &happening).await?;
    commit(tx).await?;
    Ok(())
}
