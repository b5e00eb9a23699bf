//! `sundial serve`: the site and its scheduler, until it is told to stop.

use super::Ended;
use crate::actions::{App, issue_link};
use crate::jobs::Scheduler;

/// Opens the installation and serves it.
pub async fn run() -> Ended {
    let app = super::open().await?;
    serve(app).await
}

/// Serves an opened installation: prints where it is, and the set-up link while nobody has an account.
pub async fn serve(app: App) -> Ended {
    let setup = issue_link::setup_link(&app, app.clock.now())
        .await
        .map_err(|error| error.to_string())?;
    let url = app.config.site.url.clone();
    let scheduler = Scheduler::start(app.clone())
        .await
        .map_err(|error| format!("The scheduler could not start: {error}. Nothing was served."))?;
    let rocket = crate::web::rocket(app)
        .ignite()
        .await
        .map_err(|error| crate::web::launch_sentence(&error))?;
    let (address, port) = (rocket.config().address, rocket.config().port);
    println!("Sundial listens on http://{address}:{port}; people reach it at {url}");
    if let Some(link) = setup {
        println!(
            "Nobody has an account yet. Make the first one here (the link works once, for two days):\n  {link}"
        );
    }
    println!("Stop it with Ctrl-C.");
    let ended = rocket.launch().await;
    scheduler.stop().await;
    ended
        .map(|_| ())
        .map_err(|error| crate::web::launch_sentence(&error))
}
