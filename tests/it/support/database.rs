//! A fresh, migrated database for one test: a file for SQLite, a copy of a template for PostgreSQL.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use sundial_migrations::{Migrator, MigratorTrait};
use tokio::sync::OnceCell;

use super::servers;

/// The two databases that Sundial runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The URL of a fresh database. A SQLite file lies in `folder`; a PostgreSQL database goes with its server.
pub async fn fresh(engine: Engine, folder: &Path) -> String {
    match engine {
        Engine::Sqlite => format!(
            "sqlite://{}?mode=rwc",
            folder.join("sundial.sqlite").display()
        ),
        Engine::Postgres => copy_of_template().await,
    }
}

/// Names differ between test programs that share one server, and between the databases of one program.
fn name_of(what: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(
        "{what}_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options)
        .await
        .unwrap_or_else(|error| panic!("{url} does not answer: {error}"))
}

fn on_server(database: &str) -> String {
    let (server, _) = servers::postgres()
        .rsplit_once('/')
        .expect("the server's URL ends with a database");
    format!("{server}/{database}")
}

/// Migrating takes longer than copying, so it is done once. PostgreSQL copies only what nobody is connected to.
async fn copy_of_template() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let template = name_of("template");
            let server = connect(servers::postgres()).await;
            run(&server, &format!("CREATE DATABASE {template}")).await;
            let database = connect(&on_server(&template)).await;
            Migrator::up(&database, None)
                .await
                .expect("the template is migrated");
            database.close().await.expect("the template is left");
            server.close().await.expect("the server is left");
            template
        })
        .await;
    let name = name_of("test");
    let server = connect(servers::postgres()).await;
    run(
        &server,
        &format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await;
    server.close().await.expect("the server is left");
    on_server(&name)
}

async fn run(server: &DatabaseConnection, sql: &str) {
    server
        .execute_unprepared(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let url = fresh(engine, folder.path()).await;
        let database = connect(&url).await;
        Migrator::up(&database, None)
            .await
            .expect("it is migrated, or can be");
        let pending = Migrator::get_pending_migrations(&database)
            .await
            .expect("the migrations can be listed");
        assert!(pending.is_empty(), "{engine:?}");
        run(&database, "CREATE TABLE mine (id INTEGER)").await;
        database.close().await.expect("it is left");
    }
    let other = connect(&fresh(Engine::Postgres, folder.path()).await).await;
    run(&other, "CREATE TABLE mine (id INTEGER)").await;
}
