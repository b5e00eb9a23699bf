//! Reminders: the morning's mail, limits of our own, what is put off, one's own, the draft after a missed limit, the
//! settings' pages and the calendars. Faults are in `alarm_faults`.
//!
//! Longer than 500 lines: the stories share their requests and mornings.

use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use mail_parser::{Message, MessageParser, MimeHeaders};
use sundial::actions::put_off::{remind_me, snooze};
use sundial::actions::read_today::read_today;
use sundial::actions::{ActionError, read_clocks};
use sundial::clock::day_in;
use sundial::domain::agency::AgencyKind;
use sundial::domain::event::{Event, Evidence, FeeKind, Happening, ReplyKind};
use sundial::domain::ids::{AgencyId, ItemId, LetterId, RequestId};
use sundial::domain::reminder::Limit;
use sundial::domain::request::{Format, Period, Request, RequestItem};
use sundial::store::agencies::{self, Agency};
use sundial::store::closings;
use sundial::store::requests::{self, Kept};
use sundial::store::{commit, events};

use crate::both_databases;
use crate::support::app::{TestApp, Who, files_below};

/// A mail that left: to whom, and its bytes.
pub struct Left {
    pub to: String,
    pub bytes: Vec<u8>,
}

impl Left {
    fn message(&self) -> Message<'_> {
        MessageParser::default()
            .parse(&self.bytes)
            .expect("it is mail")
    }

    pub fn subject(&self) -> String {
        self.message().subject().unwrap_or_default().to_owned()
    }

    pub fn text(&self) -> String {
        let text = self.message().body_text(0).unwrap_or_default().into_owned();
        // Lines are broken for the way only.
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Every mail that left this installation so far, in no order.
pub fn all_left(folder: &std::path::Path) -> Vec<Left> {
    files_below(folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "eml"))
        .map(|path| {
            let bytes = std::fs::read(&path).expect("a mail can be read");
            let message = MessageParser::default().parse(&bytes).expect("it is mail");
            let to = message
                .to()
                .and_then(|to| to.first())
                .and_then(|to| to.address())
                .unwrap_or_default()
                .to_owned();
            Left { to, bytes }
        })
        .collect()
}

pub fn left_to(app: &TestApp, address: &str) -> Vec<Left> {
    let mut all = all_left(app.folder());
    all.retain(|left| left.to == address);
    all
}

pub const ROSA: &str = "rosa@coalition.example";
const SAM: &str = "sam@coalition.example";
pub const CARMEN: &str = "carmen@lawyers.example";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub fn at(year: i32, month: u32, day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, day, hour, 0, 0)
        .single()
        .expect("a plain instant")
}

/// A request of Rosa's that the agency has: sent by that channel at the app's present moment.
pub async fn out(app: &TestApp, jurisdiction: &str, channel: &str) -> RequestId {
    let now = app.app.clock.now();
    let agency = Agency {
        id: AgencyId::new(),
        campaign: app.campaign.id,
        name: format!("Alder County Sheriff of {jurisdiction}"),
        kind: AgencyKind::County,
        jurisdiction: jurisdiction.to_owned(),
        county: Some("Alder".to_owned()),
        time_zone: chrono_tz::America::Los_Angeles,
        fiscal_year_start: None,
        source: "a test".to_owned(),
        import: None,
        created_by: None,
        created_at: now,
    };
    let tx = app.app.store.begin().await.expect("a change begins");
    agencies::add(&tx, std::slice::from_ref(&agency))
        .await
        .expect("an agency");
    let id = RequestId::new();
    let kept = Kept {
        request: Request {
            id,
            campaign: app.campaign.id,
            reference: requests::next_number(&tx, app.campaign.id)
                .await
                .expect("a number"),
            agency: agency.id,
            contact: None,
            jurisdiction: jurisdiction.to_owned(),
            law_version: "test".to_owned(),
            title: "Detainers of Jane Roe".to_owned(),
            period: Period::new(day("2024-01-01"), day("2025-12-31")).expect("a period"),
            format: Format::Native,
            fee_ceiling_cents: 0,
            owner: app.id(Who::Researcher),
            created_at: now,
        },
        reply_token: "bcdfghjkmnpqrs2".to_owned(),
    };
    let mut kept = kept;
    kept.reply_token = sundial::domain::reply::ReplyToken::from_random(rand::random())
        .as_str()
        .to_owned();
    let item = RequestItem {
        id: ItemId::new(),
        position: 1,
        record_key: "detainer_policy".to_owned(),
        text: "The policy on detainers in force.".to_owned(),
    };
    requests::add(&tx, &kept, &[item]).await.expect("a request");
    commit(tx).await.expect("it is kept");
    let letter = LetterId::new();
    let receipt_on = Some(day_in(agency.time_zone, now));
    for what in [
        Happening::Drafted,
        Happening::LetterWritten {
            letter,
            version: 1,
            sha256: "0".repeat(64),
            voids_approval: false,
            letter_kind: None,
        },
        Happening::Sent {
            letter,
            version: 1,
            sha256: "0".repeat(64),
            channel: channel.to_owned(),
            evidence: Evidence::ServerAccepted,
            receipt_on,
            letter_kind: None,
            completes: false,
        },
    ] {
        note(app, id, Who::Researcher, what).await;
    }
    id
}

