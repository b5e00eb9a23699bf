//! A person corrects a contact. What it said before stays in the agency's history.

use chrono::{DateTime, NaiveDate, Utc};

use super::add_contact::NewContact;
use super::check_contact::{kept, retired};
use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::contact::{check_checked_on, check_value};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, ContactId};
use crate::store::contacts::{self, Check, Contact};
use crate::store::{commit, events};

/// Which contact is corrected, and whether mail to it arrives again where it came back.
#[derive(Clone, Copy, Debug)]
pub struct Correction {
    pub agency: AgencyId,
    pub contact: ContactId,
    pub arrives_again: bool,
}

/// Writes a contact anew. A changed address takes the mark of returned mail away; so does a person who says that mail
/// arrives again.
///
/// # Errors
/// As adding one; refused where it is retired.
pub async fn edit_contact(
    app: &App,
    by: &Scope,
    which: Correction,
    new: NewContact,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<()> {
    let before = kept(app, by, which.agency, which.contact).await?;
    let value = check_value(new.channel, &new.value).map_err(ActionError::refused)?;
    check_checked_on(new.checked_on, today).map_err(ActionError::refused)?;
    if new.known_how.trim().is_empty() {
        return Err(ActionError::refused(
            "Say how this contact is known, for example “the agency's records page”, so that others can check it.",
        ));
    }
    let same = before.value == value && before.channel == new.channel;
    let after = Contact {
        purpose: new.purpose,
        channel: new.channel,
        name: new.name,
        value,
        known_how: new.known_how,
        checked_on: new.checked_on,
        bad_since_at: before.bad_since_at.filter(|_| same && !which.arrives_again),
        ..before.clone()
    };
    if after == before {
        return Ok(());
    }
    let what = Happening::ContactEdited {
        contact: which.contact,
        before: in_words(&before),
        after: in_words(&after),
    };
    let tx = app.store.begin().await?;
    if !contacts::update(&tx, by, &after).await? {
        return Err(retired());
    }
    if after.checked_on != before.checked_on || after.known_how != before.known_how {
        let check = Check {
            contact: which.contact,
            known_how: after.known_how.clone(),
            checked_on: after.checked_on,
            by: by.user,
            at: now,
        };
        contacts::add_check(&tx, by, &check).await?;
    }
    events::record_for_agency(&tx, by, which.agency, now, what).await?;
    commit(tx).await?;
    Ok(())
}

fn in_words(contact: &Contact) -> String {
    let mut words = format!(
        "{}, {}: {}",
        contact.purpose.plain(),
        contact.channel.plain(),
        contact.value.replace('\n', ", ")
    );
    if !contact.name.is_empty() {
        words.push_str(&format!(" ({})", contact.name));
    }
    words
}
