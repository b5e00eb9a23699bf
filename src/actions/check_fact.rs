//! A second person checks a figure, or disputes it.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::fact::{Verdict, may_check};
use crate::domain::ids::FactId;
use crate::store::{commit, events, facts};

/// Writes the verdict of somebody who did not enter the figure and who looked at its page.
///
/// # Errors
/// Refused for the person who entered it, for a withdrawn figure, and for a dispute without a reason.
pub async fn check_fact(
    app: &App,
    by: &Scope,
    id: FactId,
    verdict: Verdict,
    comment: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel check figures. Your role reads them.",
        ));
    }
    let (record, _) = facts::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    may_check(&record.fact, by.user).map_err(|why| ActionError::refused(why.to_string()))?;
    let comment = comment.trim();
    if verdict == Verdict::Disputes && comment.is_empty() {
        return Err(ActionError::refused(
            "Say what the page says instead, so that the figure can be corrected or withdrawn.",
        ));
    }
    let happened = match verdict {
        Verdict::Agrees => Happening::FactChecked { fact: id },
        Verdict::Disputes => Happening::FactDisputed {
            fact: id,
            why: comment.to_owned(),
        },
    };
    let tx = app.store.begin().await?;
    facts::add_check(&tx, by, id, verdict, comment, now).await?;
    events::record(
        &tx,
        by.campaign,
        record.fact.request,
        Some(by.user),
        now,
        &happened,
    )
    .await?;
    commit(tx).await?;
    Ok(())
}
