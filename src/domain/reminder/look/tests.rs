//! Who hears what on which day, as a table; and when a request is looked at again.

use super::*;
use crate::domain::duty::Facts;
use crate::domain::ids::{LetterId, MessageId};
use crate::domain::reminder::{OwnReminder, Task};
use crate::law::{Code, Library};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

struct People {
    owner: UserId,
    backup: UserId,
    counsel: UserId,
    members: Vec<(UserId, Role)>,
}

fn people() -> People {
    let (owner, backup, counsel, team) =
        (UserId::new(), UserId::new(), UserId::new(), UserId::new());
    People {
        owner,
        backup,
        counsel,
        members: vec![
            (owner, Role::Researcher),
            (backup, Role::Researcher),
            (counsel, Role::Counsel),
            (team, Role::Team),
        ],
    }
}

fn open() -> OpenDays {
    let library = Library::embedded().expect("sound law files");
    let code: Code = "WA".parse().expect("a code");
    OpenDays::of(library.get(&code).expect("its law"), &Facts::default())
}

fn limit(duty: &str, due: &str, ours: bool) -> Limit {
    Limit {
        duty: duty.to_owned(),
        due_on: day(due),
        latest_on: None,
        ours,
    }
}

#[test]
fn a_table_of_who_hears_what_on_which_day() {
    let people = people();
    let (o, b, c) = (people.owner, people.backup, people.counsel);
    let out = Watched {
        is_out: true,
        ..Watched::default()
    };
    let with_task = |kind, since: &str| Watched {
        is_out: true,
        tasks: vec![Task {
            kind,
            since: day(since),
            letter: Some(LetterId::new()),
            series: String::new(),
            message: Some(MessageId::new()),
            document: Some(crate::domain::ids::DocumentId::new()),
        }],
        ..Watched::default()
    };
    let portal = Watched {
        is_out: true,
        portal_since: Some(day("2026-01-05")),
        ..Watched::default()
    };
    let own = Watched {
        own: vec![OwnReminder {
            id: uuid::Uuid::new_v4(),
            by: b,
            on: day("2026-01-20"),
            note: String::new(),
        }],
        ..Watched::default()
    };
    let agency = [limit("produce", "2026-01-20", false)];
    let ours = [limit("appeal", "2026-03-02", true)];
    let none: [Limit; 0] = [];
    // today, what is known, limits, backup: what is told today, to whom.
    for (today, watched, limits, backup, told) in [
        ("2026-01-13", &out, &agency[..], Some(b), vec![]),
        (
            "2026-01-15",
            &out,
            &agency[..],
            Some(b),
            vec![("before-2", vec![o])],
        ),
        (
            "2026-01-20",
            &out,
            &agency[..],
            Some(b),
            vec![("on", vec![o])],
        ),
        (
            "2026-01-21",
            &out,
            &agency[..],
            Some(b),
            vec![("after-1", vec![o])],
        ),
        (
            "2026-01-27",
            &out,
            &agency[..],
            Some(b),
            vec![("week-1", vec![o, b])],
        ),
        // Where no backup is chosen, the weekly word goes to counsel.
        (
            "2026-02-03",
            &out,
            &agency[..],
            None,
            vec![("week-2", vec![o, c])],
        ),
        (
            "2026-02-13",
            &out,
            &ours[..],
            Some(b),
            vec![("before-14", vec![o, c, b])],
        ),
        (
            "2026-02-27",
            &out,
            &ours[..],
            None,
            vec![("before-1", vec![o, c])],
        ),
        (
            "2026-03-03",
            &out,
            &ours[..],
            Some(b),
            vec![("daily-1", vec![o, c, b])],
        ),
        // What has not left has no clocks.
        (
            "2026-01-20",
            &own,
            &agency[..],
            Some(b),
            vec![("on", vec![b])],
        ),
        (
            "2026-01-06",
            &with_task(TaskKind::Unsorted, "2026-01-05"),
            &none[..],
            Some(b),
            vec![("waited-1", vec![o])],
        ),
        (
            "2026-01-08",
            &with_task(TaskKind::Unsorted, "2026-01-05"),
            &none[..],
            Some(b),
            vec![("waited-3", vec![o, b])],
        ),
        (
            "2026-01-06",
            &with_task(TaskKind::Held, "2026-01-05"),
            &none[..],
            Some(b),
            vec![("waited-1", vec![c])],
        ),
        (
            "2026-01-15",
            &with_task(TaskKind::Approval, "2026-01-05"),
            &none[..],
            Some(b),
            vec![("waited-10", vec![c])],
        ),
        (
            "2026-01-06",
            &with_task(TaskKind::Draft, "2026-01-05"),
            &none[..],
            Some(b),
            vec![],
        ),
        (
            "2026-01-12",
            &portal,
            &none[..],
            Some(b),
            vec![("waited-7", vec![o])],
        ),
    ] {
        let circle = Circle {
            owner: o,
            backup,
            members: &people.members,
        };
        let looked = look(
            RequestId::new(),
            watched,
            limits,
            &Rules::default(),
            &circle,
            &open(),
            day(today),
        );
        let found: Vec<(String, Vec<UserId>)> = looked
            .notices
            .iter()
            .filter(|notice| notice.on <= day(today))
            .map(|notice| (notice.step.key(), notice.readers.clone()))
            .collect();
        let told: Vec<(String, Vec<UserId>)> = told
            .into_iter()
            .map(|(step, readers)| (step.to_owned(), readers))
            .collect();
        assert_eq!(found, told, "{today} {watched:?}");
    }
}

