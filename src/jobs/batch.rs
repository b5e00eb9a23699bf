//! Jobs of a batch: one letter drafted, one letter put into the outbox.

use super::Outcome;
use crate::actions::draft_batch::{OneTarget, draft_target};
use crate::actions::send_batch::send_target;
use crate::actions::{App, Deed};
use crate::store::jobs::Job;

fn target_of(job: &Job) -> Result<OneTarget, Outcome> {
    serde_json::from_value(job.payload.clone())
        .map_err(|_| Outcome::GiveUp("This job names no agency of a batch.".to_owned()))
}

/// Drafts the letter.
pub async fn draft(app: &App, job: &Job) -> Deed<Outcome> {
    match target_of(job) {
        Ok(one) => draft_target(app, one, app.clock.now()).await?,
        Err(outcome) => return Ok(outcome),
    }
    Ok(Outcome::Done)
}

/// Puts the letter into the outbox, if its time has come.
pub async fn send(app: &App, job: &Job) -> Deed<Outcome> {
    match target_of(job) {
        Ok(one) => send_target(app, one, app.clock.now()).await?,
        Err(outcome) => return Ok(outcome),
    }
    Ok(Outcome::Done)
}
