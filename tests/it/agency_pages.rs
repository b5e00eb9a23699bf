//! An agency's page as people use it: contacts checked, corrected and retired, agreements and policies with their
//! source, what more is known, and duplicates merged with all that hangs on them.

use chrono::Duration;
use sundial::domain::agency::{AgencyKind, AgreementModel, AgreementStatus};
use sundial::domain::ids::AgencyId;
use sundial::store::{agencies, agreements, contacts, merging, policies, profiles};

use crate::agency_sets::{agency, agreement, today};
use crate::both_databases;
use crate::support::app::{TestApp, Who};
use crate::support::visitor::Visitor;

async fn add_contact(rosa: &Visitor, page: &str, value: &str, checked_on: &str) {
    let at = format!("{page}/contacts/new");
    let fields = [
        ("purpose", "records"),
        ("channel", "email"),
        ("name", "Records Officer"),
        ("value", value),
        ("known_how", "its records page"),
        ("checked_on", checked_on),
    ];
    rosa.post(&at, &at, &fields).await.leads();
}

pub fn path(app: &TestApp, id: AgencyId) -> String {
    app.path(&format!("agencies/{id}"))
}

both_databases!(a_contact_grows_stale_and_is_checked_again, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    let by = app.scope(Who::Researcher);
    let db = app.app.store.read();
    let id = agency(
        app,
        "Alder County Sheriff's Office",
        "WA",
        AgencyKind::Sheriff,
    )
    .await;
    let page = path(app, id);
    add_contact(&rosa, &page, "records@alder.example", "2025-06-01").await;
    rosa.get(&page)
        .await
        .is(200)
        .says("Re-check: over 6 months old");
    let recheck = app.path("agencies/recheck");
    rosa.get(&recheck)
        .await
        .is(200)
        .says("1 contact")
        .says("records@alder.example");
    rosa.get(&app.path("agencies?reach=stale"))
        .await
        .is(200)
        .says("1 agency");
    // The months are the campaign's to set.
    rosa.post(&recheck, &recheck, &[("months", "0")])
        .await
        .leads();
    rosa.post(&recheck, &recheck, &[("months", "12")])
        .await
        .leads();
    rosa.get(&recheck)
        .await
        .is(200)
        .says("Every contact was checked lately");
    rosa.post(&recheck, &recheck, &[("months", "6")])
        .await
        .leads();

    let contact = contacts::list_for_agency(db, &by, id).await.expect("ways")[0].clone();
    let checked = format!("{page}/contacts/{}/checked", contact.id);
    rosa.post(&page, &checked, &[]).await.leads();
    let after = contacts::find(db, &by, contact.id)
        .await
        .expect("a contact")
        .expect("it is there");
    assert_eq!(after.checked_on, today());
    let checks = contacts::list_checks(db, &by, contact.id)
        .await
        .expect("checks");
    assert_eq!(checks.len(), 1);
    rosa.get(&page)
        .await
        .is(200)
        .keeps_quiet_about("Re-check")
        .says("Contact checked on Mon 12 Jan 2026");

    // Returned mail marks it; a look at the page is then not enough, a word that mail arrives again is.
    let tx = app.app.store.begin().await.expect("a change");
    contacts::mark_bad(&tx, by.campaign, contact.id, app.app.clock.now())
        .await
        .expect("marked");
    sundial::store::commit(tx).await.expect("kept");
    rosa.get(&page)
        .await
        .is(200)
        .says("Mail came back on")
        .keeps_quiet_about("Checked again today");
    let to = rosa
        .send(&checked, &rosa.get(&page).await.token(), &[])
        .await
        .leads();
    rosa.get(&to)
        .await
        .is(200)
        .says("looking at the page again is not enough");
    let edit = format!("{page}/contacts/{}/edit", contact.id);
    let fields = |value: &'static str, again: bool| {
        let mut fields = vec![
            ("purpose", "records"),
            ("channel", "email"),
            ("name", "Records Officer"),
            ("value", value),
            ("known_how", "a call with the front desk"),
            ("checked_on", "2026-01-12"),
        ];
        if again {
            fields.push(("arrives_again", "on"));
        }
        fields
    };
    rosa.post(&edit, &edit, &fields("records@alder.example", false))
        .await
        .leads();
    rosa.get(&page).await.is(200).says("Mail came back on");
    rosa.post(&edit, &edit, &fields("records@alder.example", true))
        .await
        .leads();
    rosa.get(&page)
        .await
        .is(200)
        .keeps_quiet_about("Mail came back on");
    rosa.post(&edit, &edit, &fields("no address", false))
        .await
        .is(422)
        .says("This is not an e-mail address.");
    rosa.post(&edit, &edit, &fields("foia@alder.example", false))
        .await
        .leads();
    rosa.get(&page)
        .await
        .is(200)
        .says("foia@alder.example")
        .says("E-mail: records@alder.example (Records Officer) becomes");

    let retire = format!("{page}/contacts/{}/retire", contact.id);
    let to = rosa.post(&edit, &retire, &[("why", "")]).await.leads();
    rosa.get(&to)
        .await
        .is(200)
        .says("Say why it is no longer used");
    rosa.post(&edit, &retire, &[("why", "the page names a portal")])
        .await
        .leads();
    rosa.get(&page)
        .await
        .is(200)
        .says("Nobody has said how to reach it")
        .says("1 no longer used")
        .says("the page names a portal");
    assert!(contacts::list(db, &by).await.expect("in use").is_empty());
    rosa.get(&app.path("agencies?reach=unreachable"))
        .await
        .is(200)
        .says("1 agency");
    // Not of another agency, not of another campaign.
    let other = agency(app, "Birch County Jail", "WA", AgencyKind::CountyJail).await;
    let astray = format!("{}/contacts/{}/edit", path(app, other), contact.id);
    rosa.get(&astray).await.is(404);
    app.as_who(Who::Team).await.get(&recheck).await.is(403);
});

