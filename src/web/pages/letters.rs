//! A letter: read, edited with notes beside it, sent to counsel; and counsel's page on it.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use super::requests::{chip, names_in};
use crate::actions::approve_letter::approve_letter;
use crate::actions::confirm_rule::confirm_rule;
use crate::actions::draft_request::Reasons;
use crate::actions::edit_letter::{InHand, edit_letter, in_hand, law_in_hand};
use crate::actions::enclose::{behind, candidates, enclose};
use crate::actions::record_receipt::Receipt;
use crate::actions::record_sending::record_sending;
use crate::actions::return_letter::return_letter;
use crate::actions::submit_letter::submit_letter;
use crate::actions::{ActionError, App};
use crate::domain::approval::HasText;
use crate::domain::delivery::State as Delivered;
use crate::domain::event::Evidence;
use crate::domain::ids::{LetterId, UserId};
use crate::domain::letter::{LetterKind, LetterLaw, Note, Series, check, passages, settle};
use crate::domain::request::Status;
use crate::store::letters::Letter;
use crate::store::{accounts, agencies, deliveries, letters, papers};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Counsel, Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![
        page,
        edit,
        change,
        submit,
        review,
        approve,
        give_back,
        confirm,
        choose_files,
        send_elsewhere
    ]
}

/// More than any letter that somebody will read.
const LONGEST_BODY: usize = 60_000;
const LONGEST_SUBJECT: usize = 200;

fn id_of(text: &str) -> Result<LetterId, WebError> {
    text.parse().map_err(|_| WebError(ActionError::NotFound))
}

/// A note with the line that it is about, in words.
fn note_view(note: &Note, body: &str) -> Value {
    let line = note
        .line
        .checked_sub(1)
        .and_then(|at| body.lines().nth(at))
        .unwrap_or_default();
    let excerpt: String = line.trim().chars().take(60).collect();
    context! {
        line => note.line,
        excerpt => excerpt,
        message => note.message.clone(),
        blocking => note.blocking,
    }
}

fn notes(subject: &str, body: &str, law: &LetterLaw) -> Vec<Value> {
    check(subject, body, law)
        .iter()
        .map(|note| note_view(note, body))
        .collect()
}

pub(in crate::web::pages) async fn name_of(app: &App, id: UserId) -> Result<String, WebError> {
    let account = accounts::find(app.store.read(), id).await?;
    Ok(account.map_or_else(|| "somebody who is gone".to_owned(), |account| account.name))
}

