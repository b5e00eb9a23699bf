//! How a campaign sends, where it differs from the installation.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::points_to;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0051_campaign_sending"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("campaign_sending")
                    .col(uuid("campaign_id").primary_key())
                    .col(integer_null("recall_minutes"))
                    .col(uuid("set_by"))
                    .col(timestamp_with_time_zone("set_at"))
                    .foreign_key(&mut points_to(
                        "campaign_sending",
                        "campaign_id",
                        "campaign",
                    ))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("campaign_sending").to_owned())
            .await
    }
}
