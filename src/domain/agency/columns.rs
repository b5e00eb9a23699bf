//! Which column of a list holds what: a suggestion from the headings, which a person can change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::name;

/// What a column of a list of agencies can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    State,
    County,
    Kind,
    OtherNames,
    JailSystem,
    Purpose,
    ContactTitle,
    Email,
    Portal,
    Post,
    Fax,
    Phone,
    KnownHow,
    CheckedOn,
    FiscalStart,
    FiscalSource,
}

impl Field {
    pub const ALL: [Field; 17] = [
        Field::Name,
        Field::State,
        Field::County,
        Field::Kind,
        Field::OtherNames,
        Field::JailSystem,
        Field::Purpose,
        Field::ContactTitle,
        Field::Email,
        Field::Portal,
        Field::Post,
        Field::Fax,
        Field::Phone,
        Field::KnownHow,
        Field::CheckedOn,
        Field::FiscalStart,
        Field::FiscalSource,
    ];

    /// The word of forms, and the heading under which we write it ourselves.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::State => "state",
            Field::County => "county",
            Field::Kind => "type",
            Field::OtherNames => "other_names",
            Field::JailSystem => "jail_system",
            Field::Purpose => "purpose",
            Field::ContactTitle => "contact_title",
            Field::Email => "records_email",
            Field::Portal => "portal",
            Field::Post => "postal_address",
            Field::Fax => "fax",
            Field::Phone => "phone",
            Field::KnownHow => "known_how",
            Field::CheckedOn => "checked_on",
            Field::FiscalStart => "fiscal_year_start",
            Field::FiscalSource => "fiscal_year_source",
        }
    }

    pub fn plain(self) -> &'static str {
        match self {
            Field::Name => "Name of the agency",
            Field::State => "State",
            Field::County => "County or parish",
            Field::Kind => "Kind",
            Field::OtherNames => "Other names (parted by semicolons)",
            Field::JailSystem => "Name of the jail's system",
            Field::Purpose => "What the contact is for",
            Field::ContactTitle => "Title of the contact",
            Field::Email => "E-mail address",
            Field::Portal => "Web portal",
            Field::Post => "Postal address",
            Field::Fax => "Fax",
            Field::Phone => "Telephone",
            Field::KnownHow => "How the contact is known",
            Field::CheckedOn => "Day on which it was checked",
            Field::FiscalStart => "First day of its fiscal year (07-01)",
            Field::FiscalSource => "How its fiscal year is known",
        }
    }

    /// Without these no line can be used.
    pub fn is_needed(self) -> bool {
        matches!(self, Field::Name | Field::State)
    }

    /// The headings, folded, under which lists have it.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Field::Name => &[
                "name",
                "agency",
                "agency name",
                "law enforcement agency",
                "organization",
                "organisation",
                "department",
                "office",
            ],
            Field::State => &["state", "jurisdiction", "state or territory", "st"],
            Field::County => &["county", "county or parish", "parish", "county name"],
            Field::Kind => &["type", "kind", "agency type", "agency kind"],
            Field::OtherNames => &["other names", "aliases", "alias", "also known as", "aka"],
            Field::JailSystem => &[
                "jail system",
                "jail management system",
                "jms",
                "jail software",
                "system",
            ],
            Field::Purpose => &["purpose", "contact purpose", "contact for"],
            Field::ContactTitle => &[
                "contact title",
                "title",
                "contact",
                "contact name",
                "records officer",
                "custodian",
                "records custodian",
            ],
            Field::Email => &[
                "records email",
                "records e mail",
                "email",
                "e mail",
                "email address",
                "e mail address",
                "mail",
            ],
            Field::Portal => &[
                "portal",
                "records portal",
                "portal url",
                "web portal",
                "url",
                "website",
                "web site",
            ],
            Field::Post => &[
                "postal address",
                "mailing address",
                "address",
                "post",
                "street address",
            ],
            Field::Fax => &["fax", "fax number"],
            Field::Phone => &["phone", "telephone", "phone number", "tel"],
            Field::KnownHow => &[
                "known how",
                "how known",
                "how it is known",
                "source",
                "evidence",
            ],
            Field::CheckedOn => &[
                "checked on",
                "date checked",
                "checked",
                "last checked",
                "verified on",
                "date verified",
            ],
            Field::FiscalStart => &["fiscal year start", "fiscal year begins", "fiscal year"],
            Field::FiscalSource => &["fiscal year source"],
        }
    }
}