/// What every page on a letter shows.
async fn view(app: &App, by: &Member, hand: &InHand, desk: &Desk) -> Result<Value, WebError> {
    let db = app.store.read();
    let letter = &hand.letter;
    let request = &hand.request.request;
    let agency = agencies::find(db, &by.scope, request.agency).await?;
    let law = law_in_hand(app, &by.scope, &hand.request).await?;
    let reasons = Reasons::of(letter);
    let adapted: Vec<Value> = reasons
        .adapted
        .iter()
        .map(|(clause, version)| context! { clause => clause.clone(), version => *version })
        .collect();
    let warnings: Vec<Value> = reasons
        .warnings
        .iter()
        .map(|warning| {
            context! {
                message => warning.message.clone(),
                confirm => warning.confirm.as_ref().map(|unsure| context! {
                    key => unsure.key.clone(), citation => unsure.citation.clone(), says => unsure.says.clone(),
                }).unwrap_or(Value::from(())),
            }
        })
        .collect();
    let mut confirmed = Vec::new();
    for one in &reasons.confirmed {
        confirmed.push(context! {
            rule => one.rule.clone(),
            seen => one.seen.clone(),
            by => name_of(app, one.by).await?,
            at => desk.when(one.at),
        });
    }
    let series = letter.kind.parse::<Series>().unwrap_or(Series::REQUEST);
    let is_later = series.kind != LetterKind::Request;
    let delivery = deliveries::find_for_letter(db, &by.scope, letter.id).await?;
    let mut versions = Vec::new();
    let mut names: BTreeMap<UserId, String> = BTreeMap::new();
    for version in letters::list_versions(db, &by.scope, letter.request)
        .await?
        .into_iter()
        .filter(|version| version.kind == letter.kind)
    {
        if let std::collections::btree_map::Entry::Vacant(place) = names.entry(version.written_by) {
            place.insert(name_of(app, version.written_by).await?);
        }
        let decision = letters::find_decision(db, version.id).await?;
        versions.push(context! {
            id => version.id.to_string(),
            version => version.version,
            is_this => version.id == letter.id,
            by => names.get(&version.written_by).cloned().unwrap_or_default(),
            at => desk.when(version.written_at),
            hash => version.sha256.clone(),
            decision => decision.map(|decision| decision.decision.as_str()).unwrap_or_default(),
            with_counsel => version.submitted_at.is_some(),
        });
    }
    let paper = papers::find(db, &by.scope, letter.id).await?.map(|paper| {
        context! {
            pages => paper.pages,
            signed => paper.signature.is_some(),
            at => desk.when(paper.made_at),
            hash => paper.sha256.to_string(),
        }
    });
    let latest = hand
        .standing
        .letter
        .map(|(id, _)| id.to_string())
        .unwrap_or_default();
    Ok(context! {
        letter => context! {
            id => letter.id.to_string(),
            version => letter.version,
            wording => letter.template_version.clone(),
            subject => letter.subject.clone(),
            body => letter.body.clone(),
            hash => letter.sha256.clone(),
            is_latest => hand.is_latest,
            latest => latest,
            may_edit => hand.is_latest && hand.standing.may_edit(),
            may_submit => hand.is_latest && matches!(hand.standing.status, Status::Draft | Status::Returned) && letter.submitted_at.is_none(),
            waits => hand.is_latest && hand.standing.status == Status::WithCounsel,
            name => series.plain(),
            is_later => is_later,
            may_send => is_later && hand.is_latest && hand.standing.status == Status::Approved && delivery.is_none_or(|known| known.state == Delivered::Recalled) && by.scope.may_draft(),
            may_confirm => hand.is_latest && hand.standing.may_edit() && by.scope.may_draft(),
            approved => hand.standing.approved.is_some_and(|(id, _)| id == letter.id),
        },
        adapted => adapted,
        paper => paper.unwrap_or(Value::from(())),
        request => context! {
            id => request.id.to_string(),
            title => request.title.clone(),
            reference => request.reference.to_string(),
        },
        agency => agency.map(|agency| agency.name).unwrap_or_default(),
        law_name => law.name.clone(),
        state_now => context! { chip => chip(hand.standing.status), words => hand.standing.status.plain() },
        returned => hand.standing.returned_because.clone().unwrap_or_default(),
        notes => notes(&letter.subject, &letter.body, &law),
        stopped => check(&letter.subject, &letter.body, &law).iter().any(|note| note.blocking),
        warnings => warnings,
        confirmed => confirmed,
        parts => parts(&letter.body, &reasons),
        enclosures => enclosures(letter),
        candidates => candidates(app, &by.scope, letter).await?.into_iter().map(|one| context! {
            value => one.value, name => one.name, remark => one.remark, may_go => one.may_go, chosen => one.is_chosen,
        }).collect::<Vec<_>>(),
        says_copies => reasons.choices.with_copies,
        send => super::sending::choices(app, by, desk, letter.id, letter.request).await?,
        kinds => super::sending::kinds_of_receipt(),
        versions => versions,
        may_approve => by.scope.may_approve(),
    })
}

/// The files that go along, for every page on a letter.
fn enclosures(letter: &Letter) -> Vec<Value> {
    letter
        .enclosures()
        .into_iter()
        .map(|file| {
            context! {
                name => file.name,
                size => if file.bytes == 0 { String::new() } else { format!("{} kB", file.bytes.div_ceil(1024)) },
                hash => file.sha256,
                href => behind(file.from),
            }
        })
        .collect()
}

