//! Lists that were read and wait to be confirmed or thrown away. Until then nothing of them is in the campaign.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde::{Deserialize, Serialize};

use super::agreements::Agreement;
use super::entity::import;
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::agency::columns::Mapping;
use crate::domain::agency::list::{Line, ListKind};
use crate::domain::agency::plan::{Choices, Plan, Summary};
use crate::domain::ids::{AgreementId, CampaignId, ImportId, UserId};

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Somebody must say which column holds what.
    Columns,
    Previewed,
    Confirmed,
    Discarded,
    /// Confirmed, and taken back.
    Undone,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Columns => "columns",
            State::Previewed => "previewed",
            State::Confirmed => "confirmed",
            State::Discarded => "discarded",
            State::Undone => "undone",
        }
    }

    /// Whether nothing of it is settled yet.
    pub fn waits(self) -> bool {
        matches!(self, State::Columns | State::Previewed)
    }

    fn parse(text: &str) -> Stored<State> {
        [
            State::Columns,
            State::Previewed,
            State::Confirmed,
            State::Discarded,
            State::Undone,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| StoreError::Unreadable(format!("import state {text}")))
    }
}

/// What is kept of a list: its lines as read, and the plan as it was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub lines: Vec<Line>,
    pub plan: Plan,
    /// What the reader of the file has to say: its encoding, sheets left out.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The columns of a list of agencies, and what each holds.
    #[serde(default)]
    pub columns: Option<ListColumns>,
    /// What a person said of single lines.
    #[serde(default)]
    pub choices: Choices,
    /// What confirming did, for its undoing.
    #[serde(default)]
    pub done: Done,
}

/// The columns of a list as its file has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListColumns {
    /// The kind of table file, in the worker's word.
    pub file: String,
    /// The sheet that is read; empty for delimited text.
    pub sheet: String,
    pub headers: Vec<String>,
    /// The first lines under the headings.
    pub samples: Vec<Vec<String>>,
    pub mapping: Mapping,
}

/// What confirming an import changed besides the rows that carry its id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Done {
    /// Agreements as they stood before the import changed or ended them.
    pub agreements_before: Vec<Agreement>,
    /// Agreements that it added.
    pub agreements_added: Vec<AgreementId>,
}

/// A list that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub id: ImportId,
    pub campaign: CampaignId,
    pub list: ListKind,
    pub file_name: String,
    pub sha256: String,
    pub state: State,
    pub reading: Reading,
    /// What was done, once confirmed.
    pub summary: Option<Summary>,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// A line of the list of imports: without the lines of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportTitle {
    pub id: ImportId,
    pub list: ListKind,
    pub file_name: String,
    pub state: State,
    pub summary: Option<Summary>,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unreadable(format!("an import: {error}"))
}

fn list_kind(text: &str) -> Stored<ListKind> {
    ListKind::parse(text).ok_or_else(|| StoreError::Unreadable(format!("import kind {text}")))
}

fn read(row: import::Model) -> Stored<Import> {
    Ok(Import {
        id: ImportId(row.id),
        campaign: CampaignId(row.campaign_id),
        list: list_kind(&row.kind)?,
        file_name: row.file_name,
        sha256: row.sha256,
        state: State::parse(&row.state)?,
        reading: serde_json::from_value(row.plan).map_err(unreadable)?,
        summary: row
            .summary
            .map(serde_json::from_value)
            .transpose()
            .map_err(unreadable)?,
        created_by: UserId(row.created_by),
        created_at: row.created_at,
        settled_at: row.settled_at,
    })
}

