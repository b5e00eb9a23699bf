//! Gathering: what the store holds, sorted into what a packet may carry and what is left out and why.
//!
//! Over 500 lines because it is one list of decisions, read through by whoever must trust what a packet leaves out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::super::{ActionError, App, Deed, Scope};
use super::Correction;
use super::timeline::{Told, tell};
use crate::clock::day_in;
use crate::domain::document::Sha256;
use crate::domain::event::Event;
use crate::domain::fact::FactStatus;
use crate::domain::ids::{AgencyId, DocumentId, RequestId};
use crate::domain::packet::{
    AgencyEntry, AgreementRow, Answer, ExhibitSource, Exhibits, FigureRow, FigureTable, Finding,
    Front, NotAPacket, Packet, Parts, Pending, SourceTag,
};
use crate::domain::question::Question;
use crate::domain::records::Catalogue;
use crate::domain::review::{Cleared, Sight};
use crate::law::Jurisdiction;
use crate::store::agencies::{self, Agency};
use crate::store::campaigns::{self, Campaign};
use crate::store::documents::{self, OnFile};
use crate::store::{agreements, dossiers, events, facts, requests};

/// A thing that stays out of the packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub what: String,
    /// A sentence.
    pub why: String,
}

/// What the next edition would hold.
#[derive(Clone, Debug)]
pub struct Plan {
    pub edition: u32,
    /// The packet as it would be built now; none where something must be done first.
    pub packet: Option<Packet>,
    /// What must be done first.
    pub refusal: Option<String>,
    pub left_out: Vec<LeftOut>,
}

pub(super) struct Gathered {
    pub(super) packet: Packet,
    pub(super) remarks: Vec<String>,
}

/// What the next edition would hold and what not, for the page before the button.
///
/// # Errors
/// Faults of the database only.
pub async fn plan(app: &App, by: &Scope, now: DateTime<Utc>) -> Deed<Plan> {
    let edition = dossiers::next_edition(app.store.read(), by.campaign).await?;
    let (parts, left_out) = parts(app, by, edition, now, &BTreeMap::new()).await?;
    let (packet, refusal) = match Packet::assemble(parts) {
        Ok(packet) => (Some(packet), None),
        Err(refusal) => (None, Some(refusal.to_string())),
    };
    Ok(Plan {
        edition,
        packet,
        refusal,
        left_out,
    })
}

pub(super) async fn gather(
    app: &App,
    by: &Scope,
    edition: u32,
    now: DateTime<Utc>,
    corrections: &BTreeMap<Sha256, Correction>,
) -> Deed<Gathered> {
    let (parts, left_out) = parts(app, by, edition, now, corrections).await?;
    let packet = Packet::assemble(parts).map_err(|refusal| match refusal {
        NotAPacket::ForeignSource(_) => ActionError::fault("assembling a packet", refusal),
        other => ActionError::refused(other.to_string()),
    })?;
    let remarks = left_out
        .iter()
        .map(|each| format!("Left out: {}. {}", each.what, each.why))
        .collect();
    Ok(Gathered { packet, remarks })
}

/// A request that was sent, with what it asked for.
struct Sent {
    told: Told,
    agency: AgencyId,
    questions: BTreeSet<Question>,
}

