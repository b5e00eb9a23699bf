//! Files that nobody would want to open, given to the worker process: each ends in an answer or a sentence, never in
//! a crash of ours.

use std::io::Write;
use std::path::PathBuf;

use lopdf::{Document, Object, Stream, dictionary};
use sundial::documents::pdf::image::Drawer;
use sundial::documents::pdf::reading::Reading;
use sundial::documents::pdf::{BROKEN, EMPTY, LOCKED, NOT_A_PDF};
use sundial::documents::tables::{Cell, TableKind};
use sundial::documents::worker::{Limits, Outcome, Task, Worker, WorkerError};
use sundial::domain::document::TextMethod;

use crate::support::papers;

fn worker() -> Worker {
    Worker::new(env!("CARGO_BIN_EXE_sundial").into(), Limits::DOCUMENT, 2)
}

/// As on a machine where neither poppler nor qpdf is installed.
fn bare_worker() -> Worker {
    worker().with_search_path("")
}

struct Kept {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn kept(bytes: &[u8]) -> Kept {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("upload");
    std::fs::write(&path, bytes).expect("a file");
    Kept {
        _folder: folder,
        path,
    }
}

fn sentence(error: WorkerError) -> String {
    match error {
        WorkerError::Refused(sentence) => sentence,
        other => panic!("not a refusal: {other:?}"),
    }
}

/// A document of one page with this MediaBox and these contents.
fn one_page(media_box: [f32; 4], content: Stream, extra: lopdf::Dictionary) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let content = document.add_object(content);
    let mut page = dictionary! {
        "Type" => "Page", "Parent" => tree, "Contents" => content,
        "MediaBox" => media_box.iter().map(|side| Object::Real(*side)).collect::<Vec<_>>(),
    };
    page.extend(&extra);
    let page = document.add_object(page);
    document.objects.insert(
        tree,
        dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into(),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("a PDF is written");
    bytes
}

const LETTER: [f32; 4] = [0.0, 0.0, 612.0, 792.0];

#[tokio::test]
async fn pages_are_counted_read_and_drawn_with_and_without_outside_programs() {
    let file = kept(&papers::pdf(&[
        "The Alder County Sheriff received 41 detainers between July 2024 and June 2025.",
        "Page 2",
    ]));
    for (worker, method) in [
        (worker(), TextMethod::Pdftotext),
        (bare_worker(), TextMethod::BuiltIn),
    ] {
        let inspected = worker.inspect_pdf(&file.path).await.expect("inspected");
        assert_eq!(inspected.pages, 2);
        assert_eq!(
            inspected.pages_qpdf.is_some(),
            method == TextMethod::Pdftotext
        );
        assert_eq!(inspected.sizes[1].height, 792.0);
        assert_eq!(inspected.notes, Vec::<String>::new());
        let text = worker.page_text(&file.path).await.expect("text");
        assert_eq!(text.method, method);
        assert!(text.pages[0].text.contains("received 41 detainers"));
        assert_eq!(text.pages[0].reading, Reading::Readable);
        assert_eq!(text.pages[1].reading, Reading::NoText);
        let png = worker
            .page_image(&file.path, 1, 72)
            .await
            .expect("a picture");
        assert!(png.starts_with(b"\x89PNG"));
        assert_eq!((png_side(&png, 16), png_side(&png, 20)), (612, 792));
        let missing = worker
            .page_image(&file.path, 9, 72)
            .await
            .expect_err("no page 9");
        assert!(sentence(missing).contains("no page 9"));
    }
}

fn png_side(png: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]])
}

#[tokio::test]
async fn what_was_typed_into_a_form_is_read_without_outside_programs() {
    let field = dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "T" => Object::string_literal("sheriff"),
        "V" => Object::string_literal("Robin Example"),
        "Rect" => vec![72.into(), 72.into(), 200.into(), 90.into()],
    };
    let file = kept(&one_page(
        LETTER,
        Stream::new(dictionary! {}, Vec::new()),
        dictionary! { "Annots" => vec![Object::Dictionary(field)] },
    ));
    let text = bare_worker().page_text(&file.path).await.expect("text");
    assert_eq!(text.pages[0].text.trim(), "Robin Example");
}

