//! A person says which column of a list of agencies holds what; the list is read anew by that.

use chrono::NaiveDate;

use super::choose_lines::waiting;
use super::preview_import::{lines_by, plan_anew, read_by_worker};
use super::{ActionError, App, Deed, Scope};

use crate::documents::tables::TableKind;
use crate::domain::agency::columns::{self, Mapping};
use crate::domain::agency::list::ListKind;
use crate::domain::document::Sha256;
use crate::domain::ids::ImportId;
use crate::store::{commit, imports};

/// Reads the list once more by this mapping and plans it. What was chosen for single lines stays.
///
/// # Errors
/// Refused where a needed column is not named, one serves twice, or the import is settled.
pub async fn map_columns(
    app: &App,
    by: &Scope,
    id: ImportId,
    mapping: Mapping,
    today: NaiveDate,
) -> Deed<()> {
    let import = waiting(app, by, id).await?;
    let mut reading = import.reading;
    let Some(mut named) = reading.columns.take() else {
        return Err(ActionError::refused(
            "ICE's list has its own columns: there is nothing to choose.",
        ));
    };
    columns::check(&mapping, named.headers.len()).map_err(ActionError::refused)?;
    let kind: TableKind = serde_json::from_value(serde_json::Value::String(named.file.clone()))
        .map_err(|error| ActionError::fault("reading a kept list's kind", error))?;
    let sha256: Sha256 = import
        .sha256
        .parse()
        .map_err(|error| ActionError::fault("reading a kept list's hash", error))?;
    let folder =
        tempfile::tempdir().map_err(|error| ActionError::fault("making a folder", error))?;
    let file = app
        .files
        .path_or_copy(&sha256, folder.path())
        .await
        .map_err(|error| ActionError::fault("opening a kept list", error))?;
    let tables = read_by_worker(app, &file, kind).await?;
    let table = tables
        .tables
        .iter()
        .find(|table| table.sheet == named.sheet && table.header == named.headers)
        .ok_or_else(|| {
            ActionError::refused("The list reads otherwise than before. Upload it once more.")
        })?;
    reading.lines = lines_by(table, &mapping, today)?;
    named.mapping = mapping;
    reading.columns = Some(named);
    plan_anew(app, by, ListKind::Agencies, &mut reading).await?;
    let tx = app.store.begin().await?;
    if !imports::replan(&tx, by, id, &reading).await? {
        return Err(super::confirm_import::settled());
    }
    commit(tx).await?;
    Ok(())
}
