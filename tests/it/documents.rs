//! Documents, counsel's review, figures and search: who may do what, who sees what, and that nothing is lost.
//!
//! Longer than 500 lines: every story begins with the same report and the same people.

use chrono::NaiveDate;
use sundial::actions::ActionError;
use sundial::actions::add_agency::{AgencyParticulars, add_agency};
use sundial::actions::check_fact::check_fact;
use sundial::actions::clear_document::{Ruling, clear_document};
use sundial::actions::record_fact::{Recorded, record_fact};
use sundial::actions::take_document::{Taken, Upload, take_document, take_in};
use sundial::actions::withdraw_fact::withdraw_fact;
use sundial::domain::agency::AgencyKind;
use sundial::domain::document::TextMethod;
use sundial::domain::fact::{FactStatus, Flag, Typed, Verdict};
use sundial::domain::ids::{AgencyId, DocumentId, FactId};
use sundial::domain::review::{Decision, Handling, Sight, Standing};
use sundial::store::documents::{self, OnFile, Progress};
use sundial::store::{access, commit, facts, pages};

use crate::both_databases;
use crate::support::app::{TestApp, Who};
use crate::support::papers;
use crate::support::visitor::File;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

const FIRST_PAGE: &str = "Alder County Sheriff, annual report on detainers, fiscal year 2025.\nThe jail received 41 immigration detainers and declined 34 of them.";
const SECOND_PAGE: &str = "Subject A123456789, DOB: 01/02/1990, was kept for six more hours in March.\nThe officer on duty signed the log, as the policy of the jail requires of him.";

async fn agency(app: &TestApp) -> AgencyId {
    let new = AgencyParticulars {
        name: "Alder County Sheriff".to_owned(),
        kind: AgencyKind::County,
        jurisdiction: "WA".to_owned(),
        county: Some("Alder".to_owned()),
        time_zone: Some(chrono_tz::America::Los_Angeles),
        fiscal_year_start: None,
        source: "its letterhead".to_owned(),
    };
    add_agency(
        &app.app,
        &app.scope(Who::Researcher),
        new,
        app.app.clock.now(),
    )
    .await
    .expect("an agency is added")
}

async fn upload(
    app: &TestApp,
    who: Who,
    name: &str,
    bytes: Vec<u8>,
) -> Result<DocumentId, ActionError> {
    let agency =
        match sundial::store::agencies::list(app.app.store.read(), &app.scope(Who::Researcher))
            .await
            .expect("agencies can be listed")
            .first()
        {
            Some(known) => known.id,
            None => agency(app).await,
        };
    let stored = app
        .app
        .files
        .put_bytes(bytes)
        .await
        .expect("the file is kept");
    take_document(
        &app.app,
        &app.scope(who),
        Upload {
            stored,
            name: name.to_owned(),
            request: None,
            agency: Some(agency),
            received_on: day(2026, 1, 9),
        },
        day(2026, 1, 12),
        app.app.clock.now(),
    )
    .await
}

/// A report of two pages, put in by the researcher and looked into.
async fn report(app: &TestApp) -> DocumentId {
    let id = upload(
        app,
        Who::Researcher,
        "report.pdf",
        papers::pdf(&[FIRST_PAGE, SECOND_PAGE]),
    )
    .await
    .expect("the report is taken");
    app.settle().await;
    id
}

async fn on_file(app: &TestApp, id: DocumentId) -> OnFile {
    documents::find_for_work(app.app.store.read(), id)
        .await
        .expect("the row can be read")
        .expect("the document is there")
}

async fn rule(
    app: &TestApp,
    who: Who,
    id: DocumentId,
    decision: Decision,
    class: Handling,
) -> Result<(), ActionError> {
    let seen = on_file(app, id).await.document.sha256;
    // Decisions are told apart by their instant.
    let now = app.app.clock.now() + chrono::Duration::minutes(1);
    app.app.clock.set(now);
    let ruling = Ruling {
        decision,
        class,
        comment: "Looked at every page.".to_owned(),
        seen,
    };
    clear_document(&app.app, &app.scope(who), id, ruling, now).await
}

