//! Batches: planned with their problems first, drafted once each however often the work is cut off, read by counsel as
//! one text, sent at the agencies' own hours and never twice.

mod made;
mod pages;

use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::task::Poll;

use chrono::{Duration, Timelike};
use sundial::actions::ActionError;
use sundial::actions::decide_batch::{Verdict, decide_batch};
use sundial::actions::draft_batch::draft_batch;
use sundial::actions::edit_letter::edit_letter;
use sundial::actions::plan_batch::{Particulars, add_targets, fill_in, plan_batch};
use sundial::actions::send_batch::{pause_sending, start_sending};
use sundial::actions::submit_batch::submit_batch;
use sundial::domain::batch::pace::Pace;
use sundial::domain::event::Happening;
use sundial::domain::letter::LetterKind;
use sundial::domain::request::Status;
use sundial::mail::send::Post;
use sundial::store::{commit, contacts, events, letters};

use self::made::{
    approve_all, approved, contact, day, past_the_lease, plan, planned, sheet, sheriffs, texts,
};
use crate::both_databases;
use crate::support::app::{TestApp, Who, files_below};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("a small number")
    }
}

/// Lets the jobs run for so many polls, then drops them wherever they are, as a kill would.
async fn cut_off_after(app: &TestApp, polls: usize, owner: &str) {
    let mut work = Box::pin(sundial::jobs::run_due(&app.app, owner));
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        work.as_mut().poll(context).map(|done| {
            done.expect("the jobs run");
        })
    })
    .await;
}

/// To which agencies mail went, each time it did. Reminders to our own people are not counted.
pub(super) fn recipients(app: &TestApp) -> Vec<String> {
    let Post::Folder(folder) = &*app.app.post else {
        panic!("these tests write into a folder");
    };
    files_below(folder)
        .iter()
        // A run that is cut off while it writes leaves its draft (`.name.part`) behind: that is no mail.
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .map(|path| {
            let mail = std::fs::read(path).expect("a mail can be read");
            let mail = mail_parser::MessageParser::default()
                .parse(&mail)
                .expect("it is a mail");
            let to = mail
                .to()
                .and_then(|all| all.first())
                .and_then(|one| one.address());
            to.expect("it goes to somebody").to_owned()
        })
        .filter(|to| to.starts_with("records@"))
        .collect()
}

