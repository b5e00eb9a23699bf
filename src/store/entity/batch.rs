//! The `batch` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "batch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub number: i32,
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub words: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub records: Json,
    pub period_start: Date,
    pub period_end: Date,
    pub fiscal_years: Option<i32>,
    pub format: String,
    pub fee_ceiling_cents: i64,
    pub send_on: Date,
    #[sea_orm(column_type = "JsonBinary")]
    pub signers: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub pace: Json,
    pub draft_round: i32,
    pub send_round: i32,
    pub sending: String,
    pub started_by: Option<Uuid>,
    pub created_by: Uuid,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
