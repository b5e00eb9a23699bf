//! The law is corrected in the site: two people, what moves before it is made, owners told once, and taken back again.
//!
//! Over 500 lines because one story is told from every side: who may, what moves, who is told, and how the pages look.

use chrono::{Duration, NaiveDate};
use sundial::actions::App;
use sundial::actions::approve_correction::approve_correction;
use sundial::actions::law_moves::seen_by;
use sundial::actions::propose_correction::{NewCorrection, propose_correction, weigh};
use sundial::actions::sign_in::hash_password;
use sundial::actions::withdraw_correction::withdraw_correction;
use sundial::clock::{Clock, day_in};
use sundial::domain::agency::AgencyKind;
use sundial::domain::event::{Evidence, Happening};
use sundial::domain::ids::{AgencyId, CorrectionId, LetterId, RequestId};
use sundial::domain::person::Role;
use sundial::domain::request::{Format, Period, Request};
use sundial::jobs;
use sundial::law::{Code, Patch};
use sundial::store::accounts::{self, Account};
use sundial::store::agencies::{self, Agency};
use sundial::store::campaigns::{self, Campaign};
use sundial::store::requests::{self, Kept};
use sundial::store::{commit, events};

use crate::both_databases;
use crate::support::app::{Served, TestApp, Who, files_below};
use crate::support::browser::Browser;
use crate::support::database::Engine;

const WA: &str = "WA";

fn wa() -> Code {
    WA.parse().expect("a code")
}

/// A request under the law of a state that an agency had on Mon 12 Jan 2026.
async fn sent(
    app: &TestApp,
    campaign: &Campaign,
    owner: Who,
    state: &str,
    agency: &str,
) -> (RequestId, AgencyId) {
    let now = app.app.clock.now();
    let agency = Agency {
        id: AgencyId::new(),
        campaign: campaign.id,
        name: agency.to_owned(),
        kind: AgencyKind::County,
        jurisdiction: state.to_owned(),
        county: None,
        time_zone: campaign.time_zone,
        fiscal_year_start: None,
        source: "a test".to_owned(),
        import: None,
        created_by: None,
        created_at: now,
    };
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let id = RequestId::new();
    let tx = app.app.store.begin().await.expect("a change begins");
    agencies::add(&tx, std::slice::from_ref(&agency))
        .await
        .expect("an agency");
    let kept = Kept {
        request: Request {
            id,
            campaign: campaign.id,
            reference: requests::next_number(&tx, campaign.id)
                .await
                .expect("a number"),
            agency: agency.id,
            contact: None,
            jurisdiction: state.to_owned(),
            law_version: "test".to_owned(),
            title: "Detainer counts".to_owned(),
            period: Period::new(day("2024-01-01"), day("2025-12-31")).expect("a period"),
            format: Format::Native,
            fee_ceiling_cents: 0,
            owner: app.id(owner),
            created_at: now,
        },
        reply_token: id.0.simple().to_string(),
    };
    requests::add(&tx, &kept, &[]).await.expect("a request");
    let gone = Happening::Sent {
        letter: LetterId::new(),
        version: 1,
        sha256: "0".repeat(64),
        channel: "email".to_owned(),
        evidence: Evidence::ServerAccepted,
        receipt_on: Some(day_in(campaign.time_zone, now)),
        letter_kind: None,
        completes: false,
    };
    for what in [Happening::Drafted, gone] {
        events::record(&tx, campaign.id, Some(id), Some(app.id(owner)), now, &what)
            .await
            .expect("a line of the log");
    }
    commit(tx).await.expect("it is kept");
    (id, agency.id)
}

async fn account(app: &TestApp, who: Who) -> Account {
    accounts::find(app.app.store.read(), app.id(who))
        .await
        .expect("the database answers")
        .expect("an account")
}

/// Washington's first duty with another number of days.
fn acknowledge_within(app: &App, days: u32) -> NewCorrection {
    let law = app.law();
    let mut patch = Patch::of_key(law.get(&wa()).expect("a law"), "duty acknowledge");
    patch.duties[0].days = Some(days);
    NewCorrection {
        code: wa(),
        patch,
        reason: "The legislature gave agencies more time".to_owned(),
        source_title: "Session laws 2026, chapter 9".to_owned(),
        source_url: "https://app.leg.wa.example/9".to_owned(),
        source_read_on: NaiveDate::from_ymd_opt(2026, 1, 12).expect("a day"),
        in_force_from: None,
        in_force_until: None,
    }
}

