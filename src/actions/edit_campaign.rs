//! A researcher or counsel changes what a campaign says of itself. Letters already written keep their text.

use chrono::{DateTime, Utc};

use super::create_campaign::Particulars;
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::store::campaigns::{self, Campaign};
use crate::store::{commit, events};

/// Changes the campaign's particulars. Its address stays, so that links keep working.
///
/// # Errors
/// Refused where something is missing, in a sentence that says what.
pub async fn edit_campaign(
    app: &App,
    by: &Scope,
    new: Particulars,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel change the campaign. Ask one of them.",
        ));
    }
    new.check(&app.law())?;
    let before = campaigns::get(app.store.read(), by)
        .await?
        .ok_or(ActionError::NotFound)?;
    let after = Campaign {
        name: new.name.trim().to_owned(),
        goal: new.goal,
        ask: new.ask,
        addressed_to: new.addressed_to,
        organisation: new.organisation,
        contact_name: new.contact_name,
        postal_address: new.postal_address,
        phone: new.phone,
        time_zone: new.time_zone,
        ..before
    };
    let tx = app.store.begin().await?;
    campaigns::update(&tx, &after, &new.jurisdictions).await?;
    events::record_by(&tx, by, None, now, &Happening::CampaignEdited).await?;
    commit(tx).await?;
    Ok(())
}
