//! A second person rejects a proposed correction of the law, with a reason.

use chrono::{DateTime, Utc};

use super::approve_correction::{DECIDED_MEANWHILE, in_hand};
use super::{ActionError, App, Deed};
use crate::domain::ids::CorrectionId;
use crate::law::Code;
use crate::store::accounts::Account;
use crate::store::law_corrections::{self, Decided, Standing, Verdict};
use crate::store::{StoreError, commit};

/// Rejects it. Its proposer withdraws it instead.
pub async fn reject_correction(
    app: &App,
    by: &Account,
    code: Code,
    id: CorrectionId,
    why: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let kept = in_hand(app, by, code, id).await?;
    if kept.standing() != Standing::Proposed {
        return Err(ActionError::refused(
            "This correction was decided already. Nothing was changed.",
        ));
    }
    if kept.proposed.proposed_by == by.id {
        return Err(ActionError::refused(
            "You proposed this yourself: withdraw it instead.",
        ));
    }
    if why.trim().is_empty() {
        return Err(ActionError::refused(
            "Say why, so that whoever proposed it can do better.",
        ));
    }
    let tx = app.store.begin().await?;
    law_corrections::take_turn(&tx).await?;
    let decided = Decided {
        by: by.id,
        at: now,
        why: why.trim().to_owned(),
    };
    match law_corrections::decide(&tx, id, Verdict::Rejected, &decided).await {
        Err(StoreError::Taken) => return Err(ActionError::refused(DECIDED_MEANWHILE)),
        other => other?,
    }
    commit(tx).await?;
    Ok(())
}
