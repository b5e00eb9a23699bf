//! What a member has before them today: limits near or passed, what waits for them, what is new. Reads only.
//!
//! A role sees its own: the meeting team gets no deadlines and no mail, counsel gets what waits for counsel.

mod bunches;
mod own;
mod waits;

use std::collections::HashMap;

use chrono::NaiveDate;

use self::bunches::Bunches;
use super::read_clocks::{law_of, logs, sheet};
use super::{App, Deed, Scope};
use crate::domain::duty::{ClockState, DutyClock};
use crate::domain::event::{Event, Happening};
use crate::domain::ids::{AgencyId, RequestId};
use crate::domain::letter::{LetterKind, Series};
use crate::domain::person::Role;
use crate::domain::reminder::{Limit, overtaken};
use crate::domain::request::{Request, Standing, Status, later_series, letter_standing, standing};
use crate::store::agencies::{self, Agency};
use crate::store::closings::{self, Closings};
use crate::store::{batches, mail_tasks, messages, reminder_settings, requests};

/// Business days ahead that count as near.
const NEAR: i64 = 5;

/// One thing to look at. `at` is the rest of its address within the campaign: `requests/0f…`; with a slash before it,
/// an address outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    pub at: String,
    pub what: String,
    pub kind: Kind,
    /// The limit, where there is one.
    pub due_on: Option<NaiveDate>,
    pub more: String,
    /// What the button says.
    pub act: &'static str,
}

/// How a matter is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Due,
    Late,
    Waiting,
    Held,
}

/// A member's day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// The soonest limit first.
    pub due: Vec<Matter>,
    pub waits: Vec<Matter>,
    pub new: Vec<Matter>,
    /// Whether the campaign has begun any request.
    pub has_requests: bool,
}

impl Day {
    /// The number beside "Today".
    pub fn count(&self) -> usize {
        self.due.len() + self.waits.len() + self.new.len()
    }
}

/// Everything before this member on `today`, the campaign's day.
pub async fn read_today(app: &App, by: &Scope, today: NaiveDate) -> Deed<Day> {
    let db = app.store.read();
    let mut day = Day::default();
    if by.sees_work() {
        let agencies: HashMap<AgencyId, Agency> = agencies::list(db, by)
            .await?
            .into_iter()
            .map(|agency| (agency.id, agency))
            .collect();
        let logs = logs(app, by.campaign).await?;
        let closings = closings::in_force(db, by.campaign).await?;
        let mut bunches = Bunches::of(batches::by_request(db, by).await?);
        let rules = reminder_settings::rules(db, by.campaign).await?.rules;
        let portal_every = u64::from(rules.portal_every);
        let mut own_waits = Vec::new();
        for kept in requests::list(db, by).await? {
            day.has_requests = true;
            let request = &kept.request;
            if let (Some(agency), Some(log)) =
                (agencies.get(&request.agency), logs.get(&request.id))
            {
                let known = (&closings, log.as_slice());
                look_at(app, by, request, agency, known, today, &mut bunches)?;
                let about = (request, agency, log.as_slice());
                own_waits.extend(own::reminders(by, about, portal_every, today));
            }
        }
        (day.due, day.waits) = bunches.gathered();
        day.waits.extend(own_waits);
        day.due.sort_by_key(|matter| matter.due_on);
        new_mail(app, by, &logs, &mut day).await?;
        mail_asks(app, by, today, &mut day).await?;
        waits::open_imports(app, by, &mut day).await?;
    } else {
        day.has_requests = !requests::list(db, by).await?.is_empty();
    }
    if by.may_approve() {
        waits::wording_to_sign(app, by, &mut day).await?;
    }
    waits::held_documents(app, by, &mut day).await?;
    waits::facts_to_check(app, by, &mut day).await?;
    waits::corrections_to_approve(app, by, &mut day).await?;
    Ok(day)
}

/// How many things wait for this member that belong to no request: wording, figures, corrections of the law.
pub async fn count_beside(app: &App, by: &Scope) -> Deed<usize> {
    let mut day = Day::default();
    if by.may_approve() {
        waits::wording_to_sign(app, by, &mut day).await?;
    }
    waits::facts_to_check(app, by, &mut day).await?;
    waits::corrections_to_approve(app, by, &mut day).await?;
    Ok(day.waits.len())
}

