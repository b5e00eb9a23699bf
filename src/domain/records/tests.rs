//! The catalogue's files hold together, in both languages.

use super::*;

fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap_or_else(|faults| panic!("{}", faults.join("\n")))
}

#[test]
fn every_file_of_the_folders_is_embedded_and_sound() {
    for (folder, files) in [("records", RECORDS), ("reports", REPORTS)] {
        let path = format!("{}/data/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut on_disk: Vec<String> = std::fs::read_dir(path)
            .expect("the folder")
            .map(|entry| {
                let name = entry.expect("an entry").file_name();
                name.into_string().expect("a plain name")
            })
            .collect();
        on_disk.sort();
        let embedded: Vec<String> = files
            .iter()
            .map(|(stem, _)| format!("{stem}.toml"))
            .collect();
        assert_eq!(on_disk, embedded, "list every file of data/{folder}");
    }
}

#[test]
fn the_catalogue_has_every_kind_that_is_asked_for() {
    assert_eq!(catalogue().all().len(), 24);
    assert_eq!(catalogue().reports().len(), 6);
}

#[test]
fn every_question_has_records_and_the_useful_come_first() {
    let catalogue = catalogue();
    let groups = catalogue.by_question();
    assert_eq!(
        groups.len(),
        5,
        "each question has a record that answers it first"
    );
    assert_eq!(catalogue.all()[0].key, "detainer_summary");
    for record in catalogue.all() {
        assert!(
            !record.name.es.is_empty() && record.name.es != record.name.en,
            "{}",
            record.key
        );
    }
}

#[test]
fn a_broken_file_is_named_with_its_fault() {
    let (_, summary) = RECORDS
        .iter()
        .find(|(stem, _)| *stem == "detainer_summary")
        .expect("the summary");
    for (from, to, says) in [
        (
            "key = \"detainer_summary\"",
            "key = \"other\"",
            "named detainer_summary",
        ),
        ("{{ holder }}", "{{ nobody }}", "does not fit"),
        ("\"Q4_counts\"", "\"Q9_mood\"", "Q9_mood"),
        ("[\"Q4_counts\"]", "[]", "none of the five questions"),
        ("\"spreadsheet\"", "\"parchment\"", "parchment"),
        (
            "en = \"Yearly detainer totals\"",
            "en = \" \"",
            "name.en is empty",
        ),
    ] {
        let broken = summary.replacen(from, to, 1);
        assert_ne!(&broken, summary, "{from} is in the file");
        let faults = Catalogue::read(&[("detainer_summary", &broken)], &[])
            .err()
            .unwrap_or_default()
            .join("\n");
        assert!(
            faults.contains("detainer_summary.toml") && faults.contains(says),
            "{from} → {to}: {faults}"
        );
    }
}

#[test]
fn an_existing_report_is_offered_to_those_who_make_it() {
    let catalogue = catalogue();
    let found = |code: &str, holder, name: &str, keys: &[&str]| -> Vec<String> {
        let code: Code = code.parse().expect("a code");
        catalogue
            .reports_for(&code, holder, name, keys)
            .iter()
            .map(|report| report.key.clone())
            .collect()
    };
    let sheriff = HolderKind::Sheriff;
    let alder = "Alder County Sheriff's Office";
    assert_eq!(
        found("IL", sheriff, alder, &["detainer_log"]),
        ["il_trust_act"]
    );
    assert_eq!(
        found("TX", sheriff, alder, &["cost_basis"]),
        ["tx_jail_standards"]
    );
    assert!(
        found(
            "TX",
            HolderKind::StateAgency,
            "State prisons",
            &["cost_basis"]
        )
        .is_empty()
    );
    assert!(found("IL", sheriff, alder, &["agreement_287g"]).is_empty());
    assert!(found("WA", sheriff, alder, &["detainer_log"]).is_empty());
    let city = HolderKind::Municipality;
    assert!(found("NY", city, "Alder City Police", &["detainer_summary"]).is_empty());
    assert_eq!(
        found("NY", city, "New York City Police", &["detainer_summary"]),
        ["ny_nyc"]
    );
}

#[test]
fn the_catalogue_is_complete_in_spanish() {
    // Words that stay as they are: names of forms, programs and lists.
    let catalogue = catalogue();
    for record in catalogue.all() {
        let pairs: Vec<(&String, &String)> = [(&record.what, &record.es.what)]
            .into_iter()
            .chain([(&record.comes_back, &record.es.comes_back)])
            .chain(record.fields.iter().zip(&record.es.fields))
            .chain(record.exclude.iter().zip(&record.es.exclude))
            .chain(record.traps.iter().zip(&record.es.traps))
            .collect();
        assert!(!record.traps.is_empty(), "{}: no trap", record.key);
        for (english, spanish) in pairs {
            assert!(
                !spanish.trim().is_empty() && english != spanish,
                "{}: “{english}” has no Spanish",
                record.key
            );
        }
    }
    for report in catalogue.reports() {
        assert_ne!(report.name, report.es.name, "{}", report.key);
        assert_ne!(report.says, report.es.says, "{}", report.key);
    }
    for question in Question::ALL {
        assert_ne!(question.asked(), question.asked_es());
    }
    assert_eq!(
        catalogue.form("I-247A").map(|form| form.in_use.as_str()),
        Some("since April 2, 2017")
    );
    assert!(catalogue.form("I-999").is_none());
    assert!(catalogue.agreement("wso").is_some());
}

/// `records.md`, trap one of the toolkit: "detainees" for "detainers".
#[test]
fn nobody_is_asked_for_where_a_document_is_meant() {
    let all = RECORDS.iter().chain(REPORTS);
    for (stem, text) in all {
        assert!(!text.to_lowercase().contains("detainee"), "{stem}");
    }
}

#[test]
fn the_most_useful_answer_every_question_between_them() {
    let catalogue = catalogue();
    for question in Question::ALL {
        assert!(
            catalogue
                .most_useful()
                .iter()
                .any(|record| record.questions.contains(&question)),
            "{question:?}"
        );
    }
}

#[test]
fn people_find_a_record_by_words_of_either_language_and_by_question() {
    let catalogue = catalogue();
    let keys = |words: &str, question| -> Vec<&str> {
        catalogue
            .search(words, question)
            .iter()
            .map(|record| record.key.as_str())
            .collect()
    };
    assert_eq!(keys("", None).len(), catalogue.all().len());
    assert_eq!(keys("", None)[0], "detainer_summary");
    assert_eq!(keys("NOTIFICACIÓN órdenes", None), ["agreement_287g"]);
    assert!(keys("I-247X", None).contains(&"detainer_log"));
    assert_eq!(keys("invoice", Some(Question::Policy)), [] as [&str; 0]);
    assert!(keys("", Some(Question::Access)).iter().all(|key| {
        catalogue
            .get(key)
            .is_some_and(|record| record.questions.contains(&Question::Access))
    }));
    assert_eq!(
        catalogue
            .reports_serving("detainer_log")
            .iter()
            .map(|r| r.jurisdiction.as_str())
            .collect::<Vec<_>>(),
        ["CA", "GA", "IL"]
    );
}
