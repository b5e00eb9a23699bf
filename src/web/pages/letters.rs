//! A letter: read, edit, submit, approve, return, send.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
