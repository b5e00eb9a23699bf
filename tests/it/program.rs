//! The program as its operator meets it: it starts, answers, ends when told to, and names what is wrong with its settings.

use crate::support::program::{run, serve, text};

#[tokio::test]
async fn it_serves_says_how_to_begin_and_ends_gracefully() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = serve(folder.path(), &[]).await;
    assert!(
        site.said.contains("/welcome/"),
        "a fresh site prints its set-up link: {}",
        site.said
    );
    let (status, health) = site.get("/healthz").await;
    assert_eq!(status, 200, "{health}");
    assert!(health.contains("\"database\":\"ok\""), "{health}");
    let (status, page) = site.get("/sign-in").await;
    assert_eq!(status, 200, "{page}");
    for header in [
        "content-security-policy: default-src 'none'",
        "x-content-type-options: nosniff",
        "x-frame-options: DENY",
        "referrer-policy: same-origin",
    ] {
        assert!(
            page.to_lowercase().contains(&header.to_lowercase()),
            "{header} is missing: {page}"
        );
    }
    assert!(
        !page.to_lowercase().contains("\r\nserver:"),
        "the page says what serves it: {page}"
    );
    site.signal("TERM").await;
    let (code, log) = site.ended().await;
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}

#[tokio::test]
async fn a_second_start_finds_what_the_first_left() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let site = serve(folder.path(), &[]).await;
        assert_eq!(site.get("/healthz").await.0, 200);
        site.signal("INT").await;
        assert_eq!(site.ended().await.0, Some(0));
    }
    assert!(folder.path().join("data/sundial.sqlite").is_file());
}

#[tokio::test]
async fn a_wrong_setting_stops_the_launch_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, value, named) in [
        ("SUNDIAL_SMTP_PORT", "often", "smtp_port"),
        ("SUNDIAL_SMTP_HOTS", "mail.example.org", "smtp_hots"),
        ("SUNDIAL_SITE_URL", "sundial.example.org", "site_url"),
        ("SUNDIAL_REPLY_ADDRESS", "me@example.org", "reply_address"),
        (
            "SUNDIAL_DATABASE_URL",
            "mysql://localhost/x",
            "database_url",
        ),
        ("ROCKET_PORT", "eighty", "port"),
    ] {
        let ended = run(folder.path(), &[(name, value)], &["serve"], b"").await;
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{name}={value}: {said}");
        assert!(
            said.to_lowercase().contains(named),
            "{name}={value} is not called by its name: {said}"
        );
        assert!(!said.contains("panicked"), "{name}={value}: {said}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_in_a_sentence() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("its number").port().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let ended = run(folder.path(), &[("ROCKET_PORT", &port)], &["serve"], b"").await;
    assert_eq!(ended.status.code(), Some(1));
    let said = text(&ended.stderr);
    assert!(said.contains("ROCKET_PORT"), "{said}");
}

#[tokio::test]
async fn every_command_explains_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    for words in [
        &["--help"][..],
        &["serve", "--help"],
        &["demo", "--help"],
        &["clock", "--help"],
        &["law", "check", "--help"],
        &["law", "show", "--help"],
        &["import", "agencies", "--help"],
        &["import", "agreements", "--help"],
        &["mail", "receive", "--help"],
        &["documents", "text", "--help"],
        &["dossier", "build", "--help"],
        &["user", "add", "--help"],
    ] {
        let ended = run(folder.path(), &[], words, b"").await;
        let said = text(&ended.stdout);
        assert!(
            ended.status.success(),
            "sundial {words:?}: {}",
            text(&ended.stderr)
        );
        assert!(said.contains("Usage:"), "sundial {words:?}: {said}");
    }
    let ended = run(folder.path(), &[], &["sing"], b"").await;
    assert_eq!(
        ended.status.code(),
        Some(2),
        "an unknown command is refused"
    );
}

#[tokio::test]
async fn the_clock_keeps_its_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["clock", "WA", "--received", "2026-01-16", "--json"];
    let ended = run(folder.path(), &[], &words, b"").await;
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let said: serde_json::Value = serde_json::from_slice(&ended.stdout).expect("one JSON value");
    assert_eq!(said["jurisdiction"], "WA");
    assert_eq!(said["received_on"], "2026-01-16");
    let duties = said["duties"].as_array().expect("duties");
    let first = duties
        .iter()
        .find(|duty| duty["duty"] == "acknowledge")
        .expect("Washington must acknowledge");
    assert_eq!(first["kind"], "fixed");
    assert_eq!(first["days"], 5);
    assert_eq!(first["unit"], "business");
    assert_eq!(first["due_on"], "2026-01-26");
    assert_eq!(first["citation"], "RCW 42.56.520(1)");
    assert_eq!(first["confidence"], "two_sources");
    let trace = first["trace"]
        .as_array()
        .expect("each day skipped, with why");
    assert!(
        trace.iter().any(|day| day["day"] == "2026-01-19"
            && day["counted"] == false
            && day["why"] == "Martin Luther King Jr. Day"),
        "{trace:?}"
    );

    let nowhere = run(
        folder.path(),
        &[],
        &["clock", "ZZ", "--received", "2026-01-16"],
        b"",
    )
    .await;
    assert_eq!(nowhere.status.code(), Some(1), "{}", text(&nowhere.stdout));
    assert!(
        text(&nowhere.stderr).contains("ZZ"),
        "{}",
        text(&nowhere.stderr)
    );
}

#[tokio::test]
async fn the_law_is_checked_and_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let checked = run(folder.path(), &[], &["law", "check"], b"").await;
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    assert!(
        text(&checked.stdout).contains("52"),
        "{}",
        text(&checked.stdout)
    );
    let shown = run(folder.path(), &[], &["law", "show", "CA"], b"").await;
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    assert!(
        text(&shown.stdout).contains("7922.535"),
        "{}",
        text(&shown.stdout)
    );
}
