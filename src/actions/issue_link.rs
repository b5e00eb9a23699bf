//! One-time links: the first person's set-up link, and invitations into a campaign.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::sign_in::{fresh_token, token_hash};
use super::{App, Deed};
use crate::store::accounts::{self, Invitation};
use crate::store::commit;

/// How long the first person's link works.
pub const SETUP_DAYS: i64 = 2;

/// Makes the set-up link of an installation that has no account yet; none if somebody is there already.
/// A newer link replaces an older one, so that only what the console shows last opens the door.
pub async fn setup_link(app: &App, now: DateTime<Utc>) -> Deed<Option<String>> {
    if accounts::count(app.store.read()).await? > 0 {
        return Ok(None);
    }
    let token = fresh_token();
    let tx = app.store.begin().await?;
    accounts::forget_setup_links(&tx).await?;
    let invitation = Invitation {
        id: Uuid::new_v4(),
        email: None,
        campaign: None,
        role: None,
        makes_admin: true,
        invited_by: None,
        expires_at: now + Duration::days(SETUP_DAYS),
    };
    accounts::invite(&tx, &token_hash(&token), &invitation, now).await?;
    commit(tx).await?;
    Ok(Some(link(app, &token)))
}

/// The address of the page that a link's secret opens.
pub fn link(app: &App, token: &str) -> String {
    format!("{}/welcome/{token}", app.config.site.url)
}