/// Keeps a list that was read.
pub async fn add(tx: &Tx, import: &Import) -> Stored<()> {
    import::ActiveModel {
        id: Set(import.id.0),
        campaign_id: Set(import.campaign.0),
        kind: Set(import.list.as_str().to_owned()),
        file_name: Set(import.file_name.clone()),
        sha256: Set(import.sha256.clone()),
        state: Set(import.state.as_str().to_owned()),
        plan: Set(serde_json::to_value(&import.reading).map_err(unreadable)?),
        summary: Set(import
            .summary
            .map(serde_json::to_value)
            .transpose()
            .map_err(unreadable)?),
        created_by: Set(import.created_by.0),
        created_at: Set(import.created_at),
        settled_at: Set(import.settled_at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ImportId,
) -> Stored<Option<Import>> {
    import::Entity::find_by_id(id.0)
        .filter(import::Column::CampaignId.eq(scope.campaign.0))
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// The newest imports of the campaign, newest first.
pub async fn list_latest(
    db: &impl ConnectionTrait,
    scope: &Scope,
    how_many: u64,
) -> Stored<Vec<ImportTitle>> {
    type Row = (
        uuid::Uuid,
        String,
        String,
        String,
        Option<serde_json::Value>,
        uuid::Uuid,
        DateTime<Utc>,
    );
    let rows: Vec<Row> = import::Entity::find()
        .select_only()
        .columns([
            import::Column::Id,
            import::Column::Kind,
            import::Column::FileName,
            import::Column::State,
            import::Column::Summary,
            import::Column::CreatedBy,
            import::Column::CreatedAt,
        ])
        .filter(import::Column::CampaignId.eq(scope.campaign.0))
        .order_by_desc(import::Column::CreatedAt)
        .limit(how_many)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter()
        .map(
            |(id, kind, file_name, state, summary, created_by, created_at)| {
                Ok(ImportTitle {
                    id: ImportId(id),
                    list: list_kind(&kind)?,
                    file_name,
                    state: State::parse(&state)?,
                    summary: summary
                        .map(serde_json::from_value)
                        .transpose()
                        .map_err(unreadable)?,
                    created_by: UserId(created_by),
                    created_at,
                })
            },
        )
        .collect()
}

/// Shows a newer plan in place of the one that was shown, while nothing is settled.
pub async fn replan(tx: &Tx, scope: &Scope, id: ImportId, reading: &Reading) -> Stored<bool> {
    let plan = serde_json::to_value(reading).map_err(unreadable)?;
    let done = import::Entity::update_many()
        .col_expr(import::Column::Plan, Expr::value(plan))
        .col_expr(
            import::Column::State,
            Expr::value(State::Previewed.as_str()),
        )
        .filter(import::Column::Id.eq(id.0))
        .filter(import::Column::CampaignId.eq(scope.campaign.0))
        .filter(import::Column::State.is_in([State::Previewed.as_str(), State::Columns.as_str()]))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Keeps what confirming did beside the plan, for its undoing.
pub async fn keep_done(tx: &Tx, scope: &Scope, id: ImportId, reading: &Reading) -> Stored<()> {
    let plan = serde_json::to_value(reading).map_err(unreadable)?;
    import::Entity::update_many()
        .col_expr(import::Column::Plan, Expr::value(plan))
        .filter(import::Column::Id.eq(id.0))
        .filter(import::Column::CampaignId.eq(scope.campaign.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Marks a confirmed import as taken back. False if it was not confirmed, or was taken back before.
pub async fn mark_undone(tx: &Tx, scope: &Scope, id: ImportId) -> Stored<bool> {
    let done = import::Entity::update_many()
        .col_expr(import::Column::State, Expr::value(State::Undone.as_str()))
        .filter(import::Column::Id.eq(id.0))
        .filter(import::Column::CampaignId.eq(scope.campaign.0))
        .filter(import::Column::State.eq(State::Confirmed.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Confirms or throws away. False if somebody settled it before.
pub async fn settle(
    tx: &Tx,
    scope: &Scope,
    id: ImportId,
    state: State,
    summary: Option<Summary>,
    now: DateTime<Utc>,
) -> Stored<bool> {
    // What waits for its columns can only be thrown away.
    let from: &[&str] = match state {
        State::Discarded => &["previewed", "columns"],
        _ => &["previewed"],
    };
    let summary = summary
        .map(serde_json::to_value)
        .transpose()
        .map_err(unreadable)?;
    let done = import::Entity::update_many()
        .col_expr(import::Column::State, Expr::value(state.as_str()))
        .col_expr(import::Column::Summary, Expr::value(summary))
        .col_expr(import::Column::SettledAt, Expr::value(now))
        .filter(import::Column::Id.eq(id.0))
        .filter(import::Column::CampaignId.eq(scope.campaign.0))
        .filter(import::Column::State.is_in(from.iter().copied()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