/// A line of the log, now.
pub async fn note(app: &TestApp, id: RequestId, who: Who, what: Happening) {
    let tx = app.app.store.begin().await.expect("a change begins");
    let now = app.app.clock.now();
    events::record(
        &tx,
        app.campaign.id,
        Some(id),
        Some(app.id(who)),
        now,
        &what,
    )
    .await
    .expect("a line of the log");
    commit(tx).await.expect("it is kept");
}

async fn log(app: &TestApp, id: RequestId) -> Vec<Event> {
    events::list_for_request(app.app.store.read(), &app.scope(Who::Researcher), id)
        .await
        .expect("a log")
}

/// The open limits of a request now.
async fn limits(app: &TestApp, id: RequestId) -> Vec<Limit> {
    let scope = app.scope(Who::Researcher);
    let db = app.app.store.read();
    let kept = requests::find(db, &scope, id)
        .await
        .expect("a request")
        .expect("it is there");
    let agency = agencies::find(db, &scope, kept.request.agency)
        .await
        .expect("an agency")
        .expect("it is there");
    let closings = closings::in_force(db, scope.campaign).await.expect("days");
    let today = day_in(app.campaign.time_zone, app.app.clock.now());
    read_clocks::sheet(
        &app.app,
        &kept.request,
        &agency,
        &closings,
        &log(app, id).await,
        today,
    )
    .expect("clocks")
    .duties
    .iter()
    .filter_map(Limit::of)
    .collect()
}

both_databases!(
    /// The whole of an ordinary fortnight: what is told on which morning, and that quiet days are quiet.
    a_morning_tells_what_is_due_and_a_quiet_day_nothing, |app| {
        // Monday 12 January 2026, nine in the morning; RCW 42.56.520 gives until Tuesday the 20th.
        let id = out(app, "WA", "email").await;
        app.settle().await;
        assert!(all_left(app.folder()).is_empty(), "her own doing is no news");
        let mut told = Vec::new();
        for date in 13..=28 {
            app.until(at(2026, 1, date, 16)).await;
            let all = left_to(app, ROSA).len();
            if all > told.len() {
                told.push(date);
            }
            assert_eq!(all, told.len(), "at most one mail on 2026-01-{date}");
        }
        // Thursday two business days before, Monday for the week ahead, the day, the day after, the next Monday with
        // the draft that waits, and a week after.
        assert_eq!(told, [15, 19, 20, 21, 26, 27], "{told:?}");
        let log = log(app, id).await;
        let offsets: Vec<i32> = log
            .iter()
            .filter_map(|event| match &event.what {
                Happening::ReminderSent { duty, offset, .. } if duty == "acknowledge" => Some(*offset),
                _ => None,
            })
            .collect();
        assert_eq!(offsets, [-2, 0, 1, 7, 7], "the weekly word goes to counsel too");
        assert_eq!(left_to(app, CARMEN).len(), 1);
        assert!(left_to(app, SAM).is_empty(), "it is none of Sam's");
        let mail = &left_to(app, ROSA)[0];
        let text = String::from_utf8_lossy(&mail.bytes).into_owned();
        for header in ["Auto-Submitted: auto-generated", "List-Id: <morning.", "List-Unsubscribe: <http"] {
            assert!(text.contains(header), "{header} is missing");
        }
        let message = mail.message();
        assert_eq!(message.html_body_count(), 1);
        assert!(message.parts.iter().all(|part| part.attachment_name().is_none()));
        let html = message.body_html(0).expect("it has HTML").into_owned();
        for refused in ["<img", "src=", "<script", "<link"] {
            assert!(!html.contains(refused), "{refused}: {html}");
        }
        for left in left_to(app, ROSA) {
            assert!(!left.subject().contains("Alder"), "{}", left.subject());
            assert!(!left.text().contains("Jane Roe"), "{}", left.text());
        }
    }
);

