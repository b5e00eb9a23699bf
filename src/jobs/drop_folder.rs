//! Job "drop_folder": files of messages that other programs put into a folder are taken whole, then moved to `done`, or
//! to `failed` with the reason beside them.
//!
//! A file is moved only after its messages are safe: a crash in between takes it once more, and the same message twice is
//! one. A file that still grows is left for the next time.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use super::Outcome;
use crate::actions::receive_mail::Way;
use crate::actions::take_mail_file::take_mail_file;
use crate::actions::{ActionError, App, Deed};
use crate::store::jobs::NewJob;

/// Looked into this often.
const EVERY_SECONDS: i64 = 30;
/// A file that changed later than this may still be written.
const SETTLED: Duration = Duration::from_secs(5);
/// Files taken in one look; the next look goes on.
const AT_ONCE: usize = 200;

/// The job of this moment's look, where a folder is set up.
pub fn periodic(app: &App, now: DateTime<Utc>) -> Option<NewJob> {
    app.config.drop_folder.as_ref()?;
    Some(NewJob {
        kind: "drop_folder",
        effect_key: format!("drop_folder:{}", now.timestamp().div_euclid(EVERY_SECONDS)),
        payload: serde_json::Value::Null,
        campaign: None,
        run_at: now,
    })
}

/// Takes what lies in the folder. What cannot be taken now stays there, so this job is done either way.
pub async fn run(app: &App) -> Deed<Outcome> {
    let Some(folder) = &app.config.drop_folder else {
        return Ok(Outcome::Done);
    };
    let files = match waiting(folder, app.clock.now()) {
        Ok(files) => files,
        Err(error) => {
            tracing::warn!(%error, "the drop folder could not be read");
            return Ok(Outcome::Done);
        }
    };
    let (mut taken, mut failed) = (0_usize, 0_usize);
    for file in files {
        match take_mail_file(app, &file, Way::Folder, app.clock.now()).await {
            Ok(found) => {
                taken += found.new_ones();
                moved(&file, "done", &found.problems.join("\n"))?;
            }
            Err(ActionError::Refused(why)) => {
                failed += 1;
                moved(&file, "failed", &why)?;
            }
            // Ours: the database or the disk. The file stays where it is.
            Err(other) => return Err(other),
        }
    }
    if taken + failed > 0 {
        tracing::info!(taken, failed, "the drop folder was emptied");
    }
    Ok(Outcome::Done)
}

/// The files that have come to rest, oldest name first. Names that begin with a dot or end as unfinished ones do are
/// another program's work in hand.
fn waiting(folder: &Path, now: DateTime<Utc>) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let unfinished = name.starts_with('.')
            || [".part", ".tmp", ".crdownload", "~"]
                .iter()
                .any(|ending| name.ends_with(ending));
        let about = entry.metadata()?;
        if !about.is_file() || unfinished {
            continue;
        }
        // A clock that was set back makes a file look as if it came from the future: it is taken then.
        let at_rest = SystemTime::from(now)
            .duration_since(about.modified()?)
            .map_or(true, |age| age >= SETTLED);
        if at_rest {
            files.push(entry.path());
        }
    }
    files.sort();
    files.truncate(AT_ONCE);
    Ok(files)
}

/// Moves a file beside its kind, under a name that is free, with what is to be said of it.
fn moved(file: &Path, to: &str, says: &str) -> Deed<()> {
    let fault =
        |error: std::io::Error| ActionError::fault("moving a file of the drop folder", error);
    let folder = file.parent().unwrap_or(Path::new(".")).join(to);
    std::fs::create_dir_all(&folder).map_err(fault)?;
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut place = folder.join(&name);
    let mut number = 2_usize;
    while place.exists() {
        place = folder.join(format!("{number}-{name}"));
        number += 1;
    }
    if !says.is_empty() {
        let mut beside = place.clone().into_os_string();
        beside.push(".why.txt");
        std::fs::write(beside, says).map_err(fault)?;
    }
    std::fs::rename(file, place).map_err(fault)
}
