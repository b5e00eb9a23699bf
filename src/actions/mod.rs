//! DEEDS: what people and the program do, one verb a file. Each ties the workshops together.
//!
//! A deed takes the [`App`], who asks (a [`Scope`] or an account), the present instant, and its input; it checks
//! the person's right once more, makes one short transaction, and gives a [`Deed`]. No network and no rendering
//! happen inside a transaction: what must follow a change is written as a job in that same transaction.
//! May import every floor below. Knows nothing of HTTP.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{Config, MailWay};
use crate::documents::files::Files;
use crate::documents::worker::{Limits, Worker};
use crate::domain::delivery::WrongTurn;
use crate::domain::delivery::pace::domain_of;
use crate::domain::letter;
use crate::domain::records::Catalogue;
use crate::domain::reply;
use crate::law::Library;
use crate::mail::send::{self, Post};
use crate::mail::sign::Signer;
use crate::store::{Store, StoreError, candidates};
use law_book::LawBook;

pub mod adapt_clause;
pub mod add_agency;
pub mod add_closing;
pub mod add_contact;
pub mod approve_correction;
pub mod approve_letter;
pub mod build_dossier;
pub mod chase_batch;
pub mod check_contact;
pub mod check_fact;
pub mod choose_contact;
pub mod choose_lines;
pub mod choose_reminders;
pub mod clear_document;
pub mod close_batch;
pub mod confirm_import;
pub mod confirm_rule;
pub mod correct_batch;
pub mod create_campaign;
pub mod decide_batch;
pub mod deliver_outbox;
pub mod describe_agency;
pub mod draft_batch;
pub mod draft_chaser;
pub mod draft_letter;
pub mod draft_request;
pub mod edit_campaign;
pub mod edit_contact;
pub mod edit_letter;
pub mod enclose;
pub mod end_account;
pub mod export_agencies;
pub mod file_reply;
pub mod finish_mail_task;
mod hear_delivery;
pub mod hold_agreement;
pub mod hold_delivery;
pub mod invite_member;
pub mod issue_link;
pub mod join_by_link;
pub mod keep_policy;
pub mod keep_proof;
pub mod keep_set;
pub mod law_book;
pub mod law_moves;
pub mod law_rights;
mod mail_asks;
pub mod map_columns;
pub mod merge_agencies;
pub mod move_reply;
mod note_gone;
pub mod note_reply;
pub mod note_tracking_number;
pub mod paper_letter;
pub mod patience;
pub mod plan_batch;
pub mod plan_reminders;
pub mod preview_import;
pub mod propose_correction;
pub mod put_off;
pub mod read_batch;
pub mod read_clocks;
pub mod read_document;
pub mod read_formatted;
pub mod read_today;
pub mod receive_mail;
pub mod record_dispatch;
pub mod record_fact;
pub mod record_fee;
pub mod record_receipt;
pub mod record_sending;
pub mod record_step;
pub mod reject_correction;
pub mod remove_member;
pub mod retire_contact;
pub mod retry_job;
pub mod return_letter;
pub mod review_batch;
pub mod send_batch;
pub mod send_law_notice;
pub mod send_letter;
pub mod send_morning;
pub mod send_reminder;
pub mod set_recall;
pub mod set_signature;
pub mod settle_delivery;
pub mod share_calendar;
pub mod sign_in;
pub mod sort_reply;
pub mod submit_batch;
pub mod submit_letter;
pub mod take_document;
pub mod take_mail_file;
pub mod tell_moves;
pub mod undo_import;
pub mod warn_of_contacts;
pub mod withdraw_correction;
pub mod withdraw_fact;
pub mod write_morning;

pub use crate::domain::person::Scope;

/// Everything a deed may use.
#[derive(Clone)]
pub struct App {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub store: Store,
    /// Every file by its hash.
    pub files: Files,
    /// Opens what arrived from outside, in a process of its own.
    pub worker: Worker,
    /// The law of every jurisdiction, checked, with the corrections in force: [`App::law`].
    pub laws: Arc<LawBook>,
    /// The kinds of records that a request can ask for, checked.
    pub records: Arc<Catalogue>,
    /// The way out for letters and reminders.
    pub post: Arc<Post>,
    /// Signs letters, where a key is set.
    pub dkim: Option<Arc<Signer>>,
    /// The installation's own secret: signs form tokens.
    pub secret: Arc<[u8; 32]>,
}