async fn cleared_report(app: &TestApp) -> DocumentId {
    let id = report(app).await;
    rule(app, Who::Counsel, id, Decision::Clear, Handling::P0)
        .await
        .expect("counsel clears it");
    id
}

fn typed() -> Typed {
    Typed {
        metric: "detainers_received".to_owned(),
        period_start: "2024-07-01".to_owned(),
        period_end: "2025-06-30".to_owned(),
        value: "41".to_owned(),
        count_basis: "forms".to_owned(),
        quote: "received 41 immigration detainers".to_owned(),
        page: "1".to_owned(),
        ..Typed::default()
    }
}

async fn figure(app: &TestApp, who: Who, id: DocumentId) -> FactId {
    match record_fact(
        &app.app,
        &app.scope(who),
        id,
        &typed(),
        &[],
        app.app.clock.now(),
    )
    .await
    .expect("the figure is taken")
    {
        Recorded::Written { fact, .. } => fact,
        Recorded::Wrong(problems) => panic!("{problems:?}"),
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, ActionError>) -> String {
    match answer {
        Err(ActionError::Refused(sentence)) => sentence,
        other => panic!("not refused: {other:?}"),
    }
}

#[track_caller]
fn forbidden<T: std::fmt::Debug>(answer: Result<T, ActionError>) {
    assert!(
        matches!(answer, Err(ActionError::Forbidden(_))),
        "{answer:?}"
    );
}

#[track_caller]
fn not_found<T: std::fmt::Debug>(answer: Result<T, ActionError>) {
    assert!(matches!(answer, Err(ActionError::NotFound)), "{answer:?}");
}

both_databases!(
    /// A file becomes a held document with its pages, their text, and suggestions that hold no words.
    a_file_becomes_a_held_document, |app| {
        let id = upload(app, Who::Researcher, "../report.pdf", papers::pdf(&[FIRST_PAGE, SECOND_PAGE]))
            .await
            .expect("taken");
        assert_eq!(on_file(app, id).await.progress, Progress::Waiting);
        app.settle().await;
        let read = on_file(app, id).await;
        assert_eq!(read.progress, Progress::Read);
        assert_eq!(read.document.name, "report.pdf");
        assert_eq!(read.document.pages, Some(2));
        assert_eq!(read.method, Some(TextMethod::Pdftotext));
        assert_eq!(read.standing, Standing::Held);
        let first = pages::find(app.app.store.read(), id, 1).await.expect("read").expect("page 1");
        assert!(first.readable && first.text.contains("41 immigration detainers"));
        assert_eq!(first.suggestions, serde_json::json!([]));
        let second = pages::find(app.app.store.read(), id, 2).await.expect("read").expect("page 2");
        let kept = second.suggestions.to_string();
        assert!(kept.contains("a_number") && kept.contains("birth_date"), "{kept}");
        assert!(!kept.contains("123456789") && !kept.contains("1990"), "{kept}");

        // The same file once more is refused and nothing is added.
        let again = upload(app, Who::Counsel, "copy.pdf", papers::pdf(&[FIRST_PAGE, SECOND_PAGE])).await;
        assert!(refused(again).contains("here already"));
        forbidden(upload(app, Who::Team, "mine.pdf", papers::pdf(&["x"])).await);
        assert!(refused(upload(app, Who::Researcher, "none.pdf", Vec::new()).await).contains("empty"));
    }
);

both_databases!(
    /// What cannot be read stays, held, with a sentence; it can be looked at again and not be cleared.
    a_file_that_cannot_be_read_is_never_lost, |app| {
        let bad = [
            ("locked.pdf", papers::encrypted_pdf(), "locked with a password"),
            ("short.pdf", b"%PDF-1.7\n%%EOF\n".to_vec(), "cannot be found"),
            ("list.xlsx", {
                let mut cut = papers::xlsx(&[&["a", "b"], &["c", "d"]]);
                // Cut in the middle, with the names by which it is known kept.
                cut.truncate(cut.len() / 2);
                cut.extend(b"xl/workbook.xml");
                cut
            }, "cannot be opened"),
        ];
        for (name, bytes, sentence) in bad {
            let id = upload(app, Who::Researcher, name, bytes.clone()).await.expect("taken");
            app.settle().await;
            let failed = on_file(app, id).await;
            assert_eq!(failed.progress, Progress::Failed, "{name}");
            let problem = failed.problem.expect("a sentence");
            assert!(problem.contains(sentence), "{name}: {problem}");
            let kept = app.app.files.read(&failed.document.sha256, 1 << 20).await.expect("kept");
            assert_eq!(kept, bytes);
            let clearing = rule(app, Who::Counsel, id, Decision::Clear, Handling::P0).await;
            assert!(refused(clearing).contains("could not be read"));

            let rosa = app.as_who(Who::Researcher).await;
            let at = app.path(&format!("documents/{id}"));
            rosa.get(&at).await.is(200).says("Try to read it again");
            rosa.post(&at, &format!("{at}/read"), &[]).await.leads();
            assert_eq!(on_file(app, id).await.progress, Progress::Failed);
        }
    }
);

both_databases!(
    /// Spreadsheets and text are read too; a picture is kept and says that it was not searched.
    other_kinds_of_files_are_kept, |app| {
        let list = upload(app, Who::Researcher, "log.csv", papers::csv_in_latin_1("agency,county\nCárcel de Peñasco,Cañón\n"))
            .await
            .expect("taken");
        let letter = upload(app, Who::Researcher, "letter.txt", b"Dear requester,\n\nwe have no records of that kind.\n".to_vec())
            .await
            .expect("taken");
        let picture = upload(app, Who::Researcher, "scan.jpg", b"\xff\xd8\xff\xe0 not much of a picture".to_vec())
            .await
            .expect("taken");
        app.settle().await;
        let page = pages::find(app.app.store.read(), list, 1).await.expect("read").expect("a part");
        assert!(page.text.contains("Cañón"), "{}", page.text);
        assert!(on_file(app, list).await.problem.expect("a note").contains("Latin-1"));
        let page = pages::find(app.app.store.read(), letter, 1).await.expect("read").expect("a part");
        assert!(page.text.contains("no records"));
        let note = on_file(app, picture).await.problem.expect("a note");
        assert!(note.contains("JPEG picture") && note.contains("personal data"), "{note}");
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&app.path(&format!("documents/{list}"))).await.is(200).says("Cañón");
    }
);