/// Which column (from 0) holds which field.
pub type Mapping = BTreeMap<Field, usize>;

/// What the headings suggest: the better spelling first, the first of two columns with the same heading, no column
/// for two fields.
pub fn suggest(headers: &[String]) -> Mapping {
    // Underscores are word breaks in a heading.
    let folded: Vec<String> = headers
        .iter()
        .map(|header| name::fold(&header.replace('_', " ")))
        .collect();
    let mut mapping = Mapping::new();
    for field in Field::ALL {
        let found = field.headings().iter().find_map(|heading| {
            folded
                .iter()
                .enumerate()
                .find(|(at, cell)| cell == heading && !mapping.values().any(|taken| taken == at))
                .map(|(at, _)| at)
        });
        if let Some(at) = found {
            mapping.insert(field, at);
        }
    }
    mapping
}

/// The headings that stand more than once, each once.
pub fn repeated(headers: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for header in headers.iter().filter(|header| !header.trim().is_empty()) {
        let entry = counts
            .entry(name::fold(header))
            .or_insert((0, header.trim().to_owned()));
        entry.0 += 1;
    }
    counts
        .into_values()
        .filter(|(count, _)| *count > 1)
        .map(|(_, header)| header)
        .collect()
}

/// Whether the mapping can be used: the needed fields are there, and no column serves twice.
///
/// # Errors
/// A sentence that says what is missing.
pub fn check(mapping: &Mapping, columns: usize) -> Result<(), String> {
    for field in Field::ALL.into_iter().filter(|field| field.is_needed()) {
        if !mapping.contains_key(&field) {
            return Err(format!(
                "Say which column holds: {}.",
                field.plain().to_lowercase()
            ));
        }
    }
    let mut seen = Vec::new();
    for (field, at) in mapping {
        if *at >= columns {
            return Err("The list has no such column. Choose one of those shown.".to_owned());
        }
        if seen.contains(at) {
            return Err(format!(
                "One column is chosen for two things; the second is: {}. Choose another, or none.",
                field.plain().to_lowercase()
            ));
        }
        seen.push(*at);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[&str]) -> Vec<String> {
        all.iter().map(|header| (*header).to_owned()).collect()
    }

    #[test]
    fn headings_suggest_their_fields() {
        let mapping = suggest(&headers(&[
            "Agency Name",
            "ST",
            "County",
            "Email",
            "EMAIL",
            "Mailing Address",
            "Known how",
            "Checked_on",
            "Remarks",
        ]));
        let expected = Mapping::from([
            (Field::Name, 0),
            (Field::State, 1),
            (Field::County, 2),
            (Field::Email, 3),
            (Field::Post, 5),
            (Field::KnownHow, 6),
            (Field::CheckedOn, 7),
        ]);
        assert_eq!(mapping, expected);
    }

    #[test]
    fn our_own_headings_are_all_understood() {
        let own: Vec<String> = Field::ALL
            .iter()
            .map(|field| field.as_str().to_owned())
            .collect();
        let mapping = suggest(&own);
        for (at, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(mapping.get(&field), Some(&at), "{field:?}");
        }
        assert!(check(&mapping, own.len()).is_ok());
    }

    #[test]
    fn a_wrong_mapping_is_named() {
        let lacks = Mapping::from([(Field::Name, 0)]);
        assert!(check(&lacks, 3).is_err_and(|why| why.contains("state")));
        let twice = Mapping::from([(Field::Name, 0), (Field::State, 0)]);
        assert!(check(&twice, 3).is_err_and(|why| why.contains("two things")));
        let beyond = Mapping::from([(Field::Name, 0), (Field::State, 7)]);
        assert!(check(&beyond, 3).is_err());
        assert_eq!(
            repeated(&headers(&["Email", "e-mail", "EMAIL", ""])),
            ["Email"]
        );
    }
}