/// Why a deed was not done.
#[derive(Debug)]
pub enum ActionError {
    /// The person can do something about it: one or two sentences saying what happened and what to do next.
    Refused(String),
    /// There is no such thing, or it is not this person's.
    NotFound,
    /// It is there, but this person's role does not do this.
    Forbidden(&'static str),
    /// Our fault: logged with a number that the page shows.
    Fault(Fault),
}

/// Something broke on our side.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct Fault {
    pub what: &'static str,
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Fault {
    /// Whether the database cannot be used just now, and nothing else is wrong.
    pub fn database_is_away(&self) -> bool {
        self.source
            .downcast_ref::<StoreError>()
            .is_some_and(StoreError::is_away)
    }
}

pub type Deed<T> = Result<T, ActionError>;

impl ActionError {
    /// Refuses with a sentence that says what to do next.
    pub fn refused(sentence: impl Into<String>) -> ActionError {
        ActionError::Refused(sentence.into())
    }

    pub fn fault(
        what: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> ActionError {
        ActionError::Fault(Fault {
            what,
            source: Box::new(source),
        })
    }

    /// The sentence for a person, on a page or a terminal.
    pub fn sentence(&self) -> String {
        match self {
            ActionError::Refused(sentence) => sentence.clone(),
            ActionError::NotFound => {
                "There is nothing here under that name, or it is not yours to see.".to_owned()
            }
            ActionError::Forbidden(sentence) => (*sentence).to_owned(),
            ActionError::Fault(_) => {
                "Something went wrong on our side. Nothing was changed. Try again; if it happens \
                                      again, tell whoever runs this installation."
                    .to_owned()
            }
        }
    }
}

impl std::fmt::Display for ActionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ActionError::Fault(fault) => fault.fmt(f),
            other => f.write_str(&other.sentence()),
        }
    }
}

impl std::error::Error for ActionError {}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        ActionError::fault("database", error)
    }
}

impl From<WrongTurn> for ActionError {
    fn from(wrong: WrongTurn) -> Self {
        ActionError::refused(wrong.to_string())
    }
}

impl App {
    /// Opens the installation of `config`: its folder, its secret, its database, the law as it was corrected here.
    ///
    /// # Errors
    /// A fault where the folder cannot be made or the database does not answer.
    pub async fn open(config: Config, clock: Clock) -> Deed<App> {
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|error| ActionError::fault("making the data folder", error))?;
        let store = Store::open(&config.database_url).await?;
        let app = App::over(config, clock, store)?;
        app.follow_law(app.clock.now()).await?;
        note_senders(&app.store).await?;
        Ok(app)
    }

    /// As [`App::open`], over a store that is open already.
    ///
    /// # Errors
    /// A fault where a folder cannot be made; refused where the law files built in do not hold together.
    fn over(config: Config, clock: Clock, store: Store) -> Deed<App> {
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|error| ActionError::fault("making the data folder", error))?;
        let files = Files::in_folder(&config.data_dir)
            .map_err(|error| ActionError::fault("opening the file store", error))?;
        let program = std::env::current_exe()
            .map_err(|error| ActionError::fault("finding this program's own file", error))?;
        let limits = Limits {
            memory_bytes: config.limits.worker_memory_bytes,
            cpu_seconds: config.limits.worker_seconds,
            wall_millis: config.limits.worker_seconds * 1500,
            ..Limits::DOCUMENT
        };
        let worker = Worker::new(program, limits, config.limits.workers);
        let law = Library::embedded().map_err(|problems| {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            ActionError::refused(format!(
                "The law files do not hold together:\n{}",
                all.join("\n")
            ))
        })?;
        let records = Catalogue::embedded().map_err(|faults| {
            ActionError::refused(format!(
                "The catalogue of records does not hold together:\n{}",
                faults.join("\n")
            ))
        })?;
        letter::sound().map_err(|faults| {
            ActionError::refused(format!(
                "The letters' clauses do not hold together:\n{}",
                faults.join("\n")
            ))
        })?;
        for sound in [reply::signs_sound(), reply::senders_sound()] {
            sound.map_err(|fault| {
                ActionError::refused(format!(
                    "The lists for reading mail do not hold together:\n{fault}"
                ))
            })?;
        }
        let dkim = signer_of(&config)?;
        let post = post_of(&config, dkim.clone())?;
        let secret = Arc::new(secret_of(&config.data_dir)?);
        Ok(App {
            config: Arc::new(config),
            clock,
            store,
            files,
            worker,
            laws: Arc::new(LawBook::new(law)),
            records: Arc::new(records),
            post: Arc::new(post),
            dkim,
            secret,
        })
    }
}

