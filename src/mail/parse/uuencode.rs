//! Files that old programs write straight into the text: `begin 644 name`, lines of signs, `end`.

/// The most files that one text gives.
const MOST: usize = 50;

/// A file found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Its `end` was missing or a line was damaged: this is what could be saved.
    pub cut_off: bool,
}

/// The text without the files in it, and the files.
pub fn take_out(text: &str) -> (String, Vec<Found>) {
    if !text.contains("begin ") {
        return (text.to_owned(), Vec::new());
    }
    let mut rest = String::with_capacity(text.len());
    let mut found: Vec<Found> = Vec::new();
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let name = opening(line).filter(|_| found.len() < MOST);
        // "begin 644 the work" is a sentence unless a line of data follows.
        let (Some(name), Some(next)) = (name, lines.peek()) else {
            rest.push_str(line);
            continue;
        };
        if decoded(next).is_none() {
            rest.push_str(line);
            continue;
        }
        let mut file = Found {
            name: name.to_owned(),
            bytes: Vec::new(),
            cut_off: true,
        };
        while let Some(line) = lines.peek() {
            if line.trim_end() == "end" {
                file.cut_off = false;
                lines.next();
                break;
            }
            let Some(bytes) = decoded(line) else {
                break;
            };
            file.bytes.extend(bytes);
            lines.next();
        }
        found.push(file);
    }
    (rest, found)
}

/// The name in `begin 644 counts.xls`.
fn opening(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("begin ")?;
    let (mode, name) = rest.split_once(' ')?;
    let is_mode =
        (3..=4).contains(&mode.len()) && mode.bytes().all(|sign| (b'0'..=b'7').contains(&sign));
    let name = name.trim();
    (is_mode && !name.is_empty()).then_some(name)
}

/// One line of data; none where it is none. Blanks at its end may have been lost on the way.
fn decoded(line: &str) -> Option<Vec<u8>> {
    let line = line.trim_end_matches(['\r', '\n']);
    let signs = line.as_bytes();
    let length = usize::from(value(*signs.first()?)?);
    let data = &signs[1..];
    let wanted = length.div_ceil(3) * 4;
    // Some programs add a sign as a checksum.
    if data.len() > wanted + 1 || (length > 0 && data.len() + 12 < wanted) {
        return None;
    }
    let mut bytes = Vec::with_capacity(wanted / 4 * 3);
    for place in (0..wanted).step_by(4) {
        let mut four = [0_u8; 4];
        for (at, slot) in four.iter_mut().enumerate() {
            *slot = value(data.get(place + at).copied().unwrap_or(b' '))?;
        }
        bytes.push(four[0] << 2 | four[1] >> 4);
        bytes.push(four[1] << 4 | four[2] >> 2);
        bytes.push(four[2] << 6 | four[3]);
    }
    bytes.truncate(length);
    Some(bytes)
}

fn value(sign: u8) -> Option<u8> {
    (b' '..=b'`').contains(&sign).then(|| (sign - b' ') & 0x3F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_out_of_the_text_and_sentences_stay() {
        let text = "Here it is.\nbegin 644 cat.txt\n#0V%T\n`\nend\nRegards\n";
        let (rest, found) = take_out(text);
        assert_eq!(rest, "Here it is.\nRegards\n");
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].name.as_str(), found[0].bytes.as_slice()),
            ("cat.txt", b"Cat".as_slice())
        );
        assert!(!found[0].cut_off);

        let cut = take_out("begin 644 cat.txt\n#0V%T\n").1;
        assert!(cut[0].cut_off && cut[0].bytes == b"Cat");
        for sentence in [
            "We begin 644 the work\nnow",
            "begin 644 the work tomorrow, and let us know what you think of it, please\nor not",
            "begin again\n#0V%T\nend\n",
            "begin 999 x\n#0V%T\nend\n",
        ] {
            assert_eq!(
                take_out(sentence),
                (sentence.to_owned(), Vec::new()),
                "{sentence}"
            );
        }
    }
}
