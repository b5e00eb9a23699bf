//! What is known already is written down even if the database is away for some minutes: the change is tried again.
//!
//! For what cannot be found out twice: what a mail server answered, what became of a job. The change must be one that does
//! no harm when it is made again, since a connection may break after a commit and before its answer.

use std::time::Duration;

use super::{ActionError, Deed};

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(16);
/// Tries before the change is given up: with the pauses some five minutes, far less than a job's lease.
const TRIES: u32 = 16;

/// Makes a change, and makes it again for as long as the database is away. Other faults are not waited out.
///
/// # Errors
/// What the change itself says, or that the database stayed away.
pub async fn patiently<T, F>(what: &str, change: impl Fn() -> F) -> Deed<T>
where
    F: Future<Output = Deed<T>>,
{
    let mut pause = Duration::from_millis(500);
    let mut tries = 1;
    loop {
        match change().await {
            Err(ActionError::Fault(fault)) if tries < TRIES && fault.database_is_away() => {
                tracing::warn!(what, error = %fault, "the database is away; this is written down as soon as it answers");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                tries += 1;
            }
            ended => return ended,
        }
    }
}
