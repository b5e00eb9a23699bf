//! A new request: which agency, then what is asked of it under which law.

use minijinja::{Value, context};
use rocket::{FromForm, State, get, post};

use crate::actions::draft_request::{
    Addressed, NewRequest, addressed, draft_request, law_of, letter_law, records_contact,
};
use crate::actions::{ActionError, App};
use crate::calendar::FiscalStart;
use crate::domain::agency::fiscal::{OwnFiscal, fiscal_years};
use crate::domain::ids::AgencyId;
use crate::domain::letter::{LetterLaw, Resident};
use crate::domain::records::RecordType;
use crate::domain::reply;
use crate::domain::request::{Format, Period};
use crate::law::{Confidence, Kind};
use crate::store::agencies::{self, Filter};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::{Posted, Reading};
use crate::web::guard::Worker;
use crate::web::pages::agencies::jurisdiction_name;
use crate::web::pages::campaigns::jurisdictions;
use crate::web::trouble::WebError;

#[derive(Clone, Debug, Default, FromForm)]
pub struct Asked {
    #[field(default = String::new())]
    agency: String,
    #[field(default = String::new())]
    q: String,
    #[field(default = String::new())]
    state: String,
    /// Keys of the catalogue that were chosen in its guide, separated by commas.
    #[field(default = String::new())]
    records: String,
}

impl Asked {
    /// The keys that are in the catalogue.
    fn chosen<'a>(&'a self, app: &'a App) -> Vec<&'a str> {
        self.records
            .split(',')
            .filter(|key| app.records.get(key).is_some())
            .collect()
    }
}

/// How many agencies one page of the choice shows.
const CHOICES: u64 = 40;

#[get("/c/<_>/requests/new?<asked..>")]
pub async fn fresh(by: Worker, asked: Asked, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    if let Ok(id) = asked.agency.parse::<AgencyId>() {
        let to = addressed(app, &by.scope, id).await?;
        let content = form(app, &to, &desk, &asked.chosen(app), Value::from(()))?;
        return desk.page("requests", "pages/requests_new.html", content);
    }
    let filter = Filter {
        words: asked.q.chars().take(100).collect(),
        jurisdiction: Some(asked.state.clone()).filter(|state| !state.is_empty()),
        ..Filter::default()
    };
    let (found, total) = agencies::search(app.store.read(), &by.scope, &filter, 0, CHOICES).await?;
    let rows: Vec<Value> = found
        .iter()
        .map(|agency| {
            context! {
                id => agency.id.to_string(),
                name => agency.name.clone(),
                kind => agency.kind.plain(),
                county => agency.county.clone().unwrap_or_default(),
                jurisdiction => jurisdiction_name(app, &agency.jurisdiction),
            }
        })
        .collect();
    let content = context! {
        rows => rows,
        total => total,
        asked => context! {
            q => asked.q.clone(),
            state => asked.state.clone(),
            records => asked.chosen(app).join(","),
            names => asked
                .chosen(app)
                .iter()
                .filter_map(|key| app.records.get(key))
                .map(|record| record.name.en.clone())
                .collect::<Vec<_>>(),
        },
        jurisdictions => jurisdictions(app),
    };
    desk.page("requests", "pages/requests_agency.html", content)
}

