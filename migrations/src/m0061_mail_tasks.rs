//! What a message asks somebody to do (fetch records from a portal before a link expires, open a locked archive), and
//! whether it can be shown as its sender laid it out.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0061_mail_tasks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("message")
                    .add_column(boolean("has_html").default(false))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("mail_task")
                    .col(uuid("id").primary_key())
                    .col(uuid("message_id"))
                    .col(string("kind"))
                    .col(text("what"))
                    .col(text("address"))
                    .col(date_null("due_on"))
                    .col(timestamp_with_time_zone("added_at"))
                    .col(timestamp_with_time_zone_null("done_at"))
                    .col(uuid_null("done_by"))
                    .foreign_key(&mut points_to("mail_task", "message_id", "message"))
                    .to_owned(),
            )
            .await?;
        index(manager, "mail_task", &["message_id"], false).await?;
        index(manager, "mail_task", &["done_at"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("mail_task").to_owned())
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("message")
                    .drop_column("has_html")
                    .to_owned(),
            )
            .await
    }
}
