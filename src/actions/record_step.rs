//! A person records something that the clocks of a request depend on, and is told what it moves: a step, a special rule
//! of the law that holds, or that an earlier entry was a mistake.

use chrono::{DateTime, Utc};

use super::read_clocks::{facts, law_of, sheet};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::duty::{Moved, Step, moved};
use crate::domain::event::{Event, Happening, that_count};
use crate::domain::ids::{MessageId, RequestId};
use crate::store::agencies::{self, Agency};
use crate::store::closings::{self, Closings};
use crate::store::requests::{self, Kept};
use crate::store::{commit, events, messages};

/// What is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Step(Step),
    /// A condition of the law holds for this request, or does not.
    Condition {
        key: String,
        holds: bool,
        note: String,
    },
    /// An entry of the log was a mistake.
    Withdraw {
        entry: i64,
        why: String,
    },
}

/// Why an entry cannot be recorded, with the field of the form.
#[derive(Debug)]
pub enum NotRecorded {
    /// The person can do something about it.
    Wrong {
        field: &'static str,
        says: String,
    },
    Other(ActionError),
}

impl<E: Into<ActionError>> From<E> for NotRecorded {
    fn from(error: E) -> Self {
        NotRecorded::Other(error.into())
    }
}

/// A request as its clocks see it.
struct Before {
    kept: Kept,
    agency: Agency,
    closings: Closings,
    log: Vec<Event>,
}

impl Before {
    fn moves(
        &self,
        app: &App,
        what: &Happening,
        by: &Scope,
        now: DateTime<Utc>,
    ) -> Deed<Vec<Moved>> {
        let what = std::slice::from_ref(what);
        moved_by(
            app,
            (&self.kept, &self.agency, &self.closings),
            &self.log,
            what,
            by,
            now,
        )
    }
}

async fn before(app: &App, by: &Scope, request: RequestId) -> Deed<Before> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel record what happened to a request. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let kept = requests::find(db, by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agency = agencies::find(db, by, kept.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let closings = closings::in_force(db, by.campaign).await?;
    let log = events::list_for_request(db, by, request).await?;
    Ok(Before {
        kept,
        agency,
        closings,
        log,
    })
}

/// What an entry would move, without recording it.
///
/// # Errors
/// What does not fit, with its field.
pub async fn what_moves(
    app: &App,
    by: &Scope,
    request: RequestId,
    entry: &Entry,
    now: DateTime<Utc>,
) -> Result<Vec<Moved>, NotRecorded> {
    let before = before(app, by, request).await?;
    let what = happening(app, &before, entry, now)?;
    Ok(before.moves(app, &what, by, now)?)
}

/// Records the entry and tells what it moved.
///
/// # Errors
/// What does not fit, with its field.
pub async fn record_step(
    app: &App,
    by: &Scope,
    request: RequestId,
    entry: &Entry,
    now: DateTime<Utc>,
) -> Result<Vec<Moved>, NotRecorded> {
    let before = before(app, by, request).await?;
    let what = happening(app, &before, entry, now)?;
    let moved = before.moves(app, &what, by, now)?;
    let tx = app.store.begin().await?;
    if let Entry::Withdraw { entry, .. } = entry {
        // A reply that was sorted wrongly waits to be sorted again.
        let sorted = before.log.iter().find(|event| event.id == *entry);
        if let Some(Happening::ReplySorted {
            message: Some(message),
            ..
        }) = sorted.map(|event| &event.what)
            && !says_more(&before.log, *entry, *message)
        {
            messages::mark_unsorted(&tx, by, *message).await?;
        }
    }
    events::record_by(&tx, by, Some(request), now, &what).await?;
    commit(tx).await?;
    Ok(moved)
}

/// Whether a reply was sorted as something else besides this entry: one reply may say several things.
fn says_more(log: &[Event], entry: i64, message: MessageId) -> bool {
    that_count(log).any(|event| {
        event.id != entry
            && matches!(
                event.what,
                Happening::ReplySorted { message: Some(of), .. } if of == message
            )
    })
}

/// The entry as the log keeps it, checked.
fn happening(
    app: &App,
    before: &Before,
    entry: &Entry,
    now: DateTime<Utc>,
) -> Result<Happening, NotRecorded> {
    let wrong = |field, says: &str| {
        Err(NotRecorded::Wrong {
            field,
            says: says.to_owned(),
        })
    };
    match entry {
        Entry::Step(step) => {
            let facts = facts(&before.agency, &before.closings, &before.log);
            step.check(&facts, day_in(before.agency.time_zone, now))
                .map_err(|problem| NotRecorded::Wrong {
                    field: problem.field,
                    says: problem.says,
                })?;
            Ok(step.happening())
        }
        Entry::Condition { key, holds, note } => {
            let law = law_of(app, &before.kept.request)?;
            if !law.conditions.iter().any(|known| known.key == *key) {
                return wrong(
                    "conditions",
                    "This law has no such rule. Reload the page and choose again.",
                );
            }
            Ok(Happening::ConditionSet {
                key: key.clone(),
                holds: *holds,
                note: note.clone(),
            })
        }
        Entry::Withdraw { entry, why } => {
            if why.trim().is_empty() {
                return wrong(
                    "why",
                    "Say why this entry was a mistake. It stays in the log with the reason.",
                );
            }
            let counts =
                that_count(&before.log).any(|event| event.id == *entry && event.may_be_withdrawn());
            if !counts {
                return wrong(
                    "why",
                    "This entry cannot be taken back, or was taken back already. Reload the page.",
                );
            }
            Ok(Happening::EntryWithdrawn {
                entry: *entry,
                why: why.trim().to_owned(),
            })
        }
    }
}

/// What new entries move: the clocks before and after, compared on the agency's today.
pub(super) fn moved_by(
    app: &App,
    (kept, agency, closings): (&Kept, &Agency, &Closings),
    log: &[Event],
    what: &[Happening],
    by: &Scope,
    now: DateTime<Utc>,
) -> Deed<Vec<Moved>> {
    let today = day_in(agency.time_zone, now);
    let mut after = log.to_vec();
    after.extend(what.iter().map(|what| Event {
        id: i64::MAX,
        campaign: Some(by.campaign),
        request: Some(kept.request.id),
        by: Some(by.user),
        at: now,
        what: what.clone(),
    }));
    let old = sheet(app, &kept.request, agency, closings, log, today)?;
    let new = sheet(app, &kept.request, agency, closings, &after, today)?;
    Ok(moved(&old.duties, &new.duties))
}
