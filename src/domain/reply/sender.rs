//! Which agency a sender's address speaks for: one organisation's domain, never a whole state's and never a vendor's.
//!
//! The peers' fault to avoid: any `*.or.us` address accepted for one county. Lists are data (`data/mail/senders.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Senders {
    providers: Vec<String>,
    shared_names: Vec<String>,
    shared_hosts: Vec<String>,
    vendor: Vec<Vendor>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vendor {
    name: String,
    domains: Vec<String>,
    /// Records are fetched there.
    portal: bool,
    /// It gives each agency a subdomain of its own.
    per_agency: bool,
}

static SENDERS: LazyLock<Result<Senders, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/mail/senders.toml"))
        .map_err(|fault| format!("data/mail/senders.toml: {fault}"))
});

/// Whether the lists can be read.
///
/// # Errors
/// What is wrong with the file.
pub fn sound() -> Result<(), String> {
    SENDERS.as_ref().map(|_| ()).map_err(Clone::clone)
}

fn vendor_of(domain: &str) -> Option<(&'static Vendor, &'static str)> {
    let senders = SENDERS.as_ref().ok()?;
    senders.vendor.iter().find_map(|vendor| {
        vendor
            .domains
            .iter()
            .find(|own| {
                domain == own.as_str()
                    || domain
                        .strip_suffix(own.as_str())
                        .is_some_and(|rest| rest.ends_with('.'))
            })
            .map(|own| (vendor, own.as_str()))
    })
}

fn tidy(domain: &str) -> String {
    domain.trim().trim_matches('.').to_ascii_lowercase()
}

/// The kinds of bodies that stand in front of a place in the `.us` domain: `co.alder.or.us`.
const BODIES: [&str; 13] = [
    "co", "county", "ci", "city", "town", "vil", "village", "parish", "twp", "boro", "gen", "dst",
    "cc",
];
/// Words in the place of a place, which name no place.
const NO_PLACES: [&str; 8] = ["state", "k12", "lib", "co", "ci", "cc", "tec", "mus"];

fn is_state(label: &str) -> bool {
    label.len() == 2 && label.bytes().all(|sign| sign.is_ascii_alphabetic())
}

/// The domain of the one organisation that `domain` belongs to; none where it belongs to nobody in particular.
///
/// `sheriff.co.alder.or.us` and `co.alder.or.us` are one county; `or.us`, `co.or.us` and `wa.gov` are nobody;
/// `alder.wa.gov` and `aldersheriff.org` are one each; a vendor's agency has its own subdomain or nothing.
pub fn organisation(domain: &str) -> Option<String> {
    let domain = tidy(domain);
    let labels: Vec<&str> = domain.split('.').collect();
    if labels.len() < 2 || labels.iter().any(|label| label.is_empty()) {
        return None;
    }
    let senders = SENDERS.as_ref().ok()?;
    if senders.providers.contains(&domain) {
        return None;
    }
    let last = |count: usize| labels[labels.len() - count..].join(".");
    if let Some((vendor, own)) = vendor_of(&domain) {
        let before = domain.strip_suffix(own)?.trim_end_matches('.');
        let label = before.rsplit('.').next().unwrap_or_default();
        let names_one = vendor.per_agency
            && label.len() > 2
            && !senders.shared_hosts.iter().any(|host| host == label)
            && !label
                .strip_prefix("em")
                .is_some_and(|rest| rest.bytes().all(|sign| sign.is_ascii_digit()));
        return names_one.then(|| format!("{label}.{own}"));
    }
    match labels[..] {
        [.., state, "us"] if is_state(state) => match labels[..labels.len() - 2] {
            [] => None,
            [one] if NO_PLACES.contains(&one) || BODIES.contains(&one) => None,
            // `doc.state.or.us` is one department; `alder.k12.or.us` one school district.
            [.., place, kind] if NO_PLACES.contains(&kind) && !place.is_empty() => Some(last(4)),
            [.., body, _place] if BODIES.contains(&body) => Some(last(4)),
            _ => Some(last(3)),
        },
        // One department or county under its state's name: `doc.wa.gov`, `alder.wa.gov`.
        [.., state, "gov"] if is_state(state) => (labels.len() > 2).then(|| last(3)),
        _ => Some(last(2)),
    }
}

