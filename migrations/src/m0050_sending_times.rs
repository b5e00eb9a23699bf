//! When a letter may leave, and how often a person changed that.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::index;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0050_sending_times"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            timestamp_with_time_zone_null("leave_at"),
            integer("round").default(0).to_owned(),
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table("delivery")
                        .add_column(column)
                        .to_owned(),
                )
                .await?;
        }
        index(manager, "delivery", &["attempted_at"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("delivery_attempted_at")
                    .table("delivery")
                    .to_owned(),
            )
            .await?;
        for column in ["round", "leave_at"] {
            manager
                .alter_table(
                    Table::alter()
                        .table("delivery")
                        .drop_column(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }
}
