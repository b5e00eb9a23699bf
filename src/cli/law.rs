//! `sundial law check` and `sundial law show CODE`: the law files, checked and printed.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::law::{Code, Jurisdiction, Library, Problem};

/// What to do with the law files.
#[derive(Debug, Subcommand)]
pub enum LawCommand {
    /// Check every law file; names each problem with its file and key.
    Check(CheckArgs),
    /// Print one jurisdiction's law.
    Show(ShowArgs),
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Check the law files in this folder instead of those built in.
    #[arg(long, value_name = "FOLDER")]
    pub law: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Jurisdiction: two letters, for example WA, DC or US.
    pub code: Code,
    /// Read the law files in this folder instead of those built in.
    #[arg(long, value_name = "FOLDER")]
    pub law: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Checked<'a> {
    jurisdictions: usize,
    duties: usize,
    sources: usize,
    unverified_duties: usize,
    problems: &'a [Problem],
}

/// Runs `law check` or `law show`.
///
/// # Errors
/// A sentence for the person at the terminal; for `check`, the problems found.
pub fn run(command: &LawCommand, out: &mut dyn Write) -> Result<(), String> {
    match command {
        LawCommand::Check(args) => check(args, read(args.law.as_deref())?, out),
        LawCommand::Show(args) => {
            let library = library(args.law.as_deref())?;
            let jurisdiction = find(&library, args.code)?;
            if args.json {
                print_json(jurisdiction, out)
            } else {
                write(out, &sheet(jurisdiction))
            }
        }
    }
}

fn check(
    args: &CheckArgs,
    library: Result<Library, Vec<Problem>>,
    out: &mut dyn Write,
) -> Result<(), String> {
    let problems = match &library {
        Ok(_) => &[],
        Err(problems) => problems.as_slice(),
    };
    let all: Vec<&Jurisdiction> = library.iter().flat_map(Library::all).collect();
    let checked = Checked {
        jurisdictions: all.len(),
        duties: all.iter().map(|j| j.duties.len()).sum(),
        sources: all.iter().map(|j| j.sources.len()).sum(),
        unverified_duties: all
            .iter()
            .flat_map(|j| &j.duties)
            .filter(|duty| duty.confidence == crate::law::Confidence::Unverified)
            .count(),
        problems,
    };
    if args.json {
        print_json(&checked, out)?;
    } else if problems.is_empty() {
        write(
            out,
            &format!(
                "{} jurisdictions, {} duties ({} unverified), {} sources: no problem found.\n",
                checked.jurisdictions, checked.duties, checked.unverified_duties, checked.sources
            ),
        )?;
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(listed(problems))
    }
}

/// The law that is built in, or that of a folder of law files.
///
/// # Errors
/// Every problem of the files, as sentences.
pub fn library(folder: Option<&Path>) -> Result<Library, String> {
    read(folder)?.map_err(|problems| listed(&problems))
}

/// A law file is some kilobytes; what is larger is none.
const LARGEST_FILE: u64 = 1 << 20;

fn read(folder: Option<&Path>) -> Result<Result<Library, Vec<Problem>>, String> {
    let Some(folder) = folder else {
        return Ok(Library::embedded());
    };
    let broken = |problem: std::io::Error| {
        format!(
            "The folder {} could not be read: {problem}.",
            folder.display()
        )
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let name = path.display();
        let unread = |problem: std::io::Error| format!("{name} could not be read: {problem}.");
        if path.metadata().map_err(unread)?.len() > LARGEST_FILE {
            return Err(format!("{name} is larger than a law file can be."));
        }
        let text = std::fs::read_to_string(&path).map_err(unread)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        files.push((stem.into_owned(), text));
    }
    if files.is_empty() {
        return Err(format!(
            "There is no law file (*.toml) in {}.",
            folder.display()
        ));
    }
    files.sort();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(stem, text)| (stem.as_str(), text.as_str()))
        .collect();
    Ok(Library::read(&files))
}

/// The jurisdiction of that code.
///
/// # Errors
/// A sentence that lists the codes there are.
pub fn find(library: &Library, code: Code) -> Result<&Jurisdiction, String> {
    library.get(&code).ok_or_else(|| {
        let codes: Vec<_> = library.all().map(|j| j.code.to_string()).collect();
        format!(
            "There is no law for {code}. The codes are {}.",
            codes.join(", ")
        )
    })
}

/// One line of JSON.
///
/// # Errors
/// A sentence if the output cannot be written.
pub fn print_json<T: Serialize>(value: &T, out: &mut dyn Write) -> Result<(), String> {
    let json = serde_json::to_string(value)
        .map_err(|problem| format!("Could not make the JSON: {problem}."))?;
    write(out, &format!("{json}\n"))
}

