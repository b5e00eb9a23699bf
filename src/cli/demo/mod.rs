//! `sundial demo`: a whole campaign in seconds, by the same deeds that the pages call, under a clock moved by hand.
//!
//! Here: the order of the stages, what is printed, and the folder. The campaign's story is `story` and `answers`; who plays in it is
//! `cast`; what its invented agencies send is `papers`.

mod answers;
mod cast;
mod papers;
mod story;

use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::{DateTime, Datelike, Days, Utc};
use clap::Args;

use super::Ended;
use crate::actions::App;
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The folder of the demonstration's installation; must be empty or new.
    #[arg(long, default_value = "demo-data")]
    dir: PathBuf,
    /// Empty the folder first, if an earlier demonstration made it.
    #[arg(long)]
    fresh: bool,
    /// Take the PDF files of this folder as the agencies' attachments, instead of the ones made for the story.
    #[arg(long)]
    replies: Option<PathBuf>,
    /// End when the dossier is made, instead of serving the site.
    #[arg(long)]
    no_serve: bool,
    /// Print what was made as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Marks a folder as a demonstration's own, so that `--fresh` never empties another.
const MARK: &str = "sundial-demo";

/// Prints the stages as they go by, with the time since the start.
pub(super) struct Teller {
    began: Instant,
    quiet: bool,
}

impl Teller {
    pub(super) fn say(&self, stage: &str, what: &str) {
        let seconds = self.began.elapsed().as_secs_f32();
        let line = format!("{seconds:5.1} s  {stage:<10} {what}");
        if self.quiet {
            eprintln!("{line}")
        } else {
            println!("{line}")
        }
    }
}

pub async fn run(args: DemoArgs) -> Ended {
    super::begin_log(false);
    let attachments = match &args.replies {
        Some(folder) => Some(pdfs_in(folder)?),
        None => None,
    };
    prepare(&args.dir, args.fresh)?;
    let teller = Teller {
        began: Instant::now(),
        quiet: args.json,
    };
    let mut config = Config::embedded(args.dir.clone()).map_err(|error| error.to_string())?;
    if let Some(port) = std::env::var_os("ROCKET_PORT") {
        config.site.url = format!("http://127.0.0.1:{}", port.to_string_lossy());
    }
    let today = Clock::System.now();
    let app = App::open(config, Clock::standing_at(beginning(today)))
        .await
        .map_err(|error| error.to_string())?;
    let made = story::tell(&app, today, attachments, &teller).await?;
    let dossier = args.dir.join("dossier.pdf");
    std::fs::write(&dossier, &made.dossier).map_err(|error| {
        format!(
            "The dossier is made, but {} cannot be written: {error}",
            dossier.display()
        )
    })?;
    report(&args, &app, &made, &dossier, &teller)?;
    if args.no_serve {
        return Ok(());
    }
    // From here on it is an installation like any other, on the true clock.
    super::serve::serve(App {
        clock: Clock::System,
        ..app
    })
    .await
}

fn report(
    args: &DemoArgs,
    app: &App,
    made: &story::Made,
    dossier: &Path,
    teller: &Teller,
) -> Ended {
    teller.say(
        "done",
        &format!("{} of {} pages", dossier.display(), made.pages),
    );
    if args.json {
        let people: Vec<_> = made
            .people
            .iter()
            .map(|each| serde_json::json!({ "role": each.role, "email": each.email, "password": each.password }))
            .collect();
        println!(
            "{}",
            serde_json::json!({
                "dir": args.dir, "dossier": dossier, "pages": made.pages, "exhibits": made.exhibits,
                "mail": args.dir.join("mail"), "url": app.config.site.url, "people": people,
            })
        );
        return Ok(());
    }
    println!(
        "\nFiles\n  {}  the dossier\n  {}  letters and reminders, as they left",
        dossier.display(),
        args.dir.join("mail").display()
    );
    println!(
        "  {}  the database",
        args.dir.join("sundial.sqlite").display()
    );
    println!("\nSign in at {}", app.config.site.url);
    for each in &made.people {
        println!("  {:<11} {:<28} {}", each.role, each.email, each.password);
    }
    println!();
    Ok(())
}

/// Monday of the twelfth week before `today`, at nine in the morning of the Pacific coast.
fn beginning(today: DateTime<Utc>) -> DateTime<Utc> {
    let back = Days::new(77 + u64::from(today.weekday().num_days_from_monday()));
    let monday = today
        .date_naive()
        .checked_sub_days(back)
        .unwrap_or_else(|| today.date_naive());
    monday.and_hms_opt(17, 0, 0).unwrap_or_default().and_utc()
}

/// Makes the folder, or empties it where `fresh` is asked for and it is a demonstration's own.
fn prepare(dir: &Path, fresh: bool) -> Ended {
    let cannot =
        |error: std::io::Error| format!("The folder {} cannot be used: {error}", dir.display());
    let filled = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(cannot(error)),
    };
    if filled {
        if !fresh {
            return Err(format!(
                "The folder {} is not empty. Choose another with --dir, or give --fresh to begin an earlier demonstration anew.",
                dir.display()
            ));
        }
        if !dir.join(MARK).is_file() {
            return Err(format!(
                "The folder {} was not made by an earlier demonstration, so nothing in it was touched. Choose another with --dir.",
                dir.display()
            ));
        }
        std::fs::remove_dir_all(dir).map_err(cannot)?;
    }
    std::fs::create_dir_all(dir).map_err(cannot)?;
    std::fs::write(
        dir.join(MARK),
        "This folder was made by `sundial demo`; --fresh empties it.\n",
    )
    .map_err(cannot)
}

/// The PDF files of a folder by name.
fn pdfs_in(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    let cannot =
        |error: std::io::Error| format!("The folder {} cannot be read: {error}", folder.display());
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"))
        {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(format!("There is no PDF file in {}.", folder.display()));
    }
    let mut files = Vec::new();
    for path in paths {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        files.push((name, std::fs::read(&path).map_err(cannot)?));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_on_a_monday_and_never_touches_a_folder_of_others() {
        for day in [
            "2026-11-22T05:00:00Z",
            "2027-01-01T23:59:00Z",
            "2028-02-29T12:00:00Z",
        ] {
            let today: DateTime<Utc> = day.parse().expect("an instant");
            let began = beginning(today);
            assert_eq!(began.weekday(), chrono::Weekday::Mon);
            assert!((77..=83).contains(&(today - began).num_days()), "{day}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("diary.txt"), "mine").expect("written");
        assert!(
            prepare(folder.path(), false)
                .expect_err("refused")
                .contains("not empty")
        );
        assert!(
            prepare(folder.path(), true)
                .expect_err("refused")
                .contains("nothing in it was touched")
        );
        assert!(folder.path().join("diary.txt").exists());
        let own = folder.path().join("own");
        prepare(&own, false).expect("made");
        std::fs::write(own.join("x"), "x").expect("written");
        prepare(&own, true).expect("emptied");
        assert!(!own.join("x").exists());
    }
}
