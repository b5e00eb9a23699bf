//! A table for each kind of rule that the law files can say, each row citing the law it follows. Days were counted by
//! hand on a wall calendar.

use super::tables::{day, law};
use super::*;
use crate::law::{Correction, Library};

fn facts(received: &str, events: &[&str]) -> Facts {
    Facts {
        received_on: Some(day(received)),
        events: events
            .iter()
            .map(|text| EventKind::read(text).expect(text))
            .collect(),
        ..Facts::default()
    }
}

fn clock(code: &str, facts: &Facts, id: &str, as_of: &str) -> DutyClock {
    clocks(law(code), facts, day(as_of))
        .into_iter()
        .find(|clock| clock.id == id)
        .unwrap_or_else(|| panic!("{code} has a duty {id}"))
}

#[test]
fn the_formal_request_starts_south_dakotas_ten_days() {
    // SDCL 1-27-37: the informal request has no limit, the formal one ten business days.
    let asked = facts("2026-03-02", &["formal_request=2026-03-09"]);
    let clock = clock("SD", &asked, "acknowledge", "2026-03-10");
    assert_eq!(clock.due_on, Some(day("2026-03-23")));
    assert_eq!(clock.counted_from, Some(day("2026-03-09")));
}

#[test]
fn a_clock_stops_on_the_grounds_of_its_law_and_as_often_as_it_says() {
    for (code, id, received, events, due, law) in [
        // 5 U.S.C. 552(a)(6)(A)(ii): once for a clarification. Twenty business days from Monday 2 March end on the
        // 30th; the question stood open for three business days.
        (
            "US",
            "determine",
            "2026-03-02",
            &[
                "clarification_asked=2026-03-09",
                "clarification_answered=2026-03-12",
            ][..],
            "2026-04-02",
            "once",
        ),
        (
            "US",
            "determine",
            "2026-03-02",
            &[
                "clarification_asked=2026-03-09",
                "clarification_answered=2026-03-12",
                "clarification_asked=2026-03-16",
                "clarification_answered=2026-03-20",
            ],
            "2026-04-02",
            "a second question does not stop it",
        ),
        (
            "US",
            "determine",
            "2026-03-02",
            &["paused=2026-03-09:third_party", "resumed=2026-03-12"],
            "2026-03-30",
            "no third party stops it",
        ),
        // Where a question and a fee overlap it is one standstill: 9 to 18 March, seven business days.
        (
            "US",
            "determine",
            "2026-03-02",
            &[
                "clarification_asked=2026-03-09",
                "fee_asked=2026-03-11",
                "clarification_answered=2026-03-12",
                "paid=2026-03-18",
            ],
            "2026-04-08",
            "one standstill",
        ),
        // Va. Code § 2.2-3704(H): a deposit stops the five working days; the three that were left run on.
        (
            "VA",
            "determine",
            "2026-03-02",
            &["fee_asked=2026-03-04", "paid=2026-03-18"],
            "2026-03-23",
            "a deposit",
        ),
        // Tex. Gov't Code § 552.263(e): the request counts as received anew when the deposit is paid.
        (
            "TX",
            "determine",
            "2026-03-09",
            &["fee_asked=2026-03-11", "paid=2026-03-18"],
            "2026-04-01",
            "afresh",
        ),
    ] {
        let clock = clock(code, &facts(received, events), id, "2026-03-25");
        assert_eq!(
            clock.due_on,
            Some(day(due)),
            "{code}: {law}: {:#?}",
            clock.trace
        );
    }
}

#[test]
fn silence_that_is_a_violation_opens_our_time_where_the_law_counts_it() {
    // 950 CMR 32.08(1)(d): ninety days from the request itself, here its sending on 27 February.
    let silent = facts("2026-03-02", &["sent=2026-02-27"]);
    let ours = clock("MA", &silent, "appeal", "2026-04-20");
    assert_eq!(ours.due_on, Some(day("2026-05-28")));
    // While the agency may still answer, nothing of ours runs.
    let early = clock("MA", &silent, "appeal", "2026-03-10");
    assert_eq!(early.state, ClockState::NotStarted);
    // 29 Del. C. § 10003(h), § 10005: fifteen business days end on 23 March, sixty days later it is 22 May.
    let ours = clock("DE", &facts("2026-03-02", &[]), "appeal", "2026-04-20");
    assert_eq!(ours.due_on, Some(day("2026-05-22")));
}

