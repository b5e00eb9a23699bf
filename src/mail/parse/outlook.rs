//! What lies in an Outlook file (MS-OXMSG): objects with properties, within a compound file that the `cfb` crate opens.
//!
//! An object is a storage: its fixed properties stand in one stream, each longer one has a stream of its own, named by
//! number and type. Recipients, files and messages within are storages below it. Not here: what the properties mean.

use std::collections::HashMap;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cfb::{CompoundFile, Version};
use encoding_rs::{Encoding, WINDOWS_1252};

const FIXED: &str = "__properties_version1.0";
const NAMES: &str = "__nameid_version1.0";
const VALUE: &str = "__substg1.0_";
const MOST_ENTRIES: usize = 200_000;

const TEXT: u16 = 0x001E;
const WIDE_TEXT: u16 = 0x001F;
pub const BINARY: u16 = 0x0102;
pub const OBJECT: u16 = 0x000D;

/// An open file.
pub struct Store<'b> {
    file: CompoundFile<Cursor<&'b [u8]>>,
    /// Bytes that may still be read: streams do not overlap, so all of them are no more than the file.
    left: u64,
}

/// A message, a recipient or a file within.
pub struct Object {
    /// By number: type and eight bytes.
    fixed: HashMap<u16, (u16, [u8; 8])>,
    /// By number and type.
    values: HashMap<(u16, u16), PathBuf>,
    /// The charset of its texts of one byte a sign.
    pub encoding: &'static Encoding,
}

/// Which header the fixed properties have.
#[derive(Clone, Copy)]
pub enum Kind {
    Message,
    Part,
}

impl<'b> Store<'b> {
    /// Opens a compound file; none where it is damaged or none.
    pub fn open(raw: &'b [u8]) -> Option<Store<'b>> {
        let file = CompoundFile::open(Cursor::new(raw)).ok()?;
        let entries = file.walk().take(MOST_ENTRIES + 1).count();
        (entries <= MOST_ENTRIES).then_some(Store {
            file,
            // A little more, for streams that are read twice.
            left: raw.len() as u64 * 2,
        })
    }

    /// Whether the file is an Outlook one, rather than an old Word document for instance.
    pub fn has_message(&self) -> bool {
        self.file.is_stream(Path::new("/").join(FIXED))
    }

    /// The storages below `at` whose names begin so, by name.
    pub fn parts(&self, at: &Path, name: &str) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = self
            .file
            .read_storage(at)
            .into_iter()
            .flatten()
            .filter(|entry| entry.is_storage() && entry.name().starts_with(name))
            .map(|entry| entry.path().to_owned())
            .collect();
        found.sort();
        found
    }

    /// The properties of the storage at `at`.
    pub fn object(&mut self, at: &Path, kind: Kind, encoding: &'static Encoding) -> Object {
        let mut values = HashMap::new();
        for entry in self.file.read_storage(at).into_iter().flatten() {
            let tag = entry.name().strip_prefix(VALUE).and_then(|tag| {
                u32::from_str_radix(tag.get(..8)?, 16)
                    .ok()
                    .filter(|_| tag.len() == 8)
            });
            if let Some(tag) = tag {
                values.insert(halves(tag), entry.path().to_owned());
            }
        }
        let table = self.read(&at.join(FIXED)).unwrap_or_default();
        let header = match kind {
            Kind::Message => 32,
            Kind::Part => 8,
        };
        let mut fixed = HashMap::new();
        for row in table.get(header..).unwrap_or_default().chunks_exact(16) {
            let tag = u32::from_le_bytes([row[0], row[1], row[2], row[3]]);
            let (number, form) = halves(tag);
            let mut value = [0; 8];
            value.copy_from_slice(&row[8..]);
            fixed.insert(number, (form, value));
        }
        Object {
            fixed,
            values,
            encoding,
        }
    }

