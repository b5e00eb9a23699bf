//! What stands on a member's page because they asked for it, or because a portal keeps its messages to itself.

use chrono::{Days, NaiveDate};

use super::{Kind, Matter};
use crate::actions::Scope;
use crate::domain::event::{Event, Happening};
use crate::domain::reminder::Watched;
use crate::domain::request::Request;
use crate::store::agencies::Agency;

/// Reminders of one's own whose day has come, and a portal whose messages are to be saved.
pub(super) fn reminders(
    by: &Scope,
    (request, agency, log): (&Request, &Agency, &[Event]),
    portal_every: u64,
    today: NaiveDate,
) -> Vec<Matter> {
    let any = log.iter().any(|event| match &event.what {
        Happening::OwnReminderSet { .. } => event.by == Some(by.user),
        Happening::Sent { channel, .. } => channel == "portal",
        _ => false,
    });
    if !any {
        return Vec::new();
    }
    let watched = Watched::of_log(log, agency.time_zone);
    let matter = |what: String, on: NaiveDate, more: String| Matter {
        at: format!("requests/{}#reminders", request.id),
        what,
        kind: Kind::Due,
        due_on: Some(on),
        more,
        act: "Look",
    };
    let mut all: Vec<Matter> = watched
        .own
        .into_iter()
        .filter(|own| own.by == by.user && own.on <= today)
        .map(|own| {
            let what = format!("Your reminder · {}", agency.name);
            matter(
                what,
                own.on,
                format!("{} · {}", request.reference, own.note),
            )
        })
        .collect();
    let portal_on = watched
        .portal_since
        .map(|since| since + Days::new(portal_every));
    if let Some(on) = portal_on
        && on <= today
        && request.owner == by.user
    {
        let what = format!("{} · save the portal's messages", agency.name);
        all.push(matter(what, on, request.reference.to_string()));
    }
    all
}
