//! Campaigns and their people: starting one, inviting, joining, leaving; and what the administrator does not see.

use crate::both_databases;
use crate::support::app::{TestApp, Who, files_below};

const PARTICULARS: [(&str, &str); 10] = [
    ("name", "Cedar County detainers"),
    ("goal", "Find out what a hold costs the county."),
    ("ask", "A written policy."),
    ("addressed_to", "Cedar County Council"),
    ("jurisdictions", "WA"),
    ("time_zone", "America/Los_Angeles"),
    ("organisation", "Cedar Neighbors"),
    ("contact_name", "Rosa Quill"),
    ("postal_address", "2 Main Street\nCedar, WA 98001"),
    ("phone", "206-555-0101"),
];

/// The address of an invitation's page, as the inviter sees it this once.
fn link_on(words: &str) -> String {
    let (_, after) = words
        .split_once("/welcome/")
        .expect("the page shows the link");
    let token: String = after
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    format!("/welcome/{token}")
}

async fn invite(app: &TestApp, email: &str, role: &str) -> String {
    let rosa = app.as_who(Who::Researcher).await;
    let page = rosa
        .post(
            &app.path("people"),
            &app.path("people/invite"),
            &[("email", email), ("role", role)],
        )
        .await
        .is(200);
    link_on(&page.words())
}

both_databases!(a_campaign_is_started_and_changed_in_the_browser, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    rosa.post(
        "/campaigns/new",
        "/campaigns/new",
        &[("name", "Cedar"), ("goal", "Find <out>")],
    )
    .await
    .is(422)
    .says("Choose at least one.")
    .says("Find <out>");
    let home = rosa
        .post("/campaigns/new", "/campaigns/new", &PARTICULARS)
        .await
        .leads();
    assert_eq!(home, "/c/cedar-county-detainers");
    rosa.get("/campaigns")
        .await
        .is(200)
        .says("Cedar County detainers")
        .says("1 member ");
    let edit = format!("{home}/edit");
    let mut changed = PARTICULARS;
    changed[1] = ("goal", "Another goal.");
    let to = rosa.post(&edit, &edit, &changed).await.leads();
    rosa.get(&to)
        .await
        .is(200)
        .says("Another goal.")
        .says("Washington");
    app.as_who(Who::Elsewhere).await.get(&edit).await.is(404);
    app.as_who(Who::Team)
        .await
        .get(&app.path("edit"))
        .await
        .is(403);
});

both_databases!(somebody_is_invited_joins_and_is_taken_out_at_once, |app| {
    let link = invite(app, "Nia@coalition.example", "team").await;
    let mail = files_below(&app.app.config.data_dir)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "eml"))
        .count();
    assert_eq!(mail, 1, "the invitation is mailed too");
    let rosa = app.as_who(Who::Researcher).await;
    rosa.get(&app.path("people"))
        .await
        .is(200)
        .says("nia@coalition.example")
        .keeps_quiet_about("/welcome/");

    let nia = app.as_who(Who::Stranger).await;
    nia.get(&link).await.is(200).says("Alder County detainers");
    let made = [
        ("name", "Nia Fold"),
        ("email", "nia@coalition.example"),
        ("password", "four calm little words"),
        ("password_again", "four calm little words"),
    ];
    nia.post(&link, &link, &made).await.leads();
    nia.get(&app.path("people"))
        .await
        .is(200)
        .says("Nia Fold (you)")
        .keeps_quiet_about("Invite someone");
    app.as_who(Who::Stranger)
        .await
        .get(&link)
        .await
        .is(422)
        .says("This link has been used");

    let page = rosa.get(&app.path("people")).await.html();
    let nias = page
        .split("href=\"")
        .filter(|part| part.contains("/remove\">") && part.contains(" Nia Fold<"))
        .filter_map(|part| part.split('"').next())
        .next()
        .expect("each member can be taken out")
        .to_owned();
    rosa.get(&nias).await.is(200).says("Nia Fold");
    let to = rosa.post(&nias, &nias, &[]).await.leads();
    rosa.get(&to)
        .await
        .is(200)
        .says("Nia Fold is out of the campaign");
    nia.get(&app.path("people")).await.is(404);
    nia.get("/campaigns").await.is(200).says("No campaign yet");
});

both_databases!(an_invitation_is_one_and_can_be_withdrawn, |app| {
    let first = invite(app, "nia@coalition.example", "team").await;
    let second = invite(app, "nia@coalition.example", "researcher").await;
    let nia = app.as_who(Who::Stranger).await;
    nia.get(&first)
        .await
        .is(422)
        .says("This link has been used or has run out");
    nia.get(&second).await.is(200).says("Researcher");
    let rosa = app.as_who(Who::Researcher).await;
    let people = app.path("people");
    rosa.post(
        &people,
        &app.path("people/invite"),
        &[("email", "carmen@lawyers.example"), ("role", "team")],
    )
    .await
    .is(422)
    .says("belongs to this campaign already");
    rosa.post(
        &people,
        &app.path("people/invite"),
        &[("email", "nobody"), ("role", "team")],
    )
    .await
    .is(422)
    .says("This is not an e-mail address.");
    let page = rosa.get(&people).await.html();
    let withdraw = page
        .split("action=\"")
        .filter_map(|part| part.split('"').next())
        .find(|address| address.ends_with("/withdraw"))
        .expect("the open invitation can be withdrawn")
        .to_owned();
    rosa.post(&people, &withdraw, &[]).await.leads();
    nia.get(&second).await.is(422);
    let other = withdraw.replace("/c/alder/", "/c/birch/");
    let eli = app.as_who(Who::Elsewhere).await;
    eli.post("/c/birch/people", &other, &[]).await.is(404);
});

both_databases!(the_last_one_who_can_go_on_stays, |app| {
    let eli = app.as_who(Who::Elsewhere).await;
    let me = format!("/c/birch/people/{}/remove", app.id(Who::Elsewhere));
    eli.post(&me, &me, &[])
        .await
        .is(422)
        .says("Invite another one first");
    let theo = app.as_who(Who::Team).await;
    let rosas = app.path(&format!("people/{}/remove", app.id(Who::Researcher)));
    theo.post(&rosas, &rosas, &[]).await.is(403);
    let own = app.path(&format!("people/{}/remove", app.id(Who::Team)));
    let to = theo.post(&own, &own, &[]).await.leads();
    theo.get(&to).await.is(200).says("You have left");
    theo.get(&app.path("people")).await.is(404);
});

both_databases!(the_administrator_sees_names_and_numbers_only, |app| {
    let ada = app.as_who(Who::Admin).await;
    ada.get("/admin")
        .await
        .is(200)
        .says("Alder County detainers")
        .says("Rosa Quill")
        .keeps_quiet_about(&app.campaign.goal)
        .keeps_quiet_about(&app.campaign.ask);
    ada.get(&app.path("people")).await.is(404);
    app.as_who(Who::Researcher)
        .await
        .get("/admin")
        .await
        .is(404);
    let theo = app.as_who(Who::Team).await;
    theo.get(&app.path("people")).await.is(200);
    let end = format!("/admin/accounts/{}/end", app.id(Who::Team));
    let to = ada.post("/admin", &end, &[]).await.leads();
    ada.get(&to)
        .await
        .is(200)
        .says("The account of Theo Table is ended");
    theo.get(&app.path("people")).await.is(303);
    let own = format!("/admin/accounts/{}/end", app.id(Who::Admin));
    ada.post("/admin", &own, &[])
        .await
        .is(422)
        .says("your own account");
});
