//! Search in the text of documents.

use rocket::Route;

pub fn routes() -> Vec<Route> {
    Vec::new()
}
