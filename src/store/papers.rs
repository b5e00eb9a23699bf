//! Letters on paper: the exact file that was made of an approved text, once; and the signatures that stand on paper.
//! The bytes are in the file store.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use super::entity::{letter_paper, signature};
use super::{Scope, StoreError, Stored, Tx};
use crate::domain::document::Sha256;
use crate::domain::ids::{CampaignId, LetterId, UserId};

/// The one paper of an approved letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    pub campaign: CampaignId,
    pub letter: LetterId,
    /// Of the text that it was set from.
    pub text_sha256: String,
    /// Of the file.
    pub sha256: Sha256,
    pub pages: i32,
    /// Of the signature on it, if there is one.
    pub signature: Option<Sha256>,
    pub made_by: UserId,
    pub made_at: DateTime<Utc>,
}

/// Somebody's signature in a campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    pub campaign: CampaignId,
    /// The name as it stands under letters.
    pub of_name: String,
    pub sha256: Sha256,
    pub set_by: UserId,
    pub set_at: DateTime<Utc>,
}

fn hash(text: &str) -> Stored<Sha256> {
    text.parse()
        .map_err(|_| StoreError::Unreadable(format!("hash {text}")))
}

/// Keeps a paper. [`StoreError::Taken`] where the letter has one already: it is never replaced.
pub async fn add(tx: &Tx, new: &Paper) -> Stored<()> {
    letter_paper::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(new.campaign.0),
        letter_id: Set(new.letter.0),
        text_sha256: Set(new.text_sha256.clone()),
        sha256: Set(new.sha256.to_string()),
        pages: Set(new.pages),
        signature_sha256: Set(new.signature.map(|hash| hash.to_string())),
        made_by: Set(new.made_by.0),
        made_at: Set(new.made_at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    letter: LetterId,
) -> Stored<Option<Paper>> {
    let row = letter_paper::Entity::find()
        .filter(letter_paper::Column::CampaignId.eq(scope.campaign.0))
        .filter(letter_paper::Column::LetterId.eq(letter.0))
        .one(db)
        .await?;
    row.map(|row| {
        Ok(Paper {
            campaign: CampaignId(row.campaign_id),
            letter: LetterId(row.letter_id),
            text_sha256: row.text_sha256,
            sha256: hash(&row.sha256)?,
            pages: row.pages,
            signature: row.signature_sha256.as_deref().map(hash).transpose()?,
            made_by: UserId(row.made_by),
            made_at: row.made_at,
        })
    })
    .transpose()
}

/// The signature of the person whose name stands under a letter.
pub async fn find_signature(
    db: &impl ConnectionTrait,
    scope: &Scope,
    of_name: &str,
) -> Stored<Option<Signature>> {
    let row = signature::Entity::find()
        .filter(signature::Column::CampaignId.eq(scope.campaign.0))
        .filter(signature::Column::OfName.eq(of_name))
        .one(db)
        .await?;
    row.map(|row| {
        Ok(Signature {
            campaign: CampaignId(row.campaign_id),
            sha256: hash(&row.sha256)?,
            of_name: row.of_name,
            set_by: UserId(row.set_by),
            set_at: row.set_at,
        })
    })
    .transpose()
}

/// Sets a person's signature in place of an earlier one. Papers made before keep theirs.
pub async fn set_signature(tx: &Tx, new: &Signature) -> Stored<()> {
    remove_signature(tx, new.campaign, &new.of_name).await?;
    signature::ActiveModel {
        id: Set(Uuid::new_v4()),
        campaign_id: Set(new.campaign.0),
        of_name: Set(new.of_name.clone()),
        sha256: Set(new.sha256.to_string()),
        set_by: Set(new.set_by.0),
        set_at: Set(new.set_at),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Takes a signature away. False where there was none.
pub async fn remove_signature(tx: &Tx, campaign: CampaignId, of_name: &str) -> Stored<bool> {
    let done = signature::Entity::delete_many()
        .filter(signature::Column::CampaignId.eq(campaign.0))
        .filter(signature::Column::OfName.eq(of_name))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}
