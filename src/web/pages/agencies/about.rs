//! What more is known of an agency: whom it belongs to, who runs the jail, other names, its fiscal year with source.

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::agency_of;
use crate::actions::describe_agency::{Description, describe_agency};
use crate::actions::{ActionError, App};
use crate::calendar::FiscalStart;
use crate::domain::agency::fiscal::{FiscalYears, OwnFiscal, fiscal_years};
use crate::domain::ids::AgencyId;
use crate::law::Confidence;
use crate::store::agencies::{self, Agency, Filter};
use crate::store::profiles::{self, Profile};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![about, describe]
}

const SURE: [Confidence; 3] = [
    Confidence::TwoSources,
    Confidence::OneSource,
    Confidence::Unverified,
];

/// What is known of an agency's fiscal years: its own, or what the law file gives its kind.
pub(super) fn fiscal_of(app: &App, agency: &Agency, profile: &Profile) -> FiscalYears {
    let own = agency
        .fiscal_year_start
        .clone()
        .and_then(|start| FiscalStart::try_from(start).ok())
        .map(|start| OwnFiscal {
            start,
            confidence: profile.fiscal_confidence,
            source: profile.fiscal_source.clone(),
        });
    let law = app.law_of_code(&agency.jurisdiction);
    fiscal_years(
        agency.kind,
        &agency.name,
        own,
        law.as_deref().map(|law| &law.fiscal),
    )
}

/// "1 July", of the `MM-DD` that is kept.
pub(super) fn first_day_in_words(start: FiscalStart) -> String {
    start
        .year(2026)
        .map(|year| year.first_on.format("%-d %B").to_string())
        .unwrap_or_default()
}

async fn content(
    app: &App,
    by: &Member,
    agency: &Agency,
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let profile = profiles::get(db, &by.scope, agency.id).await?;
    let aliases = profiles::list_aliases_of(db, &by.scope, agency.id).await?;
    let near = Filter {
        jurisdiction: Some(agency.jurisdiction.clone()),
        ..Filter::default()
    };
    let others: Vec<Value> = agencies::list_fitting(db, &by.scope, &near)
        .await?
        .into_iter()
        .map(|other| context! { value => other.id.to_string(), label => other.name })
        .collect();
    let sure: Vec<Value> = SURE
        .iter()
        .map(|sure| context! { value => sure.as_str(), label => sure.plain() })
        .collect();
    let by_law = fiscal_of(
        app,
        &Agency {
            fiscal_year_start: None,
            ..agency.clone()
        },
        &profile,
    );
    let id = |related: Option<AgencyId>| related.map(|id| id.to_string()).unwrap_or_default();
    Ok(context! {
        f => f,
        agency => context! { id => agency.id.to_string(), name => agency.name.clone() },
        others => others,
        sure => sure,
        latest => desk.today().to_string(),
        by_law => by_law.start.map(first_day_in_words).unwrap_or_default(),
        by_law_whence => by_law.whence,
        by_law_confidence => by_law.confidence.as_str(),
        was => context! {
            parent => id(profile.parent),
            jail_run_by => id(profile.jail_run_by),
            records_kept_by => id(profile.records_kept_by),
            ice_signed_by => id(profile.ice_signed_by),
            jail_system => profile.jail_system,
            other_names => aliases.join("\n"),
            fiscal_start => agency.fiscal_year_start.clone().unwrap_or_default(),
            fiscal_source => profile.fiscal_source,
            fiscal_confidence => profile.fiscal_confidence.map_or("one_source", Confidence::as_str),
        },
    })
}

/// The fiscal year's first day as `MM-DD`, from "07-01", "7/1", "July 1" or "1 July".
pub fn first_day(text: &str) -> Option<String> {
    let tidy = text.trim().replace('/', "-");
    let typed = text.trim();
    let day = chrono::NaiveDate::parse_from_str(&format!("2001-{tidy}"), "%Y-%m-%d")
        .or_else(|_| chrono::NaiveDate::parse_from_str(&format!("{typed} 2001"), "%B %d %Y"))
        .or_else(|_| chrono::NaiveDate::parse_from_str(&format!("{typed} 2001"), "%d %B %Y"));
    day.ok().map(|day| day.format("%m-%d").to_string())
}

fn related(reading: &mut Reading<'_>, posted: &Posted, field: &str) -> Option<AgencyId> {
    let typed = posted.text(field);
    let id = typed.parse().ok();
    if !typed.is_empty() && id.is_none() {
        reading.wrong(field, "Choose one of the agencies.");
    }
    id
}

fn read(posted: &Posted, reading: &mut Reading<'_>) -> Description {
    let typed = reading.optional("fiscal_start", 20);
    let fiscal_start = first_day(&typed).and_then(|start| FiscalStart::try_from(start).ok());
    if !typed.is_empty() && fiscal_start.is_none() {
        reading.wrong(
            "fiscal_start",
            "Write month and day, for example July 1 or 07-01.",
        );
    }
    let fiscal_source = reading.optional("fiscal_source", 500);
    if fiscal_start.is_some() && fiscal_source.is_empty() {
        reading.wrong(
            "fiscal_source",
            "Say where it is known from, for example the title and address of its budget book.",
        );
    }
    Description {
        parent: related(reading, posted, "parent"),
        jail_run_by: related(reading, posted, "jail_run_by"),
        records_kept_by: related(reading, posted, "records_kept_by"),
        ice_signed_by: related(reading, posted, "ice_signed_by"),
        jail_system: reading.optional("jail_system", 100),
        other_names: reading
            .optional("other_names", 2000)
            .lines()
            .map(str::to_owned)
            .collect(),
        fiscal_start,
        fiscal_source,
        fiscal_confidence: SURE
            .into_iter()
            .find(|sure| sure.as_str() == posted.text("fiscal_confidence")),
    }
}

#[get("/c/<_>/agencies/<id>/about")]
async fn about(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let content = content(app, &by.0, &agency, &desk, Value::from(())).await?;
    desk.page("agencies", "pages/agencies_about.html", content)
}

#[post("/c/<_>/agencies/<id>/about", data = "<posted>")]
async fn describe(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let agency = agency_of(app, &by.0, id).await?;
    let mut reading = posted.read();
    let new = read(&posted, &mut reading);
    if reading.is_right() {
        match describe_agency(app, &by.0.scope, agency.id, new, desk.now).await {
            Ok(()) => {
                let to = format!("/c/{}/agencies/{}", by.0.campaign.slug, agency.id);
                return Ok(Reply::to(to).done("What is known of the agency is kept."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("parent", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &by.0, &agency, &desk, reading.again()).await?;
    desk.again("agencies", "pages/agencies_about.html", content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_starts_on_a_day_as_people_write_it() {
        for (text, day) in [
            ("07-01", Some("07-01")),
            ("7/1", Some("07-01")),
            ("July 1", Some("07-01")),
            ("1 July", Some("07-01")),
            ("Oct 1", Some("10-01")),
            ("13-01", None),
            ("soon", None),
        ] {
            assert_eq!(first_day(text).as_deref(), day, "{text}");
        }
    }
}
