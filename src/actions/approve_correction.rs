//! A second person approves a correction of the law: from this moment dates are computed with it.

use chrono::{DateTime, Utc};

use super::propose_correction::{Weighed, sentences, weigh};
use super::tell_moves::{Told, tellings};
use super::{ActionError, App, Deed, law_rights};
use crate::domain::ids::CorrectionId;
use crate::law::Code;
use crate::store::accounts::Account;
use crate::store::law_corrections::{self, Decided, Kept, Standing, Verdict};
use crate::store::{StoreError, commit};

/// Said where somebody decided something between the look at what moves and the decision.
pub(super) const DECIDED_MEANWHILE: &str = "Another correction was decided in this moment, so what moves may differ from what you saw. Nothing was \
     changed. Look at the page once more and decide again.";

/// The correction, if this person may decide on it.
pub(super) async fn in_hand(app: &App, by: &Account, code: Code, id: CorrectionId) -> Deed<Kept> {
    law_rights::check(app, by).await?;
    law_corrections::find(app.store.read(), code, id)
        .await?
        .ok_or(ActionError::NotFound)
}

/// Approves it, and writes to the owners of all requests whose dates move. Gives how many requests move.
///
/// # Errors
/// Refused for the proposer, where it was decided already, and where it no longer holds together with the others.
pub async fn approve_correction(
    app: &App,
    by: &Account,
    code: Code,
    id: CorrectionId,
    now: DateTime<Utc>,
) -> Deed<usize> {
    let kept = in_hand(app, by, code, id).await?;
    if kept.standing() != Standing::Proposed {
        return Err(ActionError::refused(
            "This correction was decided already. Nothing was changed.",
        ));
    }
    if kept.proposed.proposed_by == by.id {
        let seconds = law_rights::seconds(app, by.id).await?;
        return Err(ActionError::refused(if seconds.is_empty() {
            format!(
                "A second person must approve what you propose. {}",
                law_rights::NOBODY_ELSE
            )
        } else {
            let names: Vec<String> = seconds.into_iter().map(|account| account.name).collect();
            format!(
                "A second person must approve what you propose. Ask one of these: {}.",
                names.join(", ")
            )
        }));
    }
    let Weighed {
        moved, revision, ..
    } = weigh(app, code, &kept.proposed.text, now)
        .await?
        .map_err(|problems| ActionError::refused(sentences(&problems)))?;
    let told = tellings(app, &kept, Told::Approved, &moved, by.id).await?;
    let tx = app.store.begin().await?;
    law_corrections::take_turn(&tx).await?;
    if law_corrections::revision(&tx).await? != revision {
        return Err(ActionError::refused(DECIDED_MEANWHILE));
    }
    let decided = Decided {
        by: by.id,
        at: now,
        why: String::new(),
    };
    match law_corrections::decide(&tx, id, Verdict::Approved, &decided).await {
        Err(StoreError::Taken) => return Err(ActionError::refused(DECIDED_MEANWHILE)),
        other => other?,
    }
    told.write(&tx, now).await?;
    commit(tx).await?;
    app.follow_law(now).await?;
    Ok(moved.len())
}