async fn parts(
    app: &App,
    by: &Scope,
    edition: u32,
    now: DateTime<Utc>,
    corrections: &BTreeMap<Sha256, Correction>,
) -> Deed<(Parts, Vec<LeftOut>)> {
    let db = app.store.read();
    let campaign = campaigns::get(db, by).await?.ok_or(ActionError::NotFound)?;
    let today = day_in(campaign.time_zone, now);
    let mut left_out = Vec::new();

    let known: HashMap<AgencyId, Agency> = agencies::list(db, by)
        .await?
        .into_iter()
        .map(|agency| (agency.id, agency))
        .collect();
    let sent = sent(app, by, &known, today, &mut left_out).await?;

    let cleared = documents::list_cleared(db, by).await?;
    let sources = sources(&cleared, &sent, &known, corrections);
    for on_file in documents::list(db, by).await? {
        if !cleared.iter().any(|c| c.document() == on_file.document.id) {
            left_out.push(held(&on_file, by));
        }
    }
    let (exhibits, not_exhibits) = Exhibits::letter(sources);
    for refusal in not_exhibits {
        left_out.push(LeftOut {
            what: "A cleared document".to_owned(),
            why: refusal.to_string(),
        });
    }

    let figures = figures(
        app,
        by,
        &campaign,
        &cleared,
        &exhibits,
        &known,
        &mut left_out,
    )
    .await?;
    let answers = Question::ALL.map(|question| answer(question, &sent, &figures, &exhibits));
    let agreements = agreements_of(app, by, &sent, &known).await?;
    let jurisdictions: BTreeSet<String> = campaigns::list_jurisdictions(db, by.campaign)
        .await?
        .iter()
        .map(|code| place_name(app, code))
        .collect();
    let asked: Vec<AgencyEntry> = asked(app, &sent, &known);
    let limits = limits(&sent, &figures, &left_out, corrections);
    let timeline = sent.values().map(|each| each.told.row.clone()).collect();
    Ok((
        Parts {
            front: front(&campaign, edition, today, jurisdictions, &asked),
            agencies: asked,
            answers,
            figures,
            agreements,
            timeline,
            method: method(),
            limits,
            exhibits,
        },
        left_out,
    ))
}

/// Requests that were sent, by their number.
async fn sent(
    app: &App,
    by: &Scope,
    known: &HashMap<AgencyId, Agency>,
    today: NaiveDate,
    left_out: &mut Vec<LeftOut>,
) -> Deed<BTreeMap<(i32, RequestId), Sent>> {
    let db = app.store.read();
    let catalogue =
        Catalogue::embedded().map_err(|faults| ActionError::refused(faults.join("\n")))?;
    let mut log: HashMap<RequestId, Vec<Event>> = HashMap::new();
    for event in events::list_for_campaign(db, by.campaign).await? {
        if let Some(request) = event.request {
            log.entry(request).or_default().push(event);
        }
    }
    let mut sent = BTreeMap::new();
    for kept in requests::list_in(db, by.campaign).await? {
        let request = kept.request;
        let (Some(agency), Some(law)) = (
            known.get(&request.agency),
            law_of(app, &request.jurisdiction),
        ) else {
            continue;
        };
        let mut names = Vec::new();
        let mut questions = BTreeSet::new();
        for item in requests::list_items(db, by, request.id).await? {
            match catalogue.get(&item.record_key) {
                Some(record) => {
                    names.push(record.name.en.clone());
                    questions.extend(record.questions.iter().copied());
                }
                None => names.push(
                    catalogue
                        .reports()
                        .iter()
                        .find(|report| report.key == item.record_key)
                        .map_or_else(|| item.text.clone(), |report| report.name.clone()),
                ),
            }
        }
        let events = log.remove(&request.id).unwrap_or_default();
        match tell(&request, names, agency, law, &events, today) {
            Some(told) => {
                sent.insert(
                    (request.reference.0, request.id),
                    Sent {
                        told,
                        agency: request.agency,
                        questions,
                    },
                );
            }
            None => left_out.push(LeftOut {
                what: format!("Request {}, {}", request.reference, agency.name),
                why: "It was not sent yet.".to_owned(),
            }),
        }
    }
    Ok(sent)
}

