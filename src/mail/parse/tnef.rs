//! Outlook's `winmail.dat` (MS-OXTNEF): the files and the text in it, which no other program shows.
//!
//! Everything is a slice of the part itself, so what comes out is never more than what came in.

use super::rtf;

/// What was found in a winmail.dat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Name, media type (empty where it is not stated) and bytes.
    pub files: Vec<(String, String, Vec<u8>)>,
    pub text: String,
    pub html: String,
    /// It ends in the middle.
    pub cut_off: bool,
}

const SIGNATURE: u32 = 0x223E_9F78;
const MOST_FILES: usize = 500;
const MOST_PROPERTIES: u32 = 5_000;

const ATT_BODY: u32 = 0x0002_800C;
const ATT_MAPI_PROPS: u32 = 0x0006_9003;
const ATT_ATTACH_DATA: u32 = 0x0006_800F;
const ATT_ATTACH_TITLE: u32 = 0x0001_8010;
const ATT_ATTACH_RENDERING: u32 = 0x0006_9002;
const ATT_ATTACHMENT: u32 = 0x0006_9005;

const PR_BODY: u16 = 0x1000;
const PR_RTF_COMPRESSED: u16 = 0x1009;
const PR_BODY_HTML: u16 = 0x1013;
const PR_ATTACH_DATA: u16 = 0x3701;
const PR_ATTACH_FILENAME: u16 = 0x3704;
const PR_ATTACH_LONG_FILENAME: u16 = 0x3707;
const PR_ATTACH_MIME_TAG: u16 = 0x370E;

/// Reads from the front of a slice, never beyond its end.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }
}

/// Whether these bytes are a winmail.dat, whatever they are called.
pub fn is_tnef(bytes: &[u8]) -> bool {
    bytes.len() > 6 && bytes.starts_with(&SIGNATURE.to_le_bytes())
}

