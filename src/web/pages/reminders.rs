//! "Reminders and notices": what a person wants to hear and by which links calendars ask; what a campaign reminds of.

use std::collections::HashMap;

use std::collections::BTreeSet;

use chrono_tz::Tz;
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};
use uuid::Uuid;

use crate::actions::choose_reminders::{set_choices, set_rules};
use crate::actions::share_calendar::{end_calendar, share_calendar};
use crate::actions::{ActionError, App};
use crate::domain::ids::{CampaignId, UserId};
use crate::domain::person::Role;
use crate::domain::reminder::{Choices, Language, Morning, Rules, Topic};
use crate::store::{accounts, calendar_feeds, campaigns, reminder_settings};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::{Person, Worker};
use crate::web::pages::campaigns::zones;
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![own, choose, share, revoke, rules, change]
}

fn option(value: impl Into<Value>, label: impl Into<Value>, hint: &str) -> Value {
    let (value, label): (Value, Value) = (value.into(), label.into());
    context! { value => value, label => label, hint => hint }
}

/// What a topic means to somebody who chooses.
fn hint(topic: Topic) -> &'static str {
    match topic {
        Topic::AgencyLimit => {
            "Before an agency's limit, on it, after it, then weekly, in requests that you own or back."
        }
        Topic::OurWindow => "",
        Topic::Replies => "A reply that came and was not sorted yet.",
        Topic::Held => "For counsel: files that nobody may see before you decide.",
        Topic::Approvals => "For counsel: letters that cannot leave before you read them.",
        Topic::Portal => "Requests sent through a portal: save the messages that lie there.",
        Topic::Contacts => "Before a batch of yours leaves: addresses that nobody checked lately.",
        Topic::Own => "Those that you set yourself on a request.",
    }
}

fn topics(with_own: bool) -> Vec<Value> {
    Topic::ALL
        .into_iter()
        .filter(|topic| topic.may_be_off() && (with_own || *topic != Topic::Own))
        .map(|topic| option(topic.as_str(), topic.plain(), hint(topic)))
        .collect()
}

/// The words of the topics that are on.
fn heard(off: &BTreeSet<Topic>) -> Vec<&'static str> {
    Topic::ALL
        .into_iter()
        .filter(|topic| topic.may_be_off() && !off.contains(topic))
        .map(Topic::as_str)
        .collect()
}

/// The topics that were not ticked.
fn left_out(posted: &Posted) -> BTreeSet<Topic> {
    let ticked = posted.all("topics");
    Topic::ALL
        .into_iter()
        .filter(|topic| topic.may_be_off() && !ticked.contains(&topic.as_str()))
        .collect()
}

async fn own_content(
    app: &App,
    desk: &Desk,
    by: &Person,
    f: Value,
    link: Value,
) -> Result<Value, WebError> {
    let db = app.store.read();
    let (choices, language) = reminder_settings::choices(db, by.account.id).await?;
    let places: Vec<campaigns::Campaign> = campaigns::list_places(db, by.account.id)
        .await?
        .into_iter()
        .filter(|(_, scope)| scope.sees_work())
        .map(|(campaign, _)| campaign)
        .collect();
    let mut links = Vec::new();
    for feed in calendar_feeds::list_feeds(db, by.account.id).await? {
        let name = feed
            .campaign
            .and_then(|id| places.iter().find(|place| place.id == id))
            .map(|place| format!("All limits of {}", place.name));
        links.push(context! {
            id => feed.id.simple().to_string(),
            name => name.unwrap_or_else(|| "My own limits".to_owned()),
            made => desk.when(feed.created_at),
            read => feed.read_at.map(|at| desk.when(at)).unwrap_or_default(),
        });
    }
    let hours: Vec<Value> = (0..24)
        .map(|hour| option(hour.to_string(), format!("{hour}:00"), ""))
        .collect();
    let zone = choices.zone.map(|zone| zone.name()).unwrap_or_default();
    let mornings: Vec<Value> = Morning::ALL
        .into_iter()
        .map(|morning| match morning {
            Morning::Full => option(
                morning.as_str(),
                "What to do, the week, what changed, what waits",
                "The usual. A quiet day sends nothing.",
            ),
            Morning::Reminders => option(morning.as_str(), "Only what to do now", ""),
            Morning::Off => option(
                morning.as_str(),
                "No morning mail",
                "Our own time limits still come, each as a mail of its own.",
            ),
        })
        .collect();
    let calendars: Vec<Value> = std::iter::once(option(
        "",
        "My own limits, in all my campaigns",
        "Requests that you own or back.",
    ))
    .chain(places.iter().map(|place| {
        option(
            place.id.to_string(),
            format!("All limits of {}", place.name),
            "",
        )
    }))
    .collect();
    Ok(context! {
        f => f,
        link => link,
        language => language.as_str(),
        languages => vec![option("en", "English", ""), option("es", "Español", "")],
        zone => zone,
        zones => zones(zone),
        hour => choices.hour.to_string(),
        hours => hours,
        morning => choices.morning.as_str(),
        mornings => mornings,
        topics => topics(true),
        heard => heard(&choices.off),
        ours_early => choices.ours_early,
        links => links,
        calendars => calendars,
        places => places.iter().map(|place| context! { slug => place.slug.clone(), name => place.name.clone() }).collect::<Vec<_>>(),
    })
}

