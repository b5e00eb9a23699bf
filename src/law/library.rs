//! All jurisdictions together, embedded in the binary and checked before use.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::check::{Problem, check};
use super::{Code, Jurisdiction};

/// The law of every jurisdiction, by code.
#[derive(Debug, Clone)]
pub struct Library {
    jurisdictions: BTreeMap<Code, Arc<Jurisdiction>>,
}

macro_rules! files {
    ($($stem:literal)*) => {
        &[$(($stem, include_str!(concat!("../../data/law/", $stem, ".toml")))),*]
    };
}

/// Stem and text of every file under `data/law/`; a test holds this list against the folder.
const FILES: &[(&str, &str)] = files!(
    "ak" "al" "ar" "az" "ca" "co" "ct" "dc" "de" "fl" "ga" "hi" "ia" "id" "il" "in" "ks" "ky" "la" "ma" "md" "me"
    "mi" "mn" "mo" "ms" "mt" "nc" "nd" "ne" "nh" "nj" "nm" "nv" "ny" "oh" "ok" "or" "pa" "ri" "sc" "sd" "tn" "tx"
    "us" "ut" "va" "vt" "wa" "wi" "wv" "wy"
);

impl Library {
    /// Reads and checks every law file that is built into the program.
    ///
    /// # Errors
    /// Everything wrong, each problem with its file and key; launch stops on any.
    pub fn embedded() -> Result<Self, Vec<Problem>> {
        Self::read(FILES)
    }

    /// Reads and checks the given files, as (stem, text).
    ///
    /// # Errors
    /// Everything wrong, each problem with its file and key.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        let mut jurisdictions = BTreeMap::new();
        let mut problems = Vec::new();
        for (stem, text) in files {
            match read_one(stem, text) {
                Ok(jurisdiction) => {
                    jurisdictions.insert(jurisdiction.code, Arc::new(jurisdiction));
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            Ok(Self { jurisdictions })
        } else {
            Err(problems)
        }
    }

    pub fn get(&self, code: &Code) -> Option<&Jurisdiction> {
        self.jurisdictions.get(code).map(Arc::as_ref)
    }

    /// The law of that code, to keep.
    pub fn share(&self, code: &Code) -> Option<Arc<Jurisdiction>> {
        self.jurisdictions.get(code).map(Arc::clone)
    }

    /// Every jurisdiction in the order of codes.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Jurisdiction> {
        self.jurisdictions.values().map(Arc::as_ref)
    }

    /// Puts a jurisdiction in the place of the one of its code.
    pub(super) fn put(&mut self, jurisdiction: Jurisdiction) {
        self.jurisdictions
            .insert(jurisdiction.code, Arc::new(jurisdiction));
    }
}

fn read_one(stem: &str, text: &str) -> Result<Jurisdiction, Vec<Problem>> {
    let at = |key: &str, says: String| Problem {
        file: format!("{stem}.toml"),
        key: key.to_owned(),
        says,
    };
    let read: Jurisdiction = toml::from_str(text).map_err(|problem| {
        let line = problem
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        vec![at(&format!("line {line}"), problem.message().to_owned())]
    })?;
    let mut problems = check(&read);
    if read.code.lower() != stem {
        problems.push(at(
            "code",
            format!("is {}, but the file is named {stem}.toml", read.code),
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let digest = Sha256::digest(text.as_bytes());
    let version = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    read.ready(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded_and_sound() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/law");
        let mut on_disk: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of law files")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("a plain name")
            })
            .collect();
        on_disk.sort();
        let embedded: Vec<String> = FILES
            .iter()
            .map(|(stem, _)| format!("{stem}.toml"))
            .collect();
        assert_eq!(on_disk, embedded);
        let problems = Library::embedded().err().unwrap_or_default();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(said.is_empty(), "{}", said.join("\n"));
        assert_eq!(Library::embedded().expect("sound").all().len(), 52);
    }

    #[test]
    fn a_broken_file_is_named_with_its_key() {
        let (_, washington) = FILES
            .iter()
            .find(|(stem, _)| *stem == "wa")
            .expect("Washington");
        for (from, to, key, says) in [
            ("code = \"WA\"", "code = \"OR\"", "code", "named wa.toml"),
            ("days = 5\n", "", "duty acknowledge", "needs days"),
            ("\"mlk\"", "\"festivus\"", "holidays", "festivus"),
            (
                "citation = \"RCW 42.56.520(1)\"",
                "citation = \" \"",
                "duty acknowledge, citation",
                "empty",
            ),
            (
                "topic = \"response\"",
                "topic = \"weather\"",
                "line",
                "weather",
            ),
            (
                "after = [\"acknowledge\"]",
                "after = [\"nod\"]",
                "silence",
                "nod",
            ),
            ("confidence = \"two_sources\"\n", "", "line", "confidence"),
        ] {
            let broken = washington.replacen(from, to, 1);
            assert_ne!(&broken, washington, "{from} is in the file");
            let problems = Library::read(&[("wa", &broken)]).err().unwrap_or_default();
            assert!(
                problems
                    .iter()
                    .any(|p| p.file == "wa.toml" && p.key.contains(key) && p.says.contains(says)),
                "{from} → {to}: {problems:?}"
            );
        }
    }
}
