//! When a letter leaves: sent, sent at a chosen time, held back, taken back; and the campaign's window for taking back.

use chrono::{DateTime, NaiveTime, TimeZone, Utc};
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::hold_delivery::{hold_delivery, recall_delivery};
use crate::actions::send_letter::{recall_window, send_letter_when};
use crate::actions::set_recall::set_recall;
use crate::actions::{ActionError, App};
use crate::domain::delivery::State as Standing;
use crate::domain::delivery::when::{Offices, When};
use crate::domain::ids::{DeliveryId, LetterId, RequestId};
use crate::store::letters::Letter;
use crate::store::{agencies, deliveries, letters, requests, sending};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::{Member, Worker};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![send, choose, hold, recall, settings, set]
}

/// What stands beside the buttons that send a letter, for `partials/send_choices.html`.
pub(in crate::web::pages) async fn choices(
    app: &App,
    by: &Member,
    desk: &Desk,
    letter: LetterId,
    request: RequestId,
) -> Result<Value, WebError> {
    let window = recall_window(app, &by.scope).await?;
    let leaves = desk.now + window;
    let awkward = awkward(app, by, request, leaves).await?;
    Ok(context! {
        id => letter.to_string(),
        window => window.num_minutes(),
        leaves => desk.when(leaves),
        awkward => awkward.unwrap_or_default(),
    })
}

/// What speaks against a moment by the agency's clock and calendar, in a sentence.
async fn awkward(
    app: &App,
    by: &Member,
    request: RequestId,
    at: DateTime<Utc>,
) -> Result<Option<String>, WebError> {
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, request)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let agency = agencies::find(db, &by.scope, kept.request.agency)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let law = app.law_of_code(&agency.jurisdiction);
    let offices = Offices {
        zone: agency.time_zone,
        calendar: law.as_ref().map(|law| law.calendar()),
    };
    Ok(offices.awkward(at).map(|why| why.to_string()))
}

async fn letter_of(app: &App, by: &Member, id: &str) -> Result<Letter, WebError> {
    let id: LetterId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    letters::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))
}

fn back_to(by: &Member, request: RequestId) -> String {
    format!("/c/{}/requests/{request}#sending", by.campaign.slug)
}

