//! What was told to whom, each request's next day, and what each person's morning brought.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0040_reminders"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("reminder")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid_null("request_id"))
                    .col(uuid("reader_id"))
                    .col(string("topic"))
                    .col(string("subject"))
                    .col(string("matter"))
                    .col(string("step"))
                    .col(date("for_on"))
                    .col(date_null("due_on"))
                    .col(timestamp_with_time_zone("planned_at"))
                    .col(timestamp_with_time_zone_null("sent_at"))
                    .col(timestamp_with_time_zone_null("seen_at"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .col(string("ended_how"))
                    .col(uuid_null("ended_by"))
                    .foreign_key(&mut points_to("reminder", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("reminder", "request_id", "request"))
                    .foreign_key(&mut points_to("reminder", "reader_id", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "reminder", &["reader_id", "subject", "step"], true).await?;
        index(
            manager,
            "reminder",
            &["reader_id", "ended_at", "for_on"],
            false,
        )
        .await?;
        index(manager, "reminder", &["request_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("watch")
                    .col(uuid("request_id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("agency_id"))
                    .col(uuid("owner_id"))
                    .col(uuid_null("backup_id"))
                    .col(string("basis"))
                    .col(big_integer("seen_event"))
                    .col(date("looked_on"))
                    .col(date_null("next_on"))
                    .col(json_binary("tasks"))
                    .col(integer("task_count"))
                    .foreign_key(&mut points_to("watch", "request_id", "request"))
                    .foreign_key(&mut points_to("watch", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "watch", &["campaign_id", "next_on"], false).await?;
        index(manager, "watch", &["agency_id", "basis"], false).await?;
        index(manager, "watch", &["campaign_id", "task_count"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("watch_cursor")
                    .col(uuid("campaign_id").primary_key())
                    .col(big_integer("event_id"))
                    .foreign_key(&mut points_to("watch_cursor", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        // A sweep asks for a campaign's lines after the last one that it saw.
        index(manager, "event", &["campaign_id", "id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("morning_mail")
                    .col(uuid("id").primary_key())
                    .col(uuid("account_id"))
                    .col(date("on_day"))
                    .col(timestamp_with_time_zone("attempted_at"))
                    .col(timestamp_with_time_zone_null("settled_at"))
                    .col(string("outcome"))
                    .foreign_key(&mut points_to("morning_mail", "account_id", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "morning_mail", &["account_id", "on_day"], true).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("event_campaign_id_id")
                    .table("event")
                    .to_owned(),
            )
            .await?;
        for table in ["morning_mail", "watch_cursor", "watch", "reminder"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
