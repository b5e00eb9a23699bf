//! The reminders of one request: who hears of it, what stands open, what was told and seen, one's own, what is put off.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use rocket::{State, get, post};

use crate::actions::put_off::{act_on, choose_backup, remind_me, snooze};
use crate::actions::read_clocks::{facts, law_of};
use crate::actions::{ActionError, App, Scope};
use crate::domain::duty;
use crate::domain::event::Event;
use crate::domain::ids::{RequestId, UserId};
use crate::domain::reminder::{Limit, Step, Subject, TaskKind, Topic, Watched, may_snooze_until};
use crate::store::requests::Kept;
use crate::store::{agencies, closings, commit, events, reminder_settings, reminders, requests};
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::Posted;
use crate::web::guard::{Member, Worker};
use crate::web::pages::letters::name_of;
use crate::web::pages::reminders::backups;
use crate::web::trouble::WebError;

/// Notes that this member has opened a request of which they were told.
pub async fn note_seen(app: &App, by: &Member, id: RequestId, desk: &Desk) -> Result<(), WebError> {
    if reminders::any_unseen(app.store.read(), &by.scope, id).await? {
        let tx = app.store.begin().await?;
        reminders::mark_seen(&tx, &by.scope, id, desk.now).await?;
        commit(tx).await?;
    }
    Ok(())
}

/// The short panel beside a request: the owner, the backup, what is the reader's own, how often it was told.
pub async fn panel(
    app: &App,
    by: &Member,
    kept: &Kept,
    log: &[Event],
    desk: &Desk,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let watched = Watched::of_log(log, by.campaign.time_zone);
    let rules = reminder_settings::rules(db, by.campaign.id).await?;
    let backup = match watched.backup.or(rules.backup) {
        Some(id) => name_of(app, id).await?,
        None => String::new(),
    };
    let told = reminders::list_for_request(db, &by.scope, kept.request.id).await?;
    let own: Vec<Value> = watched
        .own
        .iter()
        .filter(|own| own.by == by.scope.user)
        .map(|own| {
            context! {
                matter => format!("own:{}", own.id.simple()),
                on => long_day(own.on),
                note => own.note.clone(),
                due => own.on <= desk.today(),
            }
        })
        .collect();
    let portal_on = watched
        .portal_since
        .map(|since| since + chrono::Days::new(u64::from(rules.rules.portal_every)));
    Ok(context! {
        owner => name_of(app, kept.request.owner).await?,
        backup => backup,
        own => own,
        portal => watched.portal_since.map(long_day).unwrap_or_default(),
        portal_due => portal_on.is_some_and(|on| on <= desk.today()),
        told => told.len(),
        last => told.first().and_then(|row| row.sent_at).map(|at| desk.when(at)).unwrap_or_default(),
    })
}

fn step_words(step: Step) -> String {
    let days = |n: u32, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match step {
        Step::Before(n) => format!("{} before", days(n, "day")),
        Step::On => "on the day".to_owned(),
        Step::After(n) => format!("{} after", days(n, "business day")),
        Step::Week(n) => format!("{} after", days(n, "week")),
        Step::Daily(0) => "on the day".to_owned(),
        Step::Daily(n) => format!("{} after", days(n, "day")),
        Step::Waited(n) => format!("after {}", days(n, "day")),
    }
}

/// One matter that stands open and can be told.
struct Open {
    matter: String,
    words: String,
    topic: Topic,
    due_on: Option<chrono::NaiveDate>,
}

