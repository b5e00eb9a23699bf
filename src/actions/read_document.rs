//! The worker looks into a document: pages counted, text read, suggestions for counsel.
//!
//! A file that cannot be read is a state with a sentence, never a lost file. Faults of ours leave the document waiting,
//! and the job tries again.

use chrono::{DateTime, Utc};

use super::take_document::reading_of;
use super::{ActionError, App, Deed, Scope};
use crate::documents::detection::suggest;
use crate::documents::folding::fold;
use crate::documents::media::MediaType;
use crate::documents::pdf::reading::judge;
use crate::documents::pdf::text::DocumentText;
use crate::documents::tables::Tables;
use crate::documents::worker::WorkerError;
use crate::domain::document::TextMethod;
use crate::domain::ids::DocumentId;
use crate::domain::review::Sight;
use crate::store::documents::{self, Found, OnFile, Progress};
use crate::store::pages::{self, Page};
use crate::store::{commit, jobs};

/// What looking into a document gave.
struct Looked {
    pages: Option<u32>,
    method: Option<TextMethod>,
    problem: Option<String>,
    /// Number, text, whether it can be relied on.
    texts: Vec<(u32, String, bool)>,
}

/// Looks into a document that waits for it. Does nothing for one that was looked into already.
///
/// # Errors
/// Faults of ours only: what is wrong with the file is written into its row.
pub async fn read_document(app: &App, id: DocumentId) -> Deed<()> {
    let waiting = documents::find_for_work(app.store.read(), id)
        .await?
        .filter(|each| each.progress == Progress::Waiting);
    let Some(on_file) = waiting else {
        return Ok(());
    };
    let (found, texts) = match look(app, &on_file).await {
        Ok(looked) => (
            Found {
                progress: Progress::Read,
                pages: looked.pages,
                method: looked.method,
                problem: looked.problem,
            },
            looked.texts,
        ),
        Err(WorkerError::Fault(why)) => {
            return Err(ActionError::fault(
                "reading a document",
                std::io::Error::other(why),
            ));
        }
        Err(error) => {
            if let WorkerError::Crashed(how) = &error {
                tracing::warn!(document = %id, how, "a worker ended while reading a document");
            }
            (
                Found {
                    progress: Progress::Failed,
                    pages: None,
                    method: None,
                    problem: Some(error.to_string()),
                },
                Vec::new(),
            )
        }
    };
    let rows: Vec<Page> = texts
        .into_iter()
        .map(|(number, text, readable)| {
            let suggestions = serde_json::to_value(suggest(&text))
                .map_err(|error| ActionError::fault("writing suggestions", error))?;
            Ok(Page {
                document: id,
                number,
                folded: fold(&text),
                text,
                readable,
                suggestions,
            })
        })
        .collect::<Deed<_>>()?;
    let tx = app.store.begin().await?;
    pages::replace(&tx, on_file.campaign, id, rows).await?;
    documents::set_found(&tx, id, found).await?;
    commit(tx).await?;
    Ok(())
}

/// Has a document looked into once more, after it could not be read.
///
/// # Errors
/// Refused where there is nothing to repeat.
pub async fn read_again(app: &App, by: &Scope, id: DocumentId, now: DateTime<Utc>) -> Deed<()> {
    let on_file = documents::find(app.store.read(), by, id)
        .await?
        .filter(|each| each.sight(by) == Sight::Whole)
        .ok_or(ActionError::NotFound)?;
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel have documents read again.",
        ));
    }
    if on_file.progress == Progress::Read {
        return Err(ActionError::refused(
            "This document was read. There is nothing to repeat.",
        ));
    }
    let tx = app.store.begin().await?;
    documents::set_waiting(&tx, by, id).await?;
    let mark = now.timestamp().to_string();
    jobs::add(&tx, reading_of(by.campaign, id, now, &mark), now).await?;
    commit(tx).await?;
    Ok(())
}

async fn look(app: &App, on_file: &OnFile) -> Result<Looked, WorkerError> {
    let fault = |error: &dyn std::fmt::Display| WorkerError::Fault(error.to_string());
    let folder = tempfile::tempdir().map_err(|error| fault(&error))?;
    let file = app
        .files
        .path_or_copy(&on_file.document.sha256, folder.path())
        .await
        .map_err(|error| fault(&error))?;
    let media = on_file
        .document
        .media_type
        .parse()
        .unwrap_or(MediaType::Unknown);
    match media {
        MediaType::Pdf => Ok(of_pages(app.worker.page_text(&file).await?)),
        MediaType::Text | MediaType::Html | MediaType::Eml => {
            let mut looked = of_pages(app.worker.plain_text(&file).await?);
            looked.pages = None;
            Ok(looked)
        }
        _ => match media.table_kind() {
            Some(kind) => Ok(of_tables(app.worker.read_table(&file, kind).await?)),
            None => Ok(Looked {
                pages: None,
                method: None,
                problem: Some(format!(
                    "This is a {}. Its content is not shown here; download it to look into it. Nothing in it was searched for personal data.",
                    media.plain()
                )),
                texts: Vec::new(),
            }),
        },
    }
}

fn of_pages(text: DocumentText) -> Looked {
    Looked {
        pages: Some(u32::try_from(text.pages.len()).unwrap_or(u32::MAX)),
        method: Some(text.method),
        problem: (!text.notes.is_empty()).then(|| text.notes.join(" ")),
        texts: text
            .pages
            .into_iter()
            .map(|page| (page.number, page.text, page.reading.is_readable()))
            .collect(),
    }
}

/// Each sheet counts as one page: its name, what stands above the header, the header, the rows.
fn of_tables(tables: Tables) -> Looked {
    let mut texts = Vec::new();
    for (number, table) in (1u32..).zip(tables.tables) {
        let mut text = String::new();
        if !table.sheet.is_empty() {
            text.push_str(&table.sheet);
            if table.hidden {
                text.push_str(" (hidden sheet)");
            }
            text.push('\n');
        }
        for line in &table.above {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(&table.header.join("\t"));
        for row in &table.rows {
            text.push('\n');
            let cells: Vec<String> = row
                .iter()
                .map(|cell| cell.plain().replace('\t', " "))
                .collect();
            text.push_str(cells.join("\t").trim_end());
        }
        let readable = judge(&text).is_readable() || !table.header.is_empty();
        texts.push((number, text, readable));
    }
    Looked {
        pages: None,
        method: Some(TextMethod::Plain),
        problem: (!tables.notes.is_empty()).then(|| tables.notes.join(" ")),
        texts,
    }
}

impl From<WorkerError> for ActionError {
    fn from(error: WorkerError) -> Self {
        match error {
            WorkerError::Fault(why) => {
                ActionError::fault("running a worker", std::io::Error::other(why))
            }
            other => ActionError::refused(other.to_string()),
        }
    }
}
