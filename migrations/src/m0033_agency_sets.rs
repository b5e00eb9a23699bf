//! Named sets of agencies: by a rule that is read anew each time, or by hand with the reason for each member.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0033_agency_sets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("agency_set")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(string("name"))
                    .col(json_binary_null("rule"))
                    .col(uuid("created_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut points_to("agency_set", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "agency_set", &["campaign_id", "name"], true).await?;
        manager
            .create_table(
                Table::create()
                    .table("agency_set_member")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("set_id"))
                    .col(uuid("agency_id"))
                    .col(text("reason"))
                    .col(uuid("added_by"))
                    .col(timestamp_with_time_zone("added_at"))
                    .foreign_key(&mut points_to(
                        "agency_set_member",
                        "campaign_id",
                        "campaign",
                    ))
                    .foreign_key(&mut points_to("agency_set_member", "set_id", "agency_set"))
                    .foreign_key(&mut points_to("agency_set_member", "agency_id", "agency"))
                    .to_owned(),
            )
            .await?;
        index(manager, "agency_set_member", &["set_id", "agency_id"], true).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["agency_set_member", "agency_set"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