#[test]
fn a_campaign_may_do_without_a_topic_but_not_without_our_windows() {
    let people = people();
    let circle = Circle {
        owner: people.owner,
        backup: None,
        members: &people.members,
    };
    let rules = Rules {
        off: Topic::ALL.into_iter().collect(),
        ..Rules::default()
    }
    .checked()
    .expect("it makes sense");
    let out = Watched {
        is_out: true,
        portal_since: Some(day("2026-01-01")),
        ..Watched::default()
    };
    let limits = [
        limit("produce", "2026-02-27", false),
        limit("appeal", "2026-03-02", true),
    ];
    let looked = look(
        RequestId::new(),
        &out,
        &limits,
        &rules,
        &circle,
        &open(),
        day("2026-02-27"),
    );
    assert_eq!(looked.notices.len(), 1, "before-1: {looked:?}");
    assert!(
        looked
            .notices
            .iter()
            .all(|notice| notice.subject.topic() == Topic::OurWindow)
    );
    assert_eq!(looked.stands.len(), 3, "what is not told still stands");
}

#[test]
fn a_look_says_when_to_look_again_and_what_was_missed_lately() {
    let people = people();
    let circle = Circle {
        owner: people.owner,
        backup: None,
        members: &people.members,
    };
    let out = Watched {
        is_out: true,
        ..Watched::default()
    };
    let limits = [limit("produce", "2026-01-20", false)];
    let at = |today: &str| {
        look(
            RequestId::new(),
            &out,
            &limits,
            &Rules::default(),
            &circle,
            &open(),
            day(today),
        )
    };
    assert_eq!(at("2026-01-06").next_on, Some(day("2026-01-14")));
    assert_eq!(
        at("2026-01-14").next_on,
        Some(day("2026-01-15")),
        "its eve, then its day"
    );
    assert!(
        at("2026-01-20").missed.is_empty(),
        "nobody is late on the day itself"
    );
    assert_eq!(at("2026-01-21").missed.len(), 1);
    assert!(
        at("2026-04-01").missed.is_empty(),
        "long past: a person decides"
    );
}

#[test]
fn reminders_go_to_the_owner_or_to_whoever_is_left() {
    let (owner, counsel, team) = (UserId::new(), UserId::new(), UserId::new());
    let all = [
        (owner, Role::Researcher),
        (counsel, Role::Counsel),
        (team, Role::Team),
    ];
    assert_eq!(readers(owner, &all), [owner]);
    assert_eq!(readers(owner, &all[1..]), [counsel]);
    assert_eq!(readers(counsel, &all[..1]), [owner]);
}