both_databases!(
    /// What stands in the way of each agency is said first, and only the others are drafted.
    problems_come_first, |app| {
        let rosa = app.scope(Who::Researcher);
        let now = app.app.clock.now();
        let all = sheriffs(app, &["WA", "VA"], 3).await;
        let id = plan_batch(&app.app, &rosa, plan(), now).await.expect("planned");
        add_targets(&app.app, &rosa, id, &all).await.expect("added");
        assert_eq!(add_targets(&app.app, &rosa, id, &all).await.expect("added again"), 0, "each agency once");

        // One of the Washington sheriffs has no contact, another an old one; Virginia names no resident.
        let tx = app.app.store.begin().await.expect("a change");
        for known in contacts::list(&tx, &rosa).await.expect("reads") {
            if known.agency == all[0] {
                contacts::mark_bad(&tx, app.campaign.id, known.id, now).await.expect("marked");
            }
            if known.agency == all[1] {
                contacts::mark_bad(&tx, app.campaign.id, known.id, now).await.expect("marked");
            }
        }
        let old = contact(app, all[1], "old@county2.wa.example", "2025-01-05");
        contacts::add(&tx, &[old]).await.expect("added");
        commit(tx).await.expect("done");
        let seen = sheet(app, id).await;
        let keys: Vec<Vec<&str>> = seen.rows.iter().map(|row| row.problems.iter().map(|p| p.key()).collect()).collect();
        assert_eq!(
            keys,
            [vec!["no_contact"], vec!["stale_contact"], vec![], vec!["no_signer"], vec!["no_signer"], vec!["no_signer"]]
        );
        let first = seen.rows[2].first.clone().expect("Washington fixes a first date");
        // Sent Tuesday 13 January, the 19th is Martin Luther King's day: five business days end on the 21st.
        assert_eq!((first.due_on, first.limit.as_str()), (Some(day("2026-01-21")), "5 business days"));

        draft_batch(&app.app, &rosa, id, now).await.expect("one can be drafted");
        app.settle().await;
        let seen = sheet(app, id).await;
        let drafted: Vec<bool> = seen.rows.iter().map(|row| row.target.request.is_some()).collect();
        assert_eq!(drafted, [false, false, true, false, false, false]);

        // The old contact is let pass, one agency is left out, facilities are filled in, a resident is named.
        let old = seen.rows[1].target.id;
        let particulars = [
            Particulars { target: old, facilities: "Main Jail\nNorth Annex".to_owned(), fiscal_year_start: String::new(), agreement_on: None, accepted: vec!["stale_contact".to_owned()], leave_out: false },
            Particulars { target: seen.rows[0].target.id, facilities: String::new(), fiscal_year_start: String::new(), agreement_on: None, accepted: vec!["no_contact".to_owned()], leave_out: false },
            Particulars { target: seen.rows[3].target.id, facilities: String::new(), fiscal_year_start: String::new(), agreement_on: None, accepted: vec![], leave_out: true },
        ];
        assert_eq!(fill_in(&app.app, &rosa, id, &particulars).await.expect("filled in"), 1);
        let signer = sundial::domain::batch::Signer { name: "Jordan Reed".to_owned(), address: "4 Quarry Road, Alderton, VA".to_owned() };
        sundial::actions::plan_batch::name_signer(&app.app, &rosa, id, "VA", signer).await.expect("named");
        assert_eq!(draft_batch(&app.app, &rosa, id, now).await.expect("three more"), 3, "no contact never passes");
        app.settle().await;
        let seen = sheet(app, id).await;
        let row = seen.rows.iter().find(|row| row.target.id == old).expect("it is there");
        let by = app.scope(Who::Researcher);
        let letter = letters::find_latest(app.app.store.read(), &by, row.target.request.expect("drafted"), "request")
            .await
            .expect("reads")
            .expect("there");
        let flat = letter.body.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in ["covers these facilities: Main Jail; North Annex.", "The Alder Coalition is a group of residents"] {
            assert!(flat.contains(words), "{words}: {flat}");
        }
        assert!(!sheet(app, id).await.rows.iter().any(|row| row.agency.id == all[3]));

        // Another batch asks the same: every agency that has its letter is stopped, with the first named.
        let again = plan_batch(&app.app, &rosa, plan(), now).await.expect("planned");
        add_targets(&app.app, &rosa, again, &all[2..3]).await.expect("added");
        let seen = sheet(app, again).await;
        assert_eq!(seen.rows[0].problems[0].key(), "duplicate");
        assert!(seen.rows[0].problems[0].says().starts_with("S-0001"), "{}", seen.rows[0].problems[0].says());
        assert!(matches!(draft_batch(&app.app, &rosa, again, now).await, Err(ActionError::Refused(_))));

        // Nobody else's.
        let eli = app.scope(Who::Elsewhere);
        assert!(matches!(draft_batch(&app.app, &eli, id, now).await, Err(ActionError::NotFound)));
        assert!(matches!(add_targets(&app.app, &eli, id, &all).await, Err(ActionError::NotFound)));
        let theo = app.scope(Who::Team);
        assert!(matches!(draft_batch(&app.app, &theo, id, now).await, Err(ActionError::Forbidden(_))));
    }
);

both_databases!(
    /// Two batches started at the same moment over the same agency: one letter, the other says why not.
    two_batches_over_one_agency, |app| {
        let rosa = app.scope(Who::Researcher);
        let now = app.app.clock.now();
        let all = sheriffs(app, &["WA"], 1).await;
        let one = planned(app, &all).await;
        let other = planned(app, &all).await;
        draft_batch(&app.app, &rosa, one, now).await.expect("starts");
        draft_batch(&app.app, &rosa, other, now).await.expect("starts: nothing is drafted yet");
        app.settle().await;
        let (one, other) = (sheet(app, one).await, sheet(app, other).await);
        let asked = [&one, &other].map(|sheet| sheet.rows[0].target.request.is_some());
        assert!(asked[0] != asked[1], "{asked:?}");
        let stopped = if asked[0] { &other } else { &one };
        assert!(stopped.rows[0].target.problem.contains("S-0001"), "{}", stopped.rows[0].target.problem);
    }
);

