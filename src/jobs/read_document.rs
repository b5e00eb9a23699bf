//! Job: the worker looks into a document that came in.

use super::Outcome;
use crate::actions::read_document::read_document;
use crate::actions::{App, Deed};
use crate::domain::ids::DocumentId;
use crate::store::jobs::Job;

/// Looks into the document of the payload.
pub async fn run(app: &App, job: &Job) -> Deed<Outcome> {
    let document = job.payload.get("document").and_then(|id| id.as_str());
    let Some(Ok(id)) = document.map(str::parse::<DocumentId>) else {
        return Ok(Outcome::GiveUp(
            "The job does not say which document to read.".to_owned(),
        ));
    };
    read_document(app, id).await?;
    Ok(Outcome::Done)
}
