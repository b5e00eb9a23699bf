//! When the letters of a batch leave: the pace, the times it makes, start, pause, go on.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::{Value, context};
use rocket::{FromForm, Route, State, get, post, routes};

use super::{address, id_of, letters};
use crate::actions::read_batch::{Sheet, read_batch};
use crate::actions::send_batch::{pause_sending, preview, start_sending};
use crate::actions::{ActionError, App};
use crate::domain::batch::pace::Pace;
use crate::domain::batch::{Batch, Sending};
use crate::domain::ids::BatchId;
use crate::domain::request::Status;
use crate::web::desk::{Answer, Desk, Reply, long_day};
use crate::web::form::{Posted, parse_day};
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![times, start, pause]
}

/// The pace as it is tried out in the address bar; what is not there is the batch's own.
#[derive(Clone, Debug, Default, FromForm)]
struct Tried {
    per_day: Option<u32>,
    per_domain_hour: Option<u32>,
    minutes_apart: Option<u32>,
    from_hour: Option<u32>,
    until_hour: Option<u32>,
    /// `skip` or `send`.
    eves: Option<String>,
    send_on: Option<String>,
}

impl Tried {
    fn over(&self, batch: &Batch) -> (Pace, NaiveDate) {
        let own = batch.pace;
        let pace = Pace {
            per_day: self.per_day.unwrap_or(own.per_day),
            per_domain_hour: self.per_domain_hour.unwrap_or(own.per_domain_hour),
            minutes_apart: self.minutes_apart.unwrap_or(own.minutes_apart),
            from_hour: self.from_hour.unwrap_or(own.from_hour),
            until_hour: self.until_hour.unwrap_or(own.until_hour),
            skip_eves: self
                .eves
                .as_deref()
                .map_or(own.skip_eves, |eves| eves != "send"),
        };
        let send_on = self.send_on.as_deref().and_then(parse_day);
        (pace, send_on.unwrap_or(batch.send_on))
    }
}

/// The times day by day, each letter by its agency's own clock.
fn days(sheet: &Sheet, times: &[(usize, DateTime<Utc>)]) -> Vec<Value> {
    let zone = sheet.campaign.time_zone;
    let mut days: BTreeMap<NaiveDate, Vec<(usize, DateTime<Utc>)>> = BTreeMap::new();
    for (row, at) in times {
        let day = at.with_timezone(&zone).date_naive();
        days.entry(day).or_default().push((*row, *at));
    }
    days.into_iter()
        .map(|(day, mut all)| {
            all.sort_by_key(|(_, at)| *at);
            let rows: Vec<Value> = all
                .iter()
                .map(|(row, at)| {
                    let row = &sheet.rows[*row];
                    let there = at.with_timezone(&row.agency.time_zone);
                    context! {
                        agency => row.agency.name.clone(),
                        state => row.agency.jurisdiction.clone(),
                        here => at.with_timezone(&zone).format("%H:%M").to_string(),
                        there => there.format("%H:%M").to_string(),
                        goes_to => row.mail_address().unwrap_or_default(),
                    }
                })
                .collect();
            context! { day => long_day(day), many => rows.len(), rows => rows }
        })
        .collect()
}

async fn content(
    app: &App,
    by: &Member,
    id: BatchId,
    tried: &Tried,
    desk: &Desk,
) -> Result<Value, WebError> {
    let sheet = read_batch(app, &by.scope, id, desk.now).await?;
    let (pace, send_on) = tried.over(&sheet.batch);
    let (pace, wrong) = match pace.checked() {
        Ok(pace) => (
            pace.within(app.config.mail.letters_per_domain_hour),
            String::new(),
        ),
        Err((_, sentence)) => (sheet.batch.pace, sentence.to_owned()),
    };
    let as_tried = Batch {
        pace,
        send_on,
        ..sheet.batch.clone()
    };
    let timed = preview(&sheet, &as_tried, desk.now);
    let times: Vec<(usize, DateTime<Utc>)> = timed
        .iter()
        .filter_map(|one| Some((one.row, one.at?)))
        .collect();
    let by_hand: Vec<Value> = sheet
        .rows
        .iter()
        .filter(|row| row.status() == Some(Status::Approved) && row.mail_address().is_none())
        .map(|row| {
            context! {
                agency => row.agency.name.clone(),
                request => row.target.request.map(|id| id.to_string()).unwrap_or_default(),
                channel => row.contact.as_ref().map(|contact| contact.channel.plain()).unwrap_or("no address"),
            }
        })
        .collect();
    let unread = |row: &&crate::actions::read_batch::Row| {
        matches!(
            row.status(),
            Some(Status::Draft | Status::Returned | Status::WithCounsel)
        )
    };
    Ok(context! {
        batch => context! { id => id.to_string(), title => sheet.batch.title.clone(), number => sheet.batch.number },
        pace => context! {
            per_day => pace.per_day,
            per_domain_hour => pace.per_domain_hour,
            minutes_apart => pace.minutes_apart,
            from_hour => pace.from_hour,
            until_hour => pace.until_hour,
            eves => if pace.skip_eves { "skip" } else { "send" },
            send_on => send_on.to_string(),
        },
        wrong => wrong,
        many => times.len(),
        endless => timed.len() - times.len(),
        days => days(&sheet, &times),
        by_hand => by_hand,
        unread => sheet.rows.iter().filter(unread).count(),
        running => sheet.batch.sending == Sending::Running,
        paused => sheet.batch.sending == Sending::Paused,
        waiting => sheet.rows.iter().filter(|row| row.target.send_at.is_some() && row.target.queued_at.is_none()).count(),
        to_folder => matches!(app.config.mail.way, crate::config::MailWay::Folder(_)),
    })
}

#[get("/c/<_>/batches/<id>/sending?<tried..>")]
async fn times(by: Worker, id: &str, tried: Tried, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let content = content(app, &by, id_of(id)?, &tried, &desk).await?;
    desk.page("batches", "pages/batches_sending.html", content)
}

#[post("/c/<_>/batches/<id>/sending", data = "<posted>")]
async fn start(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let number = |name: &str| posted.text(name).parse::<u32>().ok();
    let tried = Tried {
        per_day: number("per_day"),
        per_domain_hour: number("per_domain_hour"),
        minutes_apart: number("minutes_apart"),
        from_hour: number("from_hour"),
        until_hour: number("until_hour"),
        eves: Some(posted.text("eves").to_owned()),
        send_on: Some(posted.text("send_on").to_owned()),
    };
    let batch = crate::actions::read_batch::batch_of(app, &by.scope, id).await?;
    let (pace, send_on) = tried.over(&batch);
    match start_sending(app, &by.scope, id, pace, send_on, desk.now).await {
        Ok(many) => Ok(Reply::to(address(&by, id, "")).done(format!(
            "{} have their times and leave by themselves. You can pause at any moment.",
            letters(many)
        ))),
        Err(ActionError::Refused(sentence)) => {
            Ok(Reply::to(address(&by, id, "/sending")).danger(sentence))
        }
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/batches/<id>/pause", data = "<_posted>")]
async fn pause(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let id = id_of(id)?;
    let back = Reply::to(address(&by, id, ""));
    match pause_sending(app, &by.scope, id, desk.now).await {
        Ok(()) => Ok(back.note("Paused: no further letter leaves until you go on. What is in the outbox already goes out.")),
        Err(ActionError::Refused(sentence)) => Ok(back.danger(sentence)),
        Err(error) => Err(error.into()),
    }
}
