//! What the page of a batch shows of its plan: the laws, the problems with their ways out, the agencies.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use minijinja::{Value, context};

use crate::actions::App;
use crate::actions::read_batch::{Row, Sheet};
use crate::domain::batch::Batch;
use crate::domain::batch::plan::{Problem, stops};
use crate::domain::letter::LetterKind;
use crate::domain::request::Status;
use crate::law::{HolderKind, Waiver};
use crate::web::desk::{Desk, long_day};
use crate::web::pages::agencies::jurisdiction_name;
use crate::web::pages::requests::chip;

/// Agencies named under one problem before "and so many more".
const NAMED: usize = 60;

/// What is asked in the batch.
pub fn batch(app: &App, batch: &Batch, desk: &Desk) -> Value {
    let records: Vec<String> = batch
        .records
        .iter()
        .filter_map(|key| app.records.get(key))
        .map(|record| record.name.en.clone())
        .collect();
    context! {
        id => batch.id.to_string(),
        number => batch.number,
        title => batch.title.clone(),
        words => batch.words.clone(),
        records => records,
        period => match batch.fiscal_years {
            Some(years) => format!("each agency's last {years} complete fiscal years"),
            None => batch.period.in_words(),
        },
        format => batch.format.plain(),
        ceiling => format!("${}", batch.fee_ceiling_cents / 100),
        send_on => long_day(batch.send_on),
        send_on_past => batch.send_on < desk.today(),
    }
}

/// The kinds of later letters that wait for counsel, each read as one text.
pub fn kinds(waiting: Vec<(LetterKind, usize)>) -> Vec<Value> {
    waiting
        .into_iter()
        .map(|(kind, many)| context! { word => kind.as_str(), name => kind.plain(), many => many })
        .collect()
}

/// Which body it is, who runs the jail and keeps the records as far as that is recorded, and what that means.
pub fn holds(row: &Row) -> String {
    let mut said = vec![row.agency.kind.plain().to_owned()];
    if let Some(by) = &row.jail_run_by {
        said.push(format!("jail run by {by}"));
    }
    if let Some(by) = &row.records_kept_by {
        said.push(format!("records kept by {by}"));
    }
    if let Some(by) = &row.ice_signed_by {
        said.push(format!("{by} signs for ICE"));
    }
    if said.len() == 1 {
        said.push(
            match row.holder {
                HolderKind::Sheriff => "usually runs the jail; not recorded here",
                HolderKind::County => {
                    "contracts and money; the jail may be the sheriff's; not recorded here"
                }
                HolderKind::Municipality => "its own lock-up and police, not the county jail",
                HolderKind::StateAgency => "its prisons, not the county jails",
                HolderKind::FederalAgency => "asked under federal law only",
                HolderKind::OtherLocal | HolderKind::Unstated => "not recorded what it keeps",
            }
            .to_owned(),
        );
    }
    said.join(" · ")
}

/// "checked 12 days ago".
fn age(checked_on: NaiveDate, today: NaiveDate) -> String {
    match (today - checked_on).num_days() {
        days if days <= 0 => "checked today".to_owned(),
        1 => "checked yesterday".to_owned(),
        days if days < 60 => format!("checked {days} days ago"),
        days => format!("checked {} months ago", days / 30),
    }
}

/// One agency of the batch.
pub fn row(app: &App, row: &Row, today: NaiveDate, desk: &Desk) -> Value {
    let status = row.status();
    let asked: Vec<Value> = row
        .asked
        .iter()
        .map(|one| {
            context! { id => one.request.to_string(), reference => one.reference.to_string(), status => one.status.plain() }
        })
        .collect();
    let stopped = row.stopped_by();
    let (state, words) = match (status, stopped.first()) {
        (Some(status), _) => (chip(status), status.plain()),
        (None, Some(problem)) => ("late", problem.heading()),
        (None, None) => ("draft", "Ready to draft"),
    };
    context! {
        id => row.target.id.to_string(),
        agency => context! { id => row.agency.id.to_string(), name => row.agency.name.clone() },
        state => jurisdiction_name(app, &row.agency.jurisdiction),
        holds => holds(row),
        chip => state,
        status => words,
        request => row.target.request.map(|id| id.to_string()).unwrap_or_default(),
        reference => row.request.as_ref().map(|kept| kept.request.reference.to_string()).unwrap_or_default(),
        channel => row.contact.as_ref().map(|contact| contact.channel.plain()).unwrap_or_default(),
        goes_to => row.contact.as_ref().map(|contact| contact.value.clone()).unwrap_or_default(),
        age => row.contact.as_ref().map(|contact| age(contact.checked_on, today)).unwrap_or_default(),
        by_mail => row.mail_address().is_some(),
        first => row.first.as_ref().map(|first| context! {
            heading => first.heading.clone(),
            on => first.due_on.map(long_day).unwrap_or_default(),
            limit => first.limit.clone(),
        }).unwrap_or(Value::from(())),
        period => row.period.in_words(),
        fiscal => row.fiscal.whence.clone(),
        fiscal_start => row.fiscal.start.map(String::from).unwrap_or_default(),
        asked => asked,
        facilities => row.target.facilities.clone(),
        fiscal_year_start => row.target.fiscal_year_start.clone(),
        agreement_on => row.target.agreement_on.map(|day| day.to_string()).unwrap_or_default(),
        send_at => row.target.send_at.filter(|_| row.target.queued_at.is_none()).map(|at| desk.when(at)).unwrap_or_default(),
    }
}

