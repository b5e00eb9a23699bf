//! The law pages: the table of all, every law's sheet, and a date worked out with its explanation.

use sundial::actions::issue_link;

use crate::both_databases;
use crate::support::app::{Served, Who, empty};
use crate::support::browser::Browser;
use crate::support::database::Engine;

both_databases!(
    /// Every law can be read by a member in the campaign's frame, and by the administrator outside it.
    every_law_is_a_page, |app| {
        let member = app.as_who(Who::Team).await;
        let admin = app.as_who(Who::Admin).await;
        for j in app.app.law().all() {
            let page = member.get(&app.path(&format!("laws/{}", j.code))).await.is(200);
            page.says(&j.law.name).says("Closed in 2027").says("What the agency must do");
        }
        admin.get("/laws/wa").await.is(200).says("RCW 42.56.520(1)");
        admin.get("/laws/zz").await.is(404);
        admin.get("/laws/nonsense").await.is(404);
    }
);

both_databases!(the_table_sorts_and_downloads, |app| {
    let member = app.as_who(Who::Researcher).await;
    for sort in [
        "name",
        "limit",
        "silence",
        "appeal",
        "confidence",
        "nonsense",
    ] {
        let page = member
            .get(&app.path(&format!("laws?sort={sort}")))
            .await
            .is(200);
        let page = page.says("Washington").says("5 business days");
        page.says("None fixed: “promptly”");
    }
    let by_limit = member.get(&app.path("laws?sort=limit")).await.html();
    let at = |name: &str| by_limit.find(&format!(">{name}</a>")).expect("a row");
    assert!(at("Vermont") < at("Washington") && at("Washington") < at("California"));
    assert!(at("California") < at("Florida"), "none fixed stands last");
    let csv = member.get("/laws/table.csv").await.is(200);
    assert_eq!(csv.html().lines().count(), 53);
    let json: serde_json::Value =
        serde_json::from_slice(&member.get("/laws/table.json").await.is(200).bytes).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(52));
});

both_databases!(a_date_is_worked_out_and_explained, |app| {
    let member = app.as_who(Who::Researcher).await;
    member
        .get(&app.path("clock"))
        .await
        .is(200)
        .says("Work out a date");
    let page = member
        .get(&app.path("clock?code=WA&received=2026-01-16&as_of=2026-01-21"))
        .await
        .is(200)
        .says("must acknowledge the request by Monday 26 January 2026, in 3 business days.")
        .says("Martin Luther King Jr. Day")
        .says("January 2026");
    assert!(page.html().contains("id=\"why-acknowledge\""));
    member
        .get(&app.path("clock?code=FL&received=2026-01-16"))
        .await
        .is(200)
        .says("None fixed");
    member
            .get(&app.path("clock?code=MA&received=2026-01-16&holder=municipality&events=denied%3D2026-01-28&as_of=2026-02-02"))
            .await
            .is(200)
            .says("We must appeal by");
});

both_databases!(a_slip_is_answered_beside_its_field, |app| {
    let member = app.as_who(Who::Researcher).await;
    for (query, says) in [
        ("code=ZZ&received=2026-01-16", "There is no law for “ZZ”"),
        (
            "code=WA&received=",
            "Give the day on which the agency received the request.",
        ),
        ("code=WA&received=16.1.2026", "Write it as 2026-01-16."),
        ("code=WA&received=0026-01-16", "not between 1990 and 2100"),
        (
            "code=WA&received=%2B262142-12-31",
            "not between 1990 and 2100",
        ),
        (
            "code=WA&received=2026-01-16&holder=king",
            "not a kind of holder",
        ),
        (
            "code=WA&received=2026-01-16&events=nodded%3D2026-01-17",
            "nodded",
        ),
    ] {
        let page = member
            .get(&app.path(&format!("clock?{query}")))
            .await
            .is(200);
        page.says(says);
    }
});

/// The law pages in the real browser, at both widths, with the accessibility check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn laws_are_read_in_the_browser() {
    let (app, _folder) = empty(Engine::Sqlite, |_| {}).await;
    let site = Served::over(&app).await;
    let link = issue_link::setup_link(&app, app.clock.now())
        .await
        .expect("a link is made")
        .expect("nobody has an account");
    let path = link
        .strip_prefix(&app.config.site.url)
        .expect("a link of this site");
    let mut ada = Browser::open("laws", &site.url).await;
    ada.visit(path).await;
    ada.fill("Your name", "Ada Keys").await;
    ada.fill("E-mail address", "ada@host.example").await;
    ada.fill("Password", "three unrelated words").await;
    ada.fill("Password again", "three unrelated words").await;
    ada.press("Make the account").await;

    ada.visit("/laws").await;
    ada.look("all").await;
    ada.follow("First duty").await;
    assert_eq!(ada.path().await, "/laws?sort=limit");
    ada.follow("Washington").await;
    ada.sees("Within five business days").await;
    ada.look("washington").await;
    ada.visit("/laws/SC").await;
    ada.look("south-carolina").await;
    ada.follow("Work out a date").await;
    ada.look("slip").await;
    ada.visit("/clock").await;
    ada.look("question").await;
    ada.pick("Jurisdiction", "Washington").await;
    ada.fill_day("Received on", "2026-01-16").await;
    ada.press("Work it out").await;
    ada.sees("by Monday 26 January 2026").await;
    ada.sees("Martin Luther King Jr. Day").await;
    ada.look("answer").await;
    ada.close().await;
    site.stop().await;
}
