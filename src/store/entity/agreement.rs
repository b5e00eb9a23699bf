//! The `agreement` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub agency_id: Uuid,
    pub kind: String,
    pub model: String,
    pub signed_on: Option<Date>,
    pub paper: String,
    pub addendum: String,
    pub status: String,
    #[sea_orm(column_type = "Text")]
    pub source: String,
    pub import_id: Option<Uuid>,
    pub added_at: DateTimeUtc,
    pub effective_on: Option<Date>,
    pub ended_on: Option<Date>,
    pub read_on: Option<Date>,
    pub document_id: Option<Uuid>,
    pub added_by: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub url: String,
    #[sea_orm(column_type = "Text")]
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
