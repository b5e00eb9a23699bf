//! Pages by noun. Each file exports `routes()`, named here once.

use rocket::Route;

pub mod health;
pub mod home;
pub mod parked;
pub mod sign_in;
pub mod welcome;

/// The pages of campaigns, in the order of the work.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
