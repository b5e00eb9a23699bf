//! What a campaign reminds of, and what each person wants to hear.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::points_to;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0041_reminder_settings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("reminder_rules")
                    .col(uuid("campaign_id").primary_key())
                    .col(json_binary("rules"))
                    .col(uuid_null("backup_id"))
                    .col(uuid("changed_by"))
                    .col(timestamp_with_time_zone("changed_at"))
                    .foreign_key(&mut points_to("reminder_rules", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("reminder_rules", "backup_id", "account"))
                    .foreign_key(&mut points_to("reminder_rules", "changed_by", "account"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("reminder_choices")
                    .col(uuid("account_id").primary_key())
                    .col(json_binary("choices"))
                    .col(timestamp_with_time_zone("changed_at"))
                    .foreign_key(&mut points_to("reminder_choices", "account_id", "account"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["reminder_choices", "reminder_rules"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
