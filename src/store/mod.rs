//! WORKSHOP: the database. sea-orm lives only here.
//!
//! One file a noun. Finders of campaign content take the asking person's [`Scope`] and add
//! `campaign_id = scope.campaign` themselves, so that another campaign's row is simply not found.
//! Functions take `&impl ConnectionTrait`: pass `store.read()` for reading, or the [`Tx`] of a change.
//! May import `domain`, `law`, `calendar`. Writes nothing but rows: no files, no mail, no clock.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::{
    self,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use sundial_migrations::{Migrator, MigratorTrait};

pub mod access;
pub mod accounts;
pub mod agencies;
pub mod agency_sets;
pub mod agreements;
pub mod batches;
pub mod calendar_feeds;
pub mod campaigns;
pub mod candidates;
pub mod clearances;
pub mod closings;
pub mod contacts;
pub mod deliveries;
pub mod documents;
pub mod dossiers;
pub mod events;
pub mod facts;
pub mod forms;
pub mod imports;
pub mod jobs;
pub mod law_corrections;
pub mod letters;
pub mod mail_tasks;
pub mod merging;
pub mod messages;
pub mod mornings;
pub mod pages;
pub mod papers;
pub mod policies;
pub mod profiles;
pub mod reminder_settings;
pub mod reminders;
pub mod requests;
pub mod sending;
pub mod sessions;
pub mod tracking_numbers;
pub mod undoing;
pub mod watches;
pub mod wordings;

pub(crate) mod entity;

pub use crate::domain::person::Scope;

/// One change: everything in it happens, or nothing does.
pub type Tx = DatabaseTransaction;

/// Re-exported so that code above can be written over either a [`Tx`] or [`Store::read`].
pub trait Db: ConnectionTrait {}
impl<T: ConnectionTrait> Db for T {}

/// What the database could not do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another row already holds what must be unique.
    #[error("this is already there")]
    Taken,
    #[error("a row of the database cannot be read: {0}")]
    Unreadable(String),
    #[error(transparent)]
    Database(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => StoreError::Taken,
            _ => StoreError::Database(error),
        }
    }
}

impl StoreError {
    /// Whether the database cannot be used just now (away, no room, locked), so that the same may well succeed a little later.
    pub fn is_away(&self) -> bool {
        match self {
            StoreError::Database(DbErr::ConnectionAcquire(_)) => true,
            StoreError::Database(error) => match cause(error) {
                Some(
                    sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed,
                ) => true,
                Some(sqlx::Error::Database(said)) => {
                    said.code().is_some_and(|code| says_not_now(&code))
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// What the driver said.
fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// Whether a database's code says that it cannot now. PostgreSQL, five signs: a lost connection (08), no room on the disk,
/// in memory or for one more connection (53), stopping, crashing and starting (57P01 to 57P03). SQLite, a number whose
/// last byte counts: locked, an error of the disk, a full disk, a file that cannot be opened.
fn says_not_now(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "53", "57P0"]
            .iter()
            .any(|class| code.starts_with(class));
    }
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, LOCKED | 10 | 13 | 14))
}

pub type Stored<T> = Result<T, StoreError>;

/// The database: on SQLite one writer, which queues changes fairly, beside several readers; on PostgreSQL one pool.
#[derive(Clone)]
pub struct Store {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// The folder that vanishes with the last handle, for stores made for one test.
    _keep: Option<Arc<tempfile::TempDir>>,
}

/// Taken in PostgreSQL while migrating, so that two processes starting at once take turns.
const MIGRATION_LOCK: i64 = 0x0053_756e_6469_616c;

impl Store {
    /// Opens `url` (`sqlite:` or `postgres:`) and brings its tables up to date.
    pub async fn open(url: &str) -> Stored<Store> {
        let store = Store::connect(url).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens `url` without touching its tables.
    pub async fn connect(url: &str) -> Stored<Store> {
        if url.starts_with("sqlite:") {
            let write = connect_in_turn(url).await?;
            let read = Database::connect(sqlite_options(url, 4)).await?;
            Ok(Store {
                read,
                write,
                _keep: None,
            })
        } else {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(8)
                // While the server is away this is how long a page waits until it says so.
                .acquire_timeout(Duration::from_secs(10))
                .sqlx_logging(false);
            let pool = Database::connect(options).await?;
            Ok(Store {
                read: pool.clone(),
                write: pool,
                _keep: None,
            })
        }
    }

    /// Runs the migrations that are missing, in one transaction on both databases.
    pub async fn migrate(&self) -> Stored<()> {
        let tx = self.begin().await?;
        hold(&tx, MIGRATION_LOCK).await?;
        Migrator::up(&tx, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps `folder` alive as long as this store.
    pub fn keeping(mut self, folder: Arc<tempfile::TempDir>) -> Store {
        self._keep = Some(folder);
        self
    }

    /// For reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Begins a change. Keep it short: no network, no rendering, no file work inside.
    pub async fn begin(&self) -> Stored<Tx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Stored<()> {
        self.read.ping().await?;
        Ok(())
    }
}

/// Commits `tx`. Dropping it instead undoes everything.
pub async fn commit(tx: Tx) -> Stored<()> {
    tx.commit().await?;
    Ok(())
}

/// Lets changes about the same thing take turns, until each ends: whoever is second sees what the first did. On SQLite all
/// changes take turns.
pub async fn take_turns(tx: &Tx, about: &str) -> Stored<()> {
    let hash = crate::domain::approval::sha256_hex(about.as_bytes());
    let key = i64::from_str_radix(&hash[..15], 16)
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    hold(tx, key).await
}

/// Waits in PostgreSQL until no other change holds this lock, and holds it until the change ends.
async fn hold(tx: &Tx, lock: i64) -> Stored<()> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        tx.execute_raw(Statement::from_string(
            DatabaseBackend::Postgres,
            format!("SELECT pg_advisory_xact_lock({lock})"),
        ))
        .await?;
    }
    Ok(())
}

/// How often a new file is asked for again while another program makes it, and how long between.
const TURNS: u32 = 100;
const BETWEEN_TURNS: Duration = Duration::from_millis(50);

/// The first connection to a file. While another program makes the file (sets its journal), SQLite refuses at once and
/// does not wait as it does later: <https://www.sqlite.org/wal.html>, "sometimes queries return SQLITE_BUSY in WAL mode".
async fn connect_in_turn(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut turn = 0;
    loop {
        match Database::connect(sqlite_options(url, 1)).await {
            Err(error) if turn < TURNS && is_locked(&error) => turn += 1,
            ended => return ended,
        }
        tokio::time::sleep(BETWEEN_TURNS).await;
    }
}

/// SQLite's code for "database is locked".
const LOCKED: u32 = 5;

/// Whether another process holds the file.
fn is_locked(error: &DbErr) -> bool {
    cause(error)
        .and_then(sqlx::Error::as_database_error)
        .and_then(|error| error.code())
        .and_then(|code| code.parse().ok())
        .is_some_and(|code: u32| code == LOCKED)
}

fn sqlite_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(20))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
        });
    options
}
