//! The `contact` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub agency_id: Uuid,
    pub purpose: String,
    pub channel: String,
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub value: String,
    #[sea_orm(column_type = "Text")]
    pub known_how: String,
    pub checked_on: Date,
    pub bad_since_at: Option<DateTimeUtc>,
    pub added_by: Uuid,
    pub added_at: DateTimeUtc,
    pub retired_at: Option<DateTimeUtc>,
    pub import_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub retired_why: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
