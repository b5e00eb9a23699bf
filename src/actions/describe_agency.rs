//! A person says what more is known of an agency: whom it belongs to, who runs the jail, its other names, its fiscal year.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::calendar::FiscalStart;
use crate::domain::agency::name;
use crate::domain::event::Happening;
use crate::domain::ids::AgencyId;
use crate::law::Confidence;
use crate::store::agencies;
use crate::store::profiles::{self, Profile};
use crate::store::{commit, events};

/// What is known, as typed.
#[derive(Clone, Debug, Default)]
pub struct Description {
    pub parent: Option<AgencyId>,
    pub jail_run_by: Option<AgencyId>,
    pub records_kept_by: Option<AgencyId>,
    pub ice_signed_by: Option<AgencyId>,
    pub jail_system: String,
    pub other_names: Vec<String>,
    /// The first day of its own fiscal year; none: as the law file says.
    pub fiscal_start: Option<FiscalStart>,
    pub fiscal_source: String,
    pub fiscal_confidence: Option<Confidence>,
}

const MAY_NOT: &str = "Researchers and counsel keep the list of agencies. Ask one of them.";

/// Writes what is known of an agency.
///
/// # Errors
/// Refused where an agency is related to itself, or its own fiscal year has no source.
pub async fn describe_agency(
    app: &App,
    by: &Scope,
    id: AgencyId,
    new: Description,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    let db = app.store.read();
    let before = agencies::find(db, by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let was = profiles::get(db, by, id).await?;
    let aliases = profiles::list_aliases_of(db, by, id).await?;
    if new.fiscal_start.is_some() && new.fiscal_source.trim().is_empty() {
        return Err(ActionError::refused(
            "Say where its own fiscal year is known from, or leave both empty: then what the law file says of its kind counts.",
        ));
    }
    for related in [
        new.parent,
        new.jail_run_by,
        new.records_kept_by,
        new.ice_signed_by,
    ]
    .into_iter()
    .flatten()
    {
        if agencies::find(db, by, related).await?.is_none() {
            return Err(ActionError::refused("Choose agencies of this campaign."));
        }
    }
    if new.parent == Some(id) {
        return Err(ActionError::refused("An agency does not belong to itself."));
    }
    let after = Profile {
        parent: new.parent,
        jail_run_by: new.jail_run_by,
        records_kept_by: new.records_kept_by,
        ice_signed_by: new.ice_signed_by,
        jail_system: name::tidy(&new.jail_system),
        fiscal_source: if new.fiscal_start.is_some() {
            new.fiscal_source.trim().to_owned()
        } else {
            String::new()
        },
        fiscal_confidence: new
            .fiscal_start
            .map(|_| new.fiscal_confidence.unwrap_or(Confidence::OneSource)),
    };
    let mut other_names: Vec<String> = new
        .other_names
        .iter()
        .map(|name| name::tidy(name))
        .collect();
    other_names.retain(|other| !other.is_empty() && name::key(other) != name::key(&before.name));
    other_names.sort();
    other_names.dedup_by(|one, other| name::key(one) == name::key(other));
    let fiscal_year_start = new.fiscal_start.map(String::from);
    let mut changed = Vec::new();
    for (what, differs) in [
        ("whom it belongs to", was.parent != after.parent),
        ("who runs the jail", was.jail_run_by != after.jail_run_by),
        (
            "who keeps the records",
            was.records_kept_by != after.records_kept_by,
        ),
        (
            "who signs for ICE",
            was.ice_signed_by != after.ice_signed_by,
        ),
        ("the jail's system", was.jail_system != after.jail_system),
        ("other names", aliases != other_names),
        (
            "fiscal year",
            before.fiscal_year_start != fiscal_year_start
                || was.fiscal_source != after.fiscal_source
                || was.fiscal_confidence != after.fiscal_confidence,
        ),
    ] {
        if differs {
            changed.push(what);
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let agency = agencies::Agency {
        fiscal_year_start,
        ..before
    };
    let tx = app.store.begin().await?;
    if !agencies::update(&tx, by, &agency).await? {
        return Err(ActionError::NotFound);
    }
    profiles::put(&tx, by, id, &after, now).await?;
    profiles::put_aliases(&tx, by, id, &other_names).await?;
    let what = Happening::AgencyEdited {
        what: changed.join("; "),
    };
    events::record_for_agency(&tx, by, id, now, what).await?;
    commit(tx).await?;
    Ok(())
}
