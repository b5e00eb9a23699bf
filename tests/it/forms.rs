//! Forms under bad weather: pressed twice, forged, sent from elsewhere, sent after the session ended, too large.
//!
//! Each gives a sentence that says what to do, loses nothing, and does nothing twice.

use chrono::Duration;
use sundial::actions::issue_link;
use sundial::store::accounts;

use crate::both_databases;
use crate::support::app::{Who, empty};
use crate::support::database::Engine;
use crate::support::visitor::{File, Visitor};

const PASSWORD: &str = "three unrelated words";

/// A visitor who made the first account of a fresh installation, by its link.
const FIRST: [(&str, &str); 4] = [
    ("name", "Ada Keys"),
    ("email", "ada@host.example"),
    ("password", PASSWORD),
    ("password_again", PASSWORD),
];

async fn first_account(engine: Engine) {
    let (app, _folder) = empty(engine, |_| {}).await;
    let link = issue_link::setup_link(&app, app.clock.now())
        .await
        .expect("a link is made")
        .expect("nobody has an account");
    let path = link
        .strip_prefix(&app.config.site.url)
        .expect("the link leads to the site")
        .to_owned();
    let ada = Visitor::at(&app, Who::Stranger, None).await;

    // Something is missing: the form comes back with what was typed, and the link still works.
    let again = ada
        .post(
            &path,
            &path,
            &[
                ("name", "Ada Keys"),
                ("email", "ada@host.example"),
                ("password", "short"),
            ],
        )
        .await
        .is(422)
        .says("12");
    assert!(
        again.html().contains("ada@host.example"),
        "what was typed stands there again"
    );
    assert!(
        !again.html().contains("short\""),
        "a password is never shown"
    );

    // Pressed twice: one account, and the second press leads where the first did.
    let token = ada.get(&path).await.is(200).token();
    let first = ada.send(&path, &token, &FIRST).await.leads();
    let visitor_again = Visitor::at(&app, Who::Stranger, None).await;
    let second = ada.send(&path, &token, &FIRST).await;
    assert_eq!(accounts::count(app.store.read()).await.expect("counted"), 1);
    assert!(
        second.status == 303 && second.location.as_deref() == Some(first.as_str())
            || matches!(second.status, 403 | 409),
        "a second press is neither an error of ours nor a second account: {} {}",
        second.status,
        second.words()
    );
    // The link is used up.
    let gone = visitor_again.get(&path).await;
    assert!(
        matches!(gone.status, 404 | 409 | 410 | 422),
        "{}: {}",
        gone.status,
        gone.words()
    );
    assert!(gone.words().contains("new one"), "{}", gone.words());

    // The account opens with its password alone.
    let sign_in = |password: &'static str| {
        let visitor = &visitor_again;
        async move {
            visitor
                .post(
                    "/sign-in",
                    "/sign-in",
                    &[("email", "ADA@host.example"), ("password", password)],
                )
                .await
        }
    };
    sign_in("three unrelated word")
        .await
        .is(422)
        .says("do not go together");
    assert_eq!(sign_in(PASSWORD).await.leads(), "/");
}

#[tokio::test]
async fn the_first_account_is_made_once_sqlite() {
    first_account(Engine::Sqlite).await;
}

#[tokio::test]
async fn the_first_account_is_made_once_postgres() {
    first_account(Engine::Postgres).await;
}

both_databases!(
    /// A form that no open page of ours sent does nothing, and says what to do.
    a_forged_form_is_refused, |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let token = rosa.get("/nowhere").await.token();
        rosa.send("/sign-out", "forged", &[]).await.is(403).says("Nothing was changed");
        rosa.send("/sign-out", "", &[]).await.is(403);
        // Somebody else's token is as good as none.
        let theo = app.as_who(Who::Team).await;
        theo.send("/sign-out", &token, &[]).await.is(403);
        // A page left open for too long.
        app.app.clock.set(app.app.clock.now() + Duration::days(15));
        let late = app.as_who(Who::Researcher).await;
        late.send("/sign-out", &token, &[]).await.is(403).says("two weeks");
    }
);

both_databases!(
    /// A form that another site sends with the person's own cookies is refused, whatever its token.
    a_form_from_another_site_is_refused, |app| {
        use rocket::http::{ContentType, Header};
        for (name, value) in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")] {
            let rosa = app.as_who(Who::Researcher).await;
            let token = rosa.get("/nowhere").await.token();
            let response = rosa
                .client
                .post("/sign-out")
                .cookie(rosa.session().expect("Rosa is signed in"))
                .header(ContentType::Form)
                .header(Header::new(name, value))
                .body(format!("token={token}"))
                .dispatch()
                .await;
            assert_eq!(response.status().code, 403, "{name}: {value}");
        }
    }
);

