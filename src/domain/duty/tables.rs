//! Tables of dates, each row citing the law it follows. Days were counted by hand on a wall calendar.
//! Over 500 lines because the rows are one list that is read through by people who know the laws.

use std::sync::OnceLock;

use chrono::NaiveDate;

use super::*;
use crate::law::{Jurisdiction, Kind, Library};

pub(super) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::embedded().expect("sound law files"))
}

pub(super) fn law(code: &str) -> &'static Jurisdiction {
    library()
        .get(&code.parse().expect("a code"))
        .expect("a jurisdiction")
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn event(text: &str) -> (EventKind, NaiveDate) {
    let (word, on) = text.split_once('=').expect("kind=day");
    match on.split_once(':') {
        Some((on, to)) => (
            EventKind::Extended {
                to: Some(day(to)),
                noticed: None,
            },
            day(on),
        ),
        None => (EventKind::parse(word).expect(word), day(on)),
    }
}

fn facts(received: &str, events: &[&str]) -> Facts {
    Facts {
        received_on: Some(day(received)),
        events: events.iter().map(|text| event(text)).collect(),
        ..Facts::default()
    }
}

fn clock(code: &str, facts: &Facts, id: &str, as_of: &str) -> DutyClock {
    clocks(law(code), facts, day(as_of))
        .into_iter()
        .find(|clock| clock.id == id)
        .unwrap_or_else(|| panic!("{code} has a duty {id}"))
}

/// Far enough for every deadline of the tables, before silence matters to none.
const LATER: &str = "2099-01-01";

#[test]
fn limits_from_receipt() {
    for (code, received, id, due, law) in [
        // RCW 42.56.520(1): five business days; Monday 19 January 2026 is Martin Luther King Jr. Day.
        (
            "WA",
            "2026-01-16",
            "acknowledge",
            "2026-01-26",
            "RCW 42.56.520(1)",
        ),
        // Independence Day 2026 is a Saturday, kept on Friday 3 July (RCW 1.16.050).
        (
            "WA",
            "2026-07-01",
            "acknowledge",
            "2026-07-09",
            "RCW 42.56.520(1)",
        ),
        // Over the end of the year: Christmas and New Year's Day are skipped, 31 December counts.
        (
            "WA",
            "2026-12-23",
            "acknowledge",
            "2026-12-31",
            "RCW 42.56.520(1)",
        ),
        (
            "WA",
            "2026-12-24",
            "acknowledge",
            "2027-01-04",
            "RCW 42.56.520(1)",
        ),
        // A leap day is a business day like another: 29 February 2028 is a Tuesday.
        (
            "WA",
            "2028-02-25",
            "acknowledge",
            "2028-03-03",
            "RCW 42.56.520(1)",
        ),
        // The Friday after Thanksgiving is a holiday in Washington.
        (
            "WA",
            "2026-11-23",
            "acknowledge",
            "2026-12-02",
            "RCW 42.56.520(1)",
        ),
        // Received on a Saturday: the next business day is day zero, which is Tuesday after the King holiday.
        (
            "WA",
            "2026-01-17",
            "acknowledge",
            "2026-01-27",
            "RCW 42.56.520(1)",
        ),
        (
            "WA",
            "2026-02-07",
            "acknowledge",
            "2026-02-17",
            "RCW 42.56.520(1)",
        ),
        // 5 ILCS 140/3(d): five business days; Lincoln's Birthday is a state holiday.
        (
            "IL",
            "2026-02-09",
            "produce",
            "2026-02-18",
            "5 ILCS 140/3(d)",
        ),
        // Cal. Gov. Code § 7922.535(a): ten calendar days.
        (
            "CA",
            "2026-01-05",
            "determine",
            "2026-01-15",
            "Cal. Gov. Code § 7922.535(a)",
        ),
        // A tenth day on a Sunday moves to Monday; here on Saturday 4 July to Monday 6 July.
        (
            "CA",
            "2026-06-24",
            "determine",
            "2026-07-06",
            "Cal. Code Civ. Proc. § 12a",
        ),
        // Cesar Chavez Day, Tuesday 31 March 2026, closes state offices.
        (
            "CA",
            "2026-03-21",
            "determine",
            "2026-04-01",
            "Cal. Gov. Code § 6700",
        ),
        // N.Y. Pub. Off. Law sec. 89(3)(a): five business days; Election Day every November.
        (
            "NY",
            "2026-10-28",
            "acknowledge",
            "2026-11-05",
            "N.Y. Gen. Constr. Law sec. 24",
        ),
        // Tex. Gov't Code § 552.301(b): ten business days; San Jacinto Day is 21 April.
        (
            "TX",
            "2026-04-13",
            "determine",
            "2026-04-28",
            "Tex. Gov't Code § 552.0031",
        ),
        (
            "TX",
            "2026-04-13",
            "seek-ruling",
            "2026-04-28",
            "Tex. Gov't Code § 552.301(b)",
        ),
        // ORS 192.329(5): ten business days after the acknowledgment was due.
        (
            "OR",
            "2026-03-02",
            "acknowledge",
            "2026-03-09",
            "ORS 192.324(2)",
        ),
        (
            "OR",
            "2026-03-02",
            "produce",
            "2026-03-23",
            "ORS 192.329(5)",
        ),
        // Md. Gen. Prov. 4-203: thirty calendar days.
        (
            "MD",
            "2026-03-02",
            "determine",
            "2026-04-01",
            "Md. Code, Gen. Prov. sec. 4-203(a)-(b)",
        ),
        // La. R.S. 1:55: Mardi Gras is Tuesday 17 February 2026; Monday is Presidents' Day, a legal holiday on which
        // offices may be open, so that the latest reading leaves it out too.
        (
            "LA",
            "2026-02-12",
            "determine",
            "2026-02-23",
            "La. R.S. 44:35(A)",
        ),
        // R.I.: Victory Day is the second Monday of August.
        (
            "RI",
            "2026-08-03",
            "produce",
            "2026-08-18",
            "R.I. Gen. Laws § 25-1-1",
        ),
        // 5 U.S.C. § 552(a)(6)(A)(i): twenty working days over Columbus Day and Veterans Day.
        (
            "US",
            "2026-10-05",
            "determine",
            "2026-11-03",
            "5 U.S.C. § 552(a)(6)(A)(i)",
        ),
        // Ala. Code § 36-12-44(a)(3): the printed section says days, summaries say business days; the later binds us.
        (
            "AL",
            "2026-03-02",
            "acknowledge",
            "2026-03-16",
            "Ala. Code § 36-12-44(a)(3)",
        ),
        // D.C. Code § 1-612.02: Emancipation Day, 16 April.
        (
            "DC",
            "2026-04-01",
            "determine",
            "2026-04-23",
            "D.C. Code § 2-532(c)",
        ),
    ] {
        let clock = clock(code, &facts(received, &[]), id, received);
        assert_eq!(
            clock.due_on,
            Some(day(due)),
            "{code} {id} received {received} ({law}): {:#?}",
            clock.trace
        );
        assert_eq!(
            clock.trace.last().map(|step| step.day),
            clock.due_on,
            "{code} {id}"
        );
    }
}

