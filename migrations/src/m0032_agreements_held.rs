//! Agreements with their days, document and source, also those that no list gives; policies with their stance.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0032_agreements_held"
    }
}

const DAYS: [&str; 3] = ["effective_on", "ended_on", "read_on"];
const IDS: [&str; 2] = ["document_id", "added_by"];
const TEXTS: [&str; 3] = ["title", "url", "note"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = || Table::alter().table("agreement").to_owned();
        for day in DAYS {
            manager
                .alter_table(alter().add_column(date_null(day)).to_owned())
                .await?;
        }
        for id in IDS {
            manager
                .alter_table(alter().add_column(uuid_null(id)).to_owned())
                .await?;
        }
        for column in TEXTS {
            manager
                .alter_table(alter().add_column(text(column).default("")).to_owned())
                .await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("policy")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("agency_id"))
                    .col(text("title"))
                    .col(string("number"))
                    .col(string("stance"))
                    .col(text("quote"))
                    .col(date_null("effective_on"))
                    .col(date_null("ended_on"))
                    .col(text("source"))
                    .col(text("url"))
                    .col(date("read_on"))
                    .col(uuid_null("document_id"))
                    .col(uuid("added_by"))
                    .col(timestamp_with_time_zone("added_at"))
                    .foreign_key(&mut points_to("policy", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("policy", "agency_id", "agency"))
                    .foreign_key(&mut points_to("policy", "document_id", "document"))
                    .to_owned(),
            )
            .await?;
        index(manager, "policy", &["agency_id"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("policy").to_owned())
            .await?;
        for column in DAYS.iter().chain(&IDS).chain(&TEXTS) {
            manager
                .alter_table(
                    Table::alter()
                        .table("agreement")
                        .drop_column(*column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }
}