#[test]
fn what_comes_after_hours_is_received_as_the_law_says() {
    // Friday 16 January 2026; Monday is Martin Luther King Jr. Day.
    let late = |code: &str, holder| Facts {
        after_hours: true,
        holder,
        ..facts(
            if code == "CO" {
                "2026-01-16"
            } else {
                "2026-03-06"
            },
            &[],
        )
    };
    // Colorado does not say: three working days from Friday, or from Tuesday.
    let colorado = clock(
        "CO",
        &late("CO", HolderKind::Unstated),
        "produce",
        "2026-01-17",
    );
    assert_eq!(colorado.earliest_on, Some(day("2026-01-22")));
    assert_eq!(colorado.due_on, Some(day("2026-01-23")));
    // Alaska takes the next working day: ten working days from Monday 9 March.
    let alaska = clock(
        "AK",
        &late("AK", HolderKind::StateAgency),
        "produce",
        "2026-03-07",
    );
    assert_eq!(alaska.due_on, Some(day("2026-03-23")));
    assert!(alaska.notes.iter().any(|note| note.contains("after hours")));
}

#[test]
fn the_law_dates_the_receipt_from_the_sending_where_it_says_so() {
    // MCL 15.235(1): an e-mail of Friday 16 January 2026 counts as received one business day later, Tuesday the 20th
    // (Monday is Martin Luther King Jr. Day); five business days end on the 27th.
    let sent = |received: &str, proved| Facts {
        sent_by: Some("email".to_owned()),
        receipt_proved: proved,
        ..facts(received, &["sent=2026-01-16"])
    };
    for proved in [false, true] {
        let michigan = clock("MI", &sent("2026-01-16", proved), "determine", "2026-01-17");
        assert_eq!(michigan.due_on, Some(day("2026-01-27")), "{proved}");
        assert!(
            michigan
                .notes
                .iter()
                .any(|note| note.contains("Tuesday 20 January 2026"))
        );
    }
    // Found in a spam filter on the 22nd: the latest reading counts from there.
    let found = clock("MI", &sent("2026-01-22", true), "determine", "2026-01-23");
    assert_eq!(found.due_on, Some(day("2026-01-29")));
    assert_eq!(found.earliest_on, Some(day("2026-01-27")));
    // Tex. Gov't Code § 552.301(a-1): the third business day after the postmark, where nothing proves the day.
    let mailed = |proved| Facts {
        sent_by: Some("mail".to_owned()),
        receipt_proved: proved,
        ..facts("2026-03-03", &["sent=2026-03-03"])
    };
    let presumed = clock("TX", &mailed(false), "seek-ruling", "2026-03-04");
    assert_eq!(presumed.counted_from, Some(day("2026-03-06")));
    let proved = clock("TX", &mailed(true), "seek-ruling", "2026-03-04");
    assert_eq!(proved.counted_from, Some(day("2026-03-03")));
    // La. R.S. 44:35(A) counts from the sending.
    let louisiana = clock(
        "LA",
        &facts("2026-03-10", &["sent=2026-03-09"]),
        "determine",
        "2026-03-11",
    );
    assert_eq!(louisiana.earliest_on, Some(day("2026-03-16")));
}

#[test]
fn a_county_keeps_its_own_holidays_and_a_body_its_own_closed_days() {
    // Ala. Code § 1-3-8: Mardi Gras, Tuesday 17 February 2026, in Mobile and Baldwin counties.
    for (county, due) in [
        (Some("Mobile"), "2026-03-04"),
        (Some("Jefferson"), "2026-03-03"),
        (None, "2026-03-04"),
    ] {
        let asked = Facts {
            county: county.map(str::to_owned),
            ..facts("2026-02-02", &["acknowledged=2026-02-09"])
        };
        let clock = clock("AL", &asked, "produce", "2026-02-10");
        assert_eq!(clock.due_on, Some(day(due)), "{county:?}");
    }
    let mut asked = facts("2026-01-16", &[]);
    asked
        .closed
        .insert(day("2026-01-21"), "Closed for a move".to_owned());
    let clock = clock("WA", &asked, "acknowledge", "2026-01-17");
    assert_eq!(clock.due_on, Some(day("2026-01-27")));
    assert!(
        clock
            .trace
            .iter()
            .any(|step| step.why == "Closed for a move")
    );
}

