//! A letter after the first is composed: a follow-up, an overdue notice, an appeal.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::adapt_clause::{InUse, words_in_use};
use super::draft_request::{
    Addressed, Confirmation, Reasons, addressed, law_of, letter_law, records_contact,
};
use super::{ActionError, App, Deed, Scope, read_clocks};
use crate::clock::day_in;
use crate::domain::agency::contact::{Channel, Purpose};
use crate::domain::approval::text_sha256;
use crate::domain::duty;
use crate::domain::event::{Event, FeeKind, Happening, that_count};
use crate::domain::ids::{LetterId, RequestId};
use crate::domain::letter::{
    self, Addressee, Choices, ComposeError, Draft, LetterFacts, LetterItem, LetterKind, LetterLaw,
    Occasion, Offer, Requester, Said, Series, StepTo, Warning,
};
use crate::domain::records::Shape;
use crate::domain::reply::ReplyAddress;
use crate::domain::request::{Ledger, RequestItem, letter_standing, standing};
use crate::law::Confidence;
use crate::store::contacts::Contact;
use crate::store::letters::{self, Letter};
use crate::store::requests::{self, Kept};
use crate::store::{Db, closings, commit, events};

/// A request with everything that a letter about it needs.
pub struct Ground {
    pub kept: Kept,
    pub to: Addressed,
    pub law: LetterLaw,
    pub items: Vec<RequestItem>,
    pub log: Vec<Event>,
    pub occasion: Occasion,
    pub today: NaiveDate,
}

/// Reads what a letter about this request needs, as it stands now.
///
/// # Errors
/// Not found where it is another campaign's.
pub async fn ground(app: &App, by: &Scope, request: RequestId, now: DateTime<Utc>) -> Deed<Ground> {
    let db = app.store.read();
    let kept = requests::find(db, by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let to = addressed(app, by, kept.request.agency).await?;
    let jurisdiction = law_of(app, &to.agency)?;
    let items = requests::list_items(db, by, request).await?;
    let log = events::list_for_request(db, by, request).await?;
    let zone = to.agency.time_zone;
    let today = day_in(zone, now);
    let stands = standing(&log);
    let closings = closings::in_force(db, by.campaign).await?;
    let facts = read_clocks::facts(&to.agency, &closings, &log);
    let law = letter_law(
        &jurisdiction,
        &to.agency,
        facts.received_on.unwrap_or(today),
    );
    let mut occasion = Occasion {
        sent_on: stands.sent_at.map(|at| day_in(zone, at)),
        received: stands.received.map(|seen| (seen.on, seen.evidence)),
        is_closed: stands.status == crate::domain::request::Status::Closed,
        clocks: duty::clocks(&jurisdiction, &facts, today),
        fair_day: Some(duty::next_business_day_after(
            jurisdiction.calendar(),
            today,
            7,
        )),
        ..Occasion::default()
    };
    let whole_waivers = Ledger::whole_waivers(&log);
    for event in that_count(&log) {
        match &event.what {
            Happening::StepRecorded { step, on, .. } if step == "paid" || step == "fee_waived" => {
                occasion.paid_on = Some(*on);
            }
            Happening::FeeRecorded { what, on, .. }
                if *what == FeeKind::Paid || whole_waivers.contains(&event.id) =>
            {
                occasion.paid_on = Some(*on);
            }
            Happening::ReplySorted {
                what,
                on,
                until,
                amount_cents,
                detail,
                ..
            } => occasion.replies.push(Said {
                what: *what,
                on: *on,
                until: *until,
                amount_cents: *amount_cents,
                detail: detail.clone(),
            }),
            Happening::Sent {
                letter_kind: Some(kind),
                ..
            } => {
                if let Some(kind) = LetterKind::parse(kind) {
                    occasion.letters.push((kind, day_in(zone, event.at)));
                }
            }
            _ => {}
        }
    }
    occasion.replies.sort_by_key(|said| said.on);
    Ok(Ground {
        kept,
        to,
        law,
        items,
        log,
        occasion,
        today,
    })
}

impl Ground {
    /// Every kind of letter, the best next one first.
    pub fn offers(&self) -> Vec<Offer> {
        letter::offers(&self.law, &self.occasion, &BTreeSet::new(), self.today)
    }
}

/// To whom a letter of this kind goes: the appeals contact for what goes to an appeal body, else the request's own.
pub(super) fn contact_for<'c>(
    law: &LetterLaw,
    kept: &Kept,
    contacts: &'c [Contact],
    kind: LetterKind,
    choices: &Choices,
) -> Option<&'c Contact> {
    let appeals = contacts
        .iter()
        .filter(|contact| contact.purpose == Purpose::Appeals && contact.bad_since_at.is_none())
        .min_by_key(|contact| contact.channel != Channel::Email);
    let steps = law.steps_for(kind);
    let step = choices
        .step
        .and_then(|at| steps.iter().find(|(step, _)| step.at == at))
        .or(steps.first());
    match step.map(|(_, words)| words.to) {
        Some(StepTo::Body) => appeals,
        Some(StepTo::Agency) if appeals.is_some() => appeals,
        _ => kept
            .request
            .contact
            .and_then(|id| contacts.iter().find(|contact| contact.id == id))
            .or_else(|| records_contact(contacts)),
    }
}

