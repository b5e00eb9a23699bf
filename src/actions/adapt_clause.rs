//! A campaign's own words for a clause: written by a researcher, tried on the campaign's agencies, signed by counsel,
//! and from then on in every letter that is composed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::draft_request::{Addressed, addressed, law_of, letter_law};
use super::{ActionError, App, Deed, Scope};
use crate::clock::day_in;
use crate::domain::approval::sha256_hex;
use crate::domain::event::Happening;
use crate::domain::ids::AgencyId;
use crate::domain::letter::{
    Clause, ClauseText, ComposeError, LetterFacts, LetterKind, Registry, SAMPLE_RECORDS, TELLING,
    compose_with, faults, registry, sample_facts,
};
use crate::domain::records::Catalogue;
use crate::domain::request::{Period, months_before};
use crate::law::{HolderKind, Jurisdiction, Library};
use crate::store::wordings::{self, Wording};
use crate::store::{Db, StoreError, commit, events};

/// The house's registry, which the launch has checked.
///
/// # Errors
/// A fault where the files do not hold together: then the launch would have stopped.
pub fn house() -> Deed<&'static Registry> {
    registry().map_err(|faults| {
        ActionError::fault(
            "reading the clauses",
            std::io::Error::other(faults.join("; ")),
        )
    })
}

/// One clause of the house.
///
/// # Errors
/// Not found where there is none of that name.
pub fn clause_of(id: &str) -> Deed<&'static ClauseText> {
    house()?
        .clauses()
        .iter()
        .find(|clause| clause.id == id)
        .ok_or(ActionError::NotFound)
}

/// The hash by which a change of the house's words is noticed.
pub fn house_sha256(clause: &ClauseText) -> String {
    sha256_hex(clause.text.as_bytes())
}

/// The words that a campaign's letters are composed in now.
pub struct InUse {
    pub registry: Cow<'static, Registry>,
    /// Clauses in the campaign's own words, with their version.
    pub adapted: BTreeMap<String, i32>,
    /// Sentences for the drafter: the house's words changed beneath the campaign's.
    pub flags: Vec<String>,
}

impl InUse {
    /// The adapted ones among a letter's clauses, with their version.
    pub fn used(&self, clauses: &[Clause]) -> BTreeMap<String, i32> {
        self.adapted
            .iter()
            .filter(|(id, _)| clauses.iter().any(|clause| clause.id == **id))
            .map(|(id, version)| (id.clone(), *version))
            .collect()
    }
}

/// The newest signed version of each clause; unsigned ones stand in no letter.
///
/// # Errors
/// Where the database or the clauses cannot be read.
pub async fn words_in_use(db: &impl Db, by: &Scope) -> Deed<InUse> {
    let house = house()?;
    let all = wordings::list(db, by).await?;
    let mut signed: BTreeMap<&str, &Wording> = BTreeMap::new();
    for wording in all.iter().filter(|wording| wording.signed.is_some()) {
        signed.entry(&wording.clause).or_insert(wording);
    }
    let mut use_now: Vec<(&str, &str, u32)> = Vec::new();
    let mut adapted = BTreeMap::new();
    let mut flags = Vec::new();
    for (id, wording) in signed {
        let Some(clause) = house.clauses().iter().find(|clause| clause.id == id) else {
            flags.push(format!(
                "The house no longer has the clause “{id}”, so this campaign's words for it are not used."
            ));
            continue;
        };
        if wording.words.is_empty() {
            continue;
        }
        // A field may have gone since it was signed: then the house's words stand, and the drafter hears of it.
        if let Some(fault) = faults(house, clause, &wording.words).first() {
            flags.push(format!(
                "This campaign's words for “{id}” no longer fit, so the house's are used: {fault}"
            ));
            continue;
        }
        if wording.house_sha256 != house_sha256(clause) {
            flags.push(format!(
                "The house's words for “{id}” changed since this campaign wrote its own (version {}). Have counsel look at them again.",
                wording.version
            ));
        }
        adapted.insert(id.to_owned(), wording.version);
        use_now.push((
            id,
            &wording.words,
            u32::try_from(wording.version).unwrap_or_default(),
        ));
    }
    if use_now.is_empty() {
        return Ok(InUse {
            registry: Cow::Borrowed(house),
            adapted,
            flags,
        });
    }
    let registry = house.adapted(&use_now).map_err(|faults| {
        ActionError::fault("adapting clauses", std::io::Error::other(faults.join("; ")))
    })?;
    Ok(InUse {
        registry: Cow::Owned(registry),
        adapted,
        flags,
    })
}

