//! Building the official's packet: gathered from cleared documents and twice-read figures alone, laid out, bound with
//! its exhibits in the worker process, kept by its hash, and recorded as an edition.

mod gather;
mod timeline;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::documents::worker::{Limits, Outcome, Task, WorkerError};
use crate::domain::document::Sha256;
use crate::domain::event::Happening;
use crate::domain::ids::DossierId;
use crate::domain::packet::Packet;
use crate::dossier;
use crate::dossier::bundle::{BundleReport, BundleRequest, ExhibitFile, Way};
use crate::store::dossiers::{self, Dossier};
use crate::store::{StoreError, commit, events};

pub use gather::{LeftOut, Plan, plan};

/// An edition that was built.
#[derive(Clone, Debug)]
pub struct Built {
    pub dossier: Dossier,
    /// Sentences that its maker should read: pages that did not come over, characters that could not be printed.
    pub remarks: Vec<String>,
}

/// What binding taught about an exhibit, for the second and last setting.
#[derive(Clone, Debug)]
pub(super) struct Correction {
    pages: u32,
    /// For the limits of the packet.
    says: String,
}

const MAY_NOT: &str =
    "Researchers and counsel build dossiers. Ask one of them; every edition can be read here.";

/// Builds the next edition of the campaign's packet.
///
/// # Errors
/// Refused for the role, where nothing was sent yet or no ask is written, and where somebody else built an edition at
/// the same moment.
pub async fn build_dossier(app: &App, by: &Scope, now: DateTime<Utc>) -> Deed<Built> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    let edition = dossiers::next_edition(app.store.read(), by.campaign).await?;
    let folder = tempfile::tempdir()
        .map_err(|error| ActionError::fault("making a folder for the dossier", error))?;
    let mut corrections: BTreeMap<Sha256, Correction> = BTreeMap::new();
    let gathered = gather::gather(app, by, edition, now, &corrections).await?;
    let (mut packet, mut remarks) = (gathered.packet, gathered.remarks);
    let mut report = bind(app, &packet, &mut remarks, folder.path()).await?;
    for (exhibit, bound) in packet.exhibits().iter().zip(&report.exhibits) {
        if bound.pages != exhibit.pages() || matches!(bound.way, Way::Pictures | Way::StandIn) {
            corrections.insert(
                *exhibit.sha256(),
                Correction {
                    pages: bound.pages,
                    says: shortfall(&bound.letter, bound.way, exhibit.pages(), bound.pages),
                },
            );
        }
    }
    if !corrections.is_empty() {
        // The index and the page labels must say what is really bound in.
        let gathered = gather::gather(app, by, edition, now, &corrections).await?;
        (packet, remarks) = (gathered.packet, gathered.remarks);
        report = bind(app, &packet, &mut remarks, folder.path()).await?;
    }
    keep(app, by, &packet, report, remarks, folder.path(), now).await
}

fn shortfall(letter: &str, way: Way, counted: u32, bound: u32) -> String {
    match way {
        Way::StandIn => format!(
            "Exhibit {letter} could not be reproduced: the file is damaged or locked. It is kept as the agency sent it."
        ),
        Way::Pictures => format!(
            "The pages of exhibit {letter} are pictures, because the file as sent is damaged; their text cannot be searched."
        ),
        Way::Copied | Way::Repaired => format!(
            "{counted} pages of exhibit {letter} were counted when it came in; {bound} could be bound in."
        ),
    }
}

