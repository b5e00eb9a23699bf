//! Whether the text of a page can be trusted, by the share of its words that look like words.
//!
//! Pure. Scans come with no text, or with a text layer full of rubbish from somebody else's recognition; neither may
//! pass for a page that was read. English and Spanish, numbers, names and codes count as plausible.

use serde::{Deserialize, Serialize};

/// What a page's text is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    Readable,
    /// None, or next to none: a scan, a picture, an empty page.
    NoText,
    /// There is text, but too little of it is words.
    Garbled,
}

impl Reading {
    /// For people, beside the page.
    pub fn plain(self) -> &'static str {
        match self {
            Reading::Readable => "readable",
            Reading::NoText => {
                "too little text to rely on: a scan, a picture or a few words; needs a person's eyes"
            }
            Reading::Garbled => {
                "unreadable: the text in the file is garbled; needs a person's eyes"
            }
        }
    }

    pub fn is_readable(self) -> bool {
        self == Reading::Readable
    }
}

/// Letters and digits a page must have before it counts as text at all: a page number, a stamp, or a name typed over a
/// scanned signature page does not.
const FEWEST_MARKS: usize = 60;

/// The share of plausible words below which a text layer is rubbish.
const FEWEST_PLAUSIBLE: f32 = 0.55;

/// Judges one page.
pub fn judge(text: &str) -> Reading {
    let marks = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .take(FEWEST_MARKS)
        .count();
    if marks < FEWEST_MARKS {
        return Reading::NoText;
    }
    if plausible_share(text) < FEWEST_PLAUSIBLE {
        return Reading::Garbled;
    }
    Reading::Readable
}

/// The share of words, 0 to 1, that could be words, numbers or codes; 0 where there are none. Leaders, rules and
/// lone punctuation are passed over.
pub fn plausible_share(text: &str) -> f32 {
    let mut seen = 0u32;
    let mut plausible = 0u32;
    for word in text.split_whitespace() {
        match judge_word(word) {
            Some(true) => {
                seen += 1;
                plausible += 1;
            }
            Some(false) => seen += 1,
            None => {}
        }
    }
    if seen == 0 {
        return 0.0;
    }
    plausible as f32 / seen as f32
}

/// None for what says nothing: rules, leaders, lone marks.
fn judge_word(word: &str) -> Option<bool> {
    let core = word.trim_matches(|c: char| !c.is_alphanumeric());
    if core.is_empty() {
        let first = word.chars().next()?;
        let rule = word.chars().all(|c| c == first);
        return (!rule && word.chars().count() > 2).then_some(false);
    }
    if core.contains('@') || core.contains("://") || core.starts_with("www.") {
        return Some(true);
    }
    let letters = core.chars().filter(|c| c.is_alphabetic()).count();
    let digits = core.chars().filter(|c| c.is_numeric()).count();
    let marks = core.chars().count() - letters - digits;
    if letters == 0 {
        return Some(marks <= digits);
    }
    if digits > 0 {
        // Codes such as I-247A, 287(g), A123, 2nd: short, few other marks.
        return Some(core.chars().count() <= 20 && marks <= 3);
    }
    // Hyphens, slashes and apostrophes join words; each part must stand alone.
    let mut parts = core
        .split([
            '-', '/', '\u{2013}', '\u{2014}', '\'', '\u{2019}', '.', ',', '(', ')', '&', ':', ';',
        ])
        .filter(|part| !part.is_empty());
    Some(parts.all(is_word))
}

fn is_word(part: &str) -> bool {
    let count = part.chars().count();
    if count == 1 {
        return part
            .chars()
            .all(|c| c.is_ascii_alphabetic() || c.is_alphabetic() && c as u32 > 0xff);
    }
    if count > 24 || !part.chars().all(char::is_alphabetic) {
        return false;
    }
    let capitals = part.chars().filter(|c| c.is_uppercase()).count();
    // ALL CAPITALS, Title, lower, McName; not rANdoM.
    let case_fits = capitals == count
        || capitals <= 1
        || (capitals == 2 && part.starts_with(char::is_uppercase))
        || capitals + 1 == count;
    if !case_fits {
        return false;
    }
    if capitals == count && count <= 6 {
        return true;
    }
    let mut run = 0;
    let mut longest = 0;
    let mut vowels = 0;
    for c in part.chars().flat_map(char::to_lowercase) {
        if is_vowel(c) {
            vowels += 1;
            run = 0;
        } else {
            run += 1;
            longest = longest.max(run);
        }
    }
    if count <= 3 && vowels == 0 {
        return SHORT.contains(&part.to_lowercase().as_str());
    }
    vowels > 0 && longest <= 5 && vowels * 6 >= count
}

/// Short words without a vowel that letters really contain.
const SHORT: [&str; 24] = [
    "mr", "mrs", "ms", "dr", "st", "jr", "sr", "no", "ltd", "co", "vs", "nd", "rd", "th", "pp",
    "cc", "pm", "hr", "hrs", "yr", "yrs", "lb", "ft", "tx",
];

fn is_vowel(c: char) -> bool {
    matches!(
        c,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'á'
            | 'é'
            | 'í'
            | 'ó'
            | 'ú'
            | 'ü'
            | 'à'
            | 'è'
            | 'ï'
            | 'ö'
            | 'ä'
            | 'ø'
    ) || c as u32 > 0x24f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_apart() {
        let cases = [
            (
                "The Alder County Sheriff received 41 detainers (Form I-247A) between July 1, 2024 and June 30, 2025. See Section 287(g).",
                Reading::Readable,
            ),
            (
                "El condado recibió 41 solicitudes de detención entre el 1 de julio de 2024 y el 30 de junio de 2025.",
                Reading::Readable,
            ),
            (
                "Month   Received  Honored  Declined\nJuly ........ 12 ..... 3 ..... 9\nAugust ______ 14  2  12\nSeptember  9  9  0\nOctober  11  4  7",
                Reading::Readable,
            ),
            ("", Reading::NoText),
            ("   \n\n  Page 12  ", Reading::NoText),
            (
                "March 3, 2025\n\nRobin Example\n\nActing Director\n",
                Reading::NoText,
            ),
            (
                "lJ~ rn: \"'vq{ xKlW ;;.t 1I)l} zxcvq bnmkl wRtQp |_]i fGhJkL ~~^;: qwrtp §$%& hjklm )(/&% xcvbn mKoIj wqXtr pLmKj zzxqw hgFdS",
                Reading::Garbled,
            ),
            (
                "!\"#$ %&'( )*+, -./0 1234567 :;<=> ?@ABC !\"#$ %&'( )*+, :;<=> )(*& ^%$# @!~` {}|[ ]\\:\" abcdefghijkl mnbvcxzlkjhg 98$%^&*( qwzrtplkjh )(*&^1 zxcvbnmlkjh pqlkjhgf",
                Reading::Garbled,
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(
                judge(text),
                expected,
                "{text:?} scored {}",
                plausible_share(text)
            );
        }
    }
}
