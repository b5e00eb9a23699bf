//! What happened to an agency itself, in words: its entry, contacts, agreements and policies.

use minijinja::{Value, context};

use crate::actions::App;
use crate::domain::event::Happening;
use crate::domain::ids::AgencyId;
use crate::store::{accounts, agencies, events};
use crate::web::desk::{Desk, long_day};
use crate::web::guard::Member;
use crate::web::trouble::WebError;

/// Lines shown on the page.
const SHOWN: u64 = 100;

/// Sentence and what more there is to say.
fn told(what: &Happening) -> (String, String) {
    match what {
        Happening::AgencyAdded { name } => (format!("Added as “{name}”"), String::new()),
        Happening::AgencyEdited { what } => ("Corrected".to_owned(), what.clone()),
        Happening::AgencyMerged { name, why, .. } => {
            (format!("“{name}” was merged into this one"), why.clone())
        }
        Happening::ContactAdded { channel, .. } => {
            (format!("Contact added ({channel})"), String::new())
        }
        Happening::ContactChecked { value, on, .. } => (
            format!("Contact checked on {}", long_day(*on)),
            value.clone(),
        ),
        Happening::ContactEdited { before, after, .. } => (
            "Contact corrected".to_owned(),
            format!("{before} becomes {after}"),
        ),
        Happening::ContactRetired { value, why, .. } => (
            "Contact no longer used".to_owned(),
            format!("{value}: {why}"),
        ),
        Happening::AgreementNoted {
            title,
            what,
            source,
        }
        | Happening::PolicyNoted {
            title,
            what,
            source,
        } => (format!("{title}: {what}"), source.clone()),
        other => (other.kind().replace('_', " "), String::new()),
    }
}

/// The agency's history, newest first, with that of the entries merged into it.
pub(super) async fn history(
    app: &App,
    by: &Member,
    desk: &Desk,
    agency: AgencyId,
) -> Result<Vec<Value>, WebError> {
    let db = app.store.read();
    let mut ids = vec![agency];
    let merged = agencies::list_merged(db, &by.scope, agency).await?;
    ids.extend(merged.iter().map(|gone| gone.id));
    let mut lines = Vec::new();
    for event in events::list_for_agencies(db, &by.scope, &ids, SHOWN).await? {
        let who = match event.by {
            Some(id) => accounts::find(db, id).await?.map(|account| account.name),
            None => None,
        };
        let (words, more) = told(&event.what);
        lines.push(context! {
            at => desk.when(event.at),
            words => words,
            more => more,
            by => who.unwrap_or_default(),
        });
    }
    Ok(lines)
}
