//! Administrators and counsel propose a correction of the law; it holds once a second person approves it.

use chrono::{DateTime, NaiveDate, Utc};

use super::law_book::in_force;
use super::law_moves::{Moved, of_law};
use super::{ActionError, App, Deed, law_rights};
use crate::domain::ids::CorrectionId;
use crate::law::{Change, Code, Correction, Library, Patch, Problem, Source, Topic};
use crate::store::accounts::Account;
use crate::store::commit;
use crate::store::law_corrections::{self, Kept, Proposed};

/// A correction as typed.
#[derive(Clone, Debug)]
pub struct NewCorrection {
    pub code: Code,
    pub patch: Patch,
    pub reason: String,
    pub source_title: String,
    pub source_url: String,
    pub source_read_on: NaiveDate,
    /// For rules that name no days of force of their own.
    pub in_force_from: Option<NaiveDate>,
    pub in_force_until: Option<NaiveDate>,
}

/// A correction that fits, and what it would do.
#[derive(Debug)]
pub struct Weighed {
    pub text: String,
    pub before: Library,
    pub after: Library,
    pub moved: Vec<Moved>,
    /// The number of decisions that this was weighed against.
    pub revision: u64,
}

/// The parts of a law that a correction touches: what its source supports.
fn topics(patch: &Patch) -> Vec<Topic> {
    let mut topics: Vec<Topic> = patch.duties.iter().map(|duty| duty.topic).collect();
    let mut touched = |is: bool, topic: Topic| {
        if is {
            topics.push(topic);
        }
    };
    touched(!patch.extensions.is_empty(), Topic::Extension);
    touched(!patch.pauses.is_empty(), Topic::Response);
    touched(!patch.silences.is_empty(), Topic::Response);
    touched(!patch.receipts.is_empty(), Topic::Response);
    touched(!patch.appeals.is_empty(), Topic::Appeal);
    touched(patch.holidays.is_some(), Topic::Holidays);
    touched(patch.law.is_some(), Topic::Law);
    touched(patch.eligibility.is_some(), Topic::Eligibility);
    touched(patch.court.is_some(), Topic::Court);
    touched(patch.fees.is_some(), Topic::Fees);
    touched(patch.counting.is_some(), Topic::Counting);
    touched(patch.detainers.is_some(), Topic::Detainers);
    touched(patch.fiscal.is_some(), Topic::FiscalYearStart);
    let mut once = Vec::new();
    for topic in topics {
        if !once.contains(&topic) {
            once.push(topic);
        }
    }
    if once.is_empty() {
        once.push(Topic::Law);
    }
    once
}

impl NewCorrection {
    /// The text to keep: the rules with their days of force, a remark on each that it was corrected here, the source,
    /// and the line of history.
    ///
    /// # Errors
    /// What cannot be written in the format of a law file.
    pub fn text(&self, today: NaiveDate) -> Result<String, String> {
        let mut patch = self.patch.clone();
        let (from, until) = (self.in_force_from, self.in_force_until);
        macro_rules! force {
            ($($rules:ident)*) => {$(
                for rule in &mut patch.$rules {
                    if rule.in_force_from.is_none() && rule.in_force_until.is_none() {
                        (rule.in_force_from, rule.in_force_until) = (from, until);
                    }
                }
            )*};
        }
        force!(duties extensions pauses silences appeals);
        let remark = format!(
            "Corrected in this installation: {}",
            self.reason.trim().trim_end_matches('.')
        );
        for duty in &mut patch.duties {
            duty.note = Some(match duty.note.take() {
                Some(note) if note.contains(&remark) => note,
                Some(note) => format!("{remark}. {note}"),
                None => format!("{remark}."),
            });
        }
        patch.sources.push(Source {
            url: self.source_url.clone(),
            title: format!("{} (of a correction made here)", self.source_title.trim()),
            supports: topics(&self.patch),
            retrieved: self.source_read_on,
        });
        let citation = self
            .patch
            .duties
            .first()
            .map(|duty| duty.citation.clone())
            .or_else(|| {
                let closings = &self.patch.holidays.as_ref()?.closings;
                closings.first().map(|closing| closing.citation.clone())
            });
        patch.changes.push(Change {
            in_force_from: from,
            recorded_on: today,
            says: format!("{remark}."),
            citation,
            url: Some(self.source_url.clone()),
        });
        patch.write()
    }
}

