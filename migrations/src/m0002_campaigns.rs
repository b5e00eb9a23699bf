//! Campaigns, who belongs to them, invitations, and the append-only log of what happened.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_campaigns"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("campaign")
                    .col(uuid("id").primary_key())
                    .col(string("slug"))
                    .col(string("name"))
                    .col(text("goal"))
                    .col(text("ask"))
                    .col(string("addressed_to"))
                    .col(string("organisation"))
                    .col(string("contact_name"))
                    .col(text("postal_address"))
                    .col(string("phone"))
                    .col(string("time_zone"))
                    .col(uuid("created_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut points_to("campaign", "created_by", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "campaign", &["slug"], true).await?;
        manager
            .create_table(
                Table::create()
                    .table("campaign_jurisdiction")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(string("code"))
                    .foreign_key(&mut points_to(
                        "campaign_jurisdiction",
                        "campaign_id",
                        "campaign",
                    ))
                    .to_owned(),
            )
            .await?;
        index(
            manager,
            "campaign_jurisdiction",
            &["campaign_id", "code"],
            true,
        )
        .await?;
        manager
            .create_table(
                Table::create()
                    .table("membership")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("account_id"))
                    .col(string("role"))
                    .col(uuid_null("added_by"))
                    .col(timestamp_with_time_zone("added_at"))
                    .col(timestamp_with_time_zone_null("removed_at"))
                    .foreign_key(&mut points_to("membership", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("membership", "account_id", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "membership", &["campaign_id", "account_id"], true).await?;
        index(manager, "membership", &["account_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("invitation")
                    .col(uuid("id").primary_key())
                    .col(string("token_hash"))
                    .col(string_null("email"))
                    .col(uuid_null("campaign_id"))
                    .col(string_null("role"))
                    .col(boolean("makes_admin"))
                    .col(uuid_null("invited_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("used_at"))
                    .foreign_key(&mut points_to("invitation", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "invitation", &["token_hash"], true).await?;
        index(manager, "invitation", &["campaign_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("event")
                    .col(big_pk_auto("id"))
                    .col(uuid_null("campaign_id"))
                    .col(uuid_null("request_id"))
                    .col(uuid_null("account_id"))
                    .col(timestamp_with_time_zone("at"))
                    .col(string("kind"))
                    .col(json_binary("body"))
                    .foreign_key(&mut points_to("event", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "event", &["campaign_id", "at"], false).await?;
        index(manager, "event", &["request_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("access")
                    .col(big_pk_auto("id"))
                    .col(uuid_null("campaign_id"))
                    .col(uuid("account_id"))
                    .col(timestamp_with_time_zone("at"))
                    .col(string("what"))
                    .col(string("subject"))
                    .to_owned(),
            )
            .await?;
        index(manager, "access", &["campaign_id", "at"], false).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("access").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("event").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("invitation").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("membership").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("campaign_jurisdiction").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("campaign").to_owned())
            .await?;
        Ok(())
    }
}
