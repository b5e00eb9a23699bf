//! The `document` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub request_id: Option<Uuid>,
    pub agency_id: Option<Uuid>,
    pub message_id: Option<Uuid>,
    pub sha256: String,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    pub pages: Option<i32>,
    pub text_method: Option<String>,
    pub state: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub problem: Option<String>,
    pub received_on: Date,
    pub uploaded_by: Option<Uuid>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
