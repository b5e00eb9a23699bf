//! Files that go along with a letter: a person chooses them, counsel approves them with the text, and the very bytes that
//! were approved go out.
//!
//! Only what belongs to the request can be chosen, and of documents only what counsel cleared. Another choice is another
//! version of the letter, which no approval covers.

use chrono::{DateTime, Utc};

use super::draft_request::Reasons;
use super::edit_letter::{Edited, InHand, in_hand, keep_version};
use super::paper_letter::paper_letter;
use super::{ActionError, App, Deed, Scope};
use crate::domain::approval::{Enclosure, EnclosureSource, HasText, exact_sha256, sha256_hex};
use crate::domain::event::Happening;
use crate::domain::ids::{DocumentId, LetterId};
use crate::domain::letter::Series;
use crate::domain::request::Status;
use crate::domain::review::{Sight, Standing};
use crate::mail::compose::Enclosed;
use crate::store::letters::{self, Letter};
use crate::store::messages::{self, Message};
use crate::store::{Db, documents, events};

/// One file is at most this large: more than any mail carries.
const MOST_BYTES: u64 = 100 * 1024 * 1024;

/// Something that could go along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// As a form sends it: "document:6f…".
    pub value: String,
    pub name: String,
    /// What it is, or why it cannot go along.
    pub remark: String,
    pub may_go: bool,
    pub is_chosen: bool,
}

fn value_of(from: EnclosureSource) -> String {
    match from {
        EnclosureSource::Document(id) => format!("document:{id}"),
        EnclosureSource::Message(id) => format!("message:{id}"),
        EnclosureSource::Letter(id) => format!("letter:{id}"),
        EnclosureSource::OwnPaper => "paper".to_owned(),
    }
}

fn source_of(value: &str) -> Option<EnclosureSource> {
    if value == "paper" {
        return Some(EnclosureSource::OwnPaper);
    }
    let (kind, id) = value.split_once(':')?;
    match kind {
        "document" => id.parse().ok().map(EnclosureSource::Document),
        "message" => id.parse().ok().map(EnclosureSource::Message),
        "letter" => id.parse().ok().map(EnclosureSource::Letter),
        _ => None,
    }
}

/// Everything of the request that could go along with this letter, and what cannot yet.
pub async fn candidates(app: &App, by: &Scope, of: &Letter) -> Deed<Vec<Candidate>> {
    let db = app.store.read();
    let chosen: Vec<EnclosureSource> = of.enclosures().iter().map(|file| file.from).collect();
    let mut all = Vec::new();
    let mut add = |from, name: String, remark: String, may_go| {
        all.push(Candidate {
            value: value_of(from),
            name,
            remark,
            may_go,
            is_chosen: chosen.contains(&from),
        });
    };
    add(
        EnclosureSource::OwnPaper,
        "This letter as a PDF".to_owned(),
        "made once counsel has approved the text".to_owned(),
        true,
    );
    for letter in gone_before(db, by, of).await? {
        let series = letter.kind.parse::<Series>().unwrap_or(Series::REQUEST);
        let from = EnclosureSource::Letter(letter.id);
        let name = format!("{}, version {}, as a PDF", series.plain(), letter.version);
        add(from, name, "as it went out".to_owned(), true);
    }
    for message in messages::list_for_request(db, by, of.request).await? {
        if message.bounce.is_none() {
            let from = EnclosureSource::Message(message.id);
            let name = format!("Their message “{}”", message.subject);
            let day = message.received_at.format("%-d %b %Y");
            add(
                from,
                name,
                format!("its text, of {day}; its files are documents of their own"),
                true,
            );
        }
    }
    for file in documents::list_for_request(db, by, of.request).await? {
        let from = EnclosureSource::Document(file.document.id);
        match (file.standing, file.sight(by)) {
            (Standing::Cleared, _) => {
                let size = file.document.bytes.div_ceil(1024);
                add(
                    from,
                    file.document.name,
                    format!("{size} kB, cleared by counsel"),
                    true,
                );
            }
            (Standing::Held, Sight::Whole | Sight::Title) => add(
                from,
                file.document.name,
                "held: it can go along once counsel has cleared it".to_owned(),
                false,
            ),
            _ => {}
        }
    }
    Ok(all)
}

