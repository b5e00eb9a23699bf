//! Which agency a line of a list means, and what it would change: the making of a [`Plan`].

use std::collections::HashMap;

use chrono::NaiveDate;

use super::list::{Line, ListKind, ListedAgency, ListedAgreement};
use super::plan::{AgencyStep, AgreementStep, ContactStep, Known, Plan, PlannedLine, SkippedLine};
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

/// Plans a list against what the campaign holds.
pub fn plan(list: ListKind, read: &[Line], known: &Known) -> Plan {
    let mut desk = Desk::over(known);
    let mut planned = Plan {
        list,
        lines: Vec::new(),
        skipped: Vec::new(),
    };
    for line in read {
        match line {
            Line::Unusable { line, says, why } => planned.skipped.push(SkippedLine {
                line: *line,
                says: says.clone(),
                why: why.clone(),
            }),
            Line::Agency(agency) => match desk.line(agency) {
                Ok(line) => planned.lines.push(line),
                Err(skipped) => planned.skipped.push(skipped),
            },
        }
    }
    planned
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
    agreements: HashMap<(Whose, AgreementModel), (ListedAgreement, Option<u32>)>,
    emails: HashMap<(Whose, String), ()>,
}

impl Desk {
    fn over(known: &Known) -> Desk {
        let mut candidates: HashMap<(String, String), Vec<Candidate>> = HashMap::new();
        for agency in &known.agencies {
            let at = (
                agency.jurisdiction.clone(),
                match_key(&agency.jurisdiction, &agency.name),
            );
            candidates.entry(at).or_default().push(Candidate {
                whose: Whose::Known(agency.id),
                name: agency.name.clone(),
                county: agency.county.as_deref().and_then(name::county_key),
            });
        }
        let agreements = known
            .agreements
            .iter()
            .map(|agreement| {
                let kept = ListedAgreement {
                    model: agreement.model,
                    status: agreement.status,
                    signed_on: agreement.signed_on,
                    paper: agreement.paper,
                    addendum: agreement.addendum,
                };
                (
                    (Whose::Known(agreement.agency), agreement.model),
                    (kept, None),
                )
            })
            .collect();
        let emails = known
            .emails
            .iter()
            .map(|(agency, email)| ((Whose::Known(*agency), email.to_lowercase()), ()))
            .collect();
        Desk {
            candidates,
            agreements,
            emails,
        }
    }

