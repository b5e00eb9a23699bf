//! Letters on paper as they were made, and the signatures that stand on them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0025_papers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("letter_paper")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("letter_id"))
                    .col(string("text_sha256"))
                    .col(string("sha256"))
                    .col(integer("pages"))
                    .col(string_null("signature_sha256"))
                    .col(uuid("made_by"))
                    .col(timestamp_with_time_zone("made_at"))
                    .foreign_key(&mut points_to("letter_paper", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("letter_paper", "letter_id", "letter"))
                    .to_owned(),
            )
            .await?;
        index(manager, "letter_paper", &["letter_id"], true).await?;
        manager
            .create_table(
                Table::create()
                    .table("signature")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(string("of_name"))
                    .col(string("sha256"))
                    .col(uuid("set_by"))
                    .col(timestamp_with_time_zone("set_at"))
                    .foreign_key(&mut points_to("signature", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "signature", &["campaign_id", "of_name"], true).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("signature").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("letter_paper").to_owned())
            .await?;
        Ok(())
    }
}
