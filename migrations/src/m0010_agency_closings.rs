//! Days on which one agency is closed besides what its law says.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0010_agency_closings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("agency_closing")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("agency_id"))
                    .col(date("closed_on"))
                    .col(text("why"))
                    .col(text("evidence"))
                    .col(uuid("added_by"))
                    .col(timestamp_with_time_zone("added_at"))
                    .col(uuid_null("withdrawn_by"))
                    .col(timestamp_with_time_zone_null("withdrawn_at"))
                    .col(text_null("withdrawn_why"))
                    .foreign_key(&mut points_to("agency_closing", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("agency_closing", "agency_id", "agency"))
                    .to_owned(),
            )
            .await?;
        index(
            manager,
            "agency_closing",
            &["campaign_id", "agency_id"],
            false,
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("agency_closing").to_owned())
            .await
    }
}
