//! The installation: accounts and health, no content.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
