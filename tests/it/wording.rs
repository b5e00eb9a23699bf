//! A campaign's own words: tried in the browser, in no letter before counsel signs, in every letter after it; earlier
//! versions and letters stay; a change of the house's words beneath them is flagged.

use sundial::actions::draft_request::{Drafted, NewRequest, Reasons, draft_request};
use sundial::domain::ids::AgencyId;
use sundial::domain::request::Format;
use sundial::store::commit;
use sundial::store::letters::{self, Letter};
use sundial::store::wordings::{self, Wording};

use crate::both_databases;
use crate::support::app::{TestApp, Who};

async fn drafted(app: &TestApp, agency: AgencyId) -> Letter {
    let by = app.scope(Who::Researcher);
    let new = NewRequest {
        agency,
        records: vec!["detainer_summary".to_owned()],
        period: "2023-01-01..2025-12-31".parse().expect("a period"),
        format: Format::Native,
        fee_ceiling_cents: 5000,
        resident: None,
        title: String::new(),
    };
    let Drafted { letter, .. } = draft_request(&app.app, &by, new, app.app.clock.now())
        .await
        .expect("a request is begun");
    letters::find(app.app.store.read(), &by, letter)
        .await
        .expect("reads")
        .expect("is there")
}

const OWN: &str = "Our campaign thanks your staff for every hour they spend on {{ our_ref }}.";

both_databases!(own_words_stand_in_letters_once_counsel_signed_them, |app| {
    let alder = app.county("Alder County Sheriff's Office", "WA").await;
    let birch = app.county("Birch County Sheriff", "TX").await;
    let rosa = app.as_who(Who::Researcher).await;
    let carmen = app.as_who(Who::Counsel).await;
    rosa.get(&app.path("wording"))
        .await
        .is(200)
        .says("The house's words")
        .says("Every letter is put together");
    let page = app.path("wording/request/elsewhere");
    rosa.get(&page)
        .await
        .is(200)
        .says("Try them on three agencies")
        .says("our_ref , period");
    rosa.get(&app.path("wording/request/nothing")).await.is(404);
    app.as_who(Who::Team).await.get(&page).await.is(403);

    // Words that cannot be are answered beside the field, with what to do; nothing is kept.
    for (words, says) in [
        ("{{ our_reff }}", "no field “our_reff”"),
        (
            "{% include \"x\" %}",
            "“include” is not part of the language",
        ),
        ("", "no words"),
        ("{{ first.citation }}", "cannot be filled in"),
    ] {
        let said = rosa
            .post(&page, &page, &[("words", words), ("do", "save")])
            .await
            .is(422);
        if says != "cannot be filled in" || !said.words().contains("no field") {
            assert!(said.words().contains(says), "{words}: {}", said.words());
        }
    }
    let (one, two) = (alder.to_string(), birch.to_string());
    rosa.post(
        &page,
        &page,
        &[
            ("words", OWN),
            ("agency1", &one),
            ("agency2", &two),
            ("do", "try"),
        ],
    )
    .await
    .is(422)
    .says("thanks your staff for every hour they spend on S-0001.")
    .says("Birch County Sheriff, Texas");
    let by = app.scope(Who::Researcher);
    assert!(
        wordings::list(app.app.store.read(), &by)
            .await
            .expect("reads")
            .is_empty()
    );

    // Saved, they wait; a letter of today has the house's words.
    let to = rosa
        .post(&page, &page, &[("words", OWN), ("do", "save")])
        .await
        .leads();
    rosa.get(&to)
        .await
        .is(200)
        .says("Version 1 waits for counsel")
        .keeps_quiet_about("Sign version 1");
    let before = drafted(app, alder).await;
    assert!(
        !before.body.contains("thanks your staff"),
        "{}",
        before.body
    );
    let forbidden = rosa.get(&page).await.token();
    rosa.send(&format!("{page}/sign"), &forbidden, &[("version", "1")])
        .await
        .is(403);

    carmen
        .get(&app.path(""))
        .await
        .is(200)
        .says("Wording of letters: “request/elsewhere”, version 1");
    let to = carmen
        .post(&page, &format!("{page}/sign"), &[("version", "1")])
        .await
        .leads();
    carmen
        .get(&to)
        .await
        .is(200)
        .says("This campaign's words, version 1");
    let after = drafted(app, birch).await;
    let flat = after.body.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains(&format!("every hour they spend on {}", "S-0002")),
        "{flat}"
    );
    assert_eq!(
        Reasons::of(&after).adapted.get("request/elsewhere"),
        Some(&1)
    );
    assert_ne!(after.template_version, before.template_version);
    rosa.get(&app.path(&format!("letters/{}", after.id)))
        .await
        .is(200)
        .says("request/elsewhere , version 1");
    // The letter written before keeps its text; another campaign has the house's words.
    let again = letters::find(app.app.store.read(), &by, before.id)
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!(again.body, before.body);
    assert!(
        wordings::list(app.app.store.read(), &app.scope(Who::Elsewhere))
            .await
            .expect("reads")
            .is_empty()
    );

    // The house changes its own words beneath: flagged for whoever drafts, and in the list.
    let tx = app.app.store.begin().await.expect("a change");
    let beneath = Wording {
        campaign: app.campaign.id,
        clause: "request/elsewhere".to_owned(),
        version: 2,
        words: OWN.replace("hour", "minute"),
        house_sha256: "0".repeat(64),
        written_by: app.id(Who::Researcher),
        written_at: app.app.clock.now(),
        signed: Some((app.id(Who::Counsel), app.app.clock.now())),
    };
    wordings::add(&tx, &beneath).await.expect("kept");
    commit(tx).await.expect("done");
    rosa.get(&app.path("wording"))
        .await
        .is(200)
        .says("The house's words changed since");
    let cedar = app.county("Cedar County Sheriff", "CA").await;
    let flagged = drafted(app, cedar).await;
    assert!(
        Reasons::of(&flagged)
            .warnings
            .iter()
            .any(|warning| warning.message.contains("changed since this campaign")),
        "{:?}",
        Reasons::of(&flagged).warnings
    );

    // Back to the house: at once, and the versions stay to be read.
    let to = rosa
        .post(&page, &format!("{page}/house"), &[])
        .await
        .leads();
    rosa.get(&to)
        .await
        .is(200)
        .says("The house's words")
        .says("Version 2")
        .says("Back to the house's words");
    let dogwood = app.county("Dogwood County Sheriff", "CA").await;
    let last = drafted(app, dogwood).await;
    assert!(!last.body.contains("thanks your staff") && Reasons::of(&last).adapted.is_empty());
});