both_databases!(
    /// The agency's own closed day counts, not only the state's calendar.
    an_agencys_own_closed_day_moves_its_warning, |app| {
        let id = out(app, "WA", "email").await;
        let scope = app.scope(Who::Researcher);
        let agency = requests::find(app.app.store.read(), &scope, id)
            .await
            .expect("a request")
            .expect("it is there")
            .request
            .agency;
        app.settle().await;
        // Shut on Friday the 16th: the limit becomes Wednesday the 21st, and two open days before it are the 15th and 20th.
        let new = sundial::actions::add_closing::NewClosing {
            on: day("2026-01-16"),
            why: "Furlough day".to_owned(),
            evidence: "its notice".to_owned(),
        };
        let today = day_in(app.campaign.time_zone, app.app.clock.now());
        sundial::actions::add_closing::add_closing(&app.app, &scope, agency, new, today, app.app.clock.now())
            .await
            .expect("a closed day");
        app.until(at(2026, 1, 14, 17)).await;
        let early: Vec<_> = left_to(app, ROSA).iter().map(Left::text).filter(|text| text.contains("is due on Wed 21 Jan")).collect();
        assert!(early.is_empty(), "{early:?}");
        app.until(at(2026, 1, 15, 17)).await;
        let told: Vec<_> = left_to(app, ROSA).iter().map(Left::text).filter(|text| text.contains("is due on Wed 21 Jan 2026")).collect();
        assert_eq!(told.len(), 1, "{:?}", left_to(app, ROSA).iter().map(Left::text).collect::<Vec<_>>());
    }
);

both_databases!(
    /// Owner, backup and counsel hear of a limit of ours, each in a mail of its own, and cannot put it off at the end.
    our_own_window_reaches_three_people_to_the_last, |app| {
        let id = out(app, "MA", "email").await;
        let backup = Happening::BackupChosen { account: Some(app.id(Who::SecondResearcher)) };
        note(app, id, Who::Researcher, backup).await;
        let denied = Happening::ReplySorted {
            message: None,
            what: ReplyKind::Denied,
            on: day_in(app.campaign.time_zone, app.app.clock.now()),
            until: None,
            amount_cents: None,
            note: String::new(),
            detail: Default::default(),
        };
        note(app, id, Who::Researcher, denied).await;
        let ours: Vec<Limit> = limits(app, id).await.into_iter().filter(|limit| limit.ours).collect();
        let limit = ours.first().cloned().unwrap_or_else(|| panic!("Massachusetts gives an appeal: {:?}", ours));
        let noon = |on: NaiveDate| on.and_hms_opt(20, 0, 0).expect("noon").and_utc();
        let window_mails = |who: &str| {
            left_to(app, who).iter().filter(|left| left.subject().contains("a limit of ours")).count()
        };
        app.until(noon(limit.due_on - Days::new(20))).await;
        assert_eq!(window_mails(ROSA), 0);
        // It can still be put off, but only up to its last days.
        let scope = app.scope(Who::SecondResearcher);
        let matter = format!("clock:{}", limit.duty);
        let refused = snooze(&app.app, &scope, id, &matter, limit.due_on, "I am away", app.app.clock.now()).await;
        assert!(matches!(refused, Err(ActionError::Refused(_))), "{refused:?}");
        snooze(&app.app, &scope, id, &matter, limit.due_on - Days::new(5), "I am away", app.app.clock.now())
            .await
            .expect("it is far");
        app.until(noon(limit.due_on - Days::new(13))).await;
        assert_eq!((window_mails(ROSA), window_mails(SAM), window_mails(CARMEN)), (1, 0, 1), "Sam put it off");
        // Day after day to the end, asleep on none of them.
        for before in (0..=12u64).rev() {
            app.until(noon(limit.due_on - Days::new(before))).await;
        }
        app.until(noon(limit.due_on + Days::new(1))).await;
        for who in [ROSA, SAM, CARMEN] {
            assert!(window_mails(who) >= 3, "{who}: {}", window_mails(who));
        }
        let refused = snooze(&app.app, &scope, id, &matter, limit.due_on + Days::new(9), "later", app.app.clock.now()).await;
        assert!(matches!(&refused, Err(ActionError::Refused(why)) if why.contains("cannot be put off")), "{refused:?}");
        // Once it is filed nobody is reminded any more.
        let filed = Happening::StepRecorded {
            step: "appealed".to_owned(),
            on: limit.due_on,
            until: None,
            ground: None,
            notice_seen: None,
            note: String::new(),
            letter: None,
        };
        note(app, id, Who::Researcher, filed).await;
        let before = window_mails(ROSA);
        app.until(noon(limit.due_on + Days::new(2))).await;
        app.until(noon(limit.due_on + Days::new(3))).await;
        assert_eq!(window_mails(ROSA), before);
    }
);

