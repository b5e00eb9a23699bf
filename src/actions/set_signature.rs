//! A signature is put on a campaign's letters on paper, or taken off; and a sample page shows how it looks.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::paper_letter::{organisation, picture, under};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::documents::worker::WorkerError;
use crate::domain::event::Happening;
use crate::dossier::letter;
use crate::dossier::picture::Picture;
use crate::store::papers::{self, Signature};
use crate::store::{campaigns, commit, events};

/// Takes an uploaded picture as the signature of the person who signs this campaign's letters. The file itself is read
/// in the worker only and not kept: what is kept are its grey pixels.
///
/// # Errors
/// Refused where it is no picture, or where the campaign names nobody who signs.
pub async fn set_signature(app: &App, by: &Scope, file: &Path, now: DateTime<Utc>) -> Deed<()> {
    let name = signer(app, by).await?;
    let answer = app
        .worker
        .read_picture(file)
        .await
        .map_err(|error| match error {
            WorkerError::Fault(_) => ActionError::fault("reading a signature", error),
            other => ActionError::refused(other.to_string()),
        })?;
    let picture = Picture::from_answer(answer).ok_or_else(|| {
        ActionError::refused("The picture could not be read. Save it as PNG and try again.")
    })?;
    let stored = app
        .files
        .put_bytes(picture.to_bytes())
        .await
        .map_err(|error| ActionError::fault("keeping a signature", error))?;
    let tx = app.store.begin().await?;
    let new = Signature {
        campaign: by.campaign,
        of_name: name,
        sha256: stored.sha256,
        set_by: by.user,
        set_at: now,
    };
    papers::set_signature(&tx, &new).await?;
    let what = Happening::CampaignEdited;
    events::record_by(&tx, by, None, now, &what).await?;
    commit(tx).await?;
    Ok(())
}

/// Takes the signature off. Papers made before keep theirs.
pub async fn remove_signature(app: &App, by: &Scope, now: DateTime<Utc>) -> Deed<()> {
    let name = signer(app, by).await?;
    let tx = app.store.begin().await?;
    if papers::remove_signature(&tx, by.campaign, &name).await? {
        let what = Happening::CampaignEdited;
        events::record_by(&tx, by, None, now, &what).await?;
    }
    commit(tx).await?;
    Ok(())
}

/// A page with the campaign's letterhead and signature, and no letter.
pub async fn sample_paper(app: &App, by: &Scope, now: DateTime<Utc>) -> Deed<Vec<u8>> {
    let campaign = campaigns::get(app.store.read(), by)
        .await?
        .ok_or(ActionError::NotFound)?;
    let signature = papers::find_signature(app.store.read(), by, &campaign.contact_name).await?;
    let on = day_in(campaign.time_zone, now);
    let paper = letter::Letter {
        organisation: organisation(&campaign),
        under: under(&campaign),
        subject: "A sample of this campaign's letters on paper".to_owned(),
        body: format!(
            "{}\n\nCustodian of Records\n\nDear Custodian of Records:\n\nThis page shows the letterhead, the type and \
             the place of the signature. It asks for nothing.\n\nSincerely,\n\n{}\n{}\n",
            on.format("%B %-d, %Y"),
            campaign.contact_name,
            campaign.organisation
        ),
        reference: "S-0000".to_owned(),
        on,
        remark: "sample".to_owned(),
        signature: match &signature {
            Some(signature) => Some(picture(app, signature).await?),
            None => None,
        },
    };
    letter::render(&paper)
        .map(|set| set.pdf)
        .map_err(|error| ActionError::fault("setting a sample", std::io::Error::other(error)))
}

async fn signer(app: &App, by: &Scope) -> Deed<String> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel change the letterhead. Ask one of them.",
        ));
    }
    let campaign = campaigns::get(app.store.read(), by)
        .await?
        .ok_or(ActionError::NotFound)?;
    if campaign.contact_name.trim().is_empty() {
        return Err(ActionError::refused(
            "This campaign names nobody who signs its letters. Change the campaign first.",
        ));
    }
    Ok(campaign.contact_name)
}
