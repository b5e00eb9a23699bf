//! One reminder or one task as a line of the morning's mail, with the page that it leads to.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};

use super::{Named, Reading};
use crate::actions::Deed;
use crate::actions::warn_of_contacts::stale_contacts;
use crate::domain::event::Event;
use crate::domain::ids::RequestId;
use crate::domain::reminder::feed::Entry;
use crate::domain::reminder::{Step, Subject, Task, TaskKind, Watched};
use crate::mail::morning::{Line, Part};
use crate::mail::phrases::{self, Told};
use crate::store::reminders::Reminder;
use crate::store::{batches, calendar_feeds, events};

/// Whether a reminder and a task are about the same thing.
pub(super) fn tells(subject: &Subject, of: RequestId, task: &Task) -> bool {
    match subject {
        Subject::Reply(request, id) => *request == of && task.message == Some(*id),
        Subject::Held(request, id) => *request == of && task.document == Some(*id),
        Subject::Approval(request, id) => {
            *request == of && task.kind == TaskKind::Approval && task.letter == Some(*id)
        }
        Subject::Portal(request, _) => *request == of && task.kind == TaskKind::Portal,
        _ => false,
    }
}

/// The kind of the log's line by which somebody puts a reminder off.
const PUT_OFF: &str = "reminder_snoozed";

impl Reading<'_> {
    /// The reminders as lines; what is put off is left for another day.
    pub(super) async fn told(
        &self,
        rows: Vec<Reminder>,
        tasks: &[(RequestId, Task)],
        named: &Named,
        part: &mut Part,
    ) -> Deed<Vec<Reminder>> {
        let db = self.app.store.read();
        let ids: HashSet<RequestId> = rows.iter().filter_map(|row| row.request).collect();
        let ids: Vec<RequestId> = ids.into_iter().collect();
        let mut logs: HashMap<RequestId, Vec<Event>> = HashMap::new();
        let mut clocks: HashMap<(RequestId, String), Entry> = HashMap::new();
        for some in ids.chunks(200) {
            // A log is read only where this reader put something off.
            let put_off = events::requests_with(db, some, PUT_OFF, self.scope.user).await?;
            for event in events::list_for_requests(db, self.campaign.id, &put_off).await? {
                if let Some(request) = event.request {
                    logs.entry(request).or_default().push(event);
                }
            }
            for entry in calendar_feeds::list_for_requests(db, some).await? {
                clocks.insert((entry.request, entry.duty.clone()), entry);
            }
        }
        let watched: HashMap<RequestId, Watched> = logs
            .iter()
            .map(|(id, log)| (*id, Watched::of_log(log, self.campaign.time_zone)))
            .collect();
        let mut chasers: HashMap<RequestId, &Task> = HashMap::new();
        for (request, task) in tasks {
            if task.kind == TaskKind::Chaser {
                chasers.entry(*request).or_insert(task);
            }
        }
        let mut told = Vec::new();
        for row in rows {
            let put_off = row.request.is_some_and(|request| {
                watched
                    .get(&request)
                    .and_then(|watched| {
                        watched.snoozed_until(self.scope.user, &row.subject.matter())
                    })
                    .is_some_and(|until| until > self.day)
            });
            if put_off {
                continue;
            }
            let Some(line) = self.line(&row, (tasks, &chasers), &clocks, named).await? else {
                continue;
            };
            part.reminders.push(line);
            told.push(row);
        }
        Ok(told)
    }

    async fn line(
        &self,
        row: &Reminder,
        (tasks, chasers): (&[(RequestId, Task)], &HashMap<RequestId, &Task>),
        clocks: &HashMap<(RequestId, String), Entry>,
        named: &Named,
    ) -> Deed<Option<Line>> {
        let plain = |kind: TaskKind, request: RequestId, since: NaiveDate, at: String| Line {
            text: phrases::task(self.language, kind, named.agency(request), since),
            more: named.reference(request),
            url: at,
        };
        let task = match &row.subject {
            Subject::Clock { .. } => None,
            subject => tasks
                .iter()
                .find(|(request, task)| tells(subject, *request, task)),
        };
        let since = match (task, row.step) {
            (Some((_, task)), _) => task.since,
            (None, Step::Waited(days)) => row.for_on - Days::new(u64::from(days)),
            (None, _) => row.for_on,
        };
        Ok(Some(match &row.subject {
            Subject::Clock {
                request,
                duty,
                due_on,
                ours,
            } => {
                let Some(entry) = clocks.get(&(*request, duty.clone())) else {
                    return Ok(None);
                };
                let mut more = format!("{} · {}", entry.reference, entry.citation);
                if let (Some(task), false) = (chasers.get(request), *ours) {
                    more.push_str(" · ");
                    more.push_str(&phrases::task(
                        self.language,
                        TaskKind::Chaser,
                        &entry.agency,
                        task.since,
                    ));
                }
                Line {
                    text: phrases::limit(
                        self.language,
                        *ours,
                        &entry.heading,
                        &entry.agency,
                        *due_on,
                        row.step,
                    ),
                    more,
                    url: format!("{}#clock-{duty}", self.page(*request)),
                }
            }
            Subject::Reply(request, message) => plain(
                TaskKind::Unsorted,
                *request,
                since,
                format!("{}/messages/{message}", self.url),
            ),
            Subject::Held(request, document) => plain(
                TaskKind::Held,
                *request,
                since,
                format!("{}/documents/{document}/review", self.url),
            ),
            Subject::Approval(request, letter) => plain(
                TaskKind::Approval,
                *request,
                since,
                format!("{}/letters/{letter}/review", self.url),
            ),
            Subject::Portal(request, since) => plain(
                TaskKind::Portal,
                *request,
                *since,
                format!("{}#reminders", self.page(*request)),
            ),
            Subject::Own(request, _) => Line {
                text: phrases::told(self.language, &Told::OwnReminder),
                more: format!("{} · {}", named.reference(*request), named.agency(*request)),
                url: format!("{}#reminders", self.page(*request)),
            },
            Subject::Contacts(batch) => {
                let db = self.app.store.read();
                let Some(found) = batches::find(db, self.scope, *batch).await? else {
                    return Ok(None);
                };
                let stale = stale_contacts(self.app, self.scope, *batch, found.send_on).await?;
                if stale == 0 {
                    return Ok(None);
                }
                Line {
                    text: phrases::told(
                        self.language,
                        &Told::Contacts(stale, &format!("B-{}", found.number), found.send_on),
                    ),
                    more: String::new(),
                    url: format!("{}/agencies/recheck", self.url),
                }
            }
        }))
    }

    pub(super) fn task_page(&self, request: RequestId, task: &Task) -> String {
        match (task.kind, task.letter, task.message, task.document) {
            (TaskKind::Approval, Some(letter), _, _) => {
                format!("{}/letters/{letter}/review", self.url)
            }
            (TaskKind::Returned, Some(letter), _, _) => {
                format!("{}/letters/{letter}/edit", self.url)
            }
            (TaskKind::Draft | TaskKind::Chaser | TaskKind::Approved, Some(letter), _, _) => {
                format!("{}/letters/{letter}", self.url)
            }
            (_, _, Some(message), _) => format!("{}/messages/{message}", self.url),
            (_, _, _, Some(document)) => format!("{}/documents/{document}/review", self.url),
            _ => self.page(request),
        }
    }
}