both_databases!(
    /// A day that only the agency's letter set: no law counts it, and whoever misses it begins again.
    a_day_that_the_agency_set_for_us_reminds_like_a_limit_of_ours, |app| {
        let id = out(app, "WA", "email").await;
        let today = day_in(app.campaign.time_zone, app.app.clock.now());
        // Wednesday 11 February 2026.
        let by = day("2026-02-11");
        let asked = Happening::ReplySorted {
            message: None,
            what: ReplyKind::FeeDemanded,
            on: today,
            until: Some(by),
            amount_cents: Some(60_000),
            note: String::new(),
            detail: Default::default(),
        };
        note(app, id, Who::Researcher, asked).await;
        let ours: Vec<Limit> = limits(app, id).await.into_iter().filter(|limit| limit.ours).collect();
        assert_eq!(ours.iter().map(|limit| limit.due_on).collect::<Vec<_>>(), [by]);
        let noon = |on: NaiveDate| on.and_hms_opt(20, 0, 0).expect("noon").and_utc();
        let told = |who: &str| -> Vec<String> {
            let left = left_to(app, who);
            left.iter().filter(|left| left.subject().contains("a limit of ours")).map(Left::text).collect()
        };
        app.until(noon(by - Days::new(20))).await;
        assert_eq!(told(ROSA).len(), 0);
        app.until(noon(by - Days::new(3))).await;
        assert!(!told(ROSA).is_empty() && !told(CARMEN).is_empty());
        let text = told(ROSA).pop().expect("a mail");
        assert!(
            text.contains("Wed 11 Feb 2026") && text.contains("the agency's letter of"),
            "{text}"
        );
        // Waived in full: nothing is left to pay, and nobody is told any more.
        let waived = Happening::FeeRecorded {
            what: FeeKind::Waived,
            cents: 60_000,
            on: by - Days::new(3),
            message: None,
            document: None,
            note: String::new(),
        };
        note(app, id, Who::Researcher, waived).await;
        let before = told(ROSA).len();
        app.until(noon(by)).await;
        app.until(noon(by + Days::new(1))).await;
        assert_eq!(told(ROSA).len(), before);
        assert!(limits(app, id).await.iter().all(|limit| !limit.ours));
    }
);

both_databases!(
    what_is_put_off_is_told_to_the_others_and_comes_back,
    |app| {
        let id = out(app, "WA", "email").await;
        app.settle().await;
        let rosa = app.scope(Who::Researcher);
        let now = app.app.clock.now();
        let without = snooze(
            &app.app,
            &rosa,
            id,
            "clock:acknowledge",
            day("2026-01-30"),
            " ",
            now,
        )
        .await;
        assert!(
            matches!(without, Err(ActionError::Refused(_))),
            "a reason is needed"
        );
        snooze(
            &app.app,
            &rosa,
            id,
            "clock:acknowledge",
            day("2026-01-30"),
            "The clerk called",
            now,
        )
        .await
        .expect("it is put off");
        let names = |left: &[Left]| {
            left.iter()
                .filter(|left| left.text().contains("Acknowledgment was due"))
                .count()
        };
        for date in 13..=29 {
            app.until(at(2026, 1, date, 17)).await;
        }
        assert_eq!(
            names(&left_to(app, ROSA)),
            0,
            "{:?}",
            left_to(app, ROSA)
                .iter()
                .map(Left::text)
                .collect::<Vec<_>>()
        );
        assert_eq!(
            names(&left_to(app, CARMEN)),
            1,
            "counsel hears the weekly word all the same"
        );
        app.until(at(2026, 1, 30, 17)).await;
        assert_eq!(names(&left_to(app, ROSA)), 1, "it comes back");
        app.as_who(Who::Researcher)
            .await
            .get(&format!("/c/alder/requests/{id}"))
            .await
            .is(200)
            .says("Reminder put off until Fri 30 Jan 2026")
            .says("The clerk called");
    }
);

