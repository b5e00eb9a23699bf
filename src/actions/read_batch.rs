//! A batch as it stands: each agency with what stands in its way, its law, its contact and its request.
//! What was asked before is gathered in `past`.

mod past;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use self::past::Past;
use super::draft_request::records_contact;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::agency::contact::Channel;
use crate::domain::agency::fiscal::{FiscalYears, OwnFiscal, fiscal_years};
use crate::domain::batch::plan::{self, Custodian, Earlier, Problem, problems};
use crate::domain::batch::{Batch, Target};
use crate::domain::duty::{self, ClockState};
use crate::domain::ids::{AgencyId, BatchId, ContactId, RequestId};
use crate::domain::request::{Period, Reference, Standing, Status, standing};
use crate::law::{Code, Confidence, HolderKind, Jurisdiction};
use crate::store::agencies::{self, Agency};
use crate::store::campaigns::{self, Campaign};
use crate::store::contacts::{self, Contact};
use crate::store::profiles::{self, Profile};
use crate::store::requests::{self, Kept};
use crate::store::{batches, events};

/// The first thing that the law expects of the agency, if the letter leaves on the planned day.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstDate {
    /// "Acknowledgment".
    pub heading: String,
    /// None where the law fixes no number.
    pub due_on: Option<NaiveDate>,
    /// "5 business days", or how the law says it without a number.
    pub limit: String,
    pub citation: String,
    pub confidence: Confidence,
}

/// A request that the same agency got before.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub request: RequestId,
    pub reference: Reference,
    pub title: String,
    pub status: Status,
}

/// One agency of a batch.
#[derive(Clone, Debug)]
pub struct Row {
    pub target: Target,
    pub agency: Agency,
    pub holder: HolderKind,
    pub law: Option<Arc<Jurisdiction>>,
    /// Where its letter goes: the request's own contact once there is a request.
    pub contact: Option<Contact>,
    pub period: Period,
    /// How the agency's fiscal year is known.
    pub fiscal: FiscalYears,
    /// Who runs the jail, keeps the records and signs for ICE, by name, where it is recorded.
    pub jail_run_by: Option<String>,
    pub records_kept_by: Option<String>,
    pub ice_signed_by: Option<String>,
    /// What stands in the way of drafting; empty once it is drafted.
    pub problems: Vec<Problem>,
    pub first: Option<FirstDate>,
    pub asked: Vec<Asked>,
    pub request: Option<Kept>,
    pub standing: Option<Standing>,
}

impl Row {
    /// The problems that nobody let pass.
    pub fn stopped_by(&self) -> Vec<&Problem> {
        self.problems
            .iter()
            .filter(|problem| plan::stops(problem, &self.target.accepted))
            .collect()
    }

    /// Its letter can be drafted.
    pub fn may_draft(&self) -> bool {
        self.target.request.is_none() && self.stopped_by().is_empty()
    }

    pub fn status(&self) -> Option<Status> {
        self.standing.as_ref().map(|standing| standing.status)
    }

    /// Where mail can reach it.
    pub fn mail_address(&self) -> Option<&str> {
        self.contact
            .as_ref()
            .filter(|contact| contact.channel == Channel::Email && contact.bad_since_at.is_none())
            .map(|contact| contact.value.as_str())
    }

    /// Approved, not sent, and mail can reach it.
    pub fn may_send(&self) -> bool {
        self.status() == Some(Status::Approved)
            && self.target.queued_at.is_none()
            && self.mail_address().is_some()
    }
}

/// A batch with all its agencies.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub batch: Batch,
    pub campaign: Campaign,
    pub rows: Vec<Row>,
}

/// A batch of the campaign.
///
/// # Errors
/// Not found where it is another campaign's.
pub async fn batch_of(app: &App, by: &Scope, id: BatchId) -> Deed<Batch> {
    batches::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)
}

