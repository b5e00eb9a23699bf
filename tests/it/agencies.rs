//! Agencies: those of the start, by hand, by list; and that another campaign's are not found.

use sundial::actions::create_campaign::{Particulars, create_campaign};
use sundial::domain::agency::AgencyKind;
use sundial::store::agencies::{self, Filter};
use sundial::store::{agreements, contacts};

use crate::both_databases;
use crate::support::app::{TestApp, Who};
use crate::support::papers;
use crate::support::visitor::File;

const HEAD: &[&str] = &[
    "STATE",
    "LAW ENFORCEMENT AGENCY",
    "TYPE",
    "COUNTY",
    "SUPPORT TYPE",
    "SIGNED",
    "MOA",
    "ADDENDUM",
];

async fn count(app: &TestApp, who: Who) -> u64 {
    agencies::count(app.app.store.read(), &app.scope(who))
        .await
        .expect("agencies are counted")
}

/// Sends a list and gives the address of its preview.
async fn upload(app: &TestApp, kind: &str, name: &str, bytes: &[u8]) -> String {
    let rosa = app.as_who(Who::Researcher).await;
    let at = app.path("imports");
    let file = File {
        field: "file",
        name,
        media_type: "application/octet-stream",
        bytes,
    };
    rosa.post_files(&at, &at, &[("list", kind)], &[file])
        .await
        .leads()
}

async fn confirm(app: &TestApp, preview: &str) -> String {
    let rosa = app.as_who(Who::Researcher).await;
    let to = rosa
        .post(preview, &format!("{preview}/confirm"), &[])
        .await
        .leads();
    rosa.get(&to).await.is(200).words()
}

both_databases!(a_campaign_starts_with_its_departments, |app| {
    let new = Particulars {
        name: "Alder County détainers".to_owned(),
        goal: "Find out.".to_owned(),
        ask: "Stop it.".to_owned(),
        addressed_to: String::new(),
        jurisdictions: vec!["WA".to_owned()],
        time_zone: chrono_tz::America::Los_Angeles,
        organisation: "Alder Coalition".to_owned(),
        contact_name: "Rosa Quill".to_owned(),
        postal_address: "1 Main Street, Alder".to_owned(),
        phone: String::new(),
    };
    let by = app.id(Who::Researcher);
    let made = create_campaign(&app.app, by, new.clone(), app.app.clock.now())
        .await
        .expect("it starts");
    assert_eq!(made.slug, "alder-county-detainers");
    let again = create_campaign(&app.app, by, new, app.app.clock.now())
        .await
        .expect("it starts too");
    assert_eq!(again.slug, "alder-county-detainers-2");
    let rosa = app.as_who(Who::Researcher).await;
    rosa.get("/c/alder-county-detainers/agencies")
        .await
        .is(200)
        .says("51 agencies")
        .says("Alabama Department of Corrections");
    rosa.get("/c/alder-county-detainers/agencies?q=CORRECTION%25")
        .await
        .is(200)
        .says("No agency fits");
    rosa.get("/c/alder-county-detainers/agencies?q=district&state=DC")
        .await
        .is(200)
        .says("1 agency")
        .says("District of Columbia Department of Corrections");
    app.as_who(Who::Elsewhere)
        .await
        .get("/c/alder-county-detainers/agencies")
        .await
        .is(404);
});

