//! Campaigns: list, new, edit.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
