//! Which agency a line of a list means, and what it would change: the making of a [`Plan`].

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::contact::Channel;
use super::list::{Line, ListKind, ListedAgency, ListedAgreement};
use super::plan::{
    AgencyStep, AgreementStep, Choice, Choices, ContactStep, Known, Plan, PlannedEnd, PlannedLine,
    SkippedLine,
};
use super::twins::loose_key;
use super::{AgreementModel, AgreementStatus, Paper, name, start};
use crate::domain::ids::AgencyId;

/// The key under which a name is matched within its jurisdiction; a department's other spellings share its key.
pub fn match_key(jurisdiction: &str, called: &str) -> String {
    let key = name::key(called);
    start::departments()
        .iter()
        .filter(|department| department.jurisdiction == jurisdiction)
        .find(|department| department.also.iter().any(|also| name::key(also) == key))
        .map_or(key, |department| name::key(&department.name))
}

/// Plans a list against what the campaign holds, as the planner itself would.
pub fn plan(list: ListKind, read: &[Line], known: &Known) -> Plan {
    plan_chosen(list, read, known, &Choices::default())
}

/// … with what a person said of its lines.
pub fn plan_chosen(list: ListKind, read: &[Line], known: &Known, choices: &Choices) -> Plan {
    let mut desk = Desk::over(known);
    let mut planned = Plan {
        list,
        lines: Vec::new(),
        skipped: Vec::new(),
        ends: Vec::new(),
    };
    for line in read {
        match line {
            Line::Unusable { line, says, why } => planned.skipped.push(SkippedLine {
                line: *line,
                says: says.clone(),
                why: why.clone(),
                chosen: false,
                can_choose: false,
            }),
            Line::Agency(agency) => match desk.line(agency, choices.lines.get(&agency.line)) {
                Ok(line) => planned.lines.push(line),
                Err(skipped) => planned.skipped.push(skipped),
            },
        }
    }
    if list == ListKind::Agreements && !choices.part_only {
        planned.ends = ends(&planned, read, known);
    }
    planned
}

/// The agreements that an earlier list gave and that this one, of the same kind, does not name.
fn ends(planned: &Plan, read: &[Line], known: &Known) -> Vec<PlannedEnd> {
    let of_list = read.iter().find_map(|line| match line {
        Line::Agency(agency) => agency.agreement.as_ref().map(|agreement| agreement.status),
        Line::Unusable { .. } => None,
    });
    let named: HashSet<(AgencyId, AgreementModel)> = planned
        .lines
        .iter()
        .filter_map(|line| match line.agency {
            AgencyStep::Known { id, .. } => line.model.map(|model| (id, model)),
            _ => None,
        })
        .collect();
    let agencies: HashMap<AgencyId, (&str, &str)> = known
        .agencies
        .iter()
        .map(|agency| {
            (
                agency.id,
                (agency.name.as_str(), agency.jurisdiction.as_str()),
            )
        })
        .collect();
    known
        .agreements
        .iter()
        .filter(|kept| {
            kept.listed
                && kept.model.is_287g()
                && Some(kept.status) == of_list
                && !named.contains(&(kept.agency, kept.model))
        })
        .filter_map(|kept| {
            let (name, jurisdiction) = agencies.get(&kept.agency)?;
            Some(PlannedEnd {
                agreement: kept.id,
                agency: kept.agency,
                name: (*name).to_owned(),
                jurisdiction: (*jurisdiction).to_owned(),
                model: kept.model,
                was: kept.status,
            })
        })
        .collect()
}

/// Whom a candidate stands for: an agency of the campaign, or the line that adds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Known(AgencyId),
    Line(u32),
}

struct Candidate {
    whose: Whose,
    name: String,
    county: Option<String>,
}

/// What is known so far: the campaign's rows and what earlier lines add.
struct Desk {
    candidates: HashMap<(String, String), Vec<Candidate>>,
    /// Sheriffs by their looser key: a county has one.
    sheriffs: HashMap<(String, String), Vec<Candidate>>,
    names: HashMap<AgencyId, String>,
    agreements: HashMap<(Whose, AgreementModel), (ListedAgreement, Option<u32>)>,
    contacts: HashSet<(Whose, Channel, String)>,
}

/// How a contact's value is compared.
fn contact_key(whose: Whose, channel: Channel, value: &str) -> (Whose, Channel, String) {
    let folded = match channel {
        Channel::Fax | Channel::Phone => value.chars().filter(char::is_ascii_digit).collect(),
        _ => value
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase(),
    };
    (whose, channel, folded)
}

