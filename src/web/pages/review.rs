//! Counsel's review of a document.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
