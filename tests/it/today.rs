//! Today: a fresh campaign says how to begin; limits, letters and mail stand there for whom they concern.

use chrono::{Duration, NaiveDate};
use sundial::actions::read_today::{Kind, read_today};
use sundial::clock::day_in;
use sundial::domain::agency::AgencyKind;
use sundial::domain::event::{Evidence, Happening};
use sundial::domain::ids::{AgencyId, LetterId, RequestId};
use sundial::domain::request::{Format, Period, Request};
use sundial::store::agencies::{self, Agency};
use sundial::store::requests::{self, Kept};
use sundial::store::{commit, events};

use crate::both_databases;
use crate::support::app::{TestApp, Who};

fn day(app: &TestApp) -> NaiveDate {
    day_in(app.campaign.time_zone, app.app.clock.now())
}

/// A request to a sheriff in Washington with these lines in its log.
async fn request(app: &TestApp, happened: &[Happening]) -> RequestId {
    let now = app.app.clock.now();
    let agency = Agency {
        id: AgencyId::new(),
        campaign: app.campaign.id,
        name: "Alder County Sheriff's Office".to_owned(),
        kind: AgencyKind::County,
        jurisdiction: "WA".to_owned(),
        county: Some("Alder County".to_owned()),
        time_zone: chrono_tz::America::Los_Angeles,
        fiscal_year_start: None,
        source: "a test".to_owned(),
        import: None,
        created_by: None,
        created_at: now,
    };
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a day");
    let end = NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day");
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
            jurisdiction: "WA".to_owned(),
            law_version: "test".to_owned(),
            title: "Detainers".to_owned(),
            period: Period::new(start, end).expect("a period"),
            format: Format::Native,
            fee_ceiling_cents: 0,
            owner: app.id(Who::Researcher),
            created_at: now,
        },
        reply_token: id.0.simple().to_string(),
    };
    requests::add(&tx, &kept, &[]).await.expect("a request");
    for what in happened {
        events::record(
            &tx,
            app.campaign.id,
            Some(id),
            Some(app.id(Who::Researcher)),
            now,
            what,
        )
        .await
        .expect("a line of the log");
    }
    commit(tx).await.expect("it is kept");
    id
}

both_databases!(a_fresh_campaign_says_how_to_begin, |app| {
    let rosa = app.as_who(Who::Researcher).await;
    rosa.get("/c/alder")
        .await
        .is(200)
        .says("How to begin")
        .says("Draft the first request.");
    app.as_who(Who::Team)
        .await
        .get("/c/alder")
        .await
        .is(200)
        .keeps_quiet_about("New request")
        .keeps_quiet_about("No limit is near");
    app.as_who(Who::Elsewhere)
        .await
        .get("/c/alder")
        .await
        .is(404);
});

both_databases!(
    a_letter_waits_for_counsel_and_a_limit_for_those_who_work,
    |app| {
        let letter = LetterId::new();
        let sha256 = "0".repeat(64);
        let written = Happening::LetterWritten {
            letter,
            version: 1,
            sha256: sha256.clone(),
            voids_approval: false,
            letter_kind: None,
        };
        let submitted = Happening::Submitted { letter, version: 1 };
        request(app, &[Happening::Drafted, written.clone(), submitted]).await;
        let today = day(app);
        let counsels = read_today(&app.app, &app.scope(Who::Counsel), today)
            .await
            .expect("a day");
        assert_eq!(counsels.waits.len(), 1);
        assert_eq!(counsels.waits[0].at, format!("letters/{letter}/review"));
        assert!(counsels.waits[0].what.contains("waits for your approval"));
        let rosas = read_today(&app.app, &app.scope(Who::Researcher), today)
            .await
            .expect("a day");
        assert_eq!(
            rosas.count(),
            0,
            "what waits for counsel does not wait for her: {rosas:?}"
        );

        let sent = Happening::Sent {
            letter,
            version: 1,
            sha256,
            channel: "email".to_owned(),
            evidence: Evidence::ServerAccepted,
            receipt_on: Some(today),
            letter_kind: None,
            completes: false,
        };
        let approved = Happening::Approved {
            letter,
            version: 1,
            sha256: "0".repeat(64),
        };
        let id = request(app, &[Happening::Drafted, written, approved, sent]).await;
        let rosas = read_today(&app.app, &app.scope(Who::Researcher), today)
            .await
            .expect("a day");
        assert_eq!(
            rosas.due.len(),
            1,
            "RCW 42.56.520: five business days: {rosas:?}"
        );
        let at = &rosas.due[0].at;
        assert!(at.starts_with(&format!("requests/{id}#clock-")), "{at}");
        assert_eq!(rosas.due[0].kind, Kind::Due);
        // Mon 12 Jan 2026; Mon 19 Jan is Martin Luther King Jr. Day.
        assert_eq!(rosas.due[0].due_on, NaiveDate::from_ymd_opt(2026, 1, 20));
        let teams = read_today(&app.app, &app.scope(Who::Team), today)
            .await
            .expect("a day");
        assert_eq!(teams.count(), 0, "the meeting team gets no deadlines");
        app.as_who(Who::Researcher)
            .await
            .get("/c/alder")
            .await
            .is(200)
            .says("Tue 20 Jan 2026")
            .says("in 5 business days");

        app.app.clock.set(app.app.clock.now() + Duration::days(10));
        let rosas = read_today(&app.app, &app.scope(Who::Researcher), day(app))
            .await
            .expect("a day");
        assert_eq!(rosas.due[0].kind, Kind::Late);
        assert!(rosas.due[0].more.starts_with("has passed"));
        app.settle().await;
    }
);
