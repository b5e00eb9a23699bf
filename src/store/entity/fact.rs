//! The `fact` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "fact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub agency_id: Uuid,
    pub request_id: Option<Uuid>,
    pub document_id: Uuid,
    pub page: i32,
    pub printed_page: String,
    pub metric: String,
    pub period_start: Date,
    pub period_end: Date,
    pub value: String,
    pub unit: String,
    pub count_basis: String,
    pub cost_basis: String,
    #[sea_orm(column_type = "Text")]
    pub definition: String,
    #[sea_orm(column_type = "Text")]
    pub quote: String,
    pub quote_found: bool,
    pub method: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub flags: Json,
    #[sea_orm(column_type = "Text")]
    pub note: String,
    pub entered_by: Uuid,
    pub entered_at: DateTimeUtc,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdrawn_by: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub withdrawn_why: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
