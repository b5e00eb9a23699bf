//! The wording of letters: every clause of the house, this campaign's own words for some, what they would say to three
//! of its agencies, and counsel's signature.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::adapt_clause::{
    adapt_clause, clause_of, house, house_sha256, judge, return_to_house, sign_clause, try_on,
};
use crate::actions::{ActionError, App};
use crate::domain::ids::AgencyId;
use crate::domain::letter::{ClauseText, difference, fields_of};
use crate::store::agencies::{self, Filter};
use crate::store::campaigns;
use crate::store::wordings::{self, Wording};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Counsel, Member, Worker};
use crate::web::pages::agencies::jurisdiction_name;
use crate::web::pages::letters::name_of;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![list, page, write, sign, back_to_house]
}

/// How a clause stands in this campaign: chip, words.
fn standing(versions: &[&Wording]) -> (&'static str, String) {
    let newest = versions.first().filter(|newest| !newest.words.is_empty());
    let in_force = versions
        .iter()
        .find(|version| version.signed.is_some())
        .filter(|version| !version.words.is_empty());
    match (newest, in_force) {
        (Some(newest), _) if newest.signed.is_none() => (
            "due",
            format!("Version {} waits for counsel", newest.version),
        ),
        (_, Some(in_force)) => (
            "proved",
            format!("This campaign's words, version {}", in_force.version),
        ),
        _ => ("draft", "The house's words".to_owned()),
    }
}

fn changed_beneath(clause: &ClauseText, versions: &[&Wording]) -> bool {
    versions.first().is_some_and(|newest| {
        !newest.words.is_empty() && newest.house_sha256 != house_sha256(clause)
    })
}

#[get("/c/<_>/wording")]
async fn list(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let house = house()?;
    let all = wordings::list(app.store.read(), &by.0.scope).await?;
    let mut of: BTreeMap<&str, Vec<&Wording>> = BTreeMap::new();
    for wording in &all {
        of.entry(&wording.clause).or_default().push(wording);
    }
    let none = Vec::new();
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for clause in house.clauses() {
        let versions = of.get(clause.id.as_str()).unwrap_or(&none);
        let (chip, words) = standing(versions);
        let group = clause
            .id
            .split('/')
            .next()
            .unwrap_or_default()
            .replace('_', " ");
        groups.entry(group).or_default().push(context! {
            id => clause.id.clone(),
            name => clause.id.rsplit('/').next().unwrap_or_default().replace('_', " "),
            purpose => clause.purpose.clone(),
            chip => chip,
            standing => words,
            changed => changed_beneath(clause, versions),
        });
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(name, clauses)| context! { name => name, clauses => clauses })
        .collect();
    let content = context! { groups => groups, version => house.version() };
    desk.page("requests", "pages/wording.html", content)
}

/// As many agencies as a person can choose from at once.
const CHOICES: u64 = 500;

async fn content(
    app: &App,
    by: &Member,
    desk: &Desk,
    clause: &ClauseText,
    words: &str,
    chosen: &[AgencyId],
    f: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let versions = wordings::list_for_clause(db, &by.scope, &clause.id).await?;
    let (found, _) = agencies::search(db, &by.scope, &Filter::default(), 0, CHOICES).await?;
    let choices: Vec<Value> = found
        .iter()
        .map(|agency| {
            context! {
                value => agency.id.to_string(),
                label => format!("{}, {}", agency.name, jurisdiction_name(app, &agency.jurisdiction)),
            }
        })
        .collect();
    let mut past = Vec::new();
    for version in &versions {
        let signed = match version.signed {
            Some((by, at)) => format!("{}, {}", name_of(app, by).await?, desk.when(at)),
            None => String::new(),
        };
        past.push(context! {
            version => version.version,
            words => version.words.clone(),
            by => name_of(app, version.written_by).await?,
            at => desk.when(version.written_at),
            signed => signed,
            difference => Serde(difference(clause.text.trim(), &version.words)),
        });
    }
    let tried: Vec<Value> = try_on(app, &by.scope, &clause.id, words, chosen)
        .await?
        .into_iter()
        .map(|tried| {
            context! {
                agency => tried.agency,
                state => tried.state,
                kind => tried.kind.plain().to_lowercase(),
                stands => !tried.tried.is_empty(),
                words => tried.tried.join("\n"),
                changed => tried.tried != tried.house,
                difference => Serde(difference(&tried.house.join(" "), &tried.tried.join(" "))),
                problem => tried.problem,
            }
        })
        .collect();
    let borrowed: Vec<&Wording> = versions.iter().collect();
    let (chip, standing) = standing(&borrowed);
    let waits = versions
        .first()
        .filter(|newest| newest.signed.is_none())
        .map(|newest| newest.version);
    Ok(context! {
        f => f,
        clause => context! {
            id => clause.id.clone(),
            name => clause.id.rsplit('/').next().unwrap_or_default().replace('_', " "),
            purpose => clause.purpose.clone(),
            when => clause.when.clone().unwrap_or_default(),
            house => clause.text.trim(),
            house_version => clause.version,
            chip => chip,
            standing => standing,
            changed => changed_beneath(clause, &borrowed),
            own => versions.first().is_some_and(|newest| !newest.words.is_empty()),
        },
        words => words,
        fields => fields_of(house()?, clause).into_iter().collect::<Vec<_>>(),
        choices => choices,
        chosen => (0..3).map(|at| chosen.get(at).map(ToString::to_string).unwrap_or_default()).collect::<Vec<_>>(),
        tried => tried,
        versions => past,
        waits => waits.map(Value::from).unwrap_or(Value::from(())),
        may_sign => by.scope.may_approve(),
    })
}