/// Opens a winmail.dat; none where it is none.
pub fn open(bytes: &[u8]) -> Option<Opened> {
    let mut reader = Reader(bytes);
    if reader.u32()? != SIGNATURE {
        return None;
    }
    reader.u16()?;
    let mut opened = Opened::default();
    let mut file = File::default();
    let mut packed: Option<&[u8]> = None;
    while !reader.0.is_empty() {
        let Some((id, data)) = attribute(&mut reader) else {
            opened.cut_off = true;
            break;
        };
        match id {
            ATT_BODY => opened.text = text_of(data),
            ATT_MAPI_PROPS => {
                for (id, value) in properties(data).unwrap_or_default() {
                    match id {
                        PR_BODY => opened.text = value.text(),
                        PR_BODY_HTML => opened.html = value.text(),
                        PR_RTF_COMPRESSED => packed = Some(value.bytes),
                        _ => {}
                    }
                }
            }
            // Each file begins with how its icon is drawn.
            ATT_ATTACH_RENDERING => std::mem::take(&mut file).finish(&mut opened),
            ATT_ATTACH_TITLE => file.title = text_of(data),
            ATT_ATTACH_DATA => file.bytes = Some(data.to_vec()),
            ATT_ATTACHMENT => {
                for (id, value) in properties(data).unwrap_or_default() {
                    match id {
                        PR_ATTACH_LONG_FILENAME => file.long_name = value.text(),
                        PR_ATTACH_FILENAME => file.short_name = value.text(),
                        PR_ATTACH_MIME_TAG => file.media_type = value.text(),
                        PR_ATTACH_DATA if file.bytes.is_none() => {
                            file.bytes = Some(value.bytes.to_vec());
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    file.finish(&mut opened);
    if opened.text.trim().is_empty() && opened.html.trim().is_empty() {
        match packed.and_then(rtf::unpacked).map(|rtf| rtf::read(&rtf)) {
            Some(rtf::Body::Html(html)) => opened.html = html,
            Some(rtf::Body::Text(text)) => opened.text = text,
            None => {}
        }
    }
    Some(opened)
}

/// A file while its attributes are read.
#[derive(Default)]
struct File {
    title: String,
    long_name: String,
    short_name: String,
    media_type: String,
    bytes: Option<Vec<u8>>,
}

impl File {
    fn finish(self, opened: &mut Opened) {
        let Some(bytes) = self.bytes.filter(|_| opened.files.len() < MOST_FILES) else {
            return;
        };
        let name = [self.long_name, self.title, self.short_name]
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .unwrap_or_default();
        opened.files.push((name, self.media_type, bytes));
    }
}

/// Level, id, length, data, checksum. A wrong checksum is let pass: a person wants to see what is there.
fn attribute<'b>(reader: &mut Reader<'b>) -> Option<(u32, &'b [u8])> {
    reader.take(1)?;
    let id = reader.u32()?;
    let length = reader.size()?;
    let data = reader.take(length)?;
    reader.u16()?;
    Some((id, data))
}

/// The value of a property: its bytes, and whether they are text of two bytes a sign.
struct Value<'b> {
    bytes: &'b [u8],
    wide: bool,
}

impl Value<'_> {
    fn text(&self) -> String {
        if !self.wide {
            return text_of(self.bytes);
        }
        let units: Vec<u16> = self
            .bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .take_while(|unit| *unit != 0)
            .collect();
        String::from_utf16_lossy(&units)
    }
}

/// Text of one byte a sign, up to its end mark: UTF-8 where it is, else what Windows wrote.
fn text_of(bytes: &[u8]) -> String {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(&bytes[..end])
            .0
            .into_owned(),
    }
}

/// The properties of a block: id and value of those that have one value.
fn properties(block: &[u8]) -> Option<Vec<(u16, Value<'_>)>> {
    let mut reader = Reader(block);
    let count = reader.u32()?.min(MOST_PROPERTIES);
    let mut all = Vec::new();
    for _ in 0..count {
        let Some(found) = property(&mut reader) else {
            // What was read until here stands.
            break;
        };
        all.extend(found);
    }
    Some(all)
}

fn property<'b>(reader: &mut Reader<'b>) -> Option<Option<(u16, Value<'b>)>> {
    let kind = reader.u16()?;
    let id = reader.u16()?;
    if id >= 0x8000 {
        reader.take(16)?;
        if reader.u32()? == 0 {
            reader.u32()?;
        } else {
            let length = reader.size()?;
            padded(reader, length)?;
        }
    }
    let many = kind & 0x1000 != 0;
    let plain = kind & 0x0FFF;
    let fixed = match plain {
        0x02 | 0x03 | 0x04 | 0x0A | 0x0B => Some(4),
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(8),
        0x48 => Some(16),
        0x0D | 0x1E | 0x1F | 0x102 => None,
        _ => return None,
    };
    let values = if many || fixed.is_none() {
        reader.u32()?
    } else {
        1
    };
    let mut first = None;
    for _ in 0..values {
        let bytes = match fixed {
            Some(size) => reader.take(size)?,
            None => {
                let length = reader.size()?;
                padded(reader, length)?
            }
        };
        first.get_or_insert(bytes);
    }
    Some(first.map(|bytes| {
        // An object begins with the id of its class.
        let bytes = if plain == 0x0D {
            bytes.get(16..).unwrap_or_default()
        } else {
            bytes
        };
        (
            id,
            Value {
                bytes,
                wide: plain == 0x1F,
            },
        )
    }))
}

/// Values fill up to four bytes; the last one may lack them.
fn padded<'b>(reader: &mut Reader<'b>, length: usize) -> Option<&'b [u8]> {
    let bytes = reader.take(length)?;
    let fill = (4 - length % 4) % 4;
    reader.take(fill.min(reader.0.len()))?;
    Some(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let sum = data
            .iter()
            .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        [
            &[level][..],
            &id.to_le_bytes(),
            &u32::try_from(data.len()).expect("small").to_le_bytes(),
            data,
            &sum.to_le_bytes(),
        ]
        .concat()
    }

    fn wide(id: u16, text: &str) -> Vec<u8> {
        let mut units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        units.extend([0, 0]);
        let mut all = [0x1F_u16.to_le_bytes(), id.to_le_bytes()].concat();
        all.extend(1_u32.to_le_bytes());
        all.extend(u32::try_from(units.len()).expect("small").to_le_bytes());
        all.extend(&units);
        all.extend(vec![0; (4 - units.len() % 4) % 4]);
        all
    }

    /// A winmail.dat as Outlook writes one, with a text and two files.
    pub fn winmail() -> Vec<u8> {
        let named = |name: &str| {
            let mut block = 2_u32.to_le_bytes().to_vec();
            block.extend([0x03_u16.to_le_bytes(), 0x3705_u16.to_le_bytes()].concat());
            block.extend(1_u32.to_le_bytes());
            block.extend(wide(PR_ATTACH_LONG_FILENAME, name));
            block
        };
        let mut body = 1_u32.to_le_bytes().to_vec();
        body.extend(wide(PR_BODY, "The counts are inside."));
        [
            SIGNATURE.to_le_bytes().to_vec(),
            vec![1, 0],
            attribute(1, ATT_MAPI_PROPS, &body),
            attribute(2, ATT_ATTACH_RENDERING, &[0; 14]),
            attribute(2, ATT_ATTACH_TITLE, b"COUNTS~1.CSV\0"),
            attribute(2, ATT_ATTACH_DATA, b"year,holds\n2025,41\n"),
            attribute(2, ATT_ATTACHMENT, &named("Detainer counts 2025.csv")),
            attribute(2, ATT_ATTACH_RENDERING, &[0; 14]),
            attribute(2, ATT_ATTACH_TITLE, b"policy.txt\0"),
            attribute(2, ATT_ATTACH_DATA, b"5.14"),
        ]
        .concat()
    }

    #[test]
    fn files_and_text_come_out_by_their_long_names() {
        let opened = open(&winmail()).expect("it is one");
        assert_eq!(opened.text, "The counts are inside.");
        let names: Vec<_> = opened
            .files
            .iter()
            .map(|(name, _, _)| name.as_str())
            .collect();
        assert_eq!(names, ["Detainer counts 2025.csv", "policy.txt"]);
        assert_eq!(opened.files[0].2, b"year,holds\n2025,41\n");
        assert!(!opened.cut_off);
    }

    /// Exchange sends some texts as RTF alone.
    #[test]
    fn a_text_in_rtf_is_read() {
        let rtf = [
            &[0; 8][..],
            b"MELA",
            &[0; 4],
            b"{\\rtf1\\ansi The fee is \\'a35.}",
        ]
        .concat();
        let mut block = 1_u32.to_le_bytes().to_vec();
        block.extend([0x102_u16.to_le_bytes(), PR_RTF_COMPRESSED.to_le_bytes()].concat());
        block.extend(1_u32.to_le_bytes());
        block.extend(u32::try_from(rtf.len()).expect("small").to_le_bytes());
        block.extend(&rtf);
        block.extend(vec![0; (4 - rtf.len() % 4) % 4]);
        let winmail = [
            SIGNATURE.to_le_bytes().to_vec(),
            vec![1, 0],
            attribute(1, ATT_MAPI_PROPS, &block),
        ]
        .concat();
        assert_eq!(open(&winmail).expect("it is one").text, "The fee is £5.");
    }

    #[test]
    fn cut_and_damaged_ones_never_panic_and_give_what_is_there() {
        let whole = winmail();
        for end in 0..whole.len() {
            if let Some(opened) = open(&whole[..end]) {
                assert!(
                    opened
                        .files
                        .iter()
                        .map(|(_, _, bytes)| bytes.len())
                        .sum::<usize>()
                        <= end
                );
            }
        }
        for at in 0..whole.len() {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut damaged = whole.clone();
                damaged[at] = value;
                open(&damaged);
            }
        }
        assert_eq!(open(b"hello"), None);
        let cut = open(&whole[..whole.len() - 3]).expect("it begins as one");
        assert!(cut.cut_off && cut.files.len() == 1);
    }
}
