//! What agencies sent: each file by its hash, its pages' text, and counsel's decisions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_documents"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("document")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid_null("request_id"))
                    .col(uuid_null("agency_id"))
                    .col(uuid_null("message_id"))
                    .col(string("sha256"))
                    .col(string("name"))
                    .col(string("media_type"))
                    .col(big_integer("bytes"))
                    .col(integer_null("pages"))
                    .col(string_null("text_method"))
                    .col(string("state"))
                    .col(text_null("problem"))
                    .col(date("received_on"))
                    .col(uuid_null("uploaded_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut points_to("document", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("document", "request_id", "request"))
                    .foreign_key(&mut points_to("document", "agency_id", "agency"))
                    .foreign_key(&mut points_to("document", "message_id", "message"))
                    .to_owned(),
            )
            .await?;
        index(manager, "document", &["campaign_id", "state"], false).await?;
        index(manager, "document", &["request_id"], false).await?;
        index(manager, "document", &["message_id"], false).await?;
        index(manager, "document", &["sha256"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("page")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("document_id"))
                    .col(integer("number"))
                    .col(text("text"))
                    .col(text("folded"))
                    .col(boolean("readable"))
                    .col(json_binary("suggestions"))
                    .foreign_key(&mut points_to("page", "document_id", "document"))
                    .to_owned(),
            )
            .await?;
        index(manager, "page", &["document_id", "number"], true).await?;
        manager
            .create_table(
                Table::create()
                    .table("clearance")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("document_id"))
                    .col(string("sha256"))
                    .col(string("decision"))
                    .col(string("class"))
                    .col(text("comment"))
                    .col(uuid("decided_by"))
                    .col(timestamp_with_time_zone("decided_at"))
                    .foreign_key(&mut points_to("clearance", "document_id", "document"))
                    .to_owned(),
            )
            .await?;
        index(manager, "clearance", &["document_id"], false).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("clearance").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("page").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("document").to_owned())
            .await?;
        Ok(())
    }
}
