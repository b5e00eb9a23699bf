//! The limits of all requests are looked through, and reminders put into the job table.
//!
//! A reminder is due two business days before a limit, on it, and on the business day after, at eight in the morning
//! of the campaign's time zone. Its effect key names request, duty, limit, which of the three, and the reader: planned
//! as often as one likes, it goes out once. A limit that moves has another key; the old reminder finds, when its time
//! comes, that its limit is gone, and says nothing.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::read_clocks::{law_of, logs, sheet};
use super::{App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::duty::{ClockState, DutyClock, reminder_days};
use crate::domain::ids::{RequestId, UserId};
use crate::domain::person::Role;
use crate::store::campaigns::{self, Campaign, Member};
use crate::store::jobs::{self, NewJob};
use crate::store::{agencies, closings, commit, requests};

/// The job's kind.
pub const REMIND_JOB: &str = "remind";

/// The hour of a person's morning at which reminders go out.
const MORNING: u32 = 8;

/// What a reminder job remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub request: RequestId,
    /// The rule's name in the law file.
    pub duty: String,
    pub due_on: NaiveDate,
    /// -2 two business days before, 0 on the day, 1 the business day after.
    pub offset: i32,
    pub reader: UserId,
}

impl Planned {
    /// One effect, one key.
    pub fn effect_key(&self) -> String {
        format!(
            "remind:{}:{}:{}:{}:{}",
            self.request, self.duty, self.due_on, self.offset, self.reader
        )
    }
}

/// Looks through every request of every campaign. Returns how many reminders are new.
pub async fn plan_reminders(app: &App, now: DateTime<Utc>) -> Deed<usize> {
    let mut new = 0;
    for campaign in campaigns::list_all(app.store.read()).await? {
        new += plan_campaign(app, &campaign, now).await?;
    }
    Ok(new)
}

async fn plan_campaign(app: &App, campaign: &Campaign, now: DateTime<Utc>) -> Deed<usize> {
    let db = app.store.read();
    let members = campaigns::list_members(db, campaign.id).await?;
    let Some(first) = members.first() else {
        return Ok(0);
    };
    let scope = Scope {
        user: first.account,
        campaign: campaign.id,
        role: Role::Researcher,
    };
    let today = day_in(campaign.time_zone, now);
    let known = agencies::list(db, &scope).await?;
    let logs = logs(app, campaign.id).await?;
    let closings = closings::in_force(db, campaign.id).await?;
    let mut planned = Vec::new();
    for kept in requests::list_in(db, campaign.id).await? {
        let request = &kept.request;
        let (Some(log), Some(agency)) = (
            logs.get(&request.id),
            known.iter().find(|agency| agency.id == request.agency),
        ) else {
            continue;
        };
        let law = law_of(app, request)?;
        let calendar = law.calendar();
        for clock in sheet(app, request, agency, &closings, log, today)?.duties {
            let Some(due_on) = open_limit(&clock) else {
                continue;
            };
            let days = reminder_days(calendar, due_on);
            for (offset, day) in upcoming(days, today) {
                for reader in readers(request.owner, &members) {
                    let what = Planned {
                        request: request.id,
                        duty: clock.id.clone(),
                        due_on,
                        offset,
                        reader,
                    };
                    planned.push((what, morning(campaign.time_zone, day)));
                }
            }
        }
    }
    let tx = app.store.begin().await?;
    let mut new = 0;
    for (what, run_at) in planned {
        let job = NewJob {
            kind: REMIND_JOB,
            effect_key: what.effect_key(),
            payload: serde_json::to_value(&what)
                .map_err(|error| super::ActionError::fault("planning a reminder", error))?,
            campaign: Some(campaign.id),
            run_at,
        };
        new += usize::from(jobs::add(&tx, job, now).await?);
    }
    commit(tx).await?;
    Ok(new)
}

/// The limit of a clock that still matters: it runs, or has passed without an answer.
pub fn open_limit(clock: &DutyClock) -> Option<NaiveDate> {
    clock
        .due_on
        .filter(|_| matches!(clock.state, ClockState::Running | ClockState::Late))
}