both_databases!(
    /// Held, cleared and sealed documents: each role sees its own part of them, on every page.
    each_role_sees_its_part, |app| {
        let id = report(app).await;
        let page = app.path(&format!("documents/{id}"));
        let parts = [page.clone(), format!("{page}/pages/1"), format!("{page}/original")];
        let list = app.path("documents");
        let search = app.path("search?q=immigration+detainers");
        let ask = async |who: Who, path: &str| app.as_who(who).await.get(path).await;

        // Held: counsel and the uploader see it; another researcher its title; the team nothing.
        for part in &parts {
            for (who, status) in [
                (Who::Counsel, 200),
                (Who::Researcher, 200),
                (Who::Team, 404),
                (Who::Elsewhere, 404),
                (Who::Admin, 404),
            ] {
                ask(who, part).await.is(status);
            }
        }
        ask(Who::SecondResearcher, &page).await.is(200).says("has not cleared").keeps_quiet_about("41 immigration");
        ask(Who::SecondResearcher, &parts[1]).await.is(404);
        ask(Who::SecondResearcher, &parts[2]).await.is(404);
        ask(Who::SecondResearcher, &list).await.is(200).says("report.pdf");
        ask(Who::Team, &list).await.is(200).keeps_quiet_about("report.pdf");
        ask(Who::SecondResearcher, &search).await.is(200).says("Nothing found");
        ask(Who::Counsel, &search).await.is(200).says("report.pdf, page 1");

        // Cleared: everybody of the campaign.
        rule(app, Who::Counsel, id, Decision::Clear, Handling::P0).await.expect("cleared");
        for part in &parts {
            for who in [Who::Counsel, Who::Researcher, Who::SecondResearcher, Who::Team] {
                ask(who, part).await.is(200);
            }
            ask(Who::Elsewhere, part).await.is(404);
        }
        ask(Who::Team, &search).await.is(200).says("report.pdf, page 1");
        // Suggestions are for counsel.
        let second = format!("{page}?page=2");
        ask(Who::Counsel, &second).await.is(200).says("perhaps: A-number");
        ask(Who::Team, &second).await.is(200).keeps_quiet_about("perhaps");

        // Sealed: counsel alone, not even the name for others, nor the uploader.
        rule(app, Who::Counsel, id, Decision::Seal, Handling::P3).await.expect("sealed");
        for part in &parts {
            ask(Who::Counsel, part).await.is(200);
            ask(Who::Team, part).await.is(404);
        }
        for who in [Who::Researcher, Who::SecondResearcher] {
            ask(who, &page).await.is(200).says("Sealed document").keeps_quiet_about("report.pdf");
            ask(who, &parts[1]).await.is(404);
            ask(who, &parts[2]).await.is(404);
            ask(who, &list).await.is(200).says("Sealed document").keeps_quiet_about("report.pdf");
            ask(who, &search).await.is(200).says("Nothing found");
        }
        ask(Who::Team, &list).await.is(200).keeps_quiet_about("Sealed document").keeps_quiet_about("report.pdf");
    }
);