#[test]
fn weekend_receipt_has_two_readings_and_the_agency_gets_the_later() {
    let clock = clock("WA", &facts("2026-02-07", &[]), "acknowledge", "2026-02-07");
    // Saturday as day zero gives Friday the 13th; Monday as day zero Tuesday, since the 16th is Presidents' Day.
    assert_eq!(clock.earliest_on, Some(day("2026-02-13")));
    assert_eq!(clock.latest_on, Some(day("2026-02-17")));
    assert_eq!(clock.due_on, clock.latest_on);
    assert!(
        clock
            .notes
            .iter()
            .any(|note| note.contains("called late only after the latest"))
    );
}

#[test]
fn laws_without_a_number_answer_none_fixed() {
    for (code, id, kind) in [
        ("FL", "acknowledge", Kind::Prompt),
        ("FL", "produce", Kind::Reasonable),
        ("IA", "produce", Kind::Reasonable),
        ("ND", "produce", Kind::Reasonable),
        ("OH", "produce", Kind::Prompt),
        ("NC", "produce", Kind::Prompt),
        ("WI", "determine", Kind::Prompt),
        ("MN", "produce", Kind::Prompt),
        ("OK", "produce", Kind::Prompt),
    ] {
        let clock = clock(code, &facts("2026-01-16", &[]), id, LATER);
        assert_eq!(
            (clock.kind, clock.due_on, clock.days),
            (kind, None, None),
            "{code}"
        );
        assert_eq!(clock.state, ClockState::NoneFixed);
        assert_eq!(clock.days_late, None);
        assert!(clock.sentence.contains("none fixed"), "{}", clock.sentence);
    }
}

