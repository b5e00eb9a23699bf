//! The requests that a message may belong to: looked up by what the message carries, never by reading every request.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::sea_query::{Expr, Func, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use super::entity::{
    agency, contact, contact_sender, delivery, event, message, request, tracking_number,
};
use super::{StoreError, Stored, Tx};
use crate::domain::ids::{AgencyId, CampaignId, ContactId, RequestId};
use crate::domain::reply::{Candidate, Incoming, organisation};

/// Values in one statement: below the number that SQLite takes.
const AT_ONCE: usize = 900;
/// Requests of one sender that are looked at, the newest first.
const MOST_OF_A_SENDER: u64 = 500;
/// Contacts of one organisation that are looked at.
const MOST_CONTACTS: u64 = 2_000;

/// Notes the organisation behind each e-mail contact.
pub async fn note_senders<'c>(
    tx: &Tx,
    contacts: impl Iterator<Item = (ContactId, &'c str)>,
) -> Stored<()> {
    let rows: Vec<contact_sender::ActiveModel> = contacts
        .map(|(id, value)| {
            let address = value.trim().to_lowercase();
            let whose = address
                .rsplit_once('@')
                .and_then(|(_, domain)| organisation(domain))
                .unwrap_or_default();
            contact_sender::ActiveModel {
                contact_id: Set(id.0),
                address: Set(address),
                organisation: Set(whose),
            }
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    contact_sender::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(contact_sender::Column::ContactId)
                .update_columns([
                    contact_sender::Column::Address,
                    contact_sender::Column::Organisation,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// E-mail contacts whose organisation is not noted yet (they came before it was kept), a few hundred at a time.
pub async fn list_unnoted(db: &impl ConnectionTrait) -> Stored<Vec<(ContactId, String)>> {
    let noted = Query::select()
        .column(contact_sender::Column::ContactId)
        .from(contact_sender::Entity)
        .to_owned();
    let rows: Vec<(Uuid, String)> = contact::Entity::find()
        .select_only()
        .column(contact::Column::Id)
        .column(contact::Column::Value)
        .filter(contact::Column::Channel.eq("email"))
        .filter(contact::Column::Id.not_in_subquery(noted))
        .limit(500)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, value)| (ContactId(id), value))
        .collect())
}

/// What the lookups found, before the requests themselves are read.
#[derive(Default)]
struct Hits {
    requests: BTreeSet<Uuid>,
    message_ids: HashMap<Uuid, Vec<String>>,
    numbers: HashMap<Uuid, Vec<String>>,
    addresses: HashMap<Uuid, Vec<String>>,
    agencies: BTreeSet<Uuid>,
}

/// Every request that fits at least one thing that `message` carries, of one campaign or of all, with what matching
/// looks at. A request that fits nothing could never be chosen and is not read.
pub async fn list_for(
    db: &impl ConnectionTrait,
    campaign: Option<CampaignId>,
    message: &Incoming,
) -> Stored<Vec<(CampaignId, Candidate)>> {
    let mut hits = Hits::default();
    by_token(db, message, &mut hits).await?;
    by_answered_mail(db, message, &mut hits).await?;
    by_tracking_number(db, message, &mut hits).await?;
    by_sender(db, campaign, message, &mut hits).await?;
    by_our_number(db, campaign, message, &mut hits).await?;
    read(db, campaign, hits).await
}

async fn by_token(db: &impl ConnectionTrait, message: &Incoming, hits: &mut Hits) -> Stored<()> {
    for heard in &message.tokens {
        let find = request::Entity::find()
            .select_only()
            .column(request::Column::Id);
        let find = match heard.spelled_out() {
            Some(all) => find.filter(request::Column::ReplyToken.is_in(all)),
            // Three misread signs stand for 32,768 tokens: the database compares the pattern.
            None => find.filter(request::Column::ReplyToken.like(heard.as_pattern())),
        };
        let found: Vec<Uuid> = find.into_tuple().all(db).await?;
        hits.requests.extend(found);
    }
    Ok(())
}

async fn by_answered_mail(
    db: &impl ConnectionTrait,
    message: &Incoming,
    hits: &mut Hits,
) -> Stored<()> {
    let named: BTreeSet<String> = message
        .in_reply_to
        .iter()
        .chain(&message.references)
        .flat_map(|id| [id.clone(), id.to_ascii_lowercase()])
        .collect();
    let named: Vec<String> = named.into_iter().collect();
    for some in named.chunks(AT_ONCE) {
        let sent: Vec<(Uuid, String)> = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::RequestId)
            .column(delivery::Column::MessageId)
            .filter(delivery::Column::MessageId.is_in(some.iter().cloned()))
            .into_tuple()
            .all(db)
            .await?;
        // The agency's second mail often answers its own first one.
        let came: Vec<(Option<Uuid>, String)> = message::Entity::find()
            .select_only()
            .column(message::Column::RequestId)
            .column(message::Column::MessageId)
            .filter(message::Column::MessageId.is_in(some.iter().cloned()))
            .filter(message::Column::State.eq(super::messages::MessageState::Filed.as_str()))
            .filter(message::Column::RequestId.is_not_null())
            .limit(MOST_OF_A_SENDER)
            .into_tuple()
            .all(db)
            .await?;
        let came = came
            .into_iter()
            .filter_map(|(request, id)| Some((request?, id)));
        for (request, id) in sent.into_iter().chain(came) {
            hits.requests.insert(request);
            hits.message_ids.entry(request).or_default().push(id);
        }
    }
    Ok(())
}

async fn by_tracking_number(
    db: &impl ConnectionTrait,
    message: &Incoming,
    hits: &mut Hits,
) -> Stored<()> {
    let numbers: Vec<String> = message.numbers().into_iter().collect();
    for some in numbers.chunks(AT_ONCE) {
        let known: Vec<(Uuid, String)> = tracking_number::Entity::find()
            .select_only()
            .column(tracking_number::Column::RequestId)
            .column(tracking_number::Column::Number)
            .filter(tracking_number::Column::Folded.is_in(some.iter().cloned()))
            .limit(MOST_OF_A_SENDER)
            .into_tuple()
            .all(db)
            .await?;
        for (request, number) in known {
            hits.requests.insert(request);
            hits.numbers.entry(request).or_default().push(number);
        }
    }
    Ok(())
}

async fn by_sender(
    db: &impl ConnectionTrait,
    campaign: Option<CampaignId>,
    message: &Incoming,
    hits: &mut Hits,
) -> Stored<()> {
    let Some(address) = message.address() else {
        return Ok(());
    };
    let mut whose = contact_sender::Column::Address.eq(address);
    if let Some(organisation) = message.organisation() {
        whose = whose.or(contact_sender::Column::Organisation.eq(organisation));
    }
    let senders: Vec<Uuid> = contact_sender::Entity::find()
        .select_only()
        .column(contact_sender::Column::ContactId)
        .filter(whose)
        .limit(MOST_CONTACTS)
        .into_tuple()
        .all(db)
        .await?;
    for some in senders.chunks(AT_ONCE) {
        let mut find = contact::Entity::find()
            .select_only()
            .column(contact::Column::AgencyId)
            .column(contact::Column::Value)
            .filter(contact::Column::Id.is_in(some.iter().copied()));
        if let Some(campaign) = campaign {
            find = find.filter(contact::Column::CampaignId.eq(campaign.0));
        }
        let rows: Vec<(Uuid, String)> = find.into_tuple().all(db).await?;
        for (agency, value) in rows {
            hits.agencies.insert(agency);
            hits.addresses.entry(agency).or_default().push(value);
        }
    }
    if let Some((county, state)) = message.county() {
        let mut find = agency::Entity::find()
            .select_only()
            .column(agency::Column::Id)
            .filter(agency::Column::Jurisdiction.eq(state))
            .filter(
                Expr::expr(Func::lower(Expr::col(agency::Column::County)))
                    .eq(county.to_lowercase())
                    .or(Expr::expr(Func::lower(Expr::col(agency::Column::Name)))
                        .like(format!("{} county%", county.to_lowercase()))),
            );
        if let Some(campaign) = campaign {
            find = find.filter(agency::Column::CampaignId.eq(campaign.0));
        }
        let found: Vec<Uuid> = find.limit(MOST_OF_A_SENDER).into_tuple().all(db).await?;
        hits.agencies.extend(found);
    }
    let agencies: Vec<Uuid> = hits.agencies.iter().copied().collect();
    for some in agencies.chunks(AT_ONCE) {
        let found: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(request::Column::AgencyId.is_in(some.iter().copied()))
            .order_by_desc(request::Column::CreatedAt)
            .limit(MOST_OF_A_SENDER)
            .into_tuple()
            .all(db)
            .await?;
        hits.requests.extend(found);
    }
    Ok(())
}

async fn by_our_number(
    db: &impl ConnectionTrait,
    campaign: Option<CampaignId>,
    message: &Incoming,
    hits: &mut Hits,
) -> Stored<()> {
    let numbers = message.our_numbers();
    if numbers.is_empty() {
        return Ok(());
    }
    let mut find = request::Entity::find()
        .select_only()
        .column(request::Column::Id)
        .filter(request::Column::Number.is_in(numbers.into_iter().take(50)));
    if let Some(campaign) = campaign {
        find = find.filter(request::Column::CampaignId.eq(campaign.0));
    }
    let found: Vec<Uuid> = find.limit(MOST_OF_A_SENDER).into_tuple().all(db).await?;
    hits.requests.extend(found);
    Ok(())
}

/// The county that an agency's name begins with: "Alder County Sheriff's Office".
fn named(agency: &str) -> Option<String> {
    let at = agency.to_ascii_lowercase().find(" county")?;
    Some(agency[..at].to_owned())
}

/// The requests that were hit, with what hit them.
async fn read(
    db: &impl ConnectionTrait,
    campaign: Option<CampaignId>,
    mut hits: Hits,
) -> Stored<Vec<(CampaignId, Candidate)>> {
    let ids: Vec<Uuid> = hits.requests.iter().copied().collect();
    let mut all = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let mut find =
            request::Entity::find().filter(request::Column::Id.is_in(some.iter().copied()));
        if let Some(campaign) = campaign {
            find = find.filter(request::Column::CampaignId.eq(campaign.0));
        }
        let rows = find.order_by_asc(request::Column::Number).all(db).await?;
        let closed: Vec<Option<Uuid>> = event::Entity::find()
            .select_only()
            .column(event::Column::RequestId)
            .filter(event::Column::RequestId.is_in(some.iter().copied()))
            .filter(event::Column::Kind.eq("closed"))
            .into_tuple()
            .all(db)
            .await?;
        let closed: HashSet<Uuid> = closed.into_iter().flatten().collect();
        let agencies: BTreeSet<Uuid> = rows.iter().map(|row| row.agency_id).collect();
        let counties: Vec<(Uuid, String, Option<String>, String)> = agency::Entity::find()
            .select_only()
            .column(agency::Column::Id)
            .column(agency::Column::Name)
            .column(agency::Column::County)
            .column(agency::Column::Jurisdiction)
            .filter(agency::Column::Id.is_in(agencies))
            .into_tuple()
            .all(db)
            .await?;
        let counties: HashMap<Uuid, (Option<String>, String)> = counties
            .into_iter()
            .map(|(id, name, county, state)| (id, (county.or_else(|| named(&name)), state)))
            .collect();
        for row in rows {
            let token = row.reply_token.parse().map_err(|_| {
                StoreError::Unreadable(format!("reply token of request {}", row.id))
            })?;
            let county = counties
                .get(&row.agency_id)
                .and_then(|(county, state)| Some((county.clone()?, state.clone())));
            let candidate = Candidate {
                request: RequestId(row.id),
                agency: AgencyId(row.agency_id),
                number: row.number,
                token,
                sent_message_ids: hits.message_ids.remove(&row.id).unwrap_or_default(),
                tracking_numbers: hits.numbers.remove(&row.id).unwrap_or_default(),
                contact_addresses: hits
                    .addresses
                    .get(&row.agency_id)
                    .cloned()
                    .unwrap_or_default(),
                county,
                open: !closed.contains(&row.id),
            };
            all.push((CampaignId(row.campaign_id), candidate));
        }
    }
    Ok(all)
}
