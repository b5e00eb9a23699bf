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
pub mod wire;

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

            #[test]
            fn sqlite() {
                $crate::support::with_room(|| on(Engine::Sqlite));
            }

            #[test]
            fn postgres() {
                $crate::support::with_room(|| on(Engine::Postgres));
            }
        }
    };
}

/// Runs a story on a thread with room for it: without optimisation a long story is one frame of a megabyte.
pub fn with_room<F: Future<Output = ()>>(story: impl FnOnce() -> F + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(16 << 20);
    let told = thread.spawn(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(story());
    });
    if let Err(panic) = told.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}