#[test]
fn more_time_as_far_as_the_law_allows() {
    for (code, received, events, id, due, beyond, law) in [
        // Fourteen more calendar days.
        (
            "CA",
            "2026-01-05",
            &["extended=2026-01-14"][..],
            "determine",
            "2026-01-29",
            false,
            "§ 7922.535(b)",
        ),
        // An earlier date that the agency named binds it.
        (
            "CA",
            "2026-01-05",
            &["extended=2026-01-14:2026-01-20"],
            "determine",
            "2026-01-20",
            false,
            "§ 7922.535(b)",
        ),
        // A later one than the law allows does not.
        (
            "CA",
            "2026-01-05",
            &["extended=2026-01-14:2026-03-02"],
            "determine",
            "2026-01-29",
            true,
            "§ 7922.535(b)",
        ),
        // Taken after the limit had passed: what was late stays late.
        (
            "CA",
            "2026-01-05",
            &["extended=2026-01-16:2026-01-20"],
            "determine",
            "2026-01-15",
            true,
            "§ 7922.535(b)",
        ),
        // Only once.
        (
            "CA",
            "2026-01-05",
            &["extended=2026-01-14", "extended=2026-01-28"],
            "determine",
            "2026-01-29",
            true,
            "§ 7922.535(b)",
        ),
        // Five more business days.
        (
            "IL",
            "2026-02-09",
            &["extended=2026-02-17"],
            "produce",
            "2026-02-25",
            false,
            "5 ILCS 140/3(e)",
        ),
        // Vermont: ten business days from receipt in all (Town Meeting Day is 3 March 2026).
        (
            "VT",
            "2026-02-23",
            &["extended=2026-02-25"],
            "produce",
            "2026-03-10",
            false,
            "1 V.S.A. § 318(b)(5)",
        ),
        // Pennsylvania: thirty calendar days after the five business days.
        (
            "PA",
            "2026-03-02",
            &["extended=2026-03-06"],
            "determine",
            "2026-04-08",
            false,
            "65 P.S. § 67.902",
        ),
        // Washington: a reasonable estimate, to the date that the agency names.
        (
            "WA",
            "2026-01-16",
            &["extended=2026-01-22:2026-02-20"],
            "acknowledge",
            "2026-02-20",
            false,
            "RCW 42.56.520(1)(c)",
        ),
        // Connecticut names no extension.
        (
            "CT",
            "2026-03-02",
            &["extended=2026-03-05:2026-04-01"],
            "determine",
            "2026-03-06",
            true,
            "§ 1-206(a)",
        ),
    ] {
        let clock = clock(code, &facts(received, events), id, "2026-12-01");
        assert_eq!(
            clock.due_on,
            Some(day(due)),
            "{code} {events:?} ({law}): {:#?}",
            clock.trace
        );
        let more = clock.more_time.expect("time was taken");
        assert_eq!(more.beyond_law, beyond, "{code} {events:?}");
    }
}

#[test]
fn alabama_extends_again_and_again() {
    let events = [
        "acknowledged=2026-03-02",
        "extended=2026-03-20",
        "extended=2026-04-10",
    ];
    let clock = clock("AL", &facts("2026-02-26", &events), "produce", "2026-04-11");
    // Fifteen business days to 23 March, fifteen to 13 April, fifteen more past Confederate Memorial Day (27 April).
    assert_eq!(clock.due_on, Some(day("2026-05-05")));
}

