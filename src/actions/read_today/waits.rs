//! What waits for a member besides requests: wording to sign, lists to confirm, documents, corrections, figures.

use super::{Day, Kind, Matter};
use crate::actions::{App, Deed, Scope};
use crate::domain::review;
use crate::store::{documents, facts, imports, law_corrections, wordings};

/// The campaign's own words for clauses that no letter uses until counsel signs them.
pub(super) async fn wording_to_sign(app: &App, by: &Scope, day: &mut Day) -> Deed<()> {
    let mut last = String::new();
    for wording in wordings::list(app.store.read(), by).await? {
        // The newest version of a clause comes first; older ones no longer wait.
        if wording.clause == last {
            continue;
        }
        if wording.signed.is_none() {
            day.waits.push(Matter {
                at: format!("wording/{}", wording.clause),
                what: format!(
                    "Wording of letters: “{}”, version {}",
                    wording.clause, wording.version
                ),
                kind: Kind::Waiting,
                due_on: None,
                more: "no letter uses it before you sign".to_owned(),
                act: "Read",
            });
        }
        last = wording.clause;
    }
    Ok(())
}

pub(super) async fn open_imports(app: &App, by: &Scope, day: &mut Day) -> Deed<()> {
    for import in imports::list_latest(app.store.read(), by, 20).await? {
        if import.state == imports::State::Previewed && import.created_by == by.user {
            day.waits.push(Matter {
                at: format!("imports/{}", import.id),
                what: format!(
                    "The list {} waits to be confirmed or thrown away",
                    import.file_name
                ),
                kind: Kind::Waiting,
                due_on: None,
                more: "Nothing of it is written yet".to_owned(),
                act: "Look",
            });
        }
    }
    Ok(())
}

pub(super) async fn held_documents(app: &App, by: &Scope, day: &mut Day) -> Deed<()> {
    if !by.sees_held() {
        return Ok(());
    }
    for file in documents::list(app.store.read(), by).await? {
        if file.standing == review::Standing::Held && file.decision.is_none() {
            day.waits.push(Matter {
                at: format!("documents/{}/review", file.document.id),
                what: format!("{} is held until you decide", file.document.name),
                kind: Kind::Held,
                due_on: None,
                more: file.agency_name.unwrap_or_default(),
                act: "Review",
            });
        }
    }
    Ok(())
}

/// Corrections of the law that this member may approve.
pub(super) async fn corrections_to_approve(app: &App, by: &Scope, day: &mut Day) -> Deed<()> {
    if !by.may_approve() || !law_corrections::any_waiting(app.store.read()).await? {
        return Ok(());
    }
    let (all, _) = law_corrections::list(app.store.read()).await?;
    for kept in all {
        let proposed = &kept.proposed;
        if kept.standing() == law_corrections::Standing::Proposed && proposed.proposed_by != by.user
        {
            day.waits.push(Matter {
                at: format!("/laws/{}/corrections/{}", proposed.code, proposed.id),
                what: format!(
                    "A correction of the law of {} waits for a second person",
                    proposed.code
                ),
                kind: Kind::Waiting,
                due_on: None,
                more: proposed.reason.chars().take(120).collect(),
                act: "Look",
            });
        }
    }
    Ok(())
}

pub(super) async fn facts_to_check(app: &App, by: &Scope, day: &mut Day) -> Deed<()> {
    let (shown, _) = facts::list(app.store.read(), by).await?;
    let waiting = shown
        .iter()
        .filter(|(record, _)| {
            record.checks.is_empty()
                && record.withdrawn.is_none()
                && record.fact.entered_by != by.user
        })
        .count();
    if waiting > 0 && by.sees_work() {
        day.waits.push(Matter {
            at: "facts".to_owned(),
            what: format!(
                "{waiting} {} a second person's check",
                if waiting == 1 {
                    "figure waits for"
                } else {
                    "figures wait for"
                }
            ),
            kind: Kind::Waiting,
            due_on: None,
            more: "You did not record them, so you may check them".to_owned(),
            act: "Check",
        });
    }
    Ok(())
}
