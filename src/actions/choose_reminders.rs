//! What a campaign reminds of, and what a person wants to hear: kept as they say it.

use chrono::{DateTime, Utc};

use super::put_off::works_here;
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::UserId;
use crate::domain::reminder::{Choices, Language, Rules};
use crate::store::{commit, events, reminder_settings};

/// Writes the rules of a campaign and its backup.
///
/// # Errors
/// Refused where a number makes no sense or the backup does not work here. The field's name stands before a colon.
pub async fn set_rules(
    app: &App,
    by: &Scope,
    rules: Rules,
    backup: Option<UserId>,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel of this campaign set its rules. Ask one of them.",
        ));
    }
    let rules = rules
        .checked()
        .map_err(|(name, why)| ActionError::refused(format!("{name}:{why}")))?;
    if let Some(whom) = backup {
        works_here(app, by, whom)
            .await
            .map_err(|error| match error {
                ActionError::Refused(why) => ActionError::refused(format!("backup:{why}")),
                other => other,
            })?;
    }
    let tx = app.store.begin().await?;
    reminder_settings::set_rules(&tx, by, &rules, backup, now).await?;
    events::record_by(&tx, by, None, now, &Happening::CampaignEdited).await?;
    commit(tx).await?;
    Ok(())
}

/// Writes what a person wants to hear, in which language and when.
///
/// # Errors
/// Refused where the hour is none.
pub async fn set_choices(
    app: &App,
    person: UserId,
    mut choices: Choices,
    language: Language,
    now: DateTime<Utc>,
) -> Deed<()> {
    if choices.hour > 23 {
        return Err(ActionError::refused("Choose an hour of the day."));
    }
    choices.off.retain(|topic| topic.may_be_off());
    let tx = app.store.begin().await?;
    reminder_settings::set_choices(&tx, person, &choices, language, now).await?;
    commit(tx).await?;
    Ok(())
}
