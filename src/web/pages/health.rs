//! `/healthz`: whether the database answers, when the scheduler last woke, how long the oldest job waits.
//! Public, and without any content: numbers and times only.

use chrono::Duration;
use rocket::http::Status;
use rocket::{Route, State, get, routes};

use crate::actions::App;
use crate::store::jobs;
use crate::web::desk::Reply;
use crate::web::trouble::log_fault;

pub fn routes() -> Vec<Route> {
    routes![healthz]
}

/// The scheduler wakes every few seconds; a minute without a tick means that it stands still.
const TICK_LATE: Duration = Duration::seconds(60);

#[get("/healthz")]
async fn healthz(app: &State<App>) -> Reply {
    let now = app.clock.now();
    match jobs::health(app.store.read(), now).await {
        Ok(health) => {
            let ticking = health.last_tick_at.is_some_and(|at| now - at < TICK_LATE);
            let body = serde_json::json!({
                "database": "ok",
                "last_tick_at": health.last_tick_at,
                "scheduler": if ticking { "ok" } else { "late" },
                "jobs_open": health.open,
                "jobs_failed": health.failed,
                "oldest_unsent_at": health.oldest_due_at,
            });
            Reply::Text(Status::Ok, "application/json", body.to_string())
        }
        Err(error) => {
            log_fault("asking the database for its health", &error);
            let body = serde_json::json!({ "database": "no answer" });
            Reply::Text(
                Status::ServiceUnavailable,
                "application/json",
                body.to_string(),
            )
        }
    }
}