#[tokio::test]
async fn unusable_pdfs_are_refused_with_what_to_do() {
    let cases = [
        ("empty", Vec::new(), EMPTY),
        ("no PDF", b"PK\x03\x04 surely not".to_vec(), NOT_A_PDF),
        ("only a header", b"%PDF-1.7\n%%EOF\n".to_vec(), BROKEN),
        ("locked", papers::encrypted_pdf(), LOCKED),
    ];
    for (name, bytes, expected) in cases {
        let file = kept(&bytes);
        for worker in [worker(), bare_worker()] {
            let inspected = worker.inspect_pdf(&file.path).await.expect_err(name);
            assert_eq!(sentence(inspected), expected, "{name}");
            let text = worker.page_text(&file.path).await.expect_err(name);
            assert_eq!(sentence(text), expected, "{name}");
            let image = worker.page_image(&file.path, 1, 72).await.expect_err(name);
            assert_eq!(sentence(image), expected, "{name}");
        }
    }
}

#[tokio::test]
async fn a_pdf_cut_short_gives_what_is_left_or_a_sentence() {
    let file = kept(&papers::truncated_pdf());
    for worker in [worker(), bare_worker()] {
        match worker.inspect_pdf(&file.path).await {
            Ok(inspected) => assert!((1..=2).contains(&inspected.pages)),
            Err(error) => assert_eq!(sentence(error), BROKEN),
        }
    }
}

#[tokio::test]
async fn a_page_of_impossible_size_is_noted_and_not_drawn() {
    let file = kept(&one_page(
        [0.0, 0.0, 9.0e8, 9.0e8],
        Stream::new(dictionary! {}, b"0 0 m 9 9 l S".to_vec()),
        dictionary! {},
    ));
    let inspected = worker().inspect_pdf(&file.path).await.expect("inspected");
    assert!(
        inspected.notes[0].contains("impossible size"),
        "{:?}",
        inspected.notes
    );
    let refused = bare_worker()
        .page_image(&file.path, 1, 100)
        .await
        .expect_err("too large");
    assert!(sentence(refused).contains("impossible size"));
}

#[tokio::test]
async fn the_largest_legal_page_is_drawn_within_bounds() {
    let file = kept(&one_page(
        [0.0, 0.0, 14_400.0, 14_400.0],
        Stream::new(dictionary! {}, b"0 0 m 9 9 l S".to_vec()),
        dictionary! {},
    ));
    let png = bare_worker()
        .page_image(&file.path, 1, 300)
        .await
        .expect("a picture");
    assert!(png_side(&png, 16) <= 8_000);
}

/// Zeros, deflated twice: a few kB that unfold to more than a page may hold.
fn bomb() -> Vec<u8> {
    let mut inner = Stream::new(dictionary! {}, vec![b' '; 72 << 20]);
    inner.compress().expect("deflated");
    let mut outer = Stream::new(dictionary! {}, inner.content);
    outer.compress().expect("deflated");
    outer.dict.set(
        "Filter",
        vec![
            Object::Name(b"FlateDecode".to_vec()),
            Object::Name(b"FlateDecode".to_vec()),
        ],
    );
    one_page(LETTER, outer, dictionary! {})
}

#[tokio::test]
async fn a_flate_bomb_ends_in_an_answer_or_a_sentence() {
    let file = kept(&bomb());
    let inspected = worker()
        .inspect_pdf(&file.path)
        .await
        .expect("its pages can be counted");
    assert_eq!(inspected.pages, 1);
    let text = bare_worker()
        .page_text(&file.path)
        .await
        .expect("the page is unreadable");
    assert_eq!(text.pages[0].reading, Reading::NoText);
    let small = Limits {
        memory_bytes: 512 << 20,
        ..Limits::DOCUMENT
    };
    match bare_worker()
        .with_limits(small)
        .page_image(&file.path, 1, 72)
        .await
    {
        Ok(png) => assert!(png.starts_with(b"\x89PNG")),
        Err(error) => assert!(
            matches!(error, WorkerError::TooMuchMemory | WorkerError::Refused(_)),
            "{error:?}"
        ),
    }
}

