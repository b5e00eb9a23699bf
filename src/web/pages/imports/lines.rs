//! What becomes of single lines of a list: many at once by ticking them, or one on a page of its own.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::import_of;
use crate::actions::choose_lines::{Wanted, choose_lines};
use crate::actions::{ActionError, App};
use crate::domain::agency::list::{Line, ListedAgency};
use crate::domain::agency::plan::Choice;
use crate::domain::agency::twins::loose_key;
use crate::domain::ids::AgencyId;
use crate::store::agencies::{self, Agency, Filter};
use crate::store::imports::Import;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::Worker;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![several, one, put_one]
}

fn wanted(word: &str) -> Option<Wanted> {
    match word {
        "suggested" => Some(Wanted::Suggested),
        "new" => Some(Wanted::New),
        "skip" => Some(Wanted::Skip),
        _ => None,
    }
}

/// The ticked lines, or every line of a band where the button for all of it was pressed.
fn chosen_lines(import: &Import, posted: &Posted) -> Vec<u32> {
    let lines = &import.reading.plan.lines;
    let numbers = |fits: &dyn Fn(&crate::domain::agency::plan::PlannedLine) -> bool| {
        lines
            .iter()
            .filter(|line| fits(line))
            .map(|line| line.line)
            .collect()
    };
    match posted.text("which") {
        "judged" => numbers(&|line| !line.remarks.is_empty()),
        "written" => numbers(&|line| line.writes() && line.remarks.is_empty()),
        "left" => numbers(&|line| !line.writes() && line.remarks.is_empty()),
        _ => posted
            .all("line")
            .into_iter()
            .filter_map(|line| line.parse().ok())
            .collect(),
    }
}

#[post("/c/<_>/imports/<id>/lines", data = "<posted>")]
async fn several(by: Worker, id: &str, posted: Posted, app: &State<App>) -> Answer {
    let import = import_of(app, &by, id).await?;
    let to = Reply::to(format!("/c/{}/imports/{}", by.0.campaign.slug, import.id));
    let Some(wanted) = wanted(posted.text("wanted")) else {
        return Ok(to.danger("Choose what becomes of the lines. Nothing was changed."));
    };
    let lines = chosen_lines(&import, &posted);
    let reason = posted.text("reason");
    match choose_lines(app, &by.0.scope, import.id, &lines, wanted, reason).await {
        Ok(()) => Ok(to.done(format!(
            "Chosen for {} lines. Nothing is written yet.",
            lines.len()
        ))),
        Err(ActionError::Refused(sentence)) => Ok(to.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

fn listed(import: &Import, line: u32) -> Option<&ListedAgency> {
    import.reading.lines.iter().find_map(|read| match read {
        Line::Agency(agency) if agency.line == line => Some(agency),
        _ => None,
    })
}

/// The agencies of the line's state, those of a like name first.
async fn others(app: &App, by: &Worker, listed: &ListedAgency) -> Result<Vec<Value>, WebError> {
    let near = Filter {
        jurisdiction: Some(listed.jurisdiction.clone()),
        ..Filter::default()
    };
    let mut found: Vec<Agency> =
        agencies::list_fitting(app.store.read(), &by.0.scope, &near).await?;
    let key = loose_key(&listed.name);
    let first = key.split(' ').next().unwrap_or_default().to_owned();
    found.sort_by_key(|agency| {
        let other = loose_key(&agency.name);
        (other != key, !other.contains(&first))
    });
    Ok(found
        .into_iter()
        .map(|agency| {
            let county = agency.county.unwrap_or_default();
            let label = if county.is_empty() || agency.name.contains(&county) {
                agency.name
            } else {
                format!("{} ({county})", agency.name)
            };
            context! { value => agency.id.to_string(), label => label }
        })
        .collect())
}

async fn content(
    app: &App,
    by: &Worker,
    import: &Import,
    listed: &ListedAgency,
    f: Value,
) -> Result<Value, WebError> {
    let choice = import.reading.choices.lines.get(&listed.line);
    let (now, into, reason) = match choice {
        None => ("suggested", String::new(), ""),
        Some(Choice::New { reason }) => ("new", String::new(), reason.as_str()),
        Some(Choice::Skip { reason }) => ("skip", String::new(), reason.as_str()),
        Some(Choice::Merge { agency, reason }) => ("merge", agency.to_string(), reason.as_str()),
    };
    Ok(context! {
        f => f,
        id => import.id.to_string(),
        file_name => import.file_name.clone(),
        line => listed.line,
        name => listed.name.clone(),
        jurisdiction => listed.jurisdiction.clone(),
        county => listed.county.clone().unwrap_or_default(),
        kind => listed.kind.plain(),
        remarks => listed.remarks.clone(),
        others => others(app, by, listed).await?,
        was => context! { wanted => now, into => into, reason => reason },
    })
}

#[get("/c/<_>/imports/<id>/lines/<line>")]
async fn one(by: Worker, id: &str, line: &str, desk: Desk, app: &State<App>) -> Answer {
    let import = import_of(app, &by, id).await?;
    let number: u32 = line.parse().map_err(|_| ActionError::NotFound)?;
    let listed = listed(&import, number).ok_or(ActionError::NotFound)?;
    let content = content(app, &by, &import, listed, Value::from(())).await?;
    desk.page("agencies", "pages/imports_line.html", content)
}

#[post("/c/<_>/imports/<id>/lines/<line>", data = "<posted>")]
async fn put_one(
    by: Worker,
    id: &str,
    line: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let import = import_of(app, &by, id).await?;
    let number: u32 = line.parse().map_err(|_| ActionError::NotFound)?;
    let listed = listed(&import, number).ok_or(ActionError::NotFound)?;
    let mut reading = posted.read();
    let into = posted.text("into").parse::<AgencyId>().ok();
    let chosen = match (posted.text("wanted"), into) {
        ("merge", Some(into)) => Some(Wanted::Merge(into)),
        ("merge", None) => {
            reading.wrong("into", "Choose the agency that this line means.");
            None
        }
        (word, _) => wanted(word),
    };
    if chosen.is_none() {
        reading.wrong("wanted", "Choose what becomes of this line.");
    }
    let reason = reading.optional("reason", 300);
    if let (true, Some(chosen)) = (reading.is_right(), chosen) {
        match choose_lines(app, &by.0.scope, import.id, &[number], chosen, &reason).await {
            Ok(()) => {
                let to = format!("/c/{}/imports/{}", by.0.campaign.slug, import.id);
                return Ok(Reply::to(to).done("Chosen. Nothing is written yet."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("reason", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &by, &import, listed, reading.again()).await?;
    desk.again("agencies", "pages/imports_line.html", content)
}
