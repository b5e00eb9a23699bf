//! The sandbox for a campaign's own words: which template language a clause may be written in, and which fields it may
//! name.
//!
//! Much less than the engine can do: fields, choices between texts, and repetition over a list. No call, no arithmetic,
//! no filter that could grow a text, no other file; so nothing that a person writes can run long, grow large, or reach anything but the
//! fields of the letter. Errors are sentences for whoever writes.

use std::collections::BTreeSet;

use minijinja::Environment;

use super::registry::{ClauseText, Registry};

/// The longest that a clause may be, in characters.
pub const LONGEST: usize = 4000;

/// Words of the language itself.
const LANGUAGE: [&str; 12] = [
    "if", "elif", "else", "endif", "for", "in", "endfor", "and", "or", "not", "true", "false",
];
/// Filters that give no more than they get.
const FILTERS: [&str; 2] = ["capitalize", "length"];
/// What a tag may begin with.
const TAGS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// The fields that a clause's words may name: its own, and those that every kind of letter has in which it stands.
pub fn fields_of(registry: &Registry, clause: &ClauseText) -> BTreeSet<String> {
    let mut shared: Option<BTreeSet<String>> = None;
    for kind in registry.kinds_with(&clause.id) {
        let here: BTreeSet<String> = registry
            .of(kind)
            // `item` means another thing in every clause that is repeated.
            .filter(|other| other.each.is_none())
            .flat_map(|other| named(&other.text))
            .collect();
        shared = Some(match shared {
            Some(shared) => shared.intersection(&here).cloned().collect(),
            None => here,
        });
    }
    let mut fields = shared.unwrap_or_default();
    fields.extend(named(&clause.text));
    if clause.each.is_none() {
        fields.retain(|field| field != "item" && !field.starts_with("item."));
    }
    fields
}

/// The fields that a text names; none where it is no template.
fn named(text: &str) -> BTreeSet<String> {
    let mut environment = Environment::empty();
    match environment.add_template_owned("text", text.to_owned()) {
        Ok(()) => environment
            .get_template("text")
            .map(|template| template.undeclared_variables(true).into_iter().collect())
            .unwrap_or_default(),
        Err(_) => BTreeSet::new(),
    }
}

/// Everything that keeps these words from standing in a letter, each as a sentence.
pub fn faults(registry: &Registry, clause: &ClauseText, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.trim().is_empty() {
        faults.push("The clause has no words.".to_owned());
    }
    if text.chars().count() > LONGEST {
        faults.push(format!(
            "The clause is longer than {LONGEST} characters. Shorten it: nobody reads so long a paragraph."
        ));
    }
    for (line, part) in parts(text) {
        if let Err(why) = part.and_then(|part| part.check()) {
            faults.push(format!("Line {line}: {why}"));
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    let mut environment = Environment::empty();
    if let Err(error) = environment.add_template_owned("text", text.to_owned()) {
        let line = error.line().unwrap_or(1);
        let why = error.detail().unwrap_or("the braces do not fit together");
        return vec![format!(
            "Line {line}: {why}. Look for a tag that is not closed, such as an {{% if %}} without {{% endif %}}."
        )];
    }
    let known = fields_of(registry, clause);
    for field in named(text) {
        if !known.contains(&field) && !known.iter().any(|k| k.starts_with(&format!("{field}."))) {
            faults.push(format!(
                "There is no field “{field}” here. {}",
                nearest(&field, &known)
            ));
        }
    }
    faults
}

fn nearest(field: &str, known: &BTreeSet<String>) -> String {
    let last = field.rsplit('.').next().unwrap_or(field);
    let close: Vec<&str> = known
        .iter()
        .filter(|known| known.contains(last) || known.split('.').any(|part| part == field))
        .map(String::as_str)
        .take(3)
        .collect();
    if close.is_empty() {
        "The list below the form has every field that there is.".to_owned()
    } else {
        format!("Do you mean {}?", close.join(" or "))
    }
}

/// What stands between braces.
struct Part<'t> {
    is_tag: bool,
    inner: &'t str,
}

/// Every `{{ … }}` and `{% … %}` with its line.
fn parts(text: &str) -> Vec<(usize, Result<Part<'_>, String>)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|open| at + open) {
        let line = text[..open].matches('\n').count() + 1;
        let (close, is_tag) = match text.as_bytes().get(open + 1) {
            Some(b'{') => ("}}", false),
            Some(b'%') => ("%}", true),
            Some(b'#') => {
                out.push((
                    line,
                    Err("Remarks in braces with # are not for letters.".to_owned()),
                ));
                at = open + 2;
                continue;
            }
            _ => {
                at = open + 1;
                continue;
            }
        };
        match text[open + 2..].find(close) {
            Some(length) => {
                let inner = &text[open + 2..open + 2 + length];
                let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
                let inner = inner.strip_suffix(['-', '+']).unwrap_or(inner);
                out.push((line, Ok(Part { is_tag, inner })));
                at = open + 2 + length + 2;
            }
            None => {
                out.push((
                    line,
                    Err(format!("the braces are opened and not closed by {close}.")),
                ));
                at = text.len();
            }
        }
    }
    out
}

