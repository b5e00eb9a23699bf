//! Agencies and their contacts.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
