//! Messages that no request claims.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