/// Cleared documents in the order of their requests.
fn sources(
    cleared: &[Cleared<OnFile>],
    sent: &BTreeMap<(i32, RequestId), Sent>,
    known: &HashMap<AgencyId, Agency>,
    corrections: &BTreeMap<Sha256, Correction>,
) -> Vec<ExhibitSource> {
    let mut all: Vec<(i32, ExhibitSource)> = Vec::new();
    for each in cleared {
        let on_file = each.item();
        let mut document = on_file.document.clone();
        if let Some(correction) = corrections.get(&document.sha256) {
            document.pages = Some(correction.pages);
        }
        let asked = sent
            .iter()
            .find(|((_, id), _)| Some(*id) == document.request);
        let agency = asked
            .map(|(_, request)| request.agency)
            .or(document.agency)
            .and_then(|id| known.get(&id))
            .map(|agency| agency.name.clone())
            .or_else(|| on_file.agency_name.clone())
            .unwrap_or_else(|| "agency not stated".to_owned());
        let title = plain_title(&document.name);
        let Some(decision) = &on_file.decision else {
            continue;
        };
        let (id, sha256) = (document.id, document.sha256);
        // The document without what the store knows around it, cleared by the same decision.
        if let Ok(document) = Cleared::confirm(document, id, &sha256, decision) {
            all.push((
                asked.map_or(i32::MAX, |((number, _), _)| *number),
                ExhibitSource {
                    document,
                    title,
                    agency,
                    request_number: asked.map(|(_, request)| request.told.row.number.clone()),
                },
            ));
        }
    }
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, source)| source).collect()
}

/// A file's name without its ending, as a title: "detainer-policy_2025.pdf" is "detainer-policy_2025".
fn plain_title(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 4 && !stem.trim().is_empty() => stem,
        _ => name,
    };
    stem.trim().to_owned()
}

fn held(on_file: &OnFile, by: &Scope) -> LeftOut {
    let what = if on_file.sight(by) == Sight::Whole {
        format!("“{}”", on_file.document.name)
    } else {
        "A document".to_owned()
    };
    let why = match on_file.standing {
        crate::domain::review::Standing::Sealed => "Counsel sealed it.",
        _ => "Counsel has not cleared it.",
    };
    LeftOut {
        what,
        why: why.to_owned(),
    }
}

async fn figures(
    app: &App,
    by: &Scope,
    campaign: &Campaign,
    cleared: &[Cleared<OnFile>],
    exhibits: &Exhibits,
    known: &HashMap<AgencyId, Agency>,
    left_out: &mut Vec<LeftOut>,
) -> Deed<FigureTable> {
    let by_id: HashMap<DocumentId, &Cleared<OnFile>> =
        cleared.iter().map(|c| (c.document(), c)).collect();
    let mut rows = Vec::new();
    for record in facts::list_all(app.store.read(), by).await? {
        let fact = &record.fact;
        if record.status() == FactStatus::Withdrawn {
            continue;
        }
        let agency = known
            .get(&fact.agency)
            .map_or("agency not stated", |agency| agency.name.as_str());
        let mut out = |why: String| {
            left_out.push(LeftOut {
                what: format!("{}, {agency}", fact.reading.metric.label()),
                why,
            });
        };
        let Some(source) = by_id.get(&fact.document) else {
            out("Its document is not cleared.".to_owned());
            continue;
        };
        let checked = match record.confirm(source) {
            Ok(checked) => checked,
            Err(refusal) => {
                out(refusal.to_string());
                continue;
            }
        };
        let checked_on = day_in(campaign.time_zone, checked.checked_at());
        match FigureRow::new(&checked, agency, source.sha256(), exhibits, checked_on) {
            Ok(row) => rows.push(row),
            Err(refusal) => out(refusal.to_string()),
        }
    }
    let table = FigureTable::new(rows);
    for withheld in table.withheld() {
        left_out.push(LeftOut {
            what: withheld.clone(),
            why: "A count below ten could point at a person, so the whole breakdown stays inside."
                .to_owned(),
        });
    }
    Ok(table)
}

/// "1 Jan 2025 to 31 Dec 2025".
fn span(period: crate::domain::fact::Period) -> String {
    let day = |day: NaiveDate| day.format("%-d %b %Y").to_string();
    if period.start() == period.end() {
        day(period.start())
    } else {
        format!("{} to {}", day(period.start()), day(period.end()))
    }
}