impl Desk {
    fn over(known: &Known) -> Desk {
        let mut desk = Desk {
            candidates: HashMap::new(),
            sheriffs: HashMap::new(),
            names: HashMap::new(),
            agreements: HashMap::new(),
            contacts: HashSet::new(),
        };
        for agency in &known.agencies {
            let county = agency.county.as_deref().and_then(name::county_key);
            for called in std::iter::once(&agency.name).chain(&agency.also) {
                desk.stand(
                    Whose::Known(agency.id),
                    &agency.jurisdiction,
                    called,
                    &agency.name,
                    county.as_deref(),
                );
            }
            desk.names.insert(agency.id, agency.name.clone());
        }
        for agreement in &known.agreements {
            let kept = ListedAgreement {
                model: agreement.model,
                status: agreement.status,
                signed_on: agreement.signed_on,
                paper: agreement.paper,
                addendum: agreement.addendum,
            };
            let at = (Whose::Known(agreement.agency), agreement.model);
            // Where a list and a person both gave one, the list's is the one that a newer list renews.
            if agreement.listed || !desk.agreements.contains_key(&at) {
                desk.agreements.insert(at, (kept, None));
            }
        }
        for (agency, channel, value) in &known.contacts {
            desk.contacts
                .insert(contact_key(Whose::Known(*agency), *channel, value));
        }
        desk
    }

    /// Lets a name stand for an agency of the campaign or for a line.
    fn stand(
        &mut self,
        whose: Whose,
        jurisdiction: &str,
        called: &str,
        shown: &str,
        county: Option<&str>,
    ) {
        let candidate = || Candidate {
            whose,
            name: shown.to_owned(),
            county: county.map(str::to_owned),
        };
        let at = (jurisdiction.to_owned(), match_key(jurisdiction, called));
        self.candidates.entry(at).or_default().push(candidate());
        let loose = loose_key(called);
        if loose.contains("sheriffs") {
            let at = (jurisdiction.to_owned(), loose);
            self.sheriffs.entry(at).or_default().push(candidate());
        }
    }

    fn line(
        &mut self,
        listed: &ListedAgency,
        choice: Option<&Choice>,
    ) -> Result<PlannedLine, SkippedLine> {
        let mut remarks = listed.remarks.clone();
        if let Some(Choice::Skip { reason }) = choice {
            return Err(skipped(
                listed,
                format!("Left out by choice: {reason}"),
                true,
            ));
        }
        let at = (
            listed.jurisdiction.clone(),
            match_key(&listed.jurisdiction, &listed.name),
        );
        let county = listed.county.as_deref().and_then(name::county_key);
        let found = match choice {
            Some(Choice::New { .. }) => None,
            Some(Choice::Merge { agency, .. }) if self.names.contains_key(agency) => Some((
                Whose::Known(*agency),
                self.names.get(agency).cloned().unwrap_or_default(),
            )),
            _ => self.match_one(&at, county.as_deref(), listed, &mut remarks)?,
        };
        let (agency, whose) = match found {
            Some((whose @ Whose::Known(id), name)) => (AgencyStep::Known { id, name }, whose),
            Some((whose @ Whose::Line(line), _)) => (AgencyStep::SameAs { line }, whose),
            None => {
                let whose = Whose::Line(listed.line);
                self.stand(
                    whose,
                    &listed.jurisdiction,
                    &listed.name,
                    &listed.name,
                    county.as_deref(),
                );
                (AgencyStep::Add, whose)
            }
        };
        let agreement = listed
            .agreement
            .as_ref()
            .map(|agreement| self.agreement(whose, agreement, listed.line, &mut remarks));
        let contacts = listed
            .contacts
            .iter()
            .map(|contact| {
                let at = contact_key(whose, contact.channel, &contact.value);
                if self.contacts.insert(at) {
                    ContactStep::Add {
                        contact: contact.clone(),
                    }
                } else {
                    ContactStep::Same
                }
            })
            .collect();
        Ok(PlannedLine {
            line: listed.line,
            name: listed.name.clone(),
            jurisdiction: listed.jurisdiction.clone(),
            county: listed.county.clone(),
            kind: listed.kind,
            agency,
            model: listed.agreement.as_ref().map(|agreement| agreement.model),
            agreement,
            contacts,
            remarks,
            chosen: choice.map(|choice| choice.reason().to_owned()),
        })
    }

