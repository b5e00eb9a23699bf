//! The guide to records: what can be asked for, which question each answers, what comes back, and where a state
//! requires a report already. In English and Spanish. Choosing items for a request starts here too.

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, routes};

use crate::actions::{ActionError, App};
use crate::domain::question::Question;
use crate::domain::records::{ItemWords, RecordType, StatutoryReport};
use crate::domain::request::{months_before, written};
use crate::web::desk::{Answer, Desk, long_day};
use crate::web::guard::Member;
use crate::web::pages::agencies::jurisdiction_name;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![list, one]
}

#[derive(Clone, Debug, Default, FromForm)]
struct Looked {
    #[field(default = String::new())]
    q: String,
    #[field(default = String::new())]
    question: String,
    #[field(default = String::new())]
    lang: String,
}

/// Whether the words are shown in Spanish.
fn spanish(lang: &str) -> bool {
    lang == "es"
}

fn asked(question: Question, es: bool) -> String {
    let words = if es {
        question.asked_es()
    } else {
        question.asked()
    };
    format!("{}. {words}", question.number())
}

fn report_view(app: &App, report: &StatutoryReport, es: bool) -> Value {
    let (name, says) = if es {
        (&report.es.name, &report.es.says)
    } else {
        (&report.name, &report.says)
    };
    context! {
        state => jurisdiction_name(app, report.jurisdiction.as_str()),
        name => name.clone(),
        says => says.clone(),
        citation => report.citation.clone(),
        confidence => report.confidence.as_str(),
        source => report.source.clone(),
        from => report.from.map(long_day).unwrap_or_default(),
    }
}

/// The states that require a report which answers this, each once.
fn states(app: &App, record: &RecordType) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for report in app.records.reports_serving(&record.key) {
        let name = jurisdiction_name(app, report.jurisdiction.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[get("/c/<_>/records?<looked..>")]
async fn list(by: Member, looked: Looked, desk: Desk, app: &State<App>) -> Answer {
    let es = spanish(&looked.lang);
    let words: String = looked.q.chars().take(100).collect();
    let question = Question::parse(&looked.question);
    let rows: Vec<Value> = app
        .records
        .search(&words, question)
        .into_iter()
        .map(|record| {
            let (name, other, what) = if es {
                (&record.name.es, &record.name.en, &record.es.what)
            } else {
                (&record.name.en, &record.name.es, &record.what)
            };
            context! {
                key => record.key.clone(),
                name => name.clone(),
                other => other.clone(),
                what => what.clone(),
                questions => record.questions.iter().map(|q| q.short()).collect::<Vec<_>>(),
                numbers => record.questions.iter().map(|q| q.number()).collect::<Vec<_>>(),
                states => states(app, record),
            }
        })
        .collect();
    let questions: Vec<Value> = Question::ALL
        .into_iter()
        .map(|question| context! { value => question.key(), label => asked(question, es) })
        .collect();
    let reports: Vec<Value> = app
        .records
        .reports()
        .iter()
        .map(|report| report_view(app, report, es))
        .collect();
    let content = context! {
        rows => rows,
        total => app.records.all().len(),
        looked => context! { q => words, question => question.map(Question::key).unwrap_or_default() },
        questions => questions,
        reports => reports,
        es => es,
        may_draft => by.scope.may_draft(),
    };
    desk.page("requests", "pages/records.html", content)
}

#[get("/c/<_>/records/<key>?<lang>")]
async fn one(by: Member, key: &str, lang: Option<&str>, desk: Desk, app: &State<App>) -> Answer {
    let es = spanish(lang.unwrap_or_default());
    let record = app
        .records
        .get(key)
        .ok_or(WebError(ActionError::NotFound))?;
    let today = desk.today();
    let words = ItemWords {
        holder: "your office".to_owned(),
        detainer_law: None,
        five_years_ago: written(months_before(today, 60)),
        twelve_months_ago: written(months_before(today, 12)),
    };
    let item = record
        .describe(&words, false)
        .map_err(|error| ActionError::fault("wording an item", error))?;
    let forms: Vec<Value> = record
        .forms
        .iter()
        .filter_map(|number| app.records.form(number))
        .map(|form| {
            context! {
                number => form.number.clone(),
                in_use => if es { form.in_use_es.clone() } else { form.in_use.clone() },
                says => if es { form.es.clone() } else { form.en.clone() },
                general => form.source == "general",
            }
        })
        .collect();
    let agreements: Vec<Value> = record
        .agreements
        .iter()
        .filter_map(|key| app.records.agreement(key))
        .map(|kind| {
            context! {
                name => if es { kind.name_es.clone() } else { kind.name.clone() },
                says => if es { kind.es.clone() } else { kind.en.clone() },
                general => kind.source == "general",
            }
        })
        .collect();
    let reports: Vec<Value> = app
        .records
        .reports_serving(key)
        .into_iter()
        .map(|report| report_view(app, report, es))
        .collect();
    let at = app.records.all().iter().position(|each| each.key == key);
    let neighbour = |place: Option<usize>| {
        place
            .and_then(|place| app.records.all().get(place))
            .map(|each| {
                context! {
                    key => each.key.clone(),
                    name => if es { each.name.es.clone() } else { each.name.en.clone() },
                }
            })
            .unwrap_or(Value::from(()))
    };
    let content = context! {
        es => es,
        record => context! {
            key => record.key.clone(),
            name => if es { record.name.es.clone() } else { record.name.en.clone() },
            other => if es { record.name.en.clone() } else { record.name.es.clone() },
            what => if es { record.es.what.clone() } else { record.what.clone() },
            questions => record.questions.iter().map(|q| asked(*q, es)).collect::<Vec<_>>(),
            fields => if es { record.es.fields.clone() } else { record.fields.clone() },
            dates => if es { record.dates.plain_es() } else { record.dates.plain() },
            formats => record.formats.clone(),
            exclude => if es { record.es.exclude.clone() } else { record.exclude.clone() },
            comes_back => if es { record.es.comes_back.clone() } else { record.comes_back.clone() },
            traps => if es { record.es.traps.clone() } else { record.traps.clone() },
            sources => record.sources.clone(),
            is_data => record.shape.is_data(),
            federal => record.item_federal.is_some(),
        },
        item => item.unwrap_or_default(),
        forms => forms,
        agreements => agreements,
        reports => reports,
        before => neighbour(at.and_then(|at| at.checked_sub(1))),
        after => neighbour(at.map(|at| at + 1)),
        may_draft => by.scope.may_draft(),
    };
    desk.page("requests", "pages/records_one.html", content)
}
