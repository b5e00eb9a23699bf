//! Writing a later letter of a request: which kinds make sense now, and the form of each.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use rocket::{State, get, post};

use crate::actions::draft_letter::{Ground, draft_letter, ground, names_resident};
use crate::actions::draft_request::Confirmation;
use crate::actions::{ActionError, App};
use crate::domain::event::ReplyKind;
use crate::domain::ids::RequestId;
use crate::domain::letter::{
    Choices, ComposeError, FeeAnswer, Fit, ItemChoice, ItemState, LetterKind, Occasion, Resident,
    Said, Weight, fit, refusals,
};
use crate::domain::reply;
use crate::store::tracking_numbers;
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::{Posted, Reading};
use crate::web::guard::Worker;
use crate::web::pages::sorting::dollars;
use crate::web::trouble::WebError;

const LONGEST: usize = 2_000;
/// A million dollars: no agency's fee comes near.
const MOST_CENTS: i64 = 100_000_000;

fn request_of(id: &str) -> Result<RequestId, WebError> {
    id.parse().map_err(|_| WebError(ActionError::NotFound))
}

fn kind_of(word: &str) -> Result<LetterKind, WebError> {
    LetterKind::parse(word)
        .filter(|kind| *kind != LetterKind::Request)
        .ok_or(WebError(ActionError::NotFound))
}

fn about(ground: &Ground) -> Value {
    let request = &ground.kept.request;
    context! {
        id => request.id.to_string(),
        title => request.title.clone(),
        reference => request.reference.to_string(),
    }
}

#[get("/c/<_>/requests/<id>/write")]
pub async fn choose_kind(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let ground = ground(app, &by.0.scope, request_of(id)?, desk.now).await?;
    let mut fits = Vec::new();
    let mut refused = Vec::new();
    for offer in ground.offers() {
        let kind = offer.kind;
        let row = |why: String, instead: Option<LetterKind>, confirm: bool| {
            context! {
                word => kind.as_str(),
                name => kind.plain(),
                purpose => kind.purpose(),
                why => why,
                instead => instead.map(|kind| context! { word => kind.as_str(), name => kind.plain() }).unwrap_or(Value::from(())),
                confirm => confirm,
            }
        };
        match offer.fit {
            Fit::Now { why, .. } => fits.push(row(why, None, false)),
            Fit::Refused {
                why,
                instead,
                confirm,
            } => refused.push(row(why, instead, confirm.is_some())),
        }
    }
    let content = context! {
        request => about(&ground),
        agency => ground.to.agency.name.clone(),
        fits => fits,
        refused => refused,
    };
    desk.page("requests", "pages/requests_write.html", content)
}

/// Our letters that have left, for the choice of the one that is corrected: the request first.
fn sent_letters(occasion: &Occasion) -> Vec<Value> {
    let mut all = Vec::new();
    if let Some(on) = occasion.sent_on {
        all.push(
            context! { value => "request", label => format!("The request of {}", long_day(on)) },
        );
    }
    for (kind, on) in &occasion.letters {
        all.push(context! {
            value => on.to_string(),
            label => format!("{} of {}", kind.plain(), long_day(*on)),
        });
    }
    all
}

