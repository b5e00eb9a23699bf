//! A correction of the law is withdrawn, with a reason: the rule of the file holds again, and owners are told.

use chrono::{DateTime, Utc};

use super::approve_correction::{DECIDED_MEANWHILE, in_hand};
use super::law_book::in_force;
use super::law_moves::{Moved, of_law};
use super::tell_moves::{Told, tellings};
use super::{ActionError, App, Deed};
use crate::domain::ids::CorrectionId;
use crate::law::{Code, Library};
use crate::store::accounts::Account;
use crate::store::law_corrections::{self, Decided, Kept, Standing, Verdict};
use crate::store::{StoreError, commit};

/// What withdrawing would do.
pub struct Undone {
    pub before: Library,
    pub after: Library,
    pub moved: Vec<Moved>,
    /// The number of decisions that this was weighed against.
    pub revision: u64,
}

/// The law without this correction, and what moves back.
pub async fn weigh_withdrawal(app: &App, kept: &Kept, now: DateTime<Utc>) -> Deed<Undone> {
    let (all, revision) = law_corrections::list(app.store.read()).await?;
    let with = in_force(&all);
    let without: Vec<&Kept> = with
        .iter()
        .copied()
        .filter(|each| each.proposed.id != kept.proposed.id)
        .collect();
    let (before, after) = (app.laws.lay(&with).law, app.laws.lay(&without).law);
    let moved = of_law(app, kept.proposed.code, &before, &after, now).await?;
    Ok(Undone {
        before,
        after,
        moved,
        revision,
    })
}

/// Withdraws it: a proposal or one in force. Gives how many requests move.
pub async fn withdraw_correction(
    app: &App,
    by: &Account,
    code: Code,
    id: CorrectionId,
    why: &str,
    now: DateTime<Utc>,
) -> Deed<usize> {
    let kept = in_hand(app, by, code, id).await?;
    let why = why.trim();
    if why.is_empty() {
        return Err(ActionError::refused(
            "Say why it is withdrawn: the history keeps it.",
        ));
    }
    let standing = kept.standing();
    if !matches!(standing, Standing::Proposed | Standing::InForce) {
        return Err(ActionError::refused(
            "This correction does not hold any more. Nothing was changed.",
        ));
    }
    if standing == Standing::Proposed && kept.proposed.proposed_by != by.id {
        return Err(ActionError::refused(
            "Somebody else proposed this: reject it instead.",
        ));
    }
    let Undone {
        moved, revision, ..
    } = weigh_withdrawal(app, &kept, now).await?;
    let told = Told::Withdrawn { why };
    let told = tellings(app, &kept, told, &moved, by.id).await?;
    let tx = app.store.begin().await?;
    law_corrections::take_turn(&tx).await?;
    if law_corrections::revision(&tx).await? != revision {
        return Err(ActionError::refused(DECIDED_MEANWHILE));
    }
    let decided = Decided {
        by: by.id,
        at: now,
        why: why.to_owned(),
    };
    match law_corrections::decide(&tx, id, Verdict::Withdrawn, &decided).await {
        Err(StoreError::Taken) => return Err(ActionError::refused(DECIDED_MEANWHILE)),
        other => other?,
    }
    told.write(&tx, now).await?;
    commit(tx).await?;
    app.follow_law(now).await?;
    Ok(moved.len())
}
