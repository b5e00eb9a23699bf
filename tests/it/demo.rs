//! `sundial demo`: the whole campaign by the deeds that the pages call, from an empty folder to a dossier.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::papers;

fn demo(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sundial"))
        .args(["demo", "--no-serve", "--json", "--dir"])
        .arg(folder)
        .args(more)
        .env_remove("ROCKET_PORT")
        .output()
        .expect("the program runs")
}

fn pages_by_qpdf(file: &Path) -> u64 {
    let checked = Command::new("qpdf")
        .arg("--check")
        .arg(file)
        .output()
        .expect("qpdf runs");
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
    let counted = Command::new("qpdf")
        .arg("--show-npages")
        .arg(file)
        .output()
        .expect("qpdf runs");
    String::from_utf8_lossy(&counted.stdout)
        .trim()
        .parse()
        .expect("a number of pages")
}

#[test]
fn the_demonstration_goes_from_an_empty_folder_to_a_dossier() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("demo");
    let told = demo(&folder, &[]);
    let stages = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(told.status.success(), "{stages}");
    for stage in [
        "campaign",
        "import",
        "returned",
        "approved",
        "sent",
        "reply",
        "reminders",
        "cleared",
        "fact",
        "dossier",
    ] {
        assert!(stages.contains(stage), "no stage {stage} in:\n{stages}");
    }
    let made: serde_json::Value = serde_json::from_slice(&told.stdout).expect("one line of JSON");
    let dossier = folder.join("dossier.pdf");
    assert_eq!(made["pages"].as_u64(), Some(pages_by_qpdf(&dossier)));
    assert_eq!(made["people"].as_array().map(Vec::len), Some(3));
    let text = Command::new("pdftotext")
        .arg(&dossier)
        .arg("-")
        .output()
        .expect("pdftotext runs");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for words in [
        "$163.42",
        "231",
        "Exhibit A, p. 1 of 1",
        "none fixed",
        "7 calendar",
        "RCW 42.56.520(1)",
    ] {
        assert!(text.contains(words), "the dossier does not say {words}");
    }
    // What belongs to the team alone, or to nobody, is not in the official's packet.
    for words in [
        "Rowan Reyes",
        "Lena Okafor",
        "sundial-demo.example",
        "Read page by page",
    ] {
        assert!(!text.contains(words), "the dossier says {words}");
    }

    let again = demo(&folder, &[]);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("--fresh"));
    assert!(demo(&folder, &["--fresh"]).status.success());
}

#[test]
fn papers_of_ones_own_come_over_page_for_page() {
    let place = tempfile::tempdir().expect("a folder");
    let given = place.path().join("given");
    std::fs::create_dir(&given).expect("a folder");
    for (name, pages) in [
        ("one.pdf", 3),
        ("two.pdf", 5),
        ("three.pdf", 1),
        ("four.pdf", 2),
    ] {
        let texts: Vec<String> = (1..=pages)
            .map(|page| format!("{name}, leaf {page}"))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        std::fs::write(given.join(name), papers::pdf(&texts)).expect("written");
    }
    let folder = place.path().join("demo");
    let told = demo(
        &folder,
        &["--replies", given.to_str().expect("a plain path")],
    );
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let dossier = folder.join("dossier.pdf");
    pages_by_qpdf(&dossier);
    let text = Command::new("pdftotext")
        .arg(&dossier)
        .arg("-")
        .output()
        .expect("pdftotext runs");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for (name, pages) in [
        ("one.pdf", 3),
        ("two.pdf", 5),
        ("three.pdf", 1),
        ("four.pdf", 2),
    ] {
        for page in 1..=pages {
            assert!(
                text.contains(&format!("{name}, leaf {page}")),
                "{name}, leaf {page} is not in the dossier"
            );
            assert!(
                text.contains(&format!("p. {page} of {pages}")),
                "no stamp for leaf {page} of {name}"
            );
        }
    }
    let none = demo(
        &place.path().join("other"),
        &["--replies", place.path().to_str().expect("a plain path")],
    );
    assert!(String::from_utf8_lossy(&none.stderr).contains("no PDF file"));
}