/// Which of the three reminders are still to come: those ahead, and the latest of those whose day has come, so that
/// a morning that was missed is made up for once and nobody gets three mails about one past date.
fn upcoming(days: [NaiveDate; 3], today: NaiveDate) -> Vec<(i32, NaiveDate)> {
    /// A date that passed longer ago than this is told on the page, not by a belated mail.
    const STALE_DAYS: i64 = 14;
    let all = [(-2, days[0]), (0, days[1]), (1, days[2])];
    let mut wanted: Vec<(i32, NaiveDate)> =
        all.into_iter().filter(|(_, day)| *day > today).collect();
    let reached = all.into_iter().rfind(|(_, day)| *day <= today);
    if let Some((offset, day)) = reached
        && (today - day).num_days() <= STALE_DAYS
    {
        wanted.insert(0, (offset, day));
    }
    wanted
}

/// The request's owner; if they have left the campaign, its counsel; if there is none, everybody who works in it.
pub(super) fn readers(owner: UserId, members: &[Member]) -> Vec<UserId> {
    if members.iter().any(|member| member.account == owner) {
        return vec![owner];
    }
    let with = |role: Role| -> Vec<UserId> {
        members
            .iter()
            .filter(|member| member.role == role)
            .map(|member| member.account)
            .collect()
    };
    let counsel = with(Role::Counsel);
    if counsel.is_empty() {
        with(Role::Researcher)
    } else {
        counsel
    }
}

/// Eight in the morning of `day` in `zone`; where clocks skip that hour, the next one that exists.
fn morning(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    (MORNING..24)
        .filter_map(|hour| day.and_hms_opt(hour, 0, 0))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|at| at.with_timezone(&Utc))
        .unwrap_or_else(|| day.and_hms_opt(12, 0, 0).unwrap_or_default().and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date in a test")
    }

    #[test]
    fn a_missed_morning_is_made_up_for_once() {
        let days = [on("2026-01-22"), on("2026-01-26"), on("2026-01-27")];
        let offsets = |today: &str| -> Vec<i32> {
            upcoming(days, on(today))
                .into_iter()
                .map(|(offset, _)| offset)
                .collect()
        };
        assert_eq!(offsets("2026-01-16"), [-2, 0, 1]);
        assert_eq!(offsets("2026-01-22"), [-2, 0, 1]);
        assert_eq!(
            offsets("2026-01-23"),
            [-2, 0, 1],
            "the day before yesterday's mail still tells in time"
        );
        assert_eq!(
            offsets("2026-01-26"),
            [0, 1],
            "on the day, the early warning is moot"
        );
        assert_eq!(offsets("2026-02-03"), [1]);
        assert_eq!(
            offsets("2026-02-20"),
            [] as [i32; 0],
            "a date long past is on the page"
        );
    }

    #[test]
    fn morning_is_the_readers_own_also_when_clocks_change() {
        let at = |zone: Tz, day: &str| morning(zone, on(day)).to_rfc3339();
        assert_eq!(
            at(chrono_tz::America::Los_Angeles, "2026-01-22"),
            "2026-01-22T16:00:00+00:00"
        );
        assert_eq!(
            at(chrono_tz::America::Los_Angeles, "2026-03-08"),
            "2026-03-08T15:00:00+00:00"
        );
        assert_eq!(
            at(chrono_tz::America::New_York, "2026-11-01"),
            "2026-11-01T13:00:00+00:00"
        );
        assert_eq!(
            at(chrono_tz::Pacific::Honolulu, "2026-07-01"),
            "2026-07-01T18:00:00+00:00"
        );
    }

    #[test]
    fn reminders_go_to_the_owner_or_to_whoever_is_left() {
        let (owner, counsel, team) = (UserId::new(), UserId::new(), UserId::new());
        let member = |account, role| Member {
            account,
            role,
            added_at: DateTime::UNIX_EPOCH,
        };
        let all = [
            member(owner, Role::Researcher),
            member(counsel, Role::Counsel),
            member(team, Role::Team),
        ];
        assert_eq!(readers(owner, &all), [owner]);
        assert_eq!(readers(owner, &all[1..]), [counsel]);
        assert_eq!(readers(counsel, &all[..1]), [owner]);
    }
}
