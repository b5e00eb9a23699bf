//! The durable job table and the marks that the scheduler leaves.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::index;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_jobs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("job")
                    .col(uuid("id").primary_key())
                    .col(string("kind"))
                    .col(string("effect_key"))
                    .col(json_binary("payload"))
                    .col(uuid_null("campaign_id"))
                    .col(timestamp_with_time_zone("run_at"))
                    .col(integer("attempts"))
                    .col(string_null("lease_owner"))
                    .col(timestamp_with_time_zone_null("lease_until"))
                    .col(timestamp_with_time_zone_null("done_at"))
                    .col(timestamp_with_time_zone_null("failed_at"))
                    .col(text_null("last_error"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        index(manager, "job", &["effect_key"], true).await?;
        index(manager, "job", &["done_at", "run_at"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("tick")
                    .col(string("name").primary_key())
                    .col(timestamp_with_time_zone("at"))
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("tick").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("job").to_owned())
            .await?;
        Ok(())
    }
}
