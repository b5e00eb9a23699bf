//! A request is begun and its letter composed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::adapt_clause::{InUse, words_in_use};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::agency::contact::{Channel, Purpose};
use crate::domain::approval::{Enclosure, text_sha256};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, ItemId, LetterId, RequestId, UserId};
use crate::domain::letter::{
    self, Addressee, Choices, Clause, ComposeError, Draft, LetterFacts, LetterLaw, ListError,
    Requester, Resident, Warning,
};
use crate::domain::reply::{ReplyAddress, ReplyToken};
use crate::domain::request::{Format, Period, Reference, Request, RequestItem};
use crate::law::Jurisdiction;
use crate::store::agencies::{self, Agency};
use crate::store::campaigns::{self, Campaign};
use crate::store::contacts::{self, Contact};
use crate::store::letters::{self, Letter};
use crate::store::requests::{self, Kept};
use crate::store::{Tx, commit, events};

/// The kind of letter that opens a request.
pub const REQUEST: &str = "request";
/// No campaign pays more without being asked again.
pub const HIGHEST_CEILING_CENTS: i64 = 1_000_000;

/// What a person chose.
#[derive(Clone, Debug)]
pub struct NewRequest {
    pub agency: AgencyId,
    /// Keys of the catalogue.
    pub records: Vec<String>,
    pub period: Period,
    pub format: Format,
    /// What is paid without being asked again, in US cents.
    pub fee_ceiling_cents: i64,
    /// Who asks, where only residents may.
    pub resident: Option<Resident>,
    /// Empty: named after the records.
    pub title: String,
}

/// A request begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    pub request: RequestId,
    pub reference: Reference,
    pub letter: LetterId,
}

/// What is kept beside a letter's text: why each paragraph stands there, and what the drafter should know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    pub clauses: Vec<Clause>,
    pub warnings: Vec<Warning>,
    /// Clauses that stand in the campaign's own words, with the version of those.
    #[serde(default)]
    pub adapted: BTreeMap<String, i32>,
    /// Unverified rules that a person looked up, so that the letter speaks of them.
    #[serde(default)]
    pub confirmed: Vec<Confirmation>,
    /// What the drafter chose, so that the letter can be composed again.
    #[serde(default)]
    pub choices: Choices,
    /// The files that go along with this version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enclosures: Vec<Enclosure>,
}

/// A person's word for a rule that the law file does not vouch for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The key of the rule: "waiver", "duty:determine".
    pub rule: String,
    /// Where they read it.
    pub seen: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

impl Reasons {
    /// As the store keeps them; an unreadable value (a later version's) counts as none.
    pub fn of(letter: &Letter) -> Reasons {
        serde_json::from_value(letter.clauses.clone()).unwrap_or_else(|error| {
            tracing::warn!(%error, letter = %letter.id, "the reasons of a letter cannot be read");
            Reasons::default()
        })
    }

    /// As the store takes them.
    pub(super) fn kept(&self) -> Deed<serde_json::Value> {
        serde_json::to_value(self)
            .map_err(|error| ActionError::fault("keeping the reasons of a letter", error))
    }
}

/// An agency as a letter to it needs it.
pub struct Addressed {
    pub campaign: Campaign,
    pub agency: Agency,
    pub contacts: Vec<Contact>,
}

/// Begins a request: number, items, and the first version of its letter.
///
/// # Errors
/// Refused where nothing fits to be asked for, where we have no law of the agency's jurisdiction, or where the fee
/// ceiling is out of range; not found where the agency is another campaign's.
pub async fn draft_request(
    app: &App,
    by: &Scope,
    new: NewRequest,
    now: DateTime<Utc>,
) -> Deed<Drafted> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel draft requests. Ask one of them.",
        ));
    }
    if !(0..=HIGHEST_CEILING_CENTS).contains(&new.fee_ceiling_cents) {
        return Err(ActionError::refused(
            "The fee ceiling lies between $0 and $10,000.",
        ));
    }
    let to = addressed(app, by, new.agency).await?;
    let date = day_in(to.campaign.time_zone, now);
    let tx = app.store.begin().await?;
    let drafted = draft_in(&tx, app, by, &to, &new, (date, now), |_| {}).await?;
    commit(tx).await?;
    Ok(drafted)
}

