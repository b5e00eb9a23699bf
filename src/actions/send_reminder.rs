//! One reminder is sent, if its limit still stands when its morning comes.

use chrono::{DateTime, Utc};

use super::plan_reminders::{Planned, open_limit};
use super::read_clocks::sheet;
use super::{ActionError, App, Deed, Scope};
use crate::calendar::words::long;
use crate::clock::day_in;
use crate::domain::event::Happening;
use crate::domain::person::Role;
use crate::mail::compose::{Notice, notice, notice_message_id};
use crate::mail::send::Outcome;
use crate::mail::words::{self, Reminder};
use crate::store::{accounts, agencies, campaigns, closings, commit, events, requests};

/// What became of a reminder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reminded {
    Sent,
    /// The limit moved, was met, or the reader has left: nothing to say any more.
    Moot,
    /// The mail server was not to be had: try again.
    NotNow(String),
}

/// Sends the reminder, or finds that there is nothing to remind of any more.
pub async fn send_reminder(app: &App, planned: &Planned, now: DateTime<Utc>) -> Deed<Reminded> {
    let db = app.store.read();
    let Some(kept) = requests::find_unscoped(db, planned.request).await? else {
        return Ok(Reminded::Moot);
    };
    let request = kept.request;
    let scope = Scope {
        user: planned.reader,
        campaign: request.campaign,
        role: Role::Researcher,
    };
    let member = campaigns::list_members(db, request.campaign)
        .await?
        .into_iter()
        .any(|member| member.account == planned.reader);
    let reader = accounts::find(db, planned.reader)
        .await?
        .filter(|reader| member && !reader.disabled);
    let (Some(reader), Some(campaign), Some(agency)) = (
        reader,
        campaigns::get(db, &scope).await?,
        agencies::find(db, &scope, request.agency).await?,
    ) else {
        return Ok(Reminded::Moot);
    };
    let log = events::list_for_request(db, &scope, request.id).await?;
    let sheet = sheet(
        app,
        &request,
        &agency,
        &closings::in_force(db, request.campaign).await?,
        &log,
        day_in(campaign.time_zone, now),
    )?;
    let standing = sheet
        .duties
        .iter()
        .find(|clock| clock.id == planned.duty && open_limit(clock) == Some(planned.due_on));
    let Some(clock) = standing else {
        return Ok(Reminded::Moot);
    };
    let said = log.iter().any(|event| {
        matches!(&event.what, Happening::ReminderSent { duty, due_on, offset }
            if *duty == planned.duty && *due_on == planned.due_on && *offset == planned.offset)
            && event.by == Some(planned.reader)
    });
    if said {
        return Ok(Reminded::Moot);
    }
    let worded = words::reminder(&Reminder {
        name: reader.name.clone(),
        reference: request.reference.to_string(),
        title: request.title.clone(),
        agency: agency.name.clone(),
        what: clock.heading.clone(),
        due: long(planned.due_on),
        citation: clock.citation.clone(),
        offset: planned.offset,
        url: format!(
            "{}/c/{}/requests/{}",
            app.config.site.url, campaign.slug, request.id
        ),
    })
    .map_err(|error| ActionError::fault("wording a reminder", error))?;
    let sender = app.config.mail.from.clone();
    let composed = notice(&Notice {
        sender_name: app.config.site.name.clone(),
        message_id: notice_message_id(&planned.effect_key(), &sender),
        sender,
        recipient: reader.email.clone(),
        subject: worded.subject,
        text: worded.text,
        date: now,
    })
    .map_err(|error| ActionError::refused(error.to_string()))?;
    match app.post.hand_over(&composed).await {
        Outcome::Accepted { .. } | Outcome::WrittenToFolder { .. } => {}
        Outcome::Refused { why } => return Err(ActionError::refused(why)),
        Outcome::Deferred { why } | Outcome::Unknown { why } => return Ok(Reminded::NotNow(why)),
    }
    let tx = app.store.begin().await?;
    let sent = Happening::ReminderSent {
        duty: planned.duty.clone(),
        due_on: planned.due_on,
        offset: planned.offset,
    };
    // The line names its reader, so that a repeated attempt finds it.
    events::record(
        &tx,
        request.campaign,
        Some(request.id),
        Some(planned.reader),
        now,
        &sent,
    )
    .await?;
    commit(tx).await?;
    Ok(Reminded::Sent)
}
