//! Places in a text where personal data may stand: suggestions for counsel, never a clearance.
//!
//! Pure. Here: patterns over one page's text (or one cell's). A hit says which kind, which handling class and where,
//! by character positions; it never carries the words themselves, so that logs and tables cannot leak them. No hit
//! proves nothing: recall is poor for names and free text, and a page without text has none to look at.

use std::sync::LazyLock;

use regex::{Match, Regex};
use serde::{Deserialize, Serialize};

use crate::domain::review::Handling;

/// What a place may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    ANumber,
    IceCaseNumber,
    FbiNumber,
    StateId,
    SocialSecurity,
    BirthDate,
    BirthCountry,
    VictimProtection,
    Juvenile,
    Medical,
    Asylum,
}

impl Kind {
    pub fn class(self) -> Handling {
        match self {
            Kind::ANumber
            | Kind::IceCaseNumber
            | Kind::FbiNumber
            | Kind::StateId
            | Kind::SocialSecurity
            | Kind::BirthDate
            | Kind::BirthCountry => Handling::P2,
            Kind::VictimProtection | Kind::Juvenile | Kind::Medical | Kind::Asylum => Handling::P3,
        }
    }

    /// For counsel.
    pub fn plain(self) -> &'static str {
        match self {
            Kind::ANumber => "A-number",
            Kind::IceCaseNumber => "ICE subject, event or case number",
            Kind::FbiNumber => "FBI number",
            Kind::StateId => "state identification number",
            Kind::SocialSecurity => "Social Security number",
            Kind::BirthDate => "birth date",
            Kind::BirthCountry => "country of birth or citizenship",
            Kind::VictimProtection => "victim protection (8 U.S.C. § 1367)",
            Kind::Juvenile => "juvenile",
            Kind::Medical => "medical or mental health",
            Kind::Asylum => "asylum or claim to status",
        }
    }
}

/// One suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    pub kind: Kind,
    pub class: Handling,
    /// Characters (not bytes) from the start of the text: first, and one past the last.
    pub start: usize,
    pub end: usize,
}

/// Suggestions kept of one page: beyond this the page is a list of people and one look says so.
pub const MOST: usize = 500;

/// How far before a number or date its label may stand, in characters.
const NEAR: usize = 40;

/// Looks for all kinds. In order of place; overlapping hits of one kind are told once.
pub fn suggest(text: &str) -> Vec<Suggestion> {
    let mut found: Vec<(Kind, usize, usize)> = Vec::new();
    let mut take = |kind: Kind, hit: Match<'_>| found.push((kind, hit.start(), hit.end()));

    for hit in A_NUMBER.find_iter(text) {
        if a_number_fits(text, hit) {
            take(Kind::ANumber, hit);
        }
    }
    labelled(text, &A_LABEL, &BARE_A, |hit| take(Kind::ANumber, hit));
    for hit in A_COLUMN.find_iter(text) {
        take(Kind::ANumber, hit);
    }
    for hit in ICE_CASE.find_iter(text) {
        take(Kind::IceCaseNumber, hit);
    }
    for hit in FBI.find_iter(text) {
        take(Kind::FbiNumber, hit);
    }
    for hit in STATE_ID.find_iter(text) {
        take(Kind::StateId, hit);
    }
    for hit in SSN.find_iter(text) {
        if ssn_fits(text, hit) {
            take(Kind::SocialSecurity, hit);
        }
    }
    for hit in SSN_LAST_FOUR.find_iter(text) {
        take(Kind::SocialSecurity, hit);
    }
    labelled(text, &BIRTH_LABEL, &DATE, |hit| take(Kind::BirthDate, hit));
    for hit in BIRTH_COUNTRY.find_iter(text) {
        take(Kind::BirthCountry, hit);
    }
    for hit in VICTIM.find_iter(text) {
        take(Kind::VictimProtection, hit);
    }
    for hit in JUVENILE.find_iter(text) {
        take(Kind::Juvenile, hit);
    }
    for hit in MEDICAL.find_iter(text) {
        take(Kind::Medical, hit);
    }
    for hit in ASYLUM.find_iter(text) {
        take(Kind::Asylum, hit);
    }

    found.sort_by_key(|(kind, start, end)| (*start, *kind, std::cmp::Reverse(*end)));
    let mut told: Vec<(Kind, usize, usize)> = Vec::new();
    for hit in found {
        let again = told
            .iter()
            .rev()
            .take(20)
            .any(|(kind, start, end)| *kind == hit.0 && hit.1 < *end && *start < hit.2);
        if !again {
            told.push(hit);
        }
        if told.len() == MOST {
            break;
        }
    }
    in_characters(text, told)
}