async fn content(
    app: &App,
    desk: &Desk,
    by: &Member,
    id: RequestId,
    f: Value,
    which: &str,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let request = &kept.request;
    let agency = agencies::find(db, &by.scope, request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let log = events::list_for_request(db, &by.scope, id).await?;
    let watched = Watched::of_log(&log, by.campaign.time_zone);
    let closings = closings::in_force(db, by.campaign.id).await?;
    let law = law_of(app, request)?;
    let clocks = duty::clocks(&law, &facts(&agency, &closings, &log), desk.today());
    let headings: BTreeMap<String, String> = clocks
        .iter()
        .map(|clock| (clock.id.clone(), clock.heading.clone()))
        .collect();
    let open = open_matters(&watched, &clocks);
    let mut matters = Vec::new();
    for one in &open {
        let until = may_snooze_until(one.topic, one.due_on, desk.today());
        let snoozed = watched.snoozed.iter().find(|snooze| {
            snooze.by == by.scope.user && snooze.matter == one.matter && snooze.until > desk.today()
        });
        matters.push(context! {
            matter => one.matter.clone(),
            key => one.matter.replace(':', "-"),
            words => one.words.clone(),
            due => one.due_on.map(long_day).unwrap_or_default(),
            last => until.map(|day| day.to_string()).unwrap_or_default(),
            not_now => until.err().unwrap_or_default(),
            snoozed => snoozed.map(|snooze| context! { until => long_day(snooze.until), why => snooze.why.clone() }).unwrap_or(Value::from(())),
            may_end => matches!(one.topic, Topic::Portal | Topic::Own),
            f => if which == one.matter { f.clone() } else { Value::from(()) },
        });
    }
    let rules = reminder_settings::rules(db, by.campaign.id).await?;
    let of_campaign = match rules.backup {
        Some(backup) => name_of(app, backup).await?,
        None => String::new(),
    };
    Ok(context! {
        request => context! { id => id.to_string(), title => request.title.clone(), reference => request.reference.to_string() },
        agency => agency.name.clone(),
        owner => name_of(app, request.owner).await?,
        backup => watched.backup.map(|id| id.to_string()).unwrap_or_default(),
        backups => backups(app, by.campaign.id, Some(request.owner)).await?,
        of_campaign => of_campaign,
        matters => matters,
        told => told(app, &by.scope, id, &headings, desk).await?,
        f_own => if which == "own" { f.clone() } else { Value::from(()) },
        in_three_weeks => (desk.today() + chrono::Days::new(21)).to_string(),
        tomorrow => (desk.today() + chrono::Days::new(1)).to_string(),
    })
}

fn open_matters(watched: &Watched, clocks: &[duty::DutyClock]) -> Vec<Open> {
    let mut open = Vec::new();
    for clock in clocks.iter().filter(|_| watched.is_out) {
        if let Some(limit) = Limit::of(clock) {
            open.push(Open {
                matter: format!("clock:{}", limit.duty),
                words: clock.heading.clone(),
                topic: if limit.ours {
                    Topic::OurWindow
                } else {
                    Topic::AgencyLimit
                },
                due_on: Some(limit.due_on),
            });
        }
    }
    for task in &watched.tasks {
        let (matter, words, topic) = match (task.kind, task.message, task.document, task.letter) {
            (TaskKind::Unsorted, Some(id), _, _) => {
                (format!("reply:{id}"), "A reply to sort", Topic::Replies)
            }
            (TaskKind::Held, _, Some(id), _) => (
                format!("held:{id}"),
                "A document that waits for counsel",
                Topic::Held,
            ),
            (TaskKind::Approval, _, _, Some(id)) => (
                format!("approval:{id}"),
                "A letter that waits for counsel",
                Topic::Approvals,
            ),
            _ => continue,
        };
        open.push(Open {
            matter,
            words: format!("{words}, since {}", long_day(task.since)),
            topic,
            due_on: None,
        });
    }
    if let Some(since) = watched.portal_since {
        open.push(Open {
            matter: "portal".to_owned(),
            words: format!("Save the portal's messages: last on {}", long_day(since)),
            topic: Topic::Portal,
            due_on: None,
        });
    }
    for own in &watched.own {
        let note = if own.note.is_empty() {
            String::new()
        } else {
            format!(": {}", own.note)
        };
        open.push(Open {
            matter: format!("own:{}", own.id.simple()),
            words: format!("Own reminder for {}{note}", long_day(own.on)),
            topic: Topic::Own,
            due_on: None,
        });
    }
    open
}

/// What was told about the request: to whom, when, whether they opened it since, how it ended.
async fn told(
    app: &App,
    scope: &Scope,
    id: RequestId,
    headings: &BTreeMap<String, String>,
    desk: &Desk,
) -> Result<Vec<Value>, WebError> {
    let mut names: BTreeMap<UserId, String> = BTreeMap::new();
    let mut rows = Vec::new();
    for row in reminders::list_for_request(app.store.read(), scope, id).await? {
        for who in [Some(row.reader), row.ended_by].into_iter().flatten() {
            if let std::collections::btree_map::Entry::Vacant(place) = names.entry(who) {
                place.insert(name_of(app, who).await?);
            }
        }
        let what = match &row.subject {
            Subject::Clock { duty, due_on, .. } => format!(
                "{}, {}",
                headings.get(duty).map_or(duty.as_str(), String::as_str),
                long_day(*due_on)
            ),
            other => other.topic().plain().to_owned(),
        };
        rows.push(context! {
            at => row.sent_at.map(|at| desk.when(at)).unwrap_or_default(),
            to => names.get(&row.reader).cloned().unwrap_or_default(),
            what => what,
            step => step_words(row.step),
            seen => row.seen_at.map(|at| desk.when(at)).unwrap_or_default(),
            ended => row.ended_at.map(|at| desk.when(at)).unwrap_or_default(),
            how => row.ended_how.clone(),
            ended_by => row.ended_by.and_then(|who| names.get(&who).cloned()).unwrap_or_default(),
        });
    }
    Ok(rows)
}

fn parse(id: &str) -> Result<RequestId, WebError> {
    id.parse().map_err(|_| WebError(ActionError::NotFound))
}

fn back(by: &Worker, id: RequestId) -> Reply {
    Reply::to(format!("/c/{}/requests/{id}/reminders", by.0.campaign.slug))
}

#[get("/c/<_>/requests/<id>/reminders")]
pub async fn show(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let id = parse(id)?;
    let content = content(app, &desk, &by.0, id, Value::from(()), "").await?;
    note_seen(app, &by.0, id, &desk).await?;
    desk.page("requests", "pages/requests_reminders.html", content)
}

#[post("/c/<_>/requests/<id>/reminders/backup", data = "<posted>")]
pub async fn backup(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id = parse(id)?;
    let whom: Option<UserId> = match posted.text("backup") {
        "" => None,
        text => Some(text.parse().map_err(|_| ActionError::NotFound)?),
    };
    match choose_backup(app, &by.0.scope, id, whom, desk.now).await {
        Ok(()) => Ok(back(&by, id).done("Kept.")),
        Err(ActionError::Refused(sentence)) => Ok(back(&by, id).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/requests/<id>/reminders/own", data = "<posted>")]
pub async fn own(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id = parse(id)?;
    let mut reading = posted.read();
    let on = reading.date("on", "Choose the day on which you want to be reminded.");
    let note = reading.optional("note", 500);
    if let (true, Some(on)) = (reading.is_right(), on) {
        match remind_me(app, &by.0.scope, id, on, &note, desk.now).await {
            Ok(()) => {
                let words = format!(
                    "You are reminded on {}, whatever the status then.",
                    long_day(on)
                );
                return Ok(back(&by, id).done(words));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("on", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &desk, &by.0, id, reading.again(), "own").await?;
    desk.again("requests", "pages/requests_reminders.html", content)
}

#[post("/c/<_>/requests/<id>/reminders/put-off", data = "<posted>")]
pub async fn put_off(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id = parse(id)?;
    let matter = posted.text("matter").to_owned();
    let mut reading = posted.read();
    let until = reading.date("until", "Choose the day until which it can wait.");
    let why = reading.required("why", 500, "Say why it can wait: colleagues read it here.");
    if let (true, Some(until)) = (reading.is_right(), until) {
        match snooze(app, &by.0.scope, id, &matter, until, &why, desk.now).await {
            Ok(()) => {
                let words = format!(
                    "You hear of it again on {}. Others hear of it as before.",
                    long_day(until)
                );
                return Ok(back(&by, id).done(words));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("until", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = content(app, &desk, &by.0, id, reading.again(), &matter).await?;
    desk.again("requests", "pages/requests_reminders.html", content)
}

#[post("/c/<_>/requests/<id>/reminders/done", data = "<posted>")]
pub async fn done(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id = parse(id)?;
    let to = Reply::to(format!("/c/{}/requests/{id}", by.0.campaign.slug));
    match act_on(
        app,
        &by.0.scope,
        id,
        posted.text("matter"),
        posted.text("note"),
        desk.now,
    )
    .await
    {
        Ok(()) => Ok(to.done("Noted as dealt with.")),
        Err(ActionError::Refused(sentence)) => Ok(to.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}
