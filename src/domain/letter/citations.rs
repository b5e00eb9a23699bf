//! Whose statute a citation is: the forms in which each jurisdiction's law is cited, to keep one state's law out of
//! a letter to another.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Each jurisdiction with a pattern of its codes' names. Patterns are forms of citation, not laws: they need no
/// source. `Va. Code` is inside `W. Va. Code`, so West Virginia stands first and its match wins.
const FORMS: &[(&str, &str)] = &[
    ("WV", r"W\. ?Va\. Code"),
    ("AK", r"\bAS \d{2}\.\d{2}|\d AAC \d"),
    ("AL", r"\bAla\. (?:Code|Const)"),
    ("AR", r"\bArk\. (?:Code|Const)"),
    ("AZ", r"\bA\.R\.S\.|\bAriz\. (?:Rev|Const)"),
    (
        "CA",
        r"\bCal\. (?:Gov|Code|Const|Penal|Civ)|California Public Records Act",
    ),
    ("CO", r"\bC\.R\.S\.|\bColo\. (?:Rev|Const)"),
    ("CT", r"\bConn\. (?:Gen|Agencies)"),
    ("DC", r"\bD\.C\. (?:Code|Official)"),
    ("DE", r"\bDel\. ?C(?:ode|\.)"),
    ("FL", r"\bFla\. (?:Stat|Const)|\bFlorida Statutes"),
    ("GA", r"\bO\.C\.G\.A\."),
    ("HI", r"\bHRS (?:ch\.|§|\d)|\bHAR (?:ch\.|§)|\bHaw\. Rev"),
    ("IA", r"\bIowa Code"),
    ("ID", r"\bIdaho Code"),
    ("IL", r"\bILCS\b"),
    ("IN", r"\bInd\. Code"),
    ("KS", r"\bK\.S\.A\."),
    ("KY", r"\bKRS (?:ch|\d)"),
    ("LA", r"\bLa\. (?:R\.S|Rev|Const)"),
    ("MA", r"\bG\.L\. c\.|\bM\.G\.L\.|\d CMR \d"),
    ("MD", r"\bMd\. (?:Code|Ann)"),
    ("ME", r"\bM\.R\.S\b"),
    ("MI", r"\bMCL(?:A)? (?:§ ?)?\d|\bMich\. Comp"),
    ("MN", r"\bMinn\. Stat"),
    ("MO", r"\bRSMo\b|\bMo\. Rev"),
    ("MS", r"\bMiss\. Code"),
    ("MT", r"\bMCA \d|\bMont\. (?:Const|Code)"),
    ("NC", r"\bN\.C\. ?(?:Gen\. ?Stat|G\.S)"),
    ("ND", r"\bN\.D\.C\.C\.|\bN\.D\. Const"),
    ("NE", r"\bNeb\. Rev"),
    ("NH", r"\bRSA (?:ch|\d)"),
    ("NJ", r"\bN\.J\.S\.A\.|\bN\.J\. Stat|Directive 2018-6"),
    ("NM", r"\bNMSA\b"),
    ("NV", r"\bNRS \d"),
    ("NY", r"\bN\.Y\. [A-Z]|\bPub\. Off\. Law"),
    ("OH", r"\bOhio (?:R\.C|Rev)|\bR\.C\. \d"),
    ("OK", r"\b\d+ O\.S\. "),
    ("OR", r"\bORS \d|\bOAR \d"),
    ("PA", r"\b\d+ P\.S\. |\bPa\. ?C\.S"),
    ("RI", r"\bR\.I\. Gen"),
    ("SC", r"\bS\.C\. Code"),
    ("SD", r"\bSDCL\b"),
    ("TN", r"\bTenn\. (?:Code|Const)"),
    ("TX", r"\bTex\. (?:Gov|Code|Const)|\bTexas Government Code"),
    ("UT", r"\bUtah Code"),
    ("VA", r"\bVa\. Code"),
    ("VT", r"\bV\.S\.A\."),
    ("WA", r"\bRCW\b|\bWAC \d"),
    ("WI", r"\bWis\. (?:Stat|Const)"),
    ("WY", r"\bWyo\. Stat"),
    // The federal records law only: federal regulations and immigration statutes may be named anywhere.
    (
        "US",
        r"\b5 U\.S\.C\. ?§+ ?552\b|\b6 C\.F\.R\. (?:§|part 5)|\b[Ff]ederal Freedom of Information Act",
    ),
];