/// One request: its limits, and what its letter waits for.
fn look_at(
    app: &App,
    by: &Scope,
    request: &Request,
    agency: &Agency,
    (closings, log): (&Closings, &[Event]),
    today: NaiveDate,
    bunches: &mut Bunches,
) -> Deed<()> {
    let stands = standing(log);
    if stands.status.is_out() {
        let law = law_of(app, request)?;
        let calendar = law.calendar();
        for clock in sheet(app, request, agency, closings, log, today)?.duties {
            let Some(due_on) = Limit::of(&clock).map(|limit| limit.due_on) else {
                continue;
            };
            let late = clock.state == ClockState::Late || due_on < today;
            let days = calendar.business_days_between(today, due_on);
            if late || days <= NEAR {
                let matter = limit(request, agency, &clock, due_on, late, days);
                bunches.due(request.id, &clock.heading, matter);
            }
        }
    }
    if let Some((matter, words)) = letter(by, request, agency, &stands, "Letter") {
        let at = seen_to_in_batch(stands.status, None);
        bunches.waits(request.id, "Letter", words, at, matter);
    }
    for name in later_series(log) {
        let own = letter_standing(log, &name);
        let series = name.parse::<Series>().ok();
        let plain = series.map_or_else(|| "Letter".to_owned(), Series::plain);
        let Some((mut matter, words)) = letter(by, request, agency, &own, &plain) else {
            continue;
        };
        let by_itself = log.iter().any(|event| {
            matches!(&event.what, Happening::ChaserDrafted { letter, .. }
                if own.letter.is_some_and(|(id, _)| id == *letter))
        });
        if by_itself
            && own.status == Status::Draft
            && own.letter.is_some_and(|(id, _)| overtaken(log, id))
        {
            // The agency has answered meanwhile: the draft stays on the request's page and asks for nothing.
            continue;
        }
        if by_itself && own.status == Status::Draft {
            matter.what = format!("{plain} to {} waits for you", agency.name);
            matter.kind = Kind::Waiting;
            matter.more = format!(
                "{} · drafted by itself after a missed limit: read it, then send it to counsel",
                request.reference
            );
        }
        let kind = series.map_or("Letter", |series| series.kind.plain());
        let at = seen_to_in_batch(own.status, series.map(|series| series.kind));
        bunches.waits(request.id, kind, words, at, matter);
    }
    Ok(())
}

/// Where in its batch many letters that stand so are seen to; none where each needs its own look.
fn seen_to_in_batch(status: Status, later: Option<LetterKind>) -> Option<String> {
    match (status, later) {
        (Status::WithCounsel, Some(kind)) => Some(format!("/review?kind={kind}")),
        (Status::WithCounsel, None) => Some("/review".to_owned()),
        (Status::Draft | Status::Approved, Some(_)) => Some("/afterwards".to_owned()),
        (Status::Draft | Status::Approved, None) => Some(String::new()),
        _ => None,
    }
}

fn limit(
    request: &Request,
    agency: &Agency,
    clock: &DutyClock,
    due_on: NaiveDate,
    late: bool,
    days: i64,
) -> Matter {
    let whose = if clock.ours {
        "our own limit"
    } else {
        "the agency's limit"
    };
    let distance = match (late, days) {
        (true, _) => "has passed".to_owned(),
        (false, 0) => "today".to_owned(),
        (false, 1) => "in 1 business day".to_owned(),
        (false, days) => format!("in {days} business days"),
    };
    Matter {
        at: format!("requests/{}#clock-{}", request.id, clock.id),
        what: format!("{} · {}", agency.name, clock.heading),
        kind: if late { Kind::Late } else { Kind::Due },
        due_on: Some(due_on),
        more: format!("{distance} · {whose} · {}", request.reference),
        act: "Open",
    }
}

