//! Asking a mailbox for new mail over IMAP.
//!
//! A message is marked as taken only after the caller has stored its raw bytes: a crash in between fetches it once
//! more, and storing is idempotent. What is new is told by a keyword of our own, not by "seen", since people open
//! the mailbox too. Nothing is ever deleted or moved. Not here: reading the message (`parse`), storing it.

use std::sync::Arc;
use std::time::Duration;

use async_imap::types::Flag;
use async_imap::{Client, Session};
use chrono::NaiveDate;
use futures::TryStreamExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};

use super::Security;
use super::send::is_this_machine;

/// The keyword on messages that we have taken.
const TAKEN: &str = "SundialTaken";

/// A mailbox and how to reach it.
#[derive(Clone)]
pub struct Mailbox {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub user: String,
    pub password: String,
    pub folder: String,
    /// A further certificate authority to trust, as PEM; the operating system's are always trusted.
    pub extra_root_pem: Option<Vec<u8>>,
    /// For each command.
    pub patience: Duration,
    /// Larger messages are not fetched whole; only their headers are.
    pub max_bytes: u32,
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailbox({}:{})", self.host, self.port)
    }
}

/// A message as the mailbox gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub raw: Vec<u8>,
    /// The size of a message that was too large: `raw` holds its headers only.
    pub too_large: Option<u32>,
}

/// What one visit brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    pub taken: usize,
    pub too_large: usize,
}

/// Why a visit ended early. What was stored until then is marked as taken.
#[derive(Debug, thiserror::Error)]
pub enum CannotFetch {
    #[error(
        "The mailbox at {host} could not be reached: {why}. Check imap_host and imap_port; it is tried again by itself."
    )]
    Unreachable { host: String, why: String },
    #[error(
        "The mailbox at {host} would be read unencrypted. Set imap_security to tls or starttls."
    )]
    InTheClear { host: String },
    #[error("The mailbox at {host} refused the sign-in: {why}. Check imap_user and imap_password.")]
    SignIn { host: String, why: String },
    #[error("The mailbox at {host} has no folder \"{folder}\": {why}. Check imap_folder.")]
    Folder {
        host: String,
        folder: String,
        why: String,
    },
    #[error("The mailbox stopped answering while {doing}: {why}. It is tried again by itself.")]
    Broken { doing: &'static str, why: String },
    #[error("A message could not be stored: {why}. It stays in the mailbox and is fetched again.")]
    NotStored { why: String },
}

trait Line: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Line for T {}

/// Visits the mailbox once and gives every new message to `keep`, oldest first.
///
/// New is what we have not taken and what is unread or arrived on `since` or later. `keep` returns when the raw
/// bytes are safe, or says why they are not.
pub async fn visit<F, Kept>(
    mailbox: &Mailbox,
    since: NaiveDate,
    mut keep: F,
) -> Result<Visit, CannotFetch>
where
    F: FnMut(Fetched) -> Kept,
    Kept: Future<Output = Result<(), String>>,
{
    let mut session = open(mailbox).await?;
    let visit = take_all(mailbox, &mut session, since, &mut keep).await;
    // The visit's result stands; a failed farewell changes nothing.
    if let Err(error) = within(mailbox.patience, "saying goodbye", session.logout()).await {
        tracing::debug!(%error, "the mailbox did not answer the farewell");
    }
    visit
}

async fn take_all<F, Kept>(
    mailbox: &Mailbox,
    session: &mut Session<Box<dyn Line>>,
    since: NaiveDate,
    keep: &mut F,
) -> Result<Visit, CannotFetch>
where
    F: FnMut(Fetched) -> Kept,
    Kept: Future<Output = Result<(), String>>,
{
    let selected = within(
        mailbox.patience,
        "opening the folder",
        session.select(&mailbox.folder),
    )
    .await
    .map_err(|error| CannotFetch::Folder {
        host: mailbox.host.clone(),
        folder: mailbox.folder.clone(),
        why: error.to_string(),
    })?;
    // An absent list means that every flag can be kept.
    let keywords = selected.permanent_flags.is_empty()
        || selected.permanent_flags.contains(&Flag::MayCreate)
        || selected
            .permanent_flags
            .iter()
            .any(|flag| matches!(flag, Flag::Custom(name) if name.eq_ignore_ascii_case(TAKEN)));
    let (search, mark) = if keywords {
        (
            format!(
                "UNKEYWORD {TAKEN} OR UNSEEN SINCE {}",
                since.format("%-d-%b-%Y")
            ),
            format!("+FLAGS.SILENT (\\Seen {TAKEN})"),
        )
    } else {
        ("UNSEEN".to_owned(), "+FLAGS.SILENT (\\Seen)".to_owned())
    };
    let mut uids: Vec<u32> = within(
        mailbox.patience,
        "looking for new mail",
        session.uid_search(&search),
    )
    .await?
    .into_iter()
    .collect();
    uids.sort_unstable();

    let mut visit = Visit::default();
    for uid in uids {
        let Some(fetched) = fetch_one(mailbox, session, uid).await? else {
            continue;
        };
        visit.taken += 1;
        visit.too_large += usize::from(fetched.too_large.is_some());
        keep(fetched)
            .await
            .map_err(|why| CannotFetch::NotStored { why })?;
        let command = format!("UID STORE {uid} {mark}");
        within(
            mailbox.patience,
            "marking a message",
            session.run_command_and_check_ok(&command),
        )
        .await?;
    }
    Ok(visit)
}