both_databases!(
    /// The session ends in the middle of a letter: the text is kept, and given back after the sign-in.
    a_letter_outlives_its_session, |app| {
        let now = app.app.clock.now();
        let hash = sundial::actions::sign_in::hash_password(PASSWORD.to_owned()).await.expect("hashed");
        let tx = app.app.store.begin().await.expect("a change");
        let id = accounts::add(&tx, "Lena Lettre", "lena@coalition.example", &hash, false, now).await.expect("added");
        sundial::store::campaigns::set_member(
            &tx, app.campaign.id, id, sundial::domain::person::Role::Researcher, None, now,
        ).await.expect("joins");
        sundial::store::commit(tx).await.expect("done");

        let lena = Visitor::at(&app.app, Who::Stranger, None).await;
        let credentials = [("email", "lena@coalition.example"), ("password", PASSWORD)];
        lena.post("/sign-in", "/sign-in", &credentials).await.leads();
        let token = lena.get("/nowhere").await.token();
        app.app.clock.set(now + Duration::hours(13));

        let letter = "Dear records officer,\n\nplease send “every” detainer policy & log <since 2024>.";
        let to = lena
            .send(&app.path("requests/new"), &token, &[("subject", "Detainers"), ("body", letter)])
            .await
            .leads();
        assert_eq!(to, "/sign-in");
        lena.get("/sign-in").await.is(200).says("What you typed is kept");
        assert_eq!(lena.post("/sign-in", "/sign-in", &credentials).await.leads(), "/parked");
        let kept = lena.get("/parked").await.is(200).says("every");
        assert!(kept.words().contains("detainer policy & log <since 2024>."), "{}", kept.words());

        // It is nobody else's.
        let rosa = app.as_who(Who::Researcher).await;
        assert_eq!(rosa.get("/parked").await.leads(), "/");
    }
);

both_databases!(
    /// A session ends by itself, by its absolute limit, and at once when the person signs out.
    a_session_ends, |app| {
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get("/campaigns").await.is(200);
        rosa.post("/campaigns", "/sign-out", &[]).await.leads();
        let to = rosa.get("/campaigns").await.leads();
        assert!(to.starts_with("/sign-in"), "{to}");

        // Used every hour, it still ends after its days.
        let carmen = app.as_who(Who::Counsel).await;
        let begun = app.app.clock.now();
        let days = app.app.config.sessions.absolute_days;
        let mut hours = 0;
        while hours < days * 24 {
            app.app.clock.set(begun + Duration::hours(hours));
            carmen.get("/campaigns").await.is(200);
            hours += 6;
        }
        app.app.clock.set(begun + Duration::days(days) + Duration::minutes(1));
        let to = carmen.get("/campaigns").await.leads();
        assert!(to.starts_with("/sign-in"), "{to}");
    }
);

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_in_a_sentence() {
    let app = crate::support::app::TestApp::with(Engine::Sqlite, |config| {
        config.limits.upload_bytes = 100_000;
    })
    .await;
    let visitor = app.as_who(Who::Stranger).await;
    let large = vec![b'x'; 6 * 1024 * 1024];
    let page = visitor
        .post_files(
            "/sign-in",
            "/sign-in",
            &[("email", "rosa@coalition.example"), ("password", "x")],
            &[File {
                field: "file",
                name: "scan.pdf",
                media_type: "application/pdf",
                bytes: &large,
            }],
        )
        .await;
    assert!(
        matches!(page.status, 413 | 422),
        "{}: {}",
        page.status,
        page.words()
    );
    let left = crate::support::app::files_below(&app.folder().join("data/incoming"));
    assert!(
        left.is_empty(),
        "what was not taken is not left lying about: {left:?}"
    );
}

#[tokio::test]
async fn many_wrong_passwords_are_slowed_down() {
    let app = crate::support::app::TestApp::on(Engine::Sqlite).await;
    let visitor = app.as_who(Who::Stranger).await;
    let wrong = [
        ("email", "rosa@coalition.example"),
        ("password", "not it at all"),
    ];
    let mut slowed = false;
    for _ in 0..12 {
        let page = visitor.post("/sign-in", "/sign-in", &wrong).await;
        assert!(matches!(page.status, 422 | 429), "{}", page.status);
        slowed |= page.words().contains("too many tries");
    }
    assert!(slowed, "twelve tries at one account pass unhindered");
}

#[tokio::test]
async fn a_damaged_form_is_refused_in_a_sentence() {
    let app = crate::support::app::TestApp::on(Engine::Sqlite).await;
    let rosa = app.as_who(Who::Researcher).await;
    for (media_type, body) in [
        (
            "application/x-www-form-urlencoded",
            &b"token=%zz%00&&&=&="[..],
        ),
        (
            "application/x-www-form-urlencoded",
            &[0xff, 0xfe, b'=', 0x00][..],
        ),
        (
            "multipart/form-data; boundary=sundial-test",
            b"--sundial-test\r\nContent-Disposition: form-data; name=\"tok",
        ),
        ("multipart/form-data", b"no boundary at all"),
        ("application/json", b"{\"token\":1}"),
        ("text/plain", b""),
    ] {
        let page = rosa.dispatch("/sign-out", media_type, body).await;
        assert!(
            (400..500).contains(&page.status),
            "{media_type}: {} {}",
            page.status,
            page.words()
        );
        assert!(
            page.words().contains("Nothing was changed") || page.words().contains("form"),
            "{}",
            page.words()
        );
    }
    rosa.get("/campaigns").await.is(200);
}
