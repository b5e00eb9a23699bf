//! A person looked again whether a contact still holds: its check is renewed, the earlier ones are kept.

use chrono::{DateTime, NaiveDate, Utc};

use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, ContactId};
use crate::store::contacts::{self, Check, Contact};
use crate::store::{commit, events};

pub(super) const MAY_NOT: &str = "Researchers and counsel keep the contacts. Ask one of them.";

/// A contact of this agency that somebody who keeps contacts asks for.
pub(super) async fn kept(app: &App, by: &Scope, agency: AgencyId, id: ContactId) -> Deed<Contact> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(MAY_NOT));
    }
    contacts::find(app.store.read(), by, id)
        .await?
        .filter(|contact| contact.agency == agency)
        .ok_or(ActionError::NotFound)
}

pub(super) fn retired() -> ActionError {
    ActionError::refused("This contact is no longer in use. Add it anew if it holds again.")
}

/// Renews the check of a contact: somebody looked today, in the same place.
///
/// # Errors
/// Refused where mail to it came back: then somebody must say what is right.
pub async fn check_contact(
    app: &App,
    by: &Scope,
    agency: AgencyId,
    id: ContactId,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<()> {
    let before = kept(app, by, agency, id).await?;
    if before.bad_since_at.is_some() {
        return Err(ActionError::refused(
            "Mail to this contact came back, so looking at the page again is not enough. Correct it, and say there if mail arrives again.",
        ));
    }
    let after = Contact {
        checked_on: today,
        ..before
    };
    let check = Check {
        contact: id,
        known_how: after.known_how.clone(),
        checked_on: today,
        by: by.user,
        at: now,
    };
    let what = Happening::ContactChecked {
        contact: id,
        value: after.value.clone(),
        on: today,
    };
    let tx = app.store.begin().await?;
    if !contacts::update(&tx, by, &after).await? {
        return Err(retired());
    }
    contacts::add_check(&tx, by, &check).await?;
    events::record_for_agency(&tx, by, agency, now, what).await?;
    commit(tx).await?;
    Ok(())
}