fn answer(
    question: Question,
    sent: &BTreeMap<(i32, RequestId), Sent>,
    figures: &FigureTable,
    exhibits: &Exhibits,
) -> Answer {
    let mut findings = Vec::new();
    let mut answered: BTreeSet<&str> = BTreeSet::new();
    // Figures of one agency and period make one sentence.
    let mut groups: BTreeMap<(&str, crate::domain::fact::Period), Vec<&FigureRow>> =
        BTreeMap::new();
    for row in figures.rows() {
        if row.metric().question() == question {
            groups
                .entry((row.agency(), row.period()))
                .or_default()
                .push(row);
        }
    }
    for ((agency, period), rows) in groups {
        let said: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {}", lower(row.label()), row.shown()))
            .collect();
        let mut tags: Vec<SourceTag> = rows.iter().map(|row| *row.source()).collect();
        tags.sort_unstable();
        tags.dedup();
        let text = format!("{agency}, {}: {}.", span(period), said.join("; "));
        if let Ok(finding) = Finding::new(text, tags) {
            findings.push(finding);
            answered.insert(agency);
        }
    }
    // Where no figure answers a question, the documents that were asked for it are named.
    if !matches!(question, Question::Counts | Question::Cost) {
        for each in sent
            .values()
            .filter(|each| each.questions.contains(&question))
        {
            let row = &each.told.row;
            if answered.contains(row.agency.as_str()) || !each.told.produced {
                continue;
            }
            let tags: Vec<SourceTag> = exhibits
                .iter()
                .filter(|e| e.request_number() == Some(row.number.as_str()))
                .filter_map(|e| e.page(1))
                .collect();
            let documents = match tags.len() {
                1 => "one document".to_owned(),
                many => format!("{many} documents"),
            };
            // A request about several questions does not tell which of them a document answers: nothing is claimed.
            let text = if each.questions.len() == 1 {
                format!(
                    "{} produced {documents} in answer to request {}, which asked for: {}.",
                    row.agency,
                    row.number,
                    row.records.join("; ")
                )
            } else {
                format!(
                    "{} was asked about this among other things (request {}) and sent {documents}, bound in as shown. No finding on this question is drawn from that here.",
                    row.agency, row.number
                )
            };
            if let Ok(finding) = Finding::new(text, tags) {
                findings.push(finding);
                answered.insert(row.agency.as_str());
            }
        }
    }
    let missing = sent
        .values()
        .filter(|each| {
            each.questions.contains(&question) && !answered.contains(each.told.row.agency.as_str())
        })
        .filter_map(|each| {
            let row = &each.told.row;
            Some(Pending {
                agency: row.agency.clone(),
                request_number: row.number.clone(),
                asked_on: row.sent_on?,
                delay: row.delay.clone(),
                said: each.told.said.clone(),
            })
        })
        .collect();
    Answer::new(findings, missing)
}

/// A label inside a sentence, unless it begins with an abbreviation.
fn lower(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first
            .to_lowercase()
            .chain(std::iter::once(second))
            .chain(letters)
            .collect(),
        _ => label.to_owned(),
    }
}

async fn agreements_of(
    app: &App,
    by: &Scope,
    sent: &BTreeMap<(i32, RequestId), Sent>,
    known: &HashMap<AgencyId, Agency>,
) -> Deed<Vec<AgreementRow>> {
    let asked: BTreeSet<AgencyId> = sent.values().map(|each| each.agency).collect();
    let asked: Vec<AgencyId> = asked.into_iter().collect();
    let held = agreements::list_for_agencies(app.store.read(), by, &asked).await?;
    let mut rows = Vec::new();
    for (agency, agreements) in held {
        let name = known.get(&agency).map_or("", |agency| agency.name.as_str());
        for agreement in agreements {
            rows.push(AgreementRow {
                agency: name.to_owned(),
                kind: if agreement.model.is_287g() {
                    format!("287(g), {}", lower(agreement.model.plain()))
                } else {
                    agreement.model.plain().to_owned()
                },
                signed_on: agreement.signed_on,
                status: agreement.status.plain().to_owned(),
                known_from: agreement.source.clone(),
                exhibit: None,
            });
        }
    }
    rows.sort_by(|a, b| (&a.agency, &a.kind).cmp(&(&b.agency, &b.kind)));
    Ok(rows)
}