#[tokio::test]
async fn deep_nesting_harms_nobody() {
    let deep = "[".repeat(200_000);
    let nested = format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/X {deep}>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    );
    let looped = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Parent 2 0 R/Kids[2 0 R 2 0 R]/Count 9>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    for bytes in [nested.as_bytes(), looped.as_bytes()] {
        let file = kept(bytes);
        for worker in [worker(), bare_worker()] {
            for outcome in [
                worker.inspect_pdf(&file.path).await.map(|_| ()),
                worker.page_text(&file.path).await.map(|_| ()),
                worker.page_image(&file.path, 1, 72).await.map(|_| ()),
            ] {
                assert!(
                    !matches!(outcome, Err(WorkerError::Fault(_))),
                    "{outcome:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn no_time_and_no_memory_are_told_apart() {
    let file = kept(&papers::pdf(&["One page."]));
    let hurried = worker().with_limits(Limits {
        wall_millis: 0,
        ..Limits::DOCUMENT
    });
    assert_eq!(
        hurried.inspect_pdf(&file.path).await,
        Err(WorkerError::TooLong)
    );

    let large = kept(&vec![b'a'; 300 << 20]);
    let poor = worker().with_limits(Limits {
        memory_bytes: 256 << 20,
        ..Limits::DOCUMENT
    });
    assert_eq!(
        poor.read_table(&large.path, TableKind::Csv).await,
        Err(WorkerError::TooMuchMemory)
    );
}

#[tokio::test]
async fn a_picture_that_is_too_large_ends_the_process_and_nothing_else() {
    // 60,000 × 60,000 grey pixels, all zero: a few kB of data.
    let mut pixels = Stream::new(dictionary! {}, vec![0; 64 << 20]);
    pixels.compress().expect("deflated");
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    pixels.dict.extend(&dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => 60_000, "Height" => 60_000,
        "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
    });
    let image = document.add_object(pixels);
    let content = document.add_object(Stream::new(
        dictionary! {},
        b"q 612 0 0 792 0 0 cm /I Do Q".to_vec(),
    ));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => tree, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
        "Resources" => dictionary! { "XObject" => dictionary! { "I" => image } },
    });
    document.objects.insert(
        tree,
        dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into(),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("a PDF is written");
    let file = kept(&bytes);
    for worker in [worker(), bare_worker()] {
        match worker.page_image(&file.path, 1, 72).await {
            Ok(png) => assert!(png.starts_with(b"\x89PNG")),
            Err(error) => assert!(!matches!(error, WorkerError::Fault(_)), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn a_worker_knows_nothing_of_the_servers_surroundings() {
    // The worker's folder is its own; a relative name is looked for there and nowhere else.
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = worker()
        .run(
            Task::PageImage {
                file: "Cargo.toml".into(),
                page: 1,
                dpi: 72,
                by: Drawer::Builtin,
            },
            folder.path(),
        )
        .await;
    assert!(sentence(outcome.expect_err("no such file there")).contains("could not be read"));
}

#[tokio::test]
async fn tables_are_read_as_they_are() {
    let file = kept(&papers::xlsx(&[
        &["STATE", "LAW ENFORCEMENT AGENCY"],
        &["WASHINGTON", "Alder County Sheriff "],
    ]));
    let tables = worker()
        .read_table(&file.path, TableKind::Xlsx)
        .await
        .expect("a table");
    let table = &tables.tables[0];
    assert_eq!(table.header, ["STATE", "LAW ENFORCEMENT AGENCY"]);
    assert_eq!(table.rows[0][1].plain(), "Alder County Sheriff");
    assert_eq!(table.first_row, 2);

    let file = kept(&papers::csv_in_latin_1(
        "agency,county\nCárcel de Peñasco,Cañón\n",
    ));
    let tables = worker()
        .read_table(&file.path, TableKind::Csv)
        .await
        .expect("a table");
    assert_eq!(tables.tables[0].rows[0][1], Cell::Text("Cañón".to_owned()));
    assert!(tables.notes[0].contains("Latin-1"));
}

#[tokio::test]
async fn unusable_tables_are_refused_with_what_to_do() {
    let whole = papers::xlsx(&[&["a", "b"], &["c", "d"]]);
    let cases: [(&str, Vec<u8>, TableKind, &str); 6] = [
        ("empty", Vec::new(), TableKind::Csv, "empty"),
        (
            "blank",
            b"\n\n,,\n".to_vec(),
            TableKind::Csv,
            "nothing in this table",
        ),
        (
            "no rows",
            papers::xlsx(&[]),
            TableKind::Xlsx,
            "nothing in this table",
        ),
        (
            "cut short",
            whole[..whole.len() / 2].to_vec(),
            TableKind::Xlsx,
            "save it anew",
        ),
        (
            "a PDF",
            papers::pdf(&["x"]),
            TableKind::Xlsx,
            "save it anew",
        ),
        (
            "bytes",
            b"\0\x01\0\x02a,b\n".to_vec(),
            TableKind::Csv,
            "not text",
        ),
    ];
    for (name, bytes, kind, expected) in cases {
        let file = kept(&bytes);
        let refused = worker().read_table(&file.path, kind).await.expect_err(name);
        let said = sentence(refused);
        assert!(said.contains(expected), "{name}: {said}");
    }
}

#[tokio::test]
async fn the_command_prints_text_or_a_sentence() {
    let file = kept(&papers::pdf(&[
        "Detainers received: 41, honored: 7, declined: 34 in the calendar year that ended.",
    ]));
    let run = |arguments: Vec<std::ffi::OsString>| {
        std::process::Command::new(env!("CARGO_BIN_EXE_sundial"))
            .args(arguments)
            .output()
            .expect("the program runs")
    };
    let printed = run(vec![
        "documents".into(),
        "text".into(),
        file.path.clone().into(),
    ]);
    assert!(printed.status.success());
    let said = String::from_utf8_lossy(&printed.stdout);
    assert!(
        said.contains("--- page 1 (readable) ---") && said.contains("honored: 7"),
        "{said}"
    );
    let printed = run(vec![
        "documents".into(),
        "text".into(),
        "--json".into(),
        file.path.clone().into(),
    ]);
    let json: serde_json::Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert_eq!(json["pages"][0]["number"], 1);
    assert_eq!(json["method"], "pdftotext");
    let printed = run(vec![
        "documents".into(),
        "text".into(),
        "no-such.pdf".into(),
    ]);
    assert!(!printed.status.success());
    assert!(String::from_utf8_lossy(&printed.stderr).contains("There is no file"));
    // By hand the worker is of no use, and says so.
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_sundial"))
        .arg("worker")
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(b"hello")
        .expect("written");
    let ended = child.wait_with_output().expect("ended");
    assert!(!ended.status.success());
    assert!(String::from_utf8_lossy(&ended.stderr).contains("for the program's own use"));
}

#[tokio::test]
async fn an_image_task_names_its_picture() {
    let file = kept(&papers::pdf(&["One page."]));
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = worker()
        .run(
            Task::PageImage {
                file: file.path.clone(),
                page: 1,
                dpi: 36,
                by: Drawer::Poppler,
            },
            folder.path(),
        )
        .await
        .expect("a picture");
    let Outcome::Image(image) = outcome else {
        panic!("not an image: {outcome:?}");
    };
    assert_eq!(image.by, Drawer::Poppler);
    assert!(folder.path().join(image.file).is_file());
}
