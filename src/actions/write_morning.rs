//! A person's morning mail in words: each campaign's reminders, week, changes and what waits. Reads, but for a sweep of
//! what is new; sends and notes nothing.

mod lines;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use uuid::Uuid;

use super::plan_reminders::sweep_campaign;
use super::{App, Deed, Scope, read_today};
use crate::clock::day_in;
use crate::domain::ids::{AgencyId, RequestId, UserId};
use crate::domain::person::Role;
use crate::domain::reminder::digest::{Amounts, WEEK, in_week_of, waits_for};
use crate::domain::reminder::feed::Entry;
use crate::domain::reminder::{Choices, Language, Morning, Subject, Task, Topic};
use crate::domain::request::Request;
use crate::mail::morning::{Digest, Line, Part};
use crate::mail::phrases;
use crate::store::campaigns::Campaign;
use crate::store::reminders::{self, Reminder};
use crate::store::{
    accounts, agencies, calendar_feeds, campaigns, events, messages, mornings, reminder_settings,
    requests, watches,
};

/// Lines of one list; what is more is counted.
const LINES: usize = 30;

/// One person's mail as it would go out now, and what it tells.
pub struct Written {
    pub digest: Digest,
    pub recipient: String,
    /// Rows that it tells.
    pub(super) told: Vec<Reminder>,
    /// Rows that are over without being told, and why.
    pub(super) over: Vec<(Uuid, &'static str)>,
}

/// Writes a person's mail as it stands now, without sending or noting anything. None where they belong nowhere, want
/// no mail and have nothing to tell, or where `only_on` is not their day.
pub async fn write_morning(
    app: &App,
    reader: UserId,
    only_on: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Deed<Option<Written>> {
    let db = app.store.read();
    let Some(account) = accounts::find(db, reader)
        .await?
        .filter(|one| !one.disabled)
    else {
        return Ok(None);
    };
    let (choices, language) = reminder_settings::choices(db, reader).await?;
    let places: Vec<(Campaign, Scope)> = campaigns::list_places(db, reader).await?;
    let Some((first, _)) = places
        .iter()
        .min_by_key(|(campaign, _)| campaign.created_at)
    else {
        return Ok(None);
    };
    let day = day_in(choices.zone.unwrap_or(first.time_zone), now);
    if only_on.is_some_and(|only| only != day) {
        return Ok(None);
    }
    let since = mornings::last_before(db, reader, day)
        .await?
        .unwrap_or(now - Duration::days(1))
        .max(now - Duration::days(WEEK as i64));
    let mut written = Written {
        digest: Digest {
            language,
            name: account.name.clone(),
            site: app.config.site.name.clone(),
            day: phrases::day(language, day),
            parts: Vec::new(),
            amounts: Amounts::default(),
            settings_url: format!("{}/settings/reminders", app.config.site.url),
        },
        recipient: account.email.clone(),
        told: Vec::new(),
        over: Vec::new(),
    };
    for (campaign, _) in &places {
        sweep_campaign(app, campaign, now).await?;
    }
    let rows = rows_of(app, reader, day, &choices, &mut written.over).await?;
    for (campaign, scope) in &places {
        let own: Vec<Reminder> = rows
            .iter()
            .filter(|row| row.campaign == campaign.id)
            .cloned()
            .collect();
        let reading = Reading {
            app,
            language,
            day,
            since,
            campaign,
            scope,
            url: format!("{}/c/{}", app.config.site.url, campaign.slug),
            choices: &choices,
        };
        reading.part(own, &mut written).await?;
    }
    Ok(Some(written))
}

/// What is to be told to this reader by that day, one row for each subject. The others are over.
async fn rows_of(
    app: &App,
    reader: UserId,
    day: NaiveDate,
    choices: &Choices,
    over: &mut Vec<(Uuid, &'static str)>,
) -> Deed<Vec<Reminder>> {
    let db = app.store.read();
    let mut latest: HashMap<Subject, Reminder> = HashMap::new();
    for row in reminders::list_due(db, reader, day).await? {
        if row.subject.topic() == Topic::OurWindow {
            continue;
        }
        if choices.morning == Morning::Off || !choices.hears(row.subject.topic(), row.step) {
            over.push((row.id, "not wanted"));
            continue;
        }
        if let Some(before) = latest.insert(row.subject.clone(), row) {
            over.push((before.id, "a later one tells it"));
        }
    }
    let mut rows: Vec<Reminder> = latest.into_values().collect();
    if choices.morning != Morning::Off {
        let windows = reminders::list_windows_on(db, reader, day).await?;
        rows.extend(
            windows
                .into_iter()
                .filter(|row| choices.hears(Topic::OurWindow, row.step)),
        );
    }
    rows.sort_by_key(|row| {
        (
            row.subject.topic() != Topic::OurWindow,
            row.due_on.unwrap_or(row.for_on),
            row.subject.clone(),
        )
    });
    Ok(rows)
}

/// Reading what one campaign has to say to one person.
struct Reading<'a> {
    app: &'a App,
    language: Language,
    day: NaiveDate,
    since: DateTime<Utc>,
    campaign: &'a Campaign,
    scope: &'a Scope,
    /// The campaign's page.
    url: String,
    choices: &'a Choices,
}

/// Requests with their agencies' names.
struct Named {
    requests: HashMap<RequestId, (Request, String)>,
}

impl Named {
    fn agency(&self, id: RequestId) -> &str {
        self.requests.get(&id).map_or("", |(_, name)| name)
    }

    fn reference(&self, id: RequestId) -> String {
        self.requests
            .get(&id)
            .map(|(request, _)| request.reference.to_string())
            .unwrap_or_default()
    }
}

impl Reading<'_> {
    fn page(&self, request: RequestId) -> String {
        format!("{}/requests/{request}", self.url)
    }

    async fn part(&self, rows: Vec<Reminder>, written: &mut Written) -> Deed<()> {
        let db = self.app.store.read();
        let full = self.choices.morning == Morning::Full;
        let week: Vec<Entry> = if full && self.scope.sees_work() {
            let until = self.day + Days::new(WEEK - 1);
            calendar_feeds::list_between(db, self.scope, self.day, until)
                .await?
                .into_iter()
                .filter(|entry| in_week_of(entry.ours, entry.owner, entry.backup, self.scope))
                .collect()
        } else {
            Vec::new()
        };
        let tasks = if full && self.scope.sees_work() {
            self.tasks().await?
        } else {
            Vec::new()
        };
        let changes = if full && self.scope.sees_work() {
            self.changes().await?
        } else {
            Vec::new()
        };
        // The line of a limit has its names from the calendar's entry.
        let mut ids: HashSet<RequestId> = rows
            .iter()
            .filter(|row| !matches!(row.subject, Subject::Clock { .. }))
            .filter_map(|row| row.request)
            .collect();
        ids.extend(tasks.iter().map(|(request, _)| *request));
        ids.extend(changes.iter().map(|(request, _)| *request));
        let named = self.named(ids.into_iter().collect()).await?;
        let mut part = Part {
            campaign: self.campaign.name.clone(),
            url: self.url.clone(),
            reminders: Vec::new(),
            week: Vec::new(),
            changed: Vec::new(),
            waits: Vec::new(),
            left_out: 0,
        };
        let told = self.told(rows, &tasks, &named, &mut part).await?;
        let said: HashSet<(RequestId, &str)> = told
            .iter()
            .filter_map(|row| match &row.subject {
                Subject::Clock { request, duty, .. } => Some((*request, duty.as_str())),
                _ => None,
            })
            .collect();
        // What stands above is not said twice.
        for entry in week
            .iter()
            .filter(|entry| !said.contains(&(entry.request, entry.duty.as_str())))
        {
            part.week.push(Line {
                text: phrases::week(self.language, entry.ours, &entry.heading, &entry.agency),
                more: format!(
                    "{} · {} · {}",
                    phrases::day(self.language, entry.due_on),
                    entry.reference,
                    entry.citation
                ),
                url: format!("{}#clock-{}", self.page(entry.request), entry.duty),
            });
        }
        for (request, kinds) in &changes {
            let says: Vec<&str> = kinds
                .iter()
                .filter_map(|kind| phrases::change(self.language, kind))
                .collect();
            part.changed.push(Line {
                text: format!("{}: {}", named.agency(*request), says.join("; ")),
                more: named.reference(*request),
                url: self.page(*request),
            });
        }
        let others: Vec<&Subject> = told
            .iter()
            .map(|row| &row.subject)
            .filter(|subject| !matches!(subject, Subject::Clock { .. }))
            .collect();
        for (request, task) in tasks.iter().filter(|(request, task)| {
            !others
                .iter()
                .any(|subject| lines::tells(subject, *request, task))
        }) {
            part.waits.push(Line {
                text: phrases::task(self.language, task.kind, named.agency(*request), task.since),
                more: named.reference(*request),
                url: self.task_page(*request, task),
            });
        }
        if full {
            self.beside(&mut part).await?;
        }
        let amounts = Amounts {
            reminders: part.reminders.len(),
            week: part.week.len(),
            today: week.iter().filter(|entry| entry.due_on == self.day).count(),
            changed: part.changed.len(),
            waits: part.waits.len(),
        };
        written.digest.amounts = written.digest.amounts.and(amounts);
        written.told.extend(told);
        for list in [
            &mut part.reminders,
            &mut part.week,
            &mut part.changed,
            &mut part.waits,
        ] {
            part.left_out += list.len().saturating_sub(LINES);
            list.truncate(LINES);
        }
        if amounts != Amounts::default() {
            written.digest.parts.push(part);
        }
        Ok(())
    }

    async fn named(&self, ids: Vec<RequestId>) -> Deed<Named> {
        let db = self.app.store.read();
        let names: HashMap<AgencyId, String> = if ids.is_empty() {
            HashMap::new()
        } else {
            agencies::list(db, self.scope)
                .await?
                .into_iter()
                .map(|agency| (agency.id, agency.name))
                .collect()
        };
        let mut requests = HashMap::new();
        for some in ids.chunks(400) {
            for kept in requests::list_by_ids(db, self.campaign.id, some).await? {
                let name = names.get(&kept.request.agency).cloned().unwrap_or_default();
                requests.insert(kept.request.id, (kept.request, name));
            }
        }
        Ok(Named { requests })
    }

    /// What waits for this member, the longest first.
    async fn tasks(&self) -> Deed<Vec<(RequestId, Task)>> {
        let mut all = Vec::new();
        for watch in watches::list_with_tasks(self.app.store.read(), self.scope).await? {
            for task in watch.tasks {
                if waits_for(&task, watch.owner, watch.backup, self.scope) {
                    all.push((watch.request, task));
                }
            }
        }
        all.sort_by_key(|(request, task)| (task.since, *request));
        Ok(all)
    }

    /// What others did since the last mail in requests of this member's care: one line for each request.
    async fn changes(&self) -> Deed<Vec<(RequestId, Vec<String>)>> {
        /// Lines of the log that are looked through: after a long absence the newest days speak.
        const LOOKED_AT: u64 = 1_000;
        let db = self.app.store.read();
        let news = events::list_since(
            db,
            self.campaign.id,
            self.since,
            &phrases::CHANGES,
            LOOKED_AT,
        )
        .await?;
        let mut all: Vec<(RequestId, Vec<String>)> = Vec::new();
        for event in news {
            let Some(request) = event.request.filter(|_| event.by != Some(self.scope.user)) else {
                continue;
            };
            let kind = event.what.kind();
            match all.iter_mut().find(|(id, _)| *id == request) {
                Some((_, kinds)) if kinds.contains(&kind) => {}
                Some((_, kinds)) => kinds.push(kind),
                None => all.push((request, vec![kind])),
            }
        }
        let ids: Vec<RequestId> = all.iter().map(|(id, _)| *id).collect();
        let mut cares = HashSet::new();
        for some in ids.chunks(400) {
            for (id, watch) in watches::list_by_ids(db, some).await? {
                if watch.owner == self.scope.user || watch.backup == Some(self.scope.user) {
                    cares.insert(id);
                }
            }
        }
        all.retain(|(id, _)| cares.contains(id));
        Ok(all)
    }

    /// What belongs to no request: the tray, and what else waits on today's page.
    async fn beside(&self, part: &mut Part) -> Deed<()> {
        let db = self.app.store.read();
        if self.scope.may_draft() && self.scope.role == Role::Researcher {
            let tray = messages::count_tray(db, self.scope).await?;
            if tray > 0 {
                part.waits.push(Line {
                    text: phrases::tray(self.language, tray),
                    more: String::new(),
                    url: format!("{}/tray", self.url),
                });
            }
        }
        let others = read_today::count_beside(self.app, self.scope).await?;
        if others > 0 {
            part.waits.push(Line {
                text: phrases::others(self.language, others),
                more: String::new(),
                url: self.url.clone(),
            });
        }
        Ok(())
    }
}
