//! The first address: leads people to where they belong.

use rocket::{Route, State, get, routes};

use crate::actions::App;
use crate::store::campaigns;
use crate::web::desk::{Answer, Reply};
use crate::web::guard::Person;

pub fn routes() -> Vec<Route> {
    routes![home]
}

/// One campaign: there. Several or none: the list.
#[get("/")]
async fn home(by: Person, app: &State<App>) -> Answer {
    let mine = campaigns::list_for_member(app.store.read(), by.account.id).await?;
    match mine.as_slice() {
        [only] => Ok(Reply::to(format!("/c/{}", only.slug))),
        _ => Ok(Reply::to("/campaigns")),
    }
}