both_databases!(an_agency_and_its_contact_are_added_by_hand, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    let at = app.path("agencies/new");
    let fields = [
        ("name", "Alder County  Sheriff’s Office "),
        ("kind", "county"),
        ("jurisdiction", "WA"),
        ("county", "Alder County"),
        ("source", "the county's web site"),
        ("fiscal_year_start", "January 1"),
    ];
    let page = rosa.post(&at, &at, &fields).await.leads();
    rosa.get(&page)
        .await
        .is(200)
        .says("Alder County Sheriff's Office")
        .says("starts 01-01");
    rosa.post(&at, &at, &[("name", "x")])
        .await
        .is(422)
        .says("Choose what kind of body it is.");
    rosa.post(&at, &at, &fields)
        .await
        .is(422)
        .says("has “Alder County Sheriff's Office” in WA already");

    let contact = format!("{page}/contacts/new");
    let typed = |value: &'static str, checked_on: &'static str| {
        [
            ("purpose", "records"),
            ("channel", "email"),
            ("name", "Records Officer"),
            ("value", value),
            ("known_how", "its records page"),
            ("checked_on", checked_on),
        ]
    };
    rosa.post(&contact, &contact, &typed("records at alder", "2026-01-12"))
        .await
        .is(422)
        .says("This is not an e-mail address.");
    rosa.post(
        &contact,
        &contact,
        &typed("records@alder.example", "2026-01-13"),
    )
    .await
    .is(422)
    .says("This day has not come yet.");
    let to = rosa
        .post(
            &contact,
            &contact,
            &typed("records@ALDER.example", "2026-01-12"),
        )
        .await
        .leads();
    rosa.get(&to)
        .await
        .is(200)
        .says("records@alder.example")
        .says("its records page")
        .says("checked on Mon 12 Jan 2026")
        .says("added by Rosa Quill");

    app.as_who(Who::Team)
        .await
        .get(&page)
        .await
        .is(200)
        .keeps_quiet_about("Add a contact");
    app.as_who(Who::Team).await.get(&contact).await.is(403);
    for who in [Who::Elsewhere, Who::Admin] {
        app.as_who(who).await.get(&page).await.is(404);
    }
    // The same id asked under one's own campaign is no key to another's agency.
    let id = page.rsplit('/').next().expect("an id");
    app.as_who(Who::Elsewhere)
        .await
        .get(&format!("/c/birch/agencies/{id}"))
        .await
        .is(404);
});

both_databases!(
    ices_list_is_previewed_confirmed_and_a_second_time_changes_nothing,
    |app| {
        let list = papers::xlsx(&[
            HEAD,
            &[
                "WASHINGTON",
                "Alder County Sheriff's Office",
                "County",
                "Alder County ",
                "Task Force Model ",
                "7/2/2025",
                "link pending ",
                "",
            ],
            &[
                "WASHINGTON",
                "Alder County Sheriff’s Office ",
                "County",
                "Alder County",
                "Warrant Service Officer",
                "5/8/2025",
                "link",
                "link",
            ],
            &[
                "OREGON",
                "Birch Police Department",
                "Municipality",
                "#N/A",
                "Jail Enforcement Model",
                "5/82025",
                "link",
                "",
            ],
            &["", "", "", "", "", "", "", ""],
            &[
                "GUAM",
                "Cedar Police Department",
                "Municipality",
                "",
                "Task Force Model",
                "7/2/2025",
                "",
                "",
            ],
            &["", "", "", "", "", "", "", ""],
        ]);
        let preview = upload(app, "agreements", "participating.xlsx", &list).await;
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&preview)
            .await
            .is(200)
            .says("Nothing is written yet. Confirming adds 2 agencies, 3 agreements")
            .says("“5/82025” cannot be read")
            .says("“GUAM” is not a state or the District.")
            .says("the agency of line 2");
        assert_eq!(
            count(app, Who::Researcher).await,
            0,
            "nothing before it is confirmed"
        );
        app.as_who(Who::Elsewhere).await.get(&preview).await.is(404);
        app.as_who(Who::Team).await.get(&preview).await.is(403);

        let words = confirm(app, &preview).await;
        assert!(
            words.contains("Imported: 2 new agencies, 3 new agreements"),
            "{words}"
        );
        let scope = app.scope(Who::Researcher);
        let held = agreements::list(app.app.store.read(), &scope)
            .await
            .expect("agreements are listed");
        assert_eq!(held.len(), 3);
        let (found, _) = agencies::search(
            app.app.store.read(),
            &scope,
            &Filter {
                words: "alder sheriff's".to_owned(),
                ..Filter::default()
            },
            0,
            10,
        )
        .await
        .expect("a search");
        assert_eq!(found.len(), 1, "two spellings are one agency");
        assert_eq!(found[0].kind, AgencyKind::Sheriff);
        assert_eq!(found[0].time_zone, chrono_tz::America::Los_Angeles);
        assert_eq!(
            held.iter()
                .filter(|agreement| agreement.agency == found[0].id)
                .count(),
            2
        );
        let page = app.path(&format!("agencies/{}", found[0].id));
        rosa.get(&page)
            .await
            .is(200)
            .says("287(g): Task force model")
            .says("signed Wed 2 Jul 2025")
            .says("paper: link pending on ICE's list");

        let second = upload(app, "agreements", "participating.xlsx", &list).await;
        rosa.get(&second)
            .await
            .is(200)
            .says("Confirming changes nothing.");
        let words = confirm(app, &second).await;
        assert!(words.contains("nothing was changed"), "{words}");
        let after = agreements::list(app.app.store.read(), &scope)
            .await
            .expect("agreements are listed");
        assert_eq!(after, held);
        assert_eq!(count(app, Who::Researcher).await, 2);
        assert_eq!(count(app, Who::Elsewhere).await, 0);
        // Confirming twice writes once.
        let token = rosa.get(&app.path("imports")).await.token();
        let to = rosa
            .send(&format!("{preview}/confirm"), &token, &[])
            .await
            .leads();
        rosa.get(&to)
            .await
            .is(200)
            .says("was confirmed or thrown away before");
    }
);

