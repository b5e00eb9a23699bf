//! The difference between two wordings, word by word, for a person to read.

use serde::Serialize;

/// What became of a stretch of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Same,
    /// Only in the first.
    Gone,
    /// Only in the second.
    New,
}

/// Words that share one fate, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    pub change: Change,
    pub words: String,
}

/// Fewer words than this between two changes are no island worth keeping: a reader wants whole phrases.
const ISLAND: usize = 3;

/// The way from one text to the other, by words. Texts of clauses are short: the table fits easily.
pub fn difference(before: &str, after: &str) -> Vec<Stretch> {
    let old: Vec<&str> = before.split_whitespace().collect();
    let new: Vec<&str> = after.split_whitespace().collect();
    // How many words the rests from (i, j) share.
    let mut shared = vec![vec![0u16; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            shared[i][j] = if old[i] == new[j] {
                shared[i + 1][j + 1].saturating_add(1)
            } else {
                shared[i + 1][j].max(shared[i][j + 1])
            };
        }
    }
    let mut runs: Vec<(Change, Vec<&str>)> = Vec::new();
    let mut say = |change: Change, word| match runs.last_mut() {
        Some((last, words)) if *last == change => words.push(word),
        _ => runs.push((change, vec![word])),
    };
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            say(Change::Same, old[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && shared[i + 1][j] >= shared[i][j + 1]) {
            say(Change::Gone, old[i]);
            i += 1;
        } else {
            say(Change::New, new[j]);
            j += 1;
        }
    }
    in_phrases(&runs)
}

/// Joins changes over small islands, what is gone before what is new.
fn in_phrases(runs: &[(Change, Vec<&str>)]) -> Vec<Stretch> {
    let mut out = Vec::new();
    let (mut gone, mut new): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut flush = |gone: &mut Vec<&str>, new: &mut Vec<&str>, same: &[&str]| {
        for (change, words) in [
            (Change::Gone, std::mem::take(gone)),
            (Change::New, std::mem::take(new)),
            (Change::Same, same.to_vec()),
        ] {
            if !words.is_empty() {
                out.push(Stretch {
                    change,
                    words: words.join(" "),
                });
            }
        }
    };
    for (at, (change, words)) in runs.iter().enumerate() {
        let inside = at > 0 && at + 1 < runs.len();
        match change {
            Change::Gone => gone.extend(words),
            Change::New => new.extend(words),
            Change::Same if inside && words.len() < ISLAND => {
                gone.extend(words);
                new.extend(words);
            }
            Change::Same => flush(&mut gone, &mut new, words),
        }
    }
    flush(&mut gone, &mut new, &[]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(before: &str, after: &str) -> String {
        difference(before, after)
            .iter()
            .map(|stretch| match stretch.change {
                Change::Same => stretch.words.clone(),
                Change::Gone => format!("[-{}-]", stretch.words),
                Change::New => format!("[+{}+]", stretch.words),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn changes_are_told_by_words() {
        assert_eq!(marked("a b c", "a b c"), "a b c");
        assert_eq!(marked("", ""), "");
        assert_eq!(marked("", "new words"), "[+new words+]");
        assert_eq!(marked("gone", ""), "[-gone-]");
        assert_eq!(
            marked(
                "Please send copies of the records.",
                "Please send the records soon."
            ),
            "Please send [-copies of the records.-] [+the records soon.+]"
        );
    }

    proptest::proptest! {
        #[test]
        fn both_texts_can_be_read_out_of_it(before in "[ab ]{0,40}", after in "[abc ]{0,40}") {
            let told = difference(&before, &after);
            let of = |not: Change| -> String {
                told.iter()
                    .filter(|stretch| stretch.change != not)
                    .map(|stretch| stretch.words.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            proptest::prop_assert_eq!(of(Change::New), flat(&before));
            proptest::prop_assert_eq!(of(Change::Gone), flat(&after));
        }
    }
}