both_databases!(
    /// Counsel approves some, returns some; an edit voids what was approved, and that letter stays behind.
    counsel_decides_on_many, |app| {
        let (rosa, carmen) = (app.scope(Who::Researcher), app.scope(Who::Counsel));
        let now = app.app.clock.now();
        let all = sheriffs(app, &["WA", "IL"], 2).await;
        let id = planned(app, &all).await;
        draft_batch(&app.app, &rosa, id, now).await.expect("starts");
        app.settle().await;
        let done = submit_batch(&app.app, &rosa, id, now).await.expect("they go to counsel");
        assert_eq!((done.done, done.left.len()), (4, 0), "{:?}", done.left);
        assert!(matches!(submit_batch(&app.app, &rosa, id, now).await, Err(ActionError::Refused(_))));
        let mut letters = texts(app, id).await;
        assert!(matches!(decide_batch(&app.app, &rosa, id, LetterKind::Request, &letters, &Verdict::Approve, now).await, Err(ActionError::Forbidden(_))));
        let eli = app.scope(Who::Elsewhere);
        assert!(matches!(decide_batch(&app.app, &eli, id, LetterKind::Request, &letters, &Verdict::Approve, now).await, Err(ActionError::NotFound)));

        // One is changed while counsel reads: its old text is not approved with the others.
        let (changed, _) = letters[0].clone();
        edit_letter(&app.app, &rosa, changed, "Records of 2025", "Another text of 2025.", now).await.expect("edited");
        letters[1].1 = "0".repeat(64);
        let done = decide_batch(&app.app, &carmen, id, LetterKind::Request, &letters, &Verdict::Approve, now).await.expect("decided");
        assert_eq!((done.done, done.left.len()), (2, 2), "{:?}", done.left);
        let back = Verdict::Return("Name the jail.".to_owned());
        assert!(matches!(decide_batch(&app.app, &carmen, id, LetterKind::Request, &letters[1..2], &Verdict::Return(" ".to_owned()), now).await, Err(ActionError::Refused(_))));
        let done = decide_batch(&app.app, &carmen, id, LetterKind::Request, &letters[1..2], &back, now).await.expect("returned");
        assert_eq!(done.done, 1);
        let status: Vec<Option<Status>> = sheet(app, id).await.rows.iter().map(|row| row.status()).collect();
        assert_eq!(status, [Some(Status::Draft), Some(Status::Returned), Some(Status::Approved), Some(Status::Approved)]);

        let many = start_sending(&app.app, &rosa, id, Pace::default(), day("2026-01-13"), now).await.expect("starts");
        assert_eq!(many, 2, "only what counsel approved");
        // One of them is edited before its time.
        let (late, _) = letters[3].clone();
        edit_letter(&app.app, &rosa, late, "Records of 2025", "A late thought of 2025.", now).await.expect("edited");
        for _ in 0..3 {
            app.later(Duration::hours(24)).await;
        }
        let seen = sheet(app, id).await;
        assert_eq!(recipients(app), ["records@county1.il.example"]);
        assert_eq!(seen.rows[3].status(), Some(Status::Draft));
        assert_eq!(seen.rows[3].target.queued_at, None);
    }
);

