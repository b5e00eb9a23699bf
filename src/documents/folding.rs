//! Text made comparable: for searching pages, and for finding a quote that a person copied out of one.
//!
//! Pure. Page text comes with ligatures, soft hyphens, words cut at line ends and lost spaces; a person types none of
//! them. Folding is for comparing only and is never shown.

use unicode_normalization::UnicodeNormalization;

/// Lower case, ligatures taken apart, accents off, curly marks straight, words cut at a line end joined, every run of
/// white space one space.
pub fn fold(text: &str) -> String {
    let joined = join_cut_words(text);
    let mut folded = String::with_capacity(joined.len());
    for c in joined.nfkd().flat_map(char::to_lowercase) {
        match c {
            // Soft hyphen, zero-width marks.
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{2060}' => {}
            c if unicode_normalization::char::is_combining_mark(c) => {}
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '`' => folded.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{201f}' | '\u{2033}' => folded.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
            c if c.is_whitespace() => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            c => folded.push(c),
        }
    }
    folded.trim().to_owned()
}

/// "otherwise-re-\nlease" as "otherwise-release": a hyphen at a line's end between two letters of which the second is
/// small.
fn join_cut_words(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let ended = line.trim_end();
        let cut = ended
            .strip_suffix(['-', '\u{2010}', '\u{ad}'])
            .filter(|stem| stem.ends_with(char::is_alphabetic));
        let goes_on = lines
            .peek()
            .and_then(|next| next.trim_start().chars().next())
            .is_some_and(char::is_lowercase);
        match cut {
            Some(stem) if goes_on => {
                joined.push_str(stem);
                if let Some(next) = lines.next() {
                    joined.push_str(next.trim_start());
                }
                joined.push('\n');
            }
            _ => {
                joined.push_str(line);
                joined.push('\n');
            }
        }
    }
    joined
}

/// Whether a page's folded text holds a quote. Spaces and hyphens count for nothing on either side: both get lost in a
/// page's text. A quote without a letter or digit is in no page.
pub fn holds_quote(folded_page: &str, quote: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect()
    };
    let quote = bare(&fold(quote));
    quote.chars().any(char::is_alphanumeric) && bare(folded_page).contains(&quote)
}

/// A piece of a page's text around the first place where a folded phrase stands, as (before, hit, after), in the
/// page's own spelling. None where folding changed the text too much to point at the place.
pub fn snippet(text: &str, folded_phrase: &str, around: usize) -> Option<(String, String, String)> {
    if folded_phrase.is_empty() {
        return None;
    }
    // Fold character by character, keeping which character of the text each folded one came from.
    let characters: Vec<char> = text.chars().collect();
    let mut folded: Vec<(char, usize)> = Vec::with_capacity(characters.len());
    for (at, c) in characters.iter().enumerate() {
        if c.is_whitespace() {
            if folded.last().is_none_or(|(last, _)| *last != ' ') {
                folded.push((' ', at));
            }
            continue;
        }
        for f in fold(&c.to_string()).chars() {
            folded.push((f, at));
        }
    }
    let phrase: Vec<char> = folded_phrase.chars().collect();
    let start = folded
        .windows(phrase.len())
        .position(|window| window.iter().map(|(c, _)| c).eq(phrase.iter()))?;
    let first = folded.get(start)?.1;
    let last = folded.get(start + phrase.len() - 1)?.1 + 1;
    let piece = |from: usize, to: usize| -> String {
        characters[from..to]
            .iter()
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let from = first.saturating_sub(around);
    let to = (last + around).min(characters.len());
    Some((piece(from, first), piece(first, last), piece(last, to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_undoes_what_pages_do_to_words() {
        for (text, folded) in [
            ("The ﬁrst oﬀicer", "the first officer"),
            ("de\u{ad}tainer", "detainer"),
            ("otherwise-re-\n   lease date", "otherwise-release date"),
            ("I-\nPARTIES", "i- parties"),
            ("Cañón  County\n\n  Jail", "canon county jail"),
            (
                "\u{201c}no one\u{2019}s\u{201d} 2024\u{2013}25",
                "\"no one's\" 2024-25",
            ),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }

    #[test]
    fn quotes_are_found_through_ligatures_line_breaks_and_lost_spaces() {
        let page = fold(
            "In ﬁscal year 2024 the jail re-\nceived 1,204 de\u{ad}tainers and\nhonored41 of them.",
        );
        for quote in [
            "In fiscal year 2024 the jail received 1,204 detainers",
            "received   1,204\ndetainers",
            "honored 41 of them",
            "RECEIVED 1,204",
        ] {
            assert!(holds_quote(&page, quote), "{quote:?}");
        }
        for quote in ["received 1,205", "", "   ", "--"] {
            assert!(!holds_quote(&page, quote), "{quote:?}");
        }
    }

    #[test]
    fn snippets_keep_the_spelling_of_the_page() {
        let text = "The Sheriff of Cañón County\nreceived 41 detainers in 2024.";
        assert_eq!(
            snippet(text, "canon county received", 12),
            Some((
                "Sheriff of".to_owned(),
                "Cañón County received".to_owned(),
                "41 detainer".to_owned()
            ))
        );
        assert_eq!(snippet(text, "birch", 10), None);
        assert_eq!(snippet(text, "", 10), None);
    }
}
