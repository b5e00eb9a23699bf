//! The sweep: requests that changed, or whose day has come, are looked at; what is to be told goes into the table.
//!
//! Each request keeps the next day on which to look (`store::watches`), so a sweep reads only what changed since the
//! last one and what is due: pages of [`AT_ONCE`] requests, whatever their number. What the answer depends on besides
//! the log (the law, closed days, people, rules) is its basis; another basis has its requests looked at again. One look
//! writes in one transaction what is told to whom, what waits, and the calendars' entries. Planned as often as one
//! likes, a thing is told once: its row names reader, subject and step, its job has the same key.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::read_clocks::{facts, law_of};
use super::warn_of_contacts::warn_of_contacts;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::approval::sha256_hex;
use crate::domain::duty;
use crate::domain::event::Event;
use crate::domain::ids::{AgencyId, RequestId, UserId};
use crate::domain::person::Role;
use crate::domain::reminder::feed::{Entry, follow};
use crate::domain::reminder::{
    Choices, Circle, Limit, Notice, OpenDays, Rules, Subject, Task, TaskKind, Topic, Watched, look,
    morning,
};
use crate::store::agencies::{self, Agency};
use crate::store::campaigns::{self, Campaign};
use crate::store::closings::{self, Closings};
use crate::store::jobs::{self, NewJob};
use crate::store::watches::{self, Watch};
use crate::store::{calendar_feeds, commit, events, reminder_settings, reminders, requests};

/// The job that sends one reminder as a mail of its own.
pub const REMIND_JOB: &str = "remind";
/// The job that drafts the letter after a missed limit.
pub const CHASE_JOB: &str = "chase";

/// Requests looked at together: as many logs are in memory at one time.
const AT_ONCE: usize = 100;
/// Lines of the log asked for at one time.
const LINES: u64 = 2_000;
/// Lines before the last one seen that are asked for again: on PostgreSQL a line with a lower number may be committed
/// after one with a higher.
const MARGIN: i64 = 256;
/// An open request is looked at again after this many days even if nothing seems to have changed.
const AT_LEAST_EVERY: u64 = 30;
/// The basis of a request whose agency is gone or whose law is unknown.
const NO_BASIS: &str = "none";

/// What a job of one reminder remembers: the row, by its natural key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub reader: UserId,
    pub subject: String,
    pub step: String,
}

impl Planned {
    /// One effect, one key.
    pub fn effect_key(&self) -> String {
        format!("remind:{}:{}:{}", self.reader, self.subject, self.step)
    }
}

/// What a job of a chaser remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chase {
    pub request: RequestId,
    /// The rule's name in the law file.
    pub duty: String,
    pub due_on: NaiveDate,
}

impl Chase {
    /// One effect, one key.
    pub fn effect_key(&self) -> String {
        format!("chase:{}:{}:{}", self.request, self.duty, self.due_on)
    }
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Requests looked at.
    pub looked: usize,
    /// Reminders that are new.
    pub new: u64,
}

/// Sweeps every campaign.
pub async fn plan_reminders(app: &App, now: DateTime<Utc>) -> Deed<Swept> {
    let choices = reminder_settings::all_choices(app.store.read()).await?;
    let mut all = Swept::default();
    for campaign in campaigns::list_all(app.store.read()).await? {
        let mut sweep = Sweep::begin(app, &campaign, &choices, now).await?;
        sweep.run().await?;
        all.looked += sweep.swept.looked;
        all.new += sweep.swept.new;
    }
    Ok(all)
}

/// One campaign's sweep: what all its requests have in common is read once.
struct Sweep<'a> {
    app: &'a App,
    campaign: &'a Campaign,
    choices: &'a HashMap<UserId, Choices>,
    now: DateTime<Utc>,
    today: NaiveDate,
    rules: Rules,
    backup: Option<UserId>,
    members: Vec<(UserId, Role)>,
    agencies: HashMap<AgencyId, Agency>,
    closings: Closings,
    /// What holds for all agencies alike.
    common: String,
    swept: Swept,
}

