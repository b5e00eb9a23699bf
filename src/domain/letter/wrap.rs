//! Setting paragraphs in plain text: lines of a fixed width, hanging indents, section signs kept with their number.

/// Breaks `text` into lines of at most `width` characters. The first line starts with `lead`, the others are
/// indented by as much. A word longer than a line stands alone on its own.
pub fn wrap(text: &str, width: usize, lead: &str) -> String {
    let indent = " ".repeat(lead.chars().count());
    let mut out = String::new();
    let mut line = lead.to_owned();
    let mut used = lead.chars().count();
    let mut empty = true;
    for word in words(text) {
        let long = word.chars().count();
        if !empty && used + 1 + long > width {
            out.push_str(line.trim_end());
            out.push('\n');
            line = indent.clone();
            used = indent.chars().count();
            empty = true;
        }
        if !empty {
            line.push(' ');
            used += 1;
        }
        line.push_str(&word);
        used += long;
        empty = false;
    }
    out.push_str(line.trim_end());
    out
}

/// The text with fixed spaces inside what stays on one line, for paper, which breaks lines by itself.
pub fn keep_together(text: &str) -> String {
    text.lines()
        .map(|line| {
            let words: Vec<String> = words(line)
                .into_iter()
                .map(|word| word.replace(' ', "\u{a0}"))
                .collect();
            words.join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Codes that are cited with a number straight after their initials.
const CODES: &[&str] = &[
    "RCW", "ORS", "KRS", "NRS", "HRS", "MCL", "RSMo", "MCA", "RSA", "SDCL", "AS",
];

/// Words that stay on one line: "§ 36-12-44", "ch. 42.56" and "RCW 42.56.120" are one word here.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut glue = false;
    for word in text.split_whitespace() {
        match out.last_mut() {
            Some(last) if glue => {
                last.push(' ');
                last.push_str(word);
            }
            _ => out.push(word.to_owned()),
        }
        let bare = word.trim_start_matches('(');
        glue = matches!(bare, "§" | "§§" | "ch." | "sec." | "secs." | "art." | "No.")
            || CODES.contains(&bare);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_longer_than_asked() {
        let text = "Under the Alder Public Records Act, Alder Code §§ 36-12-40 to 36-12-46, I ask for ch. 42.56 of RCW 42.56.120 and more.";
        for width in [20, 30, 76] {
            for line in wrap(text, width, "").lines() {
                assert!(
                    line.chars().count() <= width || !line.contains(' '),
                    "{width}: {line}"
                );
                assert!(
                    !line.ends_with('§') && !line.ends_with("ch.") && !line.ends_with("RCW"),
                    "{line}"
                );
            }
        }
        assert_eq!(
            wrap("one two three four", 12, " 1. "),
            " 1. one two\n    three\n    four"
        );
    }

    #[test]
    fn a_word_longer_than_the_line_stands_alone() {
        assert_eq!(
            wrap("to records@alder.example now", 10, ""),
            "to\nrecords@alder.example\nnow"
        );
        assert_eq!(wrap("", 10, ""), "");
    }
}
