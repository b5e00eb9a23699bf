//! What if: a jurisdiction, a day of receipt and what happened since, and every limit with its explanation.
//!
//! It keeps nothing. Dates all over the site lead here, with their facts in the address.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use minijinja::context;
use minijinja::value::Serde;
use rocket::{FromForm, Route, State, get, routes};
use serde::Serialize;

use crate::actions::App;
use crate::calendar::YEARS;
use crate::domain::duty::{EventKind, Facts, HolderKind, clocks};
use crate::law::Jurisdiction;
use crate::web::clock_panel::ClockPanel;
use crate::web::desk::{Answer, Desk};
use crate::web::guard::{Member, Person};

pub fn routes() -> Vec<Route> {
    routes![clock, clock_in_campaign]
}

/// The question, as the address carries it.
#[derive(Debug, Clone, Default, FromForm)]
struct Question {
    code: Option<String>,
    received: Option<String>,
    holder: Option<String>,
    county: Option<String>,
    after_hours: bool,
    when: Vec<String>,
    /// One event a line: `acknowledged=2026-01-20`.
    events: Option<String>,
    /// Days on which this body is closed besides, one a line: `2026-01-16 furlough day`.
    closed: Option<String>,
    as_of: Option<String>,
}

#[get("/clock?<question..>")]
async fn clock(_by: Person, desk: Desk, app: &State<App>, question: Question) -> Answer {
    show(&desk, app, &question, "")
}

#[get("/c/<slug>/clock?<question..>")]
async fn clock_in_campaign(
    _by: Member,
    slug: &str,
    desk: Desk,
    app: &State<App>,
    question: Question,
) -> Answer {
    show(&desk, app, &question, &format!("/c/{slug}"))
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

fn show(desk: &Desk, app: &App, question: &Question, base: &str) -> Answer {
    let read = read(app, question, desk.today());
    let errors: BTreeMap<&str, String> = read.problems.into_iter().collect();
    let asked = question
        .code
        .as_deref()
        .is_some_and(|code| !code.is_empty());
    let conditions: Vec<Choice> = read
        .law
        .as_ref()
        .map(|j| {
            j.conditions
                .iter()
                .map(|condition| Choice {
                    value: condition.key.clone(),
                    label: format!("Where {}", condition.says),
                })
                .collect()
        })
        .unwrap_or_default();
    let panel = read.law.filter(|_| errors.is_empty()).map(|j| {
        let computed = clocks(&j, &read.facts, read.as_of);
        ClockPanel::new(&j, &read.facts, &computed, read.as_of, "The agency", base)
    });
    let f = asked.then(|| {
        context! {
            values => context! {
                code => question.code.as_deref().unwrap_or_default().trim().to_ascii_uppercase(),
                received => question.received.as_deref().unwrap_or_default(),
                holder => question.holder.as_deref().unwrap_or_default(),
                county => question.county.as_deref().unwrap_or_default(),
                after_hours => question.after_hours,
                when => question.when.clone(),
                events => question.events.as_deref().unwrap_or_default(),
                closed => question.closed.as_deref().unwrap_or_default(),
                as_of => question.as_of.as_deref().unwrap_or_default(),
            },
            errors => errors,
        }
    });
    let content = context! {
        base => base,
        f => f.unwrap_or(minijinja::Value::from(())),
        clocks => panel.map_or(minijinja::Value::from(()), minijinja::Value::from),
        jurisdictions => Serde(app.law().all().map(|j| Choice { value: j.code.to_string(), label: j.name.clone() }).collect::<Vec<_>>()),
        holder_kinds => Serde(HolderKind::ALL.iter().skip(1).map(|kind| Choice { value: kind.as_str().to_owned(), label: capital(kind.plain()) }).collect::<Vec<_>>()),
        conditions => Serde(conditions),
        event_words => EventKind::words().join(", "),
        as_of_day => read.as_of.to_string(),
    };
    desk.page("laws", "pages/clock.html", content)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// What was understood of the question, and what was not.
struct Read {
    law: Option<Arc<Jurisdiction>>,
    facts: Facts,
    as_of: NaiveDate,
    problems: Vec<(&'static str, String)>,
}

fn read(app: &App, question: &Question, today: NaiveDate) -> Read {
    let mut problems = Vec::new();
    let given = |text: &'_ Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let law = given(&question.code).and_then(|code| {
        let found = app.law_of_code(&code);
        if found.is_none() {
            problems.push((
                "code",
                format!("There is no law for “{code}”. Choose one from the list."),
            ));
        }
        found
    });
    let mut day = |field: &'static str, text: Option<String>| {
        text.and_then(|text| match a_day(&text) {
            Ok(day) => Some(day),
            Err(problem) => {
                problems.push((field, problem));
                None
            }
        })
    };
    let received_on = day("received", given(&question.received));
    let as_of = day("as_of", given(&question.as_of)).unwrap_or(today);
    if law.is_some() && received_on.is_none() && given(&question.received).is_none() {
        problems.push((
            "received",
            "Give the day on which the agency received the request.".to_owned(),
        ));
    }
    let holder = match given(&question.holder) {
        None => HolderKind::Unstated,
        Some(word) => HolderKind::parse(&word).unwrap_or_else(|| {
            problems.push((
                "holder",
                format!("“{word}” is not a kind of holder. Choose one from the list."),
            ));
            HolderKind::Unstated
        }),
    };
    let mut events = Vec::new();
    for line in given(&question.events)
        .unwrap_or_default()
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        match an_event(line) {
            Ok(event) => events.push(event),
            Err(problem) => {
                problems.push(("events", problem));
                break;
            }
        }
    }
    let mut closed = BTreeMap::new();
    for line in given(&question.closed)
        .unwrap_or_default()
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (on, why) = line.split_once(' ').unwrap_or((line, "closed"));
        match a_day(on) {
            Ok(on) => closed.insert(on, why.trim().to_owned()),
            Err(problem) => {
                problems.push(("closed", problem));
                break;
            }
        };
    }
    let known = |key: &String| {
        law.as_ref()
            .is_some_and(|j| j.conditions.iter().any(|condition| condition.key == *key))
    };
    let conditions = question
        .when
        .iter()
        .filter(|key| known(key))
        .cloned()
        .collect();
    Read {
        law,
        facts: Facts {
            received_on,
            holder,
            conditions,
            events,
            county: given(&question.county),
            after_hours: question.after_hours,
            closed,
        },
        as_of,
        problems,
    }
}

