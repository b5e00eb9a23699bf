//! Requests, their numbered items, every version of every letter, and counsel's decisions on the exact text.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_requests"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("request")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(integer("number"))
                    .col(uuid("agency_id"))
                    .col(uuid_null("contact_id"))
                    .col(string("jurisdiction"))
                    .col(string("law_version"))
                    .col(string("title"))
                    .col(date("period_start"))
                    .col(date("period_end"))
                    .col(string("format"))
                    .col(big_integer("fee_ceiling_cents"))
                    .col(string("reply_token"))
                    .col(uuid("owner_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut points_to("request", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("request", "agency_id", "agency"))
                    .foreign_key(&mut points_to("request", "contact_id", "contact"))
                    .foreign_key(&mut points_to("request", "owner_id", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "request", &["campaign_id", "number"], true).await?;
        index(manager, "request", &["reply_token"], true).await?;
        index(manager, "request", &["agency_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("request_item")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("request_id"))
                    .col(integer("position"))
                    .col(string("record_key"))
                    .col(text("text"))
                    .foreign_key(&mut points_to("request_item", "request_id", "request"))
                    .to_owned(),
            )
            .await?;
        index(manager, "request_item", &["request_id", "position"], true).await?;
        manager
            .create_table(
                Table::create()
                    .table("letter")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("request_id"))
                    .col(string("kind"))
                    .col(integer("version"))
                    .col(string("subject"))
                    .col(text("body"))
                    .col(json_binary("clauses"))
                    .col(string("sha256"))
                    .col(string("template_version"))
                    .col(uuid("written_by"))
                    .col(timestamp_with_time_zone("written_at"))
                    .col(timestamp_with_time_zone_null("submitted_at"))
                    .col(uuid_null("submitted_by"))
                    .foreign_key(&mut points_to("letter", "request_id", "request"))
                    .to_owned(),
            )
            .await?;
        index(manager, "letter", &["request_id", "kind", "version"], true).await?;
        manager
            .create_table(
                Table::create()
                    .table("approval")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("letter_id"))
                    .col(string("sha256"))
                    .col(string("decision"))
                    .col(text("comment"))
                    .col(uuid("decided_by"))
                    .col(timestamp_with_time_zone("decided_at"))
                    .foreign_key(&mut points_to("approval", "letter_id", "letter"))
                    .to_owned(),
            )
            .await?;
        index(manager, "approval", &["letter_id"], false).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("approval").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("letter").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("request_item").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("request").to_owned())
            .await?;
        Ok(())
    }
}
