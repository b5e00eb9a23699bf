//! A message arrives: its bytes are kept first, then it is read in the worker, matched and filed.
//!
//! [`keep_raw`] makes the message safe and plans its reading; [`read_message`] does the rest, now or by its job. What
//! matches nothing, or more than one request, waits in the tray; nothing is dropped, and the same message twice is one.

use chrono::{DateTime, Utc};

use super::file_reply::take_attachments;
use super::hear_delivery::{Heard, hear, note_heard, program};
use super::mail_asks::mail_asks;
use super::send_letter::reply_address;
use super::{ActionError, App, Deed};
use crate::clock::day_in;
use crate::documents::worker::WorkerError;
use crate::domain::event::Happening;
use crate::domain::ids::{CampaignId, MessageId, RequestId};
use crate::domain::reply::{Candidate, Incoming, Match, ReplyAddress, Why, match_message};
use crate::mail::parse::{self, Parsed};
use crate::store::jobs::{self, NewJob};
use crate::store::mail_tasks::{self, MailTask};
use crate::store::messages::{self, Attachment, Message, MessageState};
use crate::store::{Tx, campaigns, candidates, commit, events, take_turns};

/// The kind of the job that reads a message; its payload is the message's id.
pub const READ_JOB: &str = "read_message";

/// Messages that may belong to this many requests name no more of them.
const MOST_CANDIDATES: usize = 20;

/// A message that is safe with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub message: MessageId,
    /// False where the very same bytes had come before.
    pub is_new: bool,
}

/// Where a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Imap,
    Pipe,
    /// A folder that other programs drop messages into.
    Folder,
    Upload {
        campaign: CampaignId,
    },
}

impl Way {
    fn as_str(self) -> &'static str {
        match self {
            Way::Imap => "imap",
            Way::Pipe => "pipe",
            Way::Folder => "folder",
            Way::Upload { .. } => "upload",
        }
    }
}

/// Keeps a message's bytes and plans its reading. When this returns, the message cannot be lost any more.
/// `problem` is a sentence to show with it, for instance that only its headers could be fetched.
pub async fn keep_raw(
    app: &App,
    raw: Vec<u8>,
    way: Way,
    problem: Option<&str>,
    now: DateTime<Utc>,
) -> Deed<Kept> {
    if raw.len() as u64 > app.config.limits.message_bytes {
        return Err(ActionError::refused(format!(
            "This message is larger than {} MB, the most that is taken. Save its attachments and add them as documents.",
            app.config.limits.message_bytes / 1024 / 1024
        )));
    }
    let stored = app.files.put_bytes(raw).await?;
    let campaign = match way {
        Way::Upload { campaign } => Some(campaign),
        Way::Imap | Way::Pipe | Way::Folder => None,
    };
    let tx = app.store.begin().await?;
    let sha256 = stored.sha256.to_string();
    let (message, is_new) =
        messages::add_raw(&tx, &sha256, campaign, way.as_str(), problem, now).await?;
    if is_new {
        let job = NewJob {
            kind: READ_JOB,
            effect_key: format!("{READ_JOB}:{message}"),
            payload: serde_json::json!({ "message": message }),
            campaign,
            run_at: now,
        };
        jobs::add(&tx, job, now).await?;
    }
    commit(tx).await?;
    Ok(Kept { message, is_new })
}

/// Reads, matches and files a message that is kept raw. One that was read before is left as it is.
pub async fn read_message(app: &App, id: MessageId, now: DateTime<Utc>) -> Deed<Message> {
    let kept = messages::find_unscoped(app.store.read(), id)
        .await?
        .ok_or(ActionError::NotFound)?;
    if kept.state != MessageState::Raw {
        return Ok(kept);
    }
    let mut read = match opened(app, &kept).await? {
        Ok(parsed) => understood(app, kept, parsed, now).await?,
        Err(sentence) => {
            let campaign = match kept.campaign {
                Some(campaign) => Some(campaign),
                None => only_campaign(app).await?,
            };
            Understood::unreadable(kept, campaign, sentence)
        }
    };
    let tx = app.store.begin().await?;
    // The same message by two ways at once: the second to come here finds its twin.
    take_turns(&tx, &read.message.message_id).await?;
    if let Some(twin) = messages::find_twin(&tx, &read.message).await? {
        read.is_twin_of(twin);
    }
    if messages::set_read(&tx, &read.message).await? {
        arrive(&tx, &read, now).await?;
        mail_tasks::add(&tx, &read.tasks, now).await?;
    }
    commit(tx).await?;
    messages::find_unscoped(app.store.read(), id)
        .await?
        .ok_or(ActionError::NotFound)
}

