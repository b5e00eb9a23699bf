//! A person confirms what a list's preview showed, or throws it away. All of it is written, or nothing.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::preview_import::{MAY_NOT, known};
use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::contact::{Channel, Purpose};
use crate::domain::agency::matching::plan;
use crate::domain::agency::plan::{AgencyStep, AgreementStep, ContactStep, PlannedLine, Summary};
use crate::domain::agency::start;
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, ContactId, ImportId};
use crate::store::agencies::{self, Agency};
use crate::store::agreements::{self, Agreement};
use crate::store::contacts::{self, Contact};
use crate::store::imports::{self, Import, Reading, State};
use crate::store::{Tx, commit, events};

/// Writes what the preview showed.
///
/// # Errors
/// Refused where the campaign changed since the preview was made, so that it would do something else than it showed:
/// the new preview then stands in its place.
pub async fn confirm_import(
    app: &App,
    by: &Scope,
    id: ImportId,
    now: DateTime<Utc>,
) -> Deed<Summary> {
    let import = waiting(app, by, id).await?;
    let fresh = plan(import.list, &import.reading.lines, &known(app, by).await?);
    if fresh != import.reading.plan {
        let reading = Reading {
            plan: fresh,
            ..import.reading
        };
        let tx = app.store.begin().await?;
        imports::replan(&tx, by, id, &reading).await?;
        commit(tx).await?;
        return Err(ActionError::refused(
            "The campaign's agencies changed after this preview was made. Nothing was written. The preview is made anew: look at it and confirm again.",
        ));
    }
    let summary = fresh.summary();
    let tx = app.store.begin().await?;
    if !imports::settle(&tx, by, id, State::Confirmed, Some(summary), now).await? {
        return Err(settled());
    }
    write(&tx, by, &import, now).await?;
    let happening = Happening::ImportConfirmed {
        import: id.to_string(),
        added: summary.agencies_added,
        matched: summary.agencies_matched,
        skipped: summary.skipped,
    };
    events::record(&tx, by.campaign, None, Some(by.user), now, &happening).await?;
    commit(tx).await?;
    Ok(summary)
}

/// Throws a preview away: nothing of it was ever in the campaign.
pub async fn discard_import(app: &App, by: &Scope, id: ImportId, now: DateTime<Utc>) -> Deed<()> {
    waiting(app, by, id).await?;
    let tx = app.store.begin().await?;
    if !imports::settle(&tx, by, id, State::Discarded, None, now).await? {
        return Err(settled());
    }
    commit(tx).await?;
    Ok(())
}

async fn waiting(app: &App, by: &Scope, id: ImportId) -> Deed<Import> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    let import = imports::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    if import.state == State::Previewed {
        Ok(import)
    } else {
        Err(settled())
    }
}

fn settled() -> ActionError {
    ActionError::refused(
        "This import was confirmed or thrown away before. Open the list of imports to see which.",
    )
}

/// Where the rows of an import come from, in words that their pages show.
fn source_of(import: &Import) -> String {
    format!(
        "The list {}, imported {}",
        import.file_name,
        import.created_at.format("%-d %b %Y")
    )
}

async fn write(tx: &Tx, by: &Scope, import: &Import, now: DateTime<Utc>) -> Deed<()> {
    let source = source_of(import);
    let mut by_line: HashMap<u32, AgencyId> = HashMap::new();
    let mut new_agencies = Vec::new();
    let mut new_agreements = Vec::new();
    let mut new_contacts = Vec::new();
    let mut renewed = Vec::new();
    for line in &import.reading.plan.lines {
        let agency = match &line.agency {
            AgencyStep::Add => {
                let agency = agency_of(by, import, line, &source, now);
                by_line.insert(line.line, agency.id);
                let id = agency.id;
                new_agencies.push(agency);
                id
            }
            AgencyStep::Known { id, .. } => *id,
            AgencyStep::SameAs { line: earlier } => *by_line.get(earlier).ok_or_else(|| {
                let what = format!(
                    "line {} points at line {earlier}, which adds no agency",
                    line.line
                );
                ActionError::fault("carrying out an import", std::io::Error::other(what))
            })?,
        };
        match &line.agreement {
            Some(AgreementStep::Add { agreement }) => {
                new_agreements.push(Agreement::listed(
                    agreement,
                    agency,
                    by.campaign,
                    &source,
                    import.id,
                    now,
                ));
            }
            Some(AgreementStep::Change { agreement, .. }) => renewed.push((agency, agreement)),
            Some(AgreementStep::Same) | None => {}
        }
        if let Some(ContactStep::Add { contact }) = &line.contact {
            new_contacts.push(Contact {
                id: ContactId::new(),
                campaign: by.campaign,
                agency,
                purpose: Purpose::Records,
                channel: Channel::Email,
                name: String::new(),
                value: contact.email.clone(),
                known_how: contact.known_how.clone(),
                checked_on: contact.checked_on,
                bad_since_at: None,
                added_by: by.user,
                added_at: now,
            });
        }
    }
    agencies::add(tx, &new_agencies).await?;
    agreements::add(tx, &new_agreements).await?;
    contacts::add(tx, &new_contacts).await?;
    for (agency, agreement) in renewed {
        agreements::renew(tx, by, agency, agreement, &source, import.id).await?;
    }
    Ok(())
}

fn agency_of(
    by: &Scope,
    import: &Import,
    line: &PlannedLine,
    source: &str,
    now: DateTime<Utc>,
) -> Agency {
    Agency {
        id: AgencyId::new(),
        campaign: by.campaign,
        name: line.name.clone(),
        kind: line.kind,
        jurisdiction: line.jurisdiction.clone(),
        county: line.county.clone(),
        time_zone: start::time_zone_of(&line.jurisdiction, line.county.as_deref())
            .unwrap_or(chrono_tz::America::New_York),
        fiscal_year_start: None,
        source: source.to_owned(),
        import: Some(import.id),
        created_by: Some(by.user),
        created_at: now,
    }
}
