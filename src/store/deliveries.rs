//! Letters going out: one row for each approved version that was put into the outbox.
//!
//! The state moves only from one known state to the next: every change names the state that it found, so that two
//! processes never both take the same step. What may follow what is `domain::delivery`.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use super::entity::delivery;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::delivery::State;
use crate::domain::delivery::pace::domain_of;
use crate::domain::event::Evidence;
use crate::domain::ids::{CampaignId, DeliveryId, LetterId, RequestId, UserId};

/// A letter in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub campaign: CampaignId,
    pub request: RequestId,
    pub letter: LetterId,
    /// The recipient's address.
    pub recipient: String,
    /// Our own address, of this request alone.
    pub reply_address: String,
    /// Without angle brackets; the same at every attempt.
    pub message_id: String,
    /// The message's bytes in the file store.
    pub raw_sha256: String,
    pub state: State,
    /// Attempts on record; a retry is a new one.
    pub attempts: i32,
    pub queued_by: UserId,
    pub queued_at: DateTime<Utc>,
    pub attempted_at: Option<DateTime<Utc>>,
    pub settled_at: Option<DateTime<Utc>>,
    pub evidence: Option<Evidence>,
    /// The last word of the mail server, or why the last attempt came to nothing.
    pub last_word: Option<String>,
    /// Not before this moment; none where it may leave at once, or waits for a person.
    pub leave_at: Option<DateTime<Utc>>,
    /// Counts how often its time was changed: a job of an earlier round does nothing.
    pub round: i32,
}

fn read(row: delivery::Model) -> Stored<Delivery> {
    let state = row
        .state
        .parse()
        .map_err(|_| StoreError::Unreadable(format!("delivery state {}", row.state)))?;
    let evidence = row
        .evidence
        .map(|word| {
            Evidence::parse(&word)
                .ok_or_else(|| StoreError::Unreadable(format!("delivery evidence {word}")))
        })
        .transpose()?;
    Ok(Delivery {
        id: DeliveryId(row.id),
        campaign: CampaignId(row.campaign_id),
        request: RequestId(row.request_id),
        letter: LetterId(row.letter_id),
        recipient: row.recipient,
        reply_address: row.reply_address,
        message_id: row.message_id,
        raw_sha256: row.raw_sha256,
        state,
        attempts: row.attempts,
        queued_by: UserId(row.queued_by),
        queued_at: row.queued_at,
        attempted_at: row.attempted_at,
        settled_at: row.settled_at,
        evidence,
        last_word: row.server_reply,
        leave_at: row.leave_at,
        round: row.round,
    })
}