/// What the letter of a request waits for, if it waits for this member, and those words alone.
fn letter(
    by: &Scope,
    request: &Request,
    agency: &Agency,
    stands: &Standing,
    name: &str,
) -> Option<(Matter, &'static str)> {
    let counsel = by.may_approve();
    let mine = request.owner == by.user;
    let at_letter = |tail: &str| {
        stands.letter.map_or_else(
            || format!("requests/{}", request.id),
            |(letter, _)| format!("letters/{letter}{tail}"),
        )
    };
    let (at, words, kind, more, act) = match stands.status {
        Status::WithCounsel if counsel => (
            at_letter("/review"),
            "waits for your approval",
            Kind::Waiting,
            String::new(),
            "Review",
        ),
        Status::Returned if by.role == Role::Researcher => {
            let comment: String = stands
                .returned_because
                .iter()
                .flat_map(|words| words.chars())
                .take(120)
                .collect();
            (
                at_letter("/edit"),
                "returned by counsel",
                Kind::Plain,
                comment,
                "Edit",
            )
        }
        Status::Draft if mine => (
            at_letter(""),
            "is a draft",
            Kind::Plain,
            String::new(),
            "Go on",
        ),
        Status::Approved if by.may_draft() && stands.recalled_at.is_some() => (
            at_letter(""),
            "was taken back before it left",
            Kind::Waiting,
            String::new(),
            "Look",
        ),
        Status::Held if by.may_draft() => (
            format!("requests/{}#sending", request.id),
            "is held back",
            Kind::Held,
            "It leaves when somebody says so.".to_owned(),
            "Look",
        ),
        Status::Approved if by.may_draft() => (
            at_letter(""),
            "is approved and has not left",
            Kind::Plain,
            String::new(),
            "Send",
        ),
        Status::DeliveryFailed => (
            format!("requests/{}", request.id),
            "was not delivered",
            Kind::Late,
            String::new(),
            "Look",
        ),
        Status::DeliveryUnknown => {
            let more = "Nobody knows whether it arrived: look before it goes again.".to_owned();
            (
                format!("requests/{}", request.id),
                "may not have arrived",
                Kind::Late,
                more,
                "Look",
            )
        }
        _ => return None,
    };
    let reference = request.reference;
    let matter = Matter {
        at,
        what: format!("{name} to {} {words}", agency.name),
        kind,
        due_on: None,
        more: if more.is_empty() {
            format!("{reference} · {}", request.title)
        } else {
            format!("{reference} · {more}")
        },
        act,
    };
    Some((matter, words))
}

async fn new_mail(
    app: &App,
    by: &Scope,
    logs: &HashMap<RequestId, Vec<Event>>,
    day: &mut Day,
) -> Deed<()> {
    let db = app.store.read();
    for message in messages::list_unsorted(db, by).await? {
        let known = message
            .request
            .is_some_and(|request| logs.contains_key(&request));
        let files = match message.attachments.len() {
            0 => "no files".to_owned(),
            1 => "1 file".to_owned(),
            many => format!("{many} files"),
        };
        day.new.push(Matter {
            at: format!("messages/{}", message.id),
            what: format!("Reply from {}", message.sender),
            kind: Kind::Plain,
            due_on: None,
            more: match (message.subject.trim(), known) {
                ("", true) => files,
                (subject, true) => format!("{subject} · {files}"),
                (_, false) => format!("{files} · of a request that is gone"),
            },
            act: "Sort",
        });
    }
    let tray = messages::count_tray(db, by).await?;
    if tray > 0 {
        day.new.push(Matter {
            at: "tray".to_owned(),
            what: format!(
                "{tray} {} to no request",
                if tray == 1 {
                    "message belongs"
                } else {
                    "messages belong"
                }
            ),
            kind: Kind::Waiting,
            due_on: None,
            more: "Mail tray".to_owned(),
            act: "Sort",
        });
    }
    Ok(())
}

/// What messages ask for: records to be fetched before a link expires.
async fn mail_asks(app: &App, by: &Scope, today: NaiveDate, day: &mut Day) -> Deed<()> {
    for task in mail_tasks::list_open(app.store.read(), by).await? {
        let near = task
            .due_on
            .is_some_and(|due_on| (due_on - today).num_days() <= 3);
        day.waits.push(Matter {
            at: format!("messages/{}#tasks", task.message),
            what: task.what,
            kind: if near { Kind::Due } else { Kind::Waiting },
            due_on: task.due_on,
            more: match task.due_on {
                Some(due_on) if due_on < today => "the link may have expired".to_owned(),
                Some(_) => "then the link ends".to_owned(),
                None => "the message states no last day".to_owned(),
            },
            act: "Open",
        });
    }
    Ok(())
}
