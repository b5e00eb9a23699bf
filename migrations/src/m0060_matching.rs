//! What mail is matched by, kept so that it is looked up and not searched: agencies' own numbers for a request, and the
//! organisation behind each e-mail contact.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0060_matching"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("tracking_number")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("request_id"))
                    .col(string("number"))
                    .col(string("folded"))
                    .col(uuid_null("message_id"))
                    .col(uuid("added_by"))
                    .col(timestamp_with_time_zone("added_at"))
                    .foreign_key(&mut points_to("tracking_number", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("tracking_number", "request_id", "request"))
                    .to_owned(),
            )
            .await?;
        index(manager, "tracking_number", &["request_id", "folded"], true).await?;
        index(manager, "tracking_number", &["folded"], false).await?;
        // No foreign key: an import that is undone takes its contacts away, and a row that points nowhere matches nothing.
        manager
            .create_table(
                Table::create()
                    .table("contact_sender")
                    .col(uuid("contact_id").primary_key())
                    .col(string("address"))
                    .col(string("organisation"))
                    .to_owned(),
            )
            .await?;
        index(manager, "contact_sender", &["address"], false).await?;
        index(manager, "contact_sender", &["organisation"], false).await?;
        index(manager, "request", &["number"], false).await?;
        index(manager, "agency", &["jurisdiction"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["agency_jurisdiction", "request_number"] {
            manager
                .drop_index(Index::drop().name(name).to_owned())
                .await?;
        }
        for name in ["contact_sender", "tracking_number"] {
            manager
                .drop_table(Table::drop().table(name).to_owned())
                .await?;
        }
        Ok(())
    }
}
