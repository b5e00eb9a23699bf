//! Corrections of the built-in law, made in the site, and what was decided on each.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0009_law_corrections"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("law_correction")
                    .col(uuid("id").primary_key())
                    .col(string("code"))
                    .col(text("text"))
                    .col(text("reason"))
                    .col(text("source_title"))
                    .col(text("source_url"))
                    .col(date("source_read_on"))
                    .col(date_null("in_force_from"))
                    .col(date_null("in_force_until"))
                    .col(uuid("proposed_by"))
                    .col(timestamp_with_time_zone("proposed_at"))
                    .foreign_key(&mut points_to("law_correction", "proposed_by", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "law_correction", &["code"], false).await?;
        // Nothing in `law_correction` ever changes: each decision is a row of its own, one for each step of the way
        // (1: approved or rejected, 2: withdrawn).
        manager
            .create_table(
                Table::create()
                    .table("law_decision")
                    .col(uuid("id").primary_key())
                    .col(uuid("correction_id"))
                    .col(integer("step"))
                    .col(string("kind"))
                    .col(text("why"))
                    .col(uuid("decided_by"))
                    .col(timestamp_with_time_zone("decided_at"))
                    .foreign_key(&mut points_to(
                        "law_decision",
                        "correction_id",
                        "law_correction",
                    ))
                    .foreign_key(&mut points_to("law_decision", "decided_by", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "law_decision", &["correction_id", "step"], true).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("law_decision").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("law_correction").to_owned())
            .await?;
        Ok(())
    }
}
