//! What the integration tests stand on: throw-away servers, a fresh database for each test, the real browser.
//!
//! The only place in the tests that may wait for something outside the process, always with a limit.

pub mod app;
pub mod browser;
pub mod database;
pub mod hostile;
pub mod papers;
pub mod program;
pub mod servers;
pub mod visitor;

/// Writes one test for both databases: `NAME::sqlite` and `NAME::postgres`, each in a fresh installation.
///
/// `both_databases!(a_letter_is_sent_once, |app| { … });` — the body is async and has `app`, a
/// [`TestApp`](app::TestApp) by reference. A job left over at its end fails the test.
#[macro_export]
macro_rules! both_databases {
    ($(#[$doc:meta])* $name:ident, |$app:ident| $body:block) => {
        $(#[$doc])*
        mod $name {
            use super::*;
            use $crate::support::database::Engine;

            async fn on(engine: Engine) {
                let app = $crate::support::app::TestApp::on(engine).await;
                story(&app).await;
                app.nothing_left_to_do().await;
            }

            async fn story($app: &$crate::support::app::TestApp) $body

            #[tokio::test]
            async fn sqlite() {
                on(Engine::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                on(Engine::Postgres).await;
            }
        }
    };
}