/// Everything that keeps these words from being used: what the sandbox says, and each state in which they do not
/// render. Takes a moment: a request is composed for every jurisdiction, later letters for the telling ones.
///
/// # Errors
/// Not found where there is no such clause.
pub async fn judge(app: &App, id: &str, words: &str) -> Deed<Vec<String>> {
    let house = house()?;
    let clause = clause_of(id)?;
    let said = faults(house, clause, words);
    if !said.is_empty() {
        return Ok(said);
    }
    let adapted = match house.adapted(&[(id, words, clause.version)]) {
        Ok(adapted) => adapted,
        Err(faults) => return Ok(faults),
    };
    let kinds = house.kinds_with(id);
    let (law, records) = (app.law(), app.records.clone());
    let today = day_in(chrono_tz::UTC, app.clock.now());
    tokio::task::spawn_blocking(move || try_everywhere(&adapted, &kinds, &law, &records, today))
        .await
        .map_err(|error| ActionError::fault("trying a clause", error))?
        .map_err(|why| ActionError::fault("trying a clause", std::io::Error::other(why)))
}

/// Composes the letters that these words can stand in; gives a sentence for each place where they cannot be filled in.
fn try_everywhere(
    adapted: &Registry,
    kinds: &[LetterKind],
    law: &Library,
    records: &Catalogue,
    today: NaiveDate,
) -> Result<Vec<String>, String> {
    let mut said = Vec::new();
    for kind in kinds {
        let is_request = *kind == LetterKind::Request;
        for jurisdiction in law.all() {
            if !is_request && !TELLING.contains(&jurisdiction.code.as_str()) {
                continue;
            }
            let holders: &[HolderKind] = if is_request {
                &[
                    HolderKind::Sheriff,
                    HolderKind::County,
                    HolderKind::StateAgency,
                ]
            } else {
                &[HolderKind::Sheriff]
            };
            for holder in holders {
                let facts = trial(records, jurisdiction, *holder, *kind, today)?;
                match compose_with(adapted, &facts) {
                    // A letter that does not fit there says nothing about its words.
                    Ok(_) | Err(ComposeError::Refused(_) | ComposeError::NoItems) => {}
                    Err(why) => {
                        said.push(format!(
                            "In {} ({}) it cannot be filled in: {why}. Some field is empty there; ask for it with {{% if … %}} first.",
                            jurisdiction.name,
                            kind.plain().to_lowercase()
                        ));
                        break;
                    }
                }
            }
            if said.len() >= 5 {
                return Ok(said);
            }
        }
    }
    Ok(said)
}

/// Writes a new version, which waits for counsel.
///
/// # Errors
/// Refused where the words do not fit, or are the ones that are in use already.
pub async fn adapt_clause(
    app: &App,
    by: &Scope,
    id: &str,
    words: &str,
    now: DateTime<Utc>,
) -> Deed<i32> {
    may_write(by)?;
    let clause = clause_of(id)?;
    let words = words.replace("\r\n", "\n").trim().to_owned();
    if let Some(fault) = judge(app, id, &words).await?.into_iter().next() {
        return Err(ActionError::refused(fault));
    }
    let tx = app.store.begin().await?;
    let versions = wordings::list_for_clause(&tx, by, id).await?;
    let newest = versions.first();
    let same = match newest {
        Some(newest) if !newest.words.is_empty() => newest.words == words,
        _ => clause.text.trim() == words,
    };
    if same {
        return Err(ActionError::refused(
            "These are the words that stand there already. Nothing was saved.",
        ));
    }
    let version = newest.map_or(1, |newest| newest.version + 1);
    let new = Wording {
        campaign: by.campaign,
        clause: id.to_owned(),
        version,
        words,
        house_sha256: house_sha256(clause),
        written_by: by.user,
        written_at: now,
        signed: None,
    };
    keep(tx, by, &new, now).await?;
    Ok(version)
}

/// Goes back to the house's words: a version of its own, in force at once.
///
/// # Errors
/// Refused where the house's words are in use already.
pub async fn return_to_house(app: &App, by: &Scope, id: &str, now: DateTime<Utc>) -> Deed<()> {
    may_write(by)?;
    let clause = clause_of(id)?;
    let tx = app.store.begin().await?;
    let versions = wordings::list_for_clause(&tx, by, id).await?;
    let Some(newest) = versions.first().filter(|newest| !newest.words.is_empty()) else {
        return Err(ActionError::refused(
            "The house's words are in use already.",
        ));
    };
    let new = Wording {
        campaign: by.campaign,
        clause: id.to_owned(),
        version: newest.version + 1,
        words: String::new(),
        house_sha256: house_sha256(clause),
        written_by: by.user,
        written_at: now,
        signed: Some((by.user, now)),
    };
    keep(tx, by, &new, now).await
}

