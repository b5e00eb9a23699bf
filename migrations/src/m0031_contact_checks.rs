//! Contacts are checked again, corrected and retired, each check kept; which import brought a contact.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0031_contact_checks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            timestamp_with_time_zone_null("retired_at"),
            uuid_null("import_id"),
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table("contact")
                        .add_column(column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .alter_table(
                Table::alter()
                    .table("contact")
                    .add_column(text("retired_why").default(""))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("contact_check")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("contact_id"))
                    .col(text("known_how"))
                    .col(date("checked_on"))
                    .col(uuid("checked_by"))
                    .col(timestamp_with_time_zone("at"))
                    .foreign_key(&mut points_to("contact_check", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("contact_check", "contact_id", "contact"))
                    .to_owned(),
            )
            .await?;
        index(manager, "contact_check", &["contact_id"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("contact_check").to_owned())
            .await?;
        for column in ["retired_why", "import_id", "retired_at"] {
            manager
                .alter_table(
                    Table::alter()
                        .table("contact")
                        .drop_column(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }
}
