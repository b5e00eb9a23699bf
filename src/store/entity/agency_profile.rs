//! The `agency_profile` table.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agency_profile")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    pub campaign_id: Uuid,
    pub parent_id: Option<Uuid>,
    pub jail_run_by_id: Option<Uuid>,
    pub records_kept_by_id: Option<Uuid>,
    pub ice_signed_by_id: Option<Uuid>,
    pub jail_system: String,
    #[sea_orm(column_type = "Text")]
    pub fiscal_source: String,
    pub fiscal_confidence: Option<String>,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
