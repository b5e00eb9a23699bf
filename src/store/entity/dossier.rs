//! The `dossier` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dossier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub edition: i32,
    pub title: String,
    pub sha256: String,
    pub bytes: i64,
    pub pages: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub packet: Json,
    pub built_by: Option<Uuid>,
    pub built_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