/// The other letters of the request that have left, in their order.
async fn gone_before(db: &impl Db, by: &Scope, of: &Letter) -> Deed<Vec<Letter>> {
    let versions = letters::list_versions(db, by, of.request).await?;
    let mut gone: Vec<Letter> = Vec::new();
    for event in events::list_for_request(db, by, of.request).await? {
        if let Happening::Sent { letter, .. } | Happening::Dispatched { letter, .. } = event.what
            && letter != of.id
            && !gone.iter().any(|known| known.id == letter)
            && let Some(found) = versions.iter().find(|version| version.id == letter)
        {
            gone.push(found.clone());
        }
    }
    Ok(gone)
}

/// Chooses what goes along: a new version of the letter with the same text.
///
/// # Errors
/// Refused for what does not belong to the request, what counsel has not cleared, and what mail does not carry.
pub async fn enclose(
    app: &App,
    by: &Scope,
    id: LetterId,
    chosen: &[&str],
    now: DateTime<Utc>,
) -> Deed<Edited> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel write letters. Ask one of them.",
        ));
    }
    let hand = in_hand(app.store.read(), by, id).await?;
    may_change(&hand)?;
    let possible = candidates(app, by, &hand.letter).await?;
    let mut files = Vec::new();
    for value in chosen {
        let known = possible.iter().find(|one| one.value == *value);
        let source = source_of(value);
        let (Some(known), Some(source)) = (known, source) else {
            return Err(ActionError::refused(
                "One of the files does not belong to this request. Reload the page and choose again.",
            ));
        };
        if !known.may_go {
            return Err(ActionError::refused(format!(
                "“{}” is held. Counsel has to clear it before it can go out.",
                known.name
            )));
        }
        files.push(file_of(app, by, source, now).await?);
    }
    small_enough(app, files.iter().map(|file| file.bytes).sum())?;
    let tx = app.store.begin().await?;
    let hand = in_hand(&tx, by, id).await?;
    may_change(&hand)?;
    let before = hand.letter;
    let sha256 = exact_sha256(&before.subject, &before.body, &files);
    if sha256 == before.sha256 {
        return Ok(Edited {
            letter: before.id,
            version: before.version,
            unchanged: true,
            voided: false,
        });
    }
    let voided = hand.standing.approved.is_some() || hand.standing.status == Status::WithCounsel;
    let reasons = Reasons {
        enclosures: files,
        ..Reasons::of(&before)
    };
    let after = Letter {
        id: LetterId::new(),
        version: before.version + 1,
        clauses: reasons.kept()?,
        sha256,
        written_by: by.user,
        written_at: now,
        submitted_at: None,
        submitted_by: None,
        ..before
    };
    keep_version(tx, by, &after, voided, "choose the files there", now).await
}

fn may_change(hand: &InHand) -> Deed<()> {
    if !hand.is_latest {
        return Err(ActionError::refused(
            "Somebody wrote a newer version of this letter meanwhile. Open the newest and choose the files there.",
        ));
    }
    if !hand.standing.may_edit() {
        return Err(ActionError::refused(
            "This letter is on its way or has left, so nothing can be added to it.",
        ));
    }
    Ok(())
}

fn small_enough(app: &App, bytes: u64) -> Deed<()> {
    let most = app.config.mail.enclosure_bytes;
    if bytes > most {
        return Err(ActionError::refused(format!(
            "These files come to {} MB; with one letter at most {} MB go along, since many mail servers take no more. Leave some out, or deliver the letter by portal, post or hand.",
            bytes.div_ceil(1024 * 1024),
            most / 1024 / 1024
        )));
    }
    Ok(())
}

