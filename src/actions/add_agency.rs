//! A person adds an agency by hand, or corrects what is known of one.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::create_campaign::is_jurisdiction;
use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::matching::match_key;
use crate::domain::agency::{AgencyKind, name, start};
use crate::domain::event::Happening;
use crate::domain::ids::AgencyId;
use crate::store::agencies::{self, Agency};
use crate::store::{commit, events};

/// What is known of an agency.
#[derive(Clone, Debug)]
pub struct AgencyParticulars {
    pub name: String,
    pub kind: AgencyKind,
    pub jurisdiction: String,
    pub county: Option<String>,
    /// None: the clock of its county, or of most of its state.
    pub time_zone: Option<Tz>,
    /// `MM-DD`.
    pub fiscal_year_start: Option<String>,
    /// Where the name comes from.
    pub source: String,
}

const MAY_NOT: &str = "Researchers and counsel keep the list of agencies. Ask one of them.";

/// The clock of an agency, where nobody has said another.
fn clock_of(new: &AgencyParticulars) -> Tz {
    new.time_zone
        .or_else(|| start::time_zone_of(&new.jurisdiction, new.county.as_deref()))
        .unwrap_or(chrono_tz::America::New_York)
}

async fn check(app: &App, by: &Scope, new: &AgencyParticulars, but: Option<AgencyId>) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    if name::tidy(&new.name).is_empty() {
        return Err(ActionError::refused(
            "Write the agency's name as it writes itself.",
        ));
    }
    if !is_jurisdiction(&app.law, &new.jurisdiction) {
        return Err(ActionError::refused(
            "Choose the agency's state, the District, or federal.",
        ));
    }
    let county = new.county.as_deref().and_then(name::county_key);
    let key = match_key(&new.jurisdiction, &new.name);
    let all = agencies::list_known(app.store.read(), by).await?;
    let twin = all.iter().find(|known| {
        Some(known.id) != but
            && known.jurisdiction == new.jurisdiction
            && std::iter::once(&known.name)
                .chain(&known.also)
                .any(|called| match_key(&known.jurisdiction, called) == key)
            && known.county.as_deref().and_then(name::county_key) == county
    });
    match twin {
        Some(twin) => Err(ActionError::refused(format!(
            "The campaign has “{}” in {} already. Open that one, or give this one its county.",
            twin.name, twin.jurisdiction
        ))),
        None => Ok(()),
    }
}

/// Adds an agency.
///
/// # Errors
/// Refused where the campaign has it already, or the state is unknown.
pub async fn add_agency(
    app: &App,
    by: &Scope,
    new: AgencyParticulars,
    now: DateTime<Utc>,
) -> Deed<AgencyId> {
    check(app, by, &new, None).await?;
    let agency = Agency {
        id: AgencyId::new(),
        campaign: by.campaign,
        time_zone: clock_of(&new),
        name: name::tidy(&new.name),
        kind: new.kind,
        jurisdiction: new.jurisdiction,
        county: new.county,
        fiscal_year_start: new.fiscal_year_start,
        source: new.source,
        import: None,
        created_by: Some(by.user),
        created_at: now,
    };
    let tx = app.store.begin().await?;
    let id = agency.id;
    let happening = Happening::AgencyAdded {
        name: agency.name.clone(),
    };
    agencies::add(&tx, &[agency]).await?;
    events::record_for_agency(&tx, by, id, now, happening).await?;
    commit(tx).await?;
    Ok(id)
}

/// Corrects what is known of an agency.
///
/// # Errors
/// As [`add_agency`]; not found where it is another campaign's.
pub async fn edit_agency(
    app: &App,
    by: &Scope,
    id: AgencyId,
    new: AgencyParticulars,
    now: DateTime<Utc>,
) -> Deed<()> {
    let before = agencies::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    check(app, by, &new, Some(id)).await?;
    let after = Agency {
        time_zone: clock_of(&new),
        name: name::tidy(&new.name),
        kind: new.kind,
        jurisdiction: new.jurisdiction,
        county: new.county,
        fiscal_year_start: new.fiscal_year_start,
        source: new.source,
        ..before.clone()
    };
    let tx = app.store.begin().await?;
    if !agencies::update(&tx, by, &after).await? {
        return Err(ActionError::NotFound);
    }
    let changed = changes(&before, &after);
    if !changed.is_empty() {
        let what = Happening::AgencyEdited { what: changed };
        events::record_for_agency(&tx, by, id, now, what).await?;
    }
    commit(tx).await?;
    Ok(())
}

/// What an edit changed, in words; empty where nothing.
fn changes(before: &Agency, after: &Agency) -> String {
    let none = "not stated".to_owned();
    let pairs = [
        ("name", before.name.clone(), after.name.clone()),
        (
            "kind",
            before.kind.plain().to_owned(),
            after.kind.plain().to_owned(),
        ),
        (
            "jurisdiction",
            before.jurisdiction.clone(),
            after.jurisdiction.clone(),
        ),
        (
            "county",
            before.county.clone().unwrap_or_else(|| none.clone()),
            after.county.clone().unwrap_or_else(|| none.clone()),
        ),
        (
            "time zone",
            before.time_zone.name().to_owned(),
            after.time_zone.name().to_owned(),
        ),
        (
            "fiscal year",
            before
                .fiscal_year_start
                .clone()
                .unwrap_or_else(|| none.clone()),
            after.fiscal_year_start.clone().unwrap_or(none),
        ),
    ];
    let words: Vec<String> = pairs
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(what, before, after)| format!("{what}: {before} becomes {after}"))
        .collect();
    words.join("; ")
}