both_databases!(
    /// "In three weeks, whatever the status."
    a_reminder_of_ones_own_comes_whatever_the_status, |app| {
        let id = out(app, "WA", "email").await;
        let rosa = app.as_who(Who::Researcher).await;
        let page = format!("/c/alder/requests/{id}/reminders");
        rosa.get(&page).await.is(200).says("Remind me");
        rosa.post(&page, &format!("{page}/own"), &[("on", "2026-02-30"), ("note", "Call about the log")])
            .await
            .is(422)
            .says("This is not a day")
            .shows("Call about the log");
        rosa.post(&page, &format!("{page}/own"), &[("on", "2026-02-02"), ("note", "Call about the log")])
            .await
            .is(303);
        note(app, id, Who::Researcher, Happening::Closed { note: "enough".to_owned() }).await;
        app.until(at(2026, 2, 1, 17)).await;
        let own = |who: &str| left_to(app, who).iter().filter(|left| left.text().contains("A reminder of your own")).count();
        assert_eq!(own(ROSA), 0);
        app.until(at(2026, 2, 2, 17)).await;
        assert_eq!((own(ROSA), own(SAM), own(CARMEN)), (1, 0, 0));
        assert!(left_to(app, ROSA).iter().all(|left| !left.text().contains("Call about the log")), "a note stays on the site");
        let at_request = format!("/c/alder/requests/{id}");
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&at_request).await.is(200).says("Call about the log").says("Dealt with");
        rosa.get(&page).await.is(200).says("Mon 2 Feb 2026");
        let open = sundial::store::reminders::list_for_request(app.app.store.read(), &app.scope(Who::Researcher), id)
            .await
            .expect("what was told");
        let own_row = open.iter().find(|row| row.step == sundial::domain::reminder::Step::On).expect("it was told");
        assert!(own_row.seen_at.is_some(), "opening the request counts as seen");
        let matter = own_row.subject.matter();
        rosa.post(&at_request, &format!("{at_request}/reminders/done"), &[("matter", &matter)]).await.is(303);
        rosa.get(&at_request).await.keeps_quiet_about("Dealt with");
        let wrong = remind_me(&app.app, &app.scope(Who::Team), id, day("2026-03-01"), "", app.app.clock.now()).await;
        assert!(matches!(wrong, Err(ActionError::Forbidden(_))));
    }
);

both_databases!(
    /// The draft after a missed limit: once, waiting for its person, never sent.
    a_missed_limit_brings_one_draft_that_waits, |app| {
        let id = out(app, "WA", "email").await;
        let by = app.scope(Who::Researcher);
        let chasers = |log: &[Event]| -> Vec<LetterId> {
            log.iter()
                .filter_map(|event| match &event.what {
                    Happening::ChaserDrafted { letter, .. } => Some(*letter),
                    _ => None,
                })
                .collect()
        };
        app.until(at(2026, 1, 20, 20)).await;
        assert!(chasers(&log(app, id).await).is_empty(), "nobody is late on the last day");
        for date in 21..=27 {
            app.until(at(2026, 1, date, 17)).await;
        }
        let log_now = log(app, id).await;
        let drafted = chasers(&log_now);
        assert_eq!(drafted.len(), 1, "{log_now:#?}");
        let letter = sundial::store::letters::find(app.app.store.read(), &by, drafted[0])
            .await
            .expect("a letter")
            .expect("it is there");
        assert_eq!(letter.kind, "overdue_notice");
        let body = letter.body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(body.contains("RCW 42.56.520(1)") && body.contains("on or before January 20, 2026"), "{body}");
        assert!(letter.submitted_at.is_none(), "it waits for its person");
        let today = read_today(&app.app, &by, day("2026-01-27")).await.expect("a day");
        assert!(today.waits.iter().any(|matter| matter.what.contains("Overdue notice") && matter.more.contains("drafted by itself")), "{today:?}");
        let told = left_to(app, ROSA).iter().map(Left::text).filter(|text| text.contains("drafted for you")).count();
        assert!(told > 0, "{:?}", left_to(app, ROSA).iter().map(Left::text).collect::<Vec<_>>());
        assert!(all_left(app.folder()).iter().all(|left| left.to != "records@alder.example"), "nothing left to an agency");
    }
);