#[test]
fn more_time_without_the_notice_that_the_law_asks_for_moves_nothing() {
    // Cal. Gov. Code § 7922.535: ten days, and up to fourteen more by written notice.
    for (event, due, noted) in [
        (
            "extended=2026-03-10:2026-03-26:noticed",
            "2026-03-26",
            false,
        ),
        (
            "extended=2026-03-10:2026-03-26:unnoticed",
            "2026-03-12",
            true,
        ),
        (
            "extended=2026-03-10:2026-04-10:noticed",
            "2026-03-26",
            false,
        ),
    ] {
        let clock = clock(
            "CA",
            &facts("2026-03-02", &[event]),
            "determine",
            "2026-03-11",
        );
        assert_eq!(clock.due_on, Some(day(due)), "{event}");
        let said = clock
            .notes
            .iter()
            .any(|note| note.contains("none was seen"));
        assert_eq!(said, noted, "{event}: {:?}", clock.notes);
    }
}

#[test]
fn a_request_keeps_the_rule_of_its_day() {
    // KRS 61.880(1): five business days since 29 June 2021, three before the emergency of 2020.
    for (received, due) in [("2019-03-04", "2019-03-07"), ("2026-03-02", "2026-03-09")] {
        let clock = clock("KY", &facts(received, &[]), "determine", received);
        assert_eq!(clock.due_on, Some(day(due)), "{received}");
    }
}

#[test]
fn a_range_is_late_only_after_its_far_end() {
    let text = r#"
[[duty]]
id = "acknowledge"
who = "agency"
do = "acknowledge"
kind = "fixed"
days = 5
days_to = 10
unit = "business"
from = ["receipt"]
citation = "an invented section"
confidence = "one_source"
topic = "response"
says = "Within five to ten business days."
"#;
    let corrected = Library::embedded().expect("sound").corrected(&[Correction {
        code: "WA".parse().expect("a code"),
        text: text.to_owned(),
    }]);
    let library = corrected.expect("a sound correction");
    let law = library.get(&"WA".parse().expect("a code")).expect("a law");
    // Monday 2 March 2026: five end on the 9th, ten on the 16th.
    let clock = clocks(law, &facts("2026-03-02", &[]), day("2026-03-10")).remove(0);
    assert_eq!(clock.earliest_on, Some(day("2026-03-09")));
    assert_eq!(clock.due_on, Some(day("2026-03-16")));
    assert_eq!(clock.state, ClockState::Running);
    assert_eq!(law.duties[0].limit_plain(), "5 to 10 business days");
}

#[test]
fn the_second_step_counts_from_the_second_appeal() {
    // Utah Code 63G-2-401 and 63G-2-402: the officer decides in ten business days, then thirty days to the Director.
    let events = [
        "denied=2026-03-09",
        "appealed=2026-03-16",
        "appeal_decided=2026-03-20",
    ];
    let ours = clock(
        "UT",
        &facts("2026-03-02", &events),
        "appeal-director",
        "2026-03-23",
    );
    // The thirtieth day, 19 April, is a Sunday.
    assert_eq!(ours.due_on, Some(day("2026-04-20")));
    let filing = ours.filing.expect("where to file");
    assert!(filing.ways.iter().all(|way| way.step == 2));
    // The second appeal does not start the officer's time anew.
    let again = [events[0], events[1], events[2], "appealed=2026-04-10"];
    let officer = clock(
        "UT",
        &facts("2026-03-02", &again),
        "decide-appeal",
        "2026-04-20",
    );
    assert_eq!(officer.state, ClockState::Met);
}

#[test]
fn what_must_be_filed_is_said_with_our_own_limit() {
    let clock = clock(
        "PA",
        &facts("2026-03-02", &["denied=2026-03-09"]),
        "appeal",
        "2026-03-10",
    );
    let filing = clock.filing.expect("where to file");
    assert!(
        filing
            .ways
            .iter()
            .any(|way| way.body.contains("Open Records")),
        "{filing:?}"
    );
    let agency = super::clocks(law("PA"), &facts("2026-03-02", &[]), day("2026-03-03")).remove(0);
    assert_eq!(agency.filing, None);
}
