//! The `reminder` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reminder")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub request_id: Option<Uuid>,
    pub reader_id: Uuid,
    pub topic: String,
    pub subject: String,
    pub matter: String,
    pub step: String,
    pub for_on: Date,
    pub due_on: Option<Date>,
    pub planned_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
    pub seen_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    pub ended_how: String,
    pub ended_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
