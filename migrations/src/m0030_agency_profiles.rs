//! What more is known of an agency: its relations, its other names, which duplicate it took in; the log by agency.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::{index, points_to};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0030_agency_profiles"
    }
}

/// Kinds that a name tells and that older rows keep under the wider word: the new kind, the old one, part of the name.
const FINER: [(&str, &str, &str); 4] = [
    ("sheriff", "county", "%sheriff%"),
    ("county_jail", "county", "%county jail%"),
    ("county_jail", "county", "%detention center%"),
    ("police", "municipality", "%police%"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let agency = || Table::alter().table("agency").to_owned();
        manager
            .alter_table(agency().add_column(uuid_null("merged_into")).to_owned())
            .await?;
        let event = || Table::alter().table("event").to_owned();
        manager
            .alter_table(event().add_column(uuid_null("agency_id")).to_owned())
            .await?;
        index(manager, "event", &["agency_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("agency_profile")
                    .col(uuid("agency_id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid_null("parent_id"))
                    .col(uuid_null("jail_run_by_id"))
                    .col(uuid_null("records_kept_by_id"))
                    .col(uuid_null("ice_signed_by_id"))
                    .col(string("jail_system"))
                    .col(text("fiscal_source"))
                    .col(string_null("fiscal_confidence"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .foreign_key(&mut points_to("agency_profile", "agency_id", "agency"))
                    .foreign_key(&mut points_to("agency_profile", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("agency_profile", "parent_id", "agency"))
                    .foreign_key(&mut points_to("agency_profile", "jail_run_by_id", "agency"))
                    .foreign_key(&mut points_to(
                        "agency_profile",
                        "records_kept_by_id",
                        "agency",
                    ))
                    .foreign_key(&mut points_to(
                        "agency_profile",
                        "ice_signed_by_id",
                        "agency",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("agency_alias")
                    .col(uuid("id").primary_key())
                    .col(uuid("campaign_id"))
                    .col(uuid("agency_id"))
                    .col(string("name"))
                    .col(string("name_key"))
                    .foreign_key(&mut points_to("agency_alias", "campaign_id", "campaign"))
                    .foreign_key(&mut points_to("agency_alias", "agency_id", "agency"))
                    .to_owned(),
            )
            .await?;
        index(manager, "agency_alias", &["agency_id", "name_key"], true).await?;
        index(manager, "agency_alias", &["campaign_id"], false).await?;
        manager
            .create_table(
                Table::create()
                    .table("agency_setting")
                    .col(uuid("campaign_id").primary_key())
                    .col(integer("stale_months"))
                    .foreign_key(&mut points_to("agency_setting", "campaign_id", "campaign"))
                    .to_owned(),
            )
            .await?;
        for (finer, wider, like) in FINER {
            let update = Query::update()
                .table("agency")
                .value("kind", finer)
                .and_where(Expr::col("kind").eq(wider))
                .and_where(Expr::expr(Func::lower(Expr::col("name"))).like(like))
                .to_owned();
            manager.execute(update).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["agency_setting", "agency_alias", "agency_profile"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        for (finer, wider, _) in FINER {
            let update = Query::update()
                .table("agency")
                .value("kind", wider)
                .and_where(Expr::col("kind").eq(finer))
                .to_owned();
            manager.execute(update).await?;
        }
        manager
            .drop_index(
                Index::drop()
                    .name("event_agency_id")
                    .table("event")
                    .to_owned(),
            )
            .await?;
        for (table, column) in [("event", "agency_id"), ("agency", "merged_into")] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
