//! What follows a decision on the law: a line in the log of each request that moves, and a mail to each owner.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::law_moves::Moved;
use super::plan_reminders::readers;
use super::{ActionError, App, Deed};
use crate::domain::event::Happening;
use crate::domain::ids::{CampaignId, CorrectionId, UserId};
use crate::store::jobs::{self, NewJob};
use crate::store::law_corrections::Kept;
use crate::store::{Tx, campaigns, events};

/// The job's kind.
pub const TELL_JOB: &str = "tell_moves";

/// What a mail job remembers: one reader, and her requests that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub correction: CorrectionId,
    pub code: String,
    pub withdrawn: bool,
    pub campaign: CampaignId,
    pub reader: UserId,
    /// Why the law was corrected, or why the correction was withdrawn.
    pub reason: String,
    /// Title and address.
    pub source: String,
    pub moved: Vec<Moved>,
}

impl Notice {
    /// One effect, one key.
    pub fn effect_key(&self) -> String {
        format!(
            "{TELL_JOB}:{}:{}:{}:{}",
            self.correction,
            if self.withdrawn {
                "withdrawn"
            } else {
                "approved"
            },
            self.campaign,
            self.reader
        )
    }
}

/// What was decided.
#[derive(Clone, Copy)]
pub(super) enum Told<'a> {
    Approved,
    Withdrawn { why: &'a str },
}

/// Everything to write in the decision's transaction.
pub(super) struct Tellings {
    by: UserId,
    lines: Vec<(Moved, Happening)>,
    notices: Vec<Notice>,
}

/// Prepares what is to be told, outside the transaction.
pub(super) async fn tellings(
    app: &App,
    kept: &Kept,
    told: Told<'_>,
    moved: &[Moved],
    by: UserId,
) -> Deed<Tellings> {
    let proposed = &kept.proposed;
    let (withdrawn, reason) = match told {
        Told::Approved => (false, proposed.reason.as_str()),
        Told::Withdrawn { why } => (true, why),
    };
    let lines = moved
        .iter()
        .map(|each| {
            let what = Happening::LawCorrected {
                code: proposed.code.to_string(),
                correction: proposed.id,
                withdrawn,
                says: each.says(),
            };
            (each.clone(), what)
        })
        .collect();
    let mut by_reader: BTreeMap<(CampaignId, UserId), Vec<Moved>> = BTreeMap::new();
    let mut members = BTreeMap::new();
    for each in moved {
        let there = match members.entry(each.campaign) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(campaigns::list_members(app.store.read(), each.campaign).await?)
            }
        };
        for reader in readers(each.owner, there) {
            by_reader
                .entry((each.campaign, reader))
                .or_default()
                .push(each.clone());
        }
    }
    let notices = by_reader
        .into_iter()
        .map(|((campaign, reader), moved)| Notice {
            correction: proposed.id,
            code: proposed.code.to_string(),
            withdrawn,
            campaign,
            reader,
            reason: reason.to_owned(),
            source: format!("{}, {}", proposed.source_title, proposed.source_url),
            moved,
        })
        .collect();
    Ok(Tellings { by, lines, notices })
}

impl Tellings {
    /// Writes the lines and the jobs.
    pub(super) async fn write(self, tx: &Tx, now: DateTime<Utc>) -> Deed<()> {
        for (each, what) in &self.lines {
            events::record(
                tx,
                each.campaign,
                Some(each.request),
                Some(self.by),
                now,
                what,
            )
            .await?;
        }
        for notice in self.notices {
            let job = NewJob {
                kind: TELL_JOB,
                effect_key: notice.effect_key(),
                payload: serde_json::to_value(&notice)
                    .map_err(|error| ActionError::fault("planning a notice", error))?,
                campaign: Some(notice.campaign),
                run_at: now,
            };
            jobs::add(tx, job, now).await?;
        }
        Ok(())
    }
}