/// The same inside a change of the caller's, who sees to the right of `by`: the letter is dated `date`, and `finish`
/// may put more into it before it is kept.
pub(super) async fn draft_in(
    tx: &Tx,
    app: &App,
    by: &Scope,
    to: &Addressed,
    new: &NewRequest,
    (date, now): (NaiveDate, DateTime<Utc>),
    finish: impl FnOnce(&mut Draft),
) -> Deed<Drafted> {
    let law = law_of(app, &to.agency)?;
    let token = ReplyToken::from_random(rand::random());
    let reply_address = ReplyAddress::from_pattern(&app.config.mail.reply_address)
        .map_err(|error| ActionError::fault("reading the pattern of reply addresses", error))?
        .with(&token);
    let wording = words_in_use(app.store.read(), by).await?;
    // The number stands in the letter, so the letter is composed here: pure text, in well under a millisecond.
    let reference = requests::next_number(tx, by.campaign).await?;
    let facts = facts(app, to, &law, new, reference, reply_address, date, &wording)?;
    let (mut draft, warnings) = facts;
    let items = items_of(&draft);
    finish(&mut draft);
    let request = Request {
        id: RequestId::new(),
        campaign: by.campaign,
        reference,
        agency: to.agency.id,
        contact: records_contact(&to.contacts).map(|contact| contact.id),
        jurisdiction: to.agency.jurisdiction.clone(),
        law_version: law.version.clone(),
        title: title_of(app, new),
        period: new.period,
        format: new.format,
        fee_ceiling_cents: new.fee_ceiling_cents,
        owner: by.user,
        created_at: now,
    };
    let id = request.id;
    let kept = Kept {
        request,
        reply_token: token.as_str().to_owned(),
    };
    requests::add(tx, &kept, &items).await?;
    let text = Letter {
        id: LetterId::new(),
        campaign: by.campaign,
        request: id,
        kind: REQUEST.to_owned(),
        version: 1,
        sha256: text_sha256(&draft.subject, &draft.body),
        subject: draft.subject,
        body: draft.body,
        clauses: Reasons {
            adapted: wording.used(&draft.clauses),
            clauses: draft.clauses,
            warnings,
            confirmed: Vec::new(),
            choices: Choices {
                resident: new.resident.clone(),
                ..Choices::default()
            },
            enclosures: Vec::new(),
        }
        .kept()?,
        template_version: wording.registry.version().to_owned(),
        written_by: by.user,
        written_at: now,
        submitted_at: None,
        submitted_by: None,
    };
    letters::add(tx, &text).await?;
    for what in [
        Happening::Drafted,
        Happening::LetterWritten {
            letter: text.id,
            version: 1,
            sha256: text.sha256.clone(),
            voids_approval: false,
            letter_kind: None,
        },
    ] {
        events::record_by(tx, by, Some(id), now, &what).await?;
    }
    Ok(Drafted {
        request: id,
        reference,
        letter: text.id,
    })
}

/// The agency with what a letter to it needs.
///
/// # Errors
/// Not found where it is another campaign's.
pub async fn addressed(app: &App, by: &Scope, agency: AgencyId) -> Deed<Addressed> {
    let db = app.store.read();
    // An old link to an entry that was merged leads to the one that is kept.
    let kept = agencies::find_merged_into(db, by, agency).await?;
    let agency = agencies::find(db, by, kept.unwrap_or(agency))
        .await?
        .ok_or(ActionError::NotFound)?;
    let campaign = campaigns::get(db, by).await?.ok_or(ActionError::NotFound)?;
    let contacts = contacts::list_for_agency(db, by, agency.id).await?;
    Ok(Addressed {
        campaign,
        agency,
        contacts,
    })
}

/// The law that a request to this agency is made under.
///
/// # Errors
/// Refused where there is no law file of its jurisdiction.
pub fn law_of(app: &App, agency: &Agency) -> Deed<Arc<Jurisdiction>> {
    app.law_of_code(&agency.jurisdiction).ok_or_else(|| {
        ActionError::refused(format!(
            "There is no law file for {}. Correct the agency's jurisdiction first.",
            agency.jurisdiction
        ))
    })
}