/// The facts of a letter of this kind about this request.
pub(super) fn facts_of(
    app: &App,
    ground: &Ground,
    kind: LetterKind,
    choices: &Choices,
    confirmed: &[Confirmation],
) -> Deed<LetterFacts> {
    let kept = &ground.kept;
    let campaign = &ground.to.campaign;
    let token = kept
        .reply_token
        .parse()
        .map_err(|error| ActionError::fault("reading a request's reply token", error))?;
    let reply_address = ReplyAddress::from_pattern(&app.config.mail.reply_address)
        .map_err(|error| ActionError::fault("reading the pattern of reply addresses", error))?
        .with(&token);
    let contact = contact_for(&ground.law, kept, &ground.to.contacts, kind, choices);
    let of = |channel: Channel| {
        contact
            .filter(|contact| contact.channel == channel)
            .map(|contact| contact.value.clone())
            .unwrap_or_default()
    };
    let items = ground
        .items
        .iter()
        .map(|item| {
            let record = app.records.get(&item.record_key);
            LetterItem {
                key: item.record_key.clone(),
                name: record
                    .map(|record| record.name.en.clone())
                    .unwrap_or_else(|| {
                        let mut reports = app.records.reports().iter();
                        reports
                            .find(|report| report.key == item.record_key)
                            .map(|report| report.name.clone())
                            .unwrap_or_default()
                    }),
                text: item.text.clone(),
                shape: record.map_or(Shape::Totals, |record| record.shape),
                exclude: record
                    .map(|record| record.exclude.clone())
                    .unwrap_or_default(),
                why: "An item of the request.".to_owned(),
                law: None,
            }
        })
        .collect();
    Ok(LetterFacts {
        requester: Requester {
            name: campaign.contact_name.clone(),
            organisation: campaign.organisation.clone(),
            address: campaign.postal_address.clone(),
            email: reply_address.clone(),
            phone: campaign.phone.clone(),
        },
        resident: choices.resident.clone(),
        addressee: Addressee {
            agency: ground.to.agency.name.clone(),
            custodian_title: String::new(),
            address: of(Channel::Post),
            email: of(Channel::Email),
        },
        law: ground.law.clone(),
        items,
        period: kept.request.period,
        format: kept.request.format,
        our_ref: kept.request.reference,
        reply_address,
        date: ground.today,
        fee_ceiling_cents: kept.request.fee_ceiling_cents,
        kind,
        confirmed: confirmed.iter().map(|one| one.rule.clone()).collect(),
        occasion: Some(Occasion {
            choices: choices.clone(),
            ..ground.occasion.clone()
        }),
    })
}

