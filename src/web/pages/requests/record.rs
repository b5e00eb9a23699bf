//! Recording what the clocks of a request depend on: steps, special rules of the law, and mistakes taken back.
//!
//! Each tells what it moves, before it is recorded (a preview) and after.

use minijinja::value::Serde;
use minijinja::{Value, context};
use rocket::{State, get, post};

use super::{names_in, told};
use crate::actions::read_clocks::{facts, law_of};
use crate::actions::record_step::{Entry, NotRecorded, record_step, what_moves};
use crate::actions::{ActionError, App};
use crate::domain::duty::{EventKind, Moved, STEPS, Step};
use crate::domain::event::that_count;
use crate::domain::ids::RequestId;
use crate::law::Ground;
use crate::store::{agencies, closings, events, requests};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::{Member, Worker};
use crate::web::timeline;
use crate::web::trouble::WebError;

fn parse_id(id: &str) -> Result<RequestId, WebError> {
    id.parse().map_err(|_| WebError(ActionError::NotFound))
}

/// What a step asks for besides its day, as a hint beside it.
fn hint(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Extended { .. } => "Without a letter that you could sort as a reply.",
        EventKind::Paused { .. } => "Laws allow only some grounds; choose it below.",
        EventKind::Resumed => "Whatever stopped it is over.",
        EventKind::Instalment => "When the last part comes, sort it as “Produced the records”.",
        EventKind::DenialReceived => {
            "Where it reached us later than it is dated: our own time runs from here."
        }
        EventKind::RulingRequested => "Texas: the agency asks its Attorney General.",
        EventKind::Narrowed => {
            "It answers a question that was open, and does not reset other clocks."
        }
        EventKind::FormalRequest => "Where the law asks for one after an informal refusal.",
        _ => "",
    }
}

/// The choices, the agency's first.
fn steps() -> Vec<Value> {
    STEPS
        .into_iter()
        .map(|kind| context! { value => kind.as_str(), label => kind.plain(), hint => hint(kind) })
        .collect()
}

/// What a form on the page brought back.
#[derive(Default)]
struct Back {
    step: Option<Value>,
    withdraw: Option<Value>,
    /// The entry that a withdrawal was about.
    entry: Option<i64>,
    moved: Option<Vec<Moved>>,
}

async fn content(
    app: &App,
    by: &Member,
    desk: &Desk,
    id: RequestId,
    back: Back,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let agency = agencies::find(db, &by.scope, kept.request.agency)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let law = law_of(app, &kept.request)?;
    let log = events::list_for_request(db, &by.scope, id).await?;
    let closings = closings::in_force(db, by.campaign.id).await?;
    let facts = facts(&agency, &closings, &log);
    let names = names_in(app, &log).await?;
    let counting: Vec<_> = that_count(&log)
        .filter(|event| event.may_be_withdrawn())
        .cloned()
        .collect();
    let entries: Vec<Value> = counting
        .iter()
        .rev()
        .zip(timeline::lines(
            &counting,
            desk,
            &by.campaign.slug,
            Some(&law),
            &names,
        ))
        .map(|(event, line)| {
            let asked = back.entry == Some(event.id);
            context! {
                id => event.id,
                line => Serde(line),
                open => asked,
                f => back.withdraw.clone().filter(|_| asked).unwrap_or(Value::from(())),
            }
        })
        .collect();
    let conditions: Vec<Value> = law
        .conditions
        .iter()
        .map(|condition| {
            context! {
                value => condition.key.clone(),
                label => format!("Where {}", condition.says),
            }
        })
        .collect();
    let held: Vec<&String> = facts.conditions.iter().collect();
    let grounds: Vec<Value> = Ground::ALL
        .into_iter()
        .map(|ground| {
            let plain = ground.plain();
            let label = plain[..1].to_uppercase() + &plain[1..];
            context! { value => ground.as_str(), label => label }
        })
        .collect();
    Ok(context! {
        f => back.step.unwrap_or(Value::from(())),
        moved => back.moved.map(|moved| Value::from(Serde(moved))).unwrap_or(Value::from(())),
        request => context! {
            id => id.to_string(),
            reference => kept.request.reference.to_string(),
            title => kept.request.title.clone(),
        },
        agency => agency.name.clone(),
        law => context! { name => law.law.name.clone(), code => law.code.as_str() },
        steps => steps(),
        grounds => grounds,
        conditions => conditions,
        held => Serde(held),
        entries => entries,
        last_day => desk.today().to_string(),
    })
}

#[get("/c/<_>/requests/<id>/record")]
pub async fn show(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let content = content(app, &by.0, &desk, parse_id(id)?, Back::default()).await?;
    desk.page("requests", "pages/requests_record.html", content)
}

