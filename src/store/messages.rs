//! Messages that came in: kept raw first, then read, matched, filed and sorted.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Set,
};
use serde::{Deserialize, Serialize};

use super::entity::message;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::ids::{CampaignId, MessageId, RequestId, UserId};

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Its bytes are safe; nobody has read them yet.
    Raw,
    /// Belongs to a request.
    Filed,
    /// Belongs to no request that we know of: a person decides.
    Waiting,
    /// Could not be read as mail; its bytes are kept and a person decides.
    Unreadable,
    /// The same message as another one, come a second time.
    Duplicate,
    /// A person said that it concerns no request.
    SetAside,
}

impl MessageState {
    pub const ALL: [MessageState; 6] = [
        MessageState::Raw,
        MessageState::Filed,
        MessageState::Waiting,
        MessageState::Unreadable,
        MessageState::Duplicate,
        MessageState::SetAside,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            MessageState::Raw => "raw",
            MessageState::Filed => "filed",
            MessageState::Waiting => "waiting",
            MessageState::Unreadable => "unreadable",
            MessageState::Duplicate => "duplicate",
            MessageState::SetAside => "set_aside",
        }
    }

    fn parse(text: &str) -> Option<MessageState> {
        MessageState::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A file of a message, kept by its hash. It becomes a document when its message is filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub sha256: String,
    /// What its bytes are, which may differ from what its sender declared.
    pub kept_as: String,
    pub inline: bool,
    /// A wrapping whose content stands beside it: an archive, Outlook's winmail.dat.
    #[serde(default)]
    pub opened: bool,
}

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub id: MessageId,
    /// None while nobody knows whose it is.
    pub campaign: Option<CampaignId>,
    pub request: Option<RequestId>,
    pub raw_sha256: String,
    /// Without angle brackets; empty until it was read.
    pub message_id: String,
    pub sender: String,
    pub recipients: String,
    pub subject: String,
    /// By the sender's clock.
    pub sent_at: Option<DateTime<Utc>>,
    /// When its bytes were safe with us.
    pub received_at: DateTime<Utc>,
    pub body: String,
    pub auto_reply: bool,
    pub bounce: Option<serde_json::Value>,
    pub state: MessageState,
    /// Why it was filed where it is, or which requests it may belong to, as `receive_mail` writes it.
    pub matched_by: Option<String>,
    pub problem: Option<String>,
    /// `imap`, `pipe`, `folder` or `upload`; `post`, `portal`, `phone`, `fax` or `hand` where a person wrote it down.
    pub channel: String,
    pub attachments: Vec<Attachment>,
    pub filed_by: Option<UserId>,
    pub filed_at: Option<DateTime<Utc>>,
    pub sorted_at: Option<DateTime<Utc>>,
    /// It can be shown as its sender laid it out.
    pub has_html: bool,
}

fn read(row: message::Model) -> Stored<Message> {
    let state = MessageState::parse(&row.state)
        .ok_or_else(|| StoreError::Unreadable(format!("message state {}", row.state)))?;
    let attachments = serde_json::from_value(row.attachments)
        .map_err(|error| StoreError::Unreadable(format!("attachments of a message: {error}")))?;
    Ok(Message {
        id: MessageId(row.id),
        campaign: row.campaign_id.map(CampaignId),
        request: row.request_id.map(RequestId),
        raw_sha256: row.raw_sha256,
        message_id: row.message_id,
        sender: row.sender,
        recipients: row.recipients,
        subject: row.subject,
        sent_at: row.sent_at,
        received_at: row.received_at,
        body: row.body,
        auto_reply: row.auto_reply,
        bounce: row.bounce,
        state,
        matched_by: row.matched_by,
        problem: row.problem,
        channel: row.channel,
        attachments,
        filed_by: row.filed_by.map(UserId),
        filed_at: row.filed_at,
        sorted_at: row.sorted_at,
        has_html: row.has_html,
    })
}

/// Notes raw bytes that are already in the file store. The same bytes are one message: its id, and whether it is new.
pub async fn add_raw(
    tx: &Tx,
    raw_sha256: &str,
    campaign: Option<CampaignId>,
    channel: &str,
    problem: Option<&str>,
    now: DateTime<Utc>,
) -> Stored<(MessageId, bool)> {
    let id = MessageId::new();
    let row = message::ActiveModel {
        id: Set(id.0),
        campaign_id: Set(campaign.map(|id| id.0)),
        request_id: Set(None),
        raw_sha256: Set(raw_sha256.to_owned()),
        message_id: Set(String::new()),
        sender: Set(String::new()),
        recipients: Set(String::new()),
        subject: Set(String::new()),
        sent_at: Set(None),
        received_at: Set(now),
        body: Set(String::new()),
        auto_reply: Set(false),
        bounce: Set(None),
        state: Set(MessageState::Raw.as_str().to_owned()),
        matched_by: Set(None),
        problem: Set(problem.map(str::to_owned)),
        channel: Set(channel.to_owned()),
        attachments: Set(serde_json::json!([])),
        filed_by: Set(None),
        filed_at: Set(None),
        sorted_at: Set(None),
        has_html: Set(false),
    };
    let once = OnConflict::column(message::Column::RawSha256)
        .do_nothing()
        .to_owned();
    let added = match message::Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(tx)
        .await
    {
        Ok(rows) => rows > 0,
        Err(sea_orm::DbErr::RecordNotInserted) => false,
        Err(error) => return Err(error.into()),
    };
    if added {
        return Ok((id, true));
    }
    let there = message::Entity::find()
        .filter(message::Column::RawSha256.eq(raw_sha256))
        .one(tx)
        .await?
        .ok_or_else(|| StoreError::Unreadable("a message vanished".to_owned()))?;
    Ok((MessageId(there.id), false))
}

