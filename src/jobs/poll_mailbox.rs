//! Jobs "poll_mailbox" and "read_message": new mail is fetched and kept, then read.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::Outcome;
use crate::actions::receive_mail::{self, READ_JOB, Way};
use crate::actions::{App, Deed};
use crate::config;
use crate::domain::ids::MessageId;
use crate::mail::fetch::{self, Fetched, Mailbox};
use crate::store::jobs::{Job, NewJob};

/// Mail that somebody else has read in the mailbox is still fetched for this long.
const LOOK_BACK_DAYS: u64 = 14;

/// The jobs of this moment's visits: one for each mailbox and period.
pub fn periodic(app: &App, now: DateTime<Utc>) -> Vec<NewJob> {
    let visit = |(place, mailbox): (usize, &config::Mailbox)| {
        let every = i64::try_from(mailbox.every_seconds)
            .unwrap_or(i64::MAX)
            .max(10);
        NewJob {
            kind: "poll_mailbox",
            effect_key: format!("poll_mailbox:{place}:{}", now.timestamp().div_euclid(every)),
            payload: serde_json::json!({ "mailbox": place }),
            campaign: None,
            run_at: now,
        }
    };
    app.config.mailboxes.iter().enumerate().map(visit).collect()
}

/// Visits a mailbox once. A mailbox that is away is asked again in the next period, so this job is done either way.
pub async fn run(app: &App, job: &Job) -> Deed<Outcome> {
    let place = job.payload["mailbox"].as_u64().unwrap_or(0);
    let settings = usize::try_from(place)
        .ok()
        .and_then(|place| app.config.mailboxes.get(place));
    let Some(settings) = settings else {
        return Ok(Outcome::Done);
    };
    let now = app.clock.now();
    let since = now.date_naive() - chrono::Days::new(LOOK_BACK_DAYS);
    let visit = fetch::visit(&mailbox(app, settings), since, |found| keep(app, found)).await;
    match visit {
        Ok(visit) if visit.taken > 0 => {
            tracing::info!(
                mailbox = place,
                taken = visit.taken,
                too_large = visit.too_large,
                "new mail was fetched"
            );
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(mailbox = place, %error, "the mailbox could not be read"),
    }
    Ok(Outcome::Done)
}

fn mailbox(app: &App, settings: &config::Mailbox) -> Mailbox {
    Mailbox {
        host: settings.host.clone(),
        port: settings.port,
        security: settings.security,
        user: settings.user.clone(),
        password: settings.password.0.clone(),
        folder: settings.folder.clone(),
        extra_root_pem: None,
        patience: Duration::from_secs(45),
        max_bytes: u32::try_from(app.config.limits.message_bytes).unwrap_or(u32::MAX),
    }
}

async fn keep(app: &App, found: Fetched) -> Result<(), String> {
    let problem = found.too_large.map(|size| {
        format!(
            "This message has {} MB, more than is fetched, so only its headers are here. Open it in the mailbox and add its files as documents.",
            size / 1024 / 1024
        )
    });
    receive_mail::keep_raw(
        app,
        found.raw,
        Way::Imap,
        problem.as_deref(),
        app.clock.now(),
    )
    .await
    .map(|_| ())
    .map_err(|error| error.to_string())
}

#[derive(Deserialize)]
struct Payload {
    message: MessageId,
}

/// Reads, matches and files one message that is kept raw.
pub async fn read(app: &App, job: &Job) -> Deed<Outcome> {
    let Ok(payload) = serde_json::from_value::<Payload>(job.payload.clone()) else {
        return Ok(Outcome::GiveUp(format!(
            "This job of the kind {READ_JOB} names no message."
        )));
    };
    receive_mail::read_message(app, payload.message, app.clock.now()).await?;
    Ok(Outcome::Done)
}
