//! What if: a jurisdiction, a day of receipt and what happened since, and every limit with its explanation.
//!
//! It keeps nothing. Dates all over the site lead here, with their facts in the address.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use minijinja::context;
use minijinja::value::Serde;
use rocket::http::Status;
use rocket::{FromForm, Route, State, get, routes};
use serde::Serialize;

use crate::actions::{ActionError, App};
use crate::calendar::YEARS;
use crate::domain::duty::{ClockSheet, EventKind, Facts, HolderKind, clocks};
use crate::law::{Ground, Jurisdiction};
use crate::web::clock_panel::ClockPanel;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::guard::{Member, Person};

pub fn routes() -> Vec<Route> {
    routes![clock, clock_in_campaign, as_json, as_text]
}

/// The question, as the address carries it.
#[derive(Debug, Clone, Default, FromForm)]
struct Question {
    code: Option<String>,
    received: Option<String>,
    holder: Option<String>,
    county: Option<String>,
    after_hours: bool,
    /// `email` or `mail`, where the law dates the receipt from the sending.
    sent_by: Option<String>,
    /// The receipt is proved.
    proved: bool,
    when: Vec<String>,
    /// One event a line: `acknowledged=2026-01-20`. Links from other pages carry it.
    events: Option<String>,
    /// What the rows of the form carry: a word (`paused:fee` with its ground), its day, and a date that it names.
    step: Vec<String>,
    on: Vec<String>,
    to: Vec<String>,
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

/// The same question, answered as JSON: what `sundial clock --json` prints.
#[get("/clock.json?<question..>")]
async fn as_json(_by: Person, desk: Desk, app: &State<App>, question: Question) -> Answer {
    let (sheet, _) = asked(app, &question, desk.today())?;
    let json = serde_json::to_string_pretty(&sheet)
        .map_err(|problem| ActionError::fault("writing the clocks", problem))?;
    Ok(Reply::Text(Status::Ok, "application/json", json))
}

/// The same question, answered as text.
#[get("/clock.txt?<question..>")]
async fn as_text(_by: Person, desk: Desk, app: &State<App>, question: Question) -> Answer {
    let (sheet, law) = asked(app, &question, desk.today())?;
    let text = sheet.text(&law);
    Ok(Reply::Text(Status::Ok, "text/plain; charset=utf-8", text))
}

/// The sheet of a whole question and the name of the act.
///
/// # Errors
/// Refused with the first thing that does not fit.
fn asked(
    app: &App,
    question: &Question,
    today: NaiveDate,
) -> Result<(ClockSheet, String), ActionError> {
    let read = read(app, question, today);
    if let Some((_, problem)) = read.problems.into_iter().next() {
        return Err(ActionError::refused(problem));
    }
    let law = read
        .law
        .ok_or_else(|| ActionError::refused("Name a jurisdiction: code=WA."))?;
    let sheet = ClockSheet::new(&law, &read.facts, read.as_of);
    Ok((sheet, law.law.name.clone()))
}

/// A row of the form: something that happened, or an empty one.
#[derive(Default, Serialize)]
struct Row {
    step: String,
    on: String,
    to: String,
}

/// The rows of the form: what was understood, what was typed and not understood, and two empty ones.
fn rows(read: &Read, question: &Question) -> Vec<Row> {
    let mut rows: Vec<Row> = read
        .facts
        .events
        .iter()
        .map(|(kind, on)| Row {
            step: match kind {
                EventKind::Paused {
                    ground: Some(ground),
                } => format!("paused:{}", ground.as_str()),
                kind => kind.as_str().to_owned(),
            },
            on: on.to_string(),
            to: match kind {
                EventKind::Extended { to: Some(to), .. } => to.to_string(),
                _ => String::new(),
            },
        })
        .collect();
    if read.problems.iter().any(|(field, _)| *field == "events") {
        rows = typed(question)
            .map(|(step, on, to)| Row {
                step: step.to_owned(),
                on: on.to_owned(),
                to: to.to_owned(),
            })
            .collect();
    }
    rows.extend([Row::default(), Row::default()]);
    rows
}

/// The rows as they were sent, empty ones left out.
fn typed(question: &Question) -> impl Iterator<Item = (&str, &str, &str)> {
    question.step.iter().enumerate().filter_map(|(at, step)| {
        let of = |all: &'_ [String]| -> usize { at.min(all.len()) };
        let on = question.on[of(&question.on)..]
            .first()
            .map_or("", |on| on.trim());
        let to = question.to[of(&question.to)..]
            .first()
            .map_or("", |to| to.trim());
        (!(step.is_empty() && on.is_empty())).then_some((step.trim(), on, to))
    })
}

/// The choices of a row: every word, a stopped clock once for each ground.
fn step_choices() -> Vec<Choice> {
    let mut choices = Vec::new();
    for word in EventKind::words() {
        let Some(kind) = EventKind::parse(word) else {
            continue;
        };
        if matches!(kind, EventKind::Paused { .. }) {
            choices.extend(Ground::ALL.into_iter().map(|ground| Choice {
                value: format!("paused:{}", ground.as_str()),
                label: format!("{}: {}", kind.plain(), ground.plain()),
            }));
        } else {
            choices.push(Choice {
                value: word.to_owned(),
                label: kind.plain().to_owned(),
            });
        }
    }
    choices
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

fn show(desk: &Desk, app: &App, question: &Question, base: &str) -> Answer {
    let read = read(app, question, desk.today());
    let rows = rows(&read, question);
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
                sent_by => question.sent_by.as_deref().unwrap_or_default(),
                proved => question.proved,
                when => question.when.clone(),
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
        rows => Serde(rows),
        steps => Serde(step_choices()),
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
    for (step, on, to) in typed(question) {
        match a_row(step, on, to) {
            Ok(event) => events.push(event),
            Err(problem) => {
                problems.push(("events", problem));
                break;
            }
        }
    }
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
            sent_by: given(&question.sent_by),
            receipt_proved: question.proved,
            completed_on: None,
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

/// A row of the form as an event.
fn a_row(step: &str, on: &str, to: &str) -> Result<(EventKind, NaiveDate), String> {
    if step.is_empty() {
        return Err("Say what happened on that day, or leave the row empty.".to_owned());
    }
    if on.is_empty() {
        return Err("Give the day on which it happened, or leave the row empty.".to_owned());
    }
    match (step.split_once(':'), to) {
        (Some((word, ground)), _) => an_event(&format!("{word}={on}:{ground}")),
        (None, "") => an_event(&format!("{step}={on}")),
        (None, to) => an_event(&format!("{step}={on}:{to}")),
    }
}

fn an_event(line: &str) -> Result<(EventKind, NaiveDate), String> {
    let (kind, on) = EventKind::read(line).map_err(|why| {
        format!("“{line}” was not understood: {why}. Write one event a line, as acknowledged=2026-01-20.")
    })?;
    let named = match kind {
        EventKind::Extended { to, .. } => to,
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
                to: "2026-02-10".parse().ok(),
                noticed: None,
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
        let paused = a_row("paused:fee", "2026-01-20", "").expect("a row");
        assert_eq!(paused.0.write(paused.1), "paused=2026-01-20:fee");
        let extended = a_row("extended", "2026-01-20", "2026-02-10").expect("a row");
        assert_eq!(
            extended.0.write(extended.1),
            "extended=2026-01-20:2026-02-10"
        );
        assert!(a_row("", "2026-01-20", "").is_err() && a_row("denied", "", "").is_err());
    }
}
