//! The guide to records in the browser: read by everybody of the campaign, in two languages, and the way from it into
//! a request.

use sundial::actions::issue_link;

use crate::both_databases;
use crate::support::app::{Served, Who, empty};
use crate::support::browser::Browser;
use crate::support::database::Engine;

both_databases!(
    /// A newcomer finds a record by a word or a question, reads how to ask for it, and asks.
    the_guide_to_records_leads_into_a_request, |app| {
        let sheriff = app.county("Alder County Sheriff's Office", "IL").await.to_string();
        let rosa = app.as_who(Who::Researcher).await;
        let all = rosa.get(&app.path("records")).await.is(200);
        let (first, later) = (all.words().find("Yearly detainer totals"), all.words().find("Letters with ICE"));
        assert!(first.is_some() && first < later, "most useful first: {}", all.words());
        for words in ["Detainer log", "A report is required already: California , Georgia , Illinois", "5 ILCS 805/25", "Ask for this"] {
            assert!(all.words().contains(&words.replace(" ,", ",")), "{words}: {}", all.words());
        }
        let found = rosa.get(&app.path("records?q=I-203&question=Q5_cost")).await.is(200);
        assert!(found.words().contains("Bills to ICE") && !found.words().contains("Detainer policy"), "{}", found.words());
        rosa.get(&app.path("records?q=parchment")).await.is(200).says("Nothing fits");

        rosa.get(&app.path("records/detainer_log"))
            .await
            .is(200)
            .says("warrant attached (none, I-200, I-205, a judge's)")
            .says("Ask first for the report that exists")
            .says("Signed by an officer, not by a judge.")
            .says("counting charges inflates");
        rosa.get(&app.path("records/detainer_log?lang=es"))
            .await
            .is(200)
            .says("Registro de detainers")
            .says("Pida primero el informe que ya existe")
            .says("La firma un agente, no un juez.");
        rosa.get(&app.path("records/detainees")).await.is(404);

        // What was picked in the guide is kept while the agency is chosen, and ticked in the form.
        rosa.get(&app.path("requests/new?records=agreement_usms,nonsense"))
            .await
            .is(200)
            .says("To ask for: U.S. Marshals agreement");
        let form = rosa
            .get(&app.path(&format!("requests/new?agency={sheriff}&records=agreement_usms")))
            .await
            .is(200)
            .says("Most useful first")
            .says("Yearly report under the Illinois TRUST Act");
        let html = form.html();
        let ticked: Vec<&str> = html
            .split("<input type=\"checkbox\"")
            .skip(1)
            .filter_map(|input| input.split_once('>').map(|(inside, _)| inside))
            .filter(|inside| inside.contains(" checked"))
            .collect();
        assert_eq!(ticked.len(), 1, "{ticked:?}");
        assert!(ticked[0].contains("agreement_usms"), "{ticked:?}");

        // The meeting team reads it too; it drafts nothing.
        let team = app.as_who(Who::Team).await;
        let page = team.get(&app.path("records")).await.is(200);
        assert!(!page.words().contains("Ask for this"));
    }
);

/// The guide, the letterhead and the wording of letters in the real browser, at both widths, with the accessibility
/// check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guide_and_wording_are_read_in_the_browser() {
    let (app, _folder) = empty(Engine::Sqlite, |_| {}).await;
    let site = Served::over(&app).await;
    let link = issue_link::setup_link(&app, app.clock.now())
        .await
        .expect("a link is made")
        .expect("nobody has an account");
    let path = link
        .strip_prefix(&app.config.site.url)
        .expect("a link of this site");
    let mut rosa = Browser::open("guide", &site.url).await;
    rosa.visit(path).await;
    rosa.fill("Your name", "Rosa Quill").await;
    rosa.fill("E-mail address", "rosa@host.example").await;
    rosa.fill("Password", "three unrelated words").await;
    rosa.fill("Password again", "three unrelated words").await;
    rosa.press("Make the account").await;
    rosa.visit("/campaigns/new").await;
    rosa.fill("Name", "Alder County detainers").await;
    rosa.fill("Goal, in one sentence", "Detainer numbers.")
        .await;
    rosa.fill("The ask", "A written policy.").await;
    rosa.tick("Washington").await;
    rosa.pick("Time zone", "Pacific").await;
    rosa.fill("Organisation", "Alder Coalition").await;
    rosa.fill("Name in the letters", "Rosa Quill").await;
    rosa.fill("Postal address", "1 Main Street\nAlder, WA 98000")
        .await;
    rosa.press("Start the campaign").await;
    let base = rosa.path().await;

    rosa.visit(&format!("{base}/records")).await;
    rosa.look("records").await;
    rosa.follow("Detainer log").await;
    rosa.look("detainer-log").await;
    rosa.visit(&format!("{base}/records?lang=es")).await;
    rosa.look("registros").await;
    rosa.visit(&format!("{base}/records/agreement_287g?lang=es"))
        .await;
    rosa.look("acuerdo").await;
    rosa.visit(&format!("{base}/letterhead")).await;
    rosa.look("letterhead").await;
    rosa.visit(&format!("{base}/wording")).await;
    rosa.look("wording").await;
    rosa.visit(&format!("{base}/wording/request/fees")).await;
    rosa.look("wording-fees").await;
    rosa.press("Try it").await;
    rosa.look("wording-tried").await;
    rosa.close().await;
    site.stop().await;
}