async fn proposed(app: &TestApp, who: Who, days: u32) -> CorrectionId {
    let now = app.app.clock.now();
    let new = acknowledge_within(&app.app, days);
    propose_correction(
        &app.app,
        &account(app, who).await,
        &new,
        now.date_naive(),
        now,
    )
    .await
    .expect("it is proposed")
}

async fn approved(app: &TestApp, who: Who, id: CorrectionId) -> usize {
    let now = app.app.clock.now();
    approve_correction(&app.app, &account(app, who).await, wa(), id, now)
        .await
        .expect("it is approved")
}

/// The notices that lie in the mail folder.
fn mails(app: &TestApp) -> Vec<String> {
    files_below(&app.app.config.data_dir.join("mail"))
        .into_iter()
        .map(|path| std::fs::read_to_string(path).expect("a mail"))
        .filter(|mail| mail.contains("dates moved"))
        .collect()
}

fn days(app: &App) -> Option<u32> {
    let today = NaiveDate::from_ymd_opt(2026, 1, 12).expect("a day");
    app.law().get(&wa())?.duty("acknowledge", today)?.days
}

both_databases!(
    /// From the form to the mail: counsel proposes, sees what moves, somebody else approves, the owner is told once.
    a_limit_is_corrected_by_two_people, |app| {
        let (request, _) = sent(app, &app.campaign, Who::Researcher, WA, "Alder Sheriff").await;
        let (second, _) = sent(app, &app.campaign, Who::Researcher, WA, "Alder Clerk").await;
        sent(app, &app.campaign, Who::Researcher, "CA", "Cedar Sheriff").await;
        sent(app, &app.elsewhere, Who::Elsewhere, WA, "Birch Sheriff").await;
        let carmen = app.as_who(Who::Counsel).await;
        let law = carmen.get(&app.path("laws/WA")).await.is(200).says("Correct this law");
        law.says("None was made here");
        carmen.get("/laws/WA/correct").await.is(200).says("Which duty");
        let form = "/laws/WA/correct?way=limit&rule=acknowledge";
        let page = carmen.get(form).await.is(200);
        assert!(page.html().contains("RCW 42.56.520(1)"), "the rule stands in the form");
        let mut fields = vec![
            ("way", "limit"),
            ("rule", "acknowledge"),
            ("kind", "fixed"),
            ("days", ""),
            ("unit", "business"),
            ("says", "Within seven business days."),
            ("citation", "RCW 42.56.520(1) as amended"),
            ("confidence", "one_source"),
            ("reason", "The legislature gave agencies more time"),
            ("source_title", "Session laws 2026, chapter 9"),
            ("source_url", "https://app.leg.wa.example/9"),
            ("source_read_on", "2026-01-12"),
        ];
        let slip = carmen.post(form, "/laws/WA/correct", &fields).await.is(422);
        slip.says("Write the number of the limit").says("Nothing was lost");
        fields[3].1 = "7";
        let look = carmen.post(form, "/laws/WA/correct", &fields).await.is(200);
        let look = look.says("The rule as it will read").says("5 business days").says("7 business days");
        // Mon 12 Jan 2026; Mon 19 Jan is a holiday.
        let look = look.says("S-0001").says("S-0002").says("Tue 20 Jan 2026").says("Thu 22 Jan 2026");
        let look = look.says("the dates of 1 open request of campaigns that you do not work in move");
        let look = look.keeps_quiet_about("Birch Sheriff").keeps_quiet_about("Cedar Sheriff");
        assert_eq!(days(&app.app), Some(5), "nothing holds yet");
        fields.push(("step", "propose"));
        let there = carmen.send("/laws/WA/correct", &look.token(), &fields).await.leads();
        let page = carmen.get(&there).await.is(200).says("a second person approves it");
        page.says("Ada Keys").keeps_quiet_about("Approve: it holds");
        let refused = carmen.post(&there, &format!("{there}/approve"), &[]).await.leads();
        carmen.get(&refused).await.says("A second person must approve what you propose");
        assert_eq!(days(&app.app), Some(5));

        // A researcher reads it and decides nothing.
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get("/laws/WA/correct").await.is(403);
        let page = rosa.get(&there).await.is(200);
        page.says("Within seven business days.").keeps_quiet_about("What moves");
        let token = rosa.get(&app.path("agencies/new")).await.token();
        rosa.send(&format!("{there}/approve"), &token, &[]).await.is(403);

        // Counsel of the other campaign finds it on her page and sees her own request only.
        let eli = app.as_who(Who::Elsewhere).await;
        eli.get("/c/birch").await.is(200).says("A correction of the law of WA waits for a second person");
        let page = eli.get(&there).await.is(200).says("Birch Sheriff").keeps_quiet_about("Alder Sheriff");
        page.says("the dates of 2 open requests of campaigns that you do not work in move");
        let ada = app.as_who(Who::Admin).await;
        ada.get("/admin").await.is(200).says("Corrections of the law that wait");
        let page = ada.get(&there).await.is(200).says("The dates of 3 open requests");
        let token = page.keeps_quiet_about("Birch Sheriff").keeps_quiet_about("Alder Sheriff").token();
        ada.send(&format!("{there}/approve"), &token, &[]).await.leads();
        ada.get(&there).await.says("In force").says("approved by Ada Keys");
        assert_eq!(days(&app.app), Some(7));

        app.settle().await;
        app.settle().await;
        let told = mails(app);
        assert_eq!(told.len(), 2, "one mail for each owner: {told:#?}");
        let rosas = told.iter().find(|mail| mail.contains("rosa@coalition.example")).expect("a mail");
        assert!(rosas.contains("S-0001") && rosas.contains("S-0002") && rosas.contains("Subject: 2 requests: dates moved"));
        assert!(rosas.contains("was Tue 20 Jan 2026, now Thu 22 Jan 2026"), "{rosas}");
        assert!(!rosas.contains("Birch"), "{rosas}");
        for id in [request, second] {
            let page = rosa.get(&app.path(&format!("requests/{id}"))).await.is(200);
            page.says("Thu 22 Jan 2026").says("Dates moved: the law was corrected");
        }
        let why = "clock?code=WA&received=2026-01-12&holder=sheriff&as_of=2026-01-13";
        let why = rosa.get(&app.path(why)).await.is(200).says("Thursday 22 January 2026");
        why.says("Corrected in this installation: The legislature gave agencies more time")
            .says("Session laws 2026, chapter 9 (of a correction made here)");
        let law = rosa.get(&app.path("laws/WA")).await.is(200).says("7 business days");
        law.says("In force").says("proposed by Carmen Brief").keeps_quiet_about("Correct this law");
    }
);

