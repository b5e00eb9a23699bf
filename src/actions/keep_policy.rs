//! A person sets down an agency's detainer policy with its stance and the words that say so, or corrects or ends it.

use chrono::{DateTime, NaiveDate, Utc};

use super::hold_agreement::check_url;
use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::policy::Stance;
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, DocumentId, PolicyId};
use crate::store::policies::{self, Policy};
use crate::store::{agencies, commit, documents, events};

/// A policy as typed.
#[derive(Clone, Debug)]
pub struct NewPolicy {
    pub title: String,
    pub number: String,
    pub stance: Stance,
    pub quote: String,
    pub effective_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub source: String,
    pub url: String,
    pub read_on: NaiveDate,
    pub document: Option<DocumentId>,
}

/// What a person can get wrong, by the form's field.
///
/// # Errors
/// The field and the sentence beside it.
pub fn check(new: &NewPolicy, today: NaiveDate) -> Result<(), (&'static str, &'static str)> {
    if new.quote.trim().is_empty() && new.stance != Stance::NoneWritten {
        return Err((
            "quote",
            "Give the words that say so. A stance without them proves nothing.",
        ));
    }
    if new.source.trim().is_empty() {
        return Err((
            "source",
            "Say what was read, so that others can check it: the title of the page or paper.",
        ));
    }
    check_url(&new.url).map_err(|sentence| ("url", sentence))?;
    if new.read_on > today {
        return Err((
            "read_on",
            "This day has not come yet. Give the day on which somebody read it.",
        ));
    }
    if let (Some(first), Some(end)) = (new.effective_on, new.ended_on)
        && end < first
    {
        return Err(("ended_on", "It cannot end before it began."));
    }
    Ok(())
}

/// Adds a policy, or writes the one named anew.
///
/// # Errors
/// As [`check`]; not found where the agency or the policy is another campaign's.
pub async fn keep_policy(
    app: &App,
    by: &Scope,
    (agency, id): (AgencyId, Option<PolicyId>),
    new: NewPolicy,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<PolicyId> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel keep the policies. Ask one of them.",
        ));
    }
    check(&new, today).map_err(|(_, sentence)| ActionError::refused(sentence))?;
    let db = app.store.read();
    let agency = agencies::find(db, by, agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    if let Some(document) = new.document
        && documents::find(db, by, document).await?.is_none()
    {
        return Err(ActionError::refused(
            "There is no such document in this campaign.",
        ));
    }
    let before = match id {
        Some(id) => Some(
            policies::find(db, by, id)
                .await?
                .filter(|policy| policy.agency == agency.id)
                .ok_or(ActionError::NotFound)?,
        ),
        None => None,
    };
    let policy = Policy {
        id: id.unwrap_or_else(PolicyId::new),
        campaign: by.campaign,
        agency: agency.id,
        title: new.title,
        number: new.number,
        stance: new.stance,
        quote: new.quote,
        effective_on: new.effective_on,
        ended_on: new.ended_on,
        source: new.source,
        url: new.url,
        read_on: new.read_on,
        document: new.document,
        added_by: before.as_ref().map_or(by.user, |before| before.added_by),
        added_at: before.as_ref().map_or(now, |before| before.added_at),
    };
    if before.as_ref() == Some(&policy) {
        return Ok(policy.id);
    }
    let what = match &before {
        None => format!("added: {}", policy.stance.plain()),
        Some(before) if before.ended_on.is_none() && policy.ended_on.is_some() => {
            "ended".to_owned()
        }
        Some(before) if before.stance != policy.stance => format!(
            "{} becomes {}",
            before.stance.plain(),
            policy.stance.plain()
        ),
        Some(_) => "corrected".to_owned(),
    };
    let what = Happening::PolicyNoted {
        title: policy.title.clone(),
        what,
        source: policy.source.clone(),
    };
    let tx = app.store.begin().await?;
    if before.is_some() {
        if !policies::update(&tx, by, &policy).await? {
            return Err(ActionError::NotFound);
        }
    } else {
        policies::add(&tx, &policy).await?;
    }
    events::record_for_agency(&tx, by, agency.id, now, what).await?;
    commit(tx).await?;
    Ok(policy.id)
}
