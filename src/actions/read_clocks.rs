//! The clocks of requests, computed from their logs: for pages, reminders and the dossier alike.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::{ActionError, App, Deed};
use crate::domain::duty::{Body, ClockSheet, Facts};
use crate::domain::event::Event;
use crate::domain::ids::{CampaignId, RequestId};
use crate::domain::request::Request;
use crate::law::Jurisdiction;
use crate::store::agencies::Agency;
use crate::store::closings::Closings;
use crate::store::events;

/// The law that governs a request.
///
/// # Errors
/// Not found, where the request names a jurisdiction that this version has no law file for.
pub fn law_of(app: &App, request: &Request) -> Deed<Arc<Jurisdiction>> {
    app.law_of_code(&request.jurisdiction)
        .ok_or(ActionError::NotFound)
}

/// What the clocks of a request depend on: the one place where it is put together.
pub fn facts(agency: &Agency, closings: &Closings, log: &[Event]) -> Facts {
    let body = Body {
        holder: agency.kind.holder(&agency.name),
        county: agency.county.clone(),
        zone: agency.time_zone,
        closed: closings.of(agency.id),
    };
    Facts::of_log(&body, log)
}

/// Every clock of one request at the end of `today`, the campaign's day.
pub fn sheet(
    app: &App,
    request: &Request,
    agency: &Agency,
    closings: &Closings,
    log: &[Event],
    today: NaiveDate,
) -> Deed<ClockSheet> {
    let law = law_of(app, request)?;
    Ok(ClockSheet::new(&law, &facts(agency, closings, log), today))
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