both_databases!(
    /// Nobody but the proposer may approve: the refusal says whom to invite.
    alone_nobody_corrects_the_law, |app| {
        let now = app.app.clock.now();
        let id = proposed(app, Who::Admin, 7).await;
        let tx = app.app.store.begin().await.expect("a change begins");
        for who in [Who::Counsel, Who::Elsewhere] {
            accounts::disable(&tx, app.id(who), now).await.expect("it is ended");
        }
        commit(tx).await.expect("it is kept");
        let ada = account(app, Who::Admin).await;
        let refused = approve_correction(&app.app, &ada, wa(), id, now).await.expect_err("refused");
        let says = refused.sentence();
        assert!(says.contains("Invite a legal partner as counsel"), "{says}");
        let researcher = account(app, Who::Researcher).await;
        let refused = approve_correction(&app.app, &researcher, wa(), id, now).await.expect_err("forbidden");
        assert!(refused.sentence().contains("Administrators and counsel"));
        let new = acknowledge_within(&app.app, 9);
        let refused = propose_correction(&app.app, &researcher, &new, now.date_naive(), now).await;
        assert!(refused.is_err());
        assert_eq!(days(&app.app), Some(5));
    }
);

both_databases!(
    /// A restart keeps a correction, another process on the same database follows, and a withdrawal restores.
    a_correction_holds_everywhere_and_is_taken_back, |app| {
        let (request, _) = sent(app, &app.campaign, Who::Researcher, WA, "Alder Sheriff").await;
        let open = || App::open((*app.app.config).clone(), Clock::standing_at(app.app.clock.now()));
        let beside = open().await.expect("a second process opens");
        let id = proposed(app, Who::Counsel, 7).await;
        assert_eq!(approved(app, Who::Admin, id).await, 1);
        let restarted = open().await.expect("it opens again");
        assert_eq!((days(&app.app), days(&restarted)), (Some(7), Some(7)));
        assert_eq!(days(&beside), Some(5), "it has not looked yet");
        // A page looks where nobody looked for half a minute, a waking of the scheduler always.
        let now = beside.clock.now();
        beside.follow_law_at_times(now + Duration::seconds(10)).await.expect("it looks");
        assert_eq!(days(&beside), Some(5));
        beside.follow_law_at_times(now + Duration::seconds(45)).await.expect("it looks");
        assert_eq!(days(&beside), Some(7));
        app.settle().await;
        assert_eq!(mails(app).len(), 1);

        let carmen = account(app, Who::Counsel).await;
        let none = withdraw_correction(&app.app, &carmen, wa(), id, "  ", now).await;
        assert!(none.expect_err("refused").sentence().contains("Say why"));
        let why = "The act was vetoed";
        let moved = withdraw_correction(&app.app, &carmen, wa(), id, why, now).await;
        assert_eq!(moved.expect("it is withdrawn"), 1);
        assert_eq!(days(&app.app), Some(5));
        jobs::wake(&beside, "another process").await.expect("it wakes");
        assert_eq!(days(&beside), Some(5));
        app.settle().await;
        let told = mails(app);
        assert_eq!(told.len(), 2, "once for each decision: {told:#?}");
        assert!(told.iter().any(|mail| mail.contains("was withdrawn") && mail.contains(why)));
        let rosa = app.as_who(Who::Researcher).await;
        let page = rosa.get(&app.path(&format!("requests/{request}"))).await.is(200);
        page.says("Tue 20 Jan 2026").says("a correction of the law was withdrawn");
        let page = rosa.get(&format!("/laws/WA/corrections/{id}")).await.is(200);
        page.says("Withdrawn").says(why);
        assert!(approve_correction(&app.app, &account(app, Who::Admin).await, wa(), id, now).await.is_err());
    }
);