/// All forms at once tells in one pass which of them are worth a second one.
struct Reader {
    all: RegexSet,
    each: Vec<(&'static str, Regex)>,
}

/// None only if a pattern did not compile; a test holds that they do.
/// None only if a pattern did not compile; a test holds that they do. Words end by ASCII rules: a section sign in
/// the text would otherwise drive the search onto its slow path.
static READER: LazyLock<Option<Reader>> = LazyLock::new(|| {
    let each: Result<Vec<_>, _> = FORMS
        .iter()
        .map(|(code, form)| {
            let form = RegexBuilder::new(form).unicode(false).build()?;
            Ok::<_, regex::Error>((*code, form))
        })
        .collect();
    let all = RegexSetBuilder::new(FORMS.iter().map(|(_, form)| form))
        .unicode(false)
        .build();
    each.ok()
        .zip(all.ok())
        .map(|(each, all)| Reader { all, each })
});

/// A citation found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found<'t> {
    pub code: &'static str,
    pub text: &'t str,
    /// Byte offset.
    pub at: usize,
}

/// Every citation of a records law in `text`, in the order of codes above.
pub(super) fn find(text: &str) -> Vec<Found<'_>> {
    let mut found: Vec<Found<'_>> = Vec::new();
    let Some(reader) = READER.as_ref() else {
        return found;
    };
    for at in reader.all.matches(text) {
        let (code, form) = &reader.each[at];
        for hit in form.find_iter(text) {
            let inside = found
                .iter()
                .any(|other| other.at <= hit.start() && hit.end() <= other.at + other.text.len());
            if !inside {
                found.push(Found {
                    code,
                    text: hit.as_str(),
                    at: hit.start(),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Library;

    #[test]
    fn every_pattern_compiles_and_every_jurisdiction_has_one() {
        assert_eq!(READER.as_ref().map(|reader| reader.each.len()), Some(52));
    }

    #[test]
    fn each_law_is_known_as_its_own_and_nobody_elses() {
        let library = Library::embedded().expect("sound law files");
        for jurisdiction in library.all() {
            let own = jurisdiction.code.as_str();
            let codes: Vec<&str> = find(&jurisdiction.law.citation)
                .iter()
                .map(|f| f.code)
                .collect();
            assert!(codes.contains(&own), "{own}: {}", jurisdiction.law.citation);
            let mut all = vec![&jurisdiction.law.citation, &jurisdiction.fees.citation];
            all.extend(jurisdiction.fees.waiver_citation.iter());
            all.push(&jurisdiction.eligibility.citation);
            all.extend(jurisdiction.duties.iter().map(|duty| &duty.citation));
            all.extend(jurisdiction.detainers.iter().map(|law| &law.citation));
            for citation in all {
                for found in find(citation) {
                    assert_eq!(found.code, own, "{citation}: {}", found.text);
                }
            }
        }
    }

    #[test]
    fn neighbours_are_told_apart() {
        for (text, codes) in [
            ("W. Va. Code § 29B-1-3", vec!["WV"]),
            ("Va. Code § 2.2-3704(B)", vec!["VA"]),
            ("8 C.F.R. § 236.6 and 8 U.S.C. § 1357(g)", vec![]),
            ("5 U.S.C. § 552(a)(3)", vec!["US"]),
            ("5 U.S.C. § 552a", vec![]),
            ("was 20.25 percent, as 12 of 13", vec![]),
        ] {
            assert_eq!(
                find(text).iter().map(|f| f.code).collect::<Vec<_>>(),
                codes,
                "{text}"
            );
        }
    }
}
