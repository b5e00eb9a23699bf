//! What the campaign asked before, looked up by agency and by address: one pass over its requests for a whole batch.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Asked, Row};
use crate::actions::{App, Deed, Scope};
use crate::domain::batch::Target;
use crate::domain::batch::plan::Earlier;
use crate::domain::event::Event;
use crate::domain::ids::{AgencyId, ContactId, RequestId};
use crate::domain::request::{Standing, Status, standing};
use crate::store::contacts::Contact;
use crate::store::events;
use crate::store::requests::{self, Kept};

/// Every request of the campaign, ready to be looked up by agency and by address.
pub(super) struct Past {
    kept: BTreeMap<RequestId, (Kept, Standing)>,
    pub(super) earlier: Vec<Earlier>,
    pub(super) by_agency: HashMap<AgencyId, Vec<usize>>,
    pub(super) by_address: HashMap<String, Vec<usize>>,
}

impl Past {
    pub(super) async fn read(
        app: &App,
        by: &Scope,
        targets: &[Target],
        reached: &HashMap<AgencyId, Vec<Contact>>,
    ) -> Deed<Past> {
        let db = app.store.read();
        let own: HashSet<RequestId> = targets.iter().filter_map(|target| target.request).collect();
        let addresses: HashMap<ContactId, String> = reached
            .values()
            .flatten()
            .map(|contact| (contact.id, contact.value.to_lowercase()))
            .collect();
        let mut logs: HashMap<RequestId, Vec<Event>> = HashMap::new();
        for event in events::list_for_campaign(db, by.campaign).await? {
            if let Some(request) = event.request {
                logs.entry(request).or_default().push(event);
            }
        }
        let mut keys = requests::list_record_keys(db, by).await?;
        let mut past = Past {
            kept: BTreeMap::new(),
            earlier: Vec::new(),
            by_agency: HashMap::new(),
            by_address: HashMap::new(),
        };
        for kept in requests::list(db, by).await? {
            let request = &kept.request;
            let log = logs.remove(&request.id).unwrap_or_default();
            let stands = standing(&log);
            if !own.contains(&request.id) {
                let custodian = request
                    .contact
                    .and_then(|contact| addresses.get(&contact).cloned());
                let at = past.earlier.len();
                past.by_agency.entry(request.agency).or_default().push(at);
                if let Some(address) = &custodian {
                    past.by_address.entry(address.clone()).or_default().push(at);
                }
                past.earlier.push(Earlier {
                    request: request.id,
                    reference: request.reference,
                    agency: request.agency,
                    custodian,
                    records: keys.remove(&request.id).unwrap_or_default(),
                    period: request.period,
                    closed: stands.status == Status::Closed,
                });
            }
            past.kept.insert(request.id, (kept, stands));
        }
        Ok(past)
    }

    /// Gives a row its request, where that goes, and what the agency was asked before.
    pub(super) fn fill(&self, row: &mut Row, reached: &HashMap<AgencyId, Vec<Contact>>) {
        if let Some((kept, stands)) = row.target.request.and_then(|id| self.kept.get(&id)) {
            row.period = kept.request.period;
            row.contact = kept.request.contact.and_then(|id| {
                let mut all = reached.get(&row.agency.id)?.iter();
                all.find(|contact| contact.id == id).cloned()
            });
            row.request = Some(kept.clone());
            row.standing = Some(stands.clone());
        }
        row.asked = self
            .by_agency
            .get(&row.agency.id)
            .into_iter()
            .flatten()
            .filter_map(|at| self.kept.get(&self.earlier[*at].request))
            .map(|(kept, stands)| Asked {
                request: kept.request.id,
                reference: kept.request.reference,
                title: kept.request.title.clone(),
                status: stands.status,
            })
            .collect();
    }
}
