//! A person says to which of an agency's contacts a request goes.

use super::edit_letter::in_hand;
use super::{ActionError, App, Deed, Scope};
use crate::domain::ids::{ContactId, RequestId};
use crate::store::{commit, contacts, letters, requests};

/// Names the contact of a request whose letter has not left.
///
/// # Errors
/// Refused where the contact is another agency's, or where the letter is on its way or has left.
pub async fn choose_contact(
    app: &App,
    by: &Scope,
    request: RequestId,
    contact: ContactId,
) -> Deed<()> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel choose where a request goes. Ask one of them.",
        ));
    }
    let tx = app.store.begin().await?;
    let kept = requests::find(&tx, by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let contact = contacts::find(&tx, by, contact)
        .await?
        .filter(|contact| contact.agency == kept.request.agency)
        .ok_or_else(|| {
            ActionError::refused("This contact is not one of the agency that is asked.")
        })?;
    let letter = letters::find_latest(&tx, by, request, super::draft_request::REQUEST)
        .await?
        .ok_or(ActionError::NotFound)?;
    let hand = in_hand(&tx, by, letter.id).await?;
    if !hand.standing.may_edit() {
        return Err(ActionError::refused(
            "The letter is on its way or has left, so its contact can no longer be changed.",
        ));
    }
    requests::set_contact(&tx, by, request, contact.id).await?;
    commit(tx).await?;
    Ok(())
}