both_databases!(agreements_and_policies_stand_with_their_source, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    let by = app.scope(Who::Researcher);
    let db = app.app.store.read();
    let id = agency(app, "Alder County Jail", "VA", AgencyKind::CountyJail).await;
    let page = path(app, id);
    let new = format!("{page}/agreements/new");
    let typed = [
        ("model", "igsa"),
        ("title", "IGSA 70-CDCR-18"),
        ("status", "signed"),
        ("signed_on", "2019-03-01"),
        ("effective_on", ""),
        ("ended_on", ""),
        ("source", "County board minutes of 26 Feb 2019"),
        ("url", "https://alder.example/minutes.pdf"),
        ("read_on", "2026-01-12"),
        ("note", ""),
    ];
    let but = |changed: &[(&'static str, &'static str)]| {
        let mut fields = typed.to_vec();
        for (name, value) in changed {
            for field in fields.iter_mut().filter(|(known, _)| known == name) {
                field.1 = value;
            }
        }
        fields
    };
    for (changed, sentence) in [
        (("source", ""), "Say what was read"),
        (
            ("url", "javascript:alert(1)"),
            "Write the whole web address",
        ),
        (("read_on", "2026-02-01"), "This day has not come yet"),
        (("status", "ended"), "Give the day on which it ended"),
        (("ended_on", "2025-01-01"), "A day of its end is given"),
        (("model", ""), "Choose the kind of agreement"),
    ] {
        rosa.post(&new, &new, &but(&[changed]))
            .await
            .is(422)
            .says(sentence);
    }
    rosa.post(&new, &new, &typed).await.leads();
    rosa.get(&page)
        .await
        .is(200)
        .says("IGSA (detention contract with ICE): IGSA 70-CDCR-18")
        .says("County board minutes of 26 Feb 2019")
        .says("read on Mon 12 Jan 2026");
    rosa.get(&app.path("agencies?model=igsa"))
        .await
        .is(200)
        .says("1 agency");
    let held = agreements::list(db, &by).await.expect("agreements");
    let edit = format!("{page}/agreements/{}/edit", held[0].id);
    rosa.get(&edit).await.is(200);
    let ended = but(&[("status", "ended"), ("ended_on", "2025-06-30")]);
    rosa.post(&edit, &edit, &ended).await.leads();
    rosa.get(&page)
        .await
        .is(200)
        .says("Ended Mon 30 Jun 2025")
        .says("signed 1 Mar 2019 becomes ended 30 Jun 2025");
    rosa.get(&app.path("agencies?model=igsa"))
        .await
        .is(200)
        .says("No agency fits");

    let new = format!("{page}/policies/new");
    let policy = |quote: &'static str, ended_on: &'static str| {
        [
            ("title", "General Order 12"),
            ("number", "12.4"),
            ("stance", "notify_only"),
            ("quote", quote),
            ("effective_on", "2024-01-01"),
            ("ended_on", ended_on),
            ("source", "General Orders, page 14"),
            ("url", ""),
            ("read_on", "2026-01-12"),
        ]
    };
    rosa.post(&new, &new, &policy("", ""))
        .await
        .is(422)
        .says("A stance without them proves nothing.");
    rosa.post(&new, &new, &policy("shall not detain", ""))
        .await
        .leads();
    rosa.get(&page)
        .await
        .is(200)
        .says("Notifies ICE of releases, does not hold")
        .says("shall not detain");
    let kept = policies::list_for_agency(db, &by, id)
        .await
        .expect("policies");
    let edit = format!("{page}/policies/{}/edit", kept[0].id);
    rosa.post(&edit, &edit, &policy("shall not detain", "2025-12-31"))
        .await
        .leads();
    rosa.get(&page)
        .await
        .is(200)
        .says("Until Wed 31 Dec 2025")
        .says("General Order 12: ended");
    app.as_who(Who::Team)
        .await
        .get(&page)
        .await
        .is(200)
        .says("General Order 12")
        .keeps_quiet_about("Add a policy");
    app.as_who(Who::Team).await.get(&new).await.is(403);
});

