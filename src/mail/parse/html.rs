//! HTML bodies as plain text: safe to show, with list points, lines and the addresses of links kept.
//!
//! A link's address is written after its words, so that the reader sees where it leads; nothing is ever loaded.

use std::sync::LazyLock;

use mail_parser::decoders::html::html_to_text;
use regex::{Captures, Regex};

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)<(/?)(li|div|tr|td|th|h[1-6]|ul|ol|table|blockquote|hr|a)\b([^>]*)>")
        .expect("a fixed pattern")
});
static HREF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?is)\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#).expect("a fixed pattern")
});

/// Of a body larger than this the beginning is read: its text is cut long before.
const MOST_BYTES: usize = 8 << 20;

/// The text of an HTML body.
pub fn as_text(html: &str) -> String {
    let mut end = html.len().min(MOST_BYTES);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let html = &html[..end];
    let mut links: Vec<Option<String>> = Vec::new();
    // Mail-parser's converter knows paragraphs, line breaks and entities; the rest is put into its words.
    let prepared = TAG.replace_all(html, |tag: &Captures<'_>| {
        let closing = !tag[1].is_empty();
        match (tag[2].to_ascii_lowercase().as_str(), closing) {
            ("li", false) => "<br>- ".to_owned(),
            ("td" | "th", true) => " &nbsp;".to_owned(),
            ("td" | "th", false) => String::new(),
            ("a", false) => {
                links.push(HREF.captures(&tag[3]).and_then(|found| {
                    let address = found
                        .get(1)
                        .or(found.get(2))
                        .or(found.get(3))?
                        .as_str()
                        .trim();
                    is_shown(address).then(|| address.to_owned())
                }));
                String::new()
            }
            ("a", true) => match links.pop().flatten() {
                Some(address) => {
                    format!(
                        " &lt;{}&gt;",
                        address.replace('<', "%3C").replace('>', "%3E")
                    )
                }
                None => String::new(),
            },
            ("li", true) => String::new(),
            _ => "<br>".to_owned(),
        }
    });
    html_to_text(&prepared)
}

/// Addresses that a person may want to open or write to; scripts and embedded data are none.
fn is_shown(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    ["http://", "https://", "mailto:", "ftp://"]
        .iter()
        .any(|scheme| address.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_needs_is_kept_and_nothing_runs() {
        for (html, expected) in [
            (
                "<ul><li>one</li><li>two</li></ul>after",
                "- one\n- two\nafter",
            ),
            (
                "Get <a href=\"https://portal.example/r/42?a=1&amp;b=2\">your records</a> now",
                "Get your records <https://portal.example/r/42?a=1&b=2> now",
            ),
            ("<a href='javascript:alert(1)'>press</a>", "press"),
            ("<a href=data:text/html,x>press</a>", "press"),
            ("<a>no</a> </a> stray", "no stray"),
            ("<script>alert('<li>')</script><style>li{}</style>ok", "ok"),
            (
                "<table><tr><td>2024</td><td>17</td></tr><tr><td>2025</td><td>41</td></tr></table>",
                "2024 17\n2025 41",
            ),
            ("a<div>b</div>c", "a\nb\nc"),
            ("unclosed <a href=\"https://x.example", "unclosed"),
        ] {
            let text = as_text(html);
            let plain: Vec<String> = text
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .filter(|line| !line.is_empty())
                .collect();
            assert_eq!(plain.join("\n"), expected, "{html}");
        }
    }
}