both_databases!(
    /// The file is handed out as a download in a sandbox, and that it was is written down.
    downloads_are_sandboxed_and_logged, |app| {
        let id = report(app).await;
        let carmen = app.as_who(Who::Counsel).await;
        let response = carmen
            .client
            .get(app.path(&format!("documents/{id}/original")))
            .cookie(carmen.session().expect("signed in"))
            .dispatch()
            .await;
        let header = |name: &str| response.headers().get_one(name).unwrap_or_default().to_owned();
        assert!(header("Content-Disposition").starts_with("attachment; filename=\"report.pdf\""));
        assert_eq!(header("Content-Security-Policy"), "default-src 'none'; sandbox");
        assert_eq!(header("X-Content-Type-Options"), "nosniff");
        assert_eq!(header("Content-Type"), "application/pdf");
        let log = access::list_latest(app.app.store.read(), &app.scope(Who::Counsel), 10).await.expect("read");
        assert!(log.iter().any(|line| line.what == "document_downloaded"
            && line.subject == id.to_string()
            && line.by == app.id(Who::Counsel)));
    }
);

both_databases!(
    /// Counsel decides, by a form; nobody clears their own upload, personal data, or bytes they did not see.
    counsel_decides, |app| {
        let id = report(app).await;
        for who in [Who::Researcher, Who::Team] {
            forbidden(rule(app, who, id, Decision::Clear, Handling::P0).await);
        }
        not_found(rule(app, Who::Elsewhere, id, Decision::Clear, Handling::P0).await);
        for class in [Handling::P2, Handling::P3] {
            let answer = rule(app, Who::Counsel, id, Decision::Clear, class).await;
            assert!(refused(answer).contains("personal data"));
        }
        let ruling = Ruling {
            decision: Decision::Clear,
            class: Handling::P0,
            comment: String::new(),
            seen: sundial::domain::document::Sha256::of(b"something else"),
        };
        let answer = clear_document(&app.app, &app.scope(Who::Counsel), id, ruling, app.app.clock.now()).await;
        assert!(refused(answer).contains("not the one"));
        assert_eq!(on_file(app, id).await.standing, Standing::Held);

        let own = upload(app, Who::Counsel, "own.pdf", papers::pdf(&[FIRST_PAGE])).await.expect("taken");
        app.settle().await;
        let answer = rule(app, Who::Counsel, own, Decision::Clear, Handling::P0).await;
        assert!(refused(answer).contains("put a document in"));

        let carmen = app.as_who(Who::Counsel).await;
        let at = app.path(&format!("documents/{id}/review"));
        carmen.get(&at).await.is(200).says("Clear all 2 pages for use").says("A-number");
        let seen = on_file(app, id).await.document.sha256.to_string();
        // Without a class: asked again, and the comment is still there.
        carmen
            .post(&at, &at, &[("decision", "clear"), ("seen", &seen), ("comment", "Totals only.")])
            .await
            .is(422)
            .says("Say what is in the document")
            .says("Totals only.");
        let to = carmen
            .post(&at, &at, &[("decision", "clear"), ("seen", &seen), ("class", "P1"), ("comment", "Totals only.")])
            .await
            .leads();
        assert_eq!(to, app.path("documents"));
        assert_eq!(on_file(app, id).await.standing, Standing::Cleared);
        app.as_who(Who::Researcher).await.get(&at).await.is(403);
        let kept = documents::list_cleared(app.app.store.read(), &app.scope(Who::Counsel)).await.expect("read");
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].cleared_by(), app.id(Who::Counsel));
        // Back behind counsel's door.
        rule(app, Who::Counsel, id, Decision::Hold, Handling::P2).await.expect("held again");
        assert!(documents::list_cleared(app.app.store.read(), &app.scope(Who::Counsel)).await.expect("read").is_empty());
    }
);