/// The highest class among suggestions.
pub fn highest(suggestions: &[Suggestion]) -> Option<Handling> {
    suggestions.iter().map(|suggestion| suggestion.class).max()
}

/// Every value that follows a label within reach, on its line or the next: "DOB: 01/02/1990", or a label over a value.
fn labelled<'t>(text: &'t str, label: &Regex, value: &Regex, mut take: impl FnMut(Match<'t>)) {
    for label in label.find_iter(text) {
        let from = label.end();
        let window = window_after(text, from, NEAR);
        if let Some(hit) = value.find(window)
            && let Some(hit) = value.find_at(&text[..from + window.len()], from + hit.start())
        {
            take(hit);
        }
    }
}

/// Up to `length` characters after a byte position.
fn window_after(text: &str, from: usize, length: usize) -> &str {
    let rest = &text[from..];
    let end = rest
        .char_indices()
        .nth(length)
        .map_or(rest.len(), |(at, _)| at);
    &rest[..end]
}

/// Up to `length` characters before a byte position.
fn window_before(text: &str, to: usize, length: usize) -> &str {
    let head = &text[..to];
    let start = head
        .char_indices()
        .rev()
        .nth(length.saturating_sub(1))
        .map_or(0, |(at, _)| at);
    &head[start..]
}

/// Seven to nine digits, not all zeros (which means "unknown"), and no word before that makes it another number.
fn a_number_fits(text: &str, hit: Match<'_>) -> bool {
    let digits: String = hit.as_str().chars().filter(char::is_ascii_digit).collect();
    if !(7..=9).contains(&digits.len()) || digits.bytes().all(|digit| digit == b'0') {
        return false;
    }
    let before = window_before(text, hit.start(), 24);
    !OTHER_NUMBER.is_match(before)
}

/// Areas that were never given out, and numbers that are part of a longer one or said to be something else.
fn ssn_fits(text: &str, hit: Match<'_>) -> bool {
    let digits: String = hit.as_str().chars().filter(char::is_ascii_digit).collect();
    let never = digits.starts_with("000")
        || digits.starts_with("666")
        || digits.starts_with('9')
        || digits.get(3..5) == Some("00")
        || digits.ends_with("0000");
    let joined = text[..hit.start()].ends_with(['-', '.', '/'])
        || text[hit.end()..].starts_with(['-', '/'])
        || text[hit.end()..]
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let before = window_before(text, hit.start(), 24);
    !never && !joined && !PARCEL.is_match(before)
}

/// Byte ranges as character ranges, in one pass over the text.
fn in_characters(text: &str, hits: Vec<(Kind, usize, usize)>) -> Vec<Suggestion> {
    let mut bounds: Vec<usize> = hits
        .iter()
        .flat_map(|(_, start, end)| [*start, *end])
        .collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut counted = Vec::with_capacity(bounds.len());
    let (mut at, mut characters) = (0, 0);
    for bound in &bounds {
        characters += text[at..*bound].chars().count();
        at = *bound;
        counted.push(characters);
    }
    let place = |byte: usize| match bounds.binary_search(&byte) {
        Ok(index) => counted[index],
        Err(_) => 0,
    };
    hits.into_iter()
        .map(|(kind, start, end)| Suggestion {
            kind,
            class: kind.class(),
            start: place(start),
            end: place(end),
        })
        .collect()
}