#[test]
fn other_starts() {
    for (code, received, events, id, due, law) in [
        // Twenty business days from the acknowledgment (Memorial Day, 25 May).
        (
            "NY",
            "2026-05-04",
            &["acknowledged=2026-05-08"][..],
            "produce",
            Some("2026-06-08"),
            "sec. 89(3)(a)",
        ),
        // Not acknowledged: not started.
        ("NY", "2026-05-04", &[], "produce", None, "sec. 89(3)(a)"),
        // Thirty calendar days from the determination; the thirtieth is a Saturday.
        (
            "SC",
            "2026-03-02",
            &["determined=2026-03-12"],
            "produce",
            Some("2026-04-13"),
            "S.C. Code § 30-4-30(C)",
        ),
        // Counted from payment where a deposit is asked.
        (
            "SC",
            "2026-03-02",
            &["determined=2026-03-12", "paid=2026-03-20"],
            "produce",
            Some("2026-04-20"),
            "§ 30-4-30(C)",
        ),
        // The appeal of a denial: thirty days in New York, fifteen business days in Pennsylvania.
        (
            "NY",
            "2026-05-04",
            &["denied=2026-05-11"],
            "appeal",
            Some("2026-06-10"),
            "sec. 89(4)(a)",
        ),
        (
            "PA",
            "2026-03-02",
            &["denied=2026-03-09"],
            "appeal",
            Some("2026-03-30"),
            "65 P.S. § 67.1101",
        ),
        // Sixty days for the Public Access Counselor.
        (
            "IL",
            "2026-02-09",
            &["denied=2026-02-17"],
            "appeal",
            Some("2026-04-20"),
            "5 ILCS 140/9.5(a)",
        ),
        // Then the decision: ten business days after the appeal.
        (
            "NY",
            "2026-05-04",
            &["denied=2026-05-11", "appealed=2026-05-26"],
            "decide-appeal",
            Some("2026-06-09"),
            "sec. 89(4)(a)",
        ),
        // Four months after the appeal fails.
        (
            "NY",
            "2026-05-04",
            &[
                "denied=2026-05-11",
                "appealed=2026-05-26",
                "appeal_decided=2026-05-29",
            ],
            "sue",
            Some("2026-09-29"),
            "CPLR 217",
        ),
        // The Attorney General of Texas has 45 business days from the body's request, and may take ten more; both
        // optional holidays of September fall on working days.
        (
            "TX",
            "2026-06-22",
            &["ruling_requested=2026-07-01"],
            "decide-ruling",
            Some("2026-09-22"),
            "§ 552.306",
        ),
        // Washington: one year from the last instalment.
        (
            "WA",
            "2026-01-16",
            &["produced=2026-02-02"],
            "sue",
            Some("2027-02-02"),
            "RCW 42.56.550",
        ),
    ] {
        let clock = clock(code, &facts(received, events), id, "2026-12-01");
        assert_eq!(
            clock.due_on,
            due.map(day),
            "{code} {id} {events:?} ({law}): {:#?}",
            clock.trace
        );
    }
}

#[test]
fn our_own_limit_takes_the_earliest_reading() {
    // 2 AAC 96.340: sixty days, remembered as working days.
    let alaska = clock(
        "AK",
        &facts("2026-01-05", &["denied=2026-01-16"]),
        "appeal",
        "2026-01-20",
    );
    assert!(alaska.ours);
    assert_eq!(alaska.due_on, Some(day("2026-03-17")));
    assert_eq!(alaska.earliest_on, alaska.due_on);
    assert!(alaska.latest_on > alaska.due_on);
    // S.D.: one guide says thirty days, the statute ninety.
    let dakota = clock(
        "SD",
        &facts("2026-01-05", &["denied=2026-01-16"]),
        "appeal",
        "2026-01-20",
    );
    // The thirtieth day is a Sunday and the next Monday Presidents' Day: the civil rules move it, and both are sure.
    assert_eq!(dakota.due_on, Some(day("2026-02-17")));
    assert!(dakota.latest_on > dakota.due_on);
}

#[test]
fn holders_have_their_own_limits() {
    let ids = |code: &str, holder| {
        let facts = Facts {
            holder,
            ..facts("2026-03-02", &[])
        };
        clocks(law(code), &facts, day("2026-03-02"))
            .into_iter()
            .filter(|clock| !clock.ours && clock.duty != "decide_appeal")
            .map(|clock| (clock.id, clock.due_on.map(|day| day.to_string())))
            .collect::<Vec<_>>()
    };
    let some = |id: &str, due: &str| (id.to_owned(), Some(due.to_owned()));
    assert_eq!(
        ids("MA", HolderKind::StateAgency),
        [
            some("determine", "2026-03-16"),
            some("produce", "2026-03-23")
        ]
    );
    assert_eq!(
        ids("MA", HolderKind::Municipality),
        [
            some("determine", "2026-03-16"),
            some("produce-municipality", "2026-04-06")
        ]
    );
    assert_eq!(
        ids("MT", HolderKind::Sheriff),
        [("produce".to_owned(), None)]
    );
    assert_eq!(
        ids("MT", HolderKind::StateAgency),
        [
            some("acknowledge", "2026-03-09"),
            some("determine", "2026-06-08")
        ]
    );
    assert_eq!(
        ids("AK", HolderKind::StateAgency),
        [some("produce", "2026-03-16")]
    );
    assert_eq!(
        ids("AK", HolderKind::Municipality),
        [("produce-local".to_owned(), None)]
    );
    // Not stated: both, each saying for whom.
    let both = clocks(law("MA"), &facts("2026-03-02", &[]), day("2026-03-02"));
    let applies: Vec<_> = both
        .iter()
        .filter_map(|clock| clock.applies.as_deref())
        .collect();
    assert_eq!(applies.len(), 2);
    assert!(applies.iter().any(|text| text.contains("a municipality")));
}