both_databases!(
    /// A figure comes from a cleared page, is checked by somebody else, disputed with a reason, or withdrawn and kept.
    a_figure_is_recorded_and_checked, |app| {
        let id = report(app).await;
        let rosa = app.scope(Who::Researcher);
        let now = app.app.clock.now();
        let held = record_fact(&app.app, &rosa, id, &typed(), &[], now).await;
        assert!(refused(held).contains("has not cleared"));
        rule(app, Who::Counsel, id, Decision::Clear, Handling::P0).await.expect("cleared");
        forbidden(record_fact(&app.app, &app.scope(Who::Team), id, &typed(), &[], now).await);
        not_found(record_fact(&app.app, &app.scope(Who::Elsewhere), id, &typed(), &[], now).await);

        let wrong = Typed { value: "forty".to_owned(), page: "3".to_owned(), quote: String::new(), ..typed() };
        match record_fact(&app.app, &rosa, id, &wrong, &[], now).await.expect("an answer") {
            Recorded::Wrong(problems) => {
                let fields: Vec<&str> = problems.iter().map(|problem| problem.field).collect();
                assert_eq!(fields, ["value", "quote", "page"]);
            }
            other => panic!("{other:?}"),
        }
        let elsewhere = Typed { quote: "received 42 detainers".to_owned(), ..typed() };
        let answer = record_fact(&app.app, &rosa, id, &elsewhere, &[], now).await.expect("taken");
        let Recorded::Written { fact: unquoted, quote_found: false } = answer else {
            panic!("{answer:?}");
        };
        let fact = figure(app, Who::Researcher, id).await;
        let db = app.app.store.read();
        let (record, source) = facts::find(db, &rosa, fact).await.expect("read").expect("there");
        assert!(record.fact.quote_found);
        assert_eq!(record.fact.flags, [Flag::DefinitionMissing]);
        assert_eq!(record.fact.agency, source.document.agency.expect("an agency"));
        assert_eq!(record.fact.reading.value.to_string(), "41");

        let check = async |who: Who, fact: FactId, verdict: Verdict, comment: &str| {
            let now = app.app.clock.now() + chrono::Duration::minutes(1);
            app.app.clock.set(now);
            check_fact(&app.app, &app.scope(who), fact, verdict, comment, now).await
        };
        let same = check(Who::Researcher, fact, Verdict::Agrees, "").await;
        assert!(refused(same).contains("cannot check it"));
        forbidden(check(Who::Team, fact, Verdict::Agrees, "").await);
        not_found(check(Who::Elsewhere, fact, Verdict::Agrees, "").await);
        let mute = check(Who::SecondResearcher, fact, Verdict::Disputes, " ").await;
        assert!(refused(mute).contains("what the page says"));

        let cleared = documents::list_cleared(db, &rosa).await.expect("read").remove(0);
        let on_record = async || facts::find(db, &rosa, fact).await.expect("read").expect("there").0;
        assert!(on_record().await.confirm(&cleared).is_err(), "unchecked");
        check(Who::SecondResearcher, fact, Verdict::Agrees, "").await.expect("checked");
        assert!(on_record().await.confirm(&cleared).is_ok());
        check(Who::Counsel, fact, Verdict::Disputes, "The page says 41 for another year.").await.expect("disputed");
        assert_eq!(on_record().await.status(), FactStatus::Disputed);
        assert!(on_record().await.confirm(&cleared).is_err(), "disputed");

        let withdraw = async |who: Who, fact: FactId, why: &str| {
            withdraw_fact(&app.app, &app.scope(who), fact, why, app.app.clock.now()).await
        };
        forbidden(withdraw(Who::SecondResearcher, unquoted, "wrong").await);
        assert!(refused(withdraw(Who::Researcher, unquoted, "").await).contains("why"));
        withdraw(Who::Researcher, unquoted, "Read from another report.").await.expect("withdrawn");
        assert!(refused(withdraw(Who::Counsel, unquoted, "again").await).contains("already"));
        let (all, hidden) = facts::list(db, &rosa).await.expect("read");
        assert_eq!((all.len(), hidden), (2, 0), "withdrawn figures stay");
        let gone = check(Who::Counsel, unquoted, Verdict::Agrees, "").await;
        assert!(refused(gone).contains("withdrawn"));

        // Held again: the figures are hidden from those who may not see their page, and say so.
        rule(app, Who::Counsel, id, Decision::Hold, Handling::P2).await.expect("held");
        let team = app.as_who(Who::Team).await;
        team.get(&app.path("facts")).await.is(200).says("2 figures are not shown").keeps_quiet_about("Detainers received");
        team.get(&app.path(&format!("facts/{fact}"))).await.is(404);
    }
);

