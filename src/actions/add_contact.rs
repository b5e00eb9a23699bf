//! A person adds a way to reach an agency, with how it is known and when it was checked.

use chrono::{DateTime, NaiveDate, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::contact::{Channel, Purpose, check_checked_on, check_value};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, ContactId};
use crate::store::contacts::{self, Contact};
use crate::store::{agencies, commit, events};

/// A contact as typed.
#[derive(Clone, Debug)]
pub struct NewContact {
    pub purpose: Purpose,
    pub channel: Channel,
    /// The title it is addressed to; may be empty.
    pub name: String,
    pub value: String,
    pub known_how: String,
    pub checked_on: NaiveDate,
}

/// Adds a contact to an agency of the campaign. `today` is the campaign's.
///
/// # Errors
/// Refused where the value cannot be one of its channel, or nobody says how it is known and when it was checked.
pub async fn add_contact(
    app: &App,
    by: &Scope,
    agency: AgencyId,
    new: NewContact,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<ContactId> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel keep the contacts. Ask one of them.",
        ));
    }
    let value = check_value(new.channel, &new.value).map_err(ActionError::refused)?;
    check_checked_on(new.checked_on, today).map_err(ActionError::refused)?;
    if new.known_how.trim().is_empty() {
        return Err(ActionError::refused(
            "Say how this contact is known, for example “the agency's records page”, so that others can check it.",
        ));
    }
    let agency = agencies::find(app.store.read(), by, agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let contact = Contact {
        id: ContactId::new(),
        campaign: by.campaign,
        agency: agency.id,
        purpose: new.purpose,
        channel: new.channel,
        name: new.name,
        value,
        known_how: new.known_how,
        checked_on: new.checked_on,
        bad_since_at: None,
        added_by: by.user,
        added_at: now,
    };
    let id = contact.id;
    let happening = Happening::ContactAdded {
        agency: agency.name.clone(),
        channel: new.channel.as_str().to_owned(),
    };
    let tx = app.store.begin().await?;
    contacts::add(&tx, &[contact]).await?;
    events::record_for_agency(&tx, by, agency.id, now, happening).await?;
    commit(tx).await?;
    Ok(id)
}
