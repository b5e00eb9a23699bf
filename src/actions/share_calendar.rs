//! Secret links by which a calendar program reads limits: made, revoked, and what they show.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::plan_reminders::sweep_campaign;
use super::sign_in::{fresh_token, token_hash};
use super::{ActionError, App, Deed};
use crate::domain::ids::{CampaignId, UserId};
use crate::domain::reminder::feed;
use crate::store::calendar_feeds::{self, Feed};
use crate::store::campaigns::{self, Campaign};
use crate::store::{accounts, commit};

/// Links that one person may have at one time.
const LINKS: usize = 20;

/// The campaigns in which a person works, each by its address.
async fn places(app: &App, person: UserId) -> Deed<Vec<Campaign>> {
    Ok(campaigns::list_places(app.store.read(), person)
        .await?
        .into_iter()
        .filter(|(_, scope)| scope.sees_work())
        .map(|(campaign, _)| campaign)
        .collect())
}

/// Makes a link: to a person's own limits, or to all of a campaign. The secret is known at this moment only.
///
/// # Errors
/// Not found where the person does not work in that campaign; refused where they have many links already.
pub async fn share_calendar(
    app: &App,
    person: UserId,
    campaign: Option<CampaignId>,
    now: DateTime<Utc>,
) -> Deed<String> {
    let places = places(app, person).await?;
    if let Some(wanted) = campaign
        && !places.iter().any(|place| place.id == wanted)
    {
        return Err(ActionError::NotFound);
    }
    let links = calendar_feeds::list_feeds(app.store.read(), person).await?;
    if links.len() >= LINKS {
        return Err(ActionError::refused(
            "You have twenty links already. End one that no calendar uses, then make another.",
        ));
    }
    let token = fresh_token();
    let feed = Feed {
        id: Uuid::new_v4(),
        account: person,
        campaign,
        created_at: now,
        read_at: None,
    };
    let tx = app.store.begin().await?;
    calendar_feeds::add_feed(&tx, &feed, &token_hash(&token)).await?;
    commit(tx).await?;
    Ok(format!("{}/calendar/{token}.ics", app.config.site.url))
}

/// Ends a link of this person.
///
/// # Errors
/// Not found where it is another's or ended already.
pub async fn end_calendar(app: &App, person: UserId, id: Uuid, now: DateTime<Utc>) -> Deed<()> {
    let tx = app.store.begin().await?;
    let done = calendar_feeds::revoke_feed(&tx, person, id, now).await?;
    commit(tx).await?;
    if done {
        Ok(())
    } else {
        Err(ActionError::NotFound)
    }
}

/// The calendar behind a secret, as text. A link whose person left, or whose account ended, shows nothing any more.
///
/// # Errors
/// Not found where no link with this secret works.
pub async fn read_calendar(app: &App, token: &str, now: DateTime<Utc>) -> Deed<String> {
    let db = app.store.read();
    let feed = calendar_feeds::find_feed(db, &token_hash(token))
        .await?
        .ok_or(ActionError::NotFound)?;
    let person = accounts::find(db, feed.account)
        .await?
        .filter(|person| !person.disabled)
        .ok_or(ActionError::NotFound)?;
    let mut places = places(app, person.id).await?;
    if let Some(wanted) = feed.campaign {
        places.retain(|place| place.id == wanted);
        if places.is_empty() {
            return Err(ActionError::NotFound);
        }
    }
    for place in &places {
        sweep_campaign(app, place, now).await?;
    }
    let ids: Vec<CampaignId> = places.iter().map(|place| place.id).collect();
    let mine = feed.campaign.is_none().then_some(person.id);
    let entries = calendar_feeds::list_for_calendar(db, &ids, mine, now).await?;
    let site = &app.config.site;
    let name = match (feed.campaign, places.first()) {
        (Some(_), Some(place)) => format!("{}: {}", site.name, place.name),
        _ => format!("{}: my limits", site.name),
    };
    let tx = app.store.begin().await?;
    calendar_feeds::mark_read(&tx, feed.id, now).await?;
    commit(tx).await?;
    Ok(feed::text(&name, &entries, |entry| {
        let slug = places
            .iter()
            .find(|place| place.id == entry.campaign)
            .map_or("", |place| place.slug.as_str());
        format!(
            "{}/c/{slug}/requests/{}#clock-{}",
            site.url, entry.request, entry.duty
        )
    }))
}
