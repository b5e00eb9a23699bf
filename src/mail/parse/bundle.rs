//! Many messages in one file: an mbox, or an archive of messages and mboxes, as mail programs save them.

use super::archive;

/// Messages taken out of one file.
pub const MOST: usize = 5_000;

/// The messages of a file, each as it lies there, and what was left out, in plain sentences. A file that is one message
/// is that one.
pub fn messages(raw: &[u8]) -> (Vec<Vec<u8>>, Vec<String>) {
    let mut problems = Vec::new();
    let mut all = Vec::new();
    if archive::is_archive("messages.zip", "application/zip", raw) {
        let opened = archive::open("The archive", raw);
        problems.extend(opened.problems);
        for (name, bytes) in opened.files {
            let ending = name
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            if matches!(ending.as_str(), "eml" | "msg" | "mbox" | "mbx" | "txt") || is_mbox(&bytes)
            {
                all.extend(of_mbox(&bytes));
            } else if !archive::is_archive(&name, "", &bytes) {
                problems.push(
                    "The archive also holds files that are no messages; they were left out. Add them as documents.".to_owned(),
                );
            }
        }
        problems.dedup();
    } else {
        all = of_mbox(raw);
    }
    if all.len() > MOST {
        problems.push(format!(
            "The file holds {} messages; the first {MOST} were taken. Save the others into a file of their own.",
            all.len()
        ));
        all.truncate(MOST);
    }
    (all, problems)
}

/// Whether a file begins as an mbox does: "From clerk@alder.gov Mon Jan 12 09:00:00 2026".
fn is_mbox(raw: &[u8]) -> bool {
    raw.starts_with(b"From ")
}

/// The messages of an mbox without their envelope lines, and with ">From " put back to "From "; or the file itself.
fn of_mbox(raw: &[u8]) -> Vec<Vec<u8>> {
    if !is_mbox(raw) {
        return vec![raw.to_vec()];
    }
    let mut all: Vec<Vec<u8>> = Vec::new();
    let mut after_blank = true;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if after_blank && is_envelope(line) {
            all.push(Vec::new());
            after_blank = false;
            continue;
        }
        after_blank = line.iter().all(u8::is_ascii_whitespace);
        if let Some(message) = all.last_mut() {
            let marks = line.iter().take_while(|byte| **byte == b'>').count();
            let quoted = marks > 0 && line[marks..].starts_with(b"From ");
            message.extend_from_slice(if quoted { &line[1..] } else { line });
        }
    }
    if all.is_empty() {
        return vec![raw.to_vec()];
    }
    // The blank line before the next envelope is the mbox's, not the message's.
    for message in &mut all {
        for ending in [b"\r\n\r\n".as_slice(), b"\n\n"] {
            if message.ends_with(ending) {
                message.truncate(message.len() - ending.len() / 2);
                break;
            }
        }
    }
    all.retain(|message| !message.iter().all(u8::is_ascii_whitespace));
    all
}

/// An envelope line ends with a year; a sentence that begins with "From" does not look so.
fn is_envelope(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else {
        return false;
    };
    let words: Vec<&[u8]> = rest
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .collect();
    let is_time =
        |word: &&[u8]| word.len() >= 5 && word.contains(&b':') && word[0].is_ascii_digit();
    let is_year = |word: &&[u8]| word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    words.iter().any(is_time) && words.iter().any(is_year)
}

#[cfg(test)]
mod tests {
    use super::super::archive::tests::packed;
    use super::*;

    const MBOX: &[u8] = b"From clerk@alder.gov Mon Jan 12 09:00:00 2026\nSubject: one\n\nHello\n>From here on\nFrom now on we answer.\n\nFrom MAILER-DAEMON Tue Jan 13 09:00:00 2026 +0000\r\nSubject: two\r\n\r\nBye\r\n";

    #[test]
    fn an_mbox_is_as_many_messages_as_it_holds() {
        let (all, problems) = messages(MBOX);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(all.len(), 2);
        assert_eq!(
            all[0],
            b"Subject: one\n\nHello\nFrom here on\nFrom now on we answer.\n"
        );
        assert_eq!(all[1], b"Subject: two\r\n\r\nBye\r\n");
        let single = b"From: a@b\nSubject: x\n\nFrom now on\n";
        assert_eq!(messages(single).0, vec![single.to_vec()]);
        assert_eq!(messages(b"").0.len(), 1);
    }

    #[test]
    fn an_archive_of_messages_is_opened_once() {
        let archive = packed(&[
            ("a.eml", b"Subject: a\n\nx\n"),
            ("all.mbox", MBOX),
            ("photo.jpg", b"\xFF\xD8"),
        ]);
        let (all, problems) = messages(&archive);
        assert_eq!(all.len(), 3);
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
