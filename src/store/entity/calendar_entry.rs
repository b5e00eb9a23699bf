//! The `calendar_entry` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub request_id: Uuid,
    pub duty: String,
    pub ours: bool,
    pub due_on: Date,
    pub heading: String,
    #[sea_orm(column_type = "Text")]
    pub says: String,
    #[sea_orm(column_type = "Text")]
    pub citation: String,
    pub confidence: String,
    pub agency: String,
    pub reference: String,
    pub owner_id: Uuid,
    pub backup_id: Option<Uuid>,
    pub sequence: i32,
    pub changed_at: DateTimeUtc,
    pub cancelled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