/// A message as reading and matching left it.
struct Understood {
    message: Message,
    /// What it says about a letter of ours.
    heard: Option<Heard>,
    zone: chrono_tz::Tz,
    /// What the message asks somebody to do.
    tasks: Vec<MailTask>,
}

impl Understood {
    /// Another program has read the same message meanwhile: this one is filed nowhere and says nothing.
    fn is_twin_of(&mut self, twin: MessageId) {
        mark_as_twin(&mut self.message, twin);
        self.heard = None;
        self.tasks.clear();
    }

    fn unreadable(kept: Message, campaign: Option<CampaignId>, sentence: String) -> Understood {
        Understood {
            message: Message {
                campaign,
                state: MessageState::Unreadable,
                message_id: format!("unread.{}", kept.id),
                problem: Some(sentence),
                ..kept
            },
            heard: None,
            zone: chrono_tz::UTC,
            tasks: Vec::new(),
        }
    }
}

/// The message read by the worker, or a sentence why it cannot be read.
pub(super) async fn opened(app: &App, kept: &Message) -> Deed<Result<Parsed, String>> {
    let folder = tempfile::Builder::new()
        .prefix("sundial-mail-")
        .tempdir()
        .map_err(|error| ActionError::fault("making a working folder", error))?;
    let sha256 = kept
        .raw_sha256
        .parse()
        .map_err(|error| ActionError::fault("reading a message's hash", error))?;
    let file = app.files.path_or_copy(&sha256, folder.path()).await?;
    match app.worker.read_mail(&file, folder.path()).await {
        Ok(answer) => parse::from_worker(answer, folder.path())
            .map(Ok)
            .map_err(|why| {
                ActionError::fault(
                    "the worker's answer about a message",
                    std::io::Error::other(why),
                )
            }),
        Err(error @ WorkerError::Fault(_)) => Err(ActionError::fault("reading a message", error)),
        Err(other) => Ok(Err(other.to_string())),
    }
}

async fn understood(
    app: &App,
    kept: Message,
    mut parsed: Parsed,
    now: DateTime<Utc>,
) -> Deed<Understood> {
    let mut attachments = Vec::new();
    for part in &mut parsed.attachments {
        let stored = app.files.put_bytes(std::mem::take(&mut part.bytes)).await?;
        attachments.push(Attachment {
            name: part.name.clone(),
            media_type: part.media_type.clone(),
            bytes: stored.bytes,
            sha256: stored.sha256.to_string(),
            kept_as: stored.media.as_str().to_owned(),
            inline: part.inline,
            opened: part.opened,
        });
    }
    let db = app.store.read();
    let incoming = incoming(&parsed, &reply_address(app)?);
    let all = candidates::list_for(db, kept.campaign, &incoming).await?;
    let candidates: Vec<Candidate> = all.iter().map(|(_, candidate)| candidate.clone()).collect();
    let campaign_of = |request: RequestId| {
        all.iter()
            .find(|(_, candidate)| candidate.request == request)
            .map(|(campaign, _)| *campaign)
    };
    let verdict = match_message(&incoming, &candidates);
    let (request, campaign, state, matched_by) = match &verdict {
        Match::Matched { request, why } => (
            Some(*request),
            campaign_of(*request),
            MessageState::Filed,
            Some(why.as_str().to_owned()),
        ),
        Match::Doubtful { candidates, why } => {
            let mut whose: Vec<_> = candidates
                .iter()
                .filter_map(|id| campaign_of(*id))
                .collect();
            whose.dedup();
            let campaign = if let [one] = whose[..] {
                Some(one)
            } else {
                kept.campaign
            };
            (
                None,
                campaign,
                MessageState::Waiting,
                Some(doubt(*why, candidates)),
            )
        }
        Match::Unknown => {
            let campaign = match kept.campaign {
                Some(campaign) => Some(campaign),
                None => only_campaign(app).await?,
            };
            (None, campaign, MessageState::Waiting, None)
        }
    };
    let problems = kept
        .problem
        .iter()
        .chain(&parsed.problems)
        .cloned()
        .collect::<Vec<_>>();
    let mut message = Message {
        campaign,
        request,
        message_id: parsed.message_id.clone(),
        sender: parsed
            .from
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        recipients: parsed
            .to
            .iter()
            .chain(&parsed.cc)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
        subject: parsed.subject.clone(),
        sent_at: parsed.date,
        body: parsed.text.clone(),
        auto_reply: parsed.auto_reply,
        bounce: parsed
            .bounce
            .as_ref()
            .map(serde_json::to_value)
            .transpose()
            .map_err(|error| ActionError::fault("writing a bounce down", error))?,
        state,
        matched_by,
        problem: (!problems.is_empty()).then(|| problems.join(" ")),
        attachments,
        has_html: parsed.html.is_some(),
        filed_at: request.map(|_| now),
        ..kept
    };
    if let Some(twin) = messages::find_twin(db, &message).await? {
        mark_as_twin(&mut message, twin);
    }
    let heard = match (message.campaign, message.request) {
        (Some(campaign), Some(request)) => hear(app, campaign, request, &message, &parsed).await?,
        _ => None,
    };
    let zone = match message.campaign {
        Some(campaign) => campaigns::get(db, &program(campaign, None))
            .await?
            .map_or(chrono_tz::UTC, |campaign| campaign.time_zone),
        None => chrono_tz::UTC,
    };
    let tasks = if message.state == MessageState::Duplicate || parsed.bounce.is_some() {
        Vec::new()
    } else {
        mail_asks(&message, &parsed, day_in(zone, message.received_at))
    };
    Ok(Understood {
        message,
        heard,
        zone,
        tasks,
    })
}

