//! A person writes down a letter, a portal's message or a telephone call. It becomes a message like any other, with its
//! files, and is sorted in the same change where the person says what it is.

use chrono::{DateTime, NaiveDate, Utc};

use super::note_tracking_number::keep_number;
use super::sort_reply::ready;
use super::take_document::{Taken, take_in};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::documents::files::Stored;
use crate::domain::duty::Moved;
use crate::domain::event::Happening;
use crate::domain::ids::{MessageId, RequestId};
use crate::domain::reply::Sorting;
use crate::store::messages::{self, Attachment, Message, MessageState};
use crate::store::{campaigns, commit, events, requests};

/// The ways by which something comes besides mail.
pub const CHANNELS: [(&str, &str); 5] = [
    ("post", "A letter by post"),
    ("portal", "A message on the agency's portal"),
    ("phone", "A telephone call"),
    ("fax", "A fax"),
    ("hand", "Handed over"),
];

/// What was typed, with the files that came along.
#[derive(Clone, Debug)]
pub struct Note {
    /// One of [`CHANNELS`].
    pub channel: String,
    /// Who wrote or spoke.
    pub who: String,
    pub on: NaiveDate,
    /// What it says, or what was said.
    pub text: String,
    pub files: Vec<(String, Stored)>,
}

/// Keeps the note as a message of the request, and sorts it where findings are given.
///
/// # Errors
/// Refused for the role, a day to come, and for nothing at all.
pub async fn note_reply(
    app: &App,
    by: &Scope,
    request: RequestId,
    note: Note,
    findings: Vec<Sorting>,
    number: &str,
    now: DateTime<Utc>,
) -> Deed<(MessageId, Vec<Moved>)> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel record replies. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let campaign = campaigns::get(db, by).await?.ok_or(ActionError::NotFound)?;
    requests::find(db, by, request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let plain = CHANNELS
        .iter()
        .find(|(word, _)| *word == note.channel)
        .map(|(_, plain)| *plain)
        .ok_or_else(|| ActionError::refused("Choose how it came."))?;
    if note.on > day_in(campaign.time_zone, now) {
        return Err(ActionError::refused(
            "That day has not come yet. Give the day on which it came.",
        ));
    }
    if note.text.trim().is_empty() && note.files.is_empty() && findings.is_empty() {
        return Err(ActionError::refused(
            "Write down what it says, add its file, or say what it is.",
        ));
    }
    let id = MessageId::new();
    let subject = format!("{plain}, {}", note.on.format("%a %-d %b %Y"));
    let who = one_line(&note.who);
    // Kept as bytes like everything that comes in, with the day and the person who wrote it down.
    let raw = format!(
        "Message-ID: <{id}@by-hand.invalid>\r\nDate: {}\r\nFrom: {who}\r\nSubject: {subject}\r\nX-Written-Down-By: {}\r\nX-Came-By: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        now.to_rfc2822(),
        by.user,
        note.channel,
        note.text.replace("\r\n", "\n").replace('\n', "\r\n"),
    );
    let stored = app.files.put_bytes(raw.into_bytes()).await?;
    let message = Message {
        id,
        campaign: Some(by.campaign),
        request: Some(request),
        raw_sha256: stored.sha256.to_string(),
        message_id: format!("{id}@by-hand.invalid"),
        sender: who,
        recipients: String::new(),
        subject,
        sent_at: None,
        received_at: now,
        body: note.text.clone(),
        auto_reply: false,
        bounce: None,
        state: MessageState::Filed,
        matched_by: Some("person".to_owned()),
        problem: None,
        channel: note.channel.clone(),
        attachments: note
            .files
            .iter()
            .map(|(name, file)| Attachment {
                name: name.clone(),
                media_type: file.media.as_str().to_owned(),
                bytes: file.bytes,
                sha256: file.sha256.to_string(),
                kept_as: file.media.as_str().to_owned(),
                inline: false,
                opened: false,
            })
            .collect(),
        filed_by: Some(by.user),
        filed_at: Some(now),
        sorted_at: None,
        has_html: false,
    };
    let sorted = if findings.is_empty() {
        None
    } else {
        Some(ready(app, by, request, Some(id), findings, now).await?)
    };
    let moved = match &sorted {
        Some(sorted) => sorted.moves(app, by, now)?,
        None => Vec::new(),
    };
    let tx = app.store.begin().await?;
    messages::add_by_hand(&tx, &message).await?;
    let what = Happening::ReplyReceived {
        message: id,
        matched_by: format!("by_{}", note.channel),
        attachments: u32::try_from(message.attachments.len()).unwrap_or(u32::MAX),
        auto_reply: false,
    };
    events::record_by(&tx, by, Some(request), now, &what).await?;
    for (name, file) in note.files {
        let taken = Taken {
            stored: file,
            name,
            request: Some(request),
            agency: None,
            message: Some(id),
            uploaded_by: Some(by.user),
            received_on: note.on,
        };
        take_in(&tx, by.campaign, taken, now).await?;
    }
    if let Some(sorted) = &sorted {
        sorted.record(&tx, by, Some(id), now).await?;
    }
    if !number.trim().is_empty() {
        keep_number(&tx, by, request, number, Some(id), now).await?;
    }
    commit(tx).await?;
    Ok((id, moved))
}

/// A name that fits into one header line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
