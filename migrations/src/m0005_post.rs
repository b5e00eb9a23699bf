//! Letters going out and messages coming in.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_post"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("delivery")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("request_id"))
                    .col(uuid("letter_id"))
                    .col(string("channel"))
                    .col(string("recipient"))
                    .col(string("reply_address"))
                    .col(string("message_id"))
                    .col(string("raw_sha256"))
                    .col(string("state"))
                    .col(integer("attempts"))
                    .col(uuid("queued_by"))
                    .col(timestamp_with_time_zone("queued_at"))
                    .col(timestamp_with_time_zone_null("attempted_at"))
                    .col(timestamp_with_time_zone_null("settled_at"))
                    .col(string_null("evidence"))
                    .col(text_null("server_reply"))
                    .foreign_key(&mut points_to("delivery", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("delivery", "request_id", "request"))
                    .foreign_key(&mut points_to("delivery", "letter_id", "letter"))
                    .to_owned(),
            )
            .await?;
        index(manager, "delivery", &["letter_id"], true).await?;
        index(manager, "delivery", &["message_id"], true).await?;
        index(manager, "delivery", &["state"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("message")
                    .col(uuid("id").primary_key())
                    .col(uuid_null("campaign_id"))
                    .col(uuid_null("request_id"))
                    .col(string("raw_sha256"))
                    .col(string("message_id"))
                    .col(string("sender"))
                    .col(text("recipients"))
                    .col(text("subject"))
                    .col(timestamp_with_time_zone_null("sent_at"))
                    .col(timestamp_with_time_zone("received_at"))
                    .col(text("body"))
                    .col(boolean("auto_reply"))
                    .col(json_binary_null("bounce"))
                    .col(string("state"))
                    .col(string_null("matched_by"))
                    .col(text_null("problem"))
                    .col(string("channel"))
                    .col(json_binary("attachments"))
                    .col(uuid_null("filed_by"))
                    .col(timestamp_with_time_zone_null("filed_at"))
                    .col(timestamp_with_time_zone_null("sorted_at"))
                    .foreign_key(&mut points_to("message", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("message", "request_id", "request"))
                    .to_owned(),
            )
            .await?;
        index(manager, "message", &["raw_sha256"], true).await?;
        index(manager, "message", &["campaign_id", "state"], false).await?;
        index(manager, "message", &["request_id"], false).await?;
        index(manager, "message", &["message_id"], false).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("message").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("delivery").to_owned())
            .await?;
        Ok(())
    }
}