impl Part<'_> {
    /// Lets through fields, texts in quotation marks, choices and comparisons; nothing else.
    fn check(&self) -> Result<(), String> {
        let mut rest = self.inner.trim();
        if self.is_tag {
            let word: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if !TAGS.contains(&word.as_str()) {
                return Err(format!(
                    "“{word}” is not part of the language of clauses. There are if, elif, else, endif, for and endfor."
                ));
            }
        }
        let mut after_word = false;
        while let Some(first) = rest.chars().next() {
            if first.is_whitespace() {
                rest = rest.trim_start();
                continue;
            }
            if first.is_alphabetic() || first == '_' {
                let end = rest
                    .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
                    .unwrap_or(rest.len());
                let word = &rest[..end];
                // `__class__` and its like mean nothing here and are never meant well.
                if word.contains("__") || word.ends_with('.') {
                    return Err(format!("“{word}” is no field."));
                }
                after_word = !LANGUAGE.contains(&word);
                rest = &rest[end..];
            } else if first == '"' || first == '\'' {
                let inner = &rest[1..];
                let end = inner
                    .find(first)
                    .ok_or_else(|| "a quotation mark is not closed.".to_owned())?;
                if inner[..end].contains('\\') {
                    return Err("write no backslash in a text.".to_owned());
                }
                after_word = true;
                rest = &inner[end + 1..];
            } else if first == '|' && after_word {
                let name = rest[1..].trim_start();
                let end = name
                    .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .unwrap_or(name.len());
                if !FILTERS.contains(&&name[..end]) {
                    return Err(format!(
                        "“{}” is not part of the language of clauses: after a bar there may be capitalize or length.",
                        &name[..end]
                    ));
                }
                rest = &name[end..];
            } else if let Some(index) = index_of(rest).filter(|_| after_word) {
                rest = &rest[index..];
                // `told[0].short`: the rest of the field follows.
                rest = rest.strip_prefix('.').unwrap_or(rest);
            } else if first.is_ascii_digit() {
                let end = rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len());
                if end > 3 {
                    return Err("a number has three digits at most.".to_owned());
                }
                after_word = true;
                rest = &rest[end..];
            } else if first == '(' && after_word {
                return Err("nothing can be called here: only fields are filled in.".to_owned());
            } else if ["==", "!=", ">=", "<="]
                .iter()
                .any(|sign| rest.starts_with(sign))
            {
                after_word = false;
                rest = &rest[2..];
            } else if first == '>' || first == '<' {
                after_word = false;
                rest = &rest[1..];
            } else if first == '(' || first == ')' {
                after_word = first == ')';
                rest = &rest[1..];
            } else {
                return Err(format!(
                    "“{first}” is not part of the language of clauses: fields, texts in quotation marks, if, and, or, not, and comparisons are."
                ));
            }
        }
        Ok(())
    }
}

/// The length of a place in a list, such as `[0]`, if the text begins with one.
fn index_of(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('[')?;
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    ((1..=2).contains(&digits) && inner[digits..].starts_with(']')).then_some(digits + 2)
}

#[cfg(test)]
mod tests {
    use super::super::registry::registry;
    use super::*;

    fn clause(registry: &Registry, id: &str) -> ClauseText {
        registry
            .clauses()
            .iter()
            .find(|clause| clause.id == id)
            .unwrap_or_else(|| panic!("no clause {id}"))
            .clone()
    }

    #[test]
    fn the_house_itself_writes_within_the_sandbox() {
        let registry = registry().expect("sound clauses");
        for clause in registry.clauses() {
            assert_eq!(
                faults(registry, clause, &clause.text),
                [] as [String; 0],
                "{}",
                clause.id
            );
        }
    }

    #[test]
    fn what_is_not_a_field_or_a_choice_is_refused_with_a_sentence() {
        let registry = registry().expect("sound clauses");
        let fees = clause(registry, "request/fees");
        for (text, says) in [
            ("", "no words"),
            ("Pay {{ ceilin }}.", "no field “ceilin”"),
            ("Pay {{ ceiling", "not closed"),
            ("{% if ceiling %}Pay.", "endif"),
            ("{% include \"shared/close\" %}", "“include” is not part"),
            ("{% set a = 1 %}", "“set” is not part"),
            ("{{ ceiling | upper }}", "“upper” is not part"),
            ("{{ ceiling | indent(1000000) }}", "“indent” is not part"),
            ("{{ 1000000 }}", "three digits"),
            ("{{ range(1000000000) }}", "nothing can be called"),
            ("{{ \"a\" * 1000000000 }}", "“*” is not part"),
            ("{{ ceiling.__class__ }}", "is no field"),
            ("{{ ceiling[later] }}", "“[” is not part"),
            ("{# hidden #}", "not for letters"),
            (
                "{% for a in later %}{% for b in later %}{{ c }}{% endfor %}{% endfor %}",
                "no field “c”",
            ),
        ] {
            let found = faults(registry, &fees, text).join(" ");
            assert!(found.contains(says), "{text}: {found}");
        }
        let long = "word ".repeat(LONGEST);
        assert!(
            faults(registry, &fees, &long)
                .join(" ")
                .contains("longer than")
        );
        assert_eq!(
            faults(
                registry,
                &fees,
                "{% if ceiling %}We pay {{ ceiling }}{% else %}{{ \"Nothing\" if not ceiling else 'x' }}{% endif %}."
            ),
            [] as [String; 0]
        );
    }

    proptest::proptest! {
        /// Whatever is typed, the answer is sentences or a text of which the engine knows every field.
        #[test]
        fn any_text_is_judged(text in "[{}%#\"'a-z .|(_\\n-]{0,80}") {
            let registry = registry().expect("sound clauses");
            let fees = clause(registry, "request/fees");
            for sentence in faults(registry, &fees, &text) {
                proptest::prop_assert!(!sentence.is_empty());
            }
        }
    }
}
