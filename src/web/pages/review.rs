//! Counsel's review: the document at the left, the decision at the right.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::documents::{leaf, name_of, read_suggestions, row_of, whole};
use crate::actions::clear_document::{Ruling, clear_document};
use crate::actions::{ActionError, App};
use crate::documents::detection::Suggestion;
use crate::domain::person::Scope;
use crate::domain::review::{Decision, Handling};
use crate::store::documents::{self, OnFile, Progress};
use crate::store::pages;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::Counsel;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![show, decide]
}

/// What a decision did, for lists of decisions.
pub(super) fn plain(decision: Decision) -> &'static str {
    match decision {
        Decision::Clear => "Cleared for use",
        Decision::Hold => "Kept held",
        Decision::Seal => "Sealed",
    }
}

/// A text in pieces, those that a suggestion points at with its kind.
pub(super) fn highlighted(text: &str, suggestions: &[Suggestion]) -> Vec<Value> {
    let characters: Vec<char> = text.trim_end().chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    let piece = |from: usize, to: usize, kind: Option<&str>| {
        context! { text => characters[from..to].iter().collect::<String>(), kind => kind }
    };
    for each in suggestions {
        let (start, end) = (each.start.max(at), each.end.min(characters.len()));
        if start >= end {
            continue;
        }
        if at < start {
            pieces.push(piece(at, start, None));
        }
        pieces.push(piece(start, end, Some(each.kind.plain())));
        at = end;
    }
    if at < characters.len() {
        pieces.push(piece(at, characters.len(), None));
    }
    pieces
}

/// Suggestions counted by page and kind: "page 3: 2 × A-number".
async fn suggested(app: &App, on_file: &OnFile) -> Result<Vec<Value>, WebError> {
    let mut told = Vec::new();
    for mark in pages::list_marks(app.store.read(), on_file.document.id).await? {
        let mut kinds: Vec<(&'static str, &'static str, usize)> = Vec::new();
        for each in read_suggestions(&mark.suggestions)? {
            match kinds
                .iter_mut()
                .find(|(kind, _, _)| *kind == each.kind.plain())
            {
                Some((_, _, count)) => *count += 1,
                None => kinds.push((each.kind.plain(), each.class.as_str(), 1)),
            }
        }
        for (kind, class, count) in kinds {
            told.push(
                context! { page => mark.number, kind => kind, class => class, count => count },
            );
        }
    }
    Ok(told)
}

async fn page_of(
    slug: &str,
    app: &App,
    by: &Scope,
    on_file: &OnFile,
    page: Option<u32>,
    f: Value,
) -> Result<Value, WebError> {
    let uploader = match on_file.document.uploaded_by {
        Some(id) => Some(name_of(app, id).await?),
        None => None,
    };
    let classes: Vec<Value> = Handling::ALL
        .iter()
        .map(|each| context! { value => each.as_str(), label => format!("{} · {}", each.as_str(), each.plain()) })
        .collect();
    Ok(context! {
        slug => slug,
        document => row_of(on_file, by),
        leaf => leaf(app, on_file, page, true).await?,
        sha256 => on_file.document.sha256.to_string(),
        problem => on_file.problem.clone(),
        suggestions => suggested(app, on_file).await?,
        classes => classes,
        uploader => uploader,
        own => on_file.document.uploaded_by == Some(by.user),
        read => on_file.progress == Progress::Read,
        f => f,
    })
}

#[get("/c/<slug>/documents/<id>/review?<page>")]
async fn show(
    slug: &str,
    id: &str,
    page: Option<u32>,
    by: Counsel,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let on_file = whole(app, &by.0.scope, id).await?;
    let content = page_of(slug, app, &by.0.scope, &on_file, page, Value::from(())).await?;
    desk.page("documents", "pages/review.html", content)
}

#[post("/c/<slug>/documents/<id>/review?<page>", data = "<posted>")]
async fn decide(
    slug: &str,
    id: &str,
    page: Option<u32>,
    by: Counsel,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let scope = &by.0.scope;
    let on_file = whole(app, scope, id).await?;
    let mut reading = posted.read();
    let decision = reading.choice(
        "decision",
        Decision::parse,
        "Press one of the buttons: clear, keep held, or seal.",
    );
    let seen = posted.text("seen").parse();
    // What is held or sealed without a class is treated as what it could be at worst.
    let class = match (posted.text("class"), decision) {
        ("", Some(Decision::Seal)) => Some(Handling::P3),
        ("", Some(Decision::Hold)) => Some(Handling::P2),
        _ => reading.choice(
            "class",
            Handling::parse,
            "Say what is in the document before you clear it.",
        ),
    };
    let comment = reading.optional("comment", 2_000);
    if let (true, Some(decision), Some(class), Ok(seen)) =
        (reading.is_right(), decision, class, seen)
    {
        let ruling = Ruling {
            decision,
            class,
            comment,
            seen,
        };
        match clear_document(app, scope, on_file.document.id, ruling, desk.now).await {
            Ok(()) => {
                let to = next_held(slug, app, scope).await?;
                let said = format!("{}: {}.", plain(decision), on_file.document.name);
                return Ok(Reply::to(to).done(said));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("class", sentence),
            Err(error) => return Err(error.into()),
        }
    } else if reading.is_right() {
        reading.wrong(
            "class",
            "The page was not whole. Open it again and decide once more.",
        );
    }
    let content = page_of(slug, app, scope, &on_file, page, reading.again()).await?;
    desk.again("documents", "pages/review.html", content)
}

/// The next document that waits for this counsel, or the list.
async fn next_held(slug: &str, app: &App, scope: &Scope) -> Result<String, WebError> {
    let next = documents::list(app.store.read(), scope)
        .await?
        .into_iter()
        .rev()
        .find(|each| {
            each.decision.is_none()
                && each.progress == Progress::Read
                && each.document.uploaded_by != Some(scope.user)
        });
    Ok(match next {
        Some(next) => format!("/c/{slug}/documents/{}/review", next.document.id),
        None => format!("/c/{slug}/documents"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::detection::suggest;

    #[test]
    fn a_text_falls_into_pieces_without_losing_any() {
        let text = "Señor A123456789, DOB 01/02/1990, ok";
        let pieces = highlighted(text, &suggest(text));
        let get = |piece: &Value, name: &str| piece.get_attr(name).expect("a piece has it");
        let whole: String = pieces
            .iter()
            .map(|piece| get(piece, "text").to_string())
            .collect();
        assert_eq!(whole, text);
        let kinds: Vec<String> = pieces
            .iter()
            .filter(|piece| !get(piece, "kind").is_none())
            .map(|piece| get(piece, "kind").to_string())
            .collect();
        assert_eq!(kinds, ["A-number", "birth date"]);
    }
}