/// Writes down what reading and matching gave, if nobody did so before. False if somebody had.
pub async fn set_read(tx: &Tx, found: &Message) -> Stored<bool> {
    let attachments = serde_json::to_value(&found.attachments)
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    let done = message::Entity::update_many()
        .set(message::ActiveModel {
            campaign_id: Set(found.campaign.map(|id| id.0)),
            request_id: Set(found.request.map(|id| id.0)),
            message_id: Set(found.message_id.clone()),
            sender: Set(found.sender.clone()),
            recipients: Set(found.recipients.clone()),
            subject: Set(found.subject.clone()),
            sent_at: Set(found.sent_at),
            body: Set(found.body.clone()),
            auto_reply: Set(found.auto_reply),
            bounce: Set(found.bounce.clone()),
            state: Set(found.state.as_str().to_owned()),
            matched_by: Set(found.matched_by.clone()),
            problem: Set(found.problem.clone()),
            attachments: Set(attachments),
            filed_at: Set(found.filed_at),
            has_html: Set(found.has_html),
            ..Default::default()
        })
        .filter(message::Column::Id.eq(found.id.0))
        .filter(message::Column::State.eq(MessageState::Raw.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Files a message that no request had, by a person's word. False if it was filed meanwhile.
pub async fn file(
    tx: &Tx,
    scope: &Scope,
    id: MessageId,
    request: RequestId,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = unfiled(scope, id)
        .col_expr(message::Column::CampaignId, Expr::value(scope.campaign.0))
        .col_expr(message::Column::RequestId, Expr::value(request.0))
        .col_expr(
            message::Column::State,
            Expr::value(MessageState::Filed.as_str()),
        )
        .col_expr(message::Column::MatchedBy, Expr::value("person"))
        .col_expr(message::Column::FiledBy, Expr::value(scope.user.0))
        .col_expr(message::Column::FiledAt, Expr::value(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes whose a message is, or that it concerns nobody, by a person's word. False if it was filed meanwhile.
pub async fn lay(
    tx: &Tx,
    scope: &Scope,
    id: MessageId,
    state: MessageState,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = unfiled(scope, id)
        .col_expr(message::Column::CampaignId, Expr::value(scope.campaign.0))
        .col_expr(message::Column::State, Expr::value(state.as_str()))
        .col_expr(message::Column::FiledBy, Expr::value(scope.user.0))
        .col_expr(message::Column::FiledAt, Expr::value(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

fn unfiled(scope: &Scope, id: MessageId) -> sea_orm::UpdateMany<message::Entity> {
    message::Entity::update_many()
        .filter(message::Column::Id.eq(id.0))
        .filter(mine_or_nobodys(scope))
        .filter(message::Column::State.is_in([
            MessageState::Waiting.as_str(),
            MessageState::Unreadable.as_str(),
            MessageState::SetAside.as_str(),
        ]))
}

fn mine_or_nobodys(scope: &Scope) -> Condition {
    Condition::any()
        .add(message::Column::CampaignId.eq(scope.campaign.0))
        .add(message::Column::CampaignId.is_null())
}

/// Notes that a person said what a filed message is.
pub async fn mark_sorted(
    tx: &Tx,
    scope: &Scope,
    id: MessageId,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = message::Entity::update_many()
        .col_expr(message::Column::SortedAt, Expr::value(now))
        .filter(message::Column::Id.eq(id.0))
        .filter(message::Column::CampaignId.eq(scope.campaign.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes that what a person said of a filed message was a mistake.
pub async fn mark_unsorted(tx: &Tx, scope: &Scope, id: MessageId) -> Stored<bool> {
    let done = message::Entity::update_many()
        .col_expr(
            message::Column::SortedAt,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(message::Column::Id.eq(id.0))
        .filter(message::Column::CampaignId.eq(scope.campaign.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// A message of the campaign.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: MessageId,
) -> Stored<Option<Message>> {
    message::Entity::find_by_id(id.0)
        .filter(message::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// A message by its id alone, for jobs and the command line, never for a page.
pub async fn find_unscoped(db: &impl ConnectionTrait, id: MessageId) -> Stored<Option<Message>> {
    message::Entity::find_by_id(id.0)
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// What waits for a person in this campaign, newest first: its own, and what belongs to no campaign yet.
pub async fn list_tray(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Message>> {
    let rows = message::Entity::find()
        .filter(mine_or_nobodys(scope))
        .filter(message::Column::State.is_in([
            MessageState::Waiting.as_str(),
            MessageState::Unreadable.as_str(),
        ]))
        .order_by_desc(message::Column::ReceivedAt)
        .limit(500)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// How many messages wait in this campaign's tray.
pub async fn count_tray(db: &impl ConnectionTrait, scope: &Scope) -> Stored<u64> {
    Ok(message::Entity::find()
        .filter(mine_or_nobodys(scope))
        .filter(message::Column::State.is_in([
            MessageState::Waiting.as_str(),
            MessageState::Unreadable.as_str(),
        ]))
        .count(db)
        .await?)
}

/// How many messages there are in the whole installation.
pub async fn count_all(db: &impl ConnectionTrait) -> Stored<u64> {
    Ok(message::Entity::find().count(db).await?)
}

/// The messages of a request, newest first.
pub async fn list_for_request(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<Vec<Message>> {
    let rows = message::Entity::find()
        .filter(message::Column::CampaignId.eq(scope.campaign.0))
        .filter(message::Column::RequestId.eq(request.0))
        .filter(message::Column::State.eq(MessageState::Filed.as_str()))
        .order_by_desc(message::Column::ReceivedAt)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The five hundred oldest filed messages that nobody has sorted yet, oldest first.
fn unsorted(scope: &Scope) -> Select<message::Entity> {
    message::Entity::find()
        .filter(message::Column::CampaignId.eq(scope.campaign.0))
        .filter(message::Column::State.eq(MessageState::Filed.as_str()))
        .filter(message::Column::SortedAt.is_null())
        .order_by_asc(message::Column::ReceivedAt)
        .limit(500)
}

/// Filed messages that nobody has sorted yet, oldest first.
pub async fn list_unsorted(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Message>> {
    let rows = unsorted(scope).all(db).await?;
    rows.into_iter().map(read).collect()
}

/// Filed messages besides `than` that nobody has sorted yet, oldest first; bounces are not sorted.
pub async fn list_unsorted_ids(
    db: &impl ConnectionTrait,
    scope: &Scope,
    than: MessageId,
) -> Stored<Vec<MessageId>> {
    let rows: Vec<uuid::Uuid> = unsorted(scope)
        .select_only()
        .column(message::Column::Id)
        .filter(message::Column::Bounce.is_null())
        .filter(message::Column::Id.ne(than.0))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(MessageId).collect())
}

/// Another message with the same Message-ID, sender, subject and text, if one was read before.
pub async fn find_twin(db: &impl ConnectionTrait, of: &Message) -> Stored<Option<MessageId>> {
    let row = message::Entity::find()
        .filter(message::Column::MessageId.eq(&of.message_id))
        .filter(message::Column::Sender.eq(&of.sender))
        .filter(message::Column::Subject.eq(&of.subject))
        .filter(message::Column::Body.eq(&of.body))
        .filter(message::Column::Id.ne(of.id.0))
        .filter(message::Column::State.ne(MessageState::Duplicate.as_str()))
        .filter(message::Column::State.ne(MessageState::Raw.as_str()))
        .one(db)
        .await?;
    Ok(row.map(|row| MessageId(row.id)))
}

/// Keeps what a person wrote down of a letter or call that came by another way than mail: filed at once.
pub async fn add_by_hand(tx: &Tx, new: &Message) -> Stored<()> {
    let attachments = serde_json::to_value(&new.attachments)
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    let row = message::ActiveModel {
        id: Set(new.id.0),
        campaign_id: Set(new.campaign.map(|id| id.0)),
        request_id: Set(new.request.map(|id| id.0)),
        raw_sha256: Set(new.raw_sha256.clone()),
        message_id: Set(new.message_id.clone()),
        sender: Set(new.sender.clone()),
        recipients: Set(String::new()),
        subject: Set(new.subject.clone()),
        sent_at: Set(None),
        received_at: Set(new.received_at),
        body: Set(new.body.clone()),
        auto_reply: Set(false),
        bounce: Set(None),
        state: Set(MessageState::Filed.as_str().to_owned()),
        matched_by: Set(Some("person".to_owned())),
        problem: Set(None),
        channel: Set(new.channel.clone()),
        attachments: Set(attachments),
        filed_by: Set(new.filed_by.map(|id| id.0)),
        filed_at: Set(Some(new.received_at)),
        sorted_at: Set(None),
        has_html: Set(false),
    };
    message::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Moves a filed message to another request of the campaign. False if it was moved meanwhile.
pub async fn refile(
    tx: &Tx,
    scope: &Scope,
    id: MessageId,
    from: RequestId,
    to: RequestId,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = message::Entity::update_many()
        .col_expr(message::Column::RequestId, Expr::value(to.0))
        .col_expr(message::Column::MatchedBy, Expr::value("person"))
        .col_expr(message::Column::FiledBy, Expr::value(scope.user.0))
        .col_expr(message::Column::FiledAt, Expr::value(now))
        .col_expr(
            message::Column::SortedAt,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(message::Column::Id.eq(id.0))
        .filter(message::Column::CampaignId.eq(scope.campaign.0))
        .filter(message::Column::RequestId.eq(from.0))
        .filter(message::Column::State.eq(MessageState::Filed.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
