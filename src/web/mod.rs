//! DOOR: the site. Guards, forms, pages by noun, errors, headers.
//!
//! A handler has its permission in its arguments, parses, does one deed, and redirects (303) or shows a page; about
//! 25 lines at most. Pages live in `pages/<noun>.rs`, each exporting `routes()`; [`rocket`] mounts them all.
//! May import every floor below; nothing imports it but `main`, `cli` and the tests.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rocket::config::{Ident, LogLevel};
use rocket::data::{Limits, ToByteUnit};
use rocket::{Build, Rocket, Route};

pub mod assets;
pub mod clock_panel;
pub mod desk;
pub mod form;
pub mod guard;
pub mod headers;
pub mod pages;
pub mod timeline;
pub mod trouble;

use crate::actions::App;

/// The session's secret.
pub const SESSION_COOKIE: &str = "sundial_session";
/// Ties a form to a browser before anybody signed in.
pub const VISITOR_COOKIE: &str = "sundial_visitor";
/// One word shown above the next page.
pub const FLASH_COOKIE: &str = "sundial_flash";

/// The site over an opened installation, on the address and port of `Rocket.toml` or `ROCKET_*`.
pub fn rocket(app: App) -> Rocket<Build> {
    let uploads = app.config.limits.upload_bytes.bytes() + 4.mebibytes();
    let limits = Limits::default()
        .limit("form", 2.mebibytes())
        .limit("data-form", uploads)
        .limit("file", uploads)
        .limit("string", 2.mebibytes());
    let figment = rocket::Config::figment()
        .merge(("limits", limits))
        .merge(("ident", Ident::none()))
        .merge(("ip_header", false))
        .merge(("temp_dir", temporary_folder(&app)))
        .merge(("log_level", LogLevel::Off))
        .merge(("cli_colors", false));
    rocket::custom(figment)
        .attach(headers::Headers)
        .manage(pages::sign_in::Doorkeeper::new())
        .manage(pages::calendar::CalendarDoor::new())
        .manage(app)
        .mount("/", assets::routes())
        .mount("/", routes())
        .register("/", trouble::catchers())
}

/// Every page of the site.
pub fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    all.extend(pages::home::routes());
    all.extend(pages::health::routes());
    all.extend(pages::sign_in::routes());
    all.extend(pages::welcome::routes());
    all.extend(pages::parked::routes());
    all.extend(pages::routes());
    all
}

/// Why the site could not be served, in one sentence.
pub fn launch_sentence(error: &rocket::Error) -> String {
    use rocket::error::ErrorKind;
    match error.kind() {
        ErrorKind::Bind(cause) => format!(
            "The address is taken or not ours to use ({cause}). Stop what listens there, or choose another with ROCKET_PORT."
        ),
        ErrorKind::Config(cause) => format!("The settings of the web server are wrong: {cause}"),
        other => format!("The site could not start: {other}"),
    }
}

fn temporary_folder(app: &App) -> PathBuf {
    let folder = app.config.data_dir.join("incoming");
    if let Err(error) = std::fs::create_dir_all(&folder) {
        tracing::error!(%error, "the folder for uploads cannot be made");
    }
    folder
}

/// How many things wait for this member today: the number beside "Today", on every page of a campaign.
pub(crate) async fn today_count(app: &App, member: &guard::Member, now: DateTime<Utc>) -> usize {
    match pages::today::count(app, member, now).await {
        Ok(count) => count,
        Err(trouble::WebError(error)) => {
            tracing::error!(%error, "counting what waits today");
            0
        }
    }
}
