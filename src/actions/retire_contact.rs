//! A person puts a contact out of use. Requests that went to it keep it.

use chrono::{DateTime, Utc};

use super::check_contact::{kept, retired};
use super::{ActionError, App, Deed, Scope};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, ContactId};
use crate::store::{commit, contacts, events};

/// Retires a contact; `why` says what is known.
///
/// # Errors
/// Refused without a reason, or where it is retired already.
pub async fn retire_contact(
    app: &App,
    by: &Scope,
    agency: AgencyId,
    id: ContactId,
    why: &str,
    now: DateTime<Utc>,
) -> Deed<()> {
    let contact = kept(app, by, agency, id).await?;
    let why = why.trim();
    if why.is_empty() {
        return Err(ActionError::refused(
            "Say why it is no longer used, for example “the page names another address”.",
        ));
    }
    let what = Happening::ContactRetired {
        contact: id,
        value: contact.value,
        why: why.to_owned(),
    };
    let tx = app.store.begin().await?;
    if !contacts::retire(&tx, by, id, why, now).await? {
        return Err(retired());
    }
    events::record_for_agency(&tx, by, agency, now, what).await?;
    commit(tx).await?;
    Ok(())
}