    /// The one agency that the line means; none if it is new.
    ///
    /// Same name and county is the same agency. A county that one side does not state decides nothing, unless it
    /// leaves several to choose from: then the line is left to a person. A county one letter off is taken for a slip
    /// where the agency's own name carries the county.
    fn match_one(
        &self,
        at: &(String, String),
        county: Option<&str>,
        listed: &ListedAgency,
        remarks: &mut Vec<String>,
    ) -> Result<Option<(Whose, String)>, SkippedLine> {
        let Some(candidates) = self.candidates.get(at) else {
            return Ok(self.same_sheriff(county, listed, remarks));
        };
        let chosen = |candidate: &Candidate| Some((candidate.whose, candidate.name.clone()));
        if let Some(same) = candidates
            .iter()
            .find(|candidate| candidate.county.as_deref() == county)
        {
            return Ok(chosen(same));
        }
        let slip = |candidate: &&Candidate| match (candidate.county.as_deref(), county) {
            (Some(kept), Some(written)) => {
                name::one_letter_apart(kept, written)
                    && (at.1.starts_with(&format!("{kept} "))
                        || at.1.starts_with(&format!("{written} ")))
            }
            _ => false,
        };
        if let Some(same) = candidates.iter().find(slip) {
            remarks.push(format!(
                "The county is written “{}” here; taken as the same agency, one letter off.",
                listed.county.as_deref().unwrap_or_default()
            ));
            return Ok(chosen(same));
        }
        let open: Vec<&Candidate> = candidates
            .iter()
            .filter(|candidate| candidate.county.is_none() || county.is_none())
            .collect();
        match open.as_slice() {
            [] => Ok(None),
            [one] => Ok(chosen(one)),
            _ => Err(skipped(
                listed,
                "Several agencies in this state have that name, and the line states no county."
                    .to_owned(),
                false,
            )),
        }
    }

    /// A sheriff under another word for the office: "Sheriff's Office", "Sheriff Dept". A county has one sheriff, so
    /// the county must not speak against it.
    fn same_sheriff(
        &self,
        county: Option<&str>,
        listed: &ListedAgency,
        remarks: &mut Vec<String>,
    ) -> Option<(Whose, String)> {
        let at = (listed.jurisdiction.clone(), loose_key(&listed.name));
        let found: Vec<&Candidate> = self
            .sheriffs
            .get(&at)?
            .iter()
            .filter(|candidate| {
                candidate.county.is_none()
                    || county.is_none()
                    || candidate.county.as_deref() == county
            })
            .collect();
        let first = found.first()?;
        if found.iter().any(|other| other.whose != first.whose) {
            return None;
        }
        remarks.push(format!(
            "Taken as the same sheriff as “{}”, under another word for the office.",
            first.name
        ));
        Some((first.whose, first.name.clone()))
    }

    fn agreement(
        &mut self,
        whose: Whose,
        listed: &ListedAgreement,
        line: u32,
        remarks: &mut Vec<String>,
    ) -> AgreementStep {
        let at = (whose, listed.model);
        let Some((kept, from_line)) = self.agreements.get(&at) else {
            self.agreements.insert(at, (listed.clone(), Some(line)));
            return AgreementStep::Add {
                agreement: listed.clone(),
            };
        };
        if let Some(earlier) = from_line {
            remarks.push(format!("The same agreement stands in line {earlier}."));
            return AgreementStep::Same;
        }
        if kept.status == AgreementStatus::Ended {
            remarks.push(
                "The list names it, but the campaign has it as ended by a source: left as it is. Look at both."
                    .to_owned(),
            );
            return AgreementStep::Same;
        }
        if kept.status == AgreementStatus::Signed && listed.status == AgreementStatus::Pending {
            remarks.push(
                "Listed as pending, but the campaign has it as signed: left as it is.".to_owned(),
            );
            return AgreementStep::Same;
        }
        let merged = ListedAgreement {
            model: kept.model,
            status: listed.status,
            signed_on: listed.signed_on.or(kept.signed_on),
            paper: stated(listed.paper, kept.paper),
            addendum: stated(listed.addendum, kept.addendum),
        };
        if merged == *kept {
            return AgreementStep::Same;
        }
        let words = changes(kept, &merged);
        self.agreements.insert(at, (merged.clone(), Some(line)));
        AgreementStep::Change {
            agreement: merged,
            words,
        }
    }
}

fn skipped(listed: &ListedAgency, why: String, chosen: bool) -> SkippedLine {
    SkippedLine {
        line: listed.line,
        says: format!("{}, {}", listed.name, listed.jurisdiction),
        why,
        chosen,
        can_choose: true,
    }
}

fn stated(listed: Paper, kept: Paper) -> Paper {
    if listed == Paper::NotStated {
        kept
    } else {
        listed
    }
}

fn changes(before: &ListedAgreement, after: &ListedAgreement) -> String {
    let mut words = Vec::new();
    if before.status != after.status {
        words.push(format!(
            "{} becomes {}",
            before.status.plain(),
            after.status.plain()
        ));
    }
    if before.signed_on != after.signed_on {
        let plain = |day: Option<NaiveDate>| {
            day.map_or("not stated".to_owned(), |day| {
                day.format("%-d %b %Y").to_string()
            })
        };
        words.push(format!(
            "signed: {} becomes {}",
            plain(before.signed_on),
            plain(after.signed_on)
        ));
    }
    if before.paper != after.paper {
        words.push(format!("paper: {}", after.paper.plain()));
    }
    if before.addendum != after.addendum {
        words.push(format!("addendum: {}", after.addendum.plain()));
    }
    words.join("; ")
}

#[cfg(test)]
mod tests;
