//! The `batch_member` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "batch_member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub batch_id: Uuid,
    pub agency_id: Uuid,
    pub position: i32,
    #[sea_orm(column_type = "Text")]
    pub facilities: String,
    pub fiscal_year_start: String,
    pub agreement_on: Option<Date>,
    #[sea_orm(column_type = "JsonBinary")]
    pub accepted: Json,
    pub request_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub problem: String,
    pub send_at: Option<DateTimeUtc>,
    pub queued_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
