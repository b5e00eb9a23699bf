//! Ten thousand messages with two attachments each through the real path: kept, read in the worker, matched, filed.
//!
//! `cargo build --release && cargo run --release --example load_mail -- target/release/sundial 10000`. It fails where a
//! message or an attachment is missing, and prints the time and the process's memory after each tenth: it must stay flat.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use chrono::Utc;
use sundial::actions::App;
use sundial::actions::receive_mail::{self, Way};
use sundial::clock::Clock;
use sundial::config::Config;
use sundial::documents::worker::{Limits, Worker};
use sundial::store::messages;

/// "41,212 kB now, 52,000 kB at most".
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(|size| size.trim().to_owned())
            .unwrap_or_default()
    };
    format!("{} now, {} at most", line("VmRSS:"), line("VmHWM:"))
}

fn message(n: u64) -> Vec<u8> {
    use base64::Engine;
    let file = |which: u64| {
        let line = format!("{n},{which},detainers,41\n");
        let rows = line.repeat(usize::try_from(200 + n % 400).unwrap_or(200));
        base64::engine::general_purpose::STANDARD.encode(rows)
    };
    format!(
        "From: records@county{}.wa.gov\r\nTo: records@campaign.example\r\nSubject: Records {n}\r\nMessage-ID: <{n}@load.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease find attached part {n}.\r\n--b\r\nContent-Type: text/csv; name=\"one.csv\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b\r\nContent-Type: text/csv; name=\"two.csv\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        n % 3_143,
        file(1),
        file(2)
    )
    .into_bytes()
}

#[tokio::main]
async fn main() -> ExitCode {
    match load().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

async fn load() -> Result<(), String> {
    let program = std::env::args()
        .nth(1)
        .ok_or("give the program that reads messages, such as target/release/sundial")?;
    let count: u64 = std::env::args()
        .nth(2)
        .and_then(|word| word.parse().ok())
        .unwrap_or(10_000);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let config = Config::embedded(folder.path().to_owned()).map_err(|error| error.to_string())?;
    let mut app = App::open(config, Clock::System)
        .await
        .map_err(|error| error.to_string())?;
    let program = std::path::absolute(PathBuf::from(program)).map_err(|error| error.to_string())?;
    app.worker = Worker::new(program, Limits::DOCUMENT, 2);
    let begun = Instant::now();
    let mut files = 0_usize;
    for n in 0..count {
        let kept = receive_mail::keep_raw(&app, message(n), Way::Pipe, None, Utc::now())
            .await
            .map_err(|error| error.to_string())?;
        let read = receive_mail::read_message(&app, kept.message, Utc::now())
            .await
            .map_err(|error| error.to_string())?;
        files += read.attachments.len();
        if (n + 1) % (count / 10).max(1) == 0 {
            println!(
                "{} messages, {files} files, {:.0?}: {}",
                n + 1,
                begun.elapsed(),
                memory()
            );
        }
    }
    let there = messages::count_all(app.store.read())
        .await
        .map_err(|error| error.to_string())?;
    if there != count || files != usize::try_from(2 * count).unwrap_or(usize::MAX) {
        return Err(format!(
            "{there} of {count} messages and {files} of {} files are there",
            2 * count
        ));
    }
    // The same again: nothing comes twice.
    let again = receive_mail::keep_raw(&app, message(0), Way::Imap, None, Utc::now())
        .await
        .map_err(|error| error.to_string())?;
    if again.is_new {
        return Err("the same message came twice".to_owned());
    }
    println!("nothing lost, nothing double");
    Ok(())
}