/// The whole batch as it stands at `now`.
pub async fn read_batch(app: &App, by: &Scope, id: BatchId, now: DateTime<Utc>) -> Deed<Sheet> {
    let db = app.store.read();
    let batch = batch_of(app, by, id).await?;
    let campaign = campaigns::get(db, by).await?.ok_or(ActionError::NotFound)?;
    let today = day_in(campaign.time_zone, now);
    let targets = batches::list_targets(db, by, id).await?;
    let mut known: HashMap<AgencyId, Agency> = agencies::list(db, by)
        .await?
        .into_iter()
        .map(|agency| (agency.id, agency))
        .collect();
    let mut reached: HashMap<AgencyId, Vec<Contact>> = HashMap::new();
    for contact in contacts::list(db, by).await? {
        reached.entry(contact.agency).or_default().push(contact);
    }
    let profiles = profiles::list(db, by).await?;
    let stale_months = profiles::stale_months(db, by).await?;
    let names: HashMap<AgencyId, String> = known
        .values()
        .map(|agency| (agency.id, agency.name.clone()))
        .collect();
    let past = Past::read(app, by, &targets, &reached).await?;
    let mut firsts: HashMap<(Code, HolderKind), Option<FirstDate>> = HashMap::new();
    let mut at_address: HashMap<String, String> = HashMap::new();
    let mut rows = Vec::with_capacity(targets.len());
    for target in targets {
        let Some(agency) = known.remove(&target.agency) else {
            continue;
        };
        let mut row = plain_row(
            app,
            &batch,
            target,
            agency,
            Known {
                reached: &reached,
                profiles: &profiles,
                names: &names,
            },
            today,
        );
        if let Some(law) = &row.law {
            row.first = firsts
                .entry((law.code, row.holder))
                .or_insert_with(|| first_date(law, row.holder, batch.send_on))
                .clone();
        }
        past.fill(&mut row, &reached);
        if row.target.request.is_none() {
            let address = row
                .contact
                .as_ref()
                .map(|contact| contact.value.to_lowercase());
            let shares_with = address
                .as_ref()
                .and_then(|address| at_address.get(address))
                .cloned();
            let earlier: Vec<&Earlier> = past
                .by_agency
                .get(&row.agency.id)
                .into_iter()
                .chain(
                    address
                        .as_ref()
                        .and_then(|address| past.by_address.get(address)),
                )
                .flatten()
                .filter_map(|at| past.earlier.get(*at))
                .collect();
            row.problems = row_problems(
                &row,
                &batch,
                &reached,
                (shares_with, stale_months),
                &earlier,
                today,
            );
        }
        if let Some(contact) = &row.contact {
            at_address
                .entry(contact.value.to_lowercase())
                .or_insert_with(|| row.agency.name.clone());
        }
        rows.push(row);
    }
    Ok(Sheet {
        batch,
        campaign,
        rows,
    })
}

/// What stands in the way of drafting one target at this moment; for the job that drafts it.
pub(super) async fn problems_now(
    app: &App,
    by: &Scope,
    batch: &Batch,
    target: &Target,
    today: NaiveDate,
) -> Deed<Vec<Problem>> {
    let db = app.store.read();
    let agency = agencies::find(db, by, target.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let known = contacts::list_for_agency(db, by, agency.id).await?;
    let reached = HashMap::from([(agency.id, known)]);
    let profiles = HashMap::from([(agency.id, profiles::get(db, by, agency.id).await?)]);
    let stale_months = profiles::stale_months(db, by).await?;
    let mut names = HashMap::new();
    for other in profiles
        .values()
        .filter_map(|profile| profile.records_kept_by)
    {
        if let Some(other) = agencies::find(db, by, other).await? {
            names.insert(other.id, other.name);
        }
    }
    let row = plain_row(
        app,
        batch,
        target.clone(),
        agency,
        Known {
            reached: &reached,
            profiles: &profiles,
            names: &names,
        },
        today,
    );
    let at_address = match &row.contact {
        Some(contact) => contacts::list_at(db, by, &contact.value).await?,
        None => Vec::new(),
    };
    let same: Vec<ContactId> = at_address.iter().map(|contact| contact.id).collect();
    let custodian = row
        .contact
        .as_ref()
        .map(|contact| contact.value.to_lowercase());
    let mut earlier = Vec::new();
    for kept in requests::list_to(db, by, row.agency.id, &same).await? {
        let request = &kept.request;
        let its_batch = batches::find_for_request(db, by, request.id).await?;
        if its_batch.is_some_and(|its| its.id == batch.id) {
            continue;
        }
        let log = events::list_for_request(db, by, request.id).await?;
        let at_same = request.contact.is_some_and(|id| same.contains(&id));
        earlier.push(Earlier {
            request: request.id,
            reference: request.reference,
            agency: request.agency,
            custodian: custodian.clone().filter(|_| at_same),
            records: requests::list_items(db, by, request.id)
                .await?
                .into_iter()
                .map(|item| item.record_key)
                .collect(),
            period: request.period,
            closed: standing(&log).status == Status::Closed,
        });
    }
    let earlier: Vec<&Earlier> = earlier.iter().collect();
    Ok(row_problems(
        &row,
        batch,
        &reached,
        (None, stale_months),
        &earlier,
        today,
    ))
}

/// When an agency's fiscal year starts: as typed for this batch, as found out of it, or by the law.
pub(super) fn fiscal_of(
    target: &Target,
    agency: &Agency,
    profile: Option<&Profile>,
    law: Option<&Jurisdiction>,
) -> FiscalYears {
    let here = OwnFiscal::typed(Some(&target.fiscal_year_start)).map(|own| OwnFiscal {
        source: "typed in this plan".to_owned(),
        ..own
    });
    let own = OwnFiscal::typed(agency.fiscal_year_start.as_deref()).map(|own| OwnFiscal {
        confidence: profile.and_then(|profile| profile.fiscal_confidence),
        source: profile
            .map(|profile| profile.fiscal_source.clone())
            .unwrap_or_default(),
        ..own
    });
    let law = law.map(|law| &law.fiscal);
    fiscal_years(agency.kind, &agency.name, here.or(own), law)
}

/// What is known of the agencies: how each is reached, its profile, and everybody's name.
#[derive(Clone, Copy)]
struct Known<'k> {
    reached: &'k HashMap<AgencyId, Vec<Contact>>,
    profiles: &'k HashMap<AgencyId, Profile>,
    names: &'k HashMap<AgencyId, String>,
}

