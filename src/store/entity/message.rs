//! The `message` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Option<Uuid>,
    pub request_id: Option<Uuid>,
    pub raw_sha256: String,
    pub message_id: String,
    pub sender: String,
    #[sea_orm(column_type = "Text")]
    pub recipients: String,
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    pub sent_at: Option<DateTimeUtc>,
    pub received_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    pub auto_reply: bool,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub bounce: Option<Json>,
    pub state: String,
    pub matched_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub problem: Option<String>,
    pub channel: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub attachments: Json,
    pub filed_by: Option<Uuid>,
    pub filed_at: Option<DateTimeUtc>,
    pub sorted_at: Option<DateTimeUtc>,
    pub has_html: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