fn mark_as_twin(message: &mut Message, twin: MessageId) {
    message.state = MessageState::Duplicate;
    message.problem = Some(format!("The same message came before ({twin})."));
    message.request = None;
    message.filed_at = None;
}

/// What matching looks at.
fn incoming(parsed: &Parsed, ours: &ReplyAddress) -> Incoming {
    let addresses = parsed
        .to
        .iter()
        .chain(&parsed.cc)
        .map(|person| person.address.as_str())
        .chain(parsed.delivered_to.iter().map(String::as_str));
    Incoming {
        tokens: addresses
            .filter_map(|address| ours.heard_in(address))
            .collect(),
        in_reply_to: parsed.in_reply_to.clone(),
        references: parsed.references.clone(),
        from: parsed
            .from
            .as_ref()
            .map(|from| from.address.clone())
            .filter(|address| !address.is_empty()),
        subject: parsed.subject.clone(),
        text: parsed.text.chars().take(50_000).collect(),
    }
}

/// Everything that follows from a message that was filed just now, in the same change.
async fn arrive(tx: &Tx, read: &Understood, now: DateTime<Utc>) -> Deed<()> {
    let message = &read.message;
    let (Some(campaign), Some(request)) = (message.campaign, message.request) else {
        return Ok(());
    };
    let what = Happening::ReplyReceived {
        message: message.id,
        matched_by: message.matched_by.clone().unwrap_or_default(),
        attachments: u32::try_from(message.attachments.len()).unwrap_or(u32::MAX),
        auto_reply: message.auto_reply,
    };
    events::record(tx, campaign, Some(request), None, now, &what).await?;
    if message.bounce.is_none() {
        let on = day_in(read.zone, message.received_at);
        take_attachments(tx, message, campaign, request, on, now).await?;
    }
    if let Some(heard) = &read.heard {
        note_heard(tx, message, request, heard, now).await?;
    }
    Ok(())
}

/// The campaign of an installation that has only one: what matches nothing can only be its.
async fn only_campaign(app: &App) -> Deed<Option<CampaignId>> {
    let all = campaigns::list_all(app.store.read()).await?;
    Ok(match &all[..] {
        [one] => Some(one.id),
        _ => None,
    })
}

/// A doubtful match as it is kept with the message.
fn doubt(why: Why, candidates: &[RequestId]) -> String {
    let ids: Vec<String> = candidates
        .iter()
        .take(MOST_CANDIDATES)
        .map(ToString::to_string)
        .collect();
    format!("doubtful {} {}", why.as_str(), ids.join(","))
}

/// Reads a doubtful match back: why these requests, and which.
pub fn doubted(matched_by: &str) -> Option<(Why, Vec<RequestId>)> {
    let mut words = matched_by.strip_prefix("doubtful ")?.split(' ');
    let why = Why::parse(words.next()?)?;
    let ids = words
        .next()?
        .split(',')
        .filter_map(|id| id.parse().ok())
        .collect();
    Some((why, ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_is_read_back_as_it_was_kept() {
        let ids: Vec<_> = (0..30).map(|_| RequestId::new()).collect();
        let (why, back) = doubted(&doubt(Why::Sender, &ids)).expect("it reads back");
        assert_eq!(why, Why::Sender);
        assert_eq!(back, ids[..MOST_CANDIDATES]);
        assert_eq!(doubted("reply_address"), None);
        assert_eq!(doubted("doubtful hearsay x"), None);
    }
}
