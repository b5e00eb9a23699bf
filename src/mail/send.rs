//! Handing mail over: to a mail server by SMTP, or into a folder as .eml files.
//!
//! The one question that matters afterwards is whether the letter has left. Each step of the conversation is made
//! here one by one, so that the answer is honest: before the text is handed over a fault means "not sent"; once it
//! is being handed over, only the server's own word counts, and silence means "unknown". Not here: the outbox.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use lettre::transport::smtp::{Error as SmtpError, client};
use tokio::io::AsyncWriteExt;

use super::Security;
use super::compose::Composed;
use super::sign::Signer;

/// Where mail is handed over.
#[derive(Clone, Debug)]
pub enum Post {
    Smtp(Server),
    /// Each message becomes one .eml file here, for the operator's own mail system.
    Folder(PathBuf),
}

/// A mail server that takes mail for sending.
#[derive(Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub credentials: Option<(String, String)>,
    /// A further certificate authority to trust, as PEM; the operating system's are always trusted.
    pub extra_root_pem: Option<Vec<u8>>,
    pub patience: Patience,
    /// Signs what is not signed yet.
    pub signer: Option<Arc<Signer>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({}:{})", self.host, self.port)
    }
}

/// How long each step may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub connect: Duration,
    pub command: Duration,
    /// For the server's word after the text: cutting this short makes "unknown" out of "accepted".
    pub last_word: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(20),
            command: Duration::from_secs(30),
            last_word: Duration::from_secs(240),
        }
    }
}

impl Patience {
    /// The longest that one attempt can take: a lease must be longer.
    pub fn longest(self) -> Duration {
        // Connecting, TLS, EHLO twice, authentication, MAIL, RCPT, DATA, the text.
        self.connect * 2 + self.command * 7 + self.last_word
    }
}

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it over, in its own words.
    Accepted { reply: String },
    /// The file is durably in the folder. No server has said anything.
    WrittenToFolder { file: String },
    /// Not sent; trying again later makes sense.
    Deferred { why: String },
    /// Not sent, and the server does not want it. `bad_address`: it says that there is no such address.
    Refused { why: String, bad_address: bool },
    /// The text was being handed over when the line broke or went silent.
    Unknown { why: String },
}

/// What can be found out about an attempt whose end nobody saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It is there.
    Found(Outcome),
    /// It certainly is not.
    NotThere,
    /// Only a person can find out.
    CannotTell,
}

impl Post {
    /// Makes one attempt. Never panics, never takes longer than the server's patience allows.
    pub async fn hand_over(&self, mail: &Composed) -> Outcome {
        match self {
            Post::Smtp(server) => match &server.signer {
                Some(signer) if mail.is_unsigned() => {
                    speak(server, &mail.clone().signed(signer)).await
                }
                _ => speak(server, mail).await,
            },
            Post::Folder(folder) => match write_once(folder, mail).await {
                Ok(Written::Now(file) | Written::Before(file)) => Outcome::WrittenToFolder { file },
                Ok(Written::Another(file)) => Outcome::Refused {
                    why: format!(
                        "The mail folder already holds another message as {file}. Move that file away and send again."
                    ),
                    bad_address: false,
                },
                Err(error) => Outcome::Deferred {
                    why: format!(
                        "The mail folder {} could not be written to ({error}). Check that it exists, has room and may be written.",
                        folder.display()
                    ),
                },
            },
        }
    }

    /// Looks for what an interrupted attempt left behind.
    pub async fn trace(&self, mail: &Composed) -> Trace {
        match self {
            Post::Smtp(_) => Trace::CannotTell,
            Post::Folder(folder) => {
                let file = file_name(mail.message_id());
                match tokio::fs::read(folder.join(&file)).await {
                    Ok(bytes) if bytes == mail.bytes() => {
                        Trace::Found(Outcome::WrittenToFolder { file })
                    }
                    Ok(_) => Trace::CannotTell,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Trace::NotThere,
                    Err(_) => Trace::CannotTell,
                }
            }
        }
    }
}

/// Whether a server's name means this very machine, the only one that may be spoken to in the clear.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// An attempt that ended before the text was handed over, so nothing was sent.
struct NotSent(Outcome);