fn write(out: &mut dyn Write, text: &str) -> Result<(), String> {
    out.write_all(text.as_bytes())
        .map_err(|problem| format!("Could not write the answer: {problem}."))
}

/// Every problem on a line of its own, for errors at launch and here.
pub fn listed(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    format!(
        "{} problem(s) in the law files:\n{}",
        problems.len(),
        lines.join("\n")
    )
}

fn sheet(j: &Jurisdiction) -> String {
    let mut text = format!(
        "{} ({})\n{}, {}\n{}\n",
        j.name, j.code, j.law.name, j.law.citation, j.form.note
    );
    let who = if j.eligibility.residents_only {
        "Residents only"
    } else {
        "Anyone"
    };
    text.push_str(&format!(
        "\nWho may ask: {who}. {} ({})\n",
        j.eligibility.note, j.eligibility.citation
    ));
    text.push_str("\nDuties\n");
    for duty in &j.duties {
        text.push_str(&format!(
            "  {} — {}: {} from {}\n    {}\n    {} ({})\n",
            duty.id,
            duty.deed.heading(),
            duty.limit_plain(),
            duty.from
                .iter()
                .map(|start| start.plain())
                .collect::<Vec<_>>()
                .join(" or "),
            duty.says,
            duty.citation,
            duty.confidence.plain()
        ));
        if !duty.holders.is_empty() {
            let holders: Vec<_> = duty.holders.iter().map(|holder| holder.plain()).collect();
            text.push_str(&format!("    Only for {}\n", holders.join(", ")));
        }
        for key in &duty.when {
            text.push_str(&format!("    Only with condition {key}\n"));
        }
        for reading in &duty.readings {
            text.push_str(&format!("    Another reading: {}\n", reading.note));
        }
    }
    for silence in &j.silences {
        text.push_str(&format!(
            "\n{} (after {})\n",
            silence.means.plain(),
            silence.after.join(", ")
        ));
    }
    text.push_str("\nAgainst a refusal\n");
    for appeal in &j.appeals {
        text.push_str(&format!(
            "  {}. {}: {} ({})\n",
            appeal.step,
            appeal.kind.plain(),
            appeal.body,
            appeal.citation
        ));
    }
    text.push_str(&format!(
        "  Court: {} ({})\n",
        j.court.note, j.court.citation
    ));
    text.push_str(&format!(
        "\nFees: {}. {} ({})\n",
        j.fees.waiver.plain(),
        j.fees.note,
        j.fees.citation
    ));
    text.push_str(&format!(
        "\nCounting: {} ({})\n",
        j.counting.note, j.counting.citation
    ));
    if !j.conditions.is_empty() {
        text.push_str("\nConditions\n");
        for condition in &j.conditions {
            text.push_str(&format!("  {}: where {}\n", condition.key, condition.says));
        }
    }
    if let Some(detainers) = &j.detainers {
        text.push_str(&format!(
            "\nDetainers: {} ({})\n",
            detainers.says, detainers.citation
        ));
    }
    text.push_str(&format!(
        "\n{} sources; file version {}\n",
        j.sources.len(),
        j.version
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: &LawCommand) -> Result<String, String> {
        let mut out = Vec::new();
        run(command, &mut out)?;
        String::from_utf8(out).map_err(|problem| problem.to_string())
    }

    #[test]
    fn check_counts_what_it_checked() {
        let text = said(&LawCommand::Check(CheckArgs {
            law: None,
            json: false,
        }))
        .expect("sound");
        assert!(text.starts_with("52 jurisdictions, "), "{text}");
        let json = said(&LawCommand::Check(CheckArgs {
            law: None,
            json: true,
        }))
        .expect("sound");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["problems"], serde_json::json!([]));
        assert_eq!(json["jurisdictions"], 52);
    }

    #[test]
    fn check_fails_with_every_problem() {
        let mut out = Vec::new();
        let broken = Library::read(&[("wa", "code = \"WA\"")]);
        let problem = check(
            &CheckArgs {
                law: None,
                json: false,
            },
            broken,
            &mut out,
        )
        .expect_err("broken");
        assert!(problem.contains("data/law/wa.toml"), "{problem}");
    }

    #[test]
    fn show_prints_the_law() {
        let code: Code = "tx".parse().expect("a code");
        let text = said(&LawCommand::Show(ShowArgs {
            code,
            law: None,
            json: false,
        }))
        .expect("Texas");
        assert!(
            text.contains("Texas Public Information Act") && text.contains("seek-ruling"),
            "{text}"
        );
        let json = said(&LawCommand::Show(ShowArgs {
            code,
            law: None,
            json: true,
        }))
        .expect("Texas");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["code"], "TX");
        assert_eq!(json["version"].as_str().map(str::len), Some(64));
    }
}
