//! One limit of ours is told as a mail of its own, if it still stands when its morning comes.

use chrono::{DateTime, Utc};

use super::patience::patiently;
use super::plan_reminders::Planned;
use super::read_clocks::{facts, law_of};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::duty::{self, DutyClock};
use crate::domain::event::Happening;
use crate::domain::person::Role;
use crate::domain::reminder::{Limit, OpenDays, Step, Subject, Watched, our_window, reached};
use crate::mail::compose::{Notice, notice, notice_message_id};
use crate::mail::morning::{Window, window};
use crate::mail::phrases;
use crate::mail::send::Outcome;
use crate::store::{
    accounts, agencies, campaigns, closings, commit, events, reminder_settings, reminders, requests,
};

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
    let (Ok(subject), Some(step)) = (
        planned.subject.parse::<Subject>(),
        Step::parse(&planned.step),
    ) else {
        return Err(ActionError::refused("This job names no reminder."));
    };
    let (Subject::Clock { duty, due_on, .. }, Some(request), Some(row)) = (
        &subject,
        subject.request(),
        reminders::find(db, planned.reader, &subject, step).await?,
    ) else {
        return Ok(Reminded::Moot);
    };
    if row.sent_at.is_some() || row.ended_at.is_some() {
        return Ok(Reminded::Moot);
    }
    let Some(kept) = requests::find_unscoped(db, request).await? else {
        return Ok(Reminded::Moot);
    };
    let request = kept.request;
    let members = campaigns::list_members(db, request.campaign).await?;
    let role = members
        .iter()
        .find(|member| member.account == planned.reader)
        .map_or(Role::Team, |member| member.role);
    let scope = Scope {
        user: planned.reader,
        campaign: request.campaign,
        role,
    };
    let reader = accounts::find(db, planned.reader)
        .await?
        .filter(|reader| scope.sees_work() && !reader.disabled);
    let (Some(reader), Some(campaign), Some(agency)) = (
        reader,
        campaigns::get(db, &scope).await?,
        agencies::find(db, &scope, request.agency).await?,
    ) else {
        return Ok(Reminded::Moot);
    };
    let (choices, language) = reminder_settings::choices(db, reader.id).await?;
    let today = day_in(choices.zone.unwrap_or(campaign.time_zone), now);
    let log = events::list_for_request(db, &scope, request.id).await?;
    let facts = facts(
        &agency,
        &closings::in_force(db, request.campaign).await?,
        &log,
    );
    let law = law_of(app, &request)?;
    let clocks = duty::clocks(&law, &facts, today);
    let clock = clocks.iter().find(|clock| {
        clock.id == *duty && Limit::of(clock).is_some_and(|limit| limit.due_on == *due_on)
    });
    let watched = Watched::of_log(&log, campaign.time_zone);
    let put_off = watched
        .snoozed_until(reader.id, &subject.matter())
        .is_some_and(|until| until > today);
    let Some(clock) = clock.filter(|_| watched.is_out && !put_off) else {
        return Ok(Reminded::Moot);
    };
    // After days of sleep only the latest of several is told.
    let rules = reminder_settings::rules(db, request.campaign).await?.rules;
    let open = OpenDays::of(&law, &facts);
    let all = our_window(*due_on, clock.latest_on, &rules, &open);
    if !reached(&all, today, today)
        .0
        .iter()
        .any(|tell| tell.step == step)
    {
        return Ok(Reminded::Moot);
    }
    let site = &app.config.site;
    let worded = window(&Window {
        language,
        name: reader.name.clone(),
        reference: request.reference.to_string(),
        agency: agency.name.clone(),
        what: phrases::heading(language, &clock.heading).to_owned(),
        due: phrases::day(language, *due_on),
        citation: clock.citation.clone(),
        filing: filing(clock),
        step,
        days: (*due_on - today).num_days(),
        url: format!("{}/c/{}/requests/{}", site.url, campaign.slug, request.id),
        settings_url: format!("{}/settings/reminders", site.url),
    })
    .map_err(|error| ActionError::fault("wording a reminder", error))?;
    let sender = app.config.mail.from.clone();
    let composed = notice(&Notice {
        sender_name: site.name.clone(),
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
        Outcome::Refused { why, .. } => return Err(ActionError::refused(why)),
        // A limit of ours told twice does no harm, one not told may: the second has the same Message-ID.
        Outcome::Deferred { why } | Outcome::Unknown { why } => return Ok(Reminded::NotNow(why)),
    }
    patiently("that a reminder left", || async {
        let tx = app.store.begin().await?;
        // Written down already where only the answer to the commit was lost.
        let open = reminders::find(&tx, planned.reader, &subject, step)
            .await?
            .is_some_and(|row| row.sent_at.is_none());
        if open {
            reminders::mark_sent(&tx, &[row.id], now).await?;
            let sent = Happening::ReminderSent {
                duty: duty.clone(),
                due_on: *due_on,
                offset: step.offset(),
            };
            let (campaign, id) = (request.campaign, Some(request.id));
            events::record(&tx, campaign, id, Some(reader.id), now, &sent).await?;
        }
        commit(tx).await?;
        Ok(Reminded::Sent)
    })
    .await
}

/// What must be filed and where, one line for each way.
fn filing(clock: &DutyClock) -> Vec<String> {
    let Some(filing) = &clock.filing else {
        return Vec::new();
    };
    filing
        .ways
        .iter()
        .map(|way| match &way.what {
            Some(what) => format!("{}: {what}", way.body),
            None => format!("{}: {}", way.body, way.kind),
        })
        .collect()
}
