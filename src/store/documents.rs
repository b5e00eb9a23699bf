//! What agencies sent, by hash: the rows of documents, and how much of each the asking person sees.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use uuid::Uuid;

use super::clearances::{self, Decided};
use super::entity::{agency, document, request};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::document::{Document, Sha256, TextMethod};
use crate::domain::ids::{AgencyId, CampaignId, DocumentId, MessageId, RequestId, UserId};
use crate::domain::review::{Clearance, Cleared, Sight, Standing};

/// How far the worker has come with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not looked into yet.
    Waiting,
    /// Looked into: pages and text are kept, as far as it has any.
    Read,
    /// Could not be looked into; `problem` says why. The file itself is kept.
    Failed,
}

impl Progress {
    pub fn as_str(self) -> &'static str {
        match self {
            Progress::Waiting => "waiting",
            Progress::Read => "read",
            Progress::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Option<Progress> {
        [Progress::Waiting, Progress::Read, Progress::Failed]
            .into_iter()
            .find(|progress| progress.as_str() == text)
    }
}

/// A document with all that stands around it.
#[derive(Clone, Debug, PartialEq)]
pub struct OnFile {
    pub document: Document,
    pub campaign: CampaignId,
    pub message: Option<MessageId>,
    pub progress: Progress,
    pub method: Option<TextMethod>,
    /// A sentence: why it could not be read, or what to know about it.
    pub problem: Option<String>,
    pub created_at: DateTime<Utc>,
    pub standing: Standing,
    /// The latest decision on these bytes, if there is one.
    pub decision: Option<Clearance>,
    /// The agency's and the request's names, for lists.
    pub agency_name: Option<String>,
    pub request_title: Option<String>,
}

impl OnFile {
    /// How much of it this person sees.
    pub fn sight(&self, scope: &Scope) -> Sight {
        if self.campaign != scope.campaign {
            return Sight::Nothing;
        }
        Sight::of(scope, self.document.uploaded_by, self.standing)
    }
}

/// A document to be added, held.
#[derive(Clone, Debug)]
pub struct NewDocument {
    pub campaign: CampaignId,
    pub sha256: Sha256,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub received_on: chrono::NaiveDate,
    pub agency: Option<AgencyId>,
    pub request: Option<RequestId>,
    pub message: Option<MessageId>,
    pub uploaded_by: Option<UserId>,
}

/// Adds a document that nobody has looked into.
pub async fn add(tx: &Tx, new: NewDocument, now: DateTime<Utc>) -> Stored<DocumentId> {
    let id = DocumentId::new();
    document::ActiveModel {
        id: Set(id.0),
        campaign_id: Set(new.campaign.0),
        request_id: Set(new.request.map(|id| id.0)),
        agency_id: Set(new.agency.map(|id| id.0)),
        message_id: Set(new.message.map(|id| id.0)),
        sha256: Set(new.sha256.to_string()),
        name: Set(new.name),
        media_type: Set(new.media_type),
        bytes: Set(i64::try_from(new.bytes).unwrap_or(i64::MAX)),
        pages: Set(None),
        text_method: Set(None),
        state: Set(Progress::Waiting.as_str().to_owned()),
        problem: Set(None),
        received_on: Set(new.received_on),
        uploaded_by: Set(new.uploaded_by.map(|id| id.0)),
        created_at: Set(now),
    }
    .insert(tx)
    .await?;
    Ok(id)
}

/// What the worker found.
#[derive(Clone, Debug)]
pub struct Found {
    pub progress: Progress,
    pub pages: Option<u32>,
    pub method: Option<TextMethod>,
    pub problem: Option<String>,
}

/// Writes what the worker found.
pub async fn set_found(tx: &Tx, id: DocumentId, found: Found) -> Stored<()> {
    document::Entity::update_many()
        .filter(document::Column::Id.eq(id.0))
        .col_expr(
            document::Column::State,
            Expr::value(found.progress.as_str()),
        )
        .col_expr(
            document::Column::Pages,
            Expr::value(
                found
                    .pages
                    .map(|pages| i32::try_from(pages).unwrap_or(i32::MAX)),
            ),
        )
        .col_expr(
            document::Column::TextMethod,
            Expr::value(found.method.map(TextMethod::as_str)),
        )
        .col_expr(document::Column::Problem, Expr::value(found.problem))
        .exec(tx)
        .await?;
    Ok(())
}

/// Puts a document back to be looked into once more. False if it is not this campaign's.
pub async fn set_waiting(tx: &Tx, scope: &Scope, id: DocumentId) -> Stored<bool> {
    let changed = document::Entity::update_many()
        .filter(document::Column::Id.eq(id.0))
        .filter(document::Column::CampaignId.eq(scope.campaign.0))
        .col_expr(
            document::Column::State,
            Expr::value(Progress::Waiting.as_str()),
        )
        .exec(tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// A document by its id alone, for the program's own work. Pages for people use [`find`].
pub async fn find_for_work(db: &impl ConnectionTrait, id: DocumentId) -> Stored<Option<OnFile>> {
    let Some(row) = document::Entity::find_by_id(id.0).one(db).await? else {
        return Ok(None);
    };
    let campaign = CampaignId(row.campaign_id);
    Ok(complete(db, campaign, vec![row]).await?.pop())
}

/// A document of which the asking person sees something.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: DocumentId,
) -> Stored<Option<OnFile>> {
    let found = find_for_work(db, id).await?;
    Ok(found.filter(|each| each.sight(scope) != Sight::Nothing))
}

/// Documents of which the asking person sees something, newest first.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<OnFile>> {
    let rows = document::Entity::find()
        .filter(document::Column::CampaignId.eq(scope.campaign.0))
        .order_by_desc(document::Column::CreatedAt)
        .order_by_asc(document::Column::Name)
        .all(db)
        .await?;
    seen(db, scope, rows).await
}

/// The documents of one request of which the asking person sees something, oldest first.
pub async fn list_for_request(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<Vec<OnFile>> {
    let rows = document::Entity::find()
        .filter(document::Column::CampaignId.eq(scope.campaign.0))
        .filter(document::Column::RequestId.eq(request.0))
        .order_by_asc(document::Column::CreatedAt)
        .order_by_asc(document::Column::Name)
        .all(db)
        .await?;
    seen(db, scope, rows).await
}

/// The documents that came with one message of which the asking person sees something.
pub async fn list_for_message(
    db: &impl ConnectionTrait,
    scope: &Scope,
    message: MessageId,
) -> Stored<Vec<OnFile>> {
    let rows = document::Entity::find()
        .filter(document::Column::CampaignId.eq(scope.campaign.0))
        .filter(document::Column::MessageId.eq(message.0))
        .order_by_asc(document::Column::Name)
        .all(db)
        .await?;
    seen(db, scope, rows).await
}

/// Every document that came with a message, whoever may see it, with its content's hash and its name.
pub async fn list_of_message(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    message: MessageId,
) -> Stored<Vec<(DocumentId, String, String)>> {
    let rows: Vec<(uuid::Uuid, String, String)> = document::Entity::find()
        .select_only()
        .column(document::Column::Id)
        .column(document::Column::Sha256)
        .column(document::Column::Name)
        .filter(document::Column::CampaignId.eq(campaign.0))
        .filter(document::Column::MessageId.eq(message.0))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, sha256, name)| (DocumentId(id), sha256, name))
        .collect())
}

