//! Requests: list, new, one with its timeline and clocks.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