/// Puts a letter into the outbox. [`StoreError::Taken`] where this version is in it already.
pub async fn add(tx: &Tx, new: &Delivery) -> Stored<()> {
    delivery::ActiveModel {
        id: Set(new.id.0),
        campaign_id: Set(new.campaign.0),
        request_id: Set(new.request.0),
        letter_id: Set(new.letter.0),
        channel: Set("email".to_owned()),
        recipient: Set(new.recipient.clone()),
        reply_address: Set(new.reply_address.clone()),
        message_id: Set(new.message_id.clone()),
        raw_sha256: Set(new.raw_sha256.clone()),
        state: Set(new.state.as_str().to_owned()),
        attempts: Set(new.attempts),
        queued_by: Set(new.queued_by.0),
        queued_at: Set(new.queued_at),
        attempted_at: Set(new.attempted_at),
        settled_at: Set(new.settled_at),
        evidence: Set(new.evidence.map(|evidence| evidence.as_str().to_owned())),
        server_reply: Set(new.last_word.clone()),
        leave_at: Set(new.leave_at),
        round: Set(new.round),
    }
    .insert(tx)
    .await?;
    Ok(())
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: DeliveryId,
) -> Stored<Option<Delivery>> {
    delivery::Entity::find_by_id(id.0)
        .filter(delivery::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// A delivery by its id alone, for jobs, never for a page.
pub async fn find_unscoped(db: &impl ConnectionTrait, id: DeliveryId) -> Stored<Option<Delivery>> {
    delivery::Entity::find_by_id(id.0)
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// The delivery of one version of a letter.
pub async fn find_for_letter(
    db: &impl ConnectionTrait,
    scope: &Scope,
    letter: LetterId,
) -> Stored<Option<Delivery>> {
    delivery::Entity::find()
        .filter(delivery::Column::CampaignId.eq(scope.campaign.0))
        .filter(delivery::Column::LetterId.eq(letter.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// Everything that a request sent or tried to send, oldest first.
pub async fn list_for_request(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<Vec<Delivery>> {
    let rows = delivery::Entity::find()
        .filter(delivery::Column::CampaignId.eq(scope.campaign.0))
        .filter(delivery::Column::RequestId.eq(request.0))
        .order_by_asc(delivery::Column::QueuedAt)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// The deliveries of a campaign on which a person has to decide.
pub async fn list_waiting(db: &impl ConnectionTrait, scope: &Scope) -> Stored<Vec<Delivery>> {
    let rows = delivery::Entity::find()
        .filter(delivery::Column::CampaignId.eq(scope.campaign.0))
        .filter(delivery::Column::State.is_in([State::Failed.as_str(), State::Unknown.as_str()]))
        .order_by_asc(delivery::Column::QueuedAt)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// What an attempt begins with: the state that was found, and which attempt it is.
pub async fn begin_attempt(
    tx: &Tx,
    found: &Delivery,
    to: State,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = from(found)
        .col_expr(delivery::Column::State, Expr::value(to.as_str()))
        .col_expr(delivery::Column::Attempts, Expr::value(found.attempts + 1))
        .col_expr(delivery::Column::AttemptedAt, Expr::value(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Moves a delivery on from the state in which `found` saw it. False if it had moved meanwhile.
pub async fn move_on(
    tx: &Tx,
    found: &Delivery,
    to: State,
    evidence: Option<Evidence>,
    last_word: &str,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let done = from(found)
        .col_expr(delivery::Column::State, Expr::value(to.as_str()))
        .col_expr(
            delivery::Column::Evidence,
            Expr::value(evidence.map(|evidence| evidence.as_str().to_owned())),
        )
        .col_expr(delivery::Column::ServerReply, Expr::value(last_word))
        .col_expr(delivery::Column::SettledAt, Expr::value(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives a refused delivery another message, since its recipient was corrected.
pub async fn readdress(
    tx: &Tx,
    found: &Delivery,
    recipient: &str,
    raw_sha256: &str,
) -> Stored<bool> {
    let done = from(found)
        .col_expr(delivery::Column::Recipient, Expr::value(recipient))
        .col_expr(delivery::Column::RawSha256, Expr::value(raw_sha256))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Another time, and another round: what was planned before does nothing any more. False if it had moved meanwhile.
pub async fn retime(
    tx: &Tx,
    found: &Delivery,
    to: State,
    leave_at: Option<DateTime<Utc>>,
    last_word: &str,
) -> Stored<bool> {
    let done = from(found)
        .col_expr(delivery::Column::State, Expr::value(to.as_str()))
        .col_expr(delivery::Column::LeaveAt, Expr::value(leave_at))
        .col_expr(delivery::Column::Round, Expr::value(found.round + 1))
        .col_expr(delivery::Column::ServerReply, Expr::value(last_word))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Whoever sent it last answers for it, and bytes that were written anew go out.
pub async fn rewrite(tx: &Tx, id: DeliveryId, new: &Delivery) -> Stored<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::Recipient, Expr::value(&new.recipient))
        .col_expr(
            delivery::Column::ReplyAddress,
            Expr::value(&new.reply_address),
        )
        .col_expr(delivery::Column::RawSha256, Expr::value(&new.raw_sha256))
        .col_expr(delivery::Column::QueuedBy, Expr::value(new.queued_by.0))
        .col_expr(delivery::Column::QueuedAt, Expr::value(new.queued_at))
        .filter(delivery::Column::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// When letters were last handed over to addresses of one mail domain, of any campaign, since an instant; without the
/// delivery `but`.
pub async fn attempted_to(
    db: &impl ConnectionTrait,
    domain: &str,
    since: DateTime<Utc>,
    but: DeliveryId,
) -> Stored<Vec<DateTime<Utc>>> {
    let at: Vec<(Option<DateTime<Utc>>, String)> = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::AttemptedAt)
        .column(delivery::Column::Recipient)
        .filter(delivery::Column::AttemptedAt.gt(since))
        .filter(delivery::Column::Id.ne(but.0))
        .into_tuple()
        .all(db)
        .await?;
    Ok(at
        .into_iter()
        .filter(|(_, recipient)| domain_of(recipient) == domain)
        .filter_map(|(at, _)| at)
        .collect())
}

fn from(found: &Delivery) -> sea_orm::UpdateMany<delivery::Entity> {
    delivery::Entity::update_many()
        .filter(delivery::Column::Id.eq(found.id.0))
        .filter(delivery::Column::State.eq(found.state.as_str()))
        .filter(delivery::Column::Attempts.eq(found.attempts))
        .filter(delivery::Column::Round.eq(found.round))
}
