//! What a member does about reminders of one request: a backup, one of their own, putting a matter off, dealing with it.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::read_clocks::sheet;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::event::Happening;
use crate::domain::ids::{RequestId, UserId};
use crate::domain::person::Role;
use crate::domain::reminder::{Limit, Topic, Watched, may_snooze_until};
use crate::store::campaigns::Campaign;
use crate::store::requests::Kept;
use crate::store::{agencies, campaigns, closings, commit, events, reminders, requests};

/// The request and its campaign, for a member who works.
async fn found(app: &App, by: &Scope, request: RequestId) -> Deed<(Kept, Campaign)> {
    if !by.sees_work() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel of this campaign do this. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let kept = requests::find(db, by, request).await?;
    let campaign = campaigns::get(db, by).await?;
    kept.zip(campaign).ok_or(ActionError::NotFound)
}

/// Names who hears of a request besides its owner; none leaves it to the campaign's own backup.
///
/// # Errors
/// Refused where that person does not work in the campaign.
pub async fn choose_backup(
    app: &App,
    by: &Scope,
    request: RequestId,
    backup: Option<UserId>,
    now: DateTime<Utc>,
) -> Deed<()> {
    let (kept, _) = found(app, by, request).await?;
    if let Some(whom) = backup {
        works_here(app, by, whom).await?;
        if whom == kept.request.owner {
            return Err(ActionError::refused(
                "This person owns the request. The backup is somebody else, who hears of it too.",
            ));
        }
    }
    let tx = app.store.begin().await?;
    let what = Happening::BackupChosen { account: backup };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}

/// Refuses somebody who does not work in this campaign.
pub(super) async fn works_here(app: &App, by: &Scope, whom: UserId) -> Deed<()> {
    let works = campaigns::list_members(app.store.read(), by.campaign)
        .await?
        .into_iter()
        .any(|member| member.account == whom && member.role != Role::Team);
    if works {
        Ok(())
    } else {
        Err(ActionError::refused(
            "A backup is a researcher or counsel of this campaign. Choose one of them.",
        ))
    }
}

/// Reminds this member of a request on a day, whatever its status then.
///
/// # Errors
/// Refused where the day has passed or is too far.
pub async fn remind_me(
    app: &App,
    by: &Scope,
    request: RequestId,
    on: NaiveDate,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let (_, campaign) = found(app, by, request).await?;
    let today = day_in(campaign.time_zone, now);
    if on <= today || (on - today).num_days() > 3 * 366 {
        return Err(ActionError::refused(
            "Choose a day after today, within three years.",
        ));
    }
    let tx = app.store.begin().await?;
    let what = Happening::OwnReminderSet {
        reminder: Uuid::new_v4(),
        on,
        note: note.trim().to_owned(),
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}

/// What a matter is about, and its limit if it has one, as the request stands now.
async fn matter_of(
    app: &App,
    by: &Scope,
    kept: &Kept,
    matter: &str,
    today: NaiveDate,
) -> Deed<(Topic, Option<NaiveDate>)> {
    let unknown = || {
        ActionError::refused(
            "This is no longer open: it was met, moved or closed. Nothing needs to be put off.",
        )
    };
    let db = app.store.read();
    let request = &kept.request;
    let log = events::list_for_request(db, by, request.id).await?;
    match matter.split_once(':') {
        None if matter == "portal" => {
            let watched = Watched::of_log(&log, chrono_tz::UTC);
            watched.portal_since.ok_or_else(unknown)?;
            Ok((Topic::Portal, None))
        }
        Some(("clock", duty)) => {
            let agency = agencies::find(db, by, request.agency)
                .await?
                .ok_or(ActionError::NotFound)?;
            let closings = closings::in_force(db, by.campaign).await?;
            let limit = sheet(app, request, &agency, &closings, &log, today)?
                .duties
                .iter()
                .filter_map(Limit::of)
                .find(|limit| limit.duty == duty)
                .ok_or_else(unknown)?;
            let topic = if limit.ours {
                Topic::OurWindow
            } else {
                Topic::AgencyLimit
            };
            Ok((topic, Some(limit.due_on)))
        }
        Some(("reply", _)) => Ok((Topic::Replies, None)),
        Some(("held", _)) => Ok((Topic::Held, None)),
        Some(("approval", _)) => Ok((Topic::Approvals, None)),
        Some(("own", id)) => {
            let own = Watched::of_log(&log, chrono_tz::UTC).own;
            if own.iter().any(|one| one.id.simple().to_string() == id) {
                Ok((Topic::Own, None))
            } else {
                Err(unknown())
            }
        }
        _ => Err(ActionError::NotFound),
    }
}

/// Puts a matter off for this member until a day, with the reason. Others hear of it as before.
///
/// # Errors
/// Refused without a reason, for a day that does not fit, and for a limit of ours in its last days.
pub async fn snooze(
    app: &App,
    by: &Scope,
    request: RequestId,
    matter: &str,
    until: NaiveDate,
    why: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let (kept, campaign) = found(app, by, request).await?;
    let today = day_in(campaign.time_zone, now);
    if why.trim().is_empty() {
        return Err(ActionError::refused(
            "Say why it can wait: colleagues read it on the request's page.",
        ));
    }
    let (topic, due_on) = matter_of(app, by, &kept, matter, today).await?;
    let last = may_snooze_until(topic, due_on, today).map_err(ActionError::refused)?;
    if until <= today || until > last {
        return Err(ActionError::refused(format!(
            "Choose a day after today and up to {}.",
            crate::calendar::words::long(last)
        )));
    }
    let tx = app.store.begin().await?;
    let what = Happening::ReminderSnoozed {
        matter: matter.to_owned(),
        until,
        why: why.trim().to_owned(),
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(())
}

/// Says that what a reminder is about is dealt with. A limit ends by what is recorded of it, not by a press.
///
/// # Errors
/// Refused for a limit, a reply, a document and a letter: those end by themselves when they are done.
pub async fn act_on(
    app: &App,
    by: &Scope,
    request: RequestId,
    matter: &str,
    note: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let (kept, campaign) = found(app, by, request).await?;
    let today = day_in(campaign.time_zone, now);
    let (topic, _) = matter_of(app, by, &kept, matter, today).await?;
    if !matches!(topic, Topic::Portal | Topic::Own) {
        return Err(ActionError::refused(
            "This ends by itself once it is done: record what happened, sort the reply, or decide on the letter or document.",
        ));
    }
    let tx = app.store.begin().await?;
    let what = Happening::ReminderActedOn {
        matter: matter.to_owned(),
        note: note.trim().to_owned(),
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    reminders::end_matter(&tx, by, request, matter, "dealt with", now).await?;
    commit(tx).await?;
    Ok(())
}
