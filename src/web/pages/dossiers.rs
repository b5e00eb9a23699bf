//! Dossiers: build, list, download.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
