//! Planning a batch: what is asked, which agencies, what is particular to each, who signs in which state.

use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::{Shown, address, id_of};
use crate::actions::plan_batch::{
    Particulars, Plan, add_targets, edit_plan, fill_in, let_pass, name_signer, plan_batch,
};
use crate::actions::read_batch::batch_of;
use crate::actions::{ActionError, App, Scope};
use crate::domain::agency::{AgencyKind, AgreementModel};
use crate::domain::batch::{Batch, Signer};
use crate::domain::ids::{AgencyId, SetId, TargetId};
use crate::domain::reply;
use crate::domain::request::{Format, Period};
use crate::store::agencies::{self, Agency, Filter};
use crate::store::{agency_sets, batches};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading, parse_day};
use crate::web::guard::Worker;
use crate::web::pages::agencies::{first_day, jurisdiction_name, kinds, models};
use crate::web::pages::campaigns::jurisdictions;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![
        fresh, begin, edit, change, choose, add, fields, pass, signer
    ]
}

/// Agencies to tick on one page of the choice.
const CHOICES: u64 = 200;

fn form(app: &App, desk: &Desk, was: Option<&Batch>, f: Value) -> Value {
    let groups: Vec<Value> = app
        .records
        .by_question()
        .into_iter()
        .map(|(question, records)| {
            let options: Vec<Value> = records
                .iter()
                .map(|record| {
                    context! { value => record.key.clone(), label => record.name.en.clone(), hint => record.what.clone() }
                })
                .collect();
            context! { key => question.key(), asked => question.asked(), options => options }
        })
        .collect();
    let formats: Vec<Value> = Format::ALL
        .iter()
        .map(|format| context! { value => format.as_str(), label => format.plain() })
        .collect();
    let year = chrono::Datelike::year(&desk.today());
    let chosen = was.map_or_else(
        || vec!["detainer_summary".to_owned(), "detainer_policy".to_owned()],
        |batch| batch.records.clone(),
    );
    context! {
        f => f,
        id => was.map(|batch| batch.id.to_string()).unwrap_or_default(),
        groups => groups,
        formats => formats,
        chosen => chosen,
        was => context! {
            title => was.map(|batch| batch.title.clone()).unwrap_or_default(),
            words => was.map(|batch| batch.words.clone()).unwrap_or_default(),
            start => was.map_or_else(|| format!("{}-01-01", year - 3), |batch| batch.period.start().to_string()),
            end => was.map_or_else(|| format!("{}-12-31", year - 1), |batch| batch.period.end().to_string()),
            fiscal_years => was.and_then(|batch| batch.fiscal_years).unwrap_or(0),
            format => was.map_or("native", |batch| batch.format.as_str()),
            fee_ceiling => was.map_or_else(|| "50".to_owned(), |batch| (batch.fee_ceiling_cents / 100).to_string()),
            send_on => was.map_or_else(|| desk.today().succ_opt().unwrap_or(desk.today()), |batch| batch.send_on).to_string(),
        },
    }
}

/// The form as a plan, or a sentence beside each field that does not fit.
fn read(posted: &Posted, reading: &mut Reading<'_>) -> Option<Plan> {
    let records: Vec<String> = posted
        .all("records")
        .into_iter()
        .map(str::to_owned)
        .collect();
    if records.is_empty() {
        reading.wrong("what", "Choose at least one kind of record to ask for.");
    }
    let start = reading.date("period_start", "Give the first day that the records cover.");
    let end = reading.date("period_end", "Give the last day that the records cover.");
    let period = start.zip(end).and_then(|(start, end)| {
        Period::new(start, end)
            .map_err(|problem| reading.wrong("period_end", problem.to_string()))
            .ok()
    });
    let years = reading.choice(
        "fiscal_years",
        |text| {
            if text.is_empty() {
                Some(0)
            } else {
                text.parse::<u8>().ok().filter(|years| *years <= 10)
            }
        },
        "Write a number of years from 1 to 10, or leave it empty.",
    );
    let format = reading.choice("format", Format::parse, "Choose the form of the records.");
    let ceiling = reading.choice(
        "fee_ceiling",
        |text| reply::cents(if text.is_empty() { "0" } else { text }),
        "Write an amount in dollars, such as 50, or 0 for nothing.",
    );
    let send_on = reading.date(
        "send_on",
        "Give the day on which the first letter is to leave.",
    );
    let title = reading.optional("title", 120);
    let words = reading.optional("words", 1_000);
    if !reading.is_right() {
        return None;
    }
    Some(Plan {
        title,
        words,
        records,
        period: period?,
        fiscal_years: years.filter(|years| *years > 0),
        format: format?,
        fee_ceiling_cents: ceiling?,
        send_on: send_on?,
    })
}

