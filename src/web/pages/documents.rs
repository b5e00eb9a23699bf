//! Documents: the list, adding one by hand, looking at one page by page, and the file itself.
//!
//! How much of a document is shown follows from `domain::review::Sight`; the page of a document that somebody sees
//! only by its title or its seal says just that.

use chrono::{DateTime, Utc};
use minijinja::{Value, context};
use rocket::tokio::time::{Duration, timeout};
use rocket::{Route, State, get, post, routes};

use super::review::highlighted;
use crate::actions::read_document::{read_again, read_document};
use crate::actions::take_document::{Upload, take_document};
use crate::actions::{ActionError, App};
use crate::documents::detection::Suggestion;
use crate::documents::media::MediaType;
use crate::domain::ids::{AgencyId, DocumentId, RequestId, UserId};
use crate::domain::person::Scope;
use crate::domain::review::{Sight, Standing};
use crate::store::documents::{self, OnFile, Progress};
use crate::store::{access, accounts, agencies, clearances, commit, pages, requests};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![list, new, add, show, picture, original, again]
}

/// Dots per inch of a page on the screen: readable, and below 200 kB for most pages.
const DPI: u32 = 110;

#[get("/c/<slug>/documents?<standing>")]
async fn list(
    slug: &str,
    by: Member,
    desk: Desk,
    app: &State<App>,
    standing: Option<&str>,
) -> Answer {
    let wanted = standing.and_then(Standing::parse);
    let rows: Vec<Value> = documents::list(app.store.read(), &by.scope)
        .await?
        .iter()
        .filter(|each| wanted.is_none_or(|wanted| each.standing == wanted))
        .map(|each| row_of(each, &by.scope))
        .collect();
    let content = context! {
        slug => slug,
        documents => rows,
        standing => wanted.map_or("", Standing::as_str),
        standings => Standing::ALL.map(|each| context! { value => each.as_str(), label => each.plain() }),
        may_add => by.scope.may_draft(),
    };
    desk.page("documents", "pages/documents.html", content)
}

/// What a list says of a document: no more than the asking person sees.
pub(super) fn row_of(each: &OnFile, scope: &Scope) -> Value {
    let sight = each.sight(scope);
    let sealed = sight == Sight::Mark;
    context! {
        id => each.document.id.to_string(),
        name => if sealed { "Sealed document" } else { each.document.name.as_str() },
        sealed => sealed,
        whole => sight == Sight::Whole,
        chip => chip_of(each.standing),
        standing => each.standing.plain(),
        pages => each.document.pages,
        waiting => each.progress == Progress::Waiting,
        failed => each.progress == Progress::Failed,
        agency => each.agency_name.as_deref().unwrap_or("no agency yet"),
        request => each.request_title.clone(),
        received => long_day(each.document.received_on),
    }
}

fn chip_of(standing: Standing) -> &'static str {
    match standing {
        Standing::Held => "held",
        Standing::Cleared => "proved",
        Standing::Sealed => "sealed",
    }
}

#[get("/c/<slug>/documents/new?<request>")]
async fn new(
    slug: &str,
    by: Worker,
    desk: Desk,
    app: &State<App>,
    request: Option<&str>,
) -> Answer {
    let content = new_page(
        slug,
        &by.0,
        &desk,
        app,
        request.unwrap_or(""),
        Value::from(()),
    )
    .await?;
    desk.page("documents", "pages/documents_new.html", content)
}

