//! A letter's plain text read back as what it is made of: addresses, headings, paragraphs, numbered items, signatures.
//!
//! Works from the text alone, so that a letter changed by hand is set on paper just as it reads in the mail. Line
//! breaks that only the narrow column made are taken away; every other one stays.

use super::COLUMNS;
use super::wrap::words;

/// What a block is on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Before the salutation: date, addressee, what it is about. Lines stay as they are.
    Head,
    /// "Dear Custodian of Records:".
    Salutation,
    Heading,
    Paragraph,
    /// With a number or a mark before it, which hangs.
    Item,
    /// "Sincerely,".
    Closing,
    /// After the closing: who signs. Lines stay as they are.
    Signer,
}

/// One block of a letter between empty lines, or one item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub kind: Kind,
    /// "1." or "-": for items only.
    pub mark: String,
    /// Lines to be kept apart; each may be as long as it likes.
    pub lines: Vec<String>,
}

/// Reads a letter's body.
pub fn blocks(body: &str) -> Vec<Block> {
    let texts: Vec<&str> = body
        .split("\n\n")
        .map(|text| text.trim_matches('\n'))
        .filter(|text| !text.trim().is_empty())
        .collect();
    let dear = texts.iter().position(|text| is_salutation(text));
    let closing = texts
        .iter()
        .rposition(|text| is_closing(text))
        .filter(|at| dear.is_none_or(|dear| *at > dear));
    let mut out = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let kind = match (dear, closing) {
            (Some(dear), _) if at < dear => Kind::Head,
            (Some(dear), _) if at == dear => Kind::Salutation,
            (_, Some(closing)) if at == closing => Kind::Closing,
            (_, Some(closing)) if at > closing => Kind::Signer,
            _ if is_heading(text) => Kind::Heading,
            _ => Kind::Paragraph,
        };
        if kind == Kind::Paragraph {
            out.extend(running(text));
        } else {
            out.push(Block {
                kind,
                mark: String::new(),
                lines: text.lines().map(|line| line.trim().to_owned()).collect(),
            });
        }
    }
    out
}

fn is_salutation(text: &str) -> bool {
    text.starts_with("Dear ") && text.ends_with([':', ',']) && !text.contains('\n')
}

fn is_closing(text: &str) -> bool {
    text.chars().count() <= 40 && text.ends_with(',') && !text.contains('\n')
}

/// A short line without an end mark.
fn is_heading(text: &str) -> bool {
    text.chars().count() <= 60
        && !text.contains('\n')
        && text.chars().next().is_some_and(char::is_uppercase)
        && text.chars().last().is_some_and(char::is_alphanumeric)
}

/// Paragraphs and items of one text: every line that opens with a mark opens an item.
fn running(text: &str) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    // The line before, as it was written, to tell why it ended.
    let mut before: Option<&str> = None;
    for line in text.lines() {
        let bare = line.trim();
        if let Some((mark, rest)) = mark_of(bare) {
            out.push(Block {
                kind: Kind::Item,
                mark: mark.to_owned(),
                lines: vec![rest.to_owned()],
            });
        } else if let (Some(block), Some(before)) = (out.last_mut(), before) {
            match block.lines.last_mut() {
                Some(last) if only_for_width(before, bare) => {
                    last.push(' ');
                    last.push_str(bare);
                }
                _ => block.lines.push(bare.to_owned()),
            }
        } else {
            out.push(Block {
                kind: Kind::Paragraph,
                mark: String::new(),
                lines: vec![bare.to_owned()],
            });
        }
        before = Some(line);
    }
    out
}

/// "1." and what follows it; "-" and "(a)" too.
fn mark_of(line: &str) -> Option<(&str, &str)> {
    let (mark, rest) = line.split_once(' ')?;
    let inner = mark
        .strip_suffix('.')
        .or_else(|| mark.strip_prefix('(').and_then(|m| m.strip_suffix(')')));
    let is_mark = matches!(mark, "-" | "•" | "*")
        || inner.is_some_and(|inner| {
            (1..=2).contains(&inner.len()) && inner.bytes().all(|b| b.is_ascii_digit())
                || mark.starts_with('(')
                    && inner.len() == 1
                    && inner.bytes().all(|b| b.is_ascii_lowercase())
        });
    is_mark.then(|| (mark, rest.trim_start()))
}

/// A line that a person leaves this long was going to go on.
const LONG: usize = 55;

/// Whether a line ended only because the next word had no room, or because somebody shortened a full line.
fn only_for_width(line: &str, next: &str) -> bool {
    let used = line.chars().count();
    let word = words(next).first().map_or(0, |word| word.chars().count());
    used + 1 + word > COLUMNS || used >= LONG
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::letter::wrap::wrap;

    fn kinds(body: &str) -> Vec<(Kind, String, Vec<String>)> {
        blocks(body)
            .into_iter()
            .map(|block| (block.kind, block.mark, block.lines))
            .collect()
    }

    #[test]
    fn a_letter_reads_back_as_what_it_was_made_of() {
        let long = "Under the Alder Public Records Act, Alder Code §§ 36-12-40 to 36-12-46, I ask for the records below, which concern ch. 42.56 and more.";
        let item = "The log in which your office records detainers, with one row for each and without any name.";
        let body = format!(
            "November 20, 2026\n\nCustodian of Records\nAlder County Sheriff\n\nDear Custodian of Records:\n\n{}\n\nRecords requested\n\n{}\n\n{}\n\nWrite to:\nRosa Example\n\nSincerely,\n\nRosa Example\nAlder Campaign\n",
            wrap(long, COLUMNS, ""),
            wrap(item, COLUMNS, " 1. "),
            wrap("One more.", COLUMNS, "10. "),
        );
        let own = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(&body),
            [
                (Kind::Head, String::new(), own(&["November 20, 2026"])),
                (
                    Kind::Head,
                    String::new(),
                    own(&["Custodian of Records", "Alder County Sheriff"])
                ),
                (
                    Kind::Salutation,
                    String::new(),
                    own(&["Dear Custodian of Records:"])
                ),
                (Kind::Paragraph, String::new(), own(&[long])),
                (Kind::Heading, String::new(), own(&["Records requested"])),
                (Kind::Item, "1.".to_owned(), own(&[item])),
                (Kind::Item, "10.".to_owned(), own(&["One more."])),
                (
                    Kind::Paragraph,
                    String::new(),
                    own(&["Write to:", "Rosa Example"])
                ),
                (Kind::Closing, String::new(), own(&["Sincerely,"])),
                (
                    Kind::Signer,
                    String::new(),
                    own(&["Rosa Example", "Alder Campaign"])
                ),
            ]
        );
    }

    #[test]
    fn a_text_without_form_is_paragraphs_and_no_word_is_lost() {
        for body in [
            "",
            "hello there, clerk.",
            "a\nb\n\n- one\n- two goes on\n  here\n\n2024. That year",
            "Dear me",
        ] {
            let mut words = Vec::new();
            for block in blocks(body) {
                words.extend(
                    block
                        .mark
                        .split_whitespace()
                        .map(str::to_owned)
                        .collect::<Vec<_>>(),
                );
                for line in block.lines {
                    words.extend(line.split_whitespace().map(str::to_owned));
                }
            }
            assert_eq!(words, body.split_whitespace().collect::<Vec<_>>(), "{body}");
        }
    }
}
