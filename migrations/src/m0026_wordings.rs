//! A campaign's own words for the clauses of its letters, version by version, with counsel's sign-off.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0026_wordings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("wording")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(string("clause"))
                    .col(integer("version"))
                    .col(text("words"))
                    .col(string("house_sha256"))
                    .col(uuid("written_by"))
                    .col(timestamp_with_time_zone("written_at"))
                    .col(uuid_null("signed_by"))
                    .col(timestamp_with_time_zone_null("signed_at"))
                    .foreign_key(&mut points_to("wording", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(
            manager,
            "wording",
            &["campaign_id", "clause", "version"],
            true,
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("wording").to_owned())
            .await?;
        Ok(())
    }
}
