//! What nobody should send and everybody does: empty, cut off, closed and mislabelled files, through the site's own pages.
//!
//! Each is answered by a sentence that says what to do, nothing that arrived is lost, and never a fault of ours.

use crate::both_databases;
use crate::support::app::{TestApp, Who};
use crate::support::papers;
use crate::support::visitor::{File, Page, Visitor};

/// Adds an agency by its page, and gives its id.
async fn agency(app: &TestApp, rosa: &Visitor) -> String {
    let at = app.path("agencies/new");
    let fields = [
        ("name", "Alder County Sheriff's Office"),
        ("kind", "county"),
        ("jurisdiction", "WA"),
        ("county", "Alder"),
        ("source", "The county's web site"),
    ];
    let to = rosa.post(&at, &at, &fields).await.leads();
    to.rsplit('/').next().expect("an id").to_owned()
}

/// No fault of ours, and words that a person can act on.
#[track_caller]
fn answered(page: &Page, what: &str) {
    assert!(
        page.status < 500,
        "{what}: {} {}",
        page.status,
        page.words()
    );
    assert!(
        !page.words().contains("Something went wrong on our side"),
        "{what}: {}",
        page.words()
    );
}

both_databases!(
    /// A document that nobody can open is kept as it came, and the page says what to do about it.
    unreadable_documents_are_kept_and_explained, |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let carmen = app.as_who(Who::Counsel).await;
        let agency = agency(app, &rosa).await;
        let at = app.path("documents/new");
        let whole = papers::pdf(&["A policy."]);
        let mut pictures_only = whole.clone();
        pictures_only.extend_from_slice(&[0; 4096]);
        let cases: [(&str, Vec<u8>); 6] = [
            ("cut.pdf", papers::truncated_pdf()),
            ("closed.pdf", papers::encrypted_pdf()),
            ("no.pdf", b"this is no PDF at all".to_vec()),
            ("head-only.pdf", b"%PDF-1.7\n".to_vec()),
            ("trailing.pdf", pictures_only),
            ("no.xlsx", b"PK\x03\x04 and then nothing".to_vec()),
        ];
        for (name, bytes) in &cases {
            let file = File { field: "file", name, media_type: "application/octet-stream", bytes };
            let fields = [("agency", agency.as_str()), ("received_on", "2026-01-12")];
            let page = rosa.post_files(&at, &at, &fields, &[file]).await;
            answered(&page, name);
            app.settle().await;
            if page.status == 303 {
                let to = page.leads();
                rosa.get(&to).await.is(200);
                let shown = carmen.get(&to).await.is(200);
                assert!(shown.words().contains(name), "{name}: {}", shown.words());
                let original = carmen.get(&format!("{to}/original")).await.is(200);
                assert_eq!(&original.bytes, bytes, "{name} is kept as it came");
            } else {
                assert_eq!(page.status, 422, "{name}: {}", page.words());
            }
        }
        // Nothing at all is not a document.
        let empty = File { field: "file", name: "empty.pdf", media_type: "application/pdf", bytes: b"" };
        let fields = [("agency", agency.as_str()), ("received_on", "2026-01-12")];
        rosa.post_files(&at, &at, &fields, &[empty]).await.is(422);
        rosa.post_files(&at, &at, &fields, &[]).await.is(422);
    }
);

both_databases!(
    /// A list that is none writes nothing, and says which columns it needs.
    lists_that_are_none_are_refused_and_write_nothing, |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let at = app.path("imports");
        let cases: [(&str, &str, Vec<u8>); 6] = [
            ("agreements", "columns.xlsx", papers::xlsx(&[&["COLOUR", "SIZE"], &["red", "9"]])),
            ("agreements", "nothing.xlsx", papers::xlsx(&[])),
            ("agencies", "nothing.csv", Vec::new()),
            ("agencies", "zeros.csv", vec![0; 2_000]),
            ("agreements", "cut.xlsx", papers::xlsx(&[&["STATE", "LAW ENFORCEMENT AGENCY"]])[..200].to_vec()),
            ("agreements", "letter.pdf", papers::pdf(&["No list."])),
        ];
        for (list, name, bytes) in &cases {
            let file = File { field: "file", name, media_type: "application/octet-stream", bytes };
            let page = rosa.post_files(&at, &at, &[("list", list)], &[file]).await;
            answered(&page, name);
            assert_eq!(page.status, 422, "{name} as {list}: {:?} {}", page.location, page.words());
        }
        // Where no heading says which column holds the name, a person is asked, and nothing is written meanwhile.
        let unknown = papers::xlsx(&[&["COLOUR", "SIZE"], &["red", "9"]]);
        let file = File { field: "file", name: "columns.xlsx", media_type: "application/octet-stream", bytes: &unknown };
        let to = rosa.post_files(&at, &at, &[("list", "agencies")], &[file]).await.leads();
        rosa.get(&rosa.get(&to).await.leads()).await.is(200).says("COLOUR (column A)");
        rosa.get(&app.path("agencies")).await.is(200).says("No agency fits");
        // Latin-1 is no fault: names keep their accents.
        let list = papers::csv_in_latin_1("name,state\nCañada County Sheriff,CO\n");
        let file = File { field: "file", name: "old.csv", media_type: "text/csv", bytes: &list };
        let to = rosa.post_files(&at, &at, &[("list", "agencies")], &[file]).await.leads();
        rosa.get(&to).await.is(200).says("Cañada County Sheriff").says("Latin-1");
    }
);