fn read(reading: &mut Reading<'_>, posted: &Posted) -> Option<Step> {
    let kind = reading.choice(
        "step",
        |word| STEPS.into_iter().find(|kind| kind.as_str() == word),
        "Choose what happened.",
    );
    let on = reading.date("on", "Give the day on which it happened.");
    let until = reading.optional_date("until");
    let ground = match posted.text("ground") {
        "" => None,
        _ => reading.choice("ground", Ground::parse, "Choose a ground from the list."),
    };
    let notice_seen = match posted.text("notice_seen") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let note = reading.optional("note", 2_000);
    match (kind, on) {
        (Some(kind), Some(on)) if reading.is_right() => Some(Step {
            kind,
            on,
            until,
            ground,
            notice_seen,
            note,
        }),
        _ => None,
    }
}

#[post("/c/<_>/requests/<id>/record", data = "<posted>")]
pub async fn step(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = parse_id(id)?;
    let mut reading = posted.read();
    let mut moved = None;
    if let Some(step) = read(&mut reading, &posted) {
        let entry = Entry::Step(step);
        let preview = posted.text("press") == "preview";
        let done = if preview {
            what_moves(app, &by.scope, id, &entry, desk.now).await
        } else {
            record_step(app, &by.scope, id, &entry, desk.now).await
        };
        match done {
            Ok(moves) if preview => moved = Some(moves),
            Ok(moves) => return Ok(back_to(&by, id).done(told("Recorded.", &moves))),
            Err(NotRecorded::Wrong { field, says }) => reading.wrong(field, says),
            Err(NotRecorded::Other(error)) => return Err(error.into()),
        }
    }
    let shown = moved.is_some();
    let back = Back {
        step: Some(reading.again()),
        moved,
        ..Back::default()
    };
    let content = content(app, &by, &desk, id, back).await?;
    if shown {
        desk.page("requests", "pages/requests_record.html", content)
    } else {
        desk.again("requests", "pages/requests_record.html", content)
    }
}

fn back_to(by: &Member, id: RequestId) -> Reply {
    Reply::to(format!("/c/{}/requests/{id}", by.campaign.slug))
}

/// Which special rules of the law hold: every box that changed is an entry of its own.
#[post("/c/<_>/requests/<id>/conditions", data = "<posted>")]
pub async fn conditions(
    by: Worker,
    id: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let id = parse_id(id)?;
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let agency = agencies::find(db, &by.scope, kept.request.agency)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let log = events::list_for_request(db, &by.scope, id).await?;
    let closings = closings::in_force(db, by.campaign.id).await?;
    let held = facts(&agency, &closings, &log).conditions;
    let chosen = posted.all("conditions");
    let mut all = Vec::new();
    let mut changed = false;
    for condition in &law_of(app, &kept.request)?.conditions {
        let holds = chosen.contains(&condition.key.as_str());
        if holds == held.contains(&condition.key) {
            continue;
        }
        changed = true;
        let entry = Entry::Condition {
            key: condition.key.clone(),
            holds,
            note: String::new(),
        };
        match record_step(app, &by.scope, id, &entry, desk.now).await {
            Ok(moved) => all.extend(moved),
            Err(NotRecorded::Wrong { says, .. }) => return Ok(back_to(&by, id).danger(says)),
            Err(NotRecorded::Other(error)) => return Err(error.into()),
        }
    }
    Ok(if changed {
        back_to(&by, id).done(told("Recorded.", &all))
    } else {
        back_to(&by, id).note("Nothing was changed: the rules apply as before.")
    })
}

#[post("/c/<_>/requests/<id>/withdraw", data = "<posted>")]
pub async fn withdraw(
    by: Worker,
    id: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let id = parse_id(id)?;
    let mut reading = posted.read();
    let why = reading.required(
        "why",
        1_000,
        "Say why this entry was a mistake. It stays in the log with the reason.",
    );
    let number = posted.text("entry").parse().unwrap_or_default();
    if reading.is_right() {
        let entry = Entry::Withdraw { entry: number, why };
        match record_step(app, &by.scope, id, &entry, desk.now).await {
            Ok(moved) => {
                return Ok(back_to(&by, id).done(told("The entry counts no more.", &moved)));
            }
            Err(NotRecorded::Wrong { field, says }) => reading.wrong(field, says),
            Err(NotRecorded::Other(error)) => return Err(error.into()),
        }
    }
    let back = Back {
        withdraw: Some(reading.again()),
        entry: Some(number),
        ..Back::default()
    };
    let content = content(app, &by, &desk, id, back).await?;
    desk.again("requests", "pages/requests_record.html", content)
}
