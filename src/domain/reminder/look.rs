//! One look at a request: what is to be told by tomorrow, to whom, what still stands, and when to look again.

use chrono::{Days, NaiveDate};

use super::watched::{TaskKind, Watched};
use super::{
    OpenDays, Rules, Step, Subject, Tell, Topic, agency_limit, our_window, reached, waited,
};
use crate::domain::duty::{ClockState, DutyClock};
use crate::domain::ids::{RequestId, UserId};
use crate::domain::person::Role;

/// The people around one request.
#[derive(Clone, Copy, Debug)]
pub struct Circle<'a> {
    pub owner: UserId,
    /// The request's own, else the campaign's.
    pub backup: Option<UserId>,
    pub members: &'a [(UserId, Role)],
}

/// The request's owner; if they have left the campaign, its counsel; if there is none, everybody who works in it.
pub fn readers(owner: UserId, members: &[(UserId, Role)]) -> Vec<UserId> {
    if members.iter().any(|(account, _)| *account == owner) {
        return vec![owner];
    }
    let with = |wanted: Role| -> Vec<UserId> {
        members
            .iter()
            .filter(|(_, role)| *role == wanted)
            .map(|(account, _)| *account)
            .collect()
    };
    let counsel = with(Role::Counsel);
    if counsel.is_empty() {
        with(Role::Researcher)
    } else {
        counsel
    }
}

impl Circle<'_> {
    fn counsel(&self) -> Vec<UserId> {
        self.members
            .iter()
            .filter(|(_, role)| *role == Role::Counsel)
            .map(|(account, _)| *account)
            .collect()
    }

    /// The backup, if they still work in the campaign; where none is chosen, counsel.
    fn second(&self) -> Vec<UserId> {
        let works = |whom: &UserId| {
            self.members
                .iter()
                .any(|(account, role)| account == whom && *role != Role::Team)
        };
        match self.backup.filter(works) {
            Some(backup) => vec![backup],
            None => self.counsel(),
        }
    }

    /// Who hears of this, each once.
    pub fn of(&self, subject: &Subject, step: Step, last_step: bool) -> Vec<UserId> {
        let owner = || readers(self.owner, self.members);
        let mut all = match subject.topic() {
            Topic::AgencyLimit if matches!(step, Step::Week(_)) => {
                [owner(), self.second()].concat()
            }
            Topic::AgencyLimit | Topic::Portal => owner(),
            Topic::OurWindow => {
                let mut all = [owner(), self.counsel()].concat();
                if self.backup.is_some() {
                    all.extend(self.second());
                }
                all
            }
            Topic::Replies if last_step => [owner(), self.second()].concat(),
            Topic::Replies => owner(),
            Topic::Held | Topic::Approvals => self.counsel(),
            Topic::Contacts | Topic::Own => vec![self.owner],
        };
        let mut seen = std::collections::HashSet::new();
        all.retain(|one| seen.insert(*one));
        all
    }
}

/// A limit that still matters: it runs, or has passed without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The rule's name in the law file.
    pub duty: String,
    pub due_on: NaiveDate,
    pub latest_on: Option<NaiveDate>,
    pub ours: bool,
}

impl Limit {
    /// The limit of a clock, where one is open.
    pub fn of(clock: &DutyClock) -> Option<Limit> {
        let open = matches!(clock.state, ClockState::Running | ClockState::Late);
        clock.due_on.filter(|_| open).map(|due_on| Limit {
            duty: clock.id.clone(),
            due_on,
            latest_on: clock.latest_on,
            ours: clock.ours,
        })
    }
}

/// Something to tell somebody on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub subject: Subject,
    pub step: Step,
    pub on: NaiveDate,
    pub due_on: Option<NaiveDate>,
    pub readers: Vec<UserId>,
}

