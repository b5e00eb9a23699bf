//! Every version of every letter, and counsel's decisions on the exact text. Versions are added, never changed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use super::entity::{approval, letter};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::approval::{Approval, Enclosure, HasText, LetterText};
use crate::domain::ids::{CampaignId, LetterId, RequestId, UserId};

/// One version of a letter's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    pub id: LetterId,
    pub campaign: CampaignId,
    pub request: RequestId,
    /// `request`, later `follow_up`, `appeal` …
    pub kind: String,
    /// From 1; the highest is the letter as it stands.
    pub version: i32,
    pub subject: String,
    pub body: String,
    /// Which rule switched each paragraph on, as the composer told it.
    pub clauses: serde_json::Value,
    /// Of the exact text, by `domain::approval::text_sha256`.
    pub sha256: String,
    pub template_version: String,
    pub written_by: UserId,
    pub written_at: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub submitted_by: Option<UserId>,
}

impl HasText for Letter {
    fn letter(&self) -> LetterId {
        self.id
    }
    fn subject(&self) -> &str {
        &self.subject
    }
    fn body(&self) -> &str {
        &self.body
    }
    fn enclosures(&self) -> Vec<Enclosure> {
        // They stand beside the reasons of the paragraphs, in the version's own row. An entry that cannot be read
        // gives another hash than was approved, so that nothing goes out.
        self.clauses
            .get("enclosures")
            .map(|kept| serde_json::from_value(kept.clone()).unwrap_or_default())
            .unwrap_or_default()
    }
}

impl Letter {
    /// The text alone, for approval and the post.
    pub fn text(&self) -> LetterText {
        LetterText {
            letter: self.id,
            subject: self.subject.clone(),
            body: self.body.clone(),
        }
    }
}

fn read(row: letter::Model) -> Letter {
    Letter {
        id: LetterId(row.id),
        campaign: CampaignId(row.campaign_id),
        request: RequestId(row.request_id),
        kind: row.kind,
        version: row.version,
        subject: row.subject,
        body: row.body,
        clauses: row.clauses,
        sha256: row.sha256,
        template_version: row.template_version,
        written_by: UserId(row.written_by),
        written_at: row.written_at,
        submitted_at: row.submitted_at,
        submitted_by: row.submitted_by.map(UserId),
    }
}

/// Adds a version. [`StoreError::Taken`] where somebody wrote the same version a moment before.
pub async fn add(tx: &Tx, new: &Letter) -> Stored<()> {
    letter::ActiveModel {
        id: Set(new.id.0),
        campaign_id: Set(new.campaign.0),
        request_id: Set(new.request.0),
        kind: Set(new.kind.clone()),
        version: Set(new.version),
        subject: Set(new.subject.clone()),
        body: Set(new.body.clone()),
        clauses: Set(new.clauses.clone()),
        sha256: Set(new.sha256.clone()),
        template_version: Set(new.template_version.clone()),
        written_by: Set(new.written_by.0),
        written_at: Set(new.written_at),
        submitted_at: Set(new.submitted_at),
        submitted_by: Set(new.submitted_by.map(|id| id.0)),
    }
    .insert(tx)
    .await?;
    Ok(())
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: LetterId,
) -> Stored<Option<Letter>> {
    let row = letter::Entity::find_by_id(id.0)
        .filter(letter::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?;
    Ok(row.map(read))
}

/// A letter by its id alone, for jobs, never for a page.
pub async fn find_unscoped(db: &impl ConnectionTrait, id: LetterId) -> Stored<Option<Letter>> {
    Ok(letter::Entity::find_by_id(id.0).one(db).await?.map(read))
}

/// Every version of a request's letters, newest version first.
pub async fn list_versions(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
) -> Stored<Vec<Letter>> {
    let rows = letter::Entity::find()
        .filter(letter::Column::CampaignId.eq(scope.campaign.0))
        .filter(letter::Column::RequestId.eq(request.0))
        .order_by_desc(letter::Column::Version)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// The letter of that kind as it stands: its highest version.
pub async fn find_latest(
    db: &impl ConnectionTrait,
    scope: &Scope,
    request: RequestId,
    kind: &str,
) -> Stored<Option<Letter>> {
    let row = letter::Entity::find()
        .filter(letter::Column::CampaignId.eq(scope.campaign.0))
        .filter(letter::Column::RequestId.eq(request.0))
        .filter(letter::Column::Kind.eq(kind))
        .order_by_desc(letter::Column::Version)
        .one(db)
        .await?;
    Ok(row.map(read))
}

/// The latest letter of that kind for each of these requests: one query for a batch.
pub async fn list_latest(
    db: &impl ConnectionTrait,
    scope: &Scope,
    requests: &[RequestId],
    kind: &str,
) -> Stored<Vec<Letter>> {
    let mut latest: HashMap<RequestId, Letter> = HashMap::new();
    for some in requests.chunks(500) {
        let rows = letter::Entity::find()
            .filter(letter::Column::CampaignId.eq(scope.campaign.0))
            .filter(letter::Column::RequestId.is_in(some.iter().map(|id| id.0)))
            .filter(letter::Column::Kind.eq(kind))
            .order_by_asc(letter::Column::Version)
            .all(db)
            .await?;
        for row in rows {
            latest.insert(RequestId(row.request_id), read(row));
        }
    }
    Ok(requests
        .iter()
        .filter_map(|request| latest.remove(request))
        .collect())
}

/// Notes that a version was put before counsel. False if it had been before.
pub async fn mark_submitted(tx: &Tx, id: LetterId, by: UserId, now: DateTime<Utc>) -> Stored<bool> {
    let done = letter::Entity::update_many()
        .col_expr(letter::Column::SubmittedAt, Expr::value(now))
        .col_expr(letter::Column::SubmittedBy, Expr::value(by.0))
        .filter(letter::Column::Id.eq(id.0))
        .filter(letter::Column::SubmittedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes counsel's decision down. Decisions are added, never changed: the last one counts.
pub async fn decide(tx: &Tx, campaign: CampaignId, new: &Approval) -> Stored<()> {
    approval::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(campaign.0),
        letter_id: Set(new.letter.0),
        sha256: Set(new.sha256.clone()),
        decision: Set(new.decision.as_str().to_owned()),
        comment: Set(new.comment.clone()),
        decided_by: Set(new.by.0),
        decided_at: Set(new.at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Counsel's last decision on a version, if there is one.
pub async fn find_decision(
    db: &impl ConnectionTrait,
    letter: LetterId,
) -> Stored<Option<Approval>> {
    let row = approval::Entity::find()
        .filter(approval::Column::LetterId.eq(letter.0))
        .order_by_desc(approval::Column::DecidedAt)
        .one(db)
        .await?;
    row.map(|row| {
        Ok(Approval {
            letter: LetterId(row.letter_id),
            sha256: row.sha256,
            decision: row
                .decision
                .parse()
                .map_err(|_| StoreError::Unreadable(format!("decision {}", row.decision)))?,
            comment: row.comment,
            by: UserId(row.decided_by),
            at: row.decided_at,
        })
    })
    .transpose()
}
