//! A person confirms what a list's preview showed, or throws it away. All of it is written, or nothing.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::choose_lines::waiting;
use super::preview_import::plan_anew;
use super::{ActionError, App, Deed, Scope};
use crate::domain::agency::list::{Line, ListedAgency, ListedAgreement};
use crate::domain::agency::plan::{
    AgencyStep, AgreementStep, ContactStep, PlannedEnd, PlannedLine, Summary,
};
use crate::domain::agency::{AgreementStatus, name, start};
use crate::domain::event::Happening;
use crate::domain::ids::{AgencyId, ContactId, ImportId};
use crate::law::Confidence;
use crate::store::agencies::{self, Agency};
use crate::store::agreements::{self, Agreement};
use crate::store::contacts::{self, Contact};
use crate::store::imports::{self, Done, Import, State};
use crate::store::profiles::{self, Profile};
use crate::store::{Tx, commit, events};

/// Writes what the preview showed.
///
/// # Errors
/// Refused where the campaign changed since the preview was made, so that it would do something else than it showed:
/// the new preview then stands in its place.
pub async fn confirm_import(
    app: &App,
    by: &Scope,
    id: ImportId,
    now: DateTime<Utc>,
) -> Deed<Summary> {
    let mut import = waiting(app, by, id).await?;
    if import.state == State::Columns {
        return Err(ActionError::refused(
            "First say which column of the list holds what.",
        ));
    }
    let shown = import.reading.plan.clone();
    plan_anew(app, by, import.list, &mut import.reading).await?;
    if shown != import.reading.plan {
        let tx = app.store.begin().await?;
        imports::replan(&tx, by, id, &import.reading).await?;
        commit(tx).await?;
        return Err(ActionError::refused(
            "The campaign's agencies changed after this preview was made. Nothing was written. The preview is made anew: look at it and confirm again.",
        ));
    }
    let summary = shown.summary();
    let tx = app.store.begin().await?;
    if !imports::settle(&tx, by, id, State::Confirmed, Some(summary), now).await? {
        return Err(settled());
    }
    import.reading.done = Writing::of(by, &import, now)?.write(&tx).await?;
    imports::keep_done(&tx, by, id, &import.reading).await?;
    let happening = Happening::ImportConfirmed {
        import: id.to_string(),
        added: summary.agencies_added,
        matched: summary.agencies_matched,
        skipped: summary.skipped,
    };
    events::record_by(&tx, by, None, now, &happening).await?;
    commit(tx).await?;
    Ok(summary)
}

/// Throws a preview away: nothing of it was ever in the campaign.
pub async fn discard_import(app: &App, by: &Scope, id: ImportId, now: DateTime<Utc>) -> Deed<()> {
    waiting(app, by, id).await?;
    let tx = app.store.begin().await?;
    if !imports::settle(&tx, by, id, State::Discarded, None, now).await? {
        return Err(settled());
    }
    commit(tx).await?;
    Ok(())
}

pub(super) fn settled() -> ActionError {
    ActionError::refused(
        "This import was confirmed or thrown away before. Open the list of imports to see which.",
    )
}

/// Where the rows of an import come from, in words that their pages show.
fn source_of(import: &Import) -> String {
    format!(
        "The list {}, imported {}",
        import.file_name,
        import.created_at.format("%-d %b %Y")
    )
}

/// Everything that an import writes, laid out before the first row is touched.
struct Writing<'a> {
    by: &'a Scope,
    import: ImportId,
    source: String,
    now: DateTime<Utc>,
    agencies: Vec<Agency>,
    agreements: Vec<Agreement>,
    contacts: Vec<Contact>,
    renewed: Vec<(AgencyId, &'a ListedAgreement)>,
    ended: &'a [PlannedEnd],
    profiles: Vec<(AgencyId, Profile)>,
    names: Vec<(AgencyId, Vec<String>)>,
    /// Names that agencies of the campaign get by a person's choice.
    chosen_names: Vec<(AgencyId, String)>,
    history: Vec<(AgencyId, Happening)>,
}

