//! How many letters one mail domain is given in an hour: one rule, for letters sent one by one and for batches.
//!
//! A county's mail server takes a burst for spam, whoever in the installation caused it. Pure; imports nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

/// The most that any setting or plan may let go to one domain in an hour.
pub const MOST_PER_HOUR: u32 = 60;

/// The mail domain of an address, in lower case.
pub fn domain_of(address: &str) -> String {
    address
        .trim()
        .rsplit_once('@')
        .map_or(address, |(_, domain)| domain)
        .to_lowercase()
}

/// From one letter to the next where so many an hour are spread evenly.
pub fn gap(per_hour: u32) -> TimeDelta {
    TimeDelta::seconds(3_600 / i64::from(per_hour.max(1)))
}

/// The latest of the instants that lies closer to `at` than `gap`.
pub fn near(
    all: &BTreeSet<DateTime<Utc>>,
    at: DateTime<Utc>,
    gap: TimeDelta,
) -> Option<DateTime<Utc>> {
    all.range(..at + gap)
        .next_back()
        .filter(|one| at - **one < gap)
        .copied()
}

/// The first moment from `at` on before which less than `per_hour` letters went to the domain within an hour. `gone`
/// are those that went, in any order.
pub fn next_free(gone: &[DateTime<Utc>], per_hour: u32, at: DateTime<Utc>) -> DateTime<Utc> {
    let hour = TimeDelta::hours(1);
    let most = usize::try_from(per_hour.max(1)).unwrap_or(usize::MAX);
    let mut lately: Vec<DateTime<Utc>> = gone
        .iter()
        .filter(|one| at - **one < hour)
        .copied()
        .collect();
    if lately.len() < most {
        return at;
    }
    lately.sort();
    (lately[lately.len() - most] + hour).max(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    #[test]
    fn so_many_in_an_hour_and_the_next_when_the_first_is_an_hour_old() {
        for (gone, per_hour, asked, free) in [
            (vec![], 2, 100, 100),
            (vec![90], 2, 100, 100),
            (vec![90, 95], 2, 100, 150),
            (vec![95, 90], 2, 100, 150),
            (vec![30, 95], 2, 100, 100),
            // An hour ago to the minute counts no more.
            (vec![40, 95], 2, 100, 100),
            (vec![80, 90, 95], 2, 100, 150),
            // A limit of none would never let anything go: it is taken as one.
            (vec![90], 0, 100, 150),
        ] {
            let gone: Vec<_> = gone.into_iter().map(at).collect();
            assert_eq!(next_free(&gone, per_hour, at(asked)), at(free), "{gone:?}");
        }
    }

    #[test]
    fn what_a_batch_spreads_evenly_is_never_held_up() {
        let per_hour = 4;
        let mut gone = Vec::new();
        let mut now = at(0);
        for _ in 0..20 {
            assert_eq!(next_free(&gone, per_hour, now), now);
            gone.push(now);
            now += gap(per_hour);
        }
    }

    #[test]
    fn domains() {
        for (address, domain) in [
            ("Clerk@Alder.Example", "alder.example"),
            (" a@b@c.example ", "c.example"),
            ("nobody", "nobody"),
        ] {
            assert_eq!(domain_of(address), domain);
        }
    }
}