/// Three agencies, of three of the campaign's own states where it has so many: they differ most.
async fn some_agencies(app: &App, by: &Member) -> Result<Vec<AgencyId>, WebError> {
    let db = app.store.read();
    let (mut found, _) = agencies::search(db, &by.scope, &Filter::default(), 0, CHOICES).await?;
    let own = campaigns::list_jurisdictions(db, by.scope.campaign).await?;
    found.sort_by_key(|agency| !own.contains(&agency.jurisdiction));
    let mut chosen: Vec<AgencyId> = Vec::new();
    let mut states: Vec<&str> = Vec::new();
    for agency in &found {
        if chosen.len() < 3 && !states.contains(&agency.jurisdiction.as_str()) {
            states.push(&agency.jurisdiction);
            chosen.push(agency.id);
        }
    }
    for agency in &found {
        if chosen.len() < 3 && !chosen.contains(&agency.id) {
            chosen.push(agency.id);
        }
    }
    Ok(chosen)
}

#[get("/c/<_>/wording/<group>/<name>")]
async fn page(by: Worker, group: &str, name: &str, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let clause = clause_of(&format!("{group}/{name}"))?;
    let versions = wordings::list_for_clause(app.store.read(), &by.scope, &clause.id).await?;
    let words = versions
        .first()
        .map(|newest| newest.words.as_str())
        .filter(|words| !words.is_empty())
        .unwrap_or(clause.text.trim());
    let chosen = some_agencies(app, &by).await?;
    let content = content(app, &by, &desk, clause, words, &chosen, Value::from(())).await?;
    desk.page("requests", "pages/wording_one.html", content)
}

#[post("/c/<_>/wording/<group>/<name>", data = "<posted>")]
async fn write(
    by: Worker,
    group: &str,
    name: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let clause = clause_of(&format!("{group}/{name}"))?;
    let words = posted
        .exact("words")
        .replace("\r\n", "\n")
        .trim()
        .to_owned();
    let mut reading = posted.read();
    let only_try = posted.text("do") == "try";
    if only_try {
        for fault in judge(app, &clause.id, &words).await? {
            reading.wrong("words", fault);
        }
    } else {
        match adapt_clause(app, &by.scope, &clause.id, &words, desk.now).await {
            Ok(version) => {
                return Ok(
                    Reply::to(format!("/c/{}/wording/{}", by.campaign.slug, clause.id)).done(
                        format!(
                            "Saved as version {version}. No letter uses it until counsel signs it."
                        ),
                    ),
                );
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("words", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let mut chosen: Vec<AgencyId> = Vec::new();
    for field in ["agency1", "agency2", "agency3"] {
        if let Ok(id) = posted.text(field).parse() {
            chosen.push(id);
        }
    }
    let content = content(app, &by, &desk, clause, &words, &chosen, reading.again()).await?;
    desk.again("requests", "pages/wording_one.html", content)
}

#[post("/c/<_>/wording/<group>/<name>/sign", data = "<posted>")]
async fn sign(
    by: Counsel,
    group: &str,
    name: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let id = format!("{group}/{name}");
    clause_of(&id)?;
    let to = format!("/c/{}/wording/{id}", by.0.campaign.slug);
    let Ok(version) = posted.text("version").parse::<i32>() else {
        return Ok(Reply::to(to).danger("Say which version. Nothing was signed."));
    };
    match sign_clause(app, &by.0.scope, &id, version, desk.now).await {
        Ok(()) => Ok(Reply::to(to).done(
            "Signed: letters are composed in these words from now on. Letters already written keep theirs.",
        )),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(to).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/wording/<group>/<name>/house", data = "<_posted>")]
async fn back_to_house(
    by: Worker,
    group: &str,
    name: &str,
    _posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let id = format!("{group}/{name}");
    clause_of(&id)?;
    let to = format!("/c/{}/wording/{id}", by.0.campaign.slug);
    match return_to_house(app, &by.0.scope, &id, desk.now).await {
        Ok(()) => {
            Ok(Reply::to(to).done("The house's words are in use again. Your versions stay below."))
        }
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(to).note(sentence)),
        Err(error) => Err(error.into()),
    }
}