fn asked(
    app: &App,
    sent: &BTreeMap<(i32, RequestId), Sent>,
    known: &HashMap<AgencyId, Agency>,
) -> Vec<AgencyEntry> {
    let mut entries: Vec<AgencyEntry> = Vec::new();
    for each in sent.values() {
        let Some(agency) = known.get(&each.agency) else {
            continue;
        };
        let state = place_name(app, &agency.jurisdiction);
        let place = match &agency.county {
            Some(county) if !agency.name.contains(county.as_str()) => format!("{county}, {state}"),
            _ => state,
        };
        let entry = AgencyEntry {
            name: agency.name.clone(),
            place,
        };
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries
}

fn law_of<'a>(app: &'a App, code: &str) -> Option<&'a Jurisdiction> {
    app.law.all().find(|law| law.code.as_str() == code)
}

fn place_name(app: &App, code: &str) -> String {
    law_of(app, code).map_or_else(|| code.to_owned(), |law| law.name.clone())
}

fn front(
    campaign: &Campaign,
    edition: u32,
    today: NaiveDate,
    jurisdictions: BTreeSet<String>,
    asked: &[AgencyEntry],
) -> Front {
    let agencies = match asked {
        [one] => one.name.clone(),
        [] => "no agency".to_owned(),
        many => format!("{} agencies", many.len()),
    };
    Front {
        campaign: campaign.name.clone(),
        organisation: campaign.organisation.clone(),
        addressed_to: campaign.addressed_to.clone(),
        goal: campaign.goal.clone(),
        asks: campaign
            .ask
            .lines()
            .map(|line| {
                line.trim()
                    .trim_start_matches(|c: char| {
                        c.is_ascii_digit() || matches!(c, '.' | ')' | '-' | '•' | '*')
                    })
                    .trim()
                    .to_owned()
            })
            .filter(|line| !line.is_empty())
            .collect(),
        purpose: format!(
            "This packet reports what {agencies} released about immigration detainers when asked under public-records \
             law, what they did not, and how long each answer took, so that the ask below can be decided on the \
             agencies’ own records."
        ),
        jurisdictions: jurisdictions.into_iter().collect(),
        edition,
        built_on: today,
    }
}

fn method() -> Vec<String> {
    vec![
        "Written requests were sent under the public-records law of each state, and every day on which something was \
         sent, received or answered was recorded as it happened. Limits are counted by the law named beside them."
            .to_owned(),
        "What came back is kept as it came, known by its SHA-256. Counsel looked at each document before anyone used \
         it. Each figure was read from its page by one person and read again by another, with the words in which it \
         stands."
            .to_owned(),
    ]
}

fn limits(
    sent: &BTreeMap<(i32, RequestId), Sent>,
    figures: &FigureTable,
    left_out: &[LeftOut],
    corrections: &BTreeMap<Sha256, Correction>,
) -> Vec<String> {
    let mut limits = vec![
        "Agencies define and count detainers differently. Their figures stand side by side; they are not added or \
         compared where the definitions differ."
            .to_owned(),
        "A detainer is a document, not a person: one person can have several, and one can be reissued.".to_owned(),
    ];
    let open = sent
        .values()
        .filter(|each| each.told.row.answered_on.is_none())
        .count();
    match open {
        0 => {}
        1 => limits.push("One request has not been answered yet.".to_owned()),
        many => limits.push(format!("{many} requests have not been answered yet.")),
    }
    if left_out
        .iter()
        .any(|each| each.why.contains("not cleared") || each.why.contains("sealed"))
    {
        limits.push(
            "Some records that agencies sent are not in this packet, because they have not passed review for personal \
             data."
                .to_owned(),
        );
    }
    if !figures.withheld().is_empty() {
        limits.push("Breakdowns with a count below ten are left out whole.".to_owned());
    }
    limits.extend(
        corrections
            .values()
            .map(|correction| correction.says.clone()),
    );
    limits
}