/// What the form of one kind shows.
/// `named`: the request names the resident whom its law asks for; `number`: the agency's own for the request.
fn form_page(
    ground: &Ground,
    kind: LetterKind,
    (named, number): (bool, &str),
    f: Value,
) -> Result<Value, WebError> {
    let occasion = &ground.occasion;
    let verdict = fit(
        kind,
        &ground.law,
        occasion,
        &Default::default(),
        ground.today,
    );
    let (fits, why, instead, confirm) = match verdict {
        Fit::Now { why, .. } => (true, why, None, None),
        Fit::Refused {
            why,
            instead,
            confirm,
        } => (false, why, instead, confirm),
    };
    let classes = refusals().map_err(|faults| {
        ActionError::fault(
            "reading the classes of refusal",
            ComposeError::Registry(faults.join("; ")),
        )
    })?;
    let code = ground.law.code;
    let mut persuasive = Vec::new();
    let mut adverse = Vec::new();
    for class in classes {
        for authority in &class.authorities {
            let label = format!(
                "{}, {}: {}",
                authority.name, authority.citation, authority.says
            );
            match authority.weight_in(code) {
                Weight::Persuasive => persuasive.push(context! {
                    value => authority.key.clone(),
                    label => label,
                    hint => format!("On “{}”. {}: named as persuasive only.", class.name, authority.jurisdiction),
                }),
                Weight::Adverse => adverse.push(context! {
                    class => class.name.clone(), label => label, where_ => authority.jurisdiction.to_string(),
                }),
                Weight::Binding => {}
            }
        }
    }
    let refusal = occasion.refusal();
    let steps: Vec<Value> = ground
        .law
        .steps_for(kind)
        .into_iter()
        .map(|(step, words)| {
            let limit = step
                .file_by
                .as_ref()
                .and_then(|duty| occasion.clocks.iter().find(|clock| clock.id == duty.id))
                .map(|clock| clock.sentence.clone())
                .unwrap_or_else(|| "No limit for filing is on file.".to_owned());
            context! {
                value => step.at.to_string(),
                label => words.name.clone(),
                hint => format!("{} {}", step.appeal.citation, limit),
            }
        })
        .collect();
    let first_step = steps.first().cloned();
    Ok(context! {
        f => f,
        request => about(ground),
        agency => ground.to.agency.name.clone(),
        kind => context! { word => kind.as_str(), name => kind.plain(), purpose => kind.purpose() },
        fits => fits,
        why => why,
        instead => instead.map(|kind| context! { word => kind.as_str(), name => kind.plain() }).unwrap_or(Value::from(())),
        confirm => confirm.map(|(key, citation, says)| context! { key => key, citation => citation, says => says }).unwrap_or(Value::from(())),
        has_words => matches!(kind, LetterKind::FollowUp | LetterKind::OverdueNotice | LetterKind::StatusEnquiry | LetterKind::FeeReply | LetterKind::Clarification | LetterKind::ResponseCheck | LetterKind::ThankYou | LetterKind::Correction),
        words_label => match kind {
            LetterKind::FollowUp => "Your one question",
            LetterKind::Clarification => "Your answer to their question",
            LetterKind::ResponseCheck => "Your questions on codes and figures",
            LetterKind::ThankYou => "What helped",
            LetterKind::Correction => "What was wrong, and what is right",
            LetterKind::FeeReply => "Why it is out of proportion",
            _ => "A sentence of your own",
        },
        has_reply_by => !matches!(kind, LetterKind::FollowUp | LetterKind::Appeal | LetterKind::Complaint | LetterKind::ThankYou | LetterKind::FeeReply | LetterKind::Correction),
        reply_by => occasion.fair_day.map(|day| day.to_string()).unwrap_or_default(),
        is_waiver => kind == LetterKind::FeeWaiver,
        is_fee => kind == LetterKind::FeeReply,
        corrects => kind == LetterKind::Correction,
        sent => sent_letters(occasion),
        asks_resident => kind == LetterKind::Correction && ground.law.residents_only && !named,
        resident_word => ground.law.residency_word(),
        resident_citation => ground.law.eligibility_citation.clone(),
        is_thanks => kind == LetterKind::ThankYou,
        answers => FeeAnswer::ALL.iter().map(|answer| context! { value => answer.as_str(), label => answer.plain() }).collect::<Vec<_>>(),
        narrows => matches!(kind, LetterKind::Clarification | LetterKind::FeeReply),
        checks => kind == LetterKind::ResponseCheck,
        contests => matches!(kind, LetterKind::Appeal | LetterKind::Complaint | LetterKind::Reconsideration),
        states => ItemState::ALL.iter().map(|state| context! { value => state.as_str(), label => capital(state.plain()) }).collect::<Vec<_>>(),
        grounds => classes.iter().map(|class| context! { value => class.key.clone(), label => class.name.clone(), hint => class.next_step.clone() }).collect::<Vec<_>>(),
        files => matches!(kind, LetterKind::Appeal | LetterKind::Complaint),
        steps => steps,
        step => first_step.map(|step| step.get_attr("value").unwrap_or_default()).unwrap_or_default(),
        persuasive => persuasive,
        adverse => adverse,
        refused_on => refusal.map(|said| said.on.to_string()).unwrap_or_default(),
        refusal_words => refusal.map(|said| format!("Sorted as “{}”, {}", said.what.plain(), long_day(said.on))).unwrap_or_default(),
        silent_since => occasion.denied_by_silence(ground.today).map(long_day).unwrap_or_default(),
        fee => occasion.last(ReplyKind::FeeDemanded).map(asked).unwrap_or_default(),
        items => ground.items.iter().map(|item| {
            let (grounds, words) = refused(ground, item.position);
            context! { n => item.position, text => item.text.clone(), grounds => grounds, words => words }
        }).collect::<Vec<_>>(),
        number => number,
    })
}

