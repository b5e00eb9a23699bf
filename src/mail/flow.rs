//! Plain text that reads well in every mail program: long lines broken softly (RFC 3676, `format=flowed`) so that,
//! joined again, they are the text to the letter. Imports nothing of the project.

/// The text with `\n` line ends, without blanks at line ends, ending in one line end. `flow` and `unflow` agree on it.
pub fn tidy(text: &str) -> String {
    let mut tidied = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .split('\n')
        .map(|line| line.trim_end_matches([' ', '\t']))
        .collect::<Vec<_>>()
        .join("\n");
    tidied.truncate(tidied.trim_end_matches('\n').len());
    tidied.push('\n');
    tidied
}

/// Longest line before it is broken.
const WIDTH: usize = 76;

/// Breaks long lines at blanks, leaving the blank at the line's end: a soft break by RFC 3676.
pub fn flow(text: &str) -> String {
    let mut flowed = String::with_capacity(text.len() + text.len() / 40);
    for paragraph in tidy(text).trim_end_matches('\n').split('\n') {
        let mut line = String::new();
        let mut width = 0;
        for word in words(paragraph) {
            let length = word.trim_end_matches(' ').chars().count();
            if width > 0 && width + length > WIDTH && line.ends_with(' ') {
                push_line(&mut flowed, &line);
                line.clear();
                width = 0;
            }
            line.push_str(word);
            width += word.chars().count();
        }
        push_line(&mut flowed, &line);
    }
    flowed
}

/// Lines that begin with a blank, ">" or "From " get a blank before them, which readers take away again.
fn push_line(flowed: &mut String, line: &str) {
    if line.starts_with([' ', '>']) || line.starts_with("From ") {
        flowed.push(' ');
    }
    flowed.push_str(line);
    flowed.push('\n');
}

/// Words with the blanks that follow them. Leading blanks belong to the first word.
fn words(paragraph: &str) -> impl Iterator<Item = &str> {
    let mut rest = paragraph;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = rest.len() - rest.trim_start_matches(' ').len();
        let end = rest[start..].find(' ').map_or(rest.len(), |blank| {
            let from = start + blank;
            from + (rest[from..].len() - rest[from..].trim_start_matches(' ').len())
        });
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Joins soft-broken lines again (RFC 3676).
pub fn unflow(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text
        .replace("\r\n", "\n")
        .trim_end_matches('\n')
        .split('\n')
    {
        let line = line.strip_prefix(' ').unwrap_or(line);
        joined.push_str(line);
        if !line.ends_with(' ') {
            joined.push('\n');
        }
    }
    tidy(&joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "Records Officer\nAlder County Sheriff\n\nUnder the Public Records Act I request the following records for the period from 1 January 2025 to 31 December 2025:\n\n1. Records sufficient to show the number of immigration detainers (form I-247A) received in each month.\n   From this item leave out names.\n\n> not a quotation\n  – “Señor” is spelt so.\nhttps://records.example/a/very/long/address/that/cannot/be/broken/anywhere/because/it/has/no/blanks/at/all\n";

    #[test]
    fn flowed_text_comes_back_to_the_letter() {
        for text in [
            LETTER,
            "",
            "one",
            "   indented and rather long so that it must be broken at least once before the end of the line\n",
            "From the start\n>>quoted\n\n\n\nafter gaps  with   many    blanks that go on and on and on and on and on\n",
            &"word ".repeat(500),
            &"é".repeat(300),
            "a line of exactly seventy-six signs, which is the very width that is used.. b\n",
        ] {
            assert_eq!(unflow(&flow(text)), tidy(text));
            let longest = flow(text)
                .lines()
                .map(|line| line.chars().count())
                .max()
                .unwrap_or(0);
            assert!(
                longest <= 80 || !text.contains(' ') || text == LETTER,
                "{longest}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_survives_the_flow(text in "[ a-z>F\u{e9}\n]{0,400}") {
            proptest::prop_assert_eq!(unflow(&flow(&text)), tidy(&text));
        }
    }
}
