//! `sundial dossier build CAMPAIGN -o FILE`: the next edition of a campaign's packet, built and written out.

use std::path::PathBuf;

use clap::Subcommand;

use super::Ended;
use crate::actions::build_dossier::{Built, build_dossier};
use crate::actions::{ActionError, App, Scope};
use crate::documents::worker::Limits;
use crate::domain::person::Role;
use crate::store::{accounts, campaigns};

/// What can be done with dossiers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the next edition of a campaign's packet and write it to a file.
    Build {
        /// The campaign's short name, as in its address: /c/NAME.
        campaign: String,
        /// Where the PDF goes. An existing file is not overwritten.
        #[arg(short, long)]
        output: PathBuf,
        /// Build in this member's name (their e-mail address); left out: the first researcher or counsel.
        #[arg(long = "as")]
        member: Option<String>,
        /// Print one JSON object instead.
        #[arg(long)]
        json: bool,
    },
}

/// Runs one of the commands.
pub async fn run(command: Command) -> Ended {
    let Command::Build {
        campaign,
        output,
        member,
        json,
    } = command;
    if output.exists() {
        return Err(format!(
            "There is a file {} already. Choose another name, or move it away.",
            output.display()
        ));
    }
    let app = super::open().await?;
    let by = scope_of(&app, &campaign, member.as_deref()).await?;
    eprintln!(
        "Gathering, laying out and binding. This takes some seconds, longer with many scanned pages."
    );
    let built = build_dossier(&app, &by, app.clock.now())
        .await
        .map_err(told)?;
    write_out(&app, &built, &output).await?;
    if json {
        let dossier = &built.dossier;
        println!(
            "{}",
            serde_json::json!({
                "campaign": campaign,
                "edition": dossier.edition,
                "pages": dossier.pages,
                "bytes": dossier.bytes,
                "sha256": dossier.sha256,
                "file": output,
                "remarks": built.remarks,
            })
        );
    } else {
        println!(
            "Edition {}: {} pages, {}",
            built.dossier.edition,
            built.dossier.pages,
            output.display()
        );
        for remark in &built.remarks {
            println!("  {remark}");
        }
    }
    Ok(())
}

/// Writes an edition's file out.
pub async fn write_out(app: &App, built: &Built, output: &std::path::Path) -> Ended {
    let bytes = app
        .files
        .read(&built.dossier.sha256, Limits::BUNDLE.file_bytes)
        .await
        .map_err(|error| error.to_string())?;
    tokio::fs::write(output, &bytes)
        .await
        .map_err(|error| format!("{} cannot be written: {error}.", output.display()))
}

async fn scope_of(app: &App, slug: &str, member: Option<&str>) -> Result<Scope, String> {
    let db = app.store.read();
    let broken = |error: crate::store::StoreError| format!("The database did not answer: {error}.");
    let campaign = campaigns::find_by_slug(db, slug)
        .await
        .map_err(broken)?
        .ok_or_else(|| {
            format!("There is no campaign “{slug}”. Its name stands in its address, after /c/.")
        })?;
    let members = campaigns::list_members(db, campaign.id)
        .await
        .map_err(broken)?;
    let wanted = match member {
        Some(email) => Some(
            accounts::find_for_sign_in(db, email)
                .await
                .map_err(broken)?
                .map(|(account, _)| account.id)
                .ok_or_else(|| format!("There is no account with the address {email}."))?,
        ),
        None => None,
    };
    members
        .iter()
        .filter(|each| matches!(each.role, Role::Researcher | Role::Counsel))
        .find(|each| wanted.is_none_or(|id| id == each.account))
        .map(|each| Scope {
            user: each.account,
            campaign: campaign.id,
            role: each.role,
        })
        .ok_or_else(|| {
            "No researcher or counsel of this campaign by that address. Researchers and counsel build dossiers.".to_owned()
        })
}

/// A deed's refusal for a terminal: a fault with what broke, since whoever runs this may mend it.
pub fn told(error: ActionError) -> String {
    match error {
        ActionError::Fault(fault) => format!("{fault}. Nothing was changed."),
        other => other.sentence(),
    }
}
