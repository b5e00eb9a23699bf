//! Imports with their preview.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