#[test]
fn conditions_choose_the_rule() {
    for (code, condition, base, other, due) in [
        (
            "IL",
            "commercial",
            "produce",
            "produce-commercial",
            "2026-03-31",
        ),
        (
            "CT",
            "personnel_file",
            "determine",
            "determine-personnel",
            "2026-03-16",
        ),
        (
            "DC",
            "body_camera",
            "determine",
            "determine-body-camera",
            "2026-04-06",
        ),
        (
            "IN",
            "in_person",
            "acknowledge",
            "acknowledge-in-person",
            "2026-03-03",
        ),
        (
            "NJ",
            "commercial",
            "determine",
            "determine-commercial",
            "2026-03-20",
        ),
        (
            "ID",
            "non_resident",
            "determine",
            "determine-non-resident",
            "2026-03-23",
        ),
    ] {
        let plain = facts("2026-03-02", &[]);
        let mut special = plain.clone();
        special.conditions.insert(condition.to_owned());
        let has = |facts: &Facts, id: &str| {
            clocks(law(code), facts, day("2026-03-02"))
                .into_iter()
                .find(|clock| clock.id == id)
        };
        assert!(
            has(&plain, base).is_some() && has(&plain, other).is_none(),
            "{code}"
        );
        assert!(has(&special, base).is_none(), "{code}");
        let clock = has(&special, other).expect(other);
        assert_eq!(clock.due_on, Some(day(due)), "{code}");
        assert!(
            clock.applies.expect("a condition").starts_with("where "),
            "{code}"
        );
    }
}

#[test]
fn pauses_keep_the_days_that_were_left() {
    // Va. Code § 2.2-3704: a deposit stops the clock. Five working days from Monday 2 March end on the 9th.
    let running = clock("VA", &facts("2026-03-02", &[]), "determine", "2026-03-04");
    assert_eq!(running.due_on, Some(day("2026-03-09")));
    let stopped = clock(
        "VA",
        &facts("2026-03-02", &["paused=2026-03-04"]),
        "determine",
        "2026-03-20",
    );
    assert_eq!((stopped.state, stopped.due_on), (ClockState::Paused, None));
    // Two days were used, three are left after Monday 23 March.
    let events = ["paused=2026-03-04", "resumed=2026-03-23"];
    let resumed = clock(
        "VA",
        &facts("2026-03-02", &events),
        "determine",
        "2026-03-24",
    );
    assert_eq!(resumed.due_on, Some(day("2026-03-26")));
    assert_eq!(resumed.trace.iter().filter(|step| step.counted).count(), 5);
    // Paused when it was overdue: it stays overdue.
    let events = ["paused=2026-03-11", "resumed=2026-03-23"];
    let overdue = clock(
        "VA",
        &facts("2026-03-02", &events),
        "determine",
        "2026-03-24",
    );
    assert_eq!(
        (overdue.state, overdue.due_on),
        (ClockState::Late, Some(day("2026-03-09")))
    );
    // Washington's file names no pause.
    let events = ["paused=2026-01-20", "resumed=2026-02-20"];
    let washington = clock(
        "WA",
        &facts("2026-01-16", &events),
        "acknowledge",
        "2026-02-20",
    );
    assert_eq!(washington.due_on, Some(day("2026-01-26")));
    assert!(
        washington
            .notes
            .iter()
            .any(|note| note.contains("no ground that stops"))
    );
    // D.C.: a request needing more detail counts as received when the detail arrives.
    let events = ["paused=2026-03-04", "resumed=2026-03-23"];
    let district = clock(
        "DC",
        &facts("2026-03-02", &events),
        "determine",
        "2026-03-24",
    );
    assert_eq!(district.due_on, Some(day("2026-04-13")));
}