async fn speak(server: &Server, mail: &Composed) -> Outcome {
    let mut connection = match open(server).await {
        Ok(connection) => connection,
        Err(NotSent(outcome)) => return outcome,
    };
    let outcome = converse(server, mail, &mut connection).await;
    // The server has spoken its last word on the letter, and until it is written down a crash would leave it unknown. So
    // the farewell is sent and its answer not waited for, as Postfix does (`smtp_skip_quit_response`): Exim takes 200 ms.
    let farewell = tokio::time::timeout(Duration::ZERO, connection.abort()).await;
    if farewell.is_ok() {
        tracing::trace!("the mail server was quick to answer QUIT");
    }
    match outcome {
        Ok(outcome) | Err(NotSent(outcome)) => outcome,
    }
}

async fn open(server: &Server) -> Result<AsyncSmtpConnection, NotSent> {
    let name = ClientId::default();
    let tls = match server.security {
        Security::None if !is_this_machine(&server.host) => {
            return Err(NotSent(Outcome::Deferred {
                why: format!(
                    "Mail to {} would travel unencrypted. Set smtp_security to starttls or tls.",
                    server.host
                ),
            }));
        }
        Security::None => None,
        Security::Starttls | Security::Tls => Some(tls_parameters(server)?),
    };
    let at_once = (server.security == Security::Tls)
        .then(|| tls.clone())
        .flatten();
    let connecting = AsyncSmtpConnection::connect_tokio1(
        (server.host.as_str(), server.port),
        Some(server.patience.connect),
        &name,
        at_once,
        None,
    );
    // Lettre's own limit covers the TCP connection only; a mute server would hold us for ever.
    let mut connection = step(server.patience.connect * 2, "connecting", connecting).await?;
    if let (Security::Starttls, Some(tls)) = (server.security, tls) {
        step(
            server.patience.command,
            "encrypting",
            connection.starttls(tls, &name),
        )
        .await?;
    }
    if let Some((user, password)) = &server.credentials {
        let credentials = Credentials::new(user.clone(), password.clone());
        let signing_in = connection.auth(DEFAULT_MECHANISMS, &credentials);
        if let Err(NotSent(outcome)) = step(server.patience.command, "signing in", signing_in).await
        {
            // A wrong password is ours to mend and says nothing about the letter: it stays in the outbox.
            let why = match outcome {
                Outcome::Refused { why, .. } | Outcome::Deferred { why } => why,
                other => format!("{other:?}"),
            };
            return Err(NotSent(Outcome::Deferred {
                why: format!("{why} Check smtp_user and smtp_password."),
            }));
        }
    }
    Ok(connection)
}

fn tls_parameters(server: &Server) -> Result<TlsParameters, NotSent> {
    let build = || -> Result<TlsParameters, SmtpError> {
        let mut builder = TlsParameters::builder(server.host.clone())
            .set_min_tls_version(client::TlsVersion::Tlsv12);
        if let Some(pem) = &server.extra_root_pem {
            builder = builder.add_root_certificate(Certificate::from_pem(pem)?);
        }
        builder.build()
    };
    build().map_err(|error| {
        NotSent(Outcome::Deferred {
            why: format!("Encryption could not be set up: {}.", brief(&error)),
        })
    })
}

async fn converse(
    server: &Server,
    mail: &Composed,
    connection: &mut AsyncSmtpConnection,
) -> Result<Outcome, NotSent> {
    let patience = server.patience;
    let from = address(mail.from())?;
    let to = address(mail.to())?;
    step(
        patience.command,
        "naming the sender",
        connection.command(Mail::new(Some(from), vec![])),
    )
    .await?;
    step(
        patience.command,
        "naming the recipient",
        connection.command(Rcpt::new(to, vec![])),
    )
    .await?;
    step(
        patience.command,
        "announcing the text",
        connection.command(Data),
    )
    .await?;

    // From here on the letter may be gone, whatever happens to the line.
    let last_word = tokio::time::timeout(
        patience.command + patience.last_word,
        connection.message(mail.bytes()),
    )
    .await;
    Ok(match last_word {
        Ok(Ok(response)) => Outcome::Accepted {
            reply: said(&response),
        },
        Ok(Err(error)) if error.is_transient() => Outcome::Deferred {
            why: format!("The mail server put the letter off: {}.", brief(&error)),
        },
        Ok(Err(error)) if error.is_permanent() => Outcome::Refused {
            bad_address: names_no_one(&brief(&error)),
            why: format!("The mail server refused the letter: {}.", brief(&error)),
        },
        Ok(Err(error)) => Outcome::Unknown {
            why: format!(
                "The line broke while the letter was being handed over: {}.",
                brief(&error)
            ),
        },
        Err(_) => Outcome::Unknown {
            why: format!(
                "The mail server did not say within {} seconds whether it took the letter.",
                (patience.command + patience.last_word).as_secs()
            ),
        },
    })
}

