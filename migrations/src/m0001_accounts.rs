//! People who may sign in, their sessions, one-time links, forms already taken, and forms kept over an expired session.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("account")
                    .col(uuid("id").primary_key())
                    .col(string("email"))
                    .col(string("name"))
                    .col(string_null("password_hash"))
                    .col(boolean("is_admin"))
                    .col(string("language"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("disabled_at"))
                    .to_owned(),
            )
            .await?;
        index(manager, "account", &["email"], true).await?;
        manager
            .create_table(
                Table::create()
                    .table("session")
                    .col(uuid("id").primary_key())
                    .col(string("token_hash"))
                    .col(uuid("account_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("seen_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .foreign_key(&mut points_to("session", "account_id", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "session", &["token_hash"], true).await?;
        index(manager, "session", &["account_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("form_use")
                    .col(string("nonce").primary_key())
                    .col(uuid_null("account_id"))
                    .col(timestamp_with_time_zone("used_at"))
                    .col(string_null("location"))
                    .to_owned(),
            )
            .await?;
        index(manager, "form_use", &["used_at"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("parked_form")
                    .col(uuid("id").primary_key())
                    .col(uuid("account_id"))
                    .col(string("path"))
                    .col(text("body"))
                    .col(timestamp_with_time_zone("parked_at"))
                    .foreign_key(&mut points_to("parked_form", "account_id", "account"))
                    .to_owned(),
            )
            .await?;
        index(manager, "parked_form", &["account_id"], false).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("parked_form").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("form_use").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("session").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("account").to_owned())
            .await?;
        Ok(())
    }
}
