//! The clocks of requests, computed from their logs: for pages, reminders and the dossier alike.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::{ActionError, App, Deed};
use crate::domain::duty::{Body, ClockSheet, Facts};
use crate::domain::event::Event;
use crate::domain::ids::{CampaignId, RequestId};
use crate::domain::request::Request;
use crate::law::{Code, Jurisdiction};
use crate::store::agencies::Agency;
use crate::store::events;

/// What the clocks need to know of an agency.
pub fn body(agency: &Agency) -> Body {
    Body {
        holder: agency.kind.holder(&agency.name),
        county: agency.county.clone(),
        zone: agency.time_zone,
        closed: BTreeMap::new(),
    }
}

/// The law that governs a request.
///
/// # Errors
/// Not found, where the request names a jurisdiction that this version has no law file for.
pub fn law_of<'l>(app: &'l App, request: &Request) -> Deed<&'l Jurisdiction> {
    let code: Code = request
        .jurisdiction
        .parse()
        .map_err(|_| ActionError::NotFound)?;
    app.law.get(&code).ok_or(ActionError::NotFound)
}

/// Every clock of one request at the end of `today`, the campaign's day.
pub fn sheet(
    app: &App,
    request: &Request,
    agency: &Agency,
    log: &[Event],
    today: NaiveDate,
) -> Deed<ClockSheet> {
    let law = law_of(app, request)?;
    let facts = Facts::of_log(&body(agency), log);
    Ok(ClockSheet::new(law, &facts, today))
}

/// The logs of all requests of a campaign, in one query.
pub async fn logs(app: &App, campaign: CampaignId) -> Deed<HashMap<RequestId, Vec<Event>>> {
    let mut logs: HashMap<RequestId, Vec<Event>> = HashMap::new();
    for event in events::list_for_campaign(app.store.read(), campaign).await? {
        if let Some(request) = event.request {
            logs.entry(request).or_default().push(event);
        }
    }
    Ok(logs)
}