#[get("/settings/reminders")]
async fn own(by: Person, desk: Desk, app: &State<App>) -> Answer {
    let none = || Value::from(());
    let content = own_content(app, &desk, &by, none(), none()).await?;
    desk.page("", "pages/reminders_own.html", content)
}

#[post("/settings/reminders", data = "<posted>")]
async fn choose(by: Person, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let mut reading = posted.read();
    let language = reading.choice("language", Language::parse, "Choose a language.");
    let hour = reading.choice(
        "hour",
        |text| text.parse::<u32>().ok().filter(|hour| *hour < 24),
        "Choose the hour of your morning.",
    );
    let morning = reading.choice("morning", Morning::parse, "Choose what the morning brings.");
    let zone = match posted.text("zone") {
        "" => None,
        _ => reading.choice(
            "zone",
            |text| text.parse::<Tz>().ok(),
            "Choose a time zone, or leave it to the campaign.",
        ),
    };
    let right = reading.is_right();
    if let (true, Some(language), Some(hour), Some(morning)) = (right, language, hour, morning) {
        let choices = Choices {
            zone,
            hour,
            morning,
            off: left_out(&posted),
            ours_early: posted.has("ours_early"),
        };
        set_choices(app, by.account.id, choices, language, desk.now).await?;
        return Ok(Reply::to("/settings/reminders").done("Kept. It holds from the next morning."));
    }
    let content = own_content(app, &desk, &by, reading.again(), Value::from(())).await?;
    desk.again("", "pages/reminders_own.html", content)
}

/// The answer is the page itself and no redirect: the link is known at this moment only.
#[post("/settings/calendars", data = "<posted>")]
async fn share(by: Person, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let campaign: Option<CampaignId> = match posted.text("calendar") {
        "" => None,
        id => Some(id.parse().map_err(|_| ActionError::NotFound)?),
    };
    let none = || Value::from(());
    match share_calendar(app, by.account.id, campaign, desk.now).await {
        Ok(url) => {
            let content = own_content(app, &desk, &by, none(), Value::from(url)).await?;
            desk.page("", "pages/reminders_own.html", content)
        }
        Err(ActionError::Refused(sentence)) => {
            Ok(Reply::to("/settings/reminders").danger(sentence))
        }
        Err(error) => Err(error.into()),
    }
}

#[post("/settings/calendars/<id>/end", data = "<_posted>")]
async fn revoke(by: Person, id: &str, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let id: Uuid = id.parse().map_err(|_| ActionError::NotFound)?;
    end_calendar(app, by.account.id, id, desk.now).await?;
    Ok(Reply::to("/settings/reminders")
        .done("The link is ended: calendars that use it get nothing more from this moment."))
}

fn days(list: &[u32]) -> String {
    let all: Vec<String> = list.iter().map(ToString::to_string).collect();
    all.join(", ")
}

/// Numbers of days as people write them: "14, 7, 3, 1".
fn read_days(text: &str) -> Option<Vec<u32>> {
    text.split([',', ' ', ';'])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect()
}

