//! The `request` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub number: i32,
    pub agency_id: Uuid,
    pub contact_id: Option<Uuid>,
    pub jurisdiction: String,
    pub law_version: String,
    pub title: String,
    pub period_start: Date,
    pub period_end: Date,
    pub format: String,
    pub fee_ceiling_cents: i64,
    pub reply_token: String,
    pub owner_id: Uuid,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