/// Whether this content came into this campaign with this message already, under this name: for taking mail twice.
pub async fn find_of_message(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    message: MessageId,
    sha256: &Sha256,
    name: &str,
) -> Stored<Option<DocumentId>> {
    let row = document::Entity::find()
        .filter(document::Column::CampaignId.eq(campaign.0))
        .filter(document::Column::MessageId.eq(message.0))
        .filter(document::Column::Sha256.eq(sha256.to_string()))
        .filter(document::Column::Name.eq(name))
        .one(db)
        .await?;
    Ok(row.map(|row| DocumentId(row.id)))
}

/// A document with the same content in this campaign, whoever may see it.
pub async fn find_by_content(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    sha256: &Sha256,
) -> Stored<Option<OnFile>> {
    let row = document::Entity::find()
        .filter(document::Column::CampaignId.eq(campaign.0))
        .filter(document::Column::Sha256.eq(sha256.to_string()))
        .order_by_asc(document::Column::CreatedAt)
        .one(db)
        .await?;
    match row {
        Some(row) => Ok(complete(db, campaign, vec![row]).await?.pop()),
        None => Ok(None),
    }
}

/// Every document that counsel cleared, with the proof, in the order in which they came: what a packet is built from.
pub async fn list_cleared(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Stored<Vec<Cleared<OnFile>>> {
    let rows = document::Entity::find()
        .filter(document::Column::CampaignId.eq(scope.campaign.0))
        .order_by_asc(document::Column::ReceivedOn)
        .order_by_asc(document::Column::CreatedAt)
        .order_by_asc(document::Column::Name)
        .all(db)
        .await?;
    let all = complete(db, scope.campaign, rows).await?;
    Ok(all
        .into_iter()
        .filter_map(|each| {
            let decision = each.decision.clone()?;
            let (id, sha256) = (each.document.id, each.document.sha256);
            // Whatever is held or sealed is left out: that is what this list is for.
            Cleared::confirm(each, id, &sha256, &decision).ok()
        })
        .collect())
}

/// Moves what came with a message to the request that the message was matched to.
pub async fn set_request_of_message(
    tx: &Tx,
    campaign: CampaignId,
    message: MessageId,
    request: RequestId,
    agency: AgencyId,
) -> Stored<()> {
    document::Entity::update_many()
        .filter(document::Column::CampaignId.eq(campaign.0))
        .filter(document::Column::MessageId.eq(message.0))
        .col_expr(document::Column::RequestId, Expr::value(Some(request.0)))
        .col_expr(document::Column::AgencyId, Expr::value(Some(agency.0)))
        .exec(tx)
        .await?;
    Ok(())
}

async fn seen(
    db: &impl ConnectionTrait,
    scope: &Scope,
    rows: Vec<document::Model>,
) -> Stored<Vec<OnFile>> {
    let all = complete(db, scope.campaign, rows).await?;
    Ok(all
        .into_iter()
        .filter(|each| each.sight(scope) != Sight::Nothing)
        .collect())
}

/// Puts decisions and names to rows of one campaign.
async fn complete(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    rows: Vec<document::Model>,
) -> Stored<Vec<OnFile>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut decided: HashMap<DocumentId, Vec<Decided>> = HashMap::new();
    for each in clearances::list_for_campaign(db, campaign).await? {
        decided
            .entry(each.clearance.document)
            .or_default()
            .push(each);
    }
    let agencies = names_of_agencies(db, &rows).await?;
    let requests = titles_of_requests(db, &rows).await?;
    rows.into_iter()
        .map(|row| {
            let decisions: Vec<Clearance> = decided
                .remove(&DocumentId(row.id))
                .unwrap_or_default()
                .into_iter()
                .map(|each| each.clearance)
                .collect();
            read(row, decisions, &agencies, &requests)
        })
        .collect()
}

