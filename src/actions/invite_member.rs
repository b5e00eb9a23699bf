//! A researcher or counsel invites somebody into the campaign by a one-time link.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::issue_link::link;
use super::sign_in::{fresh_token, token_hash};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::agency::contact::check_email;
use crate::domain::event::Happening;
use crate::domain::person::Role;
use crate::mail::send::Outcome;
use crate::mail::{compose, words};
use crate::store::accounts::{self, Invitation, folded};
use crate::store::{campaigns, commit, events};

/// How long an invitation works.
pub const INVITATION_DAYS: i64 = 7;

/// An invitation just made. The link is known at this moment only: the database keeps its hash.
#[derive(Clone, Debug)]
pub struct Invited {
    pub email: String,
    pub role: Role,
    pub url: String,
    pub expires_at: DateTime<Utc>,
    /// Whether the mail server (or the mail folder) took the invitation. Where not, the link is handed over by hand.
    pub mailed: bool,
}

const MAY_NOT: &str = "Researchers and counsel invite members. Ask one of them.";

/// Makes the link. An earlier link for the same address stops working.
///
/// # Errors
/// Refused for something that is no address, and for a present member.
pub async fn invite_member(
    app: &App,
    by: &Scope,
    email: &str,
    role: Role,
    now: DateTime<Utc>,
) -> Deed<Invited> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    let email = folded(&check_email(email.trim()).map_err(ActionError::refused)?);
    let token = fresh_token();
    let expires_at = now + Duration::days(INVITATION_DAYS);
    let tx = app.store.begin().await?;
    for member in campaigns::list_members(&tx, by.campaign).await? {
        let account = accounts::find(&tx, member.account).await?;
        if account.is_some_and(|account| account.email == email) {
            return Err(ActionError::refused(format!(
                "{email} belongs to this campaign already, as {}.",
                member.role.plain().to_lowercase()
            )));
        }
    }
    campaigns::withdraw_invitations_for(&tx, by.campaign, &email, now).await?;
    let invitation = Invitation {
        id: Uuid::new_v4(),
        email: Some(email.clone()),
        campaign: Some(by.campaign),
        role: Some(role),
        makes_admin: false,
        invited_by: Some(by.user),
        expires_at,
    };
    accounts::invite(&tx, &token_hash(&token), &invitation, now).await?;
    let happening = Happening::MemberInvited {
        role: role.to_string(),
    };
    events::record_by(&tx, by, None, now, &happening).await?;
    commit(tx).await?;
    let mut invited = Invited {
        email,
        role,
        url: link(app, &token),
        expires_at,
        mailed: false,
    };
    invited.mailed = match mail(app, by, &invited, &invitation.id, now).await {
        Ok(mailed) => mailed,
        // The link stands and is shown: an invitation that cannot be mailed is handed over by hand.
        Err(error) => {
            tracing::warn!(%error, "an invitation could not be written as mail");
            false
        }
    };
    Ok(invited)
}

/// Mails the link straight away: it must not lie in the job table, where its secret would stay readable.
async fn mail(
    app: &App,
    by: &Scope,
    invited: &Invited,
    id: &Uuid,
    now: DateTime<Utc>,
) -> Deed<bool> {
    let db = app.store.read();
    let campaign = campaigns::get(db, by).await?.ok_or(ActionError::NotFound)?;
    let inviter = accounts::find(db, by.user)
        .await?
        .ok_or(ActionError::NotFound)?;
    let until = day_in(campaign.time_zone, invited.expires_at);
    let worded = words::invitation(&words::Invitation {
        site: app.config.site.name.clone(),
        inviter: inviter.name,
        campaign: campaign.name,
        role: invited.role.plain().to_owned(),
        url: invited.url.clone(),
        expires: until.format("%a %-d %b %Y").to_string(),
    })
    .map_err(|error| ActionError::fault("wording an invitation", error))?;
    let sender = app.config.mail.from.clone();
    let notice = compose::Notice {
        sender_name: app.config.site.name.clone(),
        message_id: compose::notice_message_id(&format!("invitation:{id}"), &sender),
        sender,
        recipient: invited.email.clone(),
        subject: worded.subject,
        text: worded.text,
        date: now,
    };
    let mail = compose::notice(&notice)
        .map_err(|error| ActionError::fault("writing an invitation as mail", error))?;
    match app.post.hand_over(&mail).await {
        Outcome::Accepted { .. } | Outcome::WrittenToFolder { .. } => Ok(true),
        Outcome::Deferred { why } | Outcome::Refused { why } | Outcome::Unknown { why } => {
            tracing::warn!(%why, "an invitation was not mailed; its link is shown to the inviter");
            Ok(false)
        }
    }
}

/// Takes an invitation back before anybody followed it.
pub async fn withdraw_invitation(app: &App, by: &Scope, id: Uuid, now: DateTime<Utc>) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    let tx = app.store.begin().await?;
    if !campaigns::withdraw_invitation(&tx, by, id, now).await? {
        return Err(ActionError::NotFound);
    }
    commit(tx).await?;
    Ok(())
}
