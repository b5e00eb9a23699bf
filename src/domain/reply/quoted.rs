//! What a reply says, apart from what it quotes: our own letter under the answer must not pass for the agency's words.
//!
//! Imports nothing of the project.

use std::sync::LazyLock;

use regex::Regex;

/// A stretch of a message's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    pub start: usize,
    pub end: usize,
    /// It repeats an earlier message.
    pub quoted: bool,
}

/// The line that mail programs put above what they quote in full.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*(?:on\b.{4,200}\bwrote:|-{2,}\s*(?:original message|forwarded message|original appointment)\s*-{2,}|_{20,}|begin forwarded message:)\s*$",
    )
    .expect("a fixed pattern")
});
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*\*?(from|sent|to|date|subject|cc):\*?\s").expect("a fixed pattern")
});

/// The text in stretches, in order and without gaps.
pub fn passages(text: &str) -> Vec<Passage> {
    let mut lines: Vec<(usize, usize, &str)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push((at, at + line.len(), line.trim_end_matches(['\n', '\r'])));
        at += line.len();
    }
    let mut found: Vec<Passage> = Vec::new();
    let mut rest_is_quoted = false;
    for (n, (start, end, line)) in lines.iter().enumerate() {
        let opens = opening(&lines, n);
        // "On … wrote:" above lines marked with ">" quotes those alone: an answer may stand between them.
        let marked_below = || {
            lines[n + 1..]
                .iter()
                .find(|(_, _, below)| !below.trim().is_empty())
                .is_some_and(|(_, _, below)| below.trim_start().starts_with('>'))
        };
        if opens && !marked_below() {
            rest_is_quoted = true;
        }
        let marked = line.trim_start().starts_with('>');
        let quoted = rest_is_quoted || marked || opens;
        // A blank line goes with what stands above it.
        let quoted = match found.last() {
            Some(last) if line.trim().is_empty() && !rest_is_quoted => last.quoted,
            _ => quoted,
        };
        match found.last_mut() {
            Some(last) if last.quoted == quoted => last.end = *end,
            _ => found.push(Passage {
                start: *start,
                end: *end,
                quoted,
            }),
        }
    }
    found
}

/// Whether what is quoted begins here. A block of headers counts only where three of them stand together.
fn opening(lines: &[(usize, usize, &str)], n: usize) -> bool {
    let (_, _, line) = lines[n];
    if OPENING.is_match(line) {
        return true;
    }
    // Mail programs break a long "On …" line in two.
    if line.trim_start().len() < 200
        && line.trim_start().to_ascii_lowercase().starts_with("on ")
        && let Some((_, _, next)) = lines.get(n + 1)
        && OPENING.is_match(&format!("{} {}", line.trim_end(), next.trim_start()))
    {
        return true;
    }
    let from = line
        .trim_start()
        .trim_start_matches('*')
        .to_ascii_lowercase();
    from.starts_with("from:")
        && lines[n + 1..]
            .iter()
            .take(5)
            .filter(|(_, _, below)| HEADER.is_match(below))
            .count()
            >= 2
}

/// The agency's own words: the text with what is quoted blanked out, sign for sign, so that places stay the same.
pub fn unquoted(text: &str) -> String {
    let mut own = String::with_capacity(text.len());
    for passage in passages(text) {
        let piece = &text[passage.start..passage.end];
        if passage.quoted {
            own.extend(
                piece
                    .bytes()
                    .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
            );
        } else {
            own.push_str(piece);
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        unquoted(text)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" | ")
    }

    #[test]
    fn our_own_letter_is_not_the_agencys_word() {
        for (text, expected) in [
            (
                "Denied.\n\nOn Tue, Jan 6, 2026 at 9:00 AM Rosa <r@x.org> wrote:\n\n> Please waive the deposit.\n> Thanks\n",
                "Denied.",
            ),
            (
                "See below.\n> Item 1?\nYes.\n> Item 2?\nNo.\n",
                "See below. | Yes. | No.",
            ),
            (
                "We need more time.\n\nFrom: Rosa Quill\nSent: Tuesday\nTo: Records\nSubject: Request\n\nPlease waive the deposit.\n",
                "We need more time.",
            ),
            (
                "Thanks.\n-----Original Message-----\nFrom: a\nplease\n",
                "Thanks.",
            ),
            (
                "Thanks.\nOn Tuesday, January 6, 2026, at 9:00 in the morning,\nRosa Quill <rosa@x.org> wrote:\nplease\n",
                "Thanks.",
            ),
            // A table of contacts is no quoted mail.
            (
                "From: the Sheriff\nWe deny it.\n",
                "From: the Sheriff | We deny it.",
            ),
            ("On reflection we deny it.\n", "On reflection we deny it."),
            ("", ""),
        ] {
            assert_eq!(own(text), expected, "{text}");
        }
    }

    #[test]
    fn places_stay_the_same() {
        let text = "Señor, no.\nOn Tue, Jan 6, 2026 Rosa wrote:\n> «está»\n";
        assert_eq!(unquoted(text).len(), text.len());
        let all = passages(text);
        assert_eq!(all.first().map(|first| first.start), Some(0));
        assert_eq!(all.last().map(|last| last.end), Some(text.len()));
        assert!(all.windows(2).all(|pair| pair[0].end == pair[1].start));
    }
}
