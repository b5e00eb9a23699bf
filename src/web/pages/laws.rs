//! The law of each jurisdiction.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
