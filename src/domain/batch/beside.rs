//! A wording of a few letters beside the wording of most: what is its own, with as many words around as a reader needs.

use super::compare::Variant;
use crate::domain::letter::{Change, difference};

/// A piece of a wording beside the first one of its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    pub words: String,
    /// Not in the first wording.
    pub is_new: bool,
}

/// Unchanged words shown on each side of a change.
const AROUND: usize = 5;

impl Variant {
    /// This wording beside the part's first: what is new in it, with a few words around; longer stretches that are the
    /// same become an ellipsis. None where the two have little in common, so that it is read whole.
    pub fn beside(&self, first: &Variant) -> Option<Vec<Beside>> {
        let stretches = difference(&first.text, &self.text);
        let count = |change: Change| -> usize {
            stretches
                .iter()
                .filter(|stretch| stretch.change == change)
                .map(|stretch| stretch.words.split_whitespace().count())
                .sum()
        };
        if count(Change::Same) < count(Change::New) + count(Change::Gone) {
            return None;
        }
        let last = stretches.len().saturating_sub(1);
        let mut out: Vec<Beside> = Vec::new();
        for (at, stretch) in stretches.into_iter().enumerate() {
            match stretch.change {
                Change::Gone => {}
                Change::New => out.push(Beside {
                    words: stretch.words,
                    is_new: true,
                }),
                Change::Same => out.push(Beside {
                    words: shortened(&stretch.words, at > 0, at < last),
                    is_new: false,
                }),
            }
        }
        Some(out)
    }
}

/// The words next to a change before it and after it; an ellipsis for the rest.
fn shortened(same: &str, after_a_change: bool, before_a_change: bool) -> String {
    let words: Vec<&str> = same.split_whitespace().collect();
    let head = if after_a_change { AROUND } else { 0 };
    let tail = if before_a_change { AROUND } else { 0 };
    if words.len() <= head + tail + 2 {
        return words.join(" ");
    }
    let (head, tail) = (&words[..head], &words[words.len() - tail..]);
    [head.join(" "), "…".to_owned(), tail.join(" ")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wording_beside_the_first_shows_what_is_its_own() {
        let wording = |text: &str| Variant {
            text: text.to_owned(),
            why: String::new(),
            citation: None,
            confidence: None,
            letters: vec![0],
        };
        let first = wording(
            "Records sufficient to show, for each fiscal year of the period, how many detainers your office received, how many it honored, and how many it declined.",
        );
        let other = wording(
            "Records sufficient to show, for each fiscal year of the period, how many detainers the county received, how many it honored, and how many it declined.",
        );
        let pieces = other.beside(&first).expect("much is the same");
        let plain: Vec<(&str, bool)> = pieces
            .iter()
            .map(|piece| (piece.words.as_str(), piece.is_new))
            .collect();
        assert_eq!(
            plain,
            [
                ("… the period, how many detainers", false),
                ("the county", true),
                ("received, how many it honored, …", false)
            ]
        );
        assert_eq!(wording("Quite another paragraph.").beside(&first), None);
    }
}