both_databases!(
    /// Only what differs is listed; what does not hold together is said beside its field.
    what_moves_is_exact_and_what_does_not_fit_is_said, |app| {
        let (request, _) = sent(app, &app.campaign, Who::Researcher, WA, "Alder Sheriff").await;
        sent(app, &app.campaign, Who::Researcher, "CA", "Cedar Sheriff").await;
        let now = app.app.clock.now();
        let text = acknowledge_within(&app.app, 5).text(now.date_naive()).expect("text");
        let same = weigh(&app.app, wa(), &text, now).await.expect("it is weighed").expect("it fits");
        assert!(same.moved.is_empty(), "{:?}", same.moved);
        let mut later = acknowledge_within(&app.app, 7);
        later.in_force_from = NaiveDate::from_ymd_opt(2026, 2, 1);
        let text = later.text(now.date_naive()).expect("text");
        let later = weigh(&app.app, wa(), &text, now).await.expect("it is weighed").expect("it fits");
        assert!(later.moved.is_empty(), "a request keeps the rule that governed it: {:?}", later.moved);
        let text = acknowledge_within(&app.app, 6).text(now.date_naive()).expect("text");
        let moved = weigh(&app.app, wa(), &text, now).await.expect("it is weighed").expect("it fits").moved;
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].request, request);
        assert_eq!(moved[0].says(), "Acknowledgment: Tue 20 Jan 2026 → Wed 21 Jan 2026");
        let teams = seen_by(&app.app, app.id(Who::Team), moved).await.expect("it is read");
        assert_eq!((teams.named.len(), teams.elsewhere), (0, 1), "the team sees no deadlines");

        let carmen = app.as_who(Who::Counsel).await;
        let form = "/laws/WA/correct?way=text&rule=duty+acknowledge";
        carmen.get(form).await.is(200).says("id = \"acknowledge\"");
        let rest = [
            ("way", "text"),
            ("reason", "A test"),
            ("source_title", "A page"),
            ("source_url", "https://example.org/a"),
            ("source_read_on", "2026-01-12"),
        ];
        for (text, says) in [("[weather]\n", "Line 1: unknown field"), ("drop = [\"duty nod\"]\n", "there is no rule")] {
            let fields: Vec<_> = rest.iter().copied().chain([("text", text)]).collect();
            carmen.post(form, "/laws/WA/correct", &fields).await.is(422).says(says).says("A test");
        }
    }
);

