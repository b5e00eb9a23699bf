//! Two entries of one agency become one. Requests, contacts, agreements, documents and figures go to the one that is
//! kept; the other's name becomes one of its other names, and its page leads to it.

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::AgencyId;
use crate::store::merging::{self, Moved};
use crate::store::profiles::{self, Profile};
use crate::store::{agencies, commit, events};

/// Merges `from` into `to`. `why` says how it is known that they are one.
///
/// # Errors
/// Refused where they are in different states or the same entry; not found where either is another campaign's.
pub async fn merge_agencies(
    app: &App,
    by: &Scope,
    from: AgencyId,
    to: AgencyId,
    why: &str,
    now: DateTime<Utc>,
) -> Deed<Moved> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel merge duplicates. Ask one of them.",
        ));
    }
    if from == to {
        return Err(ActionError::refused("Choose another entry than this one."));
    }
    if why.trim().is_empty() {
        return Err(ActionError::refused(
            "Say how it is known that both are one agency.",
        ));
    }
    let db = app.store.read();
    let gone = agencies::find(db, by, from)
        .await?
        .ok_or(ActionError::NotFound)?;
    let kept = agencies::find(db, by, to)
        .await?
        .ok_or(ActionError::NotFound)?;
    if gone.jurisdiction != kept.jurisdiction {
        return Err(ActionError::refused(format!(
            "{} is in {} and {} in {}: the same name in another state is another agency.",
            gone.name, gone.jurisdiction, kept.name, kept.jurisdiction
        )));
    }
    if agencies::find_merged_into(db, by, to).await?.is_some() {
        return Err(ActionError::refused(
            "That entry was itself merged into another. Choose the one that is kept.",
        ));
    }
    let mut names = profiles::list_aliases_of(db, by, from).await?;
    if crate::domain::agency::name::key(&gone.name) != crate::domain::agency::name::key(&kept.name)
    {
        names.push(gone.name.clone());
    }
    let profile = filled(
        profiles::get(db, by, to).await?,
        profiles::get(db, by, from).await?,
        to,
    );
    let tx = app.store.begin().await?;
    let Some(moved) = merging::merge(&tx, by, from, to).await? else {
        return Err(ActionError::refused(
            "That entry was merged before. Reload the page to see where it went.",
        ));
    };
    profiles::add_aliases(&tx, by, to, &names).await?;
    profiles::put(&tx, by, to, &profile, now).await?;
    if kept.county.is_none() && gone.county.is_some() || kept.fiscal_year_start.is_none() {
        let completed = agencies::Agency {
            county: kept.county.clone().or(gone.county),
            fiscal_year_start: kept.fiscal_year_start.clone().or(gone.fiscal_year_start),
            ..kept
        };
        agencies::update(&tx, by, &completed).await?;
    }
    let what = Happening::AgencyMerged {
        from,
        name: gone.name,
        why: why.trim().to_owned(),
    };
    events::record_for_agency(&tx, by, to, now, what).await?;
    commit(tx).await?;
    Ok(moved)
}

/// What the kept entry does not say is taken from the other; no relation of it points at itself as its own parent.
fn filled(kept: Profile, gone: Profile, to: AgencyId) -> Profile {
    let fiscal_from_kept = !kept.fiscal_source.is_empty();
    Profile {
        parent: kept.parent.or(gone.parent).filter(|parent| *parent != to),
        jail_run_by: kept.jail_run_by.or(gone.jail_run_by),
        records_kept_by: kept.records_kept_by.or(gone.records_kept_by),
        ice_signed_by: kept.ice_signed_by.or(gone.ice_signed_by),
        jail_system: if kept.jail_system.is_empty() {
            gone.jail_system
        } else {
            kept.jail_system
        },
        fiscal_source: if fiscal_from_kept {
            kept.fiscal_source
        } else {
            gone.fiscal_source
        },
        fiscal_confidence: if fiscal_from_kept {
            kept.fiscal_confidence
        } else {
            gone.fiscal_confidence
        },
    }
}
