//! Sundial's database, one change a file, run in order on SQLite and PostgreSQL alike.
//!
//! Rules: names are singular nouns; `_at` is an instant, `_on` a day, `sha256` lower-case hex. Every row of a campaign
//! carries `campaign_id`, so that a finder can refuse another campaign's row without a join. Money is whole cents,
//! exact figures are text. The event table is append-only: nothing in the program updates or deletes it.

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

mod m0001_accounts;
mod m0002_campaigns;
mod m0003_agencies;
mod m0004_requests;
mod m0005_post;
mod m0006_documents;
mod m0007_facts;
mod m0008_jobs;
mod m0009_law_corrections;
mod m0010_agency_closings;
mod m0025_papers;
mod m0026_wordings;
mod m0030_agency_profiles;
mod m0031_contact_checks;
mod m0032_agreements_held;
mod m0033_agency_sets;
mod m0035_batches;
mod m0040_reminders;
mod m0041_reminder_settings;
mod m0042_calendars;
mod m0050_sending_times;
mod m0051_campaign_sending;
mod m0060_matching;
mod m0061_mail_tasks;

/// All changes, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_campaigns::Migration),
            Box::new(m0003_agencies::Migration),
            Box::new(m0004_requests::Migration),
            Box::new(m0005_post::Migration),
            Box::new(m0006_documents::Migration),
            Box::new(m0007_facts::Migration),
            Box::new(m0008_jobs::Migration),
            Box::new(m0009_law_corrections::Migration),
            Box::new(m0010_agency_closings::Migration),
            Box::new(m0025_papers::Migration),
            Box::new(m0026_wordings::Migration),
            Box::new(m0030_agency_profiles::Migration),
            Box::new(m0031_contact_checks::Migration),
            Box::new(m0032_agreements_held::Migration),
            Box::new(m0033_agency_sets::Migration),
            Box::new(m0035_batches::Migration),
            Box::new(m0040_reminders::Migration),
            Box::new(m0041_reminder_settings::Migration),
            Box::new(m0042_calendars::Migration),
            Box::new(m0050_sending_times::Migration),
            Box::new(m0051_campaign_sending::Migration),
            Box::new(m0060_matching::Migration),
            Box::new(m0061_mail_tasks::Migration),
        ]
    }
}

/// A foreign key from `table.column` to `to.id`, refusing to delete what is pointed at.
fn points_to(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Restrict)
        .to_owned()
}

/// Creates an index over `columns` of `table`.
async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index
        .name(format!("{}_{}", table, columns.join("_")))
        .table(table);
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    manager.create_index(index).await
}
