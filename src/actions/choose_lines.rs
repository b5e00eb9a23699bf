//! A person says what becomes of single lines of a list, or of many at once, before it is confirmed.

use super::confirm_import::settled;
use super::preview_import::{MAY_NOT, plan_anew};
use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::list::{Line, ListedAgency};
use crate::domain::agency::plan::Choice;
use crate::domain::ids::{AgencyId, ImportId};
use crate::store::imports::{self, Import, Reading};
use crate::store::{agencies, commit};

/// What a person wants of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What the planner suggests.
    Suggested,
    New,
    Merge(AgencyId),
    Skip,
}

/// An import on which nothing is settled, for somebody who may settle it.
pub(super) async fn waiting(app: &App, by: &Scope, id: ImportId) -> Deed<Import> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    let import = imports::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    if import.state.waits() {
        Ok(import)
    } else {
        Err(settled())
    }
}

/// Notes the choice for these lines and plans the list anew. `reason` is kept with each line.
///
/// # Errors
/// Refused where no line is named, the reason is missing, or the agency to merge with is in another state.
pub async fn choose_lines(
    app: &App,
    by: &Scope,
    id: ImportId,
    lines: &[u32],
    wanted: Wanted,
    reason: &str,
) -> Deed<()> {
    let import = waiting(app, by, id).await?;
    let mut reading = import.reading;
    let named: Vec<&ListedAgency> = reading
        .lines
        .iter()
        .filter_map(|line| match line {
            Line::Agency(agency) if lines.contains(&agency.line) => Some(agency),
            _ => None,
        })
        .collect();
    if named.is_empty() {
        return Err(ActionError::refused("Tick at least one line."));
    }
    let reason = reason.trim().to_owned();
    if reason.is_empty() && wanted != Wanted::Suggested {
        return Err(ActionError::refused(
            "Say why in a few words: whoever reads the import later wants to know.",
        ));
    }
    if let Wanted::Merge(agency) = wanted {
        let kept = agencies::find(app.store.read(), by, agency)
            .await?
            .ok_or(ActionError::NotFound)?;
        if named
            .iter()
            .any(|listed| listed.jurisdiction != kept.jurisdiction)
        {
            return Err(ActionError::refused(format!(
                "{} is in {}: the same name in another state is another agency.",
                kept.name, kept.jurisdiction
            )));
        }
    }
    let numbers: Vec<u32> = named.iter().map(|listed| listed.line).collect();
    for line in numbers {
        let choice = match wanted {
            Wanted::Suggested => None,
            Wanted::New => Some(Choice::New {
                reason: reason.clone(),
            }),
            Wanted::Merge(agency) => Some(Choice::Merge {
                agency,
                reason: reason.clone(),
            }),
            Wanted::Skip => Some(Choice::Skip {
                reason: reason.clone(),
            }),
        };
        match choice {
            Some(choice) => reading.choices.lines.insert(line, choice),
            None => reading.choices.lines.remove(&line),
        };
    }
    keep(app, by, &import.id, import.list, reading).await
}

/// Says whether the file is the whole of ICE's list, so that what it does not name has left it.
pub async fn choose_whole(app: &App, by: &Scope, id: ImportId, whole: bool) -> Deed<()> {
    let import = waiting(app, by, id).await?;
    let mut reading = import.reading;
    reading.choices.part_only = !whole;
    keep(app, by, &import.id, import.list, reading).await
}

async fn keep(
    app: &App,
    by: &Scope,
    id: &ImportId,
    list: crate::domain::agency::list::ListKind,
    mut reading: Reading,
) -> Deed<()> {
    plan_anew(app, by, list, &mut reading).await?;
    let tx = app.store.begin().await?;
    if !imports::replan(&tx, by, *id, &reading).await? {
        return Err(settled());
    }
    commit(tx).await?;
    Ok(())
}