/// The letter in the words that the campaign uses; what is to be known of those is among its warnings.
pub(super) fn composed(facts: &LetterFacts, wording: &InUse) -> Deed<Draft> {
    let mut draft =
        letter::compose_with(&wording.registry, facts).map_err(|error| match error {
            ComposeError::NoItems | ComposeError::Refused(_) => {
                ActionError::refused(error.to_string())
            }
            fault => ActionError::fault("composing a letter", fault),
        })?;
    for flag in &wording.flags {
        draft.warnings.push(Warning::new("wording", flag.clone()));
    }
    Ok(draft)
}

/// Which letter comes next of this kind: a second one only once the first has left.
fn next_series(log: &[Event], kind: LetterKind) -> Deed<Series> {
    let mut series = Series { kind, nth: 1 };
    loop {
        let stands = letter_standing(log, &series.to_string());
        if stands.letter.is_none() {
            return Ok(series);
        }
        if stands.sent_at.is_none() {
            return Err(ActionError::refused(format!(
                "There is a draft of this letter already ({}). Open it on the request's page and go on with it.",
                series.plain()
            )));
        }
        series.nth += 1;
    }
}

/// Composes a later letter and keeps it as version 1.
///
/// # Errors
/// Refused where this kind does not fit the request as it stands (with the reason), or a draft of it is open.
pub async fn draft_letter(
    app: &App,
    by: &Scope,
    request: RequestId,
    kind: LetterKind,
    mut choices: Choices,
    confirmed: Vec<Confirmation>,
    now: DateTime<Utc>,
) -> Deed<LetterId> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel write letters. Ask one of them.",
        ));
    }
    let ground = ground(app, by, request, now).await?;
    let named = resident_of(app.store.read(), by, request).await?;
    // Only what the law itself asks of a request starts the agency's limits anew when it is supplied.
    choices.completes = kind == LetterKind::Correction
        && choices.resident.is_some()
        && named.is_none()
        && ground.law.residents_only
        && ground.law.eligibility_confidence > Confidence::Unverified;
    if choices.resident.is_none() || named.is_some() {
        choices.resident = named;
    }
    // A body that needs copies gets none by mail: kept with the choices, so that sending knows it too.
    choices.with_copies |= ground.law.wants_copies(kind, choices.step);
    let facts = facts_of(app, &ground, kind, &choices, &confirmed)?;
    let wording = words_in_use(app.store.read(), by).await?;
    let draft = composed(&facts, &wording)?;
    let tx = app.store.begin().await?;
    let series = next_series(&events::list_for_request(&tx, by, request).await?, kind)?;
    let reasons = Reasons {
        adapted: wording.used(&draft.clauses),
        clauses: draft.clauses,
        warnings: draft.warnings,
        confirmed,
        choices,
        enclosures: Vec::new(),
    };
    let text = Letter {
        id: LetterId::new(),
        campaign: by.campaign,
        request,
        kind: series.to_string(),
        version: 1,
        sha256: text_sha256(&draft.subject, &draft.body),
        subject: draft.subject,
        body: draft.body,
        clauses: reasons.kept()?,
        template_version: wording.registry.version().to_owned(),
        written_by: by.user,
        written_at: now,
        submitted_at: None,
        submitted_by: None,
    };
    letters::add(&tx, &text).await?;
    let what = Happening::LetterWritten {
        letter: text.id,
        version: 1,
        sha256: text.sha256.clone(),
        voids_approval: false,
        letter_kind: Some(text.kind.clone()),
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(text.id)
}

/// Whether the request's own letter names the resident who makes it.
pub async fn names_resident(app: &App, by: &Scope, request: RequestId) -> Deed<bool> {
    Ok(resident_of(app.store.read(), by, request).await?.is_some())
}

/// Who makes the request where only residents may, as the request's own letter names them.
pub(super) async fn resident_of(
    db: &impl Db,
    by: &Scope,
    request: RequestId,
) -> Deed<Option<letter::Resident>> {
    let first = letters::find_latest(db, by, request, LetterKind::Request.as_str()).await?;
    Ok(first.and_then(|first| Reasons::of(&first).choices.resident))
}
