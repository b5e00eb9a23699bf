//! Counsel's page on a batch: one text with its differences, and one decision on many letters.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::{address, id_of, letters, view};
use crate::actions::decide_batch::{Verdict, decide_batch};
use crate::actions::read_batch::batch_of;
use crate::actions::review_batch::{Read, Review, review_batch};
use crate::actions::{ActionError, App};
use crate::domain::batch::compare::{Part, Variant};
use crate::domain::ids::{BatchId, LetterId};
use crate::domain::letter::LetterKind;
use crate::domain::request::Status;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Counsel, Member};
use crate::web::pages::agencies::jurisdiction_name;
use crate::web::pages::requests::chip;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![review, decide]
}

/// Names said of a group of letters before "and so many more".
const NAMED: usize = 3;

#[derive(Clone, Debug, Default, FromForm)]
struct Asked {
    /// One state's letters alone.
    #[field(default = String::new())]
    state: String,
    /// All letters that are not sent, also those that do not wait for counsel.
    #[field(default = false)]
    all: bool,
    /// Which letters: `follow_up`; empty for the requests themselves.
    #[field(default = String::new())]
    kind: String,
}

impl Asked {
    fn kind(&self) -> LetterKind {
        LetterKind::parse(&self.kind).unwrap_or(LetterKind::Request)
    }
}

/// "Washington (10) and Illinois (4)" where whole states say it, else names.
struct Groups<'r> {
    letters: &'r [Read],
    states: BTreeMap<&'r str, usize>,
}

