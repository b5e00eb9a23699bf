//! Outlook's compressed RTF (MS-OXRTFCP): where a message has no other body, its text, or the HTML that Outlook wrapped
//! into it (MS-OXRTFEX).
//!
//! Reads from slices without recursion; what comes out is at most a small multiple of what came in.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::outlook::encoding_of;

/// What every compressed text begins with in the reader's memory (MS-OXRTFCP, 2.1.2.1).
const BEGINNING: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const COMPRESSED: &[u8] = b"LZFu";
const PLAIN: &[u8] = b"MELA";
const WINDOW: usize = 4_096;
const MOST_BYTES: usize = 32 << 20;
const DEEPEST: usize = 5_000;

/// What an RTF body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The HTML that was written.
    Html(String),
    Text(String),
}

/// The RTF of a compressed body. What is cut off gives what is there.
pub fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let kind = packed.get(8..12)?;
    let data = packed.get(16..)?;
    if kind == PLAIN {
        return Some(data.iter().copied().take(MOST_BYTES).collect());
    }
    if kind != COMPRESSED {
        return None;
    }
    let mut window = [b' '; WINDOW];
    window[..BEGINNING.len()].copy_from_slice(BEGINNING);
    let mut at = BEGINNING.len();
    let mut all = Vec::new();
    let mut input = data.iter().copied();
    'runs: while let Some(flags) = input.next() {
        for bit in 0..8 {
            if all.len() > MOST_BYTES {
                break 'runs;
            }
            let mut put = |byte: u8| {
                window[at] = byte;
                at = (at + 1) % WINDOW;
                all.push(byte);
            };
            if flags >> bit & 1 == 0 {
                let Some(byte) = input.next() else {
                    break 'runs;
                };
                put(byte);
                continue;
            }
            let (Some(high), Some(low)) = (input.next(), input.next()) else {
                break 'runs;
            };
            let from = usize::from(high) << 4 | usize::from(low) >> 4;
            if from == at {
                break 'runs;
            }
            for step in 0..usize::from(low & 0x0F) + 2 {
                let byte = window[(from + step) % WINDOW];
                window[at] = byte;
                at = (at + 1) % WINDOW;
                all.push(byte);
            }
        }
    }
    Some(all)
}

/// What holds within one pair of braces.
#[derive(Clone, Copy)]
struct Group {
    /// A part that is not shown: fonts, colours, pictures.
    hidden: bool,
    fonts: bool,
    /// In wrapped HTML: what only an RTF reader is to see.
    for_rtf: bool,
    encoding: &'static Encoding,
    /// How many signs stand in for a Unicode one.
    stand_ins: usize,
}

struct Reader {
    group: Group,
    outer: Vec<Group>,
    /// Groups beyond [`DEEPEST`], which are counted only.
    too_deep: usize,
    default: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    wrapped_html: bool,
    /// Bytes that are not decoded yet: signs may have two.
    pending: Vec<u8>,
    /// The first half of a sign beyond the first plane.
    high_surrogate: Option<u16>,
    /// Stand-ins still to be left out.
    left_out: usize,
    text: String,
}

/// Reads an RTF text.
pub fn read(rtf: &[u8]) -> Body {
    let mut reader = Reader {
        group: Group {
            hidden: false,
            fonts: false,
            for_rtf: false,
            encoding: WINDOWS_1252,
            stand_ins: 1,
        },
        outer: Vec::new(),
        too_deep: 0,
        default: WINDOWS_1252,
        fonts: HashMap::new(),
        font: 0,
        wrapped_html: false,
        pending: Vec::new(),
        high_surrogate: None,
        left_out: 0,
        text: String::new(),
    };
    let mut at = 0;
    let mut starred = false;
    while let Some(byte) = rtf.get(at) {
        at += 1;
        match byte {
            b'{' => reader.open(),
            b'}' => reader.close(),
            b'\r' | b'\n' | 0 => {}
            b'\\' => {
                let Some(next) = rtf.get(at) else { break };
                if next.is_ascii_alphabetic() {
                    let (word, number, end) = control_word(rtf, at);
                    at = end;
                    if word == b"bin" {
                        at = at.saturating_add(usize::try_from(number.unwrap_or(0)).unwrap_or(0));
                    }
                    reader.control(word, number, starred);
                    starred = false;
                    continue;
                }
                at += 1;
                match next {
                    b'*' => {
                        starred = true;
                        continue;
                    }
                    b'\'' => {
                        let hex = rtf
                            .get(at..at + 2)
                            .and_then(|two| std::str::from_utf8(two).ok());
                        if let Some(byte) = hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
                            at += 2;
                            reader.byte(byte);
                        }
                    }
                    b'~' => reader.sign('\u{A0}'),
                    b'_' => reader.sign('\u{2011}'),
                    b'\r' | b'\n' => reader.sign('\n'),
                    b'{' | b'}' | b'\\' => reader.byte(*next),
                    _ => {}
                }
            }
            byte => reader.byte(*byte),
        }
        starred = false;
    }
    reader.flush();
    if reader.wrapped_html {
        Body::Html(reader.text)
    } else {
        Body::Text(reader.text)
    }
}

