//! Figures and their second reading.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
