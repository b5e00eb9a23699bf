//! One message that came in.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
