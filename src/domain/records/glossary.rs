//! The federal forms and the kinds of agreements that records speak of, in English and Spanish.
//!
//! The words are in `data/forms.toml` and `data/agreement_kinds.toml`.

use serde::{Deserialize, Serialize};

/// A federal form.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// "I-247A".
    pub number: String,
    pub in_use: String,
    pub in_use_es: String,
    /// What it is.
    pub en: String,
    pub es: String,
    /// "general" where no source that we have seen confirms it.
    pub source: String,
}

/// A kind of agreement.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementKind {
    pub key: String,
    pub name: String,
    pub name_es: String,
    /// What it lets anybody do.
    pub en: String,
    pub es: String,
    /// "general" where no source that we have seen confirms it.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forms {
    form: Vec<Form>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    kind: Vec<AgreementKind>,
}

/// Both lists of this binary; what is wrong with them joins `faults`.
pub(super) fn read(faults: &mut Vec<String>) -> (Vec<Form>, Vec<AgreementKind>) {
    let forms = match toml::from_str::<Forms>(include_str!("../../../data/forms.toml")) {
        Ok(forms) => forms.form,
        Err(why) => {
            faults.push(format!("data/forms.toml: {}", why.message()));
            Vec::new()
        }
    };
    let kinds = match toml::from_str::<Kinds>(include_str!("../../../data/agreement_kinds.toml")) {
        Ok(kinds) => kinds.kind,
        Err(why) => {
            faults.push(format!("data/agreement_kinds.toml: {}", why.message()));
            Vec::new()
        }
    };
    for form in &forms {
        let words = [
            &form.in_use,
            &form.in_use_es,
            &form.en,
            &form.es,
            &form.source,
        ];
        if words.iter().any(|text| text.trim().is_empty()) {
            faults.push(format!(
                "data/forms.toml: {} has an empty field",
                form.number
            ));
        }
    }
    for kind in &kinds {
        let words = [&kind.name, &kind.name_es, &kind.en, &kind.es, &kind.source];
        if words.iter().any(|text| text.trim().is_empty()) {
            faults.push(format!(
                "data/agreement_kinds.toml: {} has an empty field",
                kind.key
            ));
        }
    }
    (forms, kinds)
}