both_databases!(
    /// The forms of a figure: what was typed is kept beside its sentence; the table leads to the page.
    figures_in_the_browser, |app| {
        let id = cleared_report(app).await;
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&app.path("facts/new")).await.leads();
        let at = app.path(&format!("facts/new?document={id}&page=1"));
        rosa.get(&at).await.is(200).says("41 immigration detainers").says("First day covered");
        let fields = [
            ("metric", "detainers_received"),
            ("period_start", "2024-07-01"),
            ("period_end", "2024-06-30"),
            ("value", "41"),
            ("count_basis", "forms"),
            ("quote", "received 41 immigration\ndetainers"),
            ("page", "1"),
            ("method", "quoted"),
            ("flags", "handcount"),
        ];
        let again = rosa.post(&at, &at, &fields).await.is(422).says("ends before it starts");
        assert!(again.html().contains("value=\"41\""), "what was typed is kept");
        let mut fields = fields;
        fields[2] = ("period_end", "2025-06-30");
        let to = rosa.post(&at, &at, &fields).await.leads();
        rosa.get(&to).await.is(200).says("counted by hand").says("You entered this figure");
        let sam = app.as_who(Who::SecondResearcher).await;
        let check = format!("{to}/check");
        sam.post(&to, &check, &[("verdict", "disputes"), ("comment", "")]).await.is(422).says("what the page says");
        sam.post(&to, &check, &[("verdict", "agrees"), ("comment", "")]).await.leads();
        let team = app.as_who(Who::Team).await;
        let table = team.get(&app.path("facts")).await.is(200).says("Checked by a second person");
        assert!(table.addresses().contains(&(false, app.path(&format!("documents/{id}?page=1")))));
        team.get(&at).await.is(403);

        // A second source says something else: both stand in a band above the table.
        fields[3] = ("value", "42");
        let to = rosa.post(&at, &at, &fields).await.leads();
        rosa.get(&app.path("facts")).await.is(200).says("the sources differ");
        rosa.post(&to, &format!("{to}/withdraw"), &[("why", "A slip.")]).await.leads();
        rosa.get(&app.path("facts")).await.is(200).keeps_quiet_about("the sources differ").says("Withdrawn");
    }
);

