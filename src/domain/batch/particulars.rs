//! What stands in one agency's letter and in no other of its batch: facilities, fiscal year, the agreement's date; and
//! what the campaign says of itself in all of them.

use chrono::NaiveDate;

use super::Target;
use crate::domain::letter::{Clause, Draft, insert_behind};
use crate::domain::request::written;

/// Key of the paragraph with an agency's particulars.
pub const PARTICULARS: &str = "particulars";
/// Key of the campaign's own words.
pub const WORDS: &str = "campaign_words";

/// "July 1" of "07-01".
fn month_and_day(start: &str) -> Option<String> {
    NaiveDate::parse_from_str(&format!("2001-{start}"), "%Y-%m-%d")
        .ok()
        .map(|day| day.format("%B %-d").to_string())
}

/// The sentence on an agency's facilities, fiscal year and agreement. `None` where nothing was filled in.
pub fn sentence(target: &Target) -> Option<String> {
    let mut said = Vec::new();
    let facilities: Vec<&str> = target
        .facilities
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    match facilities.as_slice() {
        [] => {}
        [one] => said.push(format!("This request covers this facility: {one}.")),
        many => said.push(format!(
            "This request covers these facilities: {}.",
            many.join("; ")
        )),
    }
    if let Some(start) = month_and_day(&target.fiscal_year_start) {
        said.push(format!(
            "Where totals are kept by fiscal year, please use yours, which we understand to begin on {start}."
        ));
    }
    if let Some(on) = target.agreement_on {
        said.push(format!(
            "We understand that an agreement with U.S. Immigration and Customs Enforcement was signed on {}; please \
             tell us if that date is wrong.",
            written(on)
        ));
    }
    (!said.is_empty()).then(|| said.join(" "))
}

/// Puts the campaign's words and the agency's particulars into a composed letter.
pub fn take_in(draft: &mut Draft, words: &str, target: &Target) {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if !words.is_empty() {
        let clause = Clause::by_habit(
            WORDS,
            &words,
            "The campaign's own words, the same in every letter of the batch.",
        );
        insert_behind(draft, &["residency", "opening"], clause);
    }
    if let Some(sentence) = sentence(target) {
        let clause = Clause::by_habit(
            PARTICULARS,
            &sentence,
            "Filled in for this agency in the plan of the batch.",
        );
        insert_behind(draft, &["item:", "opening"], clause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{AgencyId, BatchId, CampaignId, TargetId};

    fn target() -> Target {
        Target {
            id: TargetId::new(),
            campaign: CampaignId::new(),
            batch: BatchId::new(),
            agency: AgencyId::new(),
            position: 1,
            facilities: String::new(),
            fiscal_year_start: String::new(),
            agreement_on: None,
            accepted: Vec::new(),
            request: None,
            problem: String::new(),
            send_at: None,
            queued_at: None,
        }
    }

    #[test]
    fn only_what_was_filled_in_is_said() {
        let mut one = target();
        assert_eq!(sentence(&one), None);
        one.facilities = "Main Jail\n\n North Annex \n".to_owned();
        one.fiscal_year_start = "07-01".to_owned();
        one.agreement_on = NaiveDate::from_ymd_opt(2025, 3, 3);
        assert_eq!(
            sentence(&one).as_deref(),
            Some(
                "This request covers these facilities: Main Jail; North Annex. Where totals are kept by fiscal year, \
                 please use yours, which we understand to begin on July 1. We understand that an agreement with U.S. \
                 Immigration and Customs Enforcement was signed on March 3, 2025; please tell us if that date is wrong."
            )
        );
    }
}
