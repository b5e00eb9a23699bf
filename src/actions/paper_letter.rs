//! A letter is set on paper, for post, fax and upload to a portal.
//!
//! The paper of an approved text is made once and kept with its hash: from then on the same file is handed out, also
//! after the letterhead or the signature changed. Of any other text a draft is made, which says so on every page.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::send_letter::approved;
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::document::Sha256;
use crate::domain::ids::LetterId;
use crate::dossier::letter::{self, Set};
use crate::dossier::picture::Picture;
use crate::store::campaigns::Campaign;
use crate::store::letters::Letter;
use crate::store::papers::{self, Signature};
use crate::store::{StoreError, campaigns, commit, letters, requests};

/// More than any letter with a signature takes.
const MOST_BYTES: u64 = 50 * 1024 * 1024;

/// A letter as a file.
#[derive(Clone, Debug)]
pub struct Papered {
    pub pdf: Vec<u8>,
    pub sha256: Sha256,
    pub pages: usize,
    /// The one paper of an approved text; otherwise a draft.
    pub kept: bool,
    /// "S-0042-version-2.pdf".
    pub file_name: String,
}

/// The letter's paper. The first call on an approved text makes the one that is kept.
///
/// # Errors
/// Not found where it is another campaign's; a fault where the kept file is gone or damaged.
pub async fn paper_letter(
    app: &App,
    by: &Scope,
    id: LetterId,
    now: DateTime<Utc>,
) -> Deed<Papered> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel have letters on paper. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let letter = letters::find(db, by, id)
        .await?
        .ok_or(ActionError::NotFound)?;
    let request = requests::find(db, by, letter.request)
        .await?
        .ok_or(ActionError::NotFound)?;
    let reference = request.request.reference.to_string();
    let name = |draft: &str| format!("{reference}-version-{}{draft}.pdf", letter.version);
    if let Some(kept) = papers::find(db, by, id).await? {
        return kept_file(app, &kept, name("")).await;
    }
    let campaign = campaigns::get(db, by).await?.ok_or(ActionError::NotFound)?;
    let is_approved = match approved(db, by, &letter).await {
        Ok(_) => true,
        Err(ActionError::Refused(_)) => false,
        Err(other) => return Err(other),
    };
    let signature = papers::find_signature(db, by, &campaign.contact_name).await?;
    let remark = if is_approved {
        ""
    } else {
        "draft, not approved by counsel"
    };
    // A draft is not signed: it could be taken for the letter itself.
    let signature = signature.filter(|_| is_approved);
    let set = set(
        app,
        &campaign,
        &letter,
        reference.clone(),
        remark,
        signature.as_ref(),
    )
    .await?;
    let sha256 = Sha256::of(&set.pdf);
    if !is_approved {
        return Ok(Papered {
            sha256,
            pages: set.pages,
            kept: false,
            file_name: name("-draft"),
            pdf: set.pdf,
        });
    }
    // The bytes are safe before the row names them; bytes that no row names do no harm.
    app.files
        .put_bytes(set.pdf.clone())
        .await
        .map_err(|error| ActionError::fault("keeping a letter's paper", error))?;
    let new = papers::Paper {
        campaign: by.campaign,
        letter: id,
        text_sha256: letter.sha256.clone(),
        sha256,
        pages: i32::try_from(set.pages).unwrap_or(i32::MAX),
        signature: signature.map(|signature| signature.sha256),
        made_by: by.user,
        made_at: now,
    };
    let tx = app.store.begin().await?;
    match papers::add(&tx, &new).await {
        Ok(()) => commit(tx).await?,
        Err(StoreError::Taken) => {
            // Somebody made it at the same moment: theirs is the one.
            drop(tx);
            let kept = papers::find(app.store.read(), by, id)
                .await?
                .ok_or(ActionError::NotFound)?;
            return kept_file(app, &kept, name("")).await;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Papered {
        sha256,
        pages: set.pages,
        kept: true,
        file_name: name(""),
        pdf: set.pdf,
    })
}

async fn kept_file(app: &App, kept: &papers::Paper, file_name: String) -> Deed<Papered> {
    let bytes = app
        .files
        .read(&kept.sha256, MOST_BYTES)
        .await
        .map_err(|error| ActionError::fault("reading a letter's paper", error))?;
    if Sha256::of(&bytes) != kept.sha256 {
        return Err(ActionError::refused(
            "The letter's paper on disk is damaged. Ask whoever runs this installation to restore it from a backup.",
        ));
    }
    Ok(Papered {
        pdf: bytes.to_vec(),
        sha256: kept.sha256,
        pages: usize::try_from(kept.pages).unwrap_or_default(),
        kept: true,
        file_name,
    })
}

async fn set(
    app: &App,
    campaign: &Campaign,
    letter: &Letter,
    reference: String,
    remark: &str,
    signature: Option<&Signature>,
) -> Deed<Set> {
    let paper = letter::Letter {
        organisation: organisation(campaign),
        under: under(campaign),
        subject: letter.subject.clone(),
        body: letter.body.clone(),
        reference,
        on: day_in(campaign.time_zone, letter.written_at),
        remark: remark.to_owned(),
        signature: match signature {
            Some(signature) => Some(picture(app, signature).await?),
            None => None,
        },
    };
    tokio::task::spawn_blocking(move || letter::render(&paper))
        .await
        .map_err(|error| ActionError::fault("setting a letter", error))?
        .map_err(|error| ActionError::fault("setting a letter", std::io::Error::other(error)))
}

/// What stands at the head of the first page.
pub fn organisation(campaign: &Campaign) -> String {
    if campaign.organisation.trim().is_empty() {
        campaign.name.clone()
    } else {
        campaign.organisation.clone()
    }
}

/// The line under it.
pub fn under(campaign: &Campaign) -> Vec<String> {
    let address: Vec<&str> = campaign
        .postal_address
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    vec![address.join(", "), campaign.phone.trim().to_owned()]
}

/// The grey pixels of a kept signature.
pub(super) async fn picture(app: &App, signature: &Signature) -> Deed<Arc<Picture>> {
    let bytes = app
        .files
        .read(&signature.sha256, MOST_BYTES)
        .await
        .map_err(|error| ActionError::fault("reading a signature", error))?;
    Picture::from_bytes(&bytes).map(Arc::new).ok_or_else(|| {
        ActionError::refused(
            "The signature on disk is damaged. Upload it again under “Letterhead and signature”.",
        )
    })
}
