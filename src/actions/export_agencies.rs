//! The campaign's agencies with their contacts as one CSV or XLSX, in the columns that the importer understands.
//!
//! In a CSV, a cell that begins with a sign by which spreadsheets take it for a formula gets an apostrophe before it;
//! in an XLSX every cell is text.

use super::{ActionError, App, Deed, Scope};
use crate::documents::sheets::write_sheet;
use crate::domain::agency::columns::Field;
use crate::domain::agency::contact::Channel;
use crate::store::agencies::{self, Agency, Filter};
use crate::store::contacts::{self, Contact};
use crate::store::profiles::{self, Profile};

/// The mark by which spreadsheet programs know UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A cell that no spreadsheet program runs.
pub fn harmless(cell: &str) -> String {
    let first = cell.trim_start().chars().next();
    if matches!(first, Some('=' | '+' | '-' | '@')) || cell.starts_with(['\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// How the list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Csv,
    Xlsx,
}

/// The agencies that fit, one line for each contact in use, or one line where there is none.
///
/// # Errors
/// Forbidden to the meeting team, who do not keep contacts.
pub async fn export_agencies(app: &App, by: &Scope, filter: &Filter, form: Form) -> Deed<Vec<u8>> {
    if !by.may_draft() {
        return Err(ActionError::Forbidden(
            "Researchers and counsel export the list. Ask one of them.",
        ));
    }
    let db = app.store.read();
    let found = agencies::list_fitting(db, by, filter).await?;
    let all = profiles::list(db, by).await?;
    let aliases = profiles::list_aliases(db, by).await?;
    let mut ways: std::collections::HashMap<_, Vec<Contact>> = std::collections::HashMap::new();
    for contact in contacts::list(db, by).await? {
        ways.entry(contact.agency).or_default().push(contact);
    }
    let heads = Field::ALL.iter().map(|field| field.as_str().to_owned());
    let mut rows: Vec<Vec<String>> = vec![heads.collect()];
    let none = Profile::default();
    for agency in &found {
        let profile = all.get(&agency.id).unwrap_or(&none);
        let names = aliases.get(&agency.id).map(|names| names.join("; "));
        let mine = ways.remove(&agency.id).unwrap_or_default();
        let contacts: Vec<Option<&Contact>> = if mine.is_empty() {
            vec![None]
        } else {
            mine.iter().map(Some).collect()
        };
        for contact in contacts {
            let names = names.as_deref().unwrap_or_default();
            rows.push(line(agency, profile, names, contact));
        }
    }
    match form {
        Form::Csv => as_csv(&rows),
        Form::Xlsx => write_sheet("Agencies", &rows)
            .map_err(|error| ActionError::fault("writing a list", error)),
    }
}

fn as_csv(rows: &[Vec<String>]) -> Deed<Vec<u8>> {
    let mut table = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
    for row in rows {
        table
            .write_record(row.iter().map(|cell| harmless(cell)))
            .map_err(|error| ActionError::fault("writing a list", error))?;
    }
    table
        .into_inner()
        .map_err(|error| ActionError::fault("writing a list", error.into_error()))
}

fn line(agency: &Agency, profile: &Profile, names: &str, contact: Option<&Contact>) -> Vec<String> {
    let by_channel = |channel: Channel| {
        contact
            .filter(|contact| contact.channel == channel)
            .map(|contact| contact.value.clone())
            .unwrap_or_default()
    };
    let of = |what: fn(&Contact) -> String| contact.map(what).unwrap_or_default();
    Field::ALL
        .iter()
        .map(|field| match field {
            Field::Name => agency.name.clone(),
            Field::State => agency.jurisdiction.clone(),
            Field::County => agency.county.clone().unwrap_or_default(),
            Field::Kind => agency.kind.plain().to_owned(),
            Field::OtherNames => names.to_owned(),
            Field::JailSystem => profile.jail_system.clone(),
            Field::Purpose => of(|contact| contact.purpose.plain().to_owned()),
            Field::ContactTitle => of(|contact| contact.name.clone()),
            Field::Email => by_channel(Channel::Email),
            Field::Portal => by_channel(Channel::Portal),
            Field::Post => {
                let post = by_channel(Channel::Post);
                if post.is_empty() {
                    by_channel(Channel::Hand)
                } else {
                    post
                }
            }
            Field::Fax => by_channel(Channel::Fax),
            Field::Phone => by_channel(Channel::Phone),
            Field::KnownHow => of(|contact| contact.known_how.clone()),
            Field::CheckedOn => of(|contact| contact.checked_on.to_string()),
            Field::FiscalStart => agency.fiscal_year_start.clone().unwrap_or_default(),
            Field::FiscalSource => profile.fiscal_source.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+1 555", "'+1 555"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\t=1", "'\t=1"),
            ("Alder County Jail", "Alder County Jail"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), safe, "{cell:?}");
        }
    }
}