/// What stands in the way, kind by kind: what may pass last.
pub fn problems(sheet: &Sheet) -> Vec<Value> {
    let mut groups: BTreeMap<(bool, &str), Vec<(&Row, &Problem)>> = BTreeMap::new();
    for row in &sheet.rows {
        for problem in &row.problems {
            if stops(problem, &row.target.accepted) {
                let key = (problem.may_pass(), problem.key());
                groups.entry(key).or_default().push((row, problem));
            }
        }
    }
    groups
        .into_values()
        .map(|all| {
            let (_, first) = all[0];
            let rows: Vec<Value> = all
                .iter()
                .take(NAMED)
                .map(|(row, problem)| {
                    let double = match problem {
                        Problem::Duplicate { request, reference, .. } => {
                            context! { id => request.to_string(), reference => reference.to_string() }
                        }
                        _ => Value::from(()),
                    };
                    context! {
                        agency => row.agency.name.clone(),
                        agency_id => row.agency.id.to_string(),
                        state => row.agency.jurisdiction.clone(),
                        says => problem.says(),
                        double => double,
                    }
                })
                .collect();
            let targets: Vec<String> = all
                .iter()
                .map(|(row, _)| row.target.id.to_string())
                .collect();
            context! {
                key => first.key(),
                heading => first.heading(),
                mend => first.mend(),
                may_pass => first.may_pass(),
                many => all.len(),
                more => all.len().saturating_sub(NAMED),
                rows => rows,
                targets => targets.join(" "),
                says => first.says(),
                contact => matches!(first, Problem::NoContact { .. } | Problem::StaleContact { .. }),
                signer => matches!(first, Problem::NoSigner { .. }),
            }
        })
        .collect()
}

/// What went wrong at drafting or sending, agency by agency.
pub fn noted(sheet: &Sheet) -> Vec<Value> {
    sheet
        .rows
        .iter()
        .filter(|row| !row.target.problem.is_empty())
        .take(NAMED)
        .map(|row| {
            context! {
                agency => row.agency.name.clone(),
                agency_id => row.agency.id.to_string(),
                request => row.target.request.map(|id| id.to_string()).unwrap_or_default(),
                says => row.target.problem.clone(),
            }
        })
        .collect()
}

/// The laws that the letters go by, one line for each state and kind of body.
pub fn laws(sheet: &Sheet) -> Vec<Value> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in &sheet.rows {
        let key = (row.agency.jurisdiction.as_str(), row.holder.plain());
        groups.entry(key).or_default().push(row);
    }
    groups
        .into_iter()
        .filter_map(|((code, holder), rows)| {
            let law = rows[0].law.as_ref()?;
            let signer = sheet.batch.signers.get(code);
            Some(context! {
                code => code,
                state => law.name.clone(),
                holder => holder,
                many => rows.len(),
                name => law.law.name.clone(),
                citation => law.law.citation.clone(),
                confidence => law.law.confidence.as_str(),
                residents_only => law.eligibility.residents_only,
                signer => signer.map(|signer| signer.name.clone()).unwrap_or_default(),
                first => rows[0].first.as_ref().map(|first| context! {
                    why => format!(
                        "clock?code={code}&received={on}&holder={kind}&sent_by=email&events=sent%3D{on}&as_of={on}",
                        on = sheet.batch.send_on,
                        kind = rows[0].holder.as_str(),
                    ),
                    heading => first.heading.clone(),
                    on => first.due_on.map(long_day).unwrap_or_default(),
                    limit => first.limit.clone(),
                    citation => first.citation.clone(),
                    confidence => first.confidence.as_str(),
                }).unwrap_or(Value::from(())),
                search => law.fees.search_time_chargeable,
                waiver => law.fees.waiver.plain(),
                has_waiver => law.fees.waiver != Waiver::None,
                fees_confidence => law.fees.confidence.as_str(),
                allowance => law.fees.free_allowance.clone().unwrap_or_default(),
            })
        })
        .collect()
}

/// The states whose law answers only residents, with whoever is named.
pub fn signers(sheet: &Sheet) -> Vec<Value> {
    let mut seen = HashSet::new();
    sheet
        .rows
        .iter()
        .filter_map(|row| row.law.as_ref())
        .filter(|law| law.eligibility.residents_only && seen.insert(law.code))
        .map(|law| {
            let signer = sheet.batch.signers.get(law.code.as_str());
            context! {
                code => law.code.as_str(),
                state => law.name.clone(),
                citation => law.eligibility.citation.clone(),
                name => signer.map(|signer| signer.name.clone()).unwrap_or_default(),
                address => signer.map(|signer| signer.address.clone()).unwrap_or_default(),
            }
        })
        .collect()
}

/// Whether a letter of that status waits for counsel.
pub fn waits(status: &Status) -> bool {
    *status == Status::WithCounsel
}
