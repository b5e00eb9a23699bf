//! `sundial import agencies FILE` and `sundial import agreements FILE`: what a list would do to a campaign, and with
//! `--yes` doing it. The same reading, planning and writing as on the site.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::Ended;
use crate::actions::confirm_import::{confirm_import, discard_import};
use crate::actions::preview_import::preview_import;
use crate::actions::{App, Scope};
use crate::clock::day_in;
use crate::domain::agency::list::ListKind;
use crate::domain::agency::plan::{
    AgencyStep, AgreementStep, ContactStep, Plan, PlannedLine, Summary,
};
use crate::store::{accounts, campaigns, imports};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// A list of agencies (XLSX, XLS, ODS or CSV): the columns name and state; county, type, records_email,
    /// known_how and checked_on may follow.
    Agencies(List),
    /// ICE's list of agencies that have a 287(g) agreement, or wait for one (XLSX).
    Agreements(List),
}

#[derive(Debug, Args)]
pub struct List {
    /// The list.
    file: PathBuf,
    /// The campaign, as its address names it: /c/<campaign>.
    #[arg(long)]
    campaign: String,
    /// The member on whose behalf it is done, by e-mail address. Left out: the campaign's first researcher.
    #[arg(long)]
    member: Option<String>,
    /// Write it. Without this only the preview is shown and nothing is written.
    #[arg(long)]
    yes: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    list: ListKind,
    file: String,
    campaign: &'a str,
    /// Whether it was written.
    confirmed: bool,
    summary: Summary,
    plan: &'a Plan,
}

pub async fn run(command: Command) -> Ended {
    let (kind, list) = match command {
        Command::Agencies(list) => (ListKind::Agencies, list),
        Command::Agreements(list) => (ListKind::Agreements, list),
    };
    if !list.file.is_file() {
        return Err(format!(
            "There is no file {}. Look at the name and the folder.",
            list.file.display()
        ));
    }
    let app = super::open().await?;
    import(&app, kind, &list).await
}

async fn import(app: &App, kind: ListKind, list: &List) -> Ended {
    let (scope, zone) = member_of(app, list).await?;
    let now = app.clock.now();
    let name = list
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    eprintln!("Reading {name} …");
    let sentence = |error: crate::actions::ActionError| error.to_string();
    let id = preview_import(app, &scope, kind, &name, &list.file, day_in(zone, now), now)
        .await
        .map_err(sentence)?;
    let import = imports::find(app.store.read(), &scope, id)
        .await
        .map_err(|error| error.to_string())?
        .ok_or("The preview could not be found again. Nothing was written; try once more.")?;
    let plan = &import.reading.plan;
    let summary = plan.summary();
    if list.yes {
        eprintln!("Writing …");
        confirm_import(app, &scope, id, now)
            .await
            .map_err(sentence)?;
    } else {
        discard_import(app, &scope, id, now)
            .await
            .map_err(sentence)?;
    }
    if list.json {
        let told = Told {
            list: kind,
            file: name,
            campaign: &list.campaign,
            confirmed: list.yes,
            summary,
            plan,
        };
        let text = serde_json::to_string_pretty(&told).map_err(|error| error.to_string())?;
        println!("{text}");
    } else {
        print!("{}", in_words(plan, summary, list.yes));
    }
    Ok(())
}

/// On whose behalf it is done, and the campaign's clock.
async fn member_of(app: &App, list: &List) -> Result<(Scope, chrono_tz::Tz), String> {
    let db = app.store.read();
    let broken = |error: crate::store::StoreError| error.to_string();
    let slug = list.campaign.trim().trim_start_matches("/c/");
    let Some(campaign) = campaigns::find_by_slug(db, slug).await.map_err(broken)? else {
        let all = campaigns::list_all(db).await.map_err(broken)?;
        let names: Vec<&str> = all.iter().map(|campaign| campaign.slug.as_str()).collect();
        return Err(if names.is_empty() {
            "There is no campaign yet. Start one on the site first.".to_owned()
        } else {
            format!(
                "There is no campaign “{slug}”. There are: {}.",
                names.join(", ")
            )
        });
    };
    for member in campaigns::list_members(db, campaign.id)
        .await
        .map_err(broken)?
    {
        let scope = Scope {
            user: member.account,
            campaign: campaign.id,
            role: member.role,
        };
        let wanted = match &list.member {
            None => scope.may_draft(),
            Some(address) => accounts::find(db, member.account)
                .await
                .map_err(broken)?
                .is_some_and(|account| account.email == accounts::folded(address)),
        };
        if wanted {
            return Ok((scope, campaign.time_zone));
        }
    }
    Err(match &list.member {
        Some(address) => format!("{address} is not a member of the campaign “{slug}”."),
        None => format!(
            "The campaign “{slug}” has no researcher or counsel. Invite one on the site first."
        ),
    })
}

/// The preview for a terminal: one line for each line of the list that does something or needs a look.
fn in_words(plan: &Plan, summary: Summary, written: bool) -> String {
    let mut text = String::new();
    for line in &plan.lines {
        if line.writes() || !line.remarks.is_empty() {
            text.push_str(&line_in_words(line));
        }
    }
    for skipped in &plan.skipped {
        text.push_str(&format!(
            "{:>6}  left out: {} ({})\n",
            skipped.line, skipped.why, skipped.says
        ));
    }
    for end in &plan.ends {
        text.push_str(&format!(
            "     –  {}, {}: {} left the list\n",
            end.name,
            end.jurisdiction,
            end.model.plain()
        ));
    }
    text.push_str(&format!(
        "\n{} lines: {} new agencies, {} known; {} new agreements, {} brought up to date, {} already there, {} off the list; {} new contacts; {} left out; {} to look at.\n",
        summary.lines,
        summary.agencies_added,
        summary.agencies_matched,
        summary.agreements_added,
        summary.agreements_changed,
        summary.agreements_same,
        summary.agreements_ended,
        summary.contacts_added,
        summary.skipped,
        summary.remarked,
    ));
    text.push_str(match (written, summary.changes_nothing()) {
        (true, true) => "The campaign had all of it already: nothing was changed.\n",
        (true, false) => "Imported.\n",
        (false, _) => "Nothing was written. Say --yes to write it.\n",
    });
    text
}

fn line_in_words(line: &PlannedLine) -> String {
    let mut words = Vec::new();
    match &line.agency {
        AgencyStep::Add => words.push("new agency".to_owned()),
        AgencyStep::Known { name, .. } => words.push(format!("known as {name}")),
        AgencyStep::SameAs { line } => words.push(format!("the agency of line {line}")),
    }
    match &line.agreement {
        Some(AgreementStep::Add { agreement }) => {
            words.push(format!("adds: {}", agreement.model.plain()))
        }
        Some(AgreementStep::Change { words: change, .. }) => {
            words.push(format!("changes: {change}"))
        }
        Some(AgreementStep::Same) | None => {}
    }
    for contact in &line.contacts {
        if let ContactStep::Add { contact } = contact {
            words.push(format!("adds the contact {}", contact.value));
        }
    }
    words.extend(line.remarks.iter().cloned());
    format!(
        "{:>6}  {}, {}: {}\n",
        line.line,
        line.name,
        line.jurisdiction,
        words.join("; ")
    )
}
