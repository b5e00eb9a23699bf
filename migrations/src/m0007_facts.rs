//! Figures traced to a page, their second reading, and the dossiers built from them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_facts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("fact")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("agency_id"))
                    .col(uuid_null("request_id"))
                    .col(uuid("document_id"))
                    .col(integer("page"))
                    .col(string("printed_page"))
                    .col(string("metric"))
                    .col(date("period_start"))
                    .col(date("period_end"))
                    .col(string("value"))
                    .col(string("unit"))
                    .col(string("count_basis"))
                    .col(string("cost_basis"))
                    .col(text("definition"))
                    .col(text("quote"))
                    .col(boolean("quote_found"))
                    .col(string("method"))
                    .col(json_binary("flags"))
                    .col(text("note"))
                    .col(uuid("entered_by"))
                    .col(timestamp_with_time_zone("entered_at"))
                    .col(timestamp_with_time_zone_null("withdrawn_at"))
                    .col(uuid_null("withdrawn_by"))
                    .col(text_null("withdrawn_why"))
                    .foreign_key(&mut points_to("fact", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("fact", "agency_id", "agency"))
                    .foreign_key(&mut points_to("fact", "document_id", "document"))
                    .to_owned(),
            )
            .await?;
        index(manager, "fact", &["campaign_id"], false).await?;
        index(manager, "fact", &["document_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("fact_check")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("fact_id"))
                    .col(string("decision"))
                    .col(text("comment"))
                    .col(uuid("decided_by"))
                    .col(timestamp_with_time_zone("decided_at"))
                    .foreign_key(&mut points_to("fact_check", "fact_id", "fact"))
                    .to_owned(),
            )
            .await?;
        index(manager, "fact_check", &["fact_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("dossier")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(integer("edition"))
                    .col(string("title"))
                    .col(string("sha256"))
                    .col(big_integer("bytes"))
                    .col(integer("pages"))
                    .col(json_binary("packet"))
                    .col(uuid_null("built_by"))
                    .col(timestamp_with_time_zone("built_at"))
                    .foreign_key(&mut points_to("dossier", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "dossier", &["campaign_id", "edition"], true).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("dossier").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("fact_check").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("fact").to_owned())
            .await?;
        Ok(())
    }
}