both_databases!(what_more_is_known_is_kept_with_its_source, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    let id = agency(app, "Alder County Jail", "VA", AgencyKind::CountyJail).await;
    let sheriff = agency(
        app,
        "Alder County Sheriff's Office",
        "VA",
        AgencyKind::Sheriff,
    )
    .await;
    let page = path(app, id);
    let about = format!("{page}/about");
    let jail = sheriff.to_string();
    let mut fields = vec![
        ("parent", ""),
        ("jail_run_by", jail.as_str()),
        ("records_kept_by", ""),
        ("ice_signed_by", jail.as_str()),
        ("jail_system", "JailTrack 9"),
        (
            "other_names",
            "Alder Detention Center\nALDER COUNTY  JAIL\n",
        ),
        ("fiscal_start", "Oct 1"),
        ("fiscal_source", ""),
        ("fiscal_confidence", "two_sources"),
    ];
    rosa.get(&about).await.is(200);
    rosa.post(&about, &about, &fields)
        .await
        .is(422)
        .says("Say where it is known from");
    fields[7].1 = "Its budget book 2026, page 3";
    rosa.post(&about, &about, &fields).await.leads();
    rosa.get(&page)
        .await
        .is(200)
        .says("starts 1 October")
        .says("Its budget book 2026, page 3")
        .says("Jail run by Alder County Sheriff's Office")
        .says("Also called Alder Detention Center Known from")
        .says("JailTrack 9");
    // Found by its other name, and the same name typed anew is refused.
    rosa.get(&app.path("agencies?q=detention"))
        .await
        .is(200)
        .says("1 agency")
        .says("Alder County Jail");
    let new = app.path("agencies/new");
    let twin = [
        ("name", "Alder Detention Center"),
        ("kind", "county_jail"),
        ("jurisdiction", "VA"),
        ("source", "a list"),
    ];
    rosa.post(&new, &new, &twin)
        .await
        .is(422)
        .says("has “Alder County Jail” in VA already");
    let astray = agency(app, "Cedar Jail", "VA", AgencyKind::CountyJail).await;
    let outside = app.path(&format!("agencies/{astray}/about"));
    app.as_who(Who::Elsewhere).await.get(&outside).await.is(404);
});

