//! What must hold of every clock, whatever the days.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::tables::{day, law, library};
use super::*;
use crate::calendar::{Calendar, Holiday, Observed};

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0u64..14_000).prop_map(|n| day("2000-01-01") + Days::new(n))
}

fn any_law() -> impl Strategy<Value = &'static str> {
    let codes: Vec<&'static str> = library().all().map(|j| j.code.as_str()).collect();
    prop::sample::select(codes)
}

fn received(on: NaiveDate) -> Facts {
    Facts {
        received_on: Some(on),
        ..Facts::default()
    }
}

fn limits(code: &str, facts: &Facts, as_of: NaiveDate) -> Vec<(String, [Option<NaiveDate>; 3])> {
    clocks(law(code), facts, as_of)
        .into_iter()
        .map(|clock| (clock.id, [clock.due_on, clock.earliest_on, clock.latest_on]))
        .collect()
}

proptest! {
    #[test]
    fn a_later_receipt_never_gives_an_earlier_limit(code in any_law(), on in any_day(), later in 1u64..30) {
        let then = on + Days::new(later);
        let (first, second) = (limits(code, &received(on), on), limits(code, &received(then), on));
        for ((id, a), (other, b)) in first.into_iter().zip(second) {
            prop_assert_eq!(&id, &other);
            for (a, b) in a.into_iter().zip(b) {
                prop_assert!(a <= b, "{} {}: {:?} > {:?}", code, id, a, b);
            }
        }
    }

    #[test]
    fn a_denial_a_day_later_never_shortens_our_time(code in any_law(), on in any_day(), later in 1u64..30) {
        let facts = |days| Facts {
            events: vec![(EventKind::Denied, on + Days::new(days))],
            ..received(on)
        };
        let as_of = on + Days::new(400);
        let ours = |facts: &Facts| {
            clocks(law(code), facts, as_of)
                .into_iter()
                .filter(|clock| clock.ours)
                .map(|clock| clock.due_on)
                .collect::<Vec<_>>()
        };
        for (a, b) in ours(&facts(5)).into_iter().zip(ours(&facts(5 + later))) {
            prop_assert!(a <= b);
        }
    }

    #[test]
    fn earliest_is_never_after_latest_and_the_due_day_is_one_of_them(code in any_law(), on in any_day()) {
        let facts = Facts {
            events: vec![
                (EventKind::Acknowledged, on + Days::new(2)),
                (EventKind::Denied, on + Days::new(9)),
                (EventKind::Appealed, on + Days::new(12)),
            ],
            ..received(on)
        };
        for clock in clocks(law(code), &facts, on + Days::new(20)) {
            prop_assert!(clock.earliest_on <= clock.latest_on);
            let chosen = if clock.ours { clock.earliest_on } else { clock.latest_on };
            prop_assert_eq!(clock.due_on, chosen);
            if let Some(due_on) = clock.due_on {
                prop_assert_eq!(clock.trace.last().map(|step| step.day), Some(due_on), "{} {}", code, clock.id);
                prop_assert!(clock.trace.windows(2).all(|pair| pair[0].day < pair[1].day), "{:#?}", clock.trace);
            } else {
                prop_assert!(clock.trace.is_empty());
            }
        }
    }

    #[test]
    fn a_business_day_limit_is_never_on_a_closed_day(code in any_law(), on in any_day()) {
        let j = law(code);
        for clock in clocks(j, &received(on), on) {
            if let (Some(due_on), Some(crate::law::Unit::Business), false) = (clock.due_on, clock.unit, clock.ours) {
                prop_assert!(j.calendar().is_business(due_on), "{} {}", code, due_on);
                let counted = clock.trace.iter().filter(|step| step.counted).count();
                if clock.id != "acknowledge" && clock.more_time.is_none() && j.duty(&clock.id, on).is_some_and(|d| d.readings.is_empty()) {
                    prop_assert_eq!(Some(counted), clock.days.map(|days| days as usize));
                }
            }
        }
    }

    #[test]
    fn another_holiday_never_moves_a_limit_earlier(on in any_day(), n in 1u32..30, holiday in any_day()) {
        let plain = Calendar::new(Vec::new(), Vec::new(), false);
        let more = Calendar::new(
            vec![(Holiday::parse("mlk").expect("a rule"), vec![Observed::Nearest])],
            vec![(holiday, "Closed".to_owned())],
            false,
        );
        prop_assert!(more.add_business_days(on, n) >= plain.add_business_days(on, n));
        let (traced, trace) = more.add_business_days_traced(on, n);
        prop_assert_eq!(traced, more.add_business_days(on, n));
        prop_assert_eq!(trace.last().map(|step| step.day), Some(traced));
    }

    #[test]
    fn a_pause_conserves_the_days_that_were_left(on in any_day(), paused in 1u64..12, stood in 1u64..60) {
        // Virginia counts five working days and stops for a deposit.
        let before = clocks(law("VA"), &received(on), on).remove(0).due_on.expect("a limit");
        let (from, to) = (on + Days::new(paused), on + Days::new(paused + stood));
        let facts = Facts {
            events: vec![(EventKind::Paused { ground: None }, from), (EventKind::Resumed, to)],
            ..received(on)
        };
        let after = clocks(law("VA"), &facts, to).remove(0).due_on.expect("a limit");
        let calendar = law("VA").calendar();
        if before <= from {
            // Due or overdue when it stopped: not made young again.
            prop_assert_eq!(after, before);
        } else {
            let start = calendar.business_day_on_or_after(on).max(from);
            let resumed = calendar.business_day_on_or_after(on).max(to);
            prop_assert_eq!(
                calendar.business_days_between(start, before),
                calendar.business_days_between(resumed, after)
            );
        }
    }

    #[test]
    fn the_quick_count_and_the_explained_one_agree(code in any_law(), on in any_day()) {
        let j = law(code);
        for clock in clocks(j, &received(on), on) {
            let duty = j.duty(&clock.id, on).expect("the rule of the clock");
            let from_receipt = duty.from == [crate::law::Start::Receipt] && duty.or_later_from.is_none();
            if let (true, Some(counter)) = (from_receipt, Counter::new(j, duty, HolderKind::Unstated, None)) {
                prop_assert_eq!(counter.due_on(on), clock.due_on, "{} {}", code, clock.id);
            }
        }
    }

    #[test]
    fn a_closed_day_of_the_body_never_moves_a_limit_earlier(code in any_law(), on in any_day(), closed in 0u64..60) {
        let mut facts = received(on);
        let before = limits(code, &facts, on);
        facts.closed.insert(on + Days::new(closed), "Closed".to_owned());
        for ((id, a), (other, b)) in before.into_iter().zip(limits(code, &facts, on)) {
            prop_assert_eq!(&id, &other);
            for (a, b) in a.into_iter().zip(b) {
                prop_assert!(a <= b, "{} {}: {:?} > {:?}", code, id, a, b);
            }
        }
    }

    #[test]
    fn coming_after_hours_never_makes_a_limit_earlier(code in any_law(), on in any_day()) {
        let mut facts = received(on);
        let before = limits(code, &facts, on);
        facts.after_hours = true;
        for ((_, a), (_, b)) in before.into_iter().zip(limits(code, &facts, on)) {
            for (a, b) in a.into_iter().zip(b) {
                prop_assert!(a <= b, "{}: {:?} > {:?}", code, a, b);
            }
        }
    }

    #[test]
    fn an_overdue_limit_stays_overdue_through_a_pause(code in any_law(), on in any_day(), late in 1u64..40, stood in 1u64..60) {
        let j = law(code);
        for clock in clocks(j, &received(on), on) {
            let Some(due_on) = clock.due_on.filter(|_| !clock.ours) else { continue };
            let from = due_on + Days::new(late);
            let facts = Facts {
                events: vec![
                    (EventKind::Paused { ground: None }, from),
                    (EventKind::Resumed, from + Days::new(stood)),
                ],
                ..received(on)
            };
            let after = clocks(j, &facts, from + Days::new(stood));
            let after = after.iter().find(|now| now.id == clock.id).expect("the same clock");
            prop_assert_eq!(after.due_on, Some(due_on), "{} {}", code, clock.id);
        }
    }
}
