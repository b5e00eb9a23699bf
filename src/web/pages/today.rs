//! What is due, what waits, what is new.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
