//! Damaged mail for a stated time: mutants of the saved odd mails go through the reading of messages, bundles and what
//! their words suggest. `cargo run --release --example fuzz_mail -- 600` runs ten minutes.
//!
//! It ends with 1 where one input takes longer than it may; a panic ends it by itself. The last line gives how many were
//! read, the slowest one, and the process's peak memory.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sundial::domain::reply::{downloads, suggest};
use sundial::mail::parse;

/// One damaged mail of some kilobytes may take this long, also in an unoptimised build on a busy machine: an archive
/// that grows without end is stopped after some megabytes.
const LONGEST: Duration = Duration::from_secs(30);

const PIECES: [&[u8]; 18] = [
    b"\r\n\r\n",
    b"--b\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=\"\"\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n",
    b"Content-Type: application/ms-tnef; name=winmail.dat\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"=?utf-8?B?////?=",
    b"filename*0*=utf-8''%",
    b"\x00\xff\xfe",
    b"begin 644 a.xls\nM",
    b"\x78\x9f\x3e\x22\x01\x00\x02",
    b"PK\x03\x04\x14\x00\x01\x00",
    b"From clerk@a Mon Jan 12 09:00:00 2026\n",
    b"<!--<script<",
    b"Date: Tue, 99 Foo 99999 99:99:99 +9999\r\n",
    b"On Mon, Jan 12, 2026 x wrote:\n> ",
];

struct Random(u64);

impl Random {
    /// xorshift64*: the same mutants for the same seed.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let wide = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(wide).unwrap_or(0) % limit.max(1)
    }
}

fn mutant(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut raw = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(8) {
        let at = random.below(raw.len());
        match random.below(7) {
            0 => raw.truncate(at),
            1 => {
                let until = (at + random.below(200)).min(raw.len());
                raw.drain(at..until);
            }
            2 => {
                let until = (at + random.below(300)).min(raw.len());
                let copy = raw[at..until].to_vec();
                for _ in 0..=random.below(20) {
                    let to = random.below(raw.len());
                    raw.splice(to..to, copy.iter().copied());
                }
            }
            3 => {
                if let Some(byte) = raw.get_mut(at) {
                    *byte = random.below(256).to_le_bytes()[0];
                }
            }
            4 => {
                let piece = PIECES[random.below(PIECES.len())];
                raw.splice(at..at, piece.iter().copied());
            }
            5 => {
                if let Some(byte) = raw.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            _ => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len());
                let until = (from + random.below(400)).min(other.len());
                raw.splice(at..at, other[from..until].iter().copied());
            }
        }
    }
    raw
}

fn peak() -> String {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .map_or_else(|| "not told".to_owned(), |size| size.trim().to_owned())
}

fn main() -> ExitCode {
    let seconds = std::env::args()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(60);
    let seed = std::env::args()
        .nth(2)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0x5EED_2026_u64);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail");
    let mut corpus = Vec::new();
    match std::fs::read_dir(&folder) {
        Ok(entries) => {
            for entry in entries.flatten() {
                corpus.extend(std::fs::read(entry.path()));
            }
        }
        Err(error) => {
            eprintln!("{} cannot be read ({error}).", folder.display());
            return ExitCode::FAILURE;
        }
    }
    let came_on = chrono::NaiveDate::from_ymd_opt(2026, 1, 12).unwrap_or_default();
    let mut random = Random(seed | 1);
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut tried, mut read, mut slowest) = (0_u64, 0_u64, Duration::ZERO);
    while Instant::now() < end {
        let raw = mutant(&mut random, &corpus);
        let begun = Instant::now();
        if let Ok(mail) = parse::parse(&raw) {
            read += 1;
            let found = suggest(&mail.subject, &mail.text);
            for mark in &found.marks {
                assert!(mail.text.get(mark.start..mark.end).is_some());
            }
            downloads(&mail.text, came_on);
        }
        parse::messages_of(&raw);
        let took = begun.elapsed();
        tried += 1;
        if took > LONGEST {
            let kept = std::env::temp_dir().join(format!("slow-mail-{tried}.eml"));
            eprintln!(
                "one took {took:?}; it is kept as {}: {:?}",
                kept.display(),
                std::fs::write(&kept, &raw)
            );
            return ExitCode::FAILURE;
        }
        slowest = slowest.max(took);
    }
    println!(
        "{tried} damaged mails in {seconds} s (seed {seed}), {read} read as mail, the slowest in {slowest:?}, peak memory {}",
        peak()
    );
    ExitCode::SUCCESS
}
