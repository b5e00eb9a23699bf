//! A list of agencies or agreements is read and laid out: what would be added, matched, skipped, and why.
//! Nothing of it is in the campaign until `confirm_import`.

use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::documents::files::FilesError;
use crate::documents::tables::{Table, TableKind, Tables};
use crate::documents::worker::WorkerError;
use crate::domain::agency::columns::{self, Mapping};
use crate::domain::agency::list::{Line, ListKind, read_agreements, read_mapped};
use crate::domain::agency::matching::plan_chosen;
use crate::domain::agency::plan::{Choices, Known, Plan};
use crate::domain::ids::ImportId;
use crate::store::imports::{self, Done, Import, ListColumns, Reading, State};
use crate::store::{agencies, agreements, commit, contacts};

pub(super) const MAY_NOT: &str = "Researchers and counsel import lists. Ask one of them.";

/// Reads a list in the worker process and keeps its plan. `today` is the campaign's. A list of agencies whose headings
/// do not say which column holds the name and the state waits for `map_columns`.
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
    let (sha256, kind, tables) = read_table(app, file).await?;
    let (state, mut reading) = match list {
        ListKind::Agreements => (State::Previewed, of_agreements(&tables)?),
        ListKind::Agencies => of_agencies(&tables, kind, today)?,
    };
    plan_anew(app, by, list, &mut reading).await?;
    if list == ListKind::Agreements {
        doubt_a_part(app, by, &mut reading).await?;
    }
    let import = Import {
        id: ImportId::new(),
        campaign: by.campaign,
        list,
        file_name: file_name.chars().take(200).collect(),
        sha256,
        state,
        reading,
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

/// Plans the lines of a reading against what the campaign holds now.
pub(super) async fn plan_anew(
    app: &App,
    by: &Scope,
    list: ListKind,
    reading: &mut Reading,
) -> Deed<()> {
    let known = known(app, by).await?;
    reading.plan = plan_chosen(list, &reading.lines, &known, &reading.choices);
    Ok(())
}

/// What the campaign holds, for the planner.
pub(super) async fn known(app: &App, by: &Scope) -> Deed<Known> {
    let db = app.store.read();
    let contacts = contacts::list(db, by)
        .await?
        .into_iter()
        .map(|contact| (contact.agency, contact.channel, contact.value))
        .collect();
    Ok(Known {
        agencies: agencies::list_known(db, by).await?,
        agreements: agreements::list_known(db, by).await?,
        contacts,
    })
}

/// A file that lacks a good part of what the last list had is more likely a part of the list than the news of a day:
/// then nothing is marked as off the list unless a person says so.
async fn doubt_a_part(app: &App, by: &Scope, reading: &mut Reading) -> Deed<()> {
    let missing = reading.plan.ends.len();
    let Some(was) = reading.plan.ends.first().map(|end| end.was) else {
        return Ok(());
    };
    let held = agreements::list_known(app.store.read(), by)
        .await?
        .into_iter()
        .filter(|kept| kept.listed && kept.status == was)
        .count();
    let cut = reading.notes.iter().any(|note| note.contains("left out"));
    if cut || (missing > 10 && missing * 4 > held) {
        reading.choices.part_only = true;
        reading.notes.push(format!(
            "{missing} of the {held} agreements that earlier lists gave are missing from this file: it may be only a part of ICE's list. So none of them is marked as off the list, unless you say that the file is whole."
        ));
        plan_anew(app, by, ListKind::Agreements, reading).await?;
    }
    Ok(())
}

/// Keeps the file by its hash and lets the worker read it.
async fn read_table(app: &App, file: &Path) -> Deed<(String, TableKind, Tables)> {
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
    let tables = read_by_worker(app, file, kind).await?;
    Ok((stored.sha256.to_string(), kind, tables))
}

pub(super) async fn read_by_worker(app: &App, file: &Path, kind: TableKind) -> Deed<Tables> {
    app.worker
        .read_table(file, kind)
        .await
        .map_err(|error| match error {
            WorkerError::Fault(_) => ActionError::fault("reading a list", error),
            error => ActionError::refused(error.to_string()),
        })
}

/// What was read of ICE's list: the first visible sheet that has its columns; else what is wrong with the first sheet.
fn of_agreements(tables: &Tables) -> Deed<Reading> {
    let mut wrong = None;
    for table in tables.tables.iter().filter(|table| !table.hidden) {
        match read_agreements(&rows_of(table)) {
            Ok(lines) => return Ok(reading(lines, notes_of(tables, table), None)),
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    Err(ActionError::refused(wrong.map_or_else(
        || NO_SHEET.to_owned(),
        |error| error.to_string(),
    )))
}

/// What was read of a list of agencies, and whether a person must first say which column holds what.
fn of_agencies(tables: &Tables, kind: TableKind, today: NaiveDate) -> Deed<(State, Reading)> {
    let shown = || tables.tables.iter().filter(|table| !table.hidden);
    let told = |table: &&Table| {
        columns::check(&columns::suggest(&table.header), table.header.len()).is_ok()
    };
    let table = shown()
        .find(told)
        .or_else(|| shown().find(|table| !table.header.is_empty()))
        .ok_or_else(|| ActionError::refused(NO_SHEET))?;
    if table.header.iter().filter(|cell| !cell.is_empty()).count() < 2 {
        return Err(ActionError::refused(
            "The list has only one column, or its columns are parted by an unusual sign. Save it with commas, semicolons or tabs between the columns, or as XLSX. Nothing was imported.",
        ));
    }
    let mut notes = notes_of(tables, table);
    for heading in columns::repeated(&table.header) {
        notes.push(format!(
            "The heading “{heading}” stands more than once: the first of them is taken, unless you choose another."
        ));
    }
    let list_columns = ListColumns {
        file: kind_word(kind)?,
        sheet: table.sheet.clone(),
        headers: table.header.clone(),
        samples: table
            .rows
            .iter()
            .filter(|row| row.iter().any(|cell| !cell.is_empty()))
            .take(3)
            .map(|row| {
                row.iter()
                    .map(|cell| cell.plain().chars().take(80).collect())
                    .collect()
            })
            .collect(),
        mapping: columns::suggest(&table.header),
    };
    if columns::check(&list_columns.mapping, table.header.len()).is_err() {
        return Ok((
            State::Columns,
            reading(Vec::new(), notes, Some(list_columns)),
        ));
    }
    let lines = lines_by(table, &list_columns.mapping, today)?;
    Ok((State::Previewed, reading(lines, notes, Some(list_columns))))
}

/// The lines of a sheet whose columns somebody named.
pub(super) fn lines_by(table: &Table, mapping: &Mapping, today: NaiveDate) -> Deed<Vec<Line>> {
    read_mapped(&rows_of(table), head_at(table), mapping, today)
        .map_err(|error| ActionError::refused(error.to_string()))
}

const NO_SHEET: &str = "The file has no sheet that can be read. Open it in a spreadsheet program and save the list anew.";

fn notes_of(tables: &Tables, table: &Table) -> Vec<String> {
    let mut notes = tables.notes.clone();
    if tables.tables.len() > 1 {
        notes.push(format!("Only the sheet “{}” was read.", table.sheet));
    }
    notes
}

fn reading(lines: Vec<Line>, notes: Vec<String>, columns: Option<ListColumns>) -> Reading {
    Reading {
        lines,
        plan: Plan {
            list: ListKind::Agencies,
            lines: Vec::new(),
            skipped: Vec::new(),
            ends: Vec::new(),
        },
        notes,
        columns,
        choices: Choices::default(),
        done: Done::default(),
    }
}

/// The worker's word for the kind of table, to be kept with the import.
fn kind_word(kind: TableKind) -> Deed<String> {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(_) | Err(_) => Err(ActionError::fault(
            "naming a kind of table",
            std::io::Error::other("it is no word"),
        )),
    }
}

/// The row of the head among [`rows_of`], from 0.
fn head_at(table: &Table) -> usize {
    usize::try_from(table.first_row)
        .unwrap_or(1)
        .saturating_sub(2)
}

/// The sheet as text, each line at its own number.
fn rows_of(table: &Table) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = vec![Vec::new(); head_at(table)];
    rows.push(table.header.clone());
    rows.extend(
        table
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.plain()).collect()),
    );
    rows
}