/// Lays the packet out and has the worker put the exhibits behind it.
async fn bind(
    app: &App,
    packet: &Packet,
    remarks: &mut Vec<String>,
    folder: &Path,
) -> Deed<BundleReport> {
    let for_layout = packet.clone();
    let body = tokio::task::spawn_blocking(move || dossier::render(&for_layout))
        .await
        .map_err(|error| ActionError::fault("laying out a dossier", error))?
        .map_err(|error| ActionError::fault("laying out a dossier", error))?;
    if !body.unprintable.is_empty() {
        let characters: Vec<String> = body.unprintable.iter().map(char::to_string).collect();
        remarks.push(format!(
            "These characters cannot be printed and stand as “?”: {}.",
            characters.join(" ")
        ));
    }
    let disk = |error| ActionError::fault("writing a dossier’s parts", error);
    tokio::fs::write(folder.join("body.pdf"), &body.pdf)
        .await
        .map_err(disk)?;
    let mut exhibits = Vec::new();
    for exhibit in packet.exhibits().iter() {
        let file = format!("exhibit-{}.pdf", exhibit.letter());
        let kept = app.files.path_or_copy(exhibit.sha256(), folder).await?;
        let here = folder.join(&file);
        if kept != here && !tokio::fs::try_exists(&here).await.map_err(disk)? {
            tokio::fs::symlink(&kept, &here).await.map_err(disk)?;
        }
        exhibits.push(ExhibitFile {
            file,
            letter: exhibit.letter().to_string(),
            title: format!("{}, {}", exhibit.title(), exhibit.agency()),
            pages: exhibit.pages(),
            sha256: *exhibit.sha256(),
        });
    }
    let front = packet.front();
    let mut request = BundleRequest {
        folder: folder.to_owned(),
        body: "body.pdf".to_owned(),
        output: OUTPUT.to_owned(),
        title: format!("{}, edition {}", front.title(), front.edition),
        author: front.organisation.clone(),
        subject: "Public records on immigration detainers".to_owned(),
        language: "en-US".to_owned(),
        built_on: front.built_on,
        headings: body.headings,
        links: body.links,
        exhibits,
        look_for_margins: true,
    };
    match order(app, &request, folder).await {
        Ok(report) => Ok(report),
        // Drawing a page can need more than a worker may have; without drawing, each page gets a strip for its stamp.
        Err(WorkerError::TooLong | WorkerError::TooMuchMemory | WorkerError::Crashed(_)) => {
            request.look_for_margins = false;
            remarks.push(
                "The exhibits’ margins could not be looked at, so every exhibit page has a strip for its stamp.".to_owned(),
            );
            order(app, &request, folder).await.map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

const OUTPUT: &str = "dossier.pdf";

async fn order(
    app: &App,
    request: &BundleRequest,
    folder: &Path,
) -> Result<BundleReport, WorkerError> {
    let unreadable = |error: serde_json::Error| WorkerError::Fault(error.to_string());
    let request = serde_json::to_value(request).map_err(unreadable)?;
    let worker = app.worker.with_limits(Limits::BUNDLE);
    match worker.run(Task::Bundle { request }, folder).await? {
        Outcome::Bundled { answer } => serde_json::from_value(answer).map_err(unreadable),
        _ => Err(WorkerError::Fault("the worker did another task".to_owned())),
    }
}

fn failed(error: WorkerError) -> ActionError {
    match error {
        WorkerError::Refused(sentence) => ActionError::Refused(sentence),
        other => ActionError::fault("binding a dossier", other),
    }
}

async fn keep(
    app: &App,
    by: &Scope,
    packet: &Packet,
    report: BundleReport,
    mut remarks: Vec<String>,
    folder: &Path,
    now: DateTime<Utc>,
) -> Deed<Built> {
    for exhibit in &report.exhibits {
        for remark in &exhibit.remarks {
            remarks.push(format!("Exhibit {}: {remark}", exhibit.letter));
        }
    }
    let file = tokio::fs::File::open(folder.join(OUTPUT))
        .await
        .map_err(|error| ActionError::fault("reading the finished dossier", error))?;
    let stored = app
        .files
        .put_stream(file, Limits::BUNDLE.file_bytes)
        .await?;
    let json = |value: serde_json::Result<serde_json::Value>| {
        value.map_err(|error| ActionError::fault("writing down the packet", error))
    };
    let kept = serde_json::json!({
        "packet": json(serde_json::to_value(packet))?,
        "bundle": json(serde_json::to_value(&report))?,
        "remarks": remarks,
    });
    let dossier = Dossier {
        id: DossierId::new(),
        campaign: by.campaign,
        edition: packet.front().edition,
        title: packet.front().title().to_owned(),
        sha256: stored.sha256,
        bytes: stored.bytes,
        pages: report.pages,
        packet: kept,
        built_by: Some(by.user),
        built_at: now,
    };
    let tx = app.store.begin().await?;
    match dossiers::add(&tx, &dossier).await {
        Ok(()) => {}
        Err(StoreError::Taken) => {
            return Err(ActionError::refused(
                "Somebody else built an edition at the same moment. Look at theirs; build again if something is missing.",
            ));
        }
        Err(error) => return Err(error.into()),
    }
    let happened = Happening::DossierBuilt {
        edition: i32::try_from(dossier.edition).unwrap_or(i32::MAX),
        pages: i32::try_from(dossier.pages).unwrap_or(i32::MAX),
        sha256: dossier.sha256.to_string(),
    };
    events::record_by(&tx, by, None, now, &happened).await?;
    commit(tx).await?;
    Ok(Built { dossier, remarks })
}
