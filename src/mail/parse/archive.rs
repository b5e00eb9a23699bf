//! ZIP archives that came with a message, opened within limits: how many files, how large, how much they may grow, no
//! archive within an archive, names that lead nowhere. The archive itself is kept as it came in any case.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

/// Files taken out of one archive.
const MOST_FILES: usize = 300;
/// What all of them may have together.
const MOST_BYTES: u64 = 200 << 20;
/// How much larger than the archive they may be, beyond the first megabytes: text packs 20 to 1, bombs 1,000 to 1.
const GROWTH: u64 = 100;
const FREE_BYTES: u64 = 4 << 20;

/// What was found in an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Name as written, and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// In plain sentences.
    pub problems: Vec<String>,
    /// Something in it needs a password.
    pub locked: bool,
    /// Everything in it stands in `files`.
    pub whole: bool,
}

/// Whether a file is an archive that a person would unpack: office documents are archives too and are none.
pub fn is_archive(name: &str, media_type: &str, bytes: &[u8]) -> bool {
    let named = name.to_ascii_lowercase().ends_with(".zip");
    let declared = matches!(
        media_type,
        "application/zip" | "application/x-zip-compressed" | "application/x-zip"
    );
    let office = ["[Content_Types].xml", "mimetype"]
        .iter()
        .any(|first| bytes.get(30..30 + first.len()) == Some(first.as_bytes()));
    (named || declared) && bytes.starts_with(b"PK") && !office
}

/// Opens an archive as far as the limits allow. `label` names it in sentences.
pub fn open(label: &str, bytes: &[u8]) -> Opened {
    let mut opened = Opened::default();
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(_) => {
            opened.problems.push(format!(
                "{label} is damaged and could not be opened. It is kept as it came; ask the agency to send it again."
            ));
            return opened;
        }
    };
    let room = MOST_BYTES.min(bytes.len() as u64 * GROWTH + FREE_BYTES);
    let mut used = 0_u64;
    let (mut too_many, mut too_large, mut nested, mut damaged) = (false, false, 0_usize, 0_usize);
    for place in 0..archive.len() {
        if opened.files.len() == MOST_FILES {
            too_many = true;
            break;
        }
        let mut entry = match archive.by_index(place) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                opened.locked = true;
                continue;
            }
            Err(_) => {
                damaged += 1;
                continue;
            }
        };
        let Ok(name) = entry.name().map(Cow::into_owned) else {
            damaged += 1;
            continue;
        };
        if entry.is_dir() || is_of_the_program(&name) {
            continue;
        }
        if entry.encrypted() {
            opened.locked = true;
            continue;
        }
        let mut content = Vec::new();
        let left = room - used;
        let read = entry.by_ref().take(left + 1).read_to_end(&mut content);
        used = used.saturating_add(content.len() as u64);
        if used > room {
            too_large = true;
            break;
        }
        if read.is_err() {
            damaged += 1;
            continue;
        }
        nested += usize::from(is_archive(&name, "", &content));
        opened.files.push((name, content));
    }
    opened.whole = !(too_many || too_large || damaged > 0 || opened.locked);
    for (is_so, sentence) in [
        (
            too_many,
            format!(
                "{label} holds more than {MOST_FILES} files; the first {MOST_FILES} were taken out. Open the rest on your own computer."
            ),
        ),
        (
            too_large,
            format!(
                "{label} grows beyond all measure when it is opened, so opening it was stopped. It is kept as it came; do not open it on your own computer, and ask the agency for the files themselves."
            ),
        ),
        (
            nested > 0,
            format!(
                "{label} holds another archive, which was not opened. Save it and open it on your own computer."
            ),
        ),
        (
            damaged > 0,
            format!(
                "{damaged} of the files in {label} could not be read. Ask the agency to send them again."
            ),
        ),
        (
            opened.locked,
            format!("{label} is locked with a password. Ask the agency for it."),
        ),
    ] {
        if is_so {
            opened.problems.push(sentence);
        }
    }
    opened
}

/// What packing programs add for themselves.
fn is_of_the_program(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.ends_with("/.DS_Store") || name.ends_with("Thumbs.db")
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// An archive of these files.
    pub fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let packed =
                SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
            writer.start_file(*name, packed).expect("a file");
            writer.write_all(bytes).expect("its bytes");
        }
        writer.finish().expect("an archive").into_inner()
    }

    /// The same archive with every file marked as locked.
    pub fn locked(mut archive: Vec<u8>) -> Vec<u8> {
        for at in 0..archive.len().saturating_sub(10) {
            if archive[at..].starts_with(b"PK\x03\x04") {
                archive[at + 6] |= 1;
            } else if archive[at..].starts_with(b"PK\x01\x02") {
                archive[at + 8] |= 1;
            }
        }
        archive
    }

    #[test]
    fn plain_archives_give_their_files() {
        let archive = packed(&[
            ("2025/counts.csv", b"year,holds\n2025,41\n"),
            ("../../etc/passwd", b"x"),
            ("__MACOSX/._counts.csv", b"junk"),
        ]);
        assert!(is_archive(
            "records.ZIP",
            "application/octet-stream",
            &archive
        ));
        assert!(!is_archive(
            "records.xlsx",
            "application/octet-stream",
            &archive
        ));
        let opened = open("records.zip", &archive);
        assert!(opened.whole);
        let names: Vec<_> = opened.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["2025/counts.csv", "../../etc/passwd"],
            "names are mended by the caller"
        );
        assert_eq!(opened.problems, Vec::<String>::new());
        let office = packed(&[("[Content_Types].xml", b"<x/>")]);
        assert!(!is_archive("records.zip", "application/zip", &office));
    }

    #[test]
    fn hostile_archives_are_stopped_and_said() {
        let zeros = vec![0_u8; 64 << 20];
        let bomb = open("bomb.zip", &packed(&[("a", &zeros)]));
        assert!(bomb.files.is_empty() && bomb.problems[0].contains("beyond all measure"));
        let inner = packed(&[("a.txt", b"a")]);
        let nested = open("n.zip", &packed(&[("inner.zip", &inner)]));
        assert_eq!(nested.files.len(), 1);
        assert!(!bomb.whole, "the archive itself stays with the message");
        assert!(nested.problems[0].contains("another archive"));
        let many: Vec<(String, Vec<u8>)> = (0..400).map(|n| (format!("{n}"), vec![1])).collect();
        let many: Vec<(&str, &[u8])> = many
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .collect();
        let many = open("m.zip", &packed(&many));
        assert_eq!((many.files.len(), many.whole), (MOST_FILES, false));
        let locked = open("l.zip", &locked(packed(&[("secret.pdf", b"%PDF")])));
        assert!(
            locked.locked && locked.files.is_empty() && !locked.whole,
            "{locked:?}"
        );
        let whole = packed(&[("a.txt", b"some text that is long enough")]);
        for end in 0..whole.len() {
            open("cut.zip", &whole[..end]);
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xFF;
            open("damaged.zip", &damaged);
        }
    }
}