impl<'a> Sweep<'a> {
    async fn begin(
        app: &'a App,
        campaign: &'a Campaign,
        choices: &'a HashMap<UserId, Choices>,
        now: DateTime<Utc>,
    ) -> Deed<Sweep<'a>> {
        let db = app.store.read();
        let members: Vec<(UserId, Role)> = campaigns::list_members(db, campaign.id)
            .await?
            .into_iter()
            .map(|member| (member.account, member.role))
            .collect();
        let kept = reminder_settings::rules(db, campaign.id).await?;
        let scope = Scope {
            user: campaign.created_by,
            campaign: campaign.id,
            role: Role::Researcher,
        };
        let law: Vec<String> = app.law().all().map(|law| law.version.clone()).collect();
        let common = format!(
            "{}|{members:?}|{:?}|{:?}|{}",
            law.join(","),
            kept.rules,
            kept.backup,
            campaign.time_zone
        );
        Ok(Sweep {
            app,
            campaign,
            choices,
            now,
            today: day_in(campaign.time_zone, now),
            rules: kept.rules,
            backup: kept.backup,
            members,
            agencies: agencies::list(db, &scope)
                .await?
                .into_iter()
                .map(|agency| (agency.id, agency))
                .collect(),
            closings: closings::in_force(db, campaign.id).await?,
            common: sha256_hex(common.as_bytes()),
            swept: Swept::default(),
        })
    }

    fn basis(&self, agency: AgencyId) -> String {
        match self.agencies.get(&agency) {
            None => NO_BASIS.to_owned(),
            Some(agency) => {
                let whole = format!(
                    "{}|{}|{}|{}|{:?}|{}|{:?}",
                    self.common,
                    agency.name,
                    agency.kind.as_str(),
                    agency.jurisdiction,
                    agency.county,
                    agency.time_zone,
                    self.closings.of(agency.id)
                );
                sha256_hex(whole.as_bytes())[..32].to_owned()
            }
        }
    }

    async fn run(&mut self) -> Deed<()> {
        if self.members.is_empty() {
            return Ok(());
        }
        self.follow_bases().await?;
        self.follow_log().await?;
        loop {
            let db = self.app.store.read();
            let due = watches::list_due(db, self.campaign.id, self.today, AT_ONCE as u64).await?;
            if due.is_empty() {
                break;
            }
            self.look_at(&due).await?;
        }
        let place = (self.campaign, self.today, self.now);
        self.swept.new += warn_of_contacts(self.app, place, &self.rules, &self.members).await?;
        Ok(())
    }

    /// Where law, closed days, people or rules changed, the requests that they bear on are looked at again.
    async fn follow_bases(&mut self) -> Deed<()> {
        let known = watches::list_bases(self.app.store.read(), self.campaign.id).await?;
        let mut other = HashSet::new();
        for (agency, basis) in known {
            if basis != self.basis(agency) {
                other.insert(agency);
            }
        }
        if other.is_empty() {
            return Ok(());
        }
        let tx = self.app.store.begin().await?;
        for agency in other {
            watches::make_due(&tx, agency, &self.basis(agency), self.today).await?;
        }
        commit(tx).await?;
        Ok(())
    }

    /// Requests whose log has new lines.
    async fn follow_log(&mut self) -> Deed<()> {
        let db = self.app.store.read();
        let cursor = watches::cursor(db, self.campaign.id).await?;
        let mut after = (cursor - MARGIN).max(0);
        loop {
            let lines = watches::lines_after(db, self.campaign.id, after, LINES).await?;
            let Some((last, _)) = lines.last() else {
                return Ok(());
            };
            after = *last;
            let mut newest: BTreeMap<RequestId, i64> = BTreeMap::new();
            for (id, request) in &lines {
                if let Some(request) = request {
                    newest.insert(*request, *id);
                }
            }
            let ids: Vec<RequestId> = newest.keys().copied().collect();
            let mut changed = Vec::new();
            for some in ids.chunks(400) {
                let seen = watches::seen(db, some).await?;
                changed.extend(
                    some.iter()
                        .filter(|id| seen.get(id).is_none_or(|seen| *seen < newest[id])),
                );
            }
            let end = lines.len() < usize::try_from(LINES).unwrap_or(usize::MAX);
            for some in changed.chunks(AT_ONCE) {
                self.look_at(some).await?;
            }
            if after > cursor {
                let tx = self.app.store.begin().await?;
                watches::set_cursor(&tx, self.campaign.id, after).await?;
                commit(tx).await?;
            }
            if end {
                return Ok(());
            }
        }
    }

    /// Looks at some requests, and writes what was found in one transaction.
    async fn look_at(&mut self, ids: &[RequestId]) -> Deed<()> {
        let db = self.app.store.read();
        let campaign = self.campaign.id;
        let mut logs: HashMap<RequestId, Vec<Event>> = HashMap::new();
        for event in events::list_for_requests(db, campaign, ids).await? {
            if let Some(request) = event.request {
                logs.entry(request).or_default().push(event);
            }
        }
        let mut entries: HashMap<RequestId, Vec<Entry>> = HashMap::new();
        for entry in calendar_feeds::list_for_requests(db, ids).await? {
            entries.entry(entry.request).or_default().push(entry);
        }
        let mut found = Found::default();
        let mut all = requests::list_by_ids(db, campaign, ids).await?;
        // Two processes that look at the same requests write their rows in the same order, so that neither waits in a ring.
        all.sort_by_key(|kept| kept.request.id);
        for kept in all {
            let log = logs.remove(&kept.request.id).unwrap_or_default();
            let old = entries.remove(&kept.request.id).unwrap_or_default();
            self.look_at_one(&kept.request, &log, &old, &mut found)?;
        }
        self.swept.looked += found.watches.len();
        let tx = self.app.store.begin().await?;
        self.swept.new += reminders::plan(&tx, campaign, &found.notices, self.now).await?;
        reminders::end_gone(&tx, ids, &found.stands, self.now).await?;
        jobs::add_many(&tx, self.jobs(&found)?, self.now).await?;
        calendar_feeds::put(&tx, &found.entries).await?;
        watches::put(&tx, &found.watches).await?;
        commit(tx).await?;
        Ok(())
    }

    fn look_at_one(
        &self,
        request: &crate::domain::request::Request,
        log: &[Event],
        old: &[Entry],
        found: &mut Found,
    ) -> Deed<()> {
        let mut watch = Watch {
            request: request.id,
            campaign: request.campaign,
            agency: request.agency,
            owner: request.owner,
            backup: None,
            basis: NO_BASIS.to_owned(),
            seen_event: log.last().map_or(0, |event| event.id),
            looked_on: self.today,
            next_on: None,
            tasks: Vec::new(),
        };
        let agency = self.agencies.get(&request.agency);
        let (Some(agency), Ok(law)) = (agency, law_of(self.app, request)) else {
            found.watches.push(watch);
            return Ok(());
        };
        let facts = facts(agency, &self.closings, log);
        let mut watched = Watched::of_log(log, self.campaign.time_zone);
        let backup = watched.backup.or(self.backup);
        let clocks = duty::clocks(&law, &facts, self.today);
        let open = OpenDays::of(&law, &facts);
        let limits: Vec<Limit> = clocks.iter().filter_map(Limit::of).collect();
        let circle = Circle {
            owner: request.owner,
            backup,
            members: &self.members,
        };
        let looked = look(
            request.id,
            &watched,
            &limits,
            &self.rules,
            &circle,
            &open,
            self.today,
        );
        let wanted = clocks
            .iter()
            .filter(|_| watched.is_out)
            .filter_map(|clock| {
                let limit = Limit::of(clock)?;
                Some(Entry {
                    campaign: request.campaign,
                    request: request.id,
                    duty: limit.duty,
                    ours: limit.ours,
                    due_on: limit.due_on,
                    heading: clock.heading.clone(),
                    says: clock.says.clone(),
                    citation: clock.citation.clone(),
                    confidence: clock.confidence.plain().to_owned(),
                    agency: agency.name.clone(),
                    reference: request.reference.to_string(),
                    owner: request.owner,
                    backup,
                    sequence: 0,
                    changed_at: self.now,
                    cancelled_at: None,
                })
            })
            .collect();
        found.entries.extend(follow(old, wanted, self.now));
        if let Some(since) = watched.portal_since
            && since + Days::new(u64::from(self.rules.portal_every)) <= self.today
        {
            watched.tasks.push(Task {
                kind: TaskKind::Portal,
                since,
                letter: None,
                series: String::new(),
                message: None,
                document: None,
            });
        }
        let again = watched
            .is_out
            .then(|| self.today + Days::new(AT_LEAST_EVERY));
        watch.next_on = [looked.next_on, again].into_iter().flatten().min();
        watch.backup = backup;
        watch.basis = self.basis(agency.id);
        watch.tasks = watched.tasks;
        found.watches.push(watch);
        found
            .chases
            .extend(looked.missed.into_iter().map(|limit| Chase {
                request: request.id,
                duty: limit.duty,
                due_on: limit.due_on,
            }));
        found.notices.extend(looked.notices);
        found.stands.extend(looked.stands);
        Ok(())
    }

    /// The jobs that follow: a mail of its own for each limit of ours, a draft for each limit of the agency missed.
    fn jobs(&self, found: &Found) -> Deed<Vec<NewJob>> {
        let fault = |error| ActionError::fault("planning a reminder", error);
        let mut all = Vec::new();
        for notice in &found.notices {
            if notice.subject.topic() != Topic::OurWindow {
                continue;
            }
            for reader in &notice.readers {
                let choices = self.choices.get(reader).cloned().unwrap_or_default();
                if !choices.hears(Topic::OurWindow, notice.step) {
                    continue;
                }
                let planned = Planned {
                    reader: *reader,
                    subject: notice.subject.to_string(),
                    step: notice.step.key(),
                };
                all.push(NewJob {
                    kind: REMIND_JOB,
                    effect_key: planned.effect_key(),
                    payload: serde_json::to_value(&planned).map_err(fault)?,
                    campaign: Some(self.campaign.id),
                    run_at: morning(self.zone_of(&choices), notice.on, choices.hour),
                });
            }
        }
        for chase in &found.chases {
            all.push(NewJob {
                kind: CHASE_JOB,
                effect_key: chase.effect_key(),
                payload: serde_json::to_value(chase).map_err(fault)?,
                campaign: Some(self.campaign.id),
                run_at: self.now,
            });
        }
        Ok(all)
    }

    fn zone_of(&self, choices: &Choices) -> Tz {
        choices.zone.unwrap_or(self.campaign.time_zone)
    }
}

/// What some looks found, before it is written.
#[derive(Default)]
struct Found {
    notices: Vec<Notice>,
    stands: HashSet<Subject>,
    watches: Vec<Watch>,
    entries: Vec<Entry>,
    chases: Vec<Chase>,
}

/// The request's owner, or whoever is left, among the members of its campaign.
pub(super) fn readers(owner: UserId, members: &[campaigns::Member]) -> Vec<UserId> {
    let members: Vec<(UserId, Role)> = members
        .iter()
        .map(|member| (member.account, member.role))
        .collect();
    crate::domain::reminder::readers(owner, &members)
}

/// Sweeps one campaign at once if its log has lines that no sweep has seen: before a mail is written.
pub async fn sweep_campaign(app: &App, campaign: &Campaign, now: DateTime<Utc>) -> Deed<()> {
    let db = app.store.read();
    let cursor = watches::cursor(db, campaign.id).await?;
    if watches::lines_after(db, campaign.id, cursor, 1)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    let choices = reminder_settings::all_choices(db).await?;
    Sweep::begin(app, campaign, &choices, now)
        .await?
        .run()
        .await
}
