//! Pages by noun. Each file exports `routes()`, named here once.

use rocket::Route;

pub mod admin;
pub mod agencies;
pub mod batches;
pub mod by_hand;
pub mod calendar;
pub mod campaigns;
pub mod clock;
pub mod closings;
pub mod documents;
pub mod dossiers;
pub mod facts;
pub mod fees;
pub mod health;
pub mod home;
pub mod imports;
pub mod laws;
pub mod letters;
pub mod messages;
pub mod papers;
pub mod parked;
pub mod people;
pub mod records;
pub mod refile;
pub mod reminders;
pub mod requests;
pub mod review;
pub mod search;
pub mod sending;
pub mod sign_in;
pub mod sorting;
pub mod today;
pub mod tray;
pub mod welcome;
pub mod wording;

/// The pages of campaigns, in the order of the work.
pub fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    all.extend(campaigns::routes());
    all.extend(people::routes());
    all.extend(admin::routes());
    all.extend(today::routes());
    all.extend(agencies::routes());
    all.extend(closings::routes());
    all.extend(imports::routes());
    all.extend(requests::routes());
    all.extend(reminders::routes());
    all.extend(calendar::routes());
    all.extend(records::routes());
    all.extend(papers::routes());
    all.extend(wording::routes());
    all.extend(batches::routes());
    all.extend(letters::routes());
    all.extend(sending::routes());
    all.extend(tray::routes());
    all.extend(messages::routes());
    all.extend(by_hand::routes());
    all.extend(refile::routes());
    all.extend(fees::routes());
    all.extend(documents::routes());
    all.extend(review::routes());
    all.extend(facts::routes());
    all.extend(search::routes());
    all.extend(dossiers::routes());
    all.extend(laws::routes());
    all.extend(clock::routes());
    all
}
