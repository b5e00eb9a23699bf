//! When two spellings are one agency.
//!
//! Lists write one sheriff as "Calhoun County Sheriff's Office" and "Calhoun County Sheriff’s  Office ". Only
//! differences that cannot tell two bodies apart are folded: case, spaces, accents, apostrophes, stops, "&",
//! "Sheriff('s)", "Dept.". "Office" and "Department" stay different words, and so do "Police" and "Sheriff".

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, without accents, apostrophes and stops, single spaces.
pub fn fold(words: &str) -> String {
    let mut plain = String::with_capacity(words.len());
    for letter in words.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '.' | '#' => {}
            '&' => plain.push_str(" and "),
            letter if letter.is_alphanumeric() => plain.extend(letter.to_lowercase()),
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The key under which an agency's name is matched within its jurisdiction.
pub fn key(name: &str) -> String {
    let folded = fold(name);
    let words: Vec<&str> = folded
        .split(' ')
        .map(|word| match word {
            "sheriff" | "sheriffs" => "sheriffs",
            "dept" => "department",
            "saint" => "st",
            other => other,
        })
        .collect();
    words.join(" ")
}

/// A county as matched: without the word County or Parish. None where the cell says nothing ("#N/A", "N/A", empty).
pub fn county_key(county: &str) -> Option<String> {
    let folded = fold(county);
    let bare = [
        " county",
        " parish",
        " borough",
        " census area",
        " municipality",
    ]
    .into_iter()
    .find_map(|tail| folded.strip_suffix(tail))
    .unwrap_or(&folded);
    match bare.trim() {
        "" | "n a" | "na" | "none" | "null" | "nan" | "statewide" => None,
        other => Some(other.replacen("saint ", "st ", 1)),
    }
}

/// Tidies a name for keeping: single spaces, a straight apostrophe, nothing else changed.
pub fn tidy(words: &str) -> String {
    words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(['’', '‘'], "'")
}

/// Whether two county keys differ by one letter at most: added, left out or exchanged.
pub fn one_letter_apart(one: &str, other: &str) -> bool {
    let (short, long): (Vec<char>, Vec<char>) = if one.chars().count() <= other.chars().count() {
        (one.chars().collect(), other.chars().collect())
    } else {
        (other.chars().collect(), one.chars().collect())
    };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    if short.len() == long.len() {
        short[same..].iter().skip(1).eq(long[same..].iter().skip(1))
    } else {
        short[same..] == long[same + 1..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_agency_share_a_key() {
        for (one, other) in [
            (
                "Alder County Sheriff's Office",
                "ALDER COUNTY SHERIFF’S  OFFICE ",
            ),
            (
                "Alder County Sheriff's Office",
                "Alder County Sheriff Office",
            ),
            (
                "Alder County Sheriffs Office",
                "Alder County Sheriff’s Office",
            ),
            ("St. Birch Police Dept.", "Saint Birch Police Department"),
            ("Doña Alder County Jail", "Dona Alder County Jail"),
            ("Alder & Birch Jail", "Alder and Birch Jail"),
        ] {
            assert_eq!(key(one), key(other), "{one} / {other}");
        }
    }

    #[test]
    fn different_bodies_keep_different_keys() {
        for (one, other) in [
            ("Alder Police Department", "Alder Sheriff's Office"),
            (
                "Alder County Sheriff's Office",
                "Alder County Sheriff's Department",
            ),
            ("Alder County Jail", "Alder City Jail"),
        ] {
            assert_ne!(key(one), key(other), "{one} / {other}");
        }
    }

    #[test]
    fn a_county_that_is_not_stated_is_none() {
        for cell in ["", "  ", "#N/A", "N/A", "#NA", "n/a"] {
            assert_eq!(county_key(cell), None, "{cell:?}");
        }
        assert_eq!(county_key(" Alder County "), Some("alder".to_owned()));
        assert_eq!(county_key("Birch Parish"), Some("birch".to_owned()));
        assert_eq!(county_key("St. Cedar"), county_key("Saint Cedar County"));
    }

    #[test]
    fn one_letter_apart_is_a_slip_of_the_hand() {
        for (one, other, near) in [
            ("frankin", "franklin", true),
            ("alder", "alder", true),
            ("alder", "older", true),
            ("alder", "elder ", false),
            ("lee", "levy", false),
            ("clay", "clay", true),
            ("", "a", true),
            ("union", "union city", false),
        ] {
            assert_eq!(one_letter_apart(one, other), near, "{one} / {other}");
            assert_eq!(one_letter_apart(other, one), near, "{other} / {one}");
        }
    }
}
