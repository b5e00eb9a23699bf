//! The `wording` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wording")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub clause: String,
    pub version: i32,
    #[sea_orm(column_type = "Text")]
    pub words: String,
    pub house_sha256: String,
    pub written_by: Uuid,
    pub written_at: DateTimeUtc,
    pub signed_by: Option<Uuid>,
    pub signed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
