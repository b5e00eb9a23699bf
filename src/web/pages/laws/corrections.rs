//! Corrections of a law: the list on its sheet, one with what it moves, and its approval, rejection and withdrawal.

use minijinja::value::Serde;
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::sheet::{duty_row, force_plain};
use crate::actions::approve_correction::approve_correction;
use crate::actions::law_moves::{Moved, seen_by};
use crate::actions::law_rights::{self, may_correct};
use crate::actions::propose_correction::{sentences, weigh};
use crate::actions::reject_correction::reject_correction;
use crate::actions::withdraw_correction::{weigh_withdrawal, withdraw_correction};
use crate::actions::{ActionError, App};
use crate::domain::ids::{CorrectionId, UserId};
use crate::law::{Code, Jurisdiction, Library, Patch};
use crate::store::campaigns;
use crate::store::law_corrections::{self, Decided, Kept, Standing};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Corrector, Person};
use crate::web::pages::letters::name_of;
use crate::web::trouble::WebError;

pub(super) fn routes() -> Vec<Route> {
    routes![page, approve, reject, withdraw]
}

/// Whether whoever looks may correct the law.
pub(super) async fn may(app: &App, desk: &Desk) -> Result<bool, WebError> {
    match &desk.person {
        Some(person) => Ok(may_correct(app, &person.account).await?),
        None => Ok(false),
    }
}

fn standing_words(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Proposed => ("waiting", "Waits for a second person"),
        Standing::InForce => ("proved", "In force"),
        Standing::Rejected => ("closed", "Rejected"),
        Standing::Withdrawn => ("closed", "Withdrawn"),
    }
}

async fn one_view(app: &App, desk: &Desk, kept: &Kept) -> Result<Value, WebError> {
    let proposed = &kept.proposed;
    let (state, word) = standing_words(kept.standing());
    let mut decided = Vec::new();
    let steps: [(&str, &Option<Decided>); 3] = [
        ("approved", &kept.approved),
        ("rejected", &kept.rejected),
        ("withdrawn", &kept.withdrawn),
    ];
    for (what, step) in steps {
        if let Some(step) = step {
            let who = name_of(app, step.by).await?;
            let mut line = format!("{what} by {who}, {}", desk.when(step.at));
            if !step.why.is_empty() {
                line.push_str(&format!(": {}", step.why));
            }
            decided.push(line);
        }
    }
    Ok(context! {
        id => proposed.id.to_string(),
        href => format!("/laws/{}/corrections/{}", proposed.code, proposed.id),
        state => state,
        word => word,
        reason => proposed.reason.clone(),
        source => proposed.source_title.clone(),
        url => proposed.source_url.clone(),
        read => long_day(proposed.source_read_on),
        force => force_plain(proposed.in_force_from, proposed.in_force_until).unwrap_or_default(),
        proposed => format!("proposed by {}, {}", name_of(app, proposed.proposed_by).await?, desk.when(proposed.proposed_at)),
        decided => decided,
        unfit => app.laws.unfit(proposed.id).unwrap_or_default(),
    })
}

/// Every correction of a law, the newest first.
pub(super) async fn list_view(app: &App, desk: &Desk, code: Code) -> Result<Vec<Value>, WebError> {
    let mut all = law_corrections::list_for_code(app.store.read(), code).await?;
    all.sort_by_key(|kept| std::cmp::Reverse(kept.proposed.proposed_at));
    let mut views = Vec::new();
    for kept in &all {
        views.push(one_view(app, desk, kept).await?);
    }
    Ok(views)
}

