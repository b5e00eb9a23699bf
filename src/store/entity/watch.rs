//! The `watch` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "watch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub request_id: Uuid,
    pub campaign_id: Uuid,
    pub agency_id: Uuid,
    pub owner_id: Uuid,
    pub backup_id: Option<Uuid>,
    pub basis: String,
    pub seen_event: i64,
    pub looked_on: Date,
    pub next_on: Option<Date>,
    #[sea_orm(column_type = "JsonBinary")]
    pub tasks: Json,
    pub task_count: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
