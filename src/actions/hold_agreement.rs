//! A person sets down an agreement that an agency has, corrects it, or says that it ended, each with a source.

use chrono::{DateTime, NaiveDate, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::{AgreementModel, AgreementStatus, Paper};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, AgreementId, DocumentId};
use crate::store::agreements::{self, Agreement};
use crate::store::{agencies, commit, documents, events};

/// An agreement as typed.
#[derive(Clone, Debug)]
pub struct NewAgreement {
    pub model: AgreementModel,
    pub status: AgreementStatus,
    pub title: String,
    pub signed_on: Option<NaiveDate>,
    pub effective_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    /// The title of what was read.
    pub source: String,
    /// Its address; may be empty.
    pub url: String,
    pub read_on: NaiveDate,
    pub document: Option<DocumentId>,
    pub note: String,
}

const MAY_NOT: &str = "Researchers and counsel keep the agreements. Ask one of them.";

/// An address of a source: empty, or a whole web address.
///
/// # Errors
/// A sentence that says what one looks like.
pub fn check_url(typed: &str) -> Result<(), &'static str> {
    let whole = (typed.starts_with("https://") || typed.starts_with("http://"))
        && typed.contains('.')
        && !typed.contains(char::is_whitespace);
    if typed.is_empty() || whole {
        Ok(())
    } else {
        Err("Write the whole web address, starting with https://, or leave it empty.")
    }
}

/// What a person can get wrong, by the form's field.
///
/// # Errors
/// The field and the sentence beside it.
pub fn check(new: &NewAgreement, today: NaiveDate) -> Result<(), (&'static str, &'static str)> {
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
    if new.signed_on.is_some_and(|day| day > today) {
        return Err(("signed_on", "It cannot be signed on a day to come."));
    }
    if new.status == AgreementStatus::Ended && new.ended_on.is_none() {
        return Err((
            "ended_on",
            "Give the day on which it ended, as the source says.",
        ));
    }
    if new.status != AgreementStatus::Ended && new.ended_on.is_some() {
        return Err((
            "status",
            "A day of its end is given: choose “ended”, or take the day away.",
        ));
    }
    let first = new.effective_on.or(new.signed_on);
    if let (Some(first), Some(end)) = (first, new.ended_on)
        && end < first
    {
        return Err(("ended_on", "It cannot end before it began."));
    }
    Ok(())
}

async fn look(app: &App, by: &Scope, new: &NewAgreement, today: NaiveDate) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    check(new, today).map_err(|(_, sentence)| ActionError::refused(sentence))?;
    if let Some(document) = new.document
        && documents::find(app.store.read(), by, document)
            .await?
            .is_none()
    {
        return Err(ActionError::refused(
            "There is no such document in this campaign.",
        ));
    }
    Ok(())
}

/// Adds an agreement to an agency of the campaign.
///
/// # Errors
/// As [`check`]; not found where the agency is another campaign's.
pub async fn add_agreement(
    app: &App,
    by: &Scope,
    agency: AgencyId,
    new: NewAgreement,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<AgreementId> {
    look(app, by, &new, today).await?;
    let agency = agencies::find(app.store.read(), by, agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let agreement = Agreement {
        id: AgreementId::new(),
        campaign: by.campaign,
        agency: agency.id,
        model: new.model,
        status: new.status,
        signed_on: new.signed_on,
        effective_on: new.effective_on,
        ended_on: new.ended_on,
        paper: Paper::NotStated,
        addendum: Paper::NotStated,
        title: new.title,
        source: new.source,
        url: new.url,
        read_on: Some(new.read_on),
        document: new.document,
        note: new.note,
        import: None,
        added_by: Some(by.user),
        added_at: now,
    };
    let what = Happening::AgreementNoted {
        title: agreement.model.title(),
        what: format!("added: {}", agreement.in_words()),
        source: agreement.source.clone(),
    };
    let tx = app.store.begin().await?;
    agreements::add(&tx, std::slice::from_ref(&agreement)).await?;
    events::record_for_agency(&tx, by, agency.id, now, what).await?;
    commit(tx).await?;
    Ok(agreement.id)
}

/// Writes an agreement anew: a correction, or its end. What it said before stays in the agency's history.
///
/// # Errors
/// As [`check`]; not found where it is not of this agency.
pub async fn edit_agreement(
    app: &App,
    by: &Scope,
    (agency, id): (AgencyId, AgreementId),
    new: NewAgreement,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<()> {
    look(app, by, &new, today).await?;
    let before = agreements::find(app.store.read(), by, id)
        .await?
        .filter(|agreement| agreement.agency == agency)
        .ok_or(ActionError::NotFound)?;
    let after = Agreement {
        model: new.model,
        status: new.status,
        signed_on: new.signed_on,
        effective_on: new.effective_on,
        ended_on: new.ended_on,
        title: new.title,
        source: new.source,
        url: new.url,
        read_on: Some(new.read_on),
        document: new.document,
        note: new.note,
        ..before.clone()
    };
    if after == before {
        return Ok(());
    }
    let what = Happening::AgreementNoted {
        title: after.model.title(),
        what: if before.in_words() == after.in_words() {
            "corrected".to_owned()
        } else {
            format!("{} becomes {}", before.in_words(), after.in_words())
        },
        source: after.source.clone(),
    };
    let tx = app.store.begin().await?;
    if !agreements::update(&tx, by, &after).await? {
        return Err(ActionError::NotFound);
    }
    events::record_for_agency(&tx, by, agency, now, what).await?;
    commit(tx).await?;
    Ok(())
}
