//! Names of attached files, made safe to show and to save.

use std::collections::HashSet;

const MAX_CHARS: usize = 120;

/// Signs that turn the reading direction or are invisible: "cod.exe" must not show as "exe.doc".
pub fn is_deceptive(sign: char) -> bool {
    matches!(
        sign,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{00AD}'
            | '\u{061C}'
    )
}

/// A name without path, control and direction signs. Falls back on the position and media type where nothing is left.
pub fn repair(written: Option<&str>, position: usize, media_type: &str) -> String {
    let written = written.unwrap_or_default().trim();
    // Quotes of the wrong kind.
    let written = written
        .strip_prefix('\'')
        .and_then(|written| written.strip_suffix('\''))
        .unwrap_or(written);
    let last = written
        .rsplit(['/', '\\'])
        .find(|piece| !piece.trim().is_empty())
        .unwrap_or_default();
    let clean: String = last
        .chars()
        .map(|sign| match sign {
            ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{FFFD}' => '_',
            other => other,
        })
        .filter(|sign| !sign.is_control() && !is_deceptive(*sign))
        .collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean = clean.trim_matches(|sign: char| sign == '.' || sign == ' ');
    if clean.is_empty() || clean.chars().all(|sign| sign == '_') {
        return format!("attachment-{position}{}", ending(media_type));
    }
    let (stem, dot_ending) = match clean.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.chars().count() <= 10 => {
            (stem, format!(".{ending}"))
        }
        _ => (clean, ending(media_type).to_owned()),
    };
    let room = MAX_CHARS - dot_ending.chars().count();
    let stem: String = stem.chars().take(room).collect();
    format!("{stem}{dot_ending}")
}

/// The usual ending of a media type, with its dot; empty where none is usual.
fn ending(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => ".pdf",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "image/tiff" => ".tif",
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/csv" => ".csv",
        "text/calendar" => ".ics",
        "message/rfc822" | "message/global" => ".eml",
        "application/zip" => ".zip",
        "application/msword" => ".doc",
        "application/vnd.ms-excel" => ".xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        _ => "",
    }
}

/// Makes `name` different from those in `taken`: "scan.pdf", "scan (2).pdf". Case does not tell names apart.
pub fn unique(name: String, taken: &mut HashSet<String>) -> String {
    if taken.insert(name.to_lowercase()) {
        return name;
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) => (stem.to_owned(), format!(".{ending}")),
        None => (name, String::new()),
    };
    let mut number = 2_usize;
    loop {
        let candidate = format!("{stem} ({number}){ending}");
        if taken.insert(candidate.to_lowercase()) {
            return candidate;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mended() {
        let long = format!("{}.pdf", "x".repeat(300));
        let cut = format!("{}.pdf", "x".repeat(116));
        for (written, media_type, expected) in [
            (
                Some("Detainer log.xlsx"),
                "application/octet-stream",
                "Detainer log.xlsx",
            ),
            (Some("../../etc/passwd"), "text/plain", "passwd.txt"),
            (
                Some("C:\\Users\\clerk\\Scan.PDF"),
                "application/pdf",
                "Scan.PDF",
            ),
            (
                Some("policy\u{202E}fdp.exe"),
                "application/pdf",
                "policyfdp.exe",
            ),
            (Some("a\r\nb\t.pdf"), "application/pdf", "ab.pdf"),
            (
                Some("  report  \u{0000} final .pdf "),
                "application/pdf",
                "report final .pdf",
            ),
            (Some("'single.pdf'"), "application/pdf", "single.pdf"),
            (Some("what?.pdf"), "application/pdf", "what_.pdf"),
            (Some("..."), "application/pdf", "attachment-3.pdf"),
            (Some("/"), "image/jpeg", "attachment-3.jpg"),
            (Some("\u{FFFD}\u{FFFD}"), "x/y", "attachment-3"),
            (
                Some("Informe de détention.pdf"),
                "application/pdf",
                "Informe de détention.pdf",
            ),
            (None, "message/rfc822", "attachment-3.eml"),
            (Some("scan"), "application/pdf", "scan.pdf"),
            (Some(&long), "application/pdf", cut.as_str()),
        ] {
            assert_eq!(repair(written, 3, media_type), expected, "{written:?}");
        }
    }

    #[test]
    fn no_two_names_are_alike() {
        let mut taken = HashSet::new();
        let names: Vec<_> = ["scan.pdf", "Scan.pdf", "scan.pdf", "scan (2).pdf", "x", "x"]
            .into_iter()
            .map(|name| unique(name.to_owned(), &mut taken))
            .collect();
        assert_eq!(
            names,
            [
                "scan.pdf",
                "Scan (2).pdf",
                "scan (3).pdf",
                "scan (2) (2).pdf",
                "x",
                "x (2)"
            ]
        );
    }
}
