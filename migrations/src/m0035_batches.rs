//! Batches, and the agencies that each is for.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0035_batches"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("batch")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(integer("number"))
                    .col(string("title"))
                    .col(text("words"))
                    .col(json_binary("records"))
                    .col(date("period_start"))
                    .col(date("period_end"))
                    .col(integer_null("fiscal_years"))
                    .col(string("format"))
                    .col(big_integer("fee_ceiling_cents"))
                    .col(date("send_on"))
                    .col(json_binary("signers"))
                    .col(json_binary("pace"))
                    .col(integer("draft_round"))
                    .col(integer("send_round"))
                    .col(string("sending"))
                    .col(uuid_null("started_by"))
                    .col(uuid("created_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut points_to("batch", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "batch", &["campaign_id", "number"], true).await?;
        manager
            .create_table(
                Table::create()
                    .table("batch_member")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("batch_id"))
                    .col(uuid("agency_id"))
                    .col(integer("position"))
                    .col(text("facilities"))
                    .col(string("fiscal_year_start"))
                    .col(date_null("agreement_on"))
                    .col(json_binary("accepted"))
                    .col(uuid_null("request_id"))
                    .col(text("problem"))
                    .col(timestamp_with_time_zone_null("send_at"))
                    .col(timestamp_with_time_zone_null("queued_at"))
                    .foreign_key(&mut points_to("batch_member", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("batch_member", "batch_id", "batch"))
                    .foreign_key(&mut points_to("batch_member", "agency_id", "agency"))
                    .foreign_key(&mut points_to("batch_member", "request_id", "request"))
                    .to_owned(),
            )
            .await?;
        // Each agency once in a batch, each request in one batch at most.
        index(manager, "batch_member", &["batch_id", "agency_id"], true).await?;
        index(manager, "batch_member", &["request_id"], true).await?;
        index(manager, "batch_member", &["agency_id"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("batch_member").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("batch").to_owned())
            .await
    }
}