/// The file as it stands now, kept by its hash.
async fn file_of(
    app: &App,
    by: &Scope,
    from: EnclosureSource,
    now: DateTime<Utc>,
) -> Deed<Enclosure> {
    let db = app.store.read();
    let file = |name: String, media_type: &str, bytes: u64, sha256: String| Enclosure {
        name,
        media_type: media_type.to_owned(),
        bytes,
        sha256,
        from,
    };
    Ok(match from {
        // Its bytes are made of the approved text, afterwards.
        EnclosureSource::OwnPaper => file("letter.pdf".into(), "application/pdf", 0, String::new()),
        EnclosureSource::Letter(id) => {
            let paper = paper_letter(app, by, id, now).await?;
            let bytes = u64::try_from(paper.pdf.len()).unwrap_or(u64::MAX);
            // A draft has no kept file; letters that left have.
            app.files.put_bytes(paper.pdf).await?;
            file(
                paper.file_name,
                "application/pdf",
                bytes,
                paper.sha256.to_string(),
            )
        }
        EnclosureSource::Message(id) => {
            let message = messages::find(db, by, id)
                .await?
                .ok_or(ActionError::NotFound)?;
            let stored = app.files.put_bytes(as_text(&message).into_bytes()).await?;
            let day = message.received_at.format("%Y-%m-%d");
            file(
                format!("message-{day}.txt"),
                "text/plain; charset=utf-8",
                stored.bytes,
                stored.sha256.to_string(),
            )
        }
        EnclosureSource::Document(id) => {
            let found = cleared(db, by, id).await?;
            file(
                found.document.name,
                &found.document.media_type,
                found.document.bytes,
                found.document.sha256.to_string(),
            )
        }
    })
}

/// A message as a text of its own, with the lines that say where it came from.
fn as_text(message: &Message) -> String {
    let date = message.sent_at.unwrap_or(message.received_at).to_rfc2822();
    format!(
        "From: {}\r\nTo: {}\r\nDate: {date}\r\nSubject: {}\r\nMessage-ID: <{}>\r\n\r\n{}\r\n",
        message.sender,
        message.recipients,
        message.subject,
        message.message_id,
        message.body.replace('\n', "\r\n")
    )
}

async fn cleared(db: &impl Db, by: &Scope, id: DocumentId) -> Deed<documents::OnFile> {
    let found = documents::find(db, by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    if found.standing != Standing::Cleared {
        return Err(ActionError::refused(
            "A document that goes along with this letter is not cleared by counsel any more, so the letter was not sent. Have it cleared, or choose the files again.",
        ));
    }
    Ok(found)
}

/// Whether everything that goes along may still go out: counsel may have held a document again since.
pub(super) async fn still_cleared(db: &impl Db, by: &Scope, of: &Letter) -> Deed<()> {
    for file in of.enclosures() {
        if let EnclosureSource::Document(id) = file.from {
            let found = cleared(db, by, id).await?;
            if found.document.sha256.to_string() != file.sha256 {
                return Err(ActionError::refused(
                    "A document that goes along with this letter is another file than counsel approved. Choose the files again.",
                ));
            }
        }
    }
    Ok(())
}

/// The bytes that go along, each held against the hash that counsel approved.
pub(super) async fn enclosed(
    app: &App,
    by: &Scope,
    of: &Letter,
    now: DateTime<Utc>,
) -> Deed<Vec<Enclosed>> {
    let files = of.enclosures();
    if Reasons::of(of).choices.with_copies && files.is_empty() {
        return Err(ActionError::refused(
            "This letter says that copies go with it, and none is chosen. Choose them on the letter's page, where counsel \
             approves them with it; or deliver it by portal, post or hand with the copies and record that.",
        ));
    }
    still_cleared(app.store.read(), by, of).await?;
    let mut all = Vec::new();
    for file in files {
        let bytes = match file.from {
            EnclosureSource::OwnPaper => paper_letter(app, by, of.id, now).await?.pdf,
            _ => {
                let sha256 = file
                    .sha256
                    .parse()
                    .map_err(|error| ActionError::fault("reading a file's hash", error))?;
                let bytes = app.files.read(&sha256, MOST_BYTES).await?.to_vec();
                if sha256_hex(&bytes) != file.sha256 {
                    return Err(ActionError::refused(format!(
                        "“{}” is damaged on disk, so the letter was not sent. Restore it from a backup, then send again.",
                        file.name
                    )));
                }
                bytes
            }
        };
        all.push(Enclosed {
            name: file.name,
            media_type: file.media_type,
            bytes,
        });
    }
    let total = all.iter().map(|file| file.bytes.len()).sum::<usize>();
    small_enough(app, u64::try_from(total).unwrap_or(u64::MAX))?;
    Ok(all)
}

/// The document, message or letter behind an enclosure, for a link.
pub fn behind(from: EnclosureSource) -> String {
    match from {
        EnclosureSource::Document(id) => format!("documents/{id}"),
        EnclosureSource::Message(id) => format!("messages/{id}"),
        EnclosureSource::Letter(id) => format!("letters/{id}"),
        EnclosureSource::OwnPaper => String::new(),
    }
}