/// The county that a domain names by its form, with its state: `co.alder.or.us` is Alder in Oregon.
pub fn county_of(domain: &str) -> Option<(String, String)> {
    let organisation = organisation(domain)?;
    let labels: Vec<&str> = organisation.split('.').collect();
    match labels[..] {
        ["co" | "county" | "parish", place, state, "us"] => {
            Some((place.replace('-', " "), state.to_ascii_uppercase()))
        }
        _ => None,
    }
}

/// Whether mail from `domain` says nothing about which agency wrote.
pub fn is_shared_domain(domain: &str) -> bool {
    organisation(domain).is_none()
}

/// Whether this very address is used for many agencies: a vendor's "noreply".
pub fn is_shared_address(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return true;
    };
    let Ok(senders) = SENDERS.as_ref() else {
        return true;
    };
    let local = local.trim().to_ascii_lowercase();
    let local = local.split('+').next().unwrap_or_default();
    vendor_of(&tidy(domain)).is_some()
        && organisation(domain).is_none()
        && senders.shared_names.iter().any(|name| name == local)
}

/// The vendor behind an address of the web where records are fetched: "GovQA".
pub fn portal_of(host: &str) -> Option<&'static str> {
    vendor_of(&tidy(host))
        .filter(|(vendor, _)| vendor.portal)
        .map(|(vendor, _)| vendor.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_domain_belongs_to_one_organisation_or_to_nobody() {
        sound().expect("the lists can be read");
        for (domain, expected) in [
            ("co.alder.or.us", Some("co.alder.or.us")),
            ("sheriff.co.alder.or.us", Some("co.alder.or.us")),
            ("CO.Alder.OR.US.", Some("co.alder.or.us")),
            ("co.birch.or.us", Some("co.birch.or.us")),
            ("ci.alder.or.us", Some("ci.alder.or.us")),
            ("or.us", None),
            ("co.or.us", None),
            ("state.or.us", None),
            ("doc.state.or.us", Some("doc.state.or.us")),
            ("mail.doc.state.or.us", Some("doc.state.or.us")),
            ("multco.us", Some("multco.us")),
            ("wa.gov", None),
            ("alder.wa.gov", Some("alder.wa.gov")),
            ("jail.alder.wa.gov", Some("alder.wa.gov")),
            ("aldercounty.gov", Some("aldercounty.gov")),
            ("so.aldercounty.gov", Some("aldercounty.gov")),
            ("aldersheriff.org", Some("aldersheriff.org")),
            ("ice.dhs.gov", Some("dhs.gov")),
            ("gmail.com", None),
            ("govqa.us", None),
            ("alderwa.govqa.us", Some("alderwa.govqa.us")),
            ("em.govqa.us", None),
            ("em1234.nextrequest.com", None),
            ("alder.nextrequest.com", Some("alder.nextrequest.com")),
            ("news.govdelivery.com", None),
            ("us", None),
            ("", None),
            ("..", None),
        ] {
            assert_eq!(organisation(domain).as_deref(), expected, "{domain}");
        }
    }

    #[test]
    fn a_county_is_read_from_its_domain_alone() {
        assert_eq!(
            county_of("jail.co.alder.or.us"),
            Some(("alder".into(), "OR".into()))
        );
        assert_eq!(
            county_of("co.king.wa.us").map(|(county, _)| county),
            Some("king".into())
        );
        for nobody in [
            "ci.alder.or.us",
            "alder.or.us",
            "aldercounty.gov",
            "co.or.us",
        ] {
            assert_eq!(county_of(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn vendors_are_known() {
        assert!(is_shared_address("noreply@govqa.us"));
        assert!(is_shared_address("No-Reply+x@nextrequest.com"));
        assert!(!is_shared_address("alderwa@mycusthelp.net"));
        assert!(!is_shared_address("records@alder.example"));
        assert!(!is_shared_address("noreply@alderwa.govqa.us"));
        assert_eq!(portal_of("alderwa.govqa.us"), Some("GovQA"));
        assert_eq!(portal_of("drive.google.com"), Some("Google Drive"));
        assert_eq!(portal_of("www.alder.gov"), None);
        assert_eq!(portal_of("notgovqa.us"), None);
    }
}