/// The word at `at`, its number, and where it ends, with the one blank that belongs to it.
fn control_word(rtf: &[u8], at: usize) -> (&[u8], Option<i32>, usize) {
    let run = |from: usize, holds: fn(&u8) -> bool| {
        from + rtf[from..].iter().take_while(|byte| holds(byte)).count()
    };
    let end = run(at, u8::is_ascii_alphabetic);
    let word = &rtf[at..end];
    let sign = usize::from(rtf.get(end) == Some(&b'-'));
    let number_end = run(end + sign, u8::is_ascii_digit);
    let mut next = end;
    let mut number = None;
    if number_end > end + sign {
        // Digits are ASCII; a number beyond all measure is none.
        number = std::str::from_utf8(&rtf[end..number_end])
            .ok()
            .and_then(|text| text.parse().ok());
        next = number_end;
    }
    (
        word,
        number,
        next + usize::from(rtf.get(next) == Some(&b' ')),
    )
}

impl Reader {
    fn open(&mut self) {
        self.flush();
        if self.outer.len() >= DEEPEST {
            self.too_deep += 1;
        } else {
            self.outer.push(self.group);
        }
    }

    fn close(&mut self) {
        self.flush();
        self.left_out = 0;
        if self.too_deep > 0 {
            self.too_deep -= 1;
        } else if let Some(outer) = self.outer.pop() {
            self.group = outer;
        }
    }

    fn shown(&self) -> bool {
        !(self.group.hidden || self.wrapped_html && self.group.for_rtf)
    }

    fn control(&mut self, word: &[u8], number: Option<i32>, starred: bool) {
        self.flush();
        if word != b"u" {
            self.left_out = 0;
        }
        match word {
            b"fromhtml" => self.wrapped_html = number != Some(0),
            b"ansicpg" => {
                if let Some(encoding) = number
                    .and_then(|page| u32::try_from(page).ok())
                    .and_then(encoding_of)
                {
                    self.default = encoding;
                    self.group.encoding = encoding;
                }
            }
            b"htmlrtf" => self.group.for_rtf = number != Some(0),
            // Inside a tag of the wrapped HTML everything is shown.
            b"htmltag" if starred => self.group.for_rtf = false,
            b"fonttbl" => {
                self.group.hidden = true;
                self.group.fonts = true;
            }
            b"f" => {
                self.font = number.unwrap_or(0);
                if !self.group.fonts {
                    self.group.encoding =
                        self.fonts.get(&self.font).copied().unwrap_or(self.default);
                }
            }
            b"fcharset" if self.group.fonts => {
                if let Some(encoding) = number.and_then(of_font) {
                    self.fonts.insert(self.font, encoding);
                }
            }
            b"plain" => self.group.encoding = self.default,
            b"uc" => {
                self.group.stand_ins = number
                    .and_then(|count| usize::try_from(count).ok())
                    .unwrap_or(1)
                    .min(16)
            }
            b"u" if number.is_some() => self.unicode(number.unwrap_or(0)),
            b"par" | b"line" | b"row" | b"page" | b"sect" => self.sign('\n'),
            b"tab" | b"cell" => self.sign('\t'),
            b"lquote" => self.sign('\u{2018}'),
            b"rquote" => self.sign('\u{2019}'),
            b"ldblquote" => self.sign('\u{201C}'),
            b"rdblquote" => self.sign('\u{201D}'),
            b"bullet" => self.sign('\u{2022}'),
            b"endash" => self.sign('\u{2013}'),
            b"emdash" => self.sign('\u{2014}'),
            b"emspace" | b"enspace" | b"qmspace" => self.sign(' '),
            b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" | b"header"
            | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl" | b"footerr"
            | b"footerf" => {
                self.group.hidden = true;
            }
            _ if starred => self.group.hidden = true,
            _ => {}
        }
    }

