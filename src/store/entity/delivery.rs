//! The `delivery` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub request_id: Uuid,
    pub letter_id: Uuid,
    pub channel: String,
    pub recipient: String,
    pub reply_address: String,
    pub message_id: String,
    pub raw_sha256: String,
    pub state: String,
    pub attempts: i32,
    pub queued_by: Uuid,
    pub queued_at: DateTimeUtc,
    pub attempted_at: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
    pub evidence: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub server_reply: Option<String>,
    pub leave_at: Option<DateTimeUtc>,
    pub round: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
