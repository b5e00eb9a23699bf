//! Words in the text of documents that the asking person sees whole.

use minijinja::{Value, context};
use rocket::{Route, State, get, routes};

use crate::actions::App;
use crate::documents::folding::{fold, snippet};
use crate::domain::ids::DocumentId;
use crate::domain::review::Sight;
use crate::store::{documents, pages};
use crate::web::desk::{Answer, Desk};
use crate::web::guard::Member;

pub fn routes() -> Vec<Route> {
    routes![search]
}

/// Pages shown for one search.
const MOST: u64 = 100;

/// The longest phrase looked for, in characters.
const LONGEST: usize = 200;

#[get("/c/<slug>/search?<q>")]
async fn search(slug: &str, by: Member, desk: Desk, app: &State<App>, q: Option<&str>) -> Answer {
    let asked: String = q.unwrap_or("").trim().chars().take(LONGEST).collect();
    let phrase = fold(&asked);
    let db = app.store.read();
    let seen: Vec<_> = documents::list(db, &by.scope)
        .await?
        .into_iter()
        .filter(|each| each.sight(&by.scope) == Sight::Whole)
        .collect();
    let ids: Vec<DocumentId> = seen.iter().map(|each| each.document.id).collect();
    let found = pages::search(db, &ids, &phrase, MOST).await?;
    let hits: Vec<Value> = found
        .iter()
        .filter_map(|page| {
            let source = seen.iter().find(|each| each.document.id == page.document)?;
            let (before, hit, after) = snippet(&page.text, &phrase, 90)
                .unwrap_or_else(|| (String::new(), asked.clone(), String::new()));
            Some(context! {
                document => source.document.id.to_string(),
                name => source.document.name.clone(),
                agency => source.agency_name.clone(),
                page => page.number,
                unit => if source.document.is_pdf() { "page" } else { "part" },
                readable => page.readable,
                before => before,
                hit => hit,
                after => after,
            })
        })
        .collect();
    let content = context! {
        slug => slug,
        q => asked,
        hits => hits,
        more => found.len() as u64 == MOST,
        documents => seen.len(),
    };
    desk.page("documents", "pages/search.html", content)
}
