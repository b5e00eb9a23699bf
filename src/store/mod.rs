//! WORKSHOP: the database. sea-orm lives only here.
//!
//! One file a noun. Finders of campaign content take the asking person's [`Scope`] and add
//! `campaign_id = scope.campaign` themselves, so that another campaign's row is simply not found.
//! Functions take `&impl ConnectionTrait`: pass `store.read()` for reading, or the [`Tx`] of a change.
//! May import `domain`, `law`, `calendar`. Writes nothing but rows: no files, no mail, no clock.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
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
                .connect_timeout(Duration::from_secs(8))
                .acquire_timeout(Duration::from_secs(20))
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
        if tx.get_database_backend() == DatabaseBackend::Postgres {
            tx.execute_raw(Statement::from_string(
                DatabaseBackend::Postgres,
                format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"),
            ))
            .await?;
        }
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

/// SQLite's code 5, "database is locked".
fn is_locked(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    error
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code == "5")
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
