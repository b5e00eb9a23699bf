//! Agencies as one campaign knows them, how to reach them, what they signed, and imports awaiting confirmation.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_agencies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("import")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(string("kind"))
                    .col(string("file_name"))
                    .col(string("sha256"))
                    .col(string("state"))
                    .col(json_binary("plan"))
                    .col(json_binary_null("summary"))
                    .col(uuid("created_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("settled_at"))
                    .foreign_key(&mut points_to("import", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        index(manager, "import", &["campaign_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("agency")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(string("name"))
                    .col(string("name_key"))
                    .col(string("kind"))
                    .col(string("jurisdiction"))
                    .col(string_null("county"))
                    .col(string("time_zone"))
                    .col(string_null("fiscal_year_start"))
                    .col(text("source"))
                    .col(uuid_null("import_id"))
                    .col(uuid_null("created_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut points_to("agency", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("agency", "import_id", "import"))
                    .to_owned(),
            )
            .await?;
        index(
            manager,
            "agency",
            &["campaign_id", "jurisdiction", "name_key"],
            false,
        )
        .await?;
        manager
            .create_table(
                Table::create()
                    .table("contact")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("agency_id"))
                    .col(string("purpose"))
                    .col(string("channel"))
                    .col(string("name"))
                    .col(text("value"))
                    .col(text("known_how"))
                    .col(date("checked_on"))
                    .col(timestamp_with_time_zone_null("bad_since_at"))
                    .col(uuid("added_by"))
                    .col(timestamp_with_time_zone("added_at"))
                    .foreign_key(&mut points_to("contact", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("contact", "agency_id", "agency"))
                    .to_owned(),
            )
            .await?;
        index(manager, "contact", &["agency_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("agreement")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("agency_id"))
                    .col(string("kind"))
                    .col(string("model"))
                    .col(date_null("signed_on"))
                    .col(string("paper"))
                    .col(string("addendum"))
                    .col(string("status"))
                    .col(text("source"))
                    .col(uuid_null("import_id"))
                    .col(timestamp_with_time_zone("added_at"))
                    .foreign_key(&mut points_to("agreement", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("agreement", "agency_id", "agency"))
                    .foreign_key(&mut points_to("agreement", "import_id", "import"))
                    .to_owned(),
            )
            .await?;
        index(manager, "agreement", &["agency_id"], false).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("agreement").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("contact").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("agency").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("import").to_owned())
            .await?;
        Ok(())
    }
}