#[post("/c/<_>/letters/<id>/files", data = "<posted>")]
async fn choose_files(
    by: Worker,
    id: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let at = |letter: LetterId| format!("/c/{}/letters/{letter}#along", by.campaign.slug);
    match enclose(app, &by.scope, id, &posted.all("file"), desk.now).await {
        Ok(done) if done.unchanged => {
            Ok(Reply::to(at(done.letter)).note("Nothing was different, so nothing was saved."))
        }
        Ok(done) => Ok(Reply::to(at(done.letter)).done(format!(
            "Saved as version {}: counsel approves the files with the text.",
            done.version
        ))),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(at(id)).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[get("/c/<_>/letters/<id>")]
async fn page(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let hand = in_hand(app.store.read(), &by.scope, id_of(id)?).await?;
    let content = view(app, &by, &hand, &desk).await?;
    let content = context! { f => Value::from(()), ..content };
    desk.page("requests", "pages/letters_one.html", content)
}

#[get("/c/<_>/letters/<id>/edit")]
async fn edit(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let hand = in_hand(app.store.read(), &by.scope, id_of(id)?).await?;
    let content = view(app, &by, &hand, &desk).await?;
    let content = context! { f => Value::from(()), ..content };
    desk.page("requests", "pages/letters_edit.html", content)
}

#[post("/c/<_>/letters/<id>/edit", data = "<posted>")]
async fn change(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let hand = in_hand(app.store.read(), &by.scope, id).await?;
    let mut reading = posted.read();
    let subject = reading.required("subject", LONGEST_SUBJECT, "Write a subject line.");
    reading.required("body", LONGEST_BODY, "The letter is empty: write its text.");
    let body = settle(posted.exact("body"));
    let only_check = posted.text("do") == "check";
    if reading.is_right() && !only_check {
        match edit_letter(app, &by.scope, id, &subject, &body, desk.now).await {
            Ok(edited) => {
                let to = format!("/c/{}/letters/{}", by.campaign.slug, edited.letter);
                return Ok(match (edited.unchanged, edited.voided) {
                    (true, _) => Reply::to(to).note("Nothing was different, so nothing was saved."),
                    (false, true) => Reply::to(to).note(format!(
                        "Saved as version {}. What counsel read or approved before no longer counts: send this version to counsel.",
                        edited.version
                    )),
                    (false, false) => Reply::to(to).done(format!("Saved as version {}.", edited.version)),
                });
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("body", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let law = law_in_hand(app, &by.scope, &hand.request).await?;
    let content = view(app, &by, &hand, &desk).await?;
    let content =
        context! { f => reading.again(), notes => notes(&subject, &body, &law), ..content };
    desk.again("requests", "pages/letters_edit.html", content)
}

#[post("/c/<_>/letters/<id>/submit", data = "<_posted>")]
async fn submit(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let to = format!("/c/{}/letters/{id}", by.campaign.slug);
    match submit_letter(app, &by.scope, id, desk.now).await {
        Ok(()) => Ok(Reply::to(to).done("Sent to counsel. You will see the answer on this page.")),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(to).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

/// Each paragraph with the rule that switched it on, and how sure that is.
fn parts(body: &str, reasons: &Reasons) -> Vec<Value> {
    passages(body, &reasons.clauses)
        .iter()
        .filter(|passage| !passage.is_frame)
        .map(|passage| {
            let words: String = passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let clause = passage.clause;
            let rule = clause.and_then(|clause| clause.rule.as_ref());
            context! {
                line => passage.line,
                text => words,
                by_hand => clause.is_none(),
                why => clause.map(|clause| clause.why.clone()).unwrap_or_default(),
                citation => clause.and_then(|clause| clause.citation.clone()).unwrap_or_default(),
                confidence => clause.and_then(|clause| clause.confidence).map(|level| level.as_str()).unwrap_or_default(),
                clause => clause.filter(|clause| !clause.id.is_empty()).map(|clause| format!("{} v{}", clause.id, clause.version)).unwrap_or_default(),
                place => rule.map(|rule| rule.place.clone()).unwrap_or_default(),
                confirmed => rule.is_some_and(|rule| rule.confirmed),
            }
        })
        .collect()
}

#[post("/c/<_>/letters/<id>/confirm", data = "<posted>")]
async fn confirm(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let slug = &by.campaign.slug;
    let mut reading = posted.read();
    let seen = reading.optional("seen", 500);
    match confirm_rule(app, &by.scope, id, posted.text("rule"), &seen, desk.now).await {
        Ok(edited) => Ok(Reply::to(format!("/c/{slug}/letters/{}", edited.letter)).done(format!(
            "Saved as version {}: the letter speaks of the rule on your word, and counsel sees that.",
            edited.version
        ))),
        Err(ActionError::Refused(sentence)) => {
            Ok(Reply::to(format!("/c/{slug}/letters/{id}")).danger(sentence))
        }
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/letters/<id>/sent-elsewhere", data = "<posted>")]
async fn send_elsewhere(
    by: Worker,
    id: &str,
    posted: Posted,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let mut reading = posted.read();
    let on = reading.date("on", "Give the day on which it was received.");
    let evidence = reading.choice(
        "evidence",
        Evidence::parse,
        "Choose what shows that they have it.",
    );
    let note = reading.optional("note", 1_000);
    let hand = in_hand(app.store.read(), &by.scope, id).await?;
    if let (Some(on), Some(evidence), true) = (on, evidence, reading.is_right()) {
        let receipt = Receipt {
            on,
            evidence,
            note,
            after_hours: false,
        };
        match record_sending(app, &by.scope, id, receipt, desk.now).await {
            Ok(()) => {
                let to = format!("/c/{}/requests/{}", by.campaign.slug, hand.letter.request);
                return Ok(Reply::to(to).done("Recorded as sent, and the clocks follow."));
            }
            // The form is shown only beside an approved letter.
            Err(ActionError::Refused(sentence)) if hand.standing.status != Status::Approved => {
                let to = format!("/c/{}/letters/{id}", by.campaign.slug);
                return Ok(Reply::to(to).danger(sentence));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = view(app, &by, &hand, &desk).await?;
    let content = context! { f => reading.again(), ..content };
    desk.again("requests", "pages/letters_one.html", content)
}

/// Counsel's page: the text, the rule behind each paragraph, and the two decisions.
async fn counsel_view(
    app: &App,
    by: &Member,
    hand: &InHand,
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let letter = &hand.letter;
    let content = view(app, by, hand, desk).await?;
    let log =
        crate::store::events::list_for_request(app.store.read(), &by.scope, letter.request).await?;
    let names = names_in(app, &log).await?;
    let submitted_by = letter
        .submitted_by
        .and_then(|by| names.get(&by).cloned())
        .unwrap_or_default();
    Ok(context! {
        f => f,
        submitted_by => submitted_by,
        submitted_at => letter.submitted_at.map(|at| desk.when(at)).unwrap_or_default(),
        ..content
    })
}

#[get("/c/<_>/letters/<id>/review")]
async fn review(by: Counsel, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let hand = in_hand(app.store.read(), &by.scope, id_of(id)?).await?;
    let content = counsel_view(app, &by, &hand, &desk, Value::from(())).await?;
    desk.page("requests", "pages/letters_review.html", content)
}

#[post("/c/<_>/letters/<id>/approve", data = "<posted>")]
async fn approve(by: Counsel, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let slug = &by.campaign.slug;
    match approve_letter(app, &by.scope, id, posted.text("sha256"), desk.now).await {
        Ok(()) => {
            let hand = in_hand(app.store.read(), &by.scope, id).await?;
            let to = format!("/c/{slug}/requests/{}", hand.letter.request);
            Ok(Reply::to(to).done("Approved: this exact text can be sent. Any change to it needs your approval again."))
        }
        Err(ActionError::Refused(sentence)) => {
            Ok(Reply::to(format!("/c/{slug}/letters/{id}/review")).danger(sentence))
        }
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/letters/<id>/return", data = "<posted>")]
async fn give_back(by: Counsel, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let mut reading = posted.read();
    let comment = reading.required(
        "comment",
        4000,
        "Say what should be different: a letter comes back with a comment.",
    );
    if reading.is_right() {
        match return_letter(app, &by.scope, id, &comment, desk.now).await {
            Ok(()) => {
                let hand = in_hand(app.store.read(), &by.scope, id).await?;
                let to = format!("/c/{}/requests/{}", by.campaign.slug, hand.letter.request);
                return Ok(Reply::to(to)
                    .done("Returned with your comment. The drafter sees it on the request."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("comment", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let hand = in_hand(app.store.read(), &by.scope, id).await?;
    let content = counsel_view(app, &by, &hand, &desk, reading.again()).await?;
    desk.again("requests", "pages/letters_review.html", content)
}
