//! Job: tell an owner which dates a decision on the law moved.

use chrono::Duration;

use super::Outcome;
use crate::actions::send_law_notice::send_law_notice;
use crate::actions::send_reminder::Reminded;
use crate::actions::tell_moves::Notice;
use crate::actions::{App, Deed};
use crate::store::jobs::Job;

/// Sends the notice of the payload.
pub async fn send(app: &App, job: &Job) -> Deed<Outcome> {
    let Ok(notice) = serde_json::from_value::<Notice>(job.payload.clone()) else {
        return Ok(Outcome::GiveUp(
            "The job does not say what moved.".to_owned(),
        ));
    };
    Ok(
        match send_law_notice(app, &notice, app.clock.now()).await? {
            Reminded::Sent | Reminded::Moot => Outcome::Done,
            Reminded::NotNow(why) => Outcome::Later(Duration::minutes(10), why),
        },
    )
}