both_databases!(
    /// A closed day of all offices, by the simple form.
    a_governor_closes_the_offices, |app| {
        let (request, _) = sent(app, &app.campaign, Who::Researcher, WA, "Alder Sheriff").await;
        let carmen = app.as_who(Who::Counsel).await;
        let form = "/laws/WA/correct?way=closing";
        let mut fields = vec![
            ("way", "closing"),
            ("on", "2026-01-14"),
            ("why", "Closed by the Governor"),
            ("counties", ""),
            ("citation", "Proclamation 26-1"),
            ("confidence", "one_source"),
            ("reason", "A storm"),
            ("source_title", "Proclamation 26-1"),
            ("source_url", "https://governor.wa.example/26-1"),
            ("source_read_on", "2026-01-12"),
        ];
        let look = carmen.post(form, "/laws/WA/correct", &fields).await.is(200);
        let look = look.says("Closed on Wed 14 Jan 2026, everywhere").says("Wed 21 Jan 2026");
        let token = look.token();
        let again: Vec<_> = fields.iter().copied().chain([("step", "change")]).collect();
        let typed = carmen.send("/laws/WA/correct", &token, &again).await.is(200);
        assert!(typed.html().contains("Proclamation 26-1"), "what was typed stays");
        fields.push(("step", "propose"));
        let there = carmen.send("/laws/WA/correct", &typed.token(), &fields).await.leads();
        let ada = app.as_who(Who::Admin).await;
        let again = ada.post(&there, &format!("{there}/reject"), &[("why", "")]).await.is(422);
        again.says("Say why");
        ada.post(&there, &format!("{there}/approve"), &[]).await.leads();
        let rosa = app.as_who(Who::Researcher).await;
        let page = rosa.get(&app.path(&format!("requests/{request}"))).await.is(200);
        page.says("Wed 21 Jan 2026");
        let why = "clock?code=WA&received=2026-01-12&as_of=2026-01-13";
        let why = rosa.get(&app.path(why)).await.is(200);
        why.says("Closed by the Governor (closed day added on this site)");
        app.settle().await;
    }
);

both_databases!(
    /// An office's own closed day: what moves is shown first, the dates follow and explain it, and it can be taken back.
    an_office_closes_for_a_day, |app| {
        let (request, agency) = sent(app, &app.campaign, Who::Researcher, WA, "Alder Sheriff").await;
        let (other, _) = sent(app, &app.campaign, Who::Researcher, WA, "Alder Clerk").await;
        let rosa = app.as_who(Who::Researcher).await;
        let form = app.path(&format!("agencies/{agency}/closings/new"));
        let at = app.path(&format!("agencies/{agency}"));
        rosa.get(&at).await.is(200).says("Days it is closed");
        let fields = |on| [("on", on), ("why", "Furlough day"), ("evidence", "Notice on its page"), ("step", "")];
        for (on, says) in [("2026-01-17", "Saturday or Sunday"), ("2026-01-19", "holiday in this law"), ("", "Give the day")] {
            rosa.post(&form, &form, &fields(on)).await.is(422).says(says);
        }
        let look = rosa.post(&form, &form, &fields("2026-01-15")).await.is(200);
        let look = look.says("S-0001").says("Tue 20 Jan 2026").says("Wed 21 Jan 2026").keeps_quiet_about("S-0002");
        let mut add = fields("2026-01-15");
        add[3].1 = "add";
        rosa.send(&form, &look.token(), &add).await.leads();
        rosa.get(&at).await.is(200).says("Thu 15 Jan 2026: Furlough day");
        rosa.post(&form, &form, &fields("2026-01-15")).await.is(422).says("on this agency's list already");
        let page = rosa.get(&app.path(&format!("requests/{request}"))).await.is(200);
        let page = page.says("Wed 21 Jan 2026").says("Dates moved: the office is closed on Thu 15 Jan 2026");
        let html = page.html().replace("&#x2f;", "/").replace("&amp;", "&");
        let why = html
            .split("href=\"")
            .filter_map(|after| after.split(['"', '#']).next())
            .find(|to| to.contains("/clock?"))
            .expect("the date leads to its explanation");
        rosa.get(why).await.is(200).says("Wednesday 21 January 2026").says("Furlough day");
        rosa.get(&app.path(&format!("requests/{other}"))).await.is(200).says("Tue 20 Jan 2026");
        app.as_who(Who::Team).await.get(&form).await.is(403);
        app.as_who(Who::Elsewhere).await.get(&form).await.is(404);

        let page = rosa.get(&at).await;
        let (_, back) = page
            .addresses()
            .into_iter()
            .find(|(_, to)| to.contains("/closings/") && !to.ends_with("/new"))
            .expect("a way to take it back");
        let slug_elsewhere = back.replace("/c/alder/", "/c/birch/");
        app.as_who(Who::Elsewhere).await.get(&slug_elsewhere).await.is(404);
        rosa.get(&back).await.is(200).says("Wed 21 Jan 2026").says("Tue 20 Jan 2026");
        rosa.post(&back, &back, &[("why", "")]).await.is(422);
        rosa.post(&back, &back, &[("why", "It was open after all")]).await.leads();
        rosa.get(&at).await.is(200).says("Taken back").says("It was open after all");
        let page = rosa.get(&app.path(&format!("requests/{request}"))).await.is(200);
        page.says("Tue 20 Jan 2026").says("not taken as closed on Thu 15 Jan 2026");
    }
);

