//! When an agency's fiscal year starts, and how that is known.

use crate::calendar::FiscalStart;
use crate::law::{Fiscal, HolderKind};

/// The start by what somebody found out of the agency (`MM-DD`), else by the state's law for its kind of body; with
/// words for how it is known. `None` is "calendar years, for want of knowing".
pub fn fiscal_start(
    own: Option<&str>,
    holder: HolderKind,
    law: &Fiscal,
) -> (Option<FiscalStart>, &'static str) {
    if let Some(own) = own.and_then(|start| FiscalStart::try_from(start.to_owned()).ok()) {
        return (Some(own), "this agency's own fiscal years");
    }
    match holder {
        HolderKind::County | HolderKind::Sheriff => match law.county_start {
            Some(start) => (Some(start), "fiscal years of this state's counties"),
            None => (
                None,
                "calendar years: this county's fiscal year is not known here",
            ),
        },
        HolderKind::Municipality | HolderKind::OtherLocal => (
            None,
            "calendar years: this agency's fiscal year is not known here",
        ),
        _ => (Some(law.state_start), "the state's fiscal years"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Library;

    #[test]
    fn what_was_found_out_of_the_agency_comes_before_the_law() {
        let library = Library::embedded().expect("the law files hold together");
        let law = library
            .all()
            .find(|law| law.fiscal.county_start.is_some())
            .expect("some state fixes it for its counties");
        let (own, words) = fiscal_start(Some("10-01"), HolderKind::County, &law.fiscal);
        assert_eq!(own, FiscalStart::try_from("10-01".to_owned()).ok());
        assert!(words.contains("own"));
        assert_eq!(
            fiscal_start(None, HolderKind::County, &law.fiscal).0,
            law.fiscal.county_start
        );
        assert_eq!(
            fiscal_start(Some("soon"), HolderKind::StateAgency, &law.fiscal).0,
            Some(law.fiscal.state_start)
        );
        assert_eq!(
            fiscal_start(None, HolderKind::Municipality, &law.fiscal).0,
            None
        );
    }
}
