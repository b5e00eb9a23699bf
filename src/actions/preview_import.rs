//! A list of agencies or agreements is read and laid out: what would be added, matched, skipped, and why.
//! Nothing of it is in the campaign until `confirm_import`.

use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::documents::files::FilesError;
use crate::documents::tables::{Table, Tables};
use crate::documents::worker::WorkerError;
use crate::domain::agency::list::{Line, ListKind, read_agencies, read_agreements};
use crate::domain::agency::matching::plan;
use crate::domain::agency::plan::Known;
use crate::domain::ids::ImportId;
use crate::store::imports::{self, Import, Reading, State};
use crate::store::{agencies, agreements, commit, contacts};

pub(super) const MAY_NOT: &str = "Researchers and counsel import lists. Ask one of them.";

/// Reads a list in the worker process and keeps its plan. `today` is the campaign's.
///
/// # Errors
/// Refused where the file is no table, a column is missing, or there is no line: a sentence says which.
pub async fn preview_import(
    app: &App,
    by: &Scope,
    list: ListKind,
    file_name: &str,
    file: &Path,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<ImportId> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    let (sha256, tables) = read_table(app, file).await?;
    let (lines, notes) = lines_of(list, &tables, today)?;
    let known = known(app, by).await?;
    let plan = plan(list, &lines, &known);
    let import = Import {
        id: ImportId::new(),
        campaign: by.campaign,
        list,
        file_name: file_name.chars().take(200).collect(),
        sha256,
        state: State::Previewed,
        reading: Reading { lines, plan, notes },
        summary: None,
        created_by: by.user,
        created_at: now,
        settled_at: None,
    };
    let tx = app.store.begin().await?;
    imports::add(&tx, &import).await?;
    commit(tx).await?;
    Ok(import.id)
}

/// What the campaign holds, for the planner.
pub(super) async fn known(app: &App, by: &Scope) -> Deed<Known> {
    let db = app.store.read();
    let emails = contacts::list(db, by)
        .await?
        .into_iter()
        .filter(|contact| contact.channel == crate::domain::agency::contact::Channel::Email)
        .map(|contact| (contact.agency, contact.value))
        .collect();
    Ok(Known {
        agencies: agencies::list_known(db, by).await?,
        agreements: agreements::list_known(db, by).await?,
        emails,
    })
}

/// Keeps the file by its hash and lets the worker read it.
async fn read_table(app: &App, file: &Path) -> Deed<(String, Tables)> {
    let opened = tokio::fs::File::open(file)
        .await
        .map_err(|error| ActionError::fault("opening a list", error))?;
    let stored = app
        .files
        .put_stream(opened, app.config.limits.upload_bytes)
        .await
        .map_err(|error| match error {
            FilesError::TooLarge { .. } | FilesError::Interrupted(_) => {
                ActionError::refused(error.to_string())
            }
            error => ActionError::fault("keeping a list", error),
        })?;
    if stored.bytes == 0 {
        return Err(ActionError::refused(
            "The file is empty. Choose it again, or download the list anew.",
        ));
    }
    let Some(kind) = stored.media.table_kind() else {
        return Err(ActionError::refused(format!(
            "This is not a table but a {}. Give the list as XLSX or CSV: in a spreadsheet program, “Save as”.",
            stored.media.plain()
        )));
    };
    let tables = app
        .worker
        .read_table(file, kind)
        .await
        .map_err(|error| match error {
            WorkerError::Fault(_) => ActionError::fault("reading a list", error),
            error => ActionError::refused(error.to_string()),
        })?;
    Ok((stored.sha256.to_string(), tables))
}

/// The lines of the first visible sheet that has the columns; else what is wrong with the first sheet.
fn lines_of(list: ListKind, tables: &Tables, today: NaiveDate) -> Deed<(Vec<Line>, Vec<String>)> {
    let read = |table: &Table| {
        let rows = rows_of(table);
        match list {
            ListKind::Agencies => read_agencies(&rows, today),
            ListKind::Agreements => read_agreements(&rows),
        }
    };
    let mut wrong = None;
    for table in tables.tables.iter().filter(|table| !table.hidden) {
        match read(table) {
            Ok(lines) => {
                let mut notes = tables.notes.clone();
                if tables.tables.len() > 1 {
                    notes.push(format!("Only the sheet “{}” was read.", table.sheet));
                }
                return Ok((lines, notes));
            }
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    Err(ActionError::refused(wrong.map_or_else(
        || "The file has no sheet that can be read. Open it in a spreadsheet program and save the list anew.".to_owned(),
        |error| error.to_string(),
    )))
}

/// The sheet as text, each line at its own number.
fn rows_of(table: &Table) -> Vec<Vec<String>> {
    let head_at = usize::try_from(table.first_row)
        .unwrap_or(1)
        .saturating_sub(2);
    let mut rows: Vec<Vec<String>> = vec![Vec::new(); head_at];
    rows.push(table.header.clone());
    rows.extend(
        table
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.plain()).collect()),
    );
    rows
}