    fn line(&mut self, listed: &ListedAgency) -> Result<PlannedLine, SkippedLine> {
        let mut remarks = listed.remarks.clone();
        let at = (
            listed.jurisdiction.clone(),
            match_key(&listed.jurisdiction, &listed.name),
        );
        let county = listed.county.as_deref().and_then(name::county_key);
        let found = self.match_one(&at, county.as_deref(), listed, &mut remarks)?;
        let (agency, whose) = match found {
            Some((whose @ Whose::Known(id), name)) => (AgencyStep::Known { id, name }, whose),
            Some((whose @ Whose::Line(line), _)) => (AgencyStep::SameAs { line }, whose),
            None => {
                let whose = Whose::Line(listed.line);
                self.candidates.entry(at).or_default().push(Candidate {
                    whose,
                    name: listed.name.clone(),
                    county,
                });
                (AgencyStep::Add, whose)
            }
        };
        let agreement = listed
            .agreement
            .as_ref()
            .map(|agreement| self.agreement(whose, agreement, listed.line, &mut remarks));
        let contact = listed.contact.as_ref().map(|contact| {
            let at = (whose, contact.email.to_lowercase());
            match self.emails.insert(at, ()) {
                Some(()) => ContactStep::Same,
                None => ContactStep::Add {
                    contact: contact.clone(),
                },
            }
        });
        Ok(PlannedLine {
            line: listed.line,
            name: listed.name.clone(),
            jurisdiction: listed.jurisdiction.clone(),
            county: listed.county.clone(),
            kind: listed.kind,
            agency,
            model: listed.agreement.as_ref().map(|agreement| agreement.model),
            agreement,
            contact,
            remarks,
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
            return Ok(None);
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
            _ => Err(SkippedLine {
                line: listed.line,
                says: format!("{}, {}", listed.name, listed.jurisdiction),
                why:
                    "Several agencies in this state have that name, and the line states no county."
                        .to_owned(),
            }),
        }
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
        words.push("pending becomes signed".to_owned());
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
mod tests {
    use super::super::AgencyKind;
    use super::super::plan::{KnownAgency, KnownAgreement};
    use super::*;

    fn listed(line: u32, called: &str, county: Option<&str>, model: AgreementModel) -> Line {
        Line::Agency(ListedAgency {
            line,
            name: called.to_owned(),
            jurisdiction: "TX".to_owned(),
            county: county.map(str::to_owned),
            kind: AgencyKind::County,
            agreement: Some(ListedAgreement {
                model,
                status: AgreementStatus::Signed,
                signed_on: NaiveDate::from_ymd_opt(2025, 6, 25),
                paper: Paper::LinkPending,
                addendum: Paper::NotStated,
            }),
            contact: None,
            remarks: Vec::new(),
        })
    }

    /// What the campaign holds after a plan was carried out.
    fn after(plan: &Plan) -> Known {
        let mut known = Known::default();
        let mut ids: HashMap<u32, AgencyId> = HashMap::new();
        for line in &plan.lines {
            let id = match &line.agency {
                AgencyStep::Add => {
                    let id = AgencyId::new();
                    ids.insert(line.line, id);
                    known.agencies.push(KnownAgency {
                        id,
                        name: line.name.clone(),
                        jurisdiction: line.jurisdiction.clone(),
                        county: line.county.clone(),
                    });
                    id
                }
                AgencyStep::Known { id, .. } => *id,
                AgencyStep::SameAs { line } => ids[line],
            };
            if let Some(AgreementStep::Add { agreement }) = &line.agreement {
                known.agreements.push(KnownAgreement {
                    agency: id,
                    model: agreement.model,
                    status: agreement.status,
                    signed_on: agreement.signed_on,
                    paper: agreement.paper,
                    addendum: agreement.addendum,
                });
            }
        }
        known
    }

    #[test]
    fn one_agency_holds_several_models_and_a_second_import_changes_nothing() {
        let read = [
            listed(
                2,
                "Alder County Sheriff's Office",
                Some("Alder County"),
                AgreementModel::Tfm,
            ),
            listed(
                3,
                "Alder County Sheriff’s Office",
                Some("Alder County "),
                AgreementModel::Wso,
            ),
            listed(
                4,
                "Alder County Sheriff's Office",
                Some("Aldr County"),
                AgreementModel::Jem,
            ),
            listed(
                5,
                "Alder County Sheriff's Office",
                Some("Alder County"),
                AgreementModel::Tfm,
            ),
            listed(6, "Cedar Police Department", None, AgreementModel::Tfm),
        ];
        let first = plan(ListKind::Agreements, &read, &Known::default());
        let summary = first.summary();
        assert_eq!(summary.lines, 5);
        assert_eq!(summary.agencies_added, 2);
        assert_eq!(summary.agreements_added, 4);
        assert_eq!(summary.agreements_same, 1);
        assert_eq!(first.lines[1].agency, AgencyStep::SameAs { line: 2 });
        assert!(first.lines[2].remarks[0].contains("one letter off"));
        assert!(first.lines[3].remarks[0].contains("line 2"));
        let second = plan(ListKind::Agreements, &read, &after(&first));
        assert!(second.summary().changes_nothing(), "{:?}", second.summary());
        assert_eq!(second.summary().agencies_matched, 2);
        assert!(second.lines.iter().all(|line| !line.writes()));
    }

    #[test]
    fn the_same_name_in_two_counties_is_two_agencies() {
        let read = [
            listed(
                2,
                "Springfield Police Department",
                Some("Alder County"),
                AgreementModel::Tfm,
            ),
            listed(
                3,
                "Springfield Police Department",
                Some("Birch County"),
                AgreementModel::Tfm,
            ),
            listed(
                4,
                "Springfield Police Department",
                None,
                AgreementModel::Wso,
            ),
        ];
        let planned = plan(ListKind::Agreements, &read, &Known::default());
        assert_eq!(planned.summary().agencies_added, 2);
        assert_eq!(planned.skipped.len(), 1, "line 4 could be either");
        assert!(planned.skipped[0].why.contains("no county"));
    }

    #[test]
    fn a_department_is_matched_under_its_other_spelling() {
        let known = Known {
            agencies: vec![KnownAgency {
                id: AgencyId::new(),
                name: "Texas Department of Criminal Justice".to_owned(),
                jurisdiction: "TX".to_owned(),
                county: None,
            }],
            ..Known::default()
        };
        let read = [listed(
            2,
            "Texas Department of Corrections",
            None,
            AgreementModel::Jem,
        )];
        let planned = plan(ListKind::Agreements, &read, &known);
        assert!(matches!(planned.lines[0].agency, AgencyStep::Known { .. }));
        assert_eq!(planned.summary().agreements_added, 1);
    }

    #[test]
    fn news_changes_an_agreement_and_old_news_does_not() {
        let first = plan(
            ListKind::Agreements,
            &[listed(
                2,
                "Alder County Jail",
                Some("Alder"),
                AgreementModel::Wso,
            )],
            &Known::default(),
        );
        let known = after(&first);
        let mut newer = listed(2, "Alder County Jail", Some("Alder"), AgreementModel::Wso);
        if let Line::Agency(ListedAgency {
            agreement: Some(agreement),
            ..
        }) = &mut newer
        {
            agreement.paper = Paper::Linked;
        }
        let planned = plan(ListKind::Agreements, std::slice::from_ref(&newer), &known);
        assert!(
            matches!(&planned.lines[0].agreement, Some(AgreementStep::Change { words, .. }) if words.contains("on ICE's list")),
            "{:?}",
            planned.lines[0].agreement
        );
        let mut pending = newer;
        if let Line::Agency(ListedAgency {
            agreement: Some(agreement),
            ..
        }) = &mut pending
        {
            agreement.status = AgreementStatus::Pending;
        }
        let planned = plan(ListKind::Agreements, &[pending], &known);
        assert_eq!(planned.lines[0].agreement, Some(AgreementStep::Same));
        assert!(planned.lines[0].remarks[0].contains("as signed"));
    }
}