impl<'a> Writing<'a> {
    fn of(by: &'a Scope, import: &'a Import, now: DateTime<Utc>) -> Deed<Writing<'a>> {
        let mut writing = Writing {
            by,
            import: import.id,
            source: source_of(import),
            now,
            agencies: Vec::new(),
            agreements: Vec::new(),
            contacts: Vec::new(),
            renewed: Vec::new(),
            ended: &import.reading.plan.ends,
            profiles: Vec::new(),
            names: Vec::new(),
            chosen_names: Vec::new(),
            history: Vec::new(),
        };
        let listed: HashMap<u32, &ListedAgency> = import
            .reading
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::Agency(agency) => Some((agency.line, agency)),
                Line::Unusable { .. } => None,
            })
            .collect();
        let mut by_line: HashMap<u32, AgencyId> = HashMap::new();
        for line in &import.reading.plan.lines {
            let agency = writing.agency(line, listed.get(&line.line).copied(), &mut by_line)?;
            writing.agreement(agency, line);
            writing.contacts(agency, line);
        }
        Ok(writing)
    }

    fn agency(
        &mut self,
        line: &PlannedLine,
        listed: Option<&ListedAgency>,
        by_line: &mut HashMap<u32, AgencyId>,
    ) -> Deed<AgencyId> {
        match &line.agency {
            AgencyStep::Add => {
                let agency = self.new_agency(line, listed);
                let id = agency.id;
                by_line.insert(line.line, id);
                let name = agency.name.clone();
                self.history.push((id, Happening::AgencyAdded { name }));
                self.agencies.push(agency);
                if let Some(listed) = listed {
                    self.describe(id, listed);
                }
                Ok(id)
            }
            AgencyStep::Known { id, name } => {
                // A person said that this name is that agency: the next list is matched by itself.
                if line.chosen.is_some() && name::key(name) != name::key(&line.name) {
                    self.chosen_names.push((*id, line.name.clone()));
                }
                Ok(*id)
            }
            AgencyStep::SameAs { line: earlier } => {
                by_line.get(earlier).copied().ok_or_else(|| {
                    let what = format!(
                        "line {} points at line {earlier}, which adds no agency",
                        line.line
                    );
                    ActionError::fault("carrying out an import", std::io::Error::other(what))
                })
            }
        }
    }

    fn new_agency(&self, line: &PlannedLine, listed: Option<&ListedAgency>) -> Agency {
        Agency {
            id: AgencyId::new(),
            campaign: self.by.campaign,
            name: line.name.clone(),
            kind: line.kind,
            jurisdiction: line.jurisdiction.clone(),
            county: line.county.clone(),
            time_zone: start::time_zone_of(&line.jurisdiction, line.county.as_deref())
                .unwrap_or(chrono_tz::America::New_York),
            fiscal_year_start: listed
                .and_then(|listed| listed.fiscal_year.clone())
                .map(|(start, _)| String::from(start)),
            source: self.source.clone(),
            import: Some(self.import),
            created_by: Some(self.by.user),
            created_at: self.now,
        }
    }

    fn describe(&mut self, id: AgencyId, listed: &ListedAgency) {
        if !listed.jail_system.is_empty() || listed.fiscal_year.is_some() {
            let fiscal = listed.fiscal_year.as_ref();
            let profile = Profile {
                jail_system: listed.jail_system.clone(),
                fiscal_source: fiscal.map(|(_, source)| source.clone()).unwrap_or_default(),
                // A person's word for one source, as on the agency's own page.
                fiscal_confidence: fiscal.map(|_| Confidence::OneSource),
                ..Profile::default()
            };
            self.profiles.push((id, profile));
        }
        if !listed.other_names.is_empty() {
            self.names.push((id, listed.other_names.clone()));
        }
    }

    fn agreement(&mut self, agency: AgencyId, line: &'a PlannedLine) {
        match &line.agreement {
            Some(AgreementStep::Add { agreement }) => {
                let agreement = Agreement::listed(
                    agreement,
                    agency,
                    self.by.campaign,
                    &self.source,
                    self.import,
                    self.now,
                );
                let what = format!("added, {}", agreement.standing());
                self.note(agency, agreement.model.title(), what);
                self.agreements.push(agreement);
            }
            Some(AgreementStep::Change { agreement, words }) => {
                self.note(agency, agreement.model.title(), words.clone());
                self.renewed.push((agency, agreement));
            }
            Some(AgreementStep::Same) | None => {}
        }
    }

    fn note(&mut self, agency: AgencyId, title: String, what: String) {
        let source = self.source.clone();
        let noted = Happening::AgreementNoted {
            title,
            what,
            source,
        };
        self.history.push((agency, noted));
    }

    fn contacts(&mut self, agency: AgencyId, line: &PlannedLine) {
        for contact in &line.contacts {
            let ContactStep::Add { contact } = contact else {
                continue;
            };
            self.contacts.push(Contact {
                id: ContactId::new(),
                campaign: self.by.campaign,
                agency,
                purpose: contact.purpose,
                channel: contact.channel,
                name: contact.title.clone(),
                value: contact.value.clone(),
                known_how: contact.known_how.clone(),
                checked_on: contact.checked_on,
                bad_since_at: None,
                added_by: self.by.user,
                added_at: self.now,
            });
        }
    }

    async fn write(mut self, tx: &Tx) -> Deed<Done> {
        agencies::add(tx, &self.agencies).await?;
        agreements::add(tx, &self.agreements).await?;
        contacts::add_from(tx, &self.contacts, Some(self.import)).await?;
        for (agency, profile) in &self.profiles {
            profiles::put(tx, self.by, *agency, profile, self.now).await?;
        }
        for (agency, names) in &self.names {
            profiles::add_aliases(tx, self.by, *agency, names).await?;
        }
        let mut names_added = Vec::new();
        for (agency, name) in std::mem::take(&mut self.chosen_names) {
            let has = profiles::list_aliases_of(tx, self.by, agency).await?;
            if !has.iter().any(|other| name::key(other) == name::key(&name)) {
                profiles::add_aliases(tx, self.by, agency, std::slice::from_ref(&name)).await?;
                names_added.push((agency, name));
            }
        }
        let mut before = Vec::new();
        for (agency, listed) in &self.renewed {
            let kept = agreements::find_of_model(tx, self.by, *agency, listed.model).await?;
            if let Some(kept) = kept {
                self.renew(tx, &kept, listed).await?;
                before.push(kept);
            }
        }
        for end in self.ended {
            if let Some(kept) = agreements::find(tx, self.by, end.agreement).await? {
                let off = Agreement {
                    status: AgreementStatus::OffList,
                    import: Some(self.import),
                    source: self.source.clone(),
                    ..kept.clone()
                };
                agreements::update(tx, self.by, &off).await?;
                self.note(
                    end.agency,
                    end.model.title(),
                    format!("{} becomes no longer on ICE's list", end.was.plain()),
                );
                before.push(kept);
            }
        }
        events::record_for_agencies(tx, self.by, self.now, &self.history).await?;
        Ok(Done {
            agreements_before: before,
            agreements_added: self.agreements.iter().map(|added| added.id).collect(),
            names_added,
        })
    }

    async fn renew(&self, tx: &Tx, kept: &Agreement, listed: &ListedAgreement) -> Deed<()> {
        let renewed = Agreement {
            signed_on: listed.signed_on,
            paper: listed.paper,
            addendum: listed.addendum,
            status: listed.status,
            source: self.source.clone(),
            import: Some(self.import),
            ..kept.clone()
        };
        agreements::update(tx, self.by, &renewed).await?;
        Ok(())
    }
}