    /// A byte of text in the charset that holds here.
    fn byte(&mut self, byte: u8) {
        if self.left_out > 0 {
            self.left_out -= 1;
        } else if self.shown() {
            self.pending.push(byte);
        }
    }

    fn sign(&mut self, sign: char) {
        self.flush();
        if self.shown() {
            self.text.push(sign);
        }
    }

    /// `\u8217`: negative numbers are those above 32767.
    fn unicode(&mut self, number: i32) {
        self.left_out = self.group.stand_ins;
        if !self.shown() {
            return;
        }
        let Ok(unit) = u16::try_from(number.rem_euclid(0x1_0000)) else {
            return;
        };
        match (self.high_surrogate.take(), unit) {
            (_, 0xD800..=0xDBFF) => self.high_surrogate = Some(unit),
            (Some(high), 0xDC00..=0xDFFF) => {
                self.text.push_str(&String::from_utf16_lossy(&[high, unit]))
            }
            _ => self.text.push_str(&String::from_utf16_lossy(&[unit])),
        }
    }

    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let decoded = self
            .group
            .encoding
            .decode_without_bom_handling(&self.pending)
            .0;
        self.text.push_str(&decoded);
        self.pending.clear();
    }
}

/// The charset of a font by its number in RTF.
fn of_font(number: i32) -> Option<&'static Encoding> {
    let page = match number {
        128 => 932,
        129 | 130 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    };
    encoding_of(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of MS-OXRTFCP, 4.1.
    const EXAMPLE: &[u8] = &[
        0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7,
        0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a,
        0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d,
        0x0a, 0x80, 0x0f, 0xa0,
    ];

    #[test]
    fn the_example_of_the_standard_is_unpacked() {
        let rtf = unpacked(EXAMPLE).expect("it is one");
        assert_eq!(rtf, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert_eq!(read(&rtf), Body::Text("hello world".to_owned()));
        let plain = [&[0; 8][..], b"MELA", &[0; 4], b"{\\rtf1 a}"].concat();
        assert_eq!(unpacked(&plain).as_deref(), Some(&b"{\\rtf1 a}"[..]));
        for end in 0..EXAMPLE.len() {
            unpacked(&EXAMPLE[..end]);
        }
        assert_eq!(unpacked(b"no RTF is in here"), None);
    }

    #[test]
    fn text_and_wrapped_html_come_out() {
        for (rtf, expected) in [
            (
                &b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial Cyr;}}{\\*\\generator x;}Se\\'f1or,\\par \\f1 \\'cf\\'f0\\f0\\u8217?s \\u-10179?\\u-8704?{\\pict 00ff}\\{end\\}\\bin3 abc.}"[..],
                Body::Text("Señor,\nПр’s 😀{end}.".to_owned()),
            ),
            (
                b"{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}}{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 The fee is \\'80 5{\\*\\htmltag84 &amp;}\\htmlrtf &\\htmlrtf0 postage.\\htmlrtf\\par}\\htmlrtf0{\\*\\htmltag72 </p>}{\\*\\mhtmltag64 <no>}}",
                Body::Html("<p>The fee is \u{20AC} 5&amp;postage.</p>".to_owned()),
            ),
            (b"{{{\\", Body::Text(String::new())),
            (b"}}}}\\u\\'z\\'", Body::Text("z".to_owned())),
        ] {
            assert_eq!(read(rtf), expected, "{}", String::from_utf8_lossy(rtf));
        }
        assert_eq!(read(&b"{".repeat(1 << 20)), Body::Text(String::new()));
    }
}
