//! A person's morning mail: what is to be told, what falls due this week, what changed, what waits. One a day at most.
//!
//! The attempt is on record before the mail server is spoken to. An attempt whose end is not known is not made again:
//! what it told is told the next morning, so nothing is lost and nothing comes twice on one day.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::patience::patiently;
use super::send_reminder::Reminded;
use super::write_morning::{Written, write_morning};
use super::{ActionError, App, Deed};
use crate::clock::day_in;
use crate::domain::event::Happening;
use crate::domain::ids::{CampaignId, UserId};
use crate::domain::reminder::{Subject, Topic};
use crate::mail::compose::{self, notice_message_id};
use crate::mail::morning::digest;
use crate::mail::send::Outcome;
use crate::store::jobs::{self, NewJob};
use crate::store::mornings::{self, Attempt};
use crate::store::reminders::{self, Reminder};
use crate::store::{campaigns, commit, events, reminder_settings};

/// The job's kind.
pub const MORNING_JOB: &str = "morning";

/// What a morning's job remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedMorning {
    pub reader: UserId,
    /// The reader's own day.
    pub day: NaiveDate,
}

impl PlannedMorning {
    /// One effect, one key.
    pub fn effect_key(&self) -> String {
        format!("morning:{}:{}", self.reader, self.day)
    }
}

/// Puts a job for everybody's morning of today into the table, once each, however often it is asked.
pub async fn plan_mornings(app: &App, now: DateTime<Utc>) -> Deed<()> {
    let db = app.store.read();
    let choices = reminder_settings::all_choices(db).await?;
    let zones: HashMap<CampaignId, chrono_tz::Tz> = campaigns::list_all(db)
        .await?
        .into_iter()
        .map(|campaign| (campaign.id, campaign.time_zone))
        .collect();
    let mut new = Vec::new();
    for (reader, places) in mornings::list_everybody(db).await? {
        let own = choices.get(&reader).cloned().unwrap_or_default();
        let first = places.first().and_then(|(campaign, _)| zones.get(campaign));
        let Some(zone) = own.zone.or(first.copied()) else {
            continue;
        };
        let planned = PlannedMorning {
            reader,
            day: day_in(zone, now),
        };
        new.push(NewJob {
            kind: MORNING_JOB,
            effect_key: planned.effect_key(),
            payload: serde_json::to_value(&planned)
                .map_err(|error| ActionError::fault("planning a morning", error))?,
            campaign: None,
            run_at: crate::domain::reminder::morning(zone, planned.day, own.hour),
        });
    }
    let tx = app.store.begin().await?;
    jobs::add_many(&tx, new, now).await?;
    commit(tx).await?;
    Ok(())
}

/// Sends a person's mail of that day, or finds that there is nothing to say.
pub async fn send_morning(
    app: &App,
    planned: &PlannedMorning,
    now: DateTime<Utc>,
) -> Deed<Reminded> {
    let (reader, day) = (planned.reader, planned.day);
    match mornings::find(app.store.read(), reader, day).await? {
        Attempt::None => {}
        Attempt::Settled => return Ok(Reminded::Moot),
        Attempt::Open => {
            tracing::warn!(%reader, %day, "a morning mail may or may not have left; what it told is told tomorrow");
            let tx = app.store.begin().await?;
            mornings::settle(&tx, reader, day, "unknown", now).await?;
            commit(tx).await?;
            return Ok(Reminded::Moot);
        }
    }
    let Some(written) = write_morning(app, reader, Some(day), now).await? else {
        return Ok(Reminded::Moot);
    };
    let tx = app.store.begin().await?;
    let mut over: BTreeMap<&str, Vec<uuid::Uuid>> = BTreeMap::new();
    for (id, why) in &written.over {
        over.entry(why).or_default().push(*id);
    }
    for (why, ids) in &over {
        reminders::end(&tx, ids, why, now).await?;
    }
    let speaks = written.digest.amounts.speaks(day);
    let first = speaks && mornings::attempt(&tx, reader, day, now).await?;
    commit(tx).await?;
    if !first {
        return Ok(Reminded::Moot);
    }
    let (outcome, more) = hand_over(app, planned, &written, now).await?;
    let answer = patiently("what became of a morning mail", || async {
        settle(app, planned, &written.told, &outcome, now).await
    })
    .await;
    tracing::debug!(%reader, %day, lines = more, "a morning mail was handed over");
    answer
}

/// Writes down what became of the mail; once, also where it is done again over a broken line to the database.
async fn settle(
    app: &App,
    planned: &PlannedMorning,
    told: &[Reminder],
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Deed<Reminded> {
    let (reader, day) = (planned.reader, planned.day);
    let tx = app.store.begin().await?;
    let open = mornings::find(&tx, reader, day).await? == Attempt::Open;
    let answer = match outcome {
        Outcome::Accepted { .. } | Outcome::WrittenToFolder { .. } => {
            if open {
                mornings::settle(&tx, reader, day, "sent", now).await?;
                note_told(&tx, told, reader, now).await?;
            }
            Ok(Reminded::Sent)
        }
        // Nobody has it: the whole is tried again.
        Outcome::Deferred { why } => {
            mornings::take_back(&tx, reader, day).await?;
            Ok(Reminded::NotNow(why.clone()))
        }
        Outcome::Unknown { .. } => {
            mornings::settle(&tx, reader, day, "unknown", now).await?;
            Ok(Reminded::Moot)
        }
        Outcome::Refused { why, .. } => {
            mornings::settle(&tx, reader, day, "refused", now).await?;
            Err(ActionError::refused(why.clone()))
        }
    };
    commit(tx).await?;
    answer
}

async fn note_told(
    tx: &crate::store::Tx,
    told: &[Reminder],
    reader: UserId,
    now: DateTime<Utc>,
) -> Deed<()> {
    let ids: Vec<Uuid> = told
        .iter()
        // A limit of ours has its own mail, which says for itself that it left.
        .filter(|row| row.subject.topic() != Topic::OurWindow)
        .map(|row| row.id)
        .collect();
    reminders::mark_sent(tx, &ids, now).await?;
    for row in told {
        if let Subject::Clock {
            request,
            duty,
            due_on,
            ours: false,
        } = &row.subject
        {
            let sent = Happening::ReminderSent {
                duty: duty.clone(),
                due_on: *due_on,
                offset: row.step.offset(),
            };
            events::record(tx, row.campaign, Some(*request), Some(reader), now, &sent).await?;
        }
    }
    Ok(())
}

async fn hand_over(
    app: &App,
    planned: &PlannedMorning,
    written: &Written,
    now: DateTime<Utc>,
) -> Deed<(Outcome, usize)> {
    let both = digest(&written.digest)
        .map_err(|error| ActionError::fault("wording a morning's mail", error))?;
    let sender = app.config.mail.from.clone();
    let composed = compose::bulletin(&compose::Bulletin {
        notice: compose::Notice {
            sender_name: app.config.site.name.clone(),
            message_id: notice_message_id(&planned.effect_key(), &sender),
            sender,
            recipient: written.recipient.clone(),
            subject: both.subject,
            text: both.text,
            date: now,
        },
        html: both.html,
        settings_url: written.digest.settings_url.clone(),
    })
    .map_err(|error| ActionError::refused(error.to_string()))?;
    Ok((app.post.hand_over(&composed).await, written.told.len()))
}
