//! Documents and their pages.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