async fn names_of_agencies(
    db: &impl ConnectionTrait,
    rows: &[document::Model],
) -> Stored<HashMap<Uuid, String>> {
    let mut wanted: Vec<Uuid> = rows.iter().filter_map(|row| row.agency_id).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let found = agency::Entity::find()
        .filter(agency::Column::Id.is_in(wanted))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row.name)).collect())
}

async fn titles_of_requests(
    db: &impl ConnectionTrait,
    rows: &[document::Model],
) -> Stored<HashMap<Uuid, String>> {
    let mut wanted: Vec<Uuid> = rows.iter().filter_map(|row| row.request_id).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let found = request::Entity::find()
        .filter(request::Column::Id.is_in(wanted))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row.title)).collect())
}

fn read(
    row: document::Model,
    decisions: Vec<Clearance>,
    agencies: &HashMap<Uuid, String>,
    requests: &HashMap<Uuid, String>,
) -> Stored<OnFile> {
    let broken =
        |what: &str, value: &str| StoreError::Unreadable(format!("document {what} {value}"));
    let sha256: Sha256 = row
        .sha256
        .parse()
        .map_err(|_| broken("hash", &row.sha256))?;
    let method = match &row.text_method {
        Some(word) => Some(TextMethod::parse(word).ok_or_else(|| broken("text method", word))?),
        None => None,
    };
    let pages = match row.pages.map(u32::try_from) {
        Some(Ok(pages)) => Some(pages),
        Some(Err(_)) => return Err(broken("page count", &row.id.to_string())),
        None => None,
    };
    let standing = Standing::of(&sha256, &decisions);
    Ok(OnFile {
        campaign: CampaignId(row.campaign_id),
        message: row.message_id.map(MessageId),
        progress: Progress::parse(&row.state).ok_or_else(|| broken("state", &row.state))?,
        method,
        problem: row.problem,
        created_at: row.created_at,
        decision: decisions
            .into_iter()
            .filter(|each| each.sha256 == sha256)
            .max_by_key(|each| each.at),
        standing,
        agency_name: row.agency_id.and_then(|id| agencies.get(&id).cloned()),
        request_title: row.request_id.and_then(|id| requests.get(&id).cloned()),
        document: Document {
            id: DocumentId(row.id),
            sha256,
            name: row.name,
            media_type: row.media_type,
            bytes: u64::try_from(row.bytes).unwrap_or(0),
            pages,
            received_on: row.received_on,
            agency: row.agency_id.map(AgencyId),
            request: row.request_id.map(RequestId),
            uploaded_by: row.uploaded_by.map(UserId),
        },
    })
}
