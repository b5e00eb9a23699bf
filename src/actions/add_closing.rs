//! A person records that one agency is closed on a day, besides what its law says; or takes it back.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};

use super::law_moves::{Moved, of_closings};
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, ClosingId};
use crate::store::agencies::{self, Agency};
use crate::store::closings::{self, Closing, Withdrawn};
use crate::store::{Tx, commit, events};

/// A closed day as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClosing {
    pub on: NaiveDate,
    pub why: String,
    /// How it is known: a notice, the agency's calendar.
    pub evidence: String,
}

/// What a closed day would do.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    pub moved: Vec<Moved>,
    /// What to know besides: the law's own ceiling on such days.
    pub remarks: Vec<String>,
}

const NOT_YOURS: &str = "Researchers and counsel keep an agency's closed days. Ask one of them.";

async fn agency_of(app: &App, by: &Scope, agency: AgencyId) -> Deed<Agency> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(NOT_YOURS));
    }
    agencies::find(app.store.read(), by, agency)
        .await?
        .ok_or(ActionError::NotFound)
}

/// Checks a closed day and finds what it would move. `today` is the campaign's.
///
/// # Errors
/// Refused where the day is closed anyway or stands on the list already.
pub async fn weigh_closing(
    app: &App,
    by: &Scope,
    agency: AgencyId,
    new: &NewClosing,
    today: NaiveDate,
) -> Deed<Effect> {
    let agency = agency_of(app, by, agency).await?;
    if new.why.trim().is_empty() || new.evidence.trim().is_empty() {
        return Err(ActionError::refused(
            "Say why it is closed and how that is known, so that others can check it.",
        ));
    }
    if matches!(new.on.weekday(), Weekday::Sat | Weekday::Sun) {
        return Err(ActionError::refused(
            "That day is a Saturday or Sunday: it is closed anyway.",
        ));
    }
    let standing = closings::in_force(app.store.read(), by.campaign).await?;
    let own = standing.of(agency.id);
    if own.contains_key(&new.on) {
        return Err(ActionError::refused(
            "That day stands on this agency's list already.",
        ));
    }
    let mut remarks = Vec::new();
    if let Some(law) = app.law_of_code(&agency.jurisdiction) {
        let holder = agency.kind.holder(&agency.name);
        if law
            .closed_days_of(new.on.year(), holder, agency.county.as_deref())
            .iter()
            .any(|closed| closed.day == new.on && closed.sure)
        {
            return Err(ActionError::refused(
                "That day is a holiday in this law: it is closed anyway.",
            ));
        }
        if let Some(own_days) = &law.holidays.own_days {
            let in_year = own.keys().filter(|day| day.year() == new.on.year()).count();
            if in_year >= own_days.at_most as usize {
                remarks.push(format!(
                    "{} ({}). This would be day {} of {}.",
                    own_days.note.trim_end_matches('.'),
                    own_days.citation,
                    in_year + 1,
                    new.on.year()
                ));
            }
        }
    }
    let with = standing.clone().with(agency.id, new.on, &new.why);
    let moved = of_closings(app, by, agency.id, (&standing, &with), today).await?;
    Ok(Effect { moved, remarks })
}

/// Records a closed day; each request that moves gets a line in its log. Gives how many do.
pub async fn add_closing(
    app: &App,
    by: &Scope,
    agency: AgencyId,
    new: NewClosing,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<usize> {
    let effect = weigh_closing(app, by, agency, &new, today).await?;
    let agency = agency_of(app, by, agency).await?;
    let closing = Closing {
        id: ClosingId::new(),
        campaign: by.campaign,
        agency: agency.id,
        on: new.on,
        why: new.why.trim().to_owned(),
        evidence: new.evidence.trim().to_owned(),
        added_by: by.user,
        added_at: now,
        withdrawn: None,
    };
    let tx = app.store.begin().await?;
    closings::add(&tx, &closing).await?;
    write_lines(&tx, by, (&agency, &closing, false), &effect.moved, now).await?;
    commit(tx).await?;
    Ok(effect.moved.len())
}

/// The closed day, if it still stands, and what moves back without it.
pub async fn weigh_withdrawal(
    app: &App,
    by: &Scope,
    id: ClosingId,
    today: NaiveDate,
) -> Deed<(Closing, Agency, Vec<Moved>)> {
    let closing = closings::find(app.store.read(), by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agency_of(app, by, closing.agency).await?;
    if closing.withdrawn.is_some() {
        return Err(ActionError::refused(
            "This closed day was taken back already.",
        ));
    }
    let standing = closings::in_force(app.store.read(), by.campaign).await?;
    let without = standing.clone().without(agency.id, closing.on);
    let moved = of_closings(app, by, agency.id, (&standing, &without), today).await?;
    Ok((closing, agency, moved))
}

/// Takes a closed day back, with a reason. Gives how many requests move.
pub async fn withdraw_closing(
    app: &App,
    by: &Scope,
    id: ClosingId,
    why: &str,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<usize> {
    let (closing, agency, moved) = weigh_withdrawal(app, by, id, today).await?;
    if why.trim().is_empty() {
        return Err(ActionError::refused(
            "Say why the day is taken back: the list keeps it.",
        ));
    }
    let what = Withdrawn {
        by: by.user,
        at: now,
        why: why.trim().to_owned(),
    };
    let tx = app.store.begin().await?;
    if !closings::withdraw(&tx, by, id, &what).await? {
        return Err(ActionError::refused(
            "This closed day was taken back already.",
        ));
    }
    write_lines(&tx, by, (&agency, &closing, true), &moved, now).await?;
    commit(tx).await?;
    Ok(moved.len())
}

async fn write_lines(
    tx: &Tx,
    by: &Scope,
    (agency, closing, withdrawn): (&Agency, &Closing, bool),
    moved: &[Moved],
    now: DateTime<Utc>,
) -> Deed<()> {
    let line = |says: String| Happening::AgencyClosed {
        agency: agency.name.clone(),
        on: closing.on,
        why: closing.why.clone(),
        withdrawn,
        says,
    };
    events::record_by(tx, by, None, now, &line(String::new())).await?;
    for each in moved {
        let what = line(each.says());
        events::record_by(tx, by, Some(each.request), now, &what).await?;
    }
    Ok(())
}