both_databases!(
    an_import_that_would_do_another_thing_than_it_showed_is_shown_again,
    |app| {
        let list = papers::xlsx(&[
            HEAD,
            &[
                "WASHINGTON",
                "Alder County Jail",
                "County",
                "Alder County",
                "Task Force Model",
                "7/2/2025",
                "link",
                "",
            ],
        ]);
        let first = upload(app, "agreements", "one.xlsx", &list).await;
        let second = upload(app, "agreements", "two.xlsx", &list).await;
        confirm(app, &first).await;
        let words = confirm(app, &second).await;
        assert!(
            words.contains("changed after this preview was made"),
            "{words}"
        );
        assert!(words.contains("Confirming changes nothing."), "{words}");
        assert_eq!(count(app, Who::Researcher).await, 1);
        let rosa = app.as_who(Who::Researcher).await;
        let to = rosa
            .post(&second, &format!("{second}/discard"), &[])
            .await
            .leads();
        rosa.get(&to).await.is(200).says("Thrown away");
    }
);

both_databases!(a_list_in_latin_1_brings_agencies_and_contacts, |app| {
    let text = "name;state;county;records_email;known_how;checked_on\n\
                Doña Alder County Jail;Washington;Doña Alder;records@alder.example;its records page;2026-01-05\n\
                Birch County Jail;WA;Birch;records@birch.example;;\n";
    let preview = upload(
        app,
        "agencies",
        "agencies.csv",
        &papers::csv_in_latin_1(text),
    )
    .await;
    let words = confirm(app, &preview).await;
    assert!(words.contains("2 new agencies"), "{words}");
    assert!(words.contains("1 new contacts"), "{words}");
    let scope = app.scope(Who::Counsel);
    let all = agencies::list(app.app.store.read(), &scope)
        .await
        .expect("agencies are listed");
    assert!(
        all.iter()
            .any(|agency| agency.name == "Doña Alder County Jail"),
        "{all:?}"
    );
    let ways = contacts::list(app.app.store.read(), &scope)
        .await
        .expect("contacts are listed");
    assert_eq!(ways.len(), 1);
    assert_eq!(ways[0].value, "records@alder.example");
});

both_databases!(
    a_list_that_cannot_be_read_is_refused_with_a_sentence,
    |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let at = app.path("imports");
        let missing = papers::xlsx(&[
            &["STATE", "LAW ENFORCEMENT AGENCY", "TYPE"],
            &["TEXAS", "Alder Jail", "County"],
        ]);
        for (bytes, sentence) in [
            (
                missing.as_slice(),
                "The list has no column “SUPPORT TYPE”. Its columns are: STATE, LAW ENFORCEMENT AGENCY, TYPE.",
            ),
            (
                b"%PDF-1.4 not a table".as_slice(),
                "This is not a table but a PDF.",
            ),
            (&missing[..missing.len() / 2], "cannot be opened"),
        ] {
            let file = File {
                field: "file",
                name: "list.xlsx",
                media_type: "application/octet-stream",
                bytes,
            };
            rosa.post_files(&at, &at, &[("list", "agreements")], &[file])
                .await
                .is(422)
                .says(sentence);
        }
        rosa.post_files(&at, &at, &[("list", "agreements")], &[])
            .await
            .is(422)
            .says("Choose the file.");
        assert_eq!(count(app, Who::Researcher).await, 0);
    }
);