/// A pattern of this file. They are constants, and a test builds each one.
fn pattern(text: &str) -> Regex {
    match Regex::new(text) {
        Ok(regex) => regex,
        Err(error) => panic!("a pattern of the detection is wrong: {error}"),
    }
}

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {$(
        $(#[$doc])*
        static $name: LazyLock<Regex> = LazyLock::new(|| pattern($text));
    )+};
}

patterns! {
    /// A, then 7 to 9 digits in threes: A123456789, A# 123-456-789, A-No. 12 345 678, also read by machines as "4#".
    A_NUMBER = r"(?i)\bA[#\s.\-]{0,3}(?:No\.?|Num(?:ber)?\.?)?[#:\s\-]{0,3}\d{1,3}[\s\-]?\d{3}[\s\-]?\d{3}\b";
    A_LABEL = r"(?i)(?:\bA[\s\-]?(?:#|no\b\.?|num(?:ber)?\b)|\balien\s*(?:#|no\b\.?|num(?:ber)?\b|registration\b|file\b)|\bUSCIS\s*(?:#|no\b\.?|num(?:ber)?\b)|\bfile\s+(?:no\b\.?|number\b))";
    BARE_A = r"\b\d{2,3}[\s\-]?\d{3}[\s\-]?\d{3}\b";
    /// A column of a fixed layout: a header, then lines of nine digits.
    A_COLUMN = r"(?im)^.*\b(?:A[\s\-]?(?:#|number)|alien (?:number|no\.?))(?:[^\n]*)\n(?:[^\n]*\n){0,2}[^\n]*\b\d{8,9}\b";
    /// Words that make a number something else.
    OTHER_NUMBER = r"(?i)\b(?:invoice|inv|unit|part|contract|agreement|suite|apt|po|purchase|order|account|acct|check|case\s+style|model|serial|tel|phone|fax|exhibit|lot)\s*(?:#|no\.?|number|:)?\s*$";
    ICE_CASE = r"(?i)\b(?:subject\s*id|event\s*(?:#|no\.?|number)|FIN(?:S)?\s*(?:#|no\.?|number|:)|EID\s*(?:#|no\.?|number|:))\s*[:#.\-]?\s*[A-Z]{0,4}\d[A-Z0-9\-]{4,15}\b";
    FBI = r"(?i)\b(?:FBI|UCN)\s*(?:#|no\b\.?|num(?:ber)?\b|id\b)?\s*[:#.\-]?\s*\d{2,8}[A-Z]{0,2}\d{0,2}\b";
    STATE_ID = r"(?i)\bSID\s*(?:#|no\b\.?|num(?:ber)?\b)?\s*[:#.\-]?\s*(?:[A-Z]{2}[\s\-]?)?\d{6,10}\b";
    SSN = r"\b\d{3}-\d{2}-\d{4}\b";
    SSN_LAST_FOUR = r"(?i)\b(?:SSN|soc(?:ial)?\.?\s*sec(?:urity)?)\b[^\n]{0,20}?(?:\b\d{9}\b|(?:last\s*(?:4|four)[^\d\n]{0,8}|x{3,5}-?x{2}-?|\*{3,5}-?\*{2}-?)\d{4}\b)";
    PARCEL = r"(?i)\b(?:parcel|apn|tel|phone|fax|cell)\s*(?:#|no\.?|id|number)?\s*[:.]?\s*$";
    BIRTH_LABEL = r"(?i)\b(?:D\.?O\.?B\b\.?|date\s+of\s+birth|birth\s*date|birthdate|born|fecha\s+de\s+nacimiento|nacid[oa])";
    /// mm/dd/yyyy, yyyy-mm-dd, yyyymmdd, mmddyy, 2 January 1990, Jan. 2, 1990, Spanish forms.
    DATE = r"(?i)\b(?:\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})|(?:19|20)\d{2}[/.\-]\d{1,2}[/.\-]\d{1,2}|(?:19|20)\d{6}|\d{6}|\d{1,2}(?:\s+de)?\s+[a-z]{3,10}\.?,?(?:\s+de)?\s+(?:19|20)\d{2}|[a-z]{3,9}\.?\s+\d{1,2},?\s+(?:19|20)\d{2})\b";
    BIRTH_COUNTRY = r"(?i)\b(?:COB|POB|country\s+of\s+(?:birth|citizenship|origin)|place\s+of\s+birth|citizen(?:ship)?\s+of|nationality|native\s+of|born\s+in|pa[ií]s\s+de\s+(?:nacimiento|origen))\b\s*[:#.\-]?\s*(?:M[EÉ]XICO|MX|MM|GUATEMALA|GT|HONDURAS|HN|HO|EL\s+SALVADOR|SV|ES|NICARAGUA|NI|NU|COLOMBIA|CO|VENEZUELA|VE|ECUADOR|EC|EU|PER[UÚ]|PE|CUBA|CU|HAITI|HT|HA|DOMINICAN\s+REPUBLIC|DR|JAMAICA|JM|BRA[ZS]IL|BR|BZ|CHINA|CN|INDIA|IN|PHILIPPINES|PH|PI|VIETNAM|VN|VM|KOREA|CANADA|RUSSIA|UKRAINE|ROMANIA|NIGERIA|SOMALIA|SUDAN|ETHIOPIA|ERITREA|CAMEROON|GHANA|CONGO|SENEGAL|MAURITANIA|TURKEY|IRAQ|IRAN|SYRIA|AFGHANISTAN|PAKISTAN|BANGLADESH|NEPAL|BURMA|MYANMAR|LAOS|CAMBODIA|THAILAND|INDONESIA|PERÚ|CHILE|ARGENTINA|BOLIVIA|PARAGUAY|URUGUAY|COSTA\s+RICA|PANAMA|BELIZE|POLAND|PORTUGAL|SPAIN|ITALY|GERMANY|FRANCE|UNITED\s+KINGDOM)\b";
    /// Class code 384 and § 1367 mark cases whose existence is protected.
    VICTIM = r"(?i)\b(?:[UT][\s\-]?visas?|I[\s\-]?(?:918|914|360)\b|VAWA|violence\s+against\s+women\s+act|1367\b|class\s+code\s*:?\s*384|trafficking\s+(?:victim|survivor)|victims?\s+of\s+(?:human\s+)?trafficking|human\s+trafficking|protective\s+order|order\s+of\s+protection|orden\s+de\s+protecci[oó]n)";
    JUVENILE = r"(?i)\b(?:juveniles?|minors?|menor(?:es)?\s+de\s+edad|unaccompanied\s+(?:alien\s+)?child(?:ren)?|UACs?|youth\s+(?:facility|detention|center)|(?:age[ds]?|edad)\s*[:\-]?\s*(?:1[0-7]|[1-9])\b|\b(?:1[0-7]|[1-9])[\s\-](?:years?|yrs?)[\s\-]old)";
    MEDICAL = r"(?i)\b(?:medical\s+(?:condition|history|record|hold|alert|treatment|clearance|screening)s?|medicat(?:ion|ed)s?|diagnos(?:is|es|ed)|suicide\s+(?:watch|attempt|risk)|suicidal|pregnan(?:t|cy)|embarazada|HIV(?:\+|\s+positive)?|AIDS\b|hepatitis|tuberculosis|insulin|schizophreni[ac]|bipolar|psychiatric|mental\s+(?:health|illness)|detox|methadone|seizures?\s+disorder)\b";
    ASYLUM = r"(?i)\b(?:asylum|asylee|refugee|credible\s+fear|withholding\s+of\s+removal|asilo|USC\s+claim|claim(?:s|ed)?\s+(?:to\s+be\s+a\s+)?(?:US|U\.S\.)\s+citizen(?:ship)?)\b";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        suggest(text).into_iter().map(|hit| hit.kind).collect()
    }

    #[test]
    fn invented_personal_data_is_found() {
        let cases = [
            ("Subject A123456789 was booked", Kind::ANumber),
            ("A# 123-456-789", Kind::ANumber),
            ("A-No. 12 345 678 held", Kind::ANumber),
            ("a 012345678", Kind::ANumber),
            ("Alien number: 123456789", Kind::ANumber),
            ("USCIS# 098-765-432", Kind::ANumber),
            ("File No. 098 765 432", Kind::ANumber),
            (
                "A-NUMBER   LAST NAME\n------------\n098765432  ROE",
                Kind::ANumber,
            ),
            ("Subject ID: 345678912", Kind::IceCaseNumber),
            ("Event #: SEA2101000123", Kind::IceCaseNumber),
            ("FBI #: 123456AB7", Kind::FbiNumber),
            ("UCN 12345678", Kind::FbiNumber),
            ("SID: WA12345678", Kind::StateId),
            ("SSN 123-45-6789", Kind::SocialSecurity),
            ("123-45-6789", Kind::SocialSecurity),
            ("SSN: xxx-xx-6789", Kind::SocialSecurity),
            ("SSN last four: 6789", Kind::SocialSecurity),
            ("DOB: 01/02/1990", Kind::BirthDate),
            ("D.O.B. 1990-01-02", Kind::BirthDate),
            ("Date of Birth\n   19900102", Kind::BirthDate),
            ("born January 2, 1990 in Alder", Kind::BirthDate),
            ("nacido el 2 de enero de 1990", Kind::BirthDate),
            ("COB: MEXICO", Kind::BirthCountry),
            ("Country of citizenship: Guatemala", Kind::BirthCountry),
            ("applied for a U visa", Kind::VictimProtection),
            ("form I-918 pending", Kind::VictimProtection),
            ("VAWA self-petitioner", Kind::VictimProtection),
            ("protected under 8 U.S.C. 1367", Kind::VictimProtection),
            ("the juvenile was moved", Kind::Juvenile),
            ("a 16-year-old", Kind::Juvenile),
            ("placed on suicide watch", Kind::Medical),
            ("she is pregnant", Kind::Medical),
            ("seeks asylum", Kind::Asylum),
        ];
        for (text, kind) in cases {
            assert!(kinds(text).contains(&kind), "{text:?}: {:?}", kinds(text));
        }
    }

    #[test]
    fn look_alikes_are_left_alone() {
        for text in [
            "Invoice A1234567 paid",
            "Unit A-1234567",
            "A 000 000 000 means unknown",
            "Contract No. 123456789",
            "phone 206-555-0142 and 206-555-01423",
            "parcel 123-45-6789",
            "666-12-3456 and 912-34-5678 and 000-12-3456",
            "booked on 01/02/2025 and hired 03/04/2010",
            "policy effective January 2, 2020",
            "FBI training attended by 12 deputies",
            "the FBI field office",
            "licence plate ABC1234",
            "RCW 42.56.520 and 8 CFR 287.7",
            "41 detainers received in 2025",
            "A total of 1,234,567 dollars",
            "exhibit marks S-0042",
            "Section 287(g) of the Act",
            "country of birth is not recorded in this table",
        ] {
            assert_eq!(kinds(text), [], "{text:?}");
        }
    }

    #[test]
    fn places_are_counted_in_characters_and_hold_no_words() {
        let text = "Señor Núñez, A123456789, DOB 01/02/1990";
        let found = suggest(text);
        let shown: Vec<String> = found
            .iter()
            .map(|hit| {
                text.chars()
                    .skip(hit.start)
                    .take(hit.end - hit.start)
                    .collect()
            })
            .collect();
        assert_eq!(shown, ["A123456789", "01/02/1990"]);
        let kept = serde_json::to_string(&found).expect("plain data");
        assert!(!kept.contains("123456789") && !kept.contains("1990"));
    }

    #[test]
    fn the_highest_class_wins() {
        assert_eq!(
            highest(&suggest("A123456789 has a U visa")),
            Some(Handling::P3)
        );
        assert_eq!(highest(&suggest("A123456789")), Some(Handling::P2));
        assert_eq!(highest(&suggest("nothing here")), None);
    }

    #[test]
    fn a_page_full_of_numbers_stays_bounded() {
        let text = "A123456789 123-45-6789 DOB 01/02/1990\n".repeat(2_000);
        assert_eq!(suggest(&text).len(), MOST);
    }
}
