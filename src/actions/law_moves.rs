//! Which open requests' dates another law, or another closed day, moves. Reads only.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::read_clocks::{facts, logs};
use super::{App, Deed, Scope};
use crate::calendar::words::long;
use crate::clock::day_in;
use crate::domain::duty::{ClockState, DutyClock, Facts, clocks};
use crate::domain::event::Event;
use crate::domain::ids::{AgencyId, CampaignId, RequestId, UserId};
use crate::domain::person::Role;
use crate::domain::request::{Request, Status, standing};
use crate::law::{Code, Jurisdiction, Library};
use crate::store::agencies::{self, Agency};
use crate::store::campaigns::{self, Campaign};
use crate::store::closings::{self, Closings};
use crate::store::requests;

/// One limit that moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// The rule's name in the law file.
    pub duty: String,
    /// "Acknowledgment".
    pub heading: String,
    pub was_on: Option<NaiveDate>,
    pub now_on: Option<NaiveDate>,
    /// "Tue 20 Jan 2026", "none fixed".
    pub was: String,
    pub now: String,
}

impl Shift {
    /// "Acknowledgment: Tue 20 Jan 2026 → Thu 22 Jan 2026".
    pub fn says(&self) -> String {
        format!("{}: {} → {}", self.heading, self.was, self.now)
    }
}

/// An open request whose dates move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub request: RequestId,
    pub campaign: CampaignId,
    /// "S-0042".
    pub reference: String,
    pub title: String,
    pub agency: String,
    pub owner: UserId,
    pub shifts: Vec<Shift>,
}

impl Moved {
    /// Every shift in one line.
    pub fn says(&self) -> String {
        let all: Vec<String> = self.shifts.iter().map(Shift::says).collect();
        all.join("; ")
    }
}

/// What one person may see of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Requests of campaigns in which this person works.
    pub named: Vec<Moved>,
    /// How many move in other campaigns.
    pub elsewhere: usize,
}

fn limit_words(clock: Option<&DutyClock>) -> String {
    match clock {
        None => "no such duty".to_owned(),
        Some(clock) => match (clock.due_on, clock.state) {
            (Some(on), _) => long(on),
            (None, ClockState::NoneFixed) => "none fixed".to_owned(),
            (None, ClockState::Paused) => "stopped".to_owned(),
            (None, _) => "no date yet".to_owned(),
        },
    }
}

/// The limits that differ between two laws, or between two sets of facts.
pub fn shifts(
    (old, old_facts): (&Jurisdiction, &Facts),
    (new, new_facts): (&Jurisdiction, &Facts),
    today: NaiveDate,
) -> Vec<Shift> {
    let before = clocks(old, old_facts, today);
    let after = clocks(new, new_facts, today);
    let gone = before
        .iter()
        .filter(|was| after.iter().all(|now| now.id != was.id))
        .map(|was| (Some(was), None));
    after
        .iter()
        .map(|now| (before.iter().find(|was| was.id == now.id), Some(now)))
        .chain(gone)
        .filter_map(|(was, now)| {
            let was_on = was.and_then(|clock| clock.due_on);
            let now_on = now.and_then(|clock| clock.due_on);
            let either = now.or(was)?;
            (was_on != now_on).then(|| Shift {
                duty: either.id.clone(),
                heading: either.heading.clone(),
                was_on,
                now_on,
                was: limit_words(was),
                now: limit_words(now),
            })
        })
        .collect()
}

/// Looks through the open requests of a campaign: those that were sent and are not closed.
async fn in_campaign(
    app: &App,
    campaign: &Campaign,
    wanted: impl Fn(&Request) -> bool,
    moved: impl Fn(&Agency, &[Event]) -> Vec<Shift>,
) -> Deed<Vec<Moved>> {
    let db = app.store.read();
    let open: Vec<Request> = requests::list_in(db, campaign.id)
        .await?
        .into_iter()
        .map(|kept| kept.request)
        .filter(|request| wanted(request))
        .collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope {
        user: campaign.created_by,
        campaign: campaign.id,
        role: Role::Researcher,
    };
    let known: HashMap<AgencyId, Agency> = agencies::list(db, &scope)
        .await?
        .into_iter()
        .map(|agency| (agency.id, agency))
        .collect();
    let logs = logs(app, campaign.id).await?;
    let mut all = Vec::new();
    for request in open {
        let (Some(agency), Some(log)) = (known.get(&request.agency), logs.get(&request.id)) else {
            continue;
        };
        let status = standing(log).status;
        if !status.is_out() || status == Status::Closed {
            continue;
        }
        let shifts = moved(agency, log);
        if !shifts.is_empty() {
            all.push(Moved {
                request: request.id,
                campaign: campaign.id,
                reference: request.reference.to_string(),
                title: request.title,
                agency: agency.name.clone(),
                owner: request.owner,
                shifts,
            });
        }
    }
    all.sort_by(|a, b| a.reference.cmp(&b.reference));
    Ok(all)
}

/// Every open request of the installation whose dates differ between two states of one law.
pub async fn of_law(
    app: &App,
    code: Code,
    old: &Library,
    new: &Library,
    now: DateTime<Utc>,
) -> Deed<Vec<Moved>> {
    let (Some(old), Some(new)) = (old.get(&code), new.get(&code)) else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for campaign in campaigns::list_all(app.store.read()).await? {
        let today = day_in(campaign.time_zone, now);
        let closings = closings::in_force(app.store.read(), campaign.id).await?;
        let moved = in_campaign(
            app,
            &campaign,
            |request| request.jurisdiction.parse() == Ok(code),
            |agency, log| {
                let facts = facts(agency, &closings, log);
                shifts((old, &facts), (new, &facts), today)
            },
        )
        .await?;
        all.extend(moved);
    }
    Ok(all)
}

/// Every open request to one agency whose dates differ between two lists of its closed days.
pub async fn of_closings(
    app: &App,
    by: &Scope,
    agency: AgencyId,
    (old, new): (&Closings, &Closings),
    today: NaiveDate,
) -> Deed<Vec<Moved>> {
    let Some(campaign) = campaigns::get(app.store.read(), by).await? else {
        return Ok(Vec::new());
    };
    in_campaign(
        app,
        &campaign,
        |request| request.agency == agency,
        |agency, log| {
            let Some(law) = app.law_of_code(&agency.jurisdiction) else {
                return Vec::new();
            };
            let (before, after) = (facts(agency, old, log), facts(agency, new, log));
            shifts((&law, &before), (&law, &after), today)
        },
    )
    .await
}

/// What a person may see of what moves: by name where she works, else only how many.
pub async fn seen_by(app: &App, person: UserId, moved: Vec<Moved>) -> Deed<Seen> {
    let works: Vec<CampaignId> = campaigns::list_scopes(app.store.read(), person)
        .await?
        .into_iter()
        .filter(|scope| scope.sees_work())
        .map(|scope| scope.campaign)
        .collect();
    let (named, elsewhere): (Vec<Moved>, Vec<Moved>) = moved
        .into_iter()
        .partition(|each| works.contains(&each.campaign));
    Ok(Seen {
        named,
        elsewhere: elsewhere.len(),
    })
}
