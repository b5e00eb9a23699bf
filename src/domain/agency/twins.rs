//! Which agencies of a campaign look like one and the same, so that a person can merge them.
//!
//! "Washington County Sheriff's Office" stands in thirty states: another state's is never a duplicate. Within one
//! state, only differences that cannot tell two bodies apart are looked through: apostrophes, "Sheriff's Office" and
//! "Sheriff Dept" (a county has one sheriff), "PD" and "Police Department".

use std::collections::BTreeMap;

use super::name;
use super::plan::KnownAgency;
use crate::domain::ids::AgencyId;

/// As [`name::key`], with the words left out that do not tell a sheriff's or a police office from itself.
pub fn loose_key(called: &str) -> String {
    let key = name::key(called);
    let words: Vec<&str> = key.split(' ').collect();
    let sheriff = words.contains(&"sheriffs");
    let police = words.contains(&"police") || words.contains(&"pd");
    let mut kept: Vec<&str> = Vec::new();
    for word in words {
        match word {
            "office" | "department" | "of" | "the" if sheriff || police => {}
            "county" | "parish" if sheriff => {}
            "pd" if police => kept.push("police"),
            other => kept.push(other),
        }
    }
    // "Sheriff of Alder County" and "Alder County Sheriff" say the same.
    if sheriff {
        kept.sort_unstable();
    }
    kept.join(" ")
}

/// Whether two counties can be the same: equal, or one of them not stated.
fn counties_agree(one: &KnownAgency, other: &KnownAgency) -> bool {
    let key = |agency: &KnownAgency| agency.county.as_deref().and_then(name::county_key);
    match (key(one), key(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// The groups of agencies that look like one, each of two or more, in the order of the list.
pub fn groups(all: &[KnownAgency]) -> Vec<Vec<AgencyId>> {
    let mut by_key: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (at, agency) in all.iter().enumerate() {
        let mut keys: Vec<String> = agency
            .also
            .iter()
            .chain(std::iter::once(&agency.name))
            .map(|called| loose_key(called))
            .collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            by_key
                .entry((agency.jurisdiction.clone(), key))
                .or_default()
                .push(at);
        }
    }
    let mut groups: Vec<Vec<AgencyId>> = Vec::new();
    for places in by_key.into_values().filter(|places| places.len() > 1) {
        let mut left = places;
        while let Some(first) = left.first().copied() {
            let (same, other): (Vec<usize>, Vec<usize>) = left
                .iter()
                .partition(|at| counties_agree(&all[first], &all[**at]));
            let group: Vec<AgencyId> = same.iter().map(|at| all[*at].id).collect();
            if group.len() > 1 && !groups.contains(&group) {
                groups.push(group);
            }
            left = other;
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str, jurisdiction: &str, county: Option<&str>) -> KnownAgency {
        KnownAgency {
            id: AgencyId::new(),
            name: name.to_owned(),
            jurisdiction: jurisdiction.to_owned(),
            county: county.map(str::to_owned),
            also: Vec::new(),
        }
    }

    #[test]
    fn one_sheriff_under_two_spellings_is_found() {
        let all = [
            known(
                "Washington County Sheriff's Office",
                "OR",
                Some("Washington County"),
            ),
            known("Washington County Sheriff Dept", "OR", None),
            known("Sheriff of Washington County", "OR", Some("Washington")),
            known("Washington County Jail", "OR", Some("Washington County")),
        ];
        let found = groups(&all);
        assert_eq!(found, [vec![all[0].id, all[1].id, all[2].id]]);
    }

    #[test]
    fn the_same_name_in_thirty_states_is_thirty_agencies() {
        let states = [
            "AL", "AR", "CO", "FL", "GA", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD",
            "MN", "MS", "MO", "NE", "NY", "NC", "OH", "OK", "OR", "PA", "RI", "TN", "TX", "UT",
            "VT", "VA",
        ];
        let all: Vec<KnownAgency> = states
            .iter()
            .map(|state| {
                known(
                    "Washington County Sheriff’s Office",
                    state,
                    Some("Washington"),
                )
            })
            .collect();
        assert_eq!(all.len(), 30);
        assert!(groups(&all).is_empty());
    }

    #[test]
    fn two_towns_of_one_name_stay_two_and_an_alias_tells() {
        let mut all = vec![
            known("Springfield Police Department", "TX", Some("Alder")),
            known("Springfield PD", "TX", Some("Birch")),
            known("Cedar Department of Detention", "TX", None),
            known("Cedar Jail", "TX", None),
        ];
        assert!(groups(&all).is_empty());
        all[3].also = vec!["Cedar Department of Detention".to_owned()];
        assert_eq!(groups(&all), [vec![all[2].id, all[3].id]]);
    }
}