/// An agency with its law and contact, before anything of the past is looked at.
fn plain_row(
    app: &App,
    batch: &Batch,
    target: Target,
    agency: Agency,
    Known {
        reached,
        profiles: known,
        names,
    }: Known<'_>,
    today: NaiveDate,
) -> Row {
    let law = app.law_of_code(&agency.jurisdiction);
    let holder = agency.kind.holder(&agency.name);
    let fiscal = fiscal_of(&target, &agency, known.get(&agency.id), law.as_deref());
    let named = |which: fn(&Profile) -> Option<AgencyId>| {
        let other = which(known.get(&agency.id)?)?;
        names.get(&other).filter(|_| other != agency.id).cloned()
    };
    let jail_run_by = named(|profile| profile.jail_run_by);
    let records_kept_by = named(|profile| profile.records_kept_by);
    let ice_signed_by = named(|profile| profile.ice_signed_by);
    let contact = reached
        .get(&agency.id)
        .and_then(|all| records_contact(all))
        .cloned();
    Row {
        period: batch.period_for(fiscal.start, today),
        target,
        agency,
        holder,
        law,
        contact,
        fiscal,
        jail_run_by,
        records_kept_by,
        ice_signed_by,
        problems: Vec::new(),
        first: None,
        asked: Vec::new(),
        request: None,
        standing: None,
    }
}

fn row_problems(
    row: &Row,
    batch: &Batch,
    reached: &HashMap<AgencyId, Vec<Contact>>,
    (shares_with, stale_months): (Option<String>, u32),
    earlier: &[&Earlier],
    today: NaiveDate,
) -> Vec<Problem> {
    let facts = plan::Facts {
        agency: row.agency.id,
        holder: row.holder,
        jurisdiction: &row.agency.jurisdiction,
        law: row.law.as_deref(),
        custodian: row.contact.as_ref().map(|contact| Custodian {
            channel: contact.channel,
            value: contact.value.clone(),
            checked_on: contact.checked_on,
        }),
        bounced: reached
            .get(&row.agency.id)
            .is_some_and(|all| all.iter().any(|contact| contact.bad_since_at.is_some())),
        has_signer: batch.signers.contains_key(&row.agency.jurisdiction),
        records: &batch.records,
        period: row.period,
        shares_with,
        kept_by: row.records_kept_by.clone(),
        stale_months,
        today,
    };
    problems(&facts, earlier)
}

/// The agency's first limit for a letter that leaves on that day.
fn first_date(law: &Jurisdiction, holder: HolderKind, send_on: NaiveDate) -> Option<FirstDate> {
    let received = duty::deemed_received_on(law, "email", send_on).unwrap_or(send_on);
    let facts = duty::Facts {
        received_on: Some(received),
        holder,
        ..duty::Facts::default()
    };
    let clocks = duty::clocks(law, &facts, received);
    let theirs = || clocks.iter().filter(|clock| !clock.ours);
    let clock = theirs()
        .filter(|clock| clock.state == ClockState::Running)
        .filter(|clock| clock.due_on.is_some())
        .min_by_key(|clock| clock.due_on)
        .or_else(|| theirs().find(|clock| clock.state == ClockState::NoneFixed))?;
    Some(FirstDate {
        heading: clock.heading.clone(),
        due_on: clock.due_on,
        limit: law
            .duty(&clock.id, received)
            .map(|duty| duty.limit_plain())
            .unwrap_or_default(),
        citation: clock.citation.clone(),
        confidence: clock.confidence,
    })
}