/// What one look at a request found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub notices: Vec<Notice>,
    /// Everything that still stands; what was told of anything else is over.
    pub stands: Vec<Subject>,
    /// The next day on which something will be told, as things are now.
    pub next_on: Option<NaiveDate>,
    /// Limits of the agency whose day after has come: the letter that follows may be drafted.
    pub missed: Vec<Limit>,
}

/// Looks at one request on `today`. What is to be told tomorrow is told of as well, for readers whose day begins
/// earlier.
pub fn look(
    request: RequestId,
    watched: &Watched,
    limits: &[Limit],
    rules: &Rules,
    circle: &Circle<'_>,
    open: &OpenDays,
    today: NaiveDate,
) -> Looked {
    let until = today + Days::new(1);
    let mut found = Looked::default();
    let mut tell = |subject: Subject, due_on: Option<NaiveDate>, all: &[Tell]| {
        let on = !rules.off.contains(&subject.topic());
        if on {
            let (told, next) = reached(all, today, until);
            let last = all.last().map(|tell| tell.step);
            for Tell { on, step } in told {
                let readers = circle.of(&subject, step, Some(step) == last);
                if !readers.is_empty() {
                    found.notices.push(Notice {
                        subject: subject.clone(),
                        step,
                        on,
                        due_on,
                        readers,
                    });
                }
            }
            found.next_on = match (found.next_on, next) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        found.stands.push(subject);
    };
    if watched.is_out {
        for limit in limits {
            let subject = Subject::Clock {
                request,
                duty: limit.duty.clone(),
                due_on: limit.due_on,
                ours: limit.ours,
            };
            let all = if limit.ours {
                our_window(limit.due_on, limit.latest_on, rules, open)
            } else {
                agency_limit(limit.due_on, rules, open, today, until)
            };
            tell(subject, Some(limit.due_on), &all);
        }
    }
    for task in &watched.tasks {
        let (subject, all) = match (task.kind, task.message, task.document, task.letter) {
            (TaskKind::Unsorted, Some(message), _, _) => (
                Subject::Reply(request, message),
                waited(task.since, &rules.replies_after, false, today, until),
            ),
            (TaskKind::Held, _, Some(document), _) => (
                Subject::Held(request, document),
                waited(task.since, &rules.counsel_after, true, today, until),
            ),
            (TaskKind::Approval, _, _, Some(letter)) => (
                Subject::Approval(request, letter),
                waited(task.since, &rules.counsel_after, true, today, until),
            ),
            _ => continue,
        };
        tell(subject, None, &all);
    }
    if let Some(since) = watched.portal_since {
        let all = waited(since, &[rules.portal_every], true, today, until);
        tell(Subject::Portal(request, since), None, &all);
    }
    for own in &watched.own {
        // Whatever the request's status. The reader is who set it.
        let once = [Tell {
            on: own.on,
            step: Step::On,
        }];
        let (told, next) = reached(&once, today, until);
        let subject = Subject::Own(request, own.id);
        for Tell { on, step } in told {
            if circle.members.iter().any(|(account, _)| *account == own.by) {
                found.notices.push(Notice {
                    subject: subject.clone(),
                    step,
                    on,
                    due_on: Some(own.on),
                    readers: vec![own.by],
                });
            }
        }
        found.next_on = match (found.next_on, next) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        found.stands.push(subject);
    }
    if watched.is_out && rules.chasers {
        found.missed = missed(limits, rules, open, today);
    }
    found
}

/// Agencies' limits missed lately enough that a letter about them makes sense. One of long ago that is found now (an
/// import, a corrected receipt) is left to a person.
fn missed(limits: &[Limit], rules: &Rules, open: &OpenDays, today: NaiveDate) -> Vec<Limit> {
    const LATELY: i64 = 30;
    limits
        .iter()
        .filter(|limit| !limit.ours)
        .filter(|limit| open.after(limit.due_on, rules.agency_after) <= today)
        .filter(|limit| (today - limit.due_on).num_days() <= LATELY)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests;
