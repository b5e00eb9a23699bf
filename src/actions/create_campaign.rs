//! A person starts a campaign: it stands with its departments of corrections, and they are its first researcher.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{ActionError, App, Deed};
use crate::domain::agency::{AgencyKind, name, start};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, CampaignId, UserId};
use crate::domain::person::Role;
use crate::law::{Code, Library};
use crate::store::agencies::{self, Agency};
use crate::store::campaigns::{self, Campaign};
use crate::store::{StoreError, Tx, commit, events};

/// What a campaign says of itself.
#[derive(Clone, Debug)]
pub struct Particulars {
    pub name: String,
    /// One sentence.
    pub goal: String,
    pub ask: String,
    /// The office that the ask is put to; may be empty.
    pub addressed_to: String,
    /// Codes such as "WA".
    pub jurisdictions: Vec<String>,
    pub time_zone: Tz,
    /// Stands at the head of every letter, as do the next three.
    pub organisation: String,
    pub contact_name: String,
    pub postal_address: String,
    pub phone: String,
}

/// The longest address of a campaign.
const SLUG_MOST: usize = 48;
/// Tries for a free address: "alder", "alder-2", …
const SLUG_TRIES: u32 = 200;

impl Particulars {
    /// Checks what every campaign needs.
    ///
    /// # Errors
    /// Refused with the first thing that is missing.
    pub(super) fn check(&self, law: &Library) -> Deed<()> {
        let missing = [
            (&self.name, "Give the campaign a name."),
            (
                &self.goal,
                "Say in one sentence what the campaign wants to find out or change.",
            ),
            (&self.ask, "Say what you will ask the official to do."),
            (
                &self.organisation,
                "Name the organisation that asks: it stands at the head of every letter.",
            ),
            (&self.contact_name, "Name the person who signs the letters."),
            (
                &self.postal_address,
                "Give the organisation's postal address: agencies answer there too.",
            ),
        ];
        for (value, sentence) in missing {
            if value.trim().is_empty() {
                return Err(ActionError::refused(sentence));
            }
        }
        if self.jurisdictions.is_empty() {
            return Err(ActionError::refused("Choose at least one jurisdiction."));
        }
        for code in &self.jurisdictions {
            if !is_jurisdiction(law, code) {
                return Err(ActionError::refused(format!(
                    "“{code}” is not a jurisdiction that we have the law of."
                )));
            }
        }
        Ok(())
    }
}

/// Whether we have the law of this jurisdiction: a state, the District, or "US" for federal agencies.
pub(super) fn is_jurisdiction(law: &Library, code: &str) -> bool {
    code.parse::<Code>()
        .is_ok_and(|known| known.as_str() == code && law.get(&known).is_some())
}

/// The part of the address that names a campaign: small letters, figures and hyphens.
fn slug_of(called: &str) -> String {
    let mut slug = String::new();
    for word in name::fold(called).split(' ') {
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        if word.is_empty() {
            continue;
        }
        if slug.len() + word.len() + 1 > SLUG_MOST {
            if slug.is_empty() {
                slug = word.chars().take(SLUG_MOST).collect();
            }
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word);
    }
    if slug.is_empty() {
        "campaign".to_owned()
    } else {
        slug
    }
}

/// Starts a campaign with the person as its first researcher.
///
/// # Errors
/// Refused where something is missing, in a sentence that says what.
pub async fn create_campaign(
    app: &App,
    by: UserId,
    new: Particulars,
    now: DateTime<Utc>,
) -> Deed<Campaign> {
    new.check(&app.law())?;
    let tx = app.store.begin().await?;
    let campaign = Campaign {
        id: CampaignId::new(),
        slug: free_slug(&tx, &new.name).await?,
        name: new.name.trim().to_owned(),
        goal: new.goal,
        ask: new.ask,
        addressed_to: new.addressed_to,
        organisation: new.organisation,
        contact_name: new.contact_name,
        postal_address: new.postal_address,
        phone: new.phone,
        time_zone: new.time_zone,
        created_by: by,
        created_at: now,
    };
    match campaigns::add(&tx, &campaign, &new.jurisdictions).await {
        Ok(()) => {}
        Err(StoreError::Taken) => {
            return Err(ActionError::refused(
                "Another campaign took this address at the same moment. Nothing was lost: press the button once more.",
            ));
        }
        Err(error) => return Err(error.into()),
    }
    campaigns::set_member(&tx, campaign.id, by, Role::Researcher, None, now).await?;
    agencies::add(&tx, &departments_of(campaign.id, now)).await?;
    events::record(
        &tx,
        campaign.id,
        None,
        Some(by),
        now,
        &Happening::CampaignCreated,
    )
    .await?;
    commit(tx).await?;
    Ok(campaign)
}

async fn free_slug(tx: &Tx, called: &str) -> Deed<String> {
    let plain = slug_of(called);
    for number in 1..=SLUG_TRIES {
        let slug = if number == 1 {
            plain.clone()
        } else {
            format!("{plain}-{number}")
        };
        if campaigns::find_by_slug(tx, &slug).await?.is_none() {
            return Ok(slug);
        }
    }
    Err(ActionError::refused(
        "There are too many campaigns of that name. Give this one another.",
    ))
}

/// The fifty-one departments as agencies of a new campaign: names, jurisdiction and clock, no contacts.
fn departments_of(campaign: CampaignId, now: DateTime<Utc>) -> Vec<Agency> {
    start::departments()
        .iter()
        .map(|department| Agency {
            id: AgencyId::new(),
            campaign,
            name: department.name.clone(),
            kind: AgencyKind::StateCorrections,
            jurisdiction: department.jurisdiction.clone(),
            county: None,
            time_zone: department.time_zone,
            fiscal_year_start: None,
            source: "Stands in every campaign from its start".to_owned(),
            import: None,
            created_by: None,
            created_at: now,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_makes_an_address() {
        for (called, slug) in [
            ("Alder County detainers", "alder-county-detainers"),
            ("  Doña Ana: ¿qué pasa? ", "dona-ana-que-pasa"),
            ("移民", "campaign"),
            ("", "campaign"),
            ("../../etc", "etc"),
        ] {
            assert_eq!(slug_of(called), slug, "{called}");
        }
        assert!(slug_of(&"long ".repeat(40)).len() <= SLUG_MOST);
        assert_eq!(slug_of(&"x".repeat(200)).len(), SLUG_MOST);
    }
}
