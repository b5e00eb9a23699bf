//! A message as its sender laid it out: read once more in the worker, for a frame in which nothing runs or loads.

use std::sync::LazyLock;

use regex::Regex;

use super::receive_mail::opened;
use super::{ActionError, App, Deed};
use crate::store::messages::Message;

/// The HTML of a message's body, as it came. It is only ever shown with [`crate::web`]'s sandbox around it.
///
/// # Errors
/// Not found where it has none.
pub async fn read_formatted(app: &App, message: &Message) -> Deed<String> {
    if !message.has_html {
        return Err(ActionError::NotFound);
    }
    let parsed = opened(app, message).await?.map_err(ActionError::refused)?;
    parsed
        .html
        .map(|html| harmless(&html))
        .ok_or(ActionError::NotFound)
}

/// How often what is left after one pass is looked at again.
const MOST_PASSES: usize = 8;

/// Without the elements that act or reach out. The frame's sandbox and policy forbid all of that anyway; what they do
/// not cover (a connection opened ahead of its use) goes with the elements.
fn harmless(html: &str) -> String {
    static ACTING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?is)<\s*/?\s*(?:script|link|meta|base|iframe|frame|frameset|object|embed|applet|form|input|button|select|textarea|video|audio|source|track|portal|noscript|template)\b[^>]*>?",
        )
        .expect("a fixed pattern")
    });
    let mut left = html.to_owned();
    // What is left after one pass may make an element anew: "<scr<script>ipt>".
    for _ in 0..MOST_PASSES {
        if !ACTING.is_match(&left) {
            break;
        }
        left = ACTING.replace_all(&left, "").into_owned();
    }
    // Nested deeper than any mail program writes, so that taking it apart would never end: shown as text.
    if ACTING.is_match(&left) {
        left = left.replace('<', "&lt;");
    }
    format!("<!doctype html><meta charset=\"utf-8\"><title>Message</title>{left}")
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_acts_or_reaches_out_is_left_out() {
        for (html, kept) in [
            ("<p>a</p><script>alert(1)</script>", "<p>a</p>alert(1)"),
            (
                "<META http-equiv=refresh content='0;url=//x'><b>b</b>",
                "<b>b</b>",
            ),
            ("<link rel=preconnect href=//x>c", "c"),
            ("< iframe src=x>d</iframe >", "d"),
            ("<scr<script>ipt>e", "e"),
            ("<form action=//x><input name=y>f", "f"),
        ] {
            let out = harmless(html);
            let body = out.split("</title>").nth(1).unwrap_or_default();
            assert_eq!(body, kept, "{html}");
        }
    }

    #[test]
    fn what_is_nested_without_end_is_text() {
        let html = format!("{}<script>{}", "<scr".repeat(50_000), "ipt>".repeat(50_000));
        let out = harmless(&html);
        assert!(!out.contains("<scr") && out.contains("&lt;scr"));
    }
}