    fn read(&mut self, path: &Path) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let stream = self.file.open_stream(path).ok()?;
        // A chain that breaks off gives what is there.
        let read = stream.take(self.left).read_to_end(&mut bytes);
        self.left = self.left.saturating_sub(bytes.len() as u64);
        (read.is_ok() || !bytes.is_empty()).then_some(bytes)
    }

    /// A property as text; empty where it is missing.
    pub fn text(&mut self, of: &Object, number: u16) -> String {
        if let Some(path) = of.values.get(&(number, WIDE_TEXT)) {
            let bytes = self.read(path).unwrap_or_default();
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            return without_end(String::from_utf16_lossy(&units));
        }
        if let Some(path) = of.values.get(&(number, TEXT)) {
            let bytes = self.read(path).unwrap_or_default();
            return without_end(decoded(&bytes, of.encoding));
        }
        String::new()
    }

    /// The first of these properties that has a text.
    pub fn first_text(&mut self, of: &Object, numbers: &[u16]) -> String {
        numbers
            .iter()
            .map(|number| self.text(of, *number))
            .find(|text| !text.trim().is_empty())
            .unwrap_or_default()
    }

    /// A property as bytes; none where it is missing.
    pub fn bytes(&mut self, of: &Object, number: u16) -> Option<Vec<u8>> {
        let path = of.values.get(&(number, BINARY))?;
        self.read(path)
    }

    /// Where an object within lies.
    pub fn storage_of(&self, of: &Object, number: u16) -> Option<PathBuf> {
        of.values
            .get(&(number, OBJECT))
            .filter(|path| self.file.is_storage(path))
            .cloned()
    }

    /// A storage as a file of its own. A message within a message becomes the file that Outlook saves for it: its table
    /// has a longer header there, and the names of special properties lie beside it.
    pub fn as_file(&mut self, at: &Path, kind: Kind) -> Option<Vec<u8>> {
        let is_message = matches!(kind, Kind::Message);
        let mut copies: Vec<(PathBuf, PathBuf, bool)> = Vec::new();
        let mut gather = |from: &Path, below: &Path| {
            for entry in self.file.walk_storage(from).into_iter().flatten().skip(1) {
                if let Ok(rest) = entry.path().strip_prefix(from) {
                    copies.push((entry.path().to_owned(), below.join(rest), entry.is_stream()));
                }
            }
        };
        gather(at, Path::new("/"));
        let names = Path::new("/").join(NAMES);
        if is_message && !self.file.exists(at.join(NAMES)) && self.file.is_storage(&names) {
            copies.push((names.clone(), names.clone(), false));
            for entry in self.file.walk_storage(&names).into_iter().flatten().skip(1) {
                copies.push((
                    entry.path().to_owned(),
                    entry.path().to_owned(),
                    entry.is_stream(),
                ));
            }
        }
        // Version 3 is what Outlook writes.
        let mut made =
            CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new())).ok()?;
        for (from, to, is_stream) in copies {
            if !is_stream {
                made.create_storage(&to).ok()?;
                // The same file every time.
                made.set_created_time(&to, SystemTime::UNIX_EPOCH).ok()?;
                made.set_modified_time(&to, SystemTime::UNIX_EPOCH).ok()?;
                continue;
            }
            let mut bytes = self.read(&from)?;
            if is_message && to == Path::new("/").join(FIXED) && bytes.len() >= 24 {
                bytes.splice(24..24, [0; 8]);
            }
            made.create_stream(&to).ok()?.write_all(&bytes).ok()?;
        }
        made.set_modified_time("/", SystemTime::UNIX_EPOCH).ok()?;
        made.flush().ok()?;
        Some(made.into_inner().into_inner())
    }
}

impl Object {
    /// A whole number.
    pub fn number(&self, number: u16) -> Option<u32> {
        let (form, value) = self.fixed.get(&number)?;
        (*form == 0x0003).then(|| u32::from_le_bytes([value[0], value[1], value[2], value[3]]))
    }

    pub fn is_set(&self, number: u16) -> bool {
        self.fixed
            .get(&number)
            .is_some_and(|(form, value)| *form == 0x000B && value[0] != 0)
    }

    /// A time, as hundreds of nanoseconds since 1601.
    pub fn time(&self, number: u16) -> Option<chrono::DateTime<chrono::Utc>> {
        const SECONDS_TO_1970: i64 = 11_644_473_600;
        let (form, value) = self.fixed.get(&number)?;
        let ticks = i64::try_from(u64::from_le_bytes(*value)).ok()?;
        if *form != 0x0040 || ticks == 0 {
            return None;
        }
        chrono::DateTime::from_timestamp(ticks / 10_000_000 - SECONDS_TO_1970, 0)
    }
}

fn halves(tag: u32) -> (u16, u16) {
    let [first, second, third, fourth] = tag.to_be_bytes();
    (
        u16::from_be_bytes([first, second]),
        u16::from_be_bytes([third, fourth]),
    )
}

/// Some programs write the end mark of C's texts with them.
fn without_end(mut text: String) -> String {
    text.truncate(text.find('\0').unwrap_or(text.len()));
    text
}

/// Text of one byte a sign (or more) in its charset; UTF-8 where it does not fit there.
pub fn decoded(bytes: &[u8], encoding: &'static Encoding) -> String {
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    if !wrong {
        return text.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

/// A Windows code page by its number; none where nobody knows it.
pub fn encoding_of(page: u32) -> Option<&'static Encoding> {
    let label = match page {
        874 => "windows-874",
        932 => "shift_jis",
        936 | 54936 => "gb18030",
        949 | 51949 => "euc-kr",
        950 => "big5",
        1252 | 20127 | 28591 => "windows-1252",
        1250 | 1251 | 1253..=1258 => {
            return Encoding::for_label(format!("windows-{page}").as_bytes());
        }
        10000 => "macintosh",
        20866 => "koi8-r",
        21866 => "koi8-u",
        28592..=28606 => {
            return Encoding::for_label(format!("iso-8859-{}", page - 28590).as_bytes());
        }
        50220..=50222 => "iso-2022-jp",
        20932 | 51932 => "euc-jp",
        65001 => "utf-8",
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}