async fn rules_content(app: &App, by: &Worker, f: Value) -> Result<Value, WebError> {
    let db = app.store.read();
    let by = &by.0;
    let kept = reminder_settings::rules(db, by.campaign.id).await?;
    let rules = kept.rules;
    let changed = match kept.changed {
        Some((who, at)) => {
            let name = accounts::find(db, who).await?.map(|account| account.name);
            context! { by => name.unwrap_or_default(), at => at.to_rfc3339() }
        }
        None => Value::from(()),
    };
    Ok(context! {
        f => f,
        topics => topics(false),
        told => heard(&rules.off),
        backup => kept.backup.map(|id| id.to_string()).unwrap_or_default(),
        backups => backups(app, by.campaign.id, None).await?,
        changed => changed,
        was => context! {
            agency_before => rules.agency_before,
            agency_after => rules.agency_after,
            weekly => rules.weekly,
            ours_before => days(&rules.ours_before),
            replies_after => days(&rules.replies_after),
            counsel_after => days(&rules.counsel_after),
            portal_every => rules.portal_every,
            contacts_before => rules.contacts_before,
            chasers => rules.chasers,
        },
    })
}

/// Who may be a backup in a campaign: everybody who works there, but `not`.
pub(super) async fn backups(
    app: &App,
    campaign: CampaignId,
    not: Option<UserId>,
) -> Result<Vec<Value>, WebError> {
    let db = app.store.read();
    let names: HashMap<UserId, String> = accounts::list(db)
        .await?
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect();
    let mut all = Vec::new();
    for member in campaigns::list_members(db, campaign).await? {
        if member.role == Role::Team || Some(member.account) == not {
            continue;
        }
        let name = names.get(&member.account).cloned().unwrap_or_default();
        all.push(option(
            member.account.to_string(),
            format!("{name}, {}", member.role.plain().to_lowercase()),
            "",
        ));
    }
    Ok(all)
}

#[get("/c/<_>/reminders")]
async fn rules(by: Worker, desk: Desk, app: &State<App>) -> Answer {
    let content = rules_content(app, &by, Value::from(())).await?;
    desk.page("people", "pages/reminders_campaign.html", content)
}

#[post("/c/<_>/reminders", data = "<posted>")]
async fn change(by: Worker, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let mut reading = posted.read();
    let number = |text: &str| text.parse::<u32>().ok();
    let whole = "Write a whole number.";
    let list = "Write numbers of days with commas between them, such as 14, 7, 3, 1.";
    // What somebody sets for themselves is nobody else's to switch off.
    let mut off = left_out(&posted);
    off.remove(&Topic::Own);
    let new = Rules {
        off,
        agency_before: reading.choice("agency_before", number, whole).unwrap_or(0),
        agency_after: reading.choice("agency_after", number, whole).unwrap_or(0),
        weekly: posted.has("weekly"),
        ours_before: reading
            .choice("ours_before", read_days, list)
            .unwrap_or_default(),
        replies_after: reading
            .choice("replies_after", read_days, list)
            .unwrap_or_default(),
        counsel_after: reading
            .choice("counsel_after", read_days, list)
            .unwrap_or_default(),
        portal_every: reading.choice("portal_every", number, whole).unwrap_or(0),
        contacts_before: reading
            .choice("contacts_before", number, whole)
            .unwrap_or(0),
        chasers: posted.has("chasers"),
    };
    let backup = match posted.text("backup") {
        "" => None,
        text => reading.choice(
            "backup",
            |text| text.parse::<UserId>().ok(),
            if text.is_empty() {
                ""
            } else {
                "Choose somebody from the list."
            },
        ),
    };
    if reading.is_right() {
        match set_rules(app, &by.0.scope, new, backup, desk.now).await {
            Ok(()) => {
                let to = Reply::to(format!("/c/{}/reminders", by.0.campaign.slug));
                return Ok(to.done("Kept. Open requests follow within minutes."));
            }
            Err(ActionError::Refused(sentence)) => match sentence.split_once(':') {
                Some((name, why)) => reading.wrong(name, why),
                None => reading.wrong("agency_before", sentence),
            },
            Err(error) => return Err(error.into()),
        }
    }
    let content = rules_content(app, &by, reading.again()).await?;
    desk.again("people", "pages/reminders_campaign.html", content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_days_as_people_write_them() {
        assert_eq!(read_days("14, 7,3 1"), Some(vec![14, 7, 3, 1]));
        assert_eq!(read_days(""), Some(Vec::new()));
        assert_eq!(read_days("soon"), None);
        assert_eq!(days(&[3, 1]), "3, 1");
    }
}