/// Every page of a correction in the real browser, at both widths, with the accessibility check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn corrections_are_made_in_the_browser() {
    let app = TestApp::on(Engine::Sqlite).await;
    let (request, agency) = sent(&app, &app.campaign, Who::Researcher, WA, "Alder Sheriff").await;
    sent(&app, &app.campaign, Who::Researcher, WA, "Alder Clerk").await;
    sent(&app, &app.elsewhere, Who::Elsewhere, WA, "Birch Sheriff").await;
    let password = "three unrelated words";
    let hash = hash_password(password.to_owned())
        .await
        .expect("it is hashed");
    let now = app.app.clock.now();
    let tx = app.app.store.begin().await.expect("a change begins");
    for (name, email) in [
        ("Lena Bar", "lena@lawyers.example"),
        ("Olga Bench", "olga@lawyers.example"),
    ] {
        let id = accounts::add(&tx, name, email, &hash, false, now)
            .await
            .expect("an account");
        campaigns::set_member(&tx, app.campaign.id, id, Role::Counsel, None, now)
            .await
            .expect("a member");
    }
    commit(tx).await.expect("it is kept");
    let site = Served::over(&app.app).await;
    let enter = async |who: &str, journey: &str| {
        let browser = Browser::open(journey, &site.url).await;
        browser.visit("/sign-in").await;
        browser.fill("E-mail address", who).await;
        browser.fill("Password", password).await;
        browser.press("Sign in").await;
        browser
    };
    let mut lena = enter("lena@lawyers.example", "corrections").await;
    lena.visit("/c/alder/laws/WA").await;
    lena.follow("Correct this law").await;
    lena.look("which-duty").await;
    lena.visit("/laws/WA/correct?way=limit&rule=acknowledge")
        .await;
    lena.fill("Number", "7").await;
    lena.fill("Citation", "RCW 42.56.520(1) as amended").await;
    lena.fill("Reason", "The legislature gave agencies more time")
        .await;
    lena.fill("Source", "Session laws 2026, chapter 9").await;
    lena.fill("Its address", "https://app.leg.wa.example/9")
        .await;
    lena.look("limit").await;
    lena.press("See what it would do").await;
    lena.sees("Thu 22 Jan 2026").await;
    lena.look("before-proposing").await;
    lena.press("Propose it to a second person").await;
    lena.sees("a second person approves it").await;
    let there = lena.path().await;
    lena.look("proposed").await;
    lena.visit("/laws/WA/correct?way=closing").await;
    lena.look("closed-day").await;
    lena.visit("/laws/WA/correct?way=text&rule=duty%20acknowledge")
        .await;
    lena.look("as-text").await;
    lena.close().await;

    let mut olga = enter("olga@lawyers.example", "corrections-second").await;
    olga.visit("/c/alder").await;
    olga.sees("waits for a second person").await;
    olga.look("today").await;
    olga.visit(&there).await;
    olga.look("to-decide").await;
    olga.press("Approve: it holds from now on").await;
    olga.sees("The correction is in force.").await;
    olga.look("in-force").await;
    olga.visit("/c/alder/laws/WA").await;
    olga.look("law").await;
    olga.visit(&format!("/c/alder/requests/{request}")).await;
    olga.sees("Thu 22 Jan 2026").await;
    olga.look("request").await;
    olga.visit(&format!("/c/alder/agencies/{agency}/closings/new"))
        .await;
    olga.fill_day("Closed on", "2026-01-15").await;
    olga.fill("Why", "Furlough day").await;
    olga.fill("How it is known", "Notice on its page").await;
    olga.look("office").await;
    olga.press("See what it moves").await;
    olga.look("office-moves").await;
    olga.press("Add the closed day").await;
    olga.sees("Furlough day").await;
    olga.look("agency").await;
    olga.close().await;
    site.stop().await;
}
