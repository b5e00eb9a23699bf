//! Names of files that are safe to keep, to show and to hand out.
//!
//! Pure. A name comes from a stranger: it may hold path separators, line breaks, invisible marks that turn the text
//! around, or an ending that is not what the bytes are.

use super::media::MediaType;

/// The longest name kept, in characters.
const LONGEST: usize = 120;

/// A name for showing and for downloads: no path, no control or invisible marks, not empty, and with an ending that
/// fits what the file really is.
pub fn safe_name(name: &str, media: MediaType) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let mut kept: String = last
        .chars()
        .map(|c| match c {
            '"' | '<' | '>' | '|' | '?' | '*' | ':' | ';' | '%' => '_',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = kept.trim_matches(|c: char| c == '.' || c == ' ' || c == '-');
    let (stem, ending) = match kept.rsplit_once('.') {
        Some((stem, ending))
            if !stem.is_empty()
                && ending.len() <= 5
                && ending.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            (stem, Some(ending.to_ascii_lowercase()))
        }
        _ => (kept, None),
    };
    let stem: String = stem.chars().take(LONGEST).collect();
    let stem = stem.trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() { "file" } else { stem };
    let stem = if is_reserved(stem) {
        format!("_{stem}")
    } else {
        stem.to_owned()
    };
    let fitting = match (&ending, media) {
        (Some(ending), media) if fits(ending, media) => ending.clone(),
        (Some(ending), MediaType::Unknown | MediaType::Zip | MediaType::Text)
            if !is_dangerous(ending) =>
        {
            ending.clone()
        }
        (Some(ending), media) => format!("{ending}.{}", media.extension()),
        (None, media) => media.extension().to_owned(),
    };
    format!("{stem}.{fitting}")
}

/// The value of a Content-Disposition header that makes the browser save the file and never show it.
pub fn attachment(name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%' | ';') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn fits(ending: &str, media: MediaType) -> bool {
    ending == media.extension()
        || matches!(
            (media, ending),
            (MediaType::Jpeg, "jpeg")
                | (MediaType::Tiff, "tiff")
                | (MediaType::Csv, "txt" | "tsv")
                | (MediaType::Text, "csv" | "log" | "md")
                | (MediaType::Html, "htm")
                | (MediaType::Eml, "txt")
        )
}

/// Endings that a computer runs on a double click.
fn is_dangerous(ending: &str) -> bool {
    matches!(
        ending,
        "exe"
            | "com"
            | "bat"
            | "cmd"
            | "scr"
            | "pif"
            | "js"
            | "jse"
            | "vbs"
            | "vbe"
            | "wsf"
            | "wsh"
            | "hta"
            | "msi"
            | "msp"
            | "lnk"
            | "url"
            | "ps1"
            | "jar"
            | "app"
            | "sh"
            | "reg"
            | "cpl"
            | "dll"
            | "html"
            | "htm"
            | "svg"
            | "xhtml"
    )
}

/// Marks that no one sees: joiners, direction marks, byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

/// Names that Windows keeps for devices.
fn is_reserved(stem: &str) -> bool {
    let upper = stem.to_ascii_uppercase();
    matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (upper.len() == 4
            && (upper.starts_with("COM") || upper.starts_with("LPT"))
            && upper.ends_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_names_become_safe() {
        for (name, media, expected) in [
            (
                "Detainer Log 2025.pdf",
                MediaType::Pdf,
                "Detainer Log 2025.pdf",
            ),
            ("../../etc/passwd", MediaType::Text, "passwd.txt"),
            ("C:\\Users\\x\\log.xlsx", MediaType::Xlsx, "log.xlsx"),
            (
                "a\r\nSet-Cookie: x.pdf",
                MediaType::Pdf,
                "a Set-Cookie_ x.pdf",
            ),
            ("gpj.\u{202e}fdp.exe", MediaType::Pdf, "gpj.fdp.exe.pdf"),
            ("", MediaType::Unknown, "file.bin"),
            ("...", MediaType::Pdf, "file.pdf"),
            ("nul.txt", MediaType::Text, "_nul.txt"),
            ("log.docx", MediaType::Pdf, "log.docx.pdf"),
            ("run.exe", MediaType::Unknown, "run.exe.bin"),
            ("data.dat", MediaType::Unknown, "data.dat"),
            (
                "informe de custodia año.pdf",
                MediaType::Pdf,
                "informe de custodia año.pdf",
            ),
            ("quote\"me.pdf", MediaType::Pdf, "quote_me.pdf"),
        ] {
            assert_eq!(safe_name(name, media), expected, "{name:?}");
        }
        assert!(safe_name(&"x".repeat(5_000), MediaType::Pdf).len() < 140);
    }

    #[test]
    fn the_header_holds_one_line_and_no_quotes() {
        let header = attachment("año \"2025\"\r\nX: y.pdf");
        assert!(
            header.starts_with("attachment; filename=\"a_o _2025___X: y.pdf\""),
            "{header}"
        );
        assert!(
            header.ends_with("filename*=UTF-8''a%C3%B1o%20%222025%22%0D%0AX%3A%20y.pdf"),
            "{header}"
        );
    }
}