#[post("/c/<_>/requests/new?<asked..>", data = "<posted>")]
pub async fn begin(
    by: Worker,
    asked: Asked,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let agency = asked
        .agency
        .parse()
        .map_err(|_| WebError(ActionError::NotFound))?;
    let to = addressed(app, &by.scope, agency).await?;
    let jurisdiction = law_of(app, &to.agency)?;
    let law = letter_law(&jurisdiction, &to.agency, desk.today());
    let mut reading = posted.read();
    if let Some(new) = read(&posted, &mut reading, agency, &law) {
        match draft_request(app, &by.scope, new, desk.now).await {
            Ok(drafted) => {
                let slug = &by.campaign.slug;
                return Ok(Reply::to(format!("/c/{slug}/letters/{}", drafted.letter)).done(format!(
                    "{} is begun. Read its letter, change what you like, then send it to counsel.",
                    drafted.reference
                )));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("what", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = form(app, &to, &desk, &[], reading.again())?;
    desk.again("requests", "pages/requests_new.html", content)
}

/// The form as a request, or a sentence beside each field that does not fit.
fn read(
    posted: &Posted,
    reading: &mut Reading<'_>,
    agency: AgencyId,
    law: &LetterLaw,
) -> Option<NewRequest> {
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
    let format = reading.choice("format", Format::parse, "Choose the form of the records.");
    let ceiling = reading.choice(
        "fee_ceiling",
        |text| reply::cents(if text.is_empty() { "0" } else { text }),
        "Write an amount in dollars, such as 50, or 0 for nothing.",
    );
    let title = reading.optional("title", 120);
    let resident = law.residents_only.then(|| {
        let word = law.residency_word();
        let name = reading.required(
            "resident_name",
            120,
            &format!("Name the {word} of {} who makes this request.", law.state),
        );
        let address = reading.required(
            "resident_address",
            300,
            "Give the address that shows it: it stands in the letter, so take no one's home without asking.",
        );
        Resident { name, address }
    });
    if !reading.is_right() {
        return None;
    }
    Some(NewRequest {
        agency,
        records,
        period: period?,
        format: format?,
        fee_ceiling_cents: ceiling?,
        resident,
        title,
    })
}

/// The records to choose from: the most useful first, then the others under the question that each answers.
fn groups(app: &App) -> Vec<Value> {
    let option = |record: &RecordType| {
        context! {
            value => record.key.clone(),
            label => record.name.en.clone(),
            hint => record.what.clone(),
        }
    };
    let first = app.records.most_useful();
    let mut groups = vec![context! {
        key => "useful",
        asked => "Most useful first",
        options => first.iter().map(option).collect::<Vec<_>>(),
    }];
    for (question, records) in app.records.by_question() {
        let options: Vec<Value> = records
            .into_iter()
            .filter(|record| first.iter().all(|useful| useful.key != record.key))
            .map(option)
            .collect();
        if !options.is_empty() {
            groups.push(
                context! { key => question.key(), asked => question.asked(), options => options },
            );
        }
    }
    groups
}

/// What this agency has to report by law already: asked for by itself, before anything else.
fn reports_made(app: &App, to: &Addressed, law: &LetterLaw) -> Vec<Value> {
    let keys: Vec<&str> = app
        .records
        .all()
        .iter()
        .map(|record| record.key.as_str())
        .collect();
    app.records
        .reports_for(&law.code, law.holder, &to.agency.name, &keys)
        .into_iter()
        .map(|report| {
            let serves: Vec<String> = report
                .serves
                .iter()
                .filter_map(|key| app.records.get(key))
                .map(|record| record.name.en.clone())
                .collect();
            context! {
                name => report.name.clone(),
                says => report.says.clone(),
                citation => report.citation.clone(),
                confidence => report.confidence.as_str(),
                serves => serves,
            }
        })
        .collect()
}

/// Everything the form of a new request shows. `chosen`: keys that were picked in the guide; none picks our own first.
fn form(
    app: &App,
    to: &Addressed,
    desk: &Desk,
    chosen: &[&str],
    f: Value,
) -> Result<Value, WebError> {
    let jurisdiction = law_of(app, &to.agency)?;
    let law = letter_law(&jurisdiction, &to.agency, desk.today());
    let fiscal = fiscal_years(
        to.agency.kind,
        &to.agency.name,
        OwnFiscal::typed(to.agency.fiscal_year_start.as_deref()),
        Some(&jurisdiction.fiscal),
    );
    let known = match fiscal.start {
        Some(_) => format!("fiscal years ({})", fiscal.whence),
        None => format!("calendar years ({})", fiscal.whence),
    };
    let start = fiscal.start;
    let start = start.or_else(|| FiscalStart::try_from("01-01".to_owned()).ok());
    let period = start.and_then(|start| Period::fiscal_years(start, desk.today(), 3, false));
    let chosen: Vec<String> = match chosen {
        [] => vec!["detainer_summary".to_owned(), "detainer_policy".to_owned()],
        picked => picked.iter().map(|key| (*key).to_owned()).collect(),
    };
    let formats: Vec<Value> = Format::ALL
        .iter()
        .map(|format| context! { value => format.as_str(), label => format.plain() })
        .collect();
    let contact = records_contact(&to.contacts);
    Ok(context! {
        f => f,
        agency => context! {
            id => to.agency.id.to_string(),
            name => to.agency.name.clone(),
            kind => to.agency.kind.plain(),
        },
        law => law_view(&law),
        contact => contact.map(|contact| context! {
            value => contact.value.clone(),
            channel => contact.channel.plain(),
            checked => long_day(contact.checked_on),
        }).unwrap_or(Value::from(())),
        groups => groups(app),
        reports => reports_made(app, to, &law),
        formats => formats,
        chosen => chosen,
        period => context! {
            start => period.map(|period| period.start().to_string()).unwrap_or_default(),
            end => period.map(|period| period.end().to_string()).unwrap_or_default(),
            known => known,
            words => period.map(|period| period.in_words()).unwrap_or_default(),
        },
    })
}

/// A law as one sentence with its first limit.
fn law_view(law: &LetterLaw) -> Value {
    let first = law.first.as_ref();
    context! {
        state => law.state.clone(),
        name => law.name.clone(),
        citation => law.citation.clone(),
        code => law.code.as_str(),
        fixed => first.is_some_and(|duty| duty.kind == Kind::Fixed),
        limit => first.map(|duty| duty.limit_plain()).unwrap_or_default(),
        must => first.map(|duty| duty.deed.plain()).unwrap_or_default(),
        first_citation => first.map(|duty| duty.citation.clone()).unwrap_or_default(),
        confidence => first.map_or(Confidence::Unverified, |duty| duty.confidence).as_str(),
        form_note => law.form_note.clone(),
        residents_only => law.residents_only,
        residency_word => law.residency_word(),
        residency_citation => law.eligibility_citation.clone(),
    }
}
