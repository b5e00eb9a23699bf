//! The clause files are sound, and what is wrong with one is named.

use super::*;

#[test]
fn the_embedded_files_are_sound_and_every_clause_is_used() {
    let registry = registry().unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    assert_eq!(registry.version().len(), 12);
    let used: BTreeSet<&str> = LetterKind::ALL
        .into_iter()
        .flat_map(|kind| registry.of(kind))
        .map(|clause| clause.id.as_str())
        .collect();
    for clause in registry.clauses() {
        assert!(
            used.contains(clause.id.as_str()),
            "{} is in no letter",
            clause.id
        );
    }
}

#[test]
fn faults_are_named_with_their_clause() {
    let text = r#"
kind = "appeal"
subject = "{{ x"
[[clause]]
id = "appeal/a"
version = 1
purpose = "p"
why = "w"
text = "{% if %}"
when = "(x"
[[clause]]
id = "appeal/a"
[[clause]]
use = "shared/nothing"
"#;
    let Err(faults) = Registry::read(&[("appeal", text), ("x", "kind = 3")]) else {
        panic!("nothing was found");
    };
    for expected in [
        "appeal/a#text",
        "appeal/a#when",
        "appeal#subject",
        "appeal/a: there are two of them",
        "appeal/a: a clause needs a why",
        "there is no clause “shared/nothing”",
        "templates/letters/x.toml",
    ] {
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{expected}: {faults:?}"
        );
    }
}

#[test]
fn other_words_make_another_version_and_leave_the_house_text_alone() {
    let house = registry().expect("sound clauses");
    let own = house
        .adapted(&[("shared/close", "Many thanks.", 7)])
        .expect("sound words");
    assert_ne!(own.version(), house.version());
    let text = |registry: &Registry| {
        let found = registry.clauses().iter().find(|c| c.id == "shared/close");
        found.map(|clause| (clause.text.trim().to_owned(), clause.version))
    };
    assert_eq!(text(&own), Some(("Many thanks.".to_owned(), 7)));
    assert_eq!(
        text(house),
        Some((
            "{% if to_body %}Thank you for looking into this.{% else %}Thank you for your work on this request.{% endif %}".to_owned(),
            1
        ))
    );
    assert!(house.adapted(&[("shared/none", "x", 1)]).is_err());
    assert!(house.adapted(&[("shared/close", "{{ x", 1)]).is_err());
}