/// The rules that a correction touches, before and after.
pub(super) fn change_view(before: &Jurisdiction, after: &Jurisdiction, text: &str) -> Value {
    let patch = Patch::read(text).unwrap_or_default();
    let mut ids: Vec<&str> = Vec::new();
    for duty in &patch.duties {
        if !ids.contains(&duty.id.as_str()) {
            ids.push(&duty.id);
        }
    }
    let rows = |j: &Jurisdiction| -> Vec<Value> {
        j.duties
            .iter()
            .filter(|duty| ids.contains(&duty.id.as_str()))
            .map(|duty| Value::from(Serde(duty_row(j, duty))))
            .collect()
    };
    let holidays = patch.holidays.clone().unwrap_or_default();
    let closings: Vec<String> = holidays
        .closings
        .iter()
        .map(|closing| {
            let mut whom = closing.counties.clone();
            whom.extend(
                closing
                    .holders
                    .iter()
                    .map(|holder| holder.plain().to_owned()),
            );
            let whom = if whom.is_empty() {
                "everywhere".to_owned()
            } else {
                format!("only {}", whom.join(", "))
            };
            format!(
                "Closed on {}, {whom}: {} ({}).",
                long_day(closing.on),
                closing.why,
                closing.citation
            )
        })
        .collect();
    let others = !patch.extensions.is_empty()
        || !patch.pauses.is_empty()
        || !patch.silences.is_empty()
        || !patch.appeals.is_empty()
        || !patch.receipts.is_empty()
        || !patch.conditions.is_empty()
        || !holidays.days.is_empty()
        || !holidays.without.is_empty()
        || !holidays.may_be.is_empty()
        || !holidays.local.is_empty()
        || patch.law.is_some()
        || patch.form.is_some()
        || patch.eligibility.is_some()
        || patch.court.is_some()
        || patch.fees.is_some()
        || patch.counting.is_some()
        || patch.detainers.is_some()
        || patch.fiscal.is_some();
    context! {
        before => rows(before),
        after => rows(after),
        closings => closings,
        dropped => patch.drop.clone(),
        others => others,
        text => text,
    }
}

/// What moves, as this person may see it.
pub(in crate::web::pages) async fn moves_view(
    app: &App,
    who: UserId,
    moved: Vec<Moved>,
) -> Result<Value, WebError> {
    let seen = seen_by(app, who, moved).await?;
    let slugs = campaigns::list_for_member(app.store.read(), who).await?;
    let named: Vec<Value> = seen
        .named
        .iter()
        .map(|each| {
            let slug = slugs
                .iter()
                .find(|campaign| campaign.id == each.campaign)
                .map_or("", |campaign| campaign.slug.as_str());
            context! {
                href => format!("/c/{slug}/requests/{}", each.request),
                reference => each.reference.clone(),
                title => each.title.clone(),
                agency => each.agency.clone(),
                shifts => Value::from(Serde(each.shifts.clone())),
            }
        })
        .collect();
    Ok(context! { named => named, elsewhere => seen.elsewhere })
}

pub(super) fn law_view(j: &Jurisdiction) -> Value {
    context! { code => j.code.as_str(), name => j.name.clone() }
}

async fn found(app: &App, code: &str, id: &str) -> Result<Kept, WebError> {
    let code: Code = code.parse().map_err(|_| ActionError::NotFound)?;
    let id: CorrectionId = id.parse().map_err(|_| ActionError::NotFound)?;
    let kept = law_corrections::find(app.store.read(), code, id).await?;
    Ok(kept.ok_or(ActionError::NotFound)?)
}

/// What a correction changes and moves, or why it cannot.
struct Outlook {
    before: Library,
    after: Library,
    moved: Option<Vec<Moved>>,
    problems: String,
}

async fn outlook(app: &App, desk: &Desk, kept: &Kept) -> Result<Outlook, WebError> {
    let plain = || (*app.law()).clone();
    Ok(match kept.standing() {
        Standing::Proposed => {
            match weigh(app, kept.proposed.code, &kept.proposed.text, desk.now).await? {
                Ok(weighed) => Outlook {
                    before: weighed.before,
                    after: weighed.after,
                    moved: Some(weighed.moved),
                    problems: String::new(),
                },
                Err(problems) => Outlook {
                    before: plain(),
                    after: plain(),
                    moved: None,
                    problems: sentences(&problems),
                },
            }
        }
        Standing::InForce => {
            // Seen from the withdrawal: the law with it is what holds now.
            let undone = weigh_withdrawal(app, kept, desk.now).await?;
            Outlook {
                before: undone.after,
                after: undone.before,
                moved: Some(undone.moved),
                problems: String::new(),
            }
        }
        Standing::Rejected | Standing::Withdrawn => Outlook {
            before: plain(),
            after: plain(),
            moved: None,
            problems: String::new(),
        },
    })
}

