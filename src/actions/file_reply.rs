//! A person files a message that matched no request, lays it aside, or claims it for the campaign.

use chrono::{DateTime, NaiveDate, Utc};

use super::hear_delivery::{hear, note_heard};
use super::receive_mail::opened;
use super::take_document::{Taken, take_in};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::documents::files::Stored;
use crate::domain::event::Happening;
use crate::domain::ids::{CampaignId, MessageId, RequestId};
use crate::store::messages::{self, Message, MessageState};
use crate::store::{Tx, campaigns, commit, events, requests};

/// Pictures within the text below this size are logos and signatures, not records.
const SMALL_PICTURE: u64 = 60_000;

/// Files a message of the tray under a request; its attachments become held documents.
pub async fn file_reply(
    app: &App,
    by: &Scope,
    message: MessageId,
    request: RequestId,
    now: DateTime<Utc>,
) -> Deed<()> {
    may(by)?;
    let db = app.store.read();
    let found = of_tray(app, by, message).await?;
    if requests::find(db, by, request).await?.is_none() {
        return Err(ActionError::NotFound);
    }
    let campaign = campaigns::get(db, by).await?.ok_or(ActionError::NotFound)?;
    let found = Message {
        campaign: Some(by.campaign),
        ..found
    };
    // What a machine says of a letter of ours is heard, whoever filed it.
    let heard = if found.bounce.is_some() || found.auto_reply {
        match opened(app, &found).await? {
            Ok(parsed) => hear(app, by.campaign, request, &found, &parsed).await?,
            Err(_unreadable) => None,
        }
    } else {
        None
    };
    let tx = app.store.begin().await?;
    if !messages::file(&tx, by, message, request, now).await? {
        return Err(taken());
    }
    let what = Happening::ReplyFiled {
        message,
        why: "filed by hand".to_owned(),
        documents: Vec::new(),
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    if found.bounce.is_none() {
        let on = day_in(campaign.time_zone, found.received_at);
        take_attachments(&tx, &found, by.campaign, request, on, now).await?;
    }
    if let Some(heard) = &heard {
        note_heard(&tx, &found, request, heard, now).await?;
    }
    commit(tx).await?;
    Ok(())
}

/// Says that a message of the tray concerns no request. It is kept, and can be filed later.
pub async fn set_aside(app: &App, by: &Scope, message: MessageId, now: DateTime<Utc>) -> Deed<()> {
    lay(app, by, message, MessageState::SetAside, now).await
}

/// Says that a message that belongs to no campaign yet is for this one: only then its text can be read.
pub async fn claim(app: &App, by: &Scope, message: MessageId, now: DateTime<Utc>) -> Deed<()> {
    lay(app, by, message, MessageState::Waiting, now).await
}

async fn lay(
    app: &App,
    by: &Scope,
    message: MessageId,
    state: MessageState,
    now: DateTime<Utc>,
) -> Deed<()> {
    may(by)?;
    of_tray(app, by, message).await?;
    let tx = app.store.begin().await?;
    if !messages::lay(&tx, by, message, state, now).await? {
        return Err(taken());
    }
    commit(tx).await?;
    Ok(())
}

fn may(by: &Scope) -> Deed<()> {
    if by.may_draft() {
        Ok(())
    } else {
        Err(ActionError::Forbidden(
            "Researchers and counsel file messages. Ask one of them.",
        ))
    }
}

/// A message that is this campaign's or nobody's.
async fn of_tray(app: &App, by: &Scope, message: MessageId) -> Deed<Message> {
    let found = messages::find_unscoped(app.store.read(), message)
        .await?
        .filter(|found| {
            found
                .campaign
                .is_none_or(|campaign| campaign == by.campaign)
        })
        .ok_or(ActionError::NotFound)?;
    match found.state {
        MessageState::Waiting | MessageState::Unreadable | MessageState::SetAside => Ok(found),
        _ => Err(taken()),
    }
}

fn taken() -> ActionError {
    ActionError::refused(
        "Somebody else has just filed this message. Reload the page to see where it is.",
    )
}

/// The files of a message become held documents of its request, in the same change.
pub(super) async fn take_attachments(
    tx: &Tx,
    message: &Message,
    campaign: CampaignId,
    request: RequestId,
    received_on: NaiveDate,
    now: DateTime<Utc>,
) -> Deed<()> {
    for part in &message.attachments {
        // What was in it stands beside it; counsel need not look at the wrapping too.
        let small_picture =
            part.inline && part.media_type.starts_with("image/") && part.bytes < SMALL_PICTURE;
        if part.opened || small_picture {
            continue;
        }
        let unreadable = |what: &'static str| {
            move |error: &dyn std::fmt::Display| {
                ActionError::fault(what, std::io::Error::other(error.to_string()))
            }
        };
        let stored = Stored {
            sha256: part
                .sha256
                .parse()
                .map_err(|error| unreadable("reading an attachment's hash")(&error))?,
            bytes: part.bytes,
            media: part
                .kept_as
                .parse()
                .map_err(|error| unreadable("reading an attachment's type")(&error))?,
        };
        let file = Taken {
            stored,
            name: part.name.clone(),
            request: Some(request),
            agency: None,
            message: Some(message.id),
            uploaded_by: None,
            received_on,
        };
        take_in(tx, campaign, file, now).await?;
    }
    Ok(())
}
