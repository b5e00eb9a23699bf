//! Members of a campaign and invitations.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
