//! Which column of a list of agencies holds what: the suggestion from its headings, and a person's correction.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::import_of;
use crate::actions::map_columns::map_columns;
use crate::actions::{ActionError, App};
use crate::domain::agency::columns::{Field, Mapping};
use crate::store::imports::Import;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::Worker;

pub fn routes() -> Vec<Route> {
    routes![columns, map]
}

fn content(import: &Import, f: Value) -> Result<Value, ActionError> {
    let named = import
        .reading
        .columns
        .as_ref()
        .ok_or(ActionError::NotFound)?;
    let options: Vec<Value> = named
        .headers
        .iter()
        .enumerate()
        .map(|(at, header)| {
            let letter = column_letters(at);
            let label = if header.is_empty() {
                format!("column {letter}, without a heading")
            } else {
                format!("{header} (column {letter})")
            };
            context! { value => at, label => label }
        })
        .collect();
    let fields: Vec<Value> = Field::ALL
        .iter()
        .map(|field| {
            context! {
                name => field.as_str(),
                label => field.plain(),
                needed => field.is_needed(),
                chosen => named.mapping.get(field).map(ToString::to_string).unwrap_or_default(),
            }
        })
        .collect();
    Ok(context! {
        f => f,
        id => import.id.to_string(),
        file_name => import.file_name.clone(),
        waits => import.state.waits(),
        headers => named.headers.clone(),
        samples => named.samples.clone(),
        notes => import.reading.notes.clone(),
        options => options,
        fields => fields,
    })
}

/// A, B, … Z, AA, AB, as a spreadsheet names its columns.
fn column_letters(at: usize) -> String {
    let mut left = at + 1;
    let mut letters = Vec::new();
    while left > 0 {
        let place = u8::try_from((left - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + place));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[get("/c/<_>/imports/<id>/columns")]
async fn columns(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let import = import_of(app, &by, id).await?;
    let content = content(&import, Value::from(()))?;
    desk.page("agencies", "pages/imports_columns.html", content)
}

#[post("/c/<_>/imports/<id>/columns", data = "<posted>")]
async fn map(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let import = import_of(app, &by, id).await?;
    let mut reading = posted.read();
    let mut mapping = Mapping::new();
    for field in Field::ALL {
        let typed = posted.text(field.as_str());
        match typed.parse::<usize>() {
            Ok(at) => {
                mapping.insert(field, at);
            }
            Err(_) if typed.is_empty() => {}
            Err(_) => reading.wrong(field.as_str(), "Choose one of the columns."),
        }
    }
    if reading.is_right() {
        match map_columns(app, &by.0.scope, import.id, mapping, desk.today()).await {
            Ok(()) => {
                let to = format!("/c/{}/imports/{}", by.0.campaign.slug, import.id);
                return Ok(Reply::to(to).done("The list is read by these columns."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("name", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    desk.again(
        "agencies",
        "pages/imports_columns.html",
        content(&import, reading.again())?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_a_spreadsheet_does() {
        for (at, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
        ] {
            assert_eq!(column_letters(at), letters);
        }
    }
}