both_databases!(
    duplicates_are_found_and_merged_with_all_that_hangs_on_them,
    |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let by = app.scope(Who::Researcher);
        let db = app.app.store.read();
        let now = app.app.clock.now();
        let kept = agency(
            app,
            "Washington County Sheriff's Office",
            "OR",
            AgencyKind::Sheriff,
        )
        .await;
        let twin = agency(
            app,
            "Washington County Sheriff Dept",
            "OR",
            AgencyKind::Sheriff,
        )
        .await;
        let far = agency(
            app,
            "Washington County Sheriff's Office",
            "VA",
            AgencyKind::Sheriff,
        )
        .await;
        let new = agreement(AgreementModel::Boa, AgreementStatus::Signed);
        sundial::actions::hold_agreement::add_agreement(&app.app, &by, twin, new, today(), now)
            .await
            .expect("an agreement");
        add_contact(
            &rosa,
            &path(app, twin),
            "records@washington.example",
            "2026-01-12",
        )
        .await;
        rosa.get(&app.path("agencies/duplicates"))
            .await
            .is(200)
            .says("1 group.")
            .says("Washington County Sheriff Dept")
            .keeps_quiet_about("Virginia");
        let merge = format!("{}/merge", path(app, twin));
        rosa.get(&merge).await.is(200);
        let far_id = far.to_string();
        rosa.post(&merge, &merge, &[("into", &far_id), ("why", "same name")])
            .await
            .is(422)
            .says("the same name in another state is another agency");
        let kept_id = kept.to_string();
        rosa.post(&merge, &merge, &[("into", &kept_id), ("why", "")])
            .await
            .is(422)
            .says("Say how it is known");
        app.app.clock.set(now + Duration::minutes(1));
        let to = rosa
            .post(
                &merge,
                &merge,
                &[("into", &kept_id), ("why", "the county says so")],
            )
            .await
            .leads();
        rosa.get(&to)
            .await
            .is(200)
            .says("Moved here: 0 requests, 1 contacts, 1 agreements")
            .says("records@washington.example")
            .says("BOA (basic ordering agreement)")
            .says("Also called Washington County Sheriff Dept")
            .says("was merged into this one")
            .says("Added as “Washington County Sheriff Dept”");
        // Nor is a request made out to the entry that went.
        let twin_id = twin.to_string();
        rosa.get(&app.path(&format!("requests/new?agency={twin_id}")))
            .await
            .is(200)
            .says("Washington County Sheriff's Office")
            .keeps_quiet_about("Sheriff Dept");
        // The old address leads on; the entry stands in no list.
        assert_eq!(rosa.get(&path(app, twin)).await.leads(), path(app, kept));
        rosa.get(&app.path("agencies?q=washington&state=OR"))
            .await
            .is(200)
            .says("1 agency");
        rosa.get(&app.path("agencies/duplicates"))
            .await
            .is(200)
            .says("No duplicates found");
        let tx = app.app.store.begin().await.expect("a change");
        assert_eq!(
            merging::merge(&tx, &by, twin, kept).await.expect("asked"),
            None,
            "a second time does nothing"
        );
        assert!(
            agencies::list(db, &by)
                .await
                .expect("agencies")
                .iter()
                .all(|agency| agency.id != twin)
        );
        assert_eq!(
            profiles::list_aliases_of(db, &by, kept)
                .await
                .expect("names"),
            ["Washington County Sheriff Dept"]
        );
    }
);
