//! Limits as calendars show them, and the secret links by which calendars ask.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0042_calendars"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("calendar_entry")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("request_id"))
                    .col(string("duty"))
                    .col(boolean("ours"))
                    .col(date("due_on"))
                    .col(string("heading"))
                    .col(text("says"))
                    .col(text("citation"))
                    .col(string("confidence"))
                    .col(string("agency"))
                    .col(string("reference"))
                    .col(uuid("owner_id"))
                    .col(uuid_null("backup_id"))
                    .col(integer("sequence"))
                    .col(timestamp_with_time_zone("changed_at"))
                    .col(timestamp_with_time_zone_null("cancelled_at"))
                    .foreign_key(&mut points_to("calendar_entry", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("calendar_entry", "request_id", "request"))
                    .to_owned(),
            )
            .await?;
        index(manager, "calendar_entry", &["request_id", "duty"], true).await?;
        index(manager, "calendar_entry", &["campaign_id", "due_on"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("calendar_feed")
                    .col(uuid("id").primary_key())
                    .col(uuid("account_id"))
                    .col(uuid_null("campaign_id"))
                    .col(string("token_hash"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("read_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .foreign_key(&mut points_to("calendar_feed", "account_id", "account"))
                    .foreign_key(&mut points_to("calendar_feed", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "calendar_feed", &["token_hash"], true).await?;
        index(manager, "calendar_feed", &["account_id"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["calendar_feed", "calendar_entry"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