/// One message by its UID; `None` if somebody removed it meanwhile.
async fn fetch_one(
    mailbox: &Mailbox,
    session: &mut Session<Box<dyn Line>>,
    uid: u32,
) -> Result<Option<Fetched>, CannotFetch> {
    let Some(size) = fetch(mailbox, session, uid, "(UID RFC822.SIZE)", |found| {
        found.size
    })
    .await?
    else {
        return Ok(None);
    };
    if size > mailbox.max_bytes {
        return headers(mailbox, session, uid, size).await;
    }
    let whole = fetch(mailbox, session, uid, "(UID BODY.PEEK[])", |found| {
        found.body().map(<[u8]>::to_vec)
    })
    .await?;
    match whole {
        // Some servers tell a size that is not exact: what came decides, or one message would stop the mailbox.
        Some(raw) if raw.len() as u64 > u64::from(mailbox.max_bytes) => {
            let size = u32::try_from(raw.len()).unwrap_or(u32::MAX);
            headers(mailbox, session, uid, size).await
        }
        whole => Ok(whole.map(|raw| Fetched {
            raw,
            too_large: None,
        })),
    }
}

/// The headers alone of a message that is too large.
async fn headers(
    mailbox: &Mailbox,
    session: &mut Session<Box<dyn Line>>,
    uid: u32,
    size: u32,
) -> Result<Option<Fetched>, CannotFetch> {
    let head = fetch(mailbox, session, uid, "(UID BODY.PEEK[HEADER])", |found| {
        found.header().map(<[u8]>::to_vec)
    })
    .await?;
    Ok(head.map(|raw| Fetched {
        raw,
        too_large: Some(size),
    }))
}

/// Runs one FETCH for one UID. Answers about other messages (new arrivals, flags) are passed over.
async fn fetch<T>(
    mailbox: &Mailbox,
    session: &mut Session<Box<dyn Line>>,
    uid: u32,
    items: &str,
    pick: impl Fn(&async_imap::types::Fetch) -> Option<T>,
) -> Result<Option<T>, CannotFetch> {
    let asking = async {
        let answers: Vec<_> = session
            .uid_fetch(uid.to_string(), items)
            .await?
            .try_collect()
            .await?;
        Ok(answers
            .iter()
            .filter(|answer| answer.uid == Some(uid))
            .find_map(pick))
    };
    // A large message on a slow line needs more than one command's time.
    within(mailbox.patience * 5, "fetching a message", asking).await
}

async fn open(mailbox: &Mailbox) -> Result<Session<Box<dyn Line>>, CannotFetch> {
    let unreachable = |why: String| CannotFetch::Unreachable {
        host: mailbox.host.clone(),
        why,
    };
    if mailbox.security == Security::None && !is_this_machine(&mailbox.host) {
        return Err(CannotFetch::InTheClear {
            host: mailbox.host.clone(),
        });
    }
    let opening = async {
        let tcp = TcpStream::connect((mailbox.host.as_str(), mailbox.port))
            .await
            .map_err(|error| error.to_string())?;
        let line: Box<dyn Line> = match mailbox.security {
            Security::None => Box::new(tcp),
            Security::Tls => Box::new(encrypt(mailbox, tcp).await?),
            Security::Starttls => {
                let mut plain = Client::new(tcp);
                greeting(&mut plain).await?;
                plain
                    .run_command_and_check_ok("STARTTLS", None)
                    .await
                    .map_err(|error| error.to_string())?;
                return Ok((
                    Client::new(
                        Box::new(encrypt(mailbox, plain.into_inner()).await?) as Box<dyn Line>
                    ),
                    true,
                ));
            }
        };
        Ok::<_, String>((Client::new(line), false))
    };
    let (mut client, greeted) = tokio::time::timeout(mailbox.patience, opening)
        .await
        .map_err(|_| unreachable("it did not answer in time".to_owned()))?
        .map_err(unreachable)?;
    if !greeted {
        tokio::time::timeout(mailbox.patience, greeting(&mut client))
            .await
            .map_err(|_| unreachable("it did not greet in time".to_owned()))?
            .map_err(unreachable)?;
    }
    let sign_in = |why: String| CannotFetch::SignIn {
        host: mailbox.host.clone(),
        why,
    };
    tokio::time::timeout(
        mailbox.patience,
        client.login(&mailbox.user, &mailbox.password),
    )
    .await
    .map_err(|_| sign_in("it did not answer in time".to_owned()))?
    .map_err(|(error, _)| sign_in(error.to_string()))
}

async fn greeting<T: Line>(client: &mut Client<T>) -> Result<(), String> {
    match client.read_response().await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err("it closed the line at once".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

async fn encrypt(
    mailbox: &Mailbox,
    tcp: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, String> {
    let roots = match &mailbox.extra_root_pem {
        Some(pem) => CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| {
                format!("the certificate authority's file cannot be read ({error})")
            })?,
        None => Vec::new(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(&provider))
            .map_err(|error| error.to_string())?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let name = ServerName::try_from(mailbox.host.clone()).map_err(|error| error.to_string())?;
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .map_err(|error| error.to_string())
}

async fn within<T>(
    limit: Duration,
    doing: &'static str,
    command: impl Future<Output = async_imap::error::Result<T>>,
) -> Result<T, CannotFetch> {
    match tokio::time::timeout(limit, command).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(CannotFetch::Broken {
            doing,
            why: error.to_string(),
        }),
        Err(_) => Err(CannotFetch::Broken {
            doing,
            why: "no answer in time".to_owned(),
        }),
    }
}
