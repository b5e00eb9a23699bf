//! A letter's text is changed: a new version, which no approval covers.

use chrono::{DateTime, Utc};

use super::deliver_outbox::later_name;
use super::draft_request::{law_of, letter_law};
use super::{ActionError, App, Deed, Scope};
use crate::domain::approval::{HasText, exact_sha256};
use crate::domain::event::Happening;
use crate::domain::ids::LetterId;
use crate::domain::letter::{LetterLaw, settle};
use crate::domain::request::{Standing, Status, letter_standing};
use crate::store::letters::{self, Letter};
use crate::store::requests::{self, Kept};
use crate::store::{Db, StoreError, Tx, agencies, commit, events};

/// A letter in the middle of its request.
pub struct InHand {
    pub letter: Letter,
    pub request: Kept,
    pub standing: Standing,
    /// No newer version of it was written.
    pub is_latest: bool,
}

/// A letter with its request and where that stands. Not found where it is another campaign's.
pub async fn in_hand(db: &impl Db, by: &Scope, id: LetterId) -> Deed<InHand> {
    let letter = letters::find(db, by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let request = requests::find(db, by, letter.request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let log = events::list_for_request(db, by, letter.request).await?;
    let standing = letter_standing(&log, &letter.kind);
    let latest = letters::find_latest(db, by, letter.request, &letter.kind).await?;
    Ok(InHand {
        is_latest: latest.is_some_and(|latest| latest.id == letter.id),
        letter,
        request,
        standing,
    })
}

/// The law that a letter speaks of, for checking its text.
pub async fn law_in_hand(app: &App, by: &Scope, request: &Kept) -> Deed<LetterLaw> {
    let on = request.request.created_at.date_naive();
    let agency = agencies::find(app.store.read(), by, request.request.agency)
        .await?
        .ok_or(ActionError::NotFound)?;
    let law = law_of(app, &agency)?;
    Ok(letter_law(&law, &agency, on))
}

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The letter as it stands now.
    pub letter: LetterId,
    pub version: i32,
    /// Nothing was different, so nothing was written.
    pub unchanged: bool,
    /// Counsel had approved the text before, or had it to read: that no longer counts.
    pub voided: bool,
}

/// Writes a new version of a letter. The old versions stay.
///
/// # Errors
/// Refused where a newer version was written meanwhile, or where the letter is on its way or has left.
pub async fn edit_letter(
    app: &App,
    by: &Scope,
    id: LetterId,
    subject: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Deed<Edited> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel write letters. Ask one of them.",
        ));
    }
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let body = settle(body);
    if subject.is_empty() || body.trim().is_empty() {
        return Err(ActionError::refused(
            "A letter needs a subject and a text. Nothing was changed.",
        ));
    }
    let tx = app.store.begin().await?;
    let hand = in_hand(&tx, by, id).await?;
    let before = hand.letter;
    if !hand.is_latest {
        return Err(ActionError::refused(
            "Somebody wrote a newer version of this letter meanwhile. Your text was not saved, so that theirs is not \
             lost: open the newest version in another window and carry your changes over.",
        ));
    }
    if !hand.standing.may_edit() {
        return Err(ActionError::refused(
            "This letter is on its way or has left, so its text can no longer be changed.",
        ));
    }
    let sha256 = exact_sha256(&subject, &body, &before.enclosures());
    if sha256 == before.sha256 {
        return Ok(Edited {
            letter: before.id,
            version: before.version,
            unchanged: true,
            voided: false,
        });
    }
    let voided = hand.standing.approved.is_some() || hand.standing.status == Status::WithCounsel;
    let after = Letter {
        id: LetterId::new(),
        version: before.version + 1,
        subject,
        body,
        sha256,
        written_by: by.user,
        written_at: now,
        submitted_at: None,
        submitted_by: None,
        ..before
    };
    keep_version(tx, by, &after, voided, "carry your changes over", now).await
}

/// Adds a later version of a letter with its line in the log, and ends the change. `do_there` is what to do with the
/// newer version where somebody was quicker: "confirm the rule there".
pub(super) async fn keep_version(
    tx: Tx,
    by: &Scope,
    after: &Letter,
    voided: bool,
    do_there: &str,
    now: DateTime<Utc>,
) -> Deed<Edited> {
    letters::add(&tx, after).await.map_err(|error| match error {
        StoreError::Taken => ActionError::refused(format!(
            "Somebody wrote a newer version of this letter at the same moment. Open it and {do_there}."
        )),
        other => other.into(),
    })?;
    let what = Happening::LetterWritten {
        letter: after.id,
        version: after.version,
        sha256: after.sha256.clone(),
        voids_approval: voided,
        letter_kind: later_name(after),
    };
    events::record_by(&tx, by, Some(after.request), now, &what).await?;
    commit(tx).await?;
    Ok(Edited {
        letter: after.id,
        version: after.version,
        unchanged: false,
        voided,
    })
}