#[test]
fn late_is_counted_in_the_laws_unit_from_the_day_after() {
    let on = |as_of: &str, events: &[&str]| {
        clock("WA", &facts("2026-01-16", events), "acknowledge", as_of)
    };
    let due = on("2026-01-26", &[]);
    assert_eq!((due.state, due.days_late), (ClockState::Running, None));
    assert!(
        due.sentence.ends_with("by Monday 26 January 2026, today."),
        "{}",
        due.sentence
    );
    let running = on("2026-01-21", &[]);
    assert_eq!(
        running.sentence,
        "The agency must acknowledge the request by Monday 26 January 2026, in 3 business days."
    );
    let late = on("2026-02-02", &[]);
    assert_eq!((late.state, late.days_late), (ClockState::Late, Some(5)));
    let met = on("2026-02-20", &["acknowledged=2026-01-23"]);
    assert_eq!(
        (met.state, met.days_late, met.met_on),
        (ClockState::Met, None, Some(day("2026-01-23")))
    );
    let met_late = on("2026-02-20", &["produced=2026-01-27"]);
    assert_eq!(
        (met_late.state, met_late.days_late),
        (ClockState::Met, Some(1))
    );
    let closed = on("2026-03-20", &["closed=2026-01-28"]);
    assert_eq!(
        (closed.state, closed.days_late),
        (ClockState::Closed, Some(2))
    );
    // Calendar days in California.
    let california = clock("CA", &facts("2026-01-05", &[]), "determine", "2026-01-19");
    assert_eq!(california.days_late, Some(4));
}

#[test]
fn silence_opens_our_own_time() {
    // N.J.A.C. 5:105-2.1: sixty days from the end of the seven business days.
    let silent = clock("NJ", &facts("2026-03-02", &[]), "appeal", "2026-03-20");
    assert_eq!(silent.counted_from, Some(day("2026-03-11")));
    assert_eq!(silent.due_on, Some(day("2026-05-11")));
    assert!(
        silent
            .notes
            .iter()
            .any(|note| note.contains("silence opens this way"))
    );
    // Not while the agency still has time.
    let early = clock("NJ", &facts("2026-03-02", &[]), "appeal", "2026-03-11");
    assert_eq!((early.state, early.due_on), (ClockState::NotStarted, None));
    // Idaho: silence is a denial on the tenth working day, not on the third.
    let idaho = clock("ID", &facts("2026-03-02", &[]), "sue", "2026-03-10");
    assert_eq!(idaho.state, ClockState::NotStarted);
    let idaho = clock("ID", &facts("2026-03-02", &[]), "sue", "2026-03-17");
    assert_eq!(idaho.counted_from, Some(day("2026-03-16")));
    // Alabama: the earlier of thirty business and sixty calendar days from the acknowledgment.
    let alabama = clock(
        "AL",
        &facts("2026-03-02", &["acknowledged=2026-03-09"]),
        "produce",
        "2026-03-10",
    );
    assert_eq!(
        alabama.silence.expect("silence").from_on,
        Some(day("2026-04-20"))
    );
    // South Carolina: silence is approval.
    let carolina = clock("SC", &facts("2026-03-02", &[]), "determine", "2026-03-20");
    assert_eq!(carolina.silence.expect("silence").means, "approval");
}

#[test]
fn business_days_and_deemed_receipt() {
    let calendar = law("WA").calendar();
    assert_eq!(
        next_business_day_before(calendar, day("2026-01-20"), 1),
        day("2026-01-16")
    );
    assert_eq!(
        next_business_day_after(calendar, day("2026-01-16"), 1),
        day("2026-01-20")
    );
    // MCL 15.235: one business day after sending. Texas: the third business day after the postmark.
    assert_eq!(
        deemed_received_on(law("MI"), "email", day("2026-01-16")),
        Some(day("2026-01-20"))
    );
    assert_eq!(
        deemed_received_on(law("TX"), "mail", day("2026-04-20")),
        Some(day("2026-04-24"))
    );
    assert_eq!(
        deemed_received_on(law("WA"), "email", day("2026-01-16")),
        None
    );
}

#[test]
fn nothing_runs_before_receipt() {
    let unknown = Facts {
        events: vec![event("sent=2026-01-16")],
        ..Facts::default()
    };
    for jurisdiction in library().all() {
        for clock in clocks(jurisdiction, &unknown, day("2026-06-01")) {
            assert_eq!(
                clock.state,
                ClockState::NotStarted,
                "{} {}",
                jurisdiction.code,
                clock.id
            );
            assert_eq!(clock.due_on, None);
        }
    }
}