async fn content(
    app: &App,
    desk: &Desk,
    by: &Person,
    kept: &Kept,
    f: Value,
) -> Result<Value, WebError> {
    let code = kept.proposed.code;
    let seen = outlook(app, desk, kept).await?;
    let (Some(before), Some(after)) = (seen.before.get(&code), seen.after.get(&code)) else {
        return Err(ActionError::NotFound.into());
    };
    let may = may_correct(app, &by.account).await?;
    let mine = kept.proposed.proposed_by == by.account.id;
    let standing = kept.standing();
    let waits = standing == Standing::Proposed;
    let why_not = if may && mine && waits {
        let seconds = law_rights::seconds(app, by.account.id).await?;
        let names: Vec<String> = seconds.into_iter().map(|account| account.name).collect();
        if names.is_empty() {
            format!(
                "You proposed this, so a second person approves it. {}",
                law_rights::NOBODY_ELSE
            )
        } else {
            format!(
                "You proposed this, so a second person approves it. It stands on the page of: {}.",
                names.join(", ")
            )
        }
    } else {
        String::new()
    };
    let moves = match seen.moved.filter(|_| may) {
        Some(moved) => moves_view(app, by.account.id, moved).await?,
        None => Value::from(()),
    };
    let history = matches!(standing, Standing::Rejected | Standing::Withdrawn);
    let change = if history || !seen.problems.is_empty() {
        // There is no law with it to compare: only what it says.
        let none = Vec::<Value>::new;
        let text = kept.proposed.text.clone();
        context! { before => none(), after => none(), closings => none(), dropped => none(), others => false, text => text }
    } else {
        change_view(before, after, &kept.proposed.text)
    };
    Ok(context! {
        f => f,
        law => law_view(before),
        one => one_view(app, desk, kept).await?,
        change => change,
        moves => moves,
        withdrawing => standing == Standing::InForce,
        problems => seen.problems,
        may => context! {
            approve => may && waits && !mine,
            reject => may && waits && !mine,
            withdraw => may && (standing == Standing::InForce || (waits && mine)),
        },
        why_not => why_not,
    })
}

#[get("/laws/<code>/corrections/<id>")]
async fn page(by: Person, code: &str, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let kept = found(app, code, id).await?;
    let content = content(app, &desk, &by, &kept, Value::from(())).await?;
    desk.page("laws", "pages/laws_correction.html", content)
}

/// "The dates of 3 open requests moved; their owners are told."
fn told(moved: usize) -> String {
    match moved {
        0 => "No date of an open request moved.".to_owned(),
        1 => "The dates of 1 open request moved; its owner is told.".to_owned(),
        many => format!("The dates of {many} open requests moved; their owners are told."),
    }
}

#[post("/laws/<code>/corrections/<id>/approve", data = "<_posted>")]
async fn approve(
    by: Corrector,
    code: &str,
    id: &str,
    _posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let kept = found(app, code, id).await?;
    let (code, id) = (kept.proposed.code, kept.proposed.id);
    let here = format!("/laws/{code}/corrections/{id}");
    match approve_correction(app, &by.0.account, code, id, desk.now).await {
        Ok(moved) => {
            Ok(Reply::to(here).done(format!("The correction is in force. {}", told(moved))))
        }
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(here).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

/// Shows the page again with a sentence beside the reason.
async fn again(
    app: &App,
    desk: &Desk,
    by: &Person,
    kept: &Kept,
    posted: &Posted,
    sentence: String,
) -> Answer {
    let mut reading = posted.read();
    reading.wrong("why", sentence);
    let content = content(app, desk, by, kept, reading.again()).await?;
    desk.again("laws", "pages/laws_correction.html", content)
}

#[post("/laws/<code>/corrections/<id>/reject", data = "<posted>")]
async fn reject(
    by: Corrector,
    code: &str,
    id: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let kept = found(app, code, id).await?;
    let (code, id) = (kept.proposed.code, kept.proposed.id);
    match reject_correction(app, &by.0.account, code, id, posted.text("why"), desk.now).await {
        Ok(()) => Ok(Reply::to(format!("/laws/{code}/corrections/{id}"))
            .done("The correction is rejected. Nothing moved.")),
        Err(ActionError::Refused(sentence)) => {
            again(app, &desk, &by.0, &kept, &posted, sentence).await
        }
        Err(error) => Err(error.into()),
    }
}

#[post("/laws/<code>/corrections/<id>/withdraw", data = "<posted>")]
async fn withdraw(
    by: Corrector,
    code: &str,
    id: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let kept = found(app, code, id).await?;
    let (code, id) = (kept.proposed.code, kept.proposed.id);
    match withdraw_correction(app, &by.0.account, code, id, posted.text("why"), desk.now).await {
        Ok(moved) => Ok(Reply::to(format!("/laws/{code}/corrections/{id}"))
            .done(format!("The correction is withdrawn. {}", told(moved)))),
        Err(ActionError::Refused(sentence)) => {
            again(app, &desk, &by.0, &kept, &posted, sentence).await
        }
        Err(error) => Err(error.into()),
    }
}