/// "They asked $1,245.50 (deposit $622.75) on Wed 25 Nov 2026, to be paid by Fri 18 Dec 2026".
fn asked(said: &Said) -> String {
    let amount = said.amount_cents.map_or("a fee".to_owned(), dollars);
    let deposit = said
        .detail
        .deposit_cents
        .map(|cents| format!(" (deposit {})", dollars(cents)))
        .unwrap_or_default();
    let by = said
        .until
        .map(|by| format!(", to be paid by {}", long_day(by)))
        .unwrap_or_default();
    format!("They asked {amount}{deposit} on {}{by}", long_day(said.on))
}

/// On which grounds an item was refused, and in whose words, as the replies were sorted.
fn refused(ground: &Ground, item: i32) -> (Vec<String>, String) {
    ground
        .occasion
        .replies
        .iter()
        .rev()
        .find(|said| {
            !said.detail.grounds.is_empty()
                && (said.detail.items.is_empty() || said.detail.items.contains(&item))
        })
        .map(|said| (said.detail.grounds.clone(), said.detail.words.clone()))
        .unwrap_or_default()
}

/// The agency's own number for the request, the newest.
async fn their_number(app: &App, by: &Worker, id: RequestId) -> Result<String, WebError> {
    let all = tracking_numbers::list(app.store.read(), &by.0.scope, id).await?;
    Ok(all.into_iter().next().unwrap_or_default())
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

#[get("/c/<_>/requests/<id>/write/<kind>")]
pub async fn compose_form(
    by: Worker,
    id: &str,
    kind: &str,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let kind = kind_of(kind)?;
    let ground = ground(app, &by.0.scope, request_of(id)?, desk.now).await?;
    let named = names_resident(app, &by.0.scope, ground.kept.request.id).await?;
    let number = their_number(app, &by, request_of(id)?).await?;
    let content = form_page(&ground, kind, (named, &number), Value::from(()))?;
    desk.page("requests", "pages/requests_write_one.html", content)
}

/// "45" or "45.50" dollars as cents.
fn cents(reading: &mut Reading<'_>, name: &str) -> Option<i64> {
    let text = reading.optional(name, 12);
    if text.is_empty() {
        return None;
    }
    let read = reply::cents(&text).filter(|cents| *cents < MOST_CENTS);
    if read.is_none() {
        reading.wrong(name, "Write an amount in dollars, such as 45 or 45.50.");
    }
    read
}

/// The resident whom the request left out, where the form gives one.
fn resident(reading: &mut Reading<'_>) -> Option<Resident> {
    let name = reading.optional("resident_name", 120);
    let address = reading.optional("resident_address", 400);
    match (name.is_empty(), address.is_empty()) {
        (true, true) => None,
        (false, false) => Some(Resident { name, address }),
        (true, false) => {
            reading.wrong("resident_name", "Write whose address this is.");
            None
        }
        (false, true) => {
            reading.wrong(
                "resident_address",
                "Write the address too: the office may ask for it.",
            );
            None
        }
    }
}

fn choices_of(
    posted: &Posted,
    reading: &mut Reading<'_>,
    ground: &Ground,
    kind: LetterKind,
) -> Choices {
    let mut choices = Choices {
        their_ref: reading.optional("their_ref", 80),
        words: reading.optional("words", LONGEST),
        reply_by: reading.optional_date("reply_by"),
        publication: reading.optional("publication", LONGEST),
        nonprofit: posted.has("nonprofit"),
        stays_open: posted.has("stays_open"),
        with_copies: posted.has("with_copies"),
        corrects_on: posted.text("corrects").parse().ok(),
        step: posted.text("step").parse().ok(),
        refused_on: reading.optional_date("refused_on"),
        refusal_received_on: reading.optional_date("refusal_received_on"),
        pay_cents: cents(reading, "pay"),
        fee_answer: FeeAnswer::parse(posted.text("fee_answer")).unwrap_or_default(),
        persuasive: posted
            .all("persuasive")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        ..Choices::default()
    };
    if choices.reply_by.is_some_and(|day| day <= ground.today) {
        reading.wrong("reply_by", "Choose a day after today.");
    }
    for name in ["refused_on", "refusal_received_on"] {
        let day = if name == "refused_on" {
            choices.refused_on
        } else {
            choices.refusal_received_on
        };
        if day.is_some_and(|day| day > ground.today) {
            reading.wrong(name, "That day has not come yet.");
        }
    }
    for item in &ground.items {
        let n = item.position;
        let choice = ItemChoice {
            position: n,
            state: ItemState::parse(posted.text(&format!("state-{n}"))),
            grounds: posted
                .all(&format!("grounds-{n}"))
                .into_iter()
                .map(str::to_owned)
                .collect(),
            their_words: reading.optional(&format!("their_words-{n}"), LONGEST),
            narrowed: reading.optional(&format!("narrowed-{n}"), LONGEST),
            deferred: posted.has(&format!("deferred-{n}")),
            remark: reading.optional(&format!("remark-{n}"), LONGEST),
        };
        choices.items.push(choice);
    }
    if kind == LetterKind::Correction {
        choices.resident = resident(reading);
        let says_nothing = choices.words.is_empty()
            && choices.resident.is_none()
            && choices.items.iter().all(|item| item.narrowed.is_empty());
        if says_nothing && reading.is_right() {
            reading.wrong(
                "words",
                "Write what was wrong and what is right, or give an item its right words.",
            );
        }
    }
    let contests = matches!(
        kind,
        LetterKind::Appeal | LetterKind::Complaint | LetterKind::Reconsideration
    );
    if contests && choices.items.iter().all(|item| item.grounds.is_empty()) {
        let first = ground.items.first().map_or(1, |item| item.position);
        reading.wrong(
            &format!("grounds-{first}"),
            "Choose at least one ground for at least one item: each is answered by its own paragraph.",
        );
    }
    if kind == LetterKind::ResponseCheck && choices.items.iter().all(|item| item.state.is_none()) {
        let first = ground.items.first().map_or(1, |item| item.position);
        reading.wrong(
            &format!("state-{first}"),
            "Say of at least one item how it stands.",
        );
    }
    choices
}

#[post("/c/<_>/requests/<id>/write/<kind>", data = "<posted>")]
pub async fn compose_letter(
    by: Worker,
    id: &str,
    kind: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let kind = kind_of(kind)?;
    let request = request_of(id)?;
    let number = their_number(app, &by, request).await?;
    let by = by.0;
    let ground = ground(app, &by.scope, request, desk.now).await?;
    let mut reading = posted.read();
    let choices = choices_of(&posted, &mut reading, &ground, kind);
    let mut confirmed = Vec::new();
    let rule = posted.text("confirm_rule");
    if !rule.is_empty() {
        let seen = reading.required(
            "confirm_seen",
            500,
            "Write where you read the rule: the address of the page, or the book and section.",
        );
        confirmed.push(Confirmation {
            rule: rule.to_owned(),
            seen,
            by: by.scope.user,
            at: desk.now,
        });
    }
    if reading.is_right() {
        match draft_letter(app, &by.scope, request, kind, choices, confirmed, desk.now).await {
            Ok(letter) => {
                return Ok(
                    Reply::to(format!("/c/{}/letters/{letter}", by.campaign.slug))
                        .done("Composed. Read it, change what you like, then send it to counsel."),
                );
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("their_ref", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let named = names_resident(app, &by.scope, request).await?;
    let content = form_page(&ground, kind, (named, &number), reading.again())?;
    desk.again("requests", "pages/requests_write_one.html", content)
}

/// The later letters of a request with where each stands, newest first, for the request's page.
pub fn later_letters(
    log: &[crate::domain::event::Event],
    chip: fn(crate::domain::request::Status) -> &'static str,
) -> Vec<Value> {
    let mut seen: BTreeMap<String, ()> = BTreeMap::new();
    crate::domain::request::later_series(log)
        .into_iter()
        .rev()
        .filter(|series| seen.insert(series.clone(), ()).is_none())
        .filter_map(|series| {
            let stands = crate::domain::request::letter_standing(log, &series);
            let (id, version) = stands.letter?;
            let name = series
                .parse::<crate::domain::letter::Series>()
                .map_or_else(|_| series.clone(), |series| series.plain());
            Some(context! {
                id => id.to_string(),
                version => version,
                name => name,
                chip => chip(stands.status),
                status => stands.status.plain(),
            })
        })
        .collect()
}