/// Counsel signs a version: from now on letters are composed in it. Letters already written keep their text.
///
/// # Errors
/// Refused where it is not the newest version, was signed already, or no longer fits.
pub async fn sign_clause(
    app: &App,
    by: &Scope,
    id: &str,
    version: i32,
    now: DateTime<Utc>,
) -> Deed<()> {
    if !by.may_approve() {
        return Err(ActionError::Forbidden(
            "Only counsel of this campaign signs the wording of letters.",
        ));
    }
    let words = wordings::list_for_clause(app.store.read(), by, id)
        .await?
        .into_iter()
        .next()
        .filter(|newest| newest.version == version && !newest.words.is_empty())
        .ok_or_else(|| {
            ActionError::refused("There is a newer version of these words. Read that one.")
        })?
        .words;
    if let Some(fault) = judge(app, id, &words).await?.into_iter().next() {
        return Err(ActionError::refused(fault));
    }
    let tx = app.store.begin().await?;
    if !wordings::sign(&tx, by, id, version, now).await? {
        return Err(ActionError::refused("This version is signed already."));
    }
    events::record_by(&tx, by, None, now, &Happening::CampaignEdited).await?;
    commit(tx).await?;
    Ok(())
}

fn may_write(by: &Scope) -> Deed<()> {
    if by.may_draft() {
        Ok(())
    } else {
        Err(ActionError::Forbidden(
            "Researchers and counsel write the wording of letters. Ask one of them.",
        ))
    }
}

async fn keep(tx: crate::store::Tx, by: &Scope, new: &Wording, now: DateTime<Utc>) -> Deed<()> {
    wordings::add(&tx, new).await.map_err(|error| match error {
        StoreError::Taken => ActionError::refused(
            "Somebody wrote a new version of these words at the same moment. Open it and carry your changes over.",
        ),
        other => other.into(),
    })?;
    events::record_by(&tx, by, None, now, &Happening::CampaignEdited).await?;
    commit(tx).await?;
    Ok(())
}

/// A letter about the usual records, to try words on.
fn trial(
    records: &Catalogue,
    jurisdiction: &Jurisdiction,
    holder: HolderKind,
    kind: LetterKind,
    today: NaiveDate,
) -> Result<LetterFacts, String> {
    let period = Period::new(months_before(today, 36), today).map_err(|why| why.to_string())?;
    sample_facts(
        records,
        jurisdiction,
        holder,
        kind,
        &SAMPLE_RECORDS,
        period,
        today,
    )
    .map(|(facts, _)| facts)
    .map_err(|why| why.to_string())
}

/// How a clause would read in a letter to one agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    pub agency: String,
    pub state: String,
    /// In which kind of letter.
    pub kind: LetterKind,
    /// Paragraphs in the words tried; empty where the clause does not stand in this letter.
    pub tried: Vec<String>,
    /// The same in the house's words.
    pub house: Vec<String>,
    /// Why it could not be composed.
    pub problem: String,
}

/// Tries words on agencies of the campaign.
///
/// # Errors
/// Not found where an agency is another campaign's.
pub async fn try_on(
    app: &App,
    by: &Scope,
    id: &str,
    words: &str,
    agencies: &[AgencyId],
) -> Deed<Vec<Tried>> {
    let house = house()?;
    let clause = clause_of(id)?;
    // The request where it stands in one: the letter that every agency gets.
    let kinds = house.kinds_with(id);
    let kind = match kinds.first() {
        Some(_) if kinds.contains(&LetterKind::Request) => LetterKind::Request,
        Some(first) => *first,
        None => return Ok(Vec::new()),
    };
    let today = day_in(chrono_tz::UTC, app.clock.now());
    let mut out = Vec::new();
    for agency in agencies {
        let to: Addressed = addressed(app, by, *agency).await?;
        let jurisdiction = law_of(app, &to.agency)?;
        let holder = letter_law(&jurisdiction, &to.agency, today).holder;
        let mut facts = trial(&app.records, &jurisdiction, holder, kind, today)
            .map_err(|why| ActionError::fault("trying a clause", std::io::Error::other(why)))?;
        facts.addressee.agency = to.agency.name.clone();
        facts.requester.name = to.campaign.contact_name.clone();
        facts.requester.organisation = to.campaign.organisation.clone();
        let paragraphs = |registry: &Registry| -> Result<Vec<String>, String> {
            compose_with(registry, &facts)
                .map(|draft| {
                    draft
                        .clauses
                        .into_iter()
                        .filter(|made| made.id == id)
                        .map(|made| made.paragraph)
                        .collect()
                })
                .map_err(|error| error.to_string())
        };
        let tried = house
            .adapted(&[(id, words, clause.version)])
            .map_err(|faults| faults.join(" "))
            .and_then(|adapted| paragraphs(&adapted));
        out.push(Tried {
            agency: to.agency.name.clone(),
            state: jurisdiction.name.clone(),
            kind,
            house: paragraphs(house).unwrap_or_default(),
            problem: tried.as_ref().err().cloned().unwrap_or_default(),
            tried: tried.unwrap_or_default(),
        });
    }
    Ok(out)
}
