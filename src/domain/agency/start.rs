//! The departments that stand in a campaign from its first day, and the jurisdictions' names and clocks.
//!
//! Data: `data/agencies.toml`, embedded. Names, jurisdiction and time zone only; contacts come from people.

use std::sync::LazyLock;

use chrono_tz::Tz;
use serde::Deserialize;

use super::name;

/// One state's department that runs its prisons, or the District's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Postal code, upper case.
    pub jurisdiction: String,
    /// The state's name as lists write it.
    pub state: String,
    pub name: String,
    pub time_zone: Tz,
    /// Other spellings that lists use for the same department.
    #[serde(default)]
    pub also: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherZone {
    jurisdiction: String,
    time_zone: Tz,
    names: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    department: Vec<Department>,
    counties: Vec<OtherZone>,
}

static START: LazyLock<Result<File, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/agencies.toml")).map_err(|error| error.to_string())
});

/// What the binary carries is wrong: the launch stops with it.
#[derive(Debug, thiserror::Error)]
#[error("data/agencies.toml cannot be read: {0}")]
pub struct BadStart(String);

/// Reads the embedded file once; called at launch, so that [`departments`] cannot come up empty later.
///
/// # Errors
/// Where the file is not what it should be.
pub fn check() -> Result<(), BadStart> {
    START
        .as_ref()
        .map(|_| ())
        .map_err(|error| BadStart(error.clone()))
}

/// The fifty states' departments and the District's, by postal code.
pub fn departments() -> &'static [Department] {
    START
        .as_ref()
        .map(|file| file.department.as_slice())
        .unwrap_or(&[])
}

/// The jurisdiction that a list's cell names, by name or postal code in any case: "FLORIDA", "fl", "D.C.".
pub fn jurisdiction_of(words: &str) -> Option<&'static Department> {
    let folded = name::fold(words);
    departments().iter().find(|department| {
        folded == department.jurisdiction.to_ascii_lowercase()
            || folded == name::fold(&department.state)
            || (department.jurisdiction == "DC" && (folded == "d c" || folded == "washington dc"))
    })
}

/// The clock of an agency in that county, or of most of the state where no county is known.
pub fn time_zone_of(jurisdiction: &str, county: Option<&str>) -> Option<Tz> {
    let department = departments()
        .iter()
        .find(|department| department.jurisdiction == jurisdiction)?;
    let county = county.and_then(name::county_key);
    let other = county.and_then(|county| {
        START.as_ref().ok()?.counties.iter().find(|other| {
            other.jurisdiction == jurisdiction
                && other
                    .names
                    .iter()
                    .any(|name| name::county_key(name).as_deref() == Some(&county))
        })
    });
    Some(other.map_or(department.time_zone, |other| other.time_zone))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn fifty_states_and_the_district_once_each() {
        check().expect("the embedded file reads");
        let codes: HashSet<&str> = departments()
            .iter()
            .map(|d| d.jurisdiction.as_str())
            .collect();
        assert_eq!(departments().len(), 51);
        assert_eq!(codes.len(), 51);
        let keys: HashSet<String> = departments().iter().map(|d| name::key(&d.name)).collect();
        assert_eq!(keys.len(), 51, "no two departments share a name");
    }

    #[test]
    fn a_jurisdiction_is_found_by_name_or_code() {
        for (words, code) in [
            ("FLORIDA ", "FL"),
            ("fl", "FL"),
            ("New  Hampshire", "NH"),
            ("District of Columbia", "DC"),
            ("D.C.", "DC"),
            ("washington", "WA"),
        ] {
            assert_eq!(
                jurisdiction_of(words).map(|d| d.jurisdiction.as_str()),
                Some(code),
                "{words}"
            );
        }
        assert!(jurisdiction_of("Guam").is_none());
        assert!(jurisdiction_of("").is_none());
    }

    #[test]
    fn a_county_may_keep_another_clock_than_its_state() {
        for (code, county, zone) in [
            ("TX", None, "America/Chicago"),
            ("TX", Some("El Paso County "), "America/Denver"),
            ("FL", Some("Escambia County"), "America/Chicago"),
            ("FL", Some("#N/A"), "America/New_York"),
            ("TN", Some("Knox"), "America/New_York"),
            ("AZ", Some("Pima County"), "America/Phoenix"),
        ] {
            assert_eq!(
                time_zone_of(code, county).map(|zone| zone.name()),
                Some(zone),
                "{code} {county:?}"
            );
        }
        assert_eq!(time_zone_of("XX", None), None);
    }
}
