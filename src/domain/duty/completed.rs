//! A request that its correction completed: the first letter lacked what the law asks of every request.
//!
//! An agency may say that no request was before it until the correction came, so its limits are counted from then: the
//! latest reasonable reading. It may as well be said that the first letter counted, so ours stay where they are if that
//! is earlier. Where a law asks nothing of a request that ours lacked, a correction moves nothing.

use chrono::NaiveDate;

use super::bench::Bench;
use super::clock::DutyClock;
use super::facts::Facts;
use crate::calendar::words::long;
use crate::law::Jurisdiction;

/// The clocks of a completed request; none where no correction completed it by `as_of`.
pub(super) fn clocks(
    jurisdiction: &Jurisdiction,
    facts: &Facts,
    as_of: NaiveDate,
) -> Option<Vec<DutyClock>> {
    let on = facts.completed_on.filter(|on| *on <= as_of)?;
    let first = facts.received_on.filter(|first| *first < on)?;
    let mut anew = facts.clone();
    anew.received_on = Some(on);
    anew.after_hours = false;
    // What the agency did about the first letter answered something that it need not have taken as a request.
    anew.events.retain(|(_, day)| *day >= on);
    let mut earlier = Bench::new(jurisdiction, facts, as_of).clocks();
    let mut all: Vec<DutyClock> = Vec::new();
    for mut clock in Bench::new(jurisdiction, &anew, as_of).clocks() {
        let known = earlier.iter().position(|known| known.id == clock.id);
        let known = known.map(|at| earlier.remove(at));
        match known {
            Some(known) if known.ours && is_sooner(&known, &clock) => all.push(known),
            _ => {
                if !clock.ours {
                    clock.notes.push(format!(
                        "Counted from {}, when the agency had our correction, which supplied what this law asks of a request; the first letter came on {}.",
                        long(on),
                        long(first)
                    ));
                }
                all.push(clock);
            }
        }
    }
    // Windows that only the first letter opened are kept: a step of ours is never lost to a reading.
    all.extend(earlier.into_iter().filter(|clock| clock.ours));
    Some(all)
}

fn is_sooner(first: &DutyClock, later: &DutyClock) -> bool {
    match (first.due_on, later.due_on) {
        (Some(first), Some(later)) => first <= later,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables::day;
    use super::super::{EventKind, Facts, clocks};
    use crate::law::{HolderKind, Library};

    /// Virginia: five working days (Va. Code § 2.2-3704(B)), for citizens of the state (§ 2.2-3704(A)).
    #[test]
    fn the_agencys_limit_is_counted_from_the_correction_and_no_window_of_ours_moves_later() {
        let library = Library::embedded().expect("sound law files");
        let mut completed = 0;
        for law in library.all() {
            let facts = |completed: Option<&str>| Facts {
                received_on: Some(day("2026-09-01")),
                holder: HolderKind::Sheriff,
                completed_on: completed.map(day),
                events: vec![(EventKind::Denied, day("2026-09-04"))],
                ..Facts::default()
            };
            let as_of = day("2026-09-20");
            let before = clocks(law, &facts(None), as_of);
            let after = clocks(law, &facts(Some("2026-09-14")), as_of);
            for clock in &before {
                let now = after.iter().find(|now| now.id == clock.id);
                let Some(now) = now else {
                    assert!(
                        !clock.ours,
                        "{} {}: a window of ours was lost",
                        law.code, clock.id
                    );
                    continue;
                };
                if clock.ours {
                    assert!(
                        now.due_on <= clock.due_on || clock.due_on.is_none(),
                        "{}",
                        law.code
                    );
                } else if let (Some(was), Some(is)) = (clock.due_on, now.due_on) {
                    assert!(is >= was, "{} {}", law.code, clock.id);
                    completed += usize::from(is > was);
                }
            }
            // A correction that is still on its way moves nothing.
            assert_eq!(clocks(law, &facts(Some("2026-09-21")), as_of), before);
        }
        assert!(completed > 40, "only {completed} limits moved");

        let virginia = library.get(&"VA".parse().expect("a code")).expect("a law");
        let facts = Facts {
            received_on: Some(day("2026-09-01")),
            completed_on: Some(day("2026-09-14")),
            ..Facts::default()
        };
        let all = clocks(virginia, &facts, day("2026-09-15"));
        let first = all.iter().find(|clock| !clock.ours).expect("a duty");
        assert_eq!(first.due_on, Some(day("2026-09-21")));
        assert!(
            first
                .notes
                .iter()
                .any(|note| note.contains("our correction"))
        );
    }
}