fn a_day(text: &str) -> Result<NaiveDate, String> {
    let day: NaiveDate = text
        .parse()
        .map_err(|_| format!("“{text}” is not a day. Write it as 2026-01-16."))?;
    if YEARS.contains(&day.year()) {
        Ok(day)
    } else {
        Err(format!(
            "The year of {text} is not between 1990 and 2100. Please check it."
        ))
    }
}

fn an_event(line: &str) -> Result<(EventKind, NaiveDate), String> {
    let (kind, on) = EventKind::read(line).map_err(|why| {
        format!("“{line}” was not understood: {why}. Write one event a line, as acknowledged=2026-01-20.")
    })?;
    let named = match kind {
        EventKind::Extended { to } => to,
        _ => None,
    };
    for day in std::iter::once(on).chain(named) {
        a_day(&day.to_string())?;
    }
    Ok((kind, on))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_line_by_line() {
        let (kind, on) = an_event("extended = 2026-01-20:2026-02-10").expect("an event");
        assert_eq!(
            kind,
            EventKind::Extended {
                to: "2026-02-10".parse().ok()
            }
        );
        assert_eq!(on.to_string(), "2026-01-20");
        for (line, says) in [
            ("denied", "one event a line"),
            ("nodded=2026-01-20", "nodded"),
            ("denied=soon", "not a day"),
            ("denied=0026-01-20", "1990"),
        ] {
            assert!(an_event(line).expect_err(line).contains(says), "{line}");
        }
    }
}