/// Lays a correction over the law as it holds now, and finds what moves.
///
/// # Errors
/// The inner one: everything wrong with the correction, or with what it makes of the law.
pub async fn weigh(
    app: &App,
    code: Code,
    text: &str,
    now: DateTime<Utc>,
) -> Deed<Result<Weighed, Vec<Problem>>> {
    let (all, revision) = law_corrections::list(app.store.read()).await?;
    let holding = in_force(&all);
    let laid = app.laws.lay(&holding);
    let fits = |kept: &&&Kept| !laid.unfit.iter().any(|(id, _)| *id == kept.proposed.id);
    let mut corrections: Vec<Correction> = holding
        .iter()
        .filter(fits)
        .map(|kept| Correction {
            code: kept.proposed.code,
            text: kept.proposed.text.clone(),
        })
        .collect();
    corrections.push(Correction {
        code,
        text: text.to_owned(),
    });
    let after = match app.laws.built_in().corrected(&corrections) {
        Ok(after) => after,
        Err(problems) => return Ok(Err(problems)),
    };
    let moved = of_law(app, code, &laid.law, &after, now).await?;
    Ok(Ok(Weighed {
        text: text.to_owned(),
        before: laid.law,
        after,
        moved,
        revision,
    }))
}

/// Problems as sentences for a person.
pub fn sentences(problems: &[Problem]) -> String {
    let all: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {}.", problem.key, problem.says.trim_end_matches('.')))
        .collect();
    format!("This correction does not hold together. {}", all.join(" "))
}

/// Puts a correction before a second person. `today` is the day to write into the history.
///
/// # Errors
/// Refused where the reason or the source is missing, or where the law would no longer hold together.
pub async fn propose_correction(
    app: &App,
    by: &Account,
    new: &NewCorrection,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<CorrectionId> {
    law_rights::check(app, by).await?;
    if new.reason.trim().is_empty() || new.source_title.trim().is_empty() {
        return Err(ActionError::refused(
            "Say why, and where it can be read: others must be able to check a correction.",
        ));
    }
    if !(new.source_url.starts_with("https://") || new.source_url.starts_with("http://")) {
        return Err(ActionError::refused(
            "The source's address begins with https://. Copy it from the browser.",
        ));
    }
    // Outside a campaign there is no time zone: a day that has begun somewhere counts as today.
    if new.source_read_on > today + chrono::Days::new(1) {
        return Err(ActionError::refused(
            "The source cannot have been read after today. Check the day.",
        ));
    }
    if let (Some(from), Some(until)) = (new.in_force_from, new.in_force_until)
        && until < from
    {
        return Err(ActionError::refused(
            "The last day of force lies before the first. Check both.",
        ));
    }
    let text = new.text(today).map_err(ActionError::refused)?;
    if let Err(problems) = weigh(app, new.code, &text, now).await? {
        return Err(ActionError::refused(sentences(&problems)));
    }
    let proposed = Proposed {
        id: CorrectionId::new(),
        code: new.code,
        text,
        reason: new.reason.trim().to_owned(),
        source_title: new.source_title.trim().to_owned(),
        source_url: new.source_url.clone(),
        source_read_on: new.source_read_on,
        in_force_from: new.in_force_from,
        in_force_until: new.in_force_until,
        proposed_by: by.id,
        proposed_at: now,
    };
    let tx = app.store.begin().await?;
    law_corrections::propose(&tx, &proposed).await?;
    commit(tx).await?;
    Ok(proposed.id)
}