both_databases!(
    /// The upload form: a file comes in, is looked into at once, and can be opened; a form that does not fit says why.
    a_document_is_added_by_hand, |app| {
        let agency = agency(app).await.to_string();
        let rosa = app.as_who(Who::Researcher).await;
        let at = app.path("documents/new");
        let bytes = papers::pdf(&[FIRST_PAGE]);
        let file = File { field: "file", name: "report <b>.pdf", media_type: "application/pdf", bytes: &bytes };
        rosa.post_files(&at, &at, &[("received_on", "2026-01-09"), ("request", ""), ("agency", "")], &[])
            .await
            .is(422)
            .says("Choose the file.")
            .says("Choose the request");
        let fields = [("received_on", "2026-01-09"), ("request", ""), ("agency", agency.as_str())];
        let to = rosa.post_files(&at, &at, &fields, &[file]).await.leads();
        let page = rosa.get(&to).await.is(200).says("41 immigration detainers").says("report _b_.pdf");
        assert!(!page.html().contains("<b>"));
        app.as_who(Who::Team).await.get(&at).await.is(403);
        let bytes = papers::pdf(&[FIRST_PAGE]);
        let file = File { field: "file", name: "twin.pdf", media_type: "application/pdf", bytes: &bytes };
        rosa.post_files(&at, &at, &fields, &[file]).await.is(422).says("here already");
    }
);

both_databases!(
    /// Search folds case, accents and line breaks, and takes nothing typed for a wildcard or for HTML.
    search_finds_words_as_they_stand, |app| {
        let id = upload(
            app,
            Who::Counsel,
            "policy.pdf",
            papers::pdf(&["The jail honors 100% of judicial warrants and\nno <script>alert(1)</script> other paper_work of any kind."]),
        )
        .await
        .expect("taken");
        app.settle().await;
        let carmen = app.as_who(Who::Counsel).await;
        let ask = async |words: &str| {
            carmen.get(&app.path(&format!("search?q={}", crate::support::visitor::encoded(words)))).await.is(200)
        };
        for words in ["JUDICIAL WARRANTS", "warrants and no", "100% of", "paper_work", "jüdicial"] {
            let page = ask(words).await.says("policy.pdf, page 1");
            assert!(page.addresses().contains(&(false, app.path(&format!("documents/{id}?page=1")))));
        }
        for words in ["100%warrants", "paper%work", "paperXwork", "%", "_____", "\\"] {
            let page = ask(words).await;
            let found = page.words().contains("policy.pdf, page 1");
            // A lone per cent sign stands on the page; nothing else here does.
            assert_eq!(found, words == "%", "{words}");
        }
        let page = ask("<script>alert").await.says("policy.pdf");
        assert!(!page.html().contains("<script>alert"), "{}", page.html());
        ask("").await.says("Search the documents");
    }
);

both_databases!(
    /// An attachment is taken once however often its mail comes in.
    an_attachment_is_taken_once, |app| {
        let stored = app.app.files.put_bytes(papers::pdf(&[FIRST_PAGE])).await.expect("kept");
        let taken = Taken {
            stored,
            name: "log.pdf".to_owned(),
            request: None,
            agency: None,
            message: None,
            uploaded_by: None,
            received_on: day(2026, 1, 12),
        };
        let now = app.app.clock.now();
        let tx = app.app.store.begin().await.expect("a change");
        let id = take_in(&tx, app.campaign.id, taken, now).await.expect("taken");
        commit(tx).await.expect("done");
        app.settle().await;
        let read = on_file(app, id).await;
        assert_eq!(read.progress, Progress::Read);
        assert_eq!(read.document.uploaded_by, None);
        assert_eq!(read.sight(&app.scope(Who::Researcher)), Sight::Title);
        // Without an agency no figure can be drawn from it.
        rule(app, Who::Counsel, id, Decision::Clear, Handling::P0).await.expect("cleared");
        let answer = record_fact(&app.app, &app.scope(Who::Researcher), id, &typed(), &[], now).await;
        assert!(refused(answer).contains("no agency"));
    }
);