async fn new_page(
    slug: &str,
    by: &Member,
    desk: &Desk,
    app: &App,
    request: &str,
    f: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let agencies = agencies::list(db, &by.scope).await?;
    let name_of = |id: AgencyId| {
        agencies
            .iter()
            .find(|each| each.id == id)
            .map_or("", |each| each.name.as_str())
    };
    let requests: Vec<Value> = requests::list(db, &by.scope)
        .await?
        .iter()
        .map(|kept| {
            let request = &kept.request;
            let label = format!(
                "{} · {} · {}",
                request.reference,
                name_of(request.agency),
                request.title
            );
            context! { value => request.id.to_string(), label => label }
        })
        .collect();
    let agencies: Vec<Value> = agencies
        .iter()
        .map(|each| context! { value => each.id.to_string(), label => format!("{} ({})", each.name, each.jurisdiction) })
        .collect();
    Ok(context! {
        slug => slug,
        f => f,
        requests => requests,
        request => request,
        agencies => agencies,
        today_on => desk.today().to_string(),
        limit => app.config.limits.upload_bytes / 1_000_000,
    })
}

#[post("/c/<slug>/documents/new", data = "<posted>")]
async fn add(slug: &str, by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let mut reading = posted.read();
    let received_on = reading.date("received_on", "Give the day on which the file reached you.");
    let request = optional_id::<RequestId>(posted.text("request"));
    let agency = optional_id::<AgencyId>(posted.text("agency"));
    if request.is_none() && agency.is_none() {
        reading.wrong(
            "request",
            "Choose the request that the file answers, or else the agency that it comes from.",
        );
    }
    let uploads = posted.files("file");
    let upload = uploads.first();
    match upload {
        None => reading.wrong("file", "Choose the file."),
        Some(upload) if !upload.complete => reading.wrong(
            "file",
            format!(
                "This file is larger than {} MB, the most that is taken at once. Split it, or ask whoever runs this installation to raise the limit.",
                app.config.limits.upload_bytes / 1_000_000
            ),
        ),
        Some(_) => {}
    }
    if let (true, Some(received_on), Some(upload)) = (reading.is_right(), received_on, upload) {
        let file = rocket::tokio::fs::File::open(upload.file.path())
            .await
            .map_err(|error| ActionError::fault("opening an upload", error))?;
        let stored = app
            .files
            .put_stream(file, app.config.limits.upload_bytes)
            .await
            .map_err(ActionError::from)?;
        let upload = Upload {
            stored,
            name: upload.name.clone(),
            request,
            agency,
            received_on,
        };
        match take_document(app, &by.0.scope, upload, desk.today(), desk.now).await {
            Ok(id) => {
                read_soon(app, id).await;
                return Ok(Reply::to(format!("/c/{slug}/documents/{id}"))
                    .done("The file is kept, and held until counsel clears it."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("file", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = new_page(slug, &by.0, &desk, app, "", reading.again()).await?;
    desk.again("documents", "pages/documents_new.html", content)
}

/// Looks into a new document at once, so that most are there when the page opens; the job does it for the rest.
async fn read_soon(app: &App, id: DocumentId) {
    if let Ok(Err(error)) = timeout(Duration::from_secs(8), read_document(app, id)).await {
        tracing::warn!(document = %id, %error, "a new document could not be read at once; its job tries again");
    }
}

fn optional_id<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// The document of an address, as far as this person sees any of it.
pub(super) async fn sighted(app: &App, scope: &Scope, id: &str) -> Result<OnFile, WebError> {
    let id: DocumentId = id.parse().map_err(|_| ActionError::NotFound)?;
    Ok(documents::find(app.store.read(), scope, id)
        .await?
        .ok_or(ActionError::NotFound)?)
}

/// … and only if they see it whole.
pub(super) async fn whole(app: &App, scope: &Scope, id: &str) -> Result<OnFile, WebError> {
    let on_file = sighted(app, scope, id).await?;
    if on_file.sight(scope) != Sight::Whole {
        return Err(ActionError::NotFound.into());
    }
    Ok(on_file)
}

/// Somebody's name, for "decided by".
pub(super) async fn name_of(app: &App, id: UserId) -> Result<String, WebError> {
    Ok(accounts::find(app.store.read(), id)
        .await?
        .map_or_else(|| "somebody who left".to_owned(), |account| account.name))
}

/// Page `number` of a document for a page of the site: its picture's address, its text, and the way to its neighbours.
/// `marked`: with what the detection suggests, which is for counsel alone.
pub(super) async fn leaf(
    app: &App,
    on_file: &OnFile,
    number: Option<u32>,
    marked: bool,
) -> Result<Value, WebError> {
    let id = on_file.document.id;
    let marks = pages::list_marks(app.store.read(), id).await?;
    let count = marks
        .len()
        .max(on_file.document.pages.unwrap_or(0) as usize);
    let last = u32::try_from(count).unwrap_or(u32::MAX);
    let number = number.unwrap_or(1).clamp(1, last.max(1));
    let page = pages::find(app.store.read(), id, number).await?;
    let (text, readable, segments) = match &page {
        Some(page) => {
            let suggestions = if marked {
                read_suggestions(&page.suggestions)?
            } else {
                Vec::new()
            };
            (
                page.text.trim_end().to_owned(),
                page.readable,
                highlighted(&page.text, &suggestions),
            )
        }
        None => (String::new(), false, Vec::new()),
    };
    let listed: Vec<Value> = marks
        .iter()
        .map(|mark| {
            let hits = if marked {
                read_suggestions(&mark.suggestions)?.len()
            } else {
                0
            };
            Ok(context! { number => mark.number, readable => mark.readable, hits => hits })
        })
        .collect::<Result<_, WebError>>()?;
    Ok(context! {
        number => number,
        count => count,
        is_pdf => on_file.document.is_pdf(),
        unit => if on_file.document.is_pdf() { "page" } else { "part" },
        before => (number > 1).then(|| number - 1),
        after => (number < last).then(|| number + 1),
        text => text,
        readable => readable,
        segments => segments,
        all => listed,
    })
}

pub(super) fn read_suggestions(kept: &serde_json::Value) -> Result<Vec<Suggestion>, WebError> {
    serde_json::from_value(kept.clone())
        .map_err(|error| ActionError::fault("reading suggestions", error).into())
}

#[get("/c/<slug>/documents/<id>?<page>", rank = 2)]
async fn show(
    slug: &str,
    id: &str,
    page: Option<u32>,
    by: Member,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let on_file = sighted(app, &by.scope, id).await?;
    let sight = on_file.sight(&by.scope);
    if sight != Sight::Whole {
        let content = context! { slug => slug, document => row_of(&on_file, &by.scope) };
        return desk.page("documents", "pages/documents_held.html", content);
    }
    if on_file.standing != Standing::Cleared {
        log_access(
            app,
            &by.scope,
            "document_opened",
            on_file.document.id,
            desk.now,
        )
        .await?;
    }
    let mut decisions = Vec::new();
    for each in
        clearances::list_for_document(app.store.read(), &by.scope, on_file.document.id).await?
    {
        decisions.push(context! {
            what => super::review::plain(each.clearance.decision),
            by => name_of(app, each.clearance.by).await?,
            at => desk.when(each.clearance.at),
            comment => if by.scope.sees_work() { each.comment.as_str() } else { "" },
        });
    }
    decisions.reverse();
    let uploader = match on_file.document.uploaded_by {
        Some(id) => Some(name_of(app, id).await?),
        None => None,
    };
    let cleared = on_file.standing == Standing::Cleared;
    let content = context! {
        slug => slug,
        document => row_of(&on_file, &by.scope),
        leaf => leaf(app, &on_file, page, by.scope.sees_held()).await?,
        kind => on_file.document.media_type.parse::<MediaType>().map_or("unknown kind", MediaType::plain),
        size => size_of(on_file.document.bytes),
        sha256 => on_file.document.sha256.to_string(),
        method => on_file.method.map(|method| method.plain()),
        problem => on_file.problem.clone(),
        uploader => uploader,
        decisions => decisions,
        may_review => by.scope.sees_held(),
        may_record => cleared && by.scope.may_draft(),
        may_repeat => by.scope.may_draft() && on_file.progress == Progress::Failed,
    };
    desk.page("documents", "pages/documents_one.html", content)
}

/// "1.2 MB".
fn size_of(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1_000_000.0),
    }
}

async fn log_access(
    app: &App,
    by: &Scope,
    what: &str,
    id: DocumentId,
    now: DateTime<Utc>,
) -> Result<(), WebError> {
    let tx = app.store.begin().await?;
    access::record(&tx, by, what, &id.to_string(), now).await?;
    commit(tx).await?;
    Ok(())
}

#[get("/c/<slug>/documents/<id>/pages/<number>")]
async fn picture(slug: &str, id: &str, number: u32, by: Member, app: &State<App>) -> Answer {
    debug_assert_eq!(slug, by.campaign.slug);
    let on_file = whole(app, &by.scope, id).await?;
    let document = &on_file.document;
    if !document.is_pdf() || number == 0 || document.pages.is_some_and(|pages| number > pages) {
        return Err(ActionError::NotFound.into());
    }
    let name = format!("page-{number}-{DPI}.png");
    let kept = app
        .files
        .find_derived(&document.sha256, &name)
        .await
        .map_err(ActionError::from)?;
    let bytes = match kept {
        Some(bytes) => bytes,
        None => drawn(app, &on_file, number, &name).await?,
    };
    Ok(Reply::File {
        bytes: bytes.to_vec(),
        media_type: "image/png",
        name: None,
        inline: true,
    })
}

/// Has the worker draw a page and keeps the picture.
async fn drawn(
    app: &App,
    on_file: &OnFile,
    number: u32,
    name: &str,
) -> Result<bytes::Bytes, WebError> {
    let folder =
        tempfile::tempdir().map_err(|error| ActionError::fault("making a folder", error))?;
    let sha256 = &on_file.document.sha256;
    let file = app
        .files
        .path_or_copy(sha256, folder.path())
        .await
        .map_err(ActionError::from)?;
    let png = app
        .worker
        .page_image(&file, number, DPI)
        .await
        .map_err(ActionError::from)?;
    let png = bytes::Bytes::from(png);
    app.files
        .put_derived(sha256, name, png.clone())
        .await
        .map_err(ActionError::from)?;
    Ok(png)
}

#[get("/c/<slug>/documents/<id>/original")]
async fn original(slug: &str, id: &str, by: Member, desk: Desk, app: &State<App>) -> Answer {
    debug_assert_eq!(slug, by.campaign.slug);
    let on_file = whole(app, &by.scope, id).await?;
    let document = &on_file.document;
    let limit = app.config.limits.upload_bytes.max(document.bytes);
    let bytes = app
        .files
        .read(&document.sha256, limit)
        .await
        .map_err(ActionError::from)?;
    log_access(app, &by.scope, "document_downloaded", document.id, desk.now).await?;
    Ok(Reply::File {
        bytes: bytes.to_vec(),
        media_type: document
            .media_type
            .parse()
            .map_or("application/octet-stream", |media: MediaType| {
                media.as_str()
            }),
        name: Some(document.name.clone()),
        inline: false,
    })
}

#[post("/c/<slug>/documents/<id>/read", data = "<_posted>")]
async fn again(
    slug: &str,
    id: &str,
    by: Worker,
    _posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let on_file = whole(app, &by.0.scope, id).await?;
    let id = on_file.document.id;
    read_again(app, &by.0.scope, id, desk.now).await?;
    read_soon(app, id).await;
    Ok(Reply::to(format!("/c/{slug}/documents/{id}"))
        .note("The document was looked into once more."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        assert_eq!(size_of(512), "512 bytes");
        assert_eq!(size_of(12_001), "13 kB");
        assert_eq!(size_of(2_340_000), "2.3 MB");
    }
}