/// The law as a letter to this agency speaks of it: its day count is the one that the clock runs. `on` is the day of
/// the letter: a rule has dates of force.
pub fn letter_law(law: &Jurisdiction, agency: &Agency, on: NaiveDate) -> LetterLaw {
    LetterLaw::of(law, agency.kind.holder(&agency.name), on)
}

/// Whom to write to: the records office before anybody else, e-mail before other ways, never one that bounced.
pub fn records_contact(contacts: &[Contact]) -> Option<&Contact> {
    let rank = |contact: &&Contact| {
        let purpose = match contact.purpose {
            Purpose::Records => 0,
            Purpose::General => 1,
            Purpose::Jail => 2,
            Purpose::Appeals => 3,
            Purpose::Counsel => 4,
        };
        (purpose, contact.channel != Channel::Email)
    };
    contacts
        .iter()
        .filter(|contact| contact.bad_since_at.is_none() && contact.channel != Channel::Phone)
        .min_by_key(rank)
}

#[allow(clippy::too_many_arguments)] // What a letter is made from, each thing once.
fn facts(
    app: &App,
    to: &Addressed,
    law: &Jurisdiction,
    new: &NewRequest,
    reference: Reference,
    reply_address: String,
    date: NaiveDate,
    wording: &InUse,
) -> Deed<(Draft, Vec<Warning>)> {
    let law = letter_law(law, &to.agency, date);
    let keys: Vec<&str> = new.records.iter().map(String::as_str).collect();
    let (items, mut warnings) = letter::list_items(
        &app.records,
        &keys,
        &law,
        &to.agency.name,
        &new.period,
        date,
    )
    .map_err(|error| match error {
        ListError::Catalogue(error) => ActionError::fault("composing a letter", error),
        other => ActionError::refused(other.to_string()),
    })?;
    let campaign = &to.campaign;
    let contact = records_contact(&to.contacts);
    let of = |channel: Channel| {
        contact
            .filter(|contact| contact.channel == channel)
            .map(|contact| contact.value.clone())
            .unwrap_or_default()
    };
    let facts = LetterFacts {
        requester: Requester {
            name: campaign.contact_name.clone(),
            organisation: campaign.organisation.clone(),
            address: campaign.postal_address.clone(),
            email: reply_address.clone(),
            phone: campaign.phone.clone(),
        },
        resident: new.resident.clone(),
        addressee: Addressee {
            agency: to.agency.name.clone(),
            custodian_title: String::new(),
            address: of(Channel::Post),
            email: of(Channel::Email),
        },
        law,
        items,
        period: new.period,
        format: new.format,
        our_ref: reference,
        reply_address,
        date,
        fee_ceiling_cents: new.fee_ceiling_cents,
        kind: letter::LetterKind::Request,
        confirmed: BTreeSet::new(),
        occasion: None,
    };
    let draft = letter::compose_with(&wording.registry, &facts).map_err(|error| match error {
        ComposeError::NoItems => ActionError::refused(error.to_string()),
        fault => ActionError::fault("composing a letter", fault),
    })?;
    warnings.extend(draft.warnings.iter().cloned());
    for flag in &wording.flags {
        warnings.push(Warning::new("wording", flag.clone()));
    }
    if contact.is_none() {
        warnings.push(Warning::new(
            "addressee",
            "Nobody to write to is known for this agency. Add its records contact before sending."
                .to_owned(),
        ));
    }
    Ok((draft, warnings))
}

fn items_of(draft: &Draft) -> Vec<RequestItem> {
    draft
        .clauses
        .iter()
        .filter_map(|clause| Some((clause.key.strip_prefix("item:")?, clause)))
        .zip(1..)
        .map(|((key, clause), position)| RequestItem {
            id: ItemId::new(),
            position,
            record_key: key.to_owned(),
            text: clause.paragraph.clone(),
        })
        .collect()
}

fn title_of(app: &App, new: &NewRequest) -> String {
    let given = new.title.trim();
    if !given.is_empty() {
        return given.to_owned();
    }
    let names: Vec<&str> = app
        .records
        .all()
        .iter()
        .filter(|record| new.records.contains(&record.key))
        .map(|record| record.name.en.as_str())
        .collect();
    match names.as_slice() {
        [] => "Records".to_owned(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one}; {two}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}