impl<'r> Groups<'r> {
    fn of(letters: &'r [Read]) -> Groups<'r> {
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for letter in letters {
            *states.entry(&letter.state).or_default() += 1;
        }
        Groups { letters, states }
    }

    fn words(&self, app: &App, which: &[usize]) -> String {
        let mut here: BTreeMap<&str, usize> = BTreeMap::new();
        for at in which {
            *here.entry(&self.letters[*at].state).or_default() += 1;
        }
        let whole = here
            .iter()
            .all(|(state, many)| self.states.get(state) == Some(many));
        if whole && !here.is_empty() {
            let names: Vec<String> = here
                .iter()
                .map(|(state, many)| match many {
                    1 => jurisdiction_name(app, state),
                    many => format!("all {many} of {}", jurisdiction_name(app, state)),
                })
                .collect();
            return names.join(", ");
        }
        let mut names: Vec<String> = which
            .iter()
            .take(NAMED)
            .map(|at| format!("{}, {}", self.letters[*at].agency, self.letters[*at].state))
            .collect();
        if which.len() > NAMED {
            names.push(format!("and {} more", which.len() - NAMED));
        }
        names.join("; ")
    }
}

/// `first` is the wording that most letters have, where this is another.
fn variant(app: &App, groups: &Groups<'_>, one: &Variant, first: Option<&Variant>) -> Value {
    let beside = first.and_then(|first| one.beside(first)).map(|pieces| {
        pieces
            .into_iter()
            .map(|piece| context! { words => piece.words, is_new => piece.is_new })
            .collect::<Vec<_>>()
    });
    context! {
        text => one.text.clone(),
        beside => beside.clone(),
        why => if beside.is_some() || first.is_some_and(|first| first.why == one.why) { "" } else { one.why.as_str() },
        many => one.letters.len(),
        who => groups.words(app, &one.letters),
        citation => one.citation.clone().unwrap_or_default(),
        confidence => one.confidence.map(|level| level.as_str()).unwrap_or_default(),
    }
}

fn part(app: &App, groups: &Groups<'_>, part: &Part) -> Value {
    context! {
        subject => part.key == "subject",
        heading => part.is_heading,
        frame => part.is_frame,
        by_hand => part.by_hand,
        common => part.is_common(),
        variants => part
            .variants
            .iter()
            .enumerate()
            .map(|(at, one)| variant(app, groups, one, part.variants.first().filter(|_| at > 0)))
            .collect::<Vec<_>>(),
        missing => part.missing.len(),
        missing_who => groups.words(app, &part.missing),
    }
}

async fn content(
    app: &App,
    by: &Member,
    id: BatchId,
    asked: &Asked,
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let batch = batch_of(app, &by.scope, id).await?;
    let shown = |status: &Status, state: &str| {
        let wanted = asked.state.is_empty() || state == asked.state;
        wanted && (view::waits(status) || asked.all && !status.is_out())
    };
    let Review {
        letters: read,
        comparison,
        later,
    } = review_batch(app, &by.scope, id, asked.kind(), shown, desk.now).await?;
    let groups = Groups::of(&read);
    let texts: Vec<&Part> = comparison.parts.iter().collect();
    let same = texts
        .iter()
        .filter(|part| part.is_common() && !part.is_heading)
        .count();
    let differ = texts.iter().filter(|part| !part.is_common()).count();
    let notes: Vec<Value> = comparison
        .notes
        .iter()
        .map(|(note, which)| context! { note => note.clone(), many => which.len(), who => groups.words(app, which) })
        .collect();
    let rows: Vec<Value> = read
        .iter()
        .enumerate()
        .map(|(at, one)| {
            context! {
                id => one.letter.id.to_string(),
                sha256 => one.letter.sha256.clone(),
                version => one.letter.version,
                agency => one.agency.clone(),
                state => one.state.clone(),
                reference => one.reference.clone(),
                goes_to => one.goes_to.clone(),
                chip => chip(one.status),
                status => one.status.plain(),
                waits => view::waits(&one.status),
                alone => comparison.reordered.contains(&at),
            }
        })
        .collect();
    let states: Vec<Value> = groups
        .states
        .iter()
        .map(|(code, many)| context! { code => *code, name => jurisdiction_name(app, code), many => many })
        .collect();
    Ok(context! {
        f => f,
        batch => context! { id => id.to_string(), title => batch.title.clone(), number => batch.number },
        parts => comparison.parts.iter().map(|one| part(app, &groups, one)).collect::<Vec<_>>(),
        same => same,
        differ => differ,
        notes => notes,
        rows => rows,
        waiting => read.iter().filter(|one| view::waits(&one.status)).count(),
        states => states,
        kinds => view::kinds(later),
        asked => context! {
            state => asked.state.clone(),
            all => asked.all,
            kind => if asked.kind() == LetterKind::Request { "" } else { asked.kind().as_str() },
            kind_name => asked.kind().plain(),
        },
    })
}

#[get("/c/<_>/batches/<id>/review?<asked..>")]
async fn review(by: Counsel, id: &str, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let content = content(app, &by, id_of(id)?, &asked, &desk, Value::from(())).await?;
    desk.page("batches", "pages/batches_review.html", content)
}

#[post("/c/<_>/batches/<id>/review?<asked..>", data = "<posted>")]
async fn decide(
    by: Counsel,
    id: &str,
    asked: Asked,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    // Each ticked letter carries the hash of the text that stood on the page.
    let chosen: Vec<(LetterId, String)> = posted
        .all("letter")
        .into_iter()
        .filter_map(|text| text.split_once(':'))
        .filter_map(|(letter, sha256)| Some((letter.parse().ok()?, sha256.to_owned())))
        .collect();
    let mut reading = posted.read();
    let comment = reading.optional("comment", 4_000);
    let verdict = match posted.text("do") {
        "return" => Verdict::Return(comment),
        _ => Verdict::Approve,
    };
    if reading.is_right() {
        match decide_batch(
            app,
            &by.scope,
            id,
            asked.kind(),
            &chosen,
            &verdict,
            desk.now,
        )
        .await
        {
            Ok(several) => {
                let word = match verdict {
                    Verdict::Approve => "approved: these exact texts can be sent",
                    Verdict::Return(_) => "returned with your comment",
                };
                let words = format!("{} {word}. {}", letters(several.done), several.left_words());
                let rest = match asked.kind() {
                    LetterKind::Request => "",
                    _ => "/afterwards",
                };
                let to = Reply::to(address(&by, id, rest));
                return Ok(match several.left.is_empty() {
                    true => to.done(words.trim()),
                    false => to.note(words),
                });
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("comment", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &by, id, &asked, &desk, reading.again()).await?;
    desk.again("batches", "pages/batches_review.html", content)
}