both_databases!(
    /// Letters leave in each agency's office hours, at the pace; a pause holds them, and going on loses none.
    sending_keeps_hours_and_pauses, |app| {
        let rosa = app.scope(Who::Researcher);
        let all = sheriffs(app, &["WA", "IL"], 5).await;
        let id = approved(app, &all).await;
        let pace = Pace { per_day: 4, ..Pace::default() };
        let now = app.app.clock.now();
        start_sending(&app.app, &rosa, id, pace, day("2026-01-13"), now).await.expect("starts");
        assert!(recipients(app).is_empty(), "nothing leaves before its time");
        let mut days: BTreeMap<chrono::NaiveDate, usize> = BTreeMap::new();
        for row in sheet(app, id).await.rows {
            let at = row.target.send_at.expect("each has its time");
            let there = at.with_timezone(&row.agency.time_zone);
            assert!((9..16).contains(&there.hour()), "{}: {there}", row.agency.name);
            *days.entry(at.with_timezone(&app.campaign.time_zone).date_naive()).or_default() += 1;
        }
        assert_eq!(days.values().copied().collect::<Vec<_>>(), [4, 4, 2]);

        // The first day goes by as planned.
        step_through(app, id, Some(4)).await;
        assert_eq!(recipients(app).len(), 4);
        pause_sending(&app.app, &rosa, id, app.app.clock.now()).await.expect("paused");
        assert!(matches!(pause_sending(&app.app, &rosa, id, now).await, Err(ActionError::Refused(_))));
        app.later(Duration::days(2)).await;
        assert_eq!(recipients(app).len(), 4, "a pause holds");
        start_sending(&app.app, &rosa, id, pace, day("2026-01-13"), app.app.clock.now()).await.expect("goes on");
        // The program stands still over the next letters' times: they do not all leave at once when it wakes.
        app.later(Duration::days(1)).await;
        assert!(recipients(app).len() <= 5, "{}", recipients(app).len());
        step_through(app, id, None).await;
        let sent = recipients(app);
        assert_eq!(sent.len(), 10);
        assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 10);
        for row in sheet(app, id).await.rows {
            let at = row.target.queued_at.expect("it left").with_timezone(&row.agency.time_zone);
            assert!((9..16).contains(&at.hour()), "{}: {at}", row.agency.name);
        }
    }
);

/// Moves the clock from one letter's time to the next, until so many left or none is waiting.
async fn step_through(app: &TestApp, id: sundial::domain::ids::BatchId, many: Option<usize>) {
    for _ in 0..200 {
        let seen = sheet(app, id).await;
        let left = seen
            .rows
            .iter()
            .filter(|row| row.target.queued_at.is_some())
            .count();
        let next = seen
            .rows
            .iter()
            .filter(|row| row.target.queued_at.is_none())
            .filter_map(|row| row.target.send_at)
            .min();
        match next {
            Some(at) if many != Some(left) => app.until(at.max(app.app.clock.now())).await,
            _ => return,
        }
    }
    panic!("the batch never ends");
}

both_databases!(
    /// Five hundred letters, the work cut off at random points again and again: each agency gets one letter, once.
    five_hundred_cut_off_and_resumed, |app| {
        let (rosa, carmen) = (app.scope(Who::Researcher), app.scope(Who::Counsel));
        let mut dice = Dice(0x5eed_cafe);
        let all = sheriffs(app, &["WA", "CA", "IL", "TX", "VA"], 100).await;
        let id = planned(app, &all).await;
        draft_batch(&app.app, &rosa, id, app.app.clock.now()).await.expect("drafting starts");
        for round in 0..12 {
            cut_off_after(app, 1 + dice.below(4_000), &format!("drafter {round}")).await;
            past_the_lease(app);
        }
        app.settle().await;
        let seen = sheet(app, id).await;
        let requests: HashSet<_> = seen.rows.iter().filter_map(|row| row.target.request).collect();
        assert_eq!(requests.len(), 500, "{:?}", seen.rows.iter().find(|row| row.target.request.is_none()).map(|row| &row.target.problem));
        let every = sundial::store::requests::list(app.app.store.read(), &rosa).await.expect("reads");
        assert_eq!(every.len(), 500, "no request is left over from a run that was cut off");

        approve_all(app, id, &rosa, &carmen).await;
        let pace = Pace { per_day: 1_000, per_domain_hour: 60, minutes_apart: 0, from_hour: 6, until_hour: 19, skip_eves: false };
        app.app.clock.set("2026-01-14T17:00:00Z".parse().expect("an instant"));
        start_sending(&app.app, &rosa, id, pace, day("2026-01-13"), app.app.clock.now()).await.expect("starts");
        for round in 0..12 {
            cut_off_after(app, 1 + dice.below(4_000), &format!("sender {round}")).await;
            past_the_lease(app);
        }
        step_through(app, id, None).await;
        app.settle().await;
        let sent = recipients(app);
        assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 500, "every agency has its letter");
        assert_eq!(sent.len(), 500, "and no agency two");
        let log = events::list_for_campaign(app.app.store.read(), app.campaign.id).await.expect("reads");
        let lines = log.iter().filter(|event| matches!(event.what, Happening::Sent { .. })).count();
        assert_eq!(lines, 500);
    }
);