#[post("/c/<_>/letters/<id>/send", data = "<posted>")]
async fn send(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let by = by.0;
    let letter = letter_of(app, &by, id).await?;
    let mut reading = posted.read();
    let when = match posted.text("when") {
        "now" => Some(When::Now),
        "hold" => Some(When::Held),
        "at" => chosen(app, &by, &letter, &posted, &mut reading, &desk).await?,
        _ => Some(When::AfterWindow),
    };
    if let Some(when) = when {
        match send_letter_when(app, &by.scope, letter.id, when, desk.now).await {
            Ok(_) => {
                let said = told(app, &by, &letter, &desk).await?;
                return Ok(Reply::to(back_to(&by, letter.request)).done(said));
            }
            Err(ActionError::Refused(sentence)) if posted.text("when") == "at" => {
                reading.wrong("on", sentence);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let content = choose_page(app, &by, &letter, &desk, reading.again()).await?;
    desk.again("requests", "pages/sending_when.html", content)
}

/// The chosen day and hour by the campaign's clock, unless it does not fit or is awkward and nobody said "all the same".
async fn chosen(
    app: &App,
    by: &Member,
    letter: &Letter,
    posted: &Posted,
    reading: &mut Reading<'_>,
    desk: &Desk,
) -> Result<Option<When>, WebError> {
    let day = reading.date("on", "Give the day on which it is to leave.");
    let hour = reading.choice(
        "hour",
        |text| NaiveTime::parse_from_str(text, "%H:%M").ok(),
        "Give the time as 09:30.",
    );
    let (Some(day), Some(hour)) = (day, hour) else {
        return Ok(None);
    };
    let Some(at) = desk
        .zone()
        .from_local_datetime(&day.and_time(hour))
        .earliest()
    else {
        reading.wrong(
            "hour",
            "The clocks are put forward at that hour, so it does not exist on that day. Choose another.",
        );
        return Ok(None);
    };
    let at = at.with_timezone(&Utc);
    if !posted.has("anyway")
        && let Some(why) = awkward(app, by, letter.request, at).await?
    {
        reading.wrong(
            "hour",
            format!("{why} Choose another time, or tick “Send it then all the same”."),
        );
        return Ok(None);
    }
    Ok(Some(When::At(at)))
}

/// What became of the letter, from what is on record now.
async fn told(app: &App, by: &Member, letter: &Letter, desk: &Desk) -> Result<String, WebError> {
    let delivery = deliveries::find_for_letter(app.store.read(), &by.scope, letter.id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    Ok(match (delivery.state, delivery.leave_at) {
        (Standing::Held, _) => {
            "The letter is held back. It leaves when you or somebody else says so.".to_owned()
        }
        (_, Some(at)) if at > desk.now => format!(
            "The letter leaves on {}. Until then it can be held or taken back.",
            desk.when(at)
        ),
        _ => "The letter is in the outbox and goes out within a minute.".to_owned(),
    })
}

async fn choose_page(
    app: &App,
    by: &Member,
    letter: &Letter,
    desk: &Desk,
    f: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let kept = requests::find(db, &by.scope, letter.request)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let agency = agencies::find(db, &by.scope, kept.request.agency)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    let there = desk.now.with_timezone(&agency.time_zone);
    Ok(context! {
        f => f,
        letter => context! { id => letter.id.to_string(), version => letter.version, subject => letter.subject.clone() },
        request => context! {
            id => letter.request.to_string(),
            reference => kept.request.reference.to_string(),
            title => kept.request.title,
        },
        agency => agency.name,
        there => there.format("%H:%M").to_string(),
        zone => desk.zone().name().replace('_', " "),
        zone_there => agency.time_zone.name().replace('_', " "),
        from => desk.today().to_string(),
    })
}

#[get("/c/<_>/letters/<id>/when")]
async fn choose(by: Worker, id: &str, desk: Desk, app: &State<App>) -> Answer {
    let letter = letter_of(app, &by.0, id).await?;
    let content = choose_page(app, &by.0, &letter, &desk, Value::from(())).await?;
    desk.page("requests", "pages/sending_when.html", content)
}

async fn request_of(app: &App, by: &Member, id: &str) -> Result<(DeliveryId, RequestId), WebError> {
    let id: DeliveryId = id.parse().map_err(|_| WebError(ActionError::NotFound))?;
    let delivery = deliveries::find(app.store.read(), &by.scope, id)
        .await?
        .ok_or(WebError(ActionError::NotFound))?;
    Ok((id, delivery.request))
}

#[post("/c/<_>/deliveries/<id>/hold", data = "<_posted>")]
async fn hold(by: Worker, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let (id, request) = request_of(app, &by.0, id).await?;
    let to = back_to(&by.0, request);
    match hold_delivery(app, &by.0.scope, id, desk.now).await {
        Ok(()) => {
            Ok(Reply::to(to).done("The letter is held back. It leaves when somebody says so."))
        }
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(to).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

#[post("/c/<_>/deliveries/<id>/recall", data = "<posted>")]
async fn recall(by: Worker, id: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let (id, request) = request_of(app, &by.0, id).await?;
    let to = back_to(&by.0, request);
    let mut reading = posted.read();
    let note = reading.optional("note", 500);
    match recall_delivery(app, &by.0.scope, id, &note, desk.now).await {
        Ok(()) => Ok(Reply::to(to).done(
            "The letter was taken back before it left. It is approved as it stands: send it again, or change it.",
        )),
        Err(ActionError::Refused(sentence)) => Ok(Reply::to(to).danger(sentence)),
        Err(error) => Err(error.into()),
    }
}

async fn settings_page(app: &App, by: &Member, f: Value) -> Result<Value, WebError> {
    let own = sending::recall_minutes(app.store.read(), by.campaign.id).await?;
    Ok(context! {
        f => f,
        own => own.map(|minutes| minutes.to_string()).unwrap_or_default(),
        usual => app.config.mail.recall_minutes,
        per_hour => app.config.mail.letters_per_domain_hour,
    })
}

#[get("/c/<_>/sending")]
async fn settings(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let content = settings_page(app, &by.0, Value::from(())).await?;
    desk.page("people", "pages/sending_settings.html", content)
}

#[post("/c/<_>/sending", data = "<posted>")]
async fn set(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let mut reading = posted.read();
    let typed = posted.text("minutes");
    let minutes = match typed {
        "" => None,
        text => {
            let number = text.parse::<u32>().ok();
            if number.is_none() {
                reading.wrong(
                    "minutes",
                    "Give a whole number of minutes, such as 30, or leave it empty.",
                );
            }
            number
        }
    };
    if reading.is_right() {
        match set_recall(app, &by.0.scope, minutes, desk.now).await {
            Ok(()) => {
                return Ok(Reply::to(format!("/c/{}/sending", by.0.campaign.slug))
                    .done("Saved. Letters that are in the outbox keep their time."));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("minutes", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    let content = settings_page(app, &by.0, reading.again()).await?;
    desk.again("people", "pages/sending_settings.html", content)
}
