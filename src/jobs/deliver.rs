//! Job "deliver": one attempt to hand a queued letter over.

use serde::Deserialize;

use super::Outcome;
use crate::actions::deliver_outbox::deliver_outbox;
use crate::actions::{App, Deed};
use crate::domain::ids::DeliveryId;
use crate::store::jobs::Job;

#[derive(Deserialize)]
struct Payload {
    delivery: DeliveryId,
    attempt: i32,
    /// Which time given to it this is; jobs of an older version name none.
    #[serde(default)]
    round: i32,
}

/// Makes the attempt. Retries are jobs of their own, so this one is done whatever the server said.
pub async fn run(app: &App, job: &Job) -> Deed<Outcome> {
    let Ok(payload) = serde_json::from_value::<Payload>(job.payload.clone()) else {
        return Ok(Outcome::GiveUp("This job names no delivery.".to_owned()));
    };
    deliver_outbox(app, payload.delivery, payload.attempt, payload.round).await?;
    Ok(Outcome::Done)
}