fn address(text: &str) -> Result<Address, NotSent> {
    text.parse().map_err(|_| {
        NotSent(Outcome::Refused {
            why: format!("\"{text}\" is no e-mail address that mail can be sent to."),
            bad_address: false,
        })
    })
}

/// One step before the text. Whatever goes wrong here, nothing was sent.
async fn step<T>(
    limit: Duration,
    doing: &str,
    action: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, NotSent> {
    match tokio::time::timeout(limit, action).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if error.is_permanent() => Err(NotSent(Outcome::Refused {
            bad_address: names_no_one(&brief(&error)),
            why: format!("The mail server refused while {doing}: {}.", brief(&error)),
        })),
        Ok(Err(error)) => Err(NotSent(Outcome::Deferred {
            why: format!(
                "The mail server could not be used ({doing}): {}.",
                brief(&error)
            ),
        })),
        Err(_) => Err(NotSent(Outcome::Deferred {
            why: format!("The mail server did not answer in time ({doing})."),
        })),
    }
}

/// Whether a refusal's enhanced status (RFC 3463, section 3.2) says that the recipient's address does not exist. Without
/// one, or where it is about rights and policy (5.7), nothing is known of the address.
fn names_no_one(refusal: &str) -> bool {
    refusal
        .split(|sign: char| !(sign.is_ascii_digit() || sign == '.'))
        .any(|word| {
            matches!(
                word.trim_end_matches('.'),
                "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10"
            )
        })
}

fn brief(error: &SmtpError) -> String {
    one_line(&error.to_string())
}

fn said(response: &Response) -> String {
    let words = response.message().collect::<Vec<_>>().join(" ");
    one_line(&format!("{} {words}", response.code()))
}

fn one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .take(400)
        .collect();
    line.trim().trim_end_matches('.').to_owned()
}

enum Written {
    Now(String),
    /// The very same bytes were there already.
    Before(String),
    /// Other bytes stand under that name.
    Another(String),
}

/// A file name made of a Message-ID: only letters, digits, dot and hyphen.
fn file_name(message_id: &str) -> String {
    let local = message_id.split('@').next().unwrap_or_default();
    let safe: String = local
        .chars()
        .map(|sign| {
            if sign.is_ascii_alphanumeric() || sign == '.' || sign == '-' {
                sign
            } else {
                '_'
            }
        })
        .take(150)
        .collect();
    format!("{}.eml", safe.trim_start_matches('.'))
}

/// Writes the message durably under its name: whole or not at all, and never over another file.
async fn write_once(folder: &Path, mail: &Composed) -> io::Result<Written> {
    tokio::fs::create_dir_all(folder).await?;
    let name = file_name(mail.message_id());
    let target = folder.join(&name);
    let draft = folder.join(format!(".{name}.{}.part", uuid::Uuid::new_v4().simple()));
    let written = write_synced(&draft, mail.bytes()).await;
    let outcome = match written {
        // A hard link is made only where nothing stands yet, unlike a rename, which overwrites.
        Ok(()) => match tokio::fs::hard_link(&draft, &target).await {
            Ok(()) => Ok(Written::Now(name)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let there = tokio::fs::read(&target).await?;
                Ok(if there == mail.bytes() {
                    Written::Before(name)
                } else {
                    Written::Another(name)
                })
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    match tokio::fs::remove_file(&draft).await {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "a draft of a message was left in the mail folder"),
    }
    // The name is durable only when the folder is.
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || std::fs::File::open(folder)?.sync_all())
        .await
        .map_err(io::Error::other)??;
    outcome
}

async fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tokio::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .await?;
    file.write_all(bytes).await?;
    file.flush().await?;
    file.sync_all().await
}

#[cfg(test)]
mod tests;