#[get("/c/<_>/batches/new")]
async fn fresh(_by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let content = form(app, &desk, None, Value::from(()));
    desk.page("batches", "pages/batches_form.html", content)
}

#[post("/c/<_>/batches/new", data = "<posted>")]
async fn begin(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let mut reading = posted.read();
    if let Some(plan) = read(&posted, &mut reading) {
        match plan_batch(app, &by.scope, plan, desk.now).await {
            Ok(id) => {
                return Ok(Reply::to(address(&by, id, "/agencies"))
                    .done("The batch is begun. Choose the agencies that are asked."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("what", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, &desk, None, reading.again());
    desk.again("batches", "pages/batches_form.html", content)
}

#[get("/c/<_>/batches/<id>/edit")]
async fn edit(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let batch = batch_of(app, &by.0.scope, id_of(id)?).await?;
    let content = form(app, &desk, Some(&batch), Value::from(()));
    desk.page("batches", "pages/batches_form.html", content)
}

#[post("/c/<_>/batches/<id>/edit", data = "<posted>")]
async fn change(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let batch = batch_of(app, &by.scope, id_of(id)?).await?;
    let mut reading = posted.read();
    if let Some(plan) = read(&posted, &mut reading) {
        match edit_plan(app, &by.scope, batch.id, plan).await {
            Ok(()) => {
                return Ok(Reply::to(address(&by, batch.id, ""))
                    .done("The plan is changed. Letters drafted before stay as they are."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("what", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, &desk, Some(&batch), reading.again());
    desk.again("batches", "pages/batches_form.html", content)
}

#[derive(Clone, Debug, Default, FromForm)]
struct Asked {
    #[field(default = String::new())]
    q: String,
    #[field(default = String::new())]
    state: String,
    #[field(default = String::new())]
    kind: String,
    #[field(default = String::new())]
    model: String,
    /// A named set: its members alone, in place of the filter.
    #[field(default = String::new())]
    set: String,
}

/// The agencies that fit, each with the reason why a set has it; and how many there are in all.
async fn fitting(
    app: &App,
    scope: &Scope,
    asked: &Asked,
    most: u64,
) -> Result<(Vec<(Agency, String)>, u64), WebError> {
    let db = app.store.read();
    if let Ok(set) = asked.set.parse::<SetId>() {
        let mut members = agency_sets::list_with_agencies(db, scope, set).await?;
        let total = members.len() as u64;
        members.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        return Ok((members, total));
    }
    let (found, total) = agencies::search(db, scope, &filter(asked), 0, most).await?;
    let plain = |agency| (agency, String::new());
    Ok((found.into_iter().map(plain).collect(), total))
}

fn filter(asked: &Asked) -> Filter {
    Filter {
        words: asked.q.chars().take(100).collect(),
        jurisdiction: Some(asked.state.clone()).filter(|state| !state.is_empty()),
        kind: AgencyKind::parse(&asked.kind),
        model: AgreementModel::parse(&asked.model),
        ..Filter::default()
    }
}

#[get("/c/<_>/batches/<id>/agencies?<asked..>")]
async fn choose(by: Worker, id: &str, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let db = app.store.read();
    let batch = batch_of(app, &by.scope, id_of(id)?).await?;
    let there: std::collections::HashSet<AgencyId> = batches::list_targets(db, &by.scope, batch.id)
        .await?
        .into_iter()
        .map(|target| target.agency)
        .collect();
    let (found, total) = fitting(app, &by.scope, &asked, CHOICES).await?;
    let sets: Vec<Value> = agency_sets::list(db, &by.scope)
        .await?
        .iter()
        .map(|set| context! { value => set.id.to_string(), label => set.name.clone() })
        .collect();
    let rows: Vec<Value> = found
        .iter()
        .map(|(agency, reason)| {
            context! {
                id => agency.id.to_string(),
                name => agency.name.clone(),
                kind => agency.kind.plain(),
                county => agency.county.clone().unwrap_or_default(),
                jurisdiction => jurisdiction_name(app, &agency.jurisdiction),
                there => there.contains(&agency.id),
                reason => reason.clone(),
            }
        })
        .collect();
    let content = context! {
        batch => context! { id => batch.id.to_string(), title => batch.title.clone() },
        chosen => there.len(),
        rows => rows,
        total => total,
        asked => context! { q => asked.q, state => asked.state, kind => asked.kind, model => asked.model, set => asked.set },
        sets => sets,
        jurisdictions => jurisdictions(app),
        kinds => kinds(),
        models => models(),
    };
    desk.page("batches", "pages/batches_agencies.html", content)
}

#[post("/c/<_>/batches/<id>/agencies", data = "<posted>")]
async fn add(by: Worker, id: &str, posted: Posted, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let back = address(&by, id, "/agencies");
    let chosen: Vec<AgencyId> = if posted.text("which") == "all" {
        let asked = Asked {
            q: posted.text("q").to_owned(),
            state: posted.text("state").to_owned(),
            kind: posted.text("kind").to_owned(),
            model: posted.text("model").to_owned(),
            set: posted.text("set").to_owned(),
        };
        let most = crate::domain::batch::MOST_TARGETS as u64 + 1;
        let (all, _) =
            agencies::search(app.store.read(), &by.scope, &filter(&asked), 0, most).await?;
        all.into_iter().map(|agency| agency.id).collect()
    } else {
        posted
            .all("agency")
            .into_iter()
            .filter_map(|id| id.parse().ok())
            .collect()
    };
    if chosen.is_empty() {
        return Ok(Reply::to(back).danger("Tick at least one agency. Nothing was added."));
    }
    match add_targets(app, &by.scope, id, &chosen).await {
        Ok(added) => Ok(Reply::to(address(&by, id, "")).done(format!(
            "{added} {} added. What stands in the way is listed first.",
            if added == 1 { "agency" } else { "agencies" }
        ))),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(back).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

/// The table of particulars, one line for each agency.
fn particulars(posted: &Posted, reading: &mut Reading<'_>) -> Vec<Particulars> {
    let mut all = Vec::new();
    for text in posted.all("target") {
        let Ok(target) = text.parse::<TargetId>() else {
            continue;
        };
        let of = |what: &str| format!("{what}_{target}");
        let fiscal = reading.optional(&of("fiscal"), 20);
        let fiscal_year_start = first_day(&fiscal).unwrap_or_default();
        if !fiscal.is_empty() && fiscal_year_start.is_empty() {
            reading.wrong(
                &of("fiscal"),
                "Write month and day, for example July 1 or 07-01.",
            );
        }
        let agreement = posted.text(&of("agreement"));
        let agreement_on = parse_day(agreement);
        if !agreement.is_empty() && agreement_on.is_none() {
            reading.wrong(
                &of("agreement"),
                "This is not a day. Write it as 2025-03-01.",
            );
        }
        all.push(Particulars {
            target,
            facilities: reading.optional(&of("facilities"), 500),
            fiscal_year_start,
            agreement_on,
            accepted: Vec::new(),
            leave_out: posted.has(&of("out")),
        });
    }
    all
}

#[post("/c/<_>/batches/<id>/fields?<asked..>", data = "<posted>")]
async fn fields(
    by: Worker,
    id: &str,
    asked: Shown,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let mut reading = posted.read();
    let mut all = particulars(&posted, &mut reading);
    if !reading.is_right() {
        let content = super::content(app, &by, &desk, id, &asked, reading.again()).await?;
        return desk.again("batches", "pages/batches_one.html", content);
    }
    // What was let pass stays so: this form does not speak of it.
    for target in batches::list_targets(app.store.read(), &by.scope, id).await? {
        if let Some(one) = all.iter_mut().find(|one| one.target == target.id) {
            one.accepted = target.accepted;
        }
    }
    let out = fill_in(app, &by.scope, id, &all).await?;
    let back = Reply::to(address(&by, id, &format!("?page={}", asked.page)));
    Ok(match out {
        0 => back.done("Saved."),
        1 => back.done("Saved; one agency was taken out of the batch."),
        many => back.done(format!(
            "Saved; {many} agencies were taken out of the batch."
        )),
    })
}

#[post("/c/<_>/batches/<id>/pass", data = "<posted>")]
async fn pass(by: Worker, id: &str, posted: Posted, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let targets: Vec<TargetId> = posted
        .text("targets")
        .split_whitespace()
        .filter_map(|text| text.parse().ok())
        .collect();
    let passed = let_pass(app, &by.scope, id, posted.text("problem"), &targets).await?;
    Ok(Reply::to(address(&by, id, "")).note(format!(
        "Let pass for {passed} {}: their letters are drafted all the same.",
        if passed == 1 { "agency" } else { "agencies" }
    )))
}

#[post("/c/<_>/batches/<id>/signer", data = "<posted>")]
async fn signer(by: Worker, id: &str, posted: Posted, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let mut reading = posted.read();
    let named = Signer {
        name: reading.optional("name", 120),
        address: reading.optional("address", 300),
    };
    let state = posted.text("state").to_owned();
    let known = app.law().all().any(|law| law.code.as_str() == state);
    if !known || !reading.is_right() {
        return Err(WebError(ActionError::refused(
            "The name has at most 120 characters, the address 300. Nothing was changed.",
        )));
    }
    match name_signer(app, &by.scope, id, &state, named).await {
        Ok(()) => Ok(Reply::to(address(&by, id, "")).done("Saved for every letter of this state.")),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(address(&by, id, "")).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}
