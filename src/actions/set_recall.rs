//! A campaign sets for how long its letters can be taken back before they leave.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::config::MOST_RECALL_MINUTES;
use crate::domain::event::Happening;
use crate::store::{commit, events, sending};

/// Sets the minutes, or gives the choice back to the installation with `None`. Letters in the outbox keep their time.
///
/// # Errors
/// Refused for more than a day.
pub async fn set_recall(
    app: &App,
    by: &Scope,
    minutes: Option<u32>,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel change the campaign. Ask one of them.",
        ));
    }
    if minutes.is_some_and(|minutes| minutes > MOST_RECALL_MINUTES) {
        return Err(ActionError::refused(
            "At most a day fits: 1440 minutes. To keep a letter longer, hold it back or choose a time.",
        ));
    }
    let tx = app.store.begin().await?;
    sending::set_recall_minutes(&tx, by, minutes, now).await?;
    events::record_by(&tx, by, None, now, &Happening::CampaignEdited).await?;
    commit(tx).await?;
    Ok(())
}