/// Notes the organisation behind e-mail contacts that were kept before organisations were.
async fn note_senders(store: &Store) -> Deed<()> {
    loop {
        let some = candidates::list_unnoted(store.read()).await?;
        if some.is_empty() {
            return Ok(());
        }
        let tx = store.begin().await?;
        let rows = some.iter().map(|(id, value)| (*id, value.as_str()));
        candidates::note_senders(&tx, rows).await?;
        crate::store::commit(tx).await?;
    }
}

/// The way out for mail, as the settings say.
fn post_of(config: &Config, signer: Option<Arc<Signer>>) -> Deed<Post> {
    match &config.mail.way {
        MailWay::Folder(folder) => {
            std::fs::create_dir_all(folder)
                .map_err(|error| ActionError::fault("making the mail folder", error))?;
            Ok(Post::Folder(folder.clone()))
        }
        MailWay::Smtp {
            host,
            port,
            security,
            user,
            password,
        } => Ok(Post::Smtp(send::Server {
            host: host.clone(),
            port: *port,
            security: *security,
            credentials: user
                .clone()
                .zip(password.as_ref().map(|password| password.0.clone())),
            extra_root_pem: None,
            patience: send::Patience::default(),
            signer,
        })),
    }
}

/// The key that mail is signed with. One that cannot be used stops the launch, called by the setting's name.
fn signer_of(config: &Config) -> Deed<Option<Arc<Signer>>> {
    let Some(dkim) = &config.mail.dkim else {
        return Ok(None);
    };
    for (setting, address) in [
        ("mail_from", &config.mail.from),
        ("reply_address", &config.mail.reply_address),
    ] {
        let from = domain_of(address);
        let own = dkim.domain.to_lowercase();
        if from != own && !from.ends_with(&format!(".{own}")) {
            return Err(ActionError::refused(format!(
                "The setting `dkim_domain` cannot be used: `{setting}` is at {from}, which does not belong to {}. A signature by another domain does not count for the sender.",
                dkim.domain
            )));
        }
    }
    match Signer::open(&dkim.key_file, &dkim.selector, &dkim.domain) {
        Ok(signer) => Ok(Some(Arc::new(signer))),
        Err(why) => Err(ActionError::refused(format!(
            "The setting `dkim_key_file` cannot be used: {why}."
        ))),
    }
}

/// Reads the installation's secret, making it at the first start (readable by its owner alone).
fn secret_of(folder: &std::path::Path) -> Deed<[u8; 32]> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = folder.join("secret");
    let broken =
        |error: std::io::Error| ActionError::fault("reading the installation's secret", error);
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
    {
        Ok(mut file) => {
            let mut fresh = [0u8; 32];
            rand::fill(&mut fresh);
            file.write_all(&fresh).map_err(broken)?;
            file.sync_all().map_err(broken)?;
            Ok(fresh)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let bytes = std::fs::read(&path).map_err(broken)?;
            bytes.try_into().map_err(|_| {
                ActionError::refused(format!(
                    "The file {} is not a secret of 32 bytes. Restore it from a backup, or remove it: people then sign in again.",
                    path.display()
                ))
            })
        }
        Err(error) => Err(broken(error)),
    }
}
