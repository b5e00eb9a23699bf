//! PostgreSQL falls while the program sends and receives, stays away for a minute by the clock on the wall, and comes back:
//! nothing is lost, nothing goes twice, and whoever opens a page meanwhile reads what is the matter.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use sundial::actions::sign_in::open_session;
use sundial::domain::delivery::State;
use sundial::domain::ids::DeliveryId;
use sundial::store::deliveries::Delivery;
use sundial::web::SESSION_COOKIE;

use crate::alarm_faults::offsets;
use crate::killed_sending::post_at;
use crate::post_room::{count, log};
use crate::reminders::{at, out};
use crate::sending_faults::{queue_many, rows};
use crate::support::app::{TestApp, Who};
use crate::support::database::Engine;
use crate::support::program::{self, Serving, run, text};
use crate::support::servers::{MailProvider, OwnPostgres, mail};
use crate::support::visitor::words_of;
use crate::support::wire::Wire;
use crate::two_programs::{answer, as_words, filed, own_mailbox, settings};

const LETTERS: i32 = 60;
const ANSWERS: usize = 8;
/// How long it stays away.
const MINUTE: Duration = Duration::from_secs(60);
/// Further falls, short ones, at moments that nobody chose.
const FALLS: usize = 3;

/// A form of Rosa's: a reminder of her own on a request.
struct Form {
    cookies: String,
    page: String,
    path: String,
    fields: String,
}

impl Form {
    /// Opens the page, as she did before anything fell.
    async fn opened(app: &TestApp, site: &Serving, letter: &Delivery) -> Form {
        let opened = open_session(&app.app, app.id(Who::Researcher), Utc::now())
            .await
            .expect("a session");
        let cookies = format!("{SESSION_COOKIE}={}", opened.token);
        let page = app.path(&format!("requests/{}/reminders", letter.request));
        let (status, came) = site.get_as(&cookies, &page).await;
        assert_eq!(status, 200, "{came}");
        let (_, after) = came
            .split_once("name=\"token\" value=\"")
            .expect("it has a form");
        let token = after.split('"').next().unwrap_or_default();
        let on = Utc::now().date_naive() + TimeDelta::days(20);
        Form {
            path: format!("{page}/own"),
            fields: format!("token={token}&on={on}&note=Ask+again"),
            page,
            cookies,
        }
    }

    async fn send(&self, site: &Serving) -> (u16, String) {
        site.post_as(&self.cookies, &self.path, &self.fields).await
    }
}

/// What everybody meets while the database is away.
async fn while_it_is_away(site: &Serving, form: &Form) {
    let (status, came) = site.get_as(&form.cookies, &form.page).await;
    assert_eq!(status, 503, "{came}");
    let words = words_of(&came);
    for sentence in [
        "The database does not answer",
        "Nothing was changed, and what was kept before is safe.",
        "Try again",
    ] {
        assert!(words.contains(sentence), "{sentence}: {words}");
    }
    assert!(!words.contains("sign in"), "she is not signed out: {words}");
    assert!(came.to_lowercase().contains("retry-after: 60"), "{came}");
    let (status, came) = form.send(site).await;
    assert_eq!(status, 503, "{came}");
    assert!(
        words_of(&came).contains("what you typed is usually still there"),
        "{came}"
    );
    let (status, came) = site.get("/healthz").await;
    assert_eq!(status, 503, "{came}");
}

/// Falls for a moment, somewhere in the sending.
async fn falls_briefly(own: &mut OwnPostgres, wire: &Wire) {
    let further = wire.taken() + rand::random_range(1..6);
    assert!(wire.has_taken(further).await, "the program goes on sending");
    program::pass(Duration::from_micros(rand::random_range(0..60_000))).await;
    own.fall();
    program::pass(Duration::from_secs(2)).await;
    own.rise();
}

/// What stands as held by nobody living counts as over: twenty minutes and the pauses between two tries are taken off.
async fn an_hour_later(app: &TestApp) {
    app.app
        .store
        .read()
        .execute_unprepared(
            "UPDATE job SET lease_until = lease_until - INTERVAL '1 hour', \
             run_at = run_at - INTERVAL '1 hour' WHERE done_at IS NULL AND failed_at IS NULL \
             AND kind IN ('deliver', 'read_message')",
        )
        .await
        .expect("the database answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minute_without_the_database_loses_nothing_and_sends_nothing_twice() {
    let provider = mail();
    let mut own = OwnPostgres::start();
    let mailbox = own_mailbox();
    let app = TestApp::with(Engine::Sqlite, |config| {
        config.database_url = own.url().to_owned();
        config.mail.reply_address = format!("{mailbox}+{{token}}@campaign.example");
    })
    .await;
    app.app.clock.set(Utc::now() - TimeDelta::hours(2));
    let ids = queue_many(&app, LETTERS).await;
    let letters = rows(&app, &ids).await;
    let wire = Wire::to(provider.smtp).await;
    let set = settings(&app, provider, &wire, &mailbox);
    let set = as_words(&set);
    // Two answers wait in the mailbox before, two come while the database is away, two after; two by the pipe.
    let told = |at: usize| answer(&letters[at], &format!("answer{at}@{mailbox}.example"));
    let bring = async |at: usize| {
        let letter = &letters[at];
        let (from, to) = (&letter.recipient, &letter.reply_address);
        provider.bring(from, to, &told(at)).await;
    };
    let pipe = async |at: usize| {
        let raw = told(at);
        run(
            app.folder(),
            &set,
            &["mail", "receive", "-"],
            raw.as_bytes(),
        )
        .await
    };
    bring(0).await;
    bring(1).await;
    let mut site = program::serve(app.folder(), &set).await;
    let form = Form::opened(&app, &site, &letters[0]).await;
    assert!(wire.has_taken(8).await, "{}", site.log());

    // It falls with a letter in the middle of its text. The server takes it; that has to be remembered for a minute.
    wire.keep_one("@county").await;
    let fell = Instant::now();
    own.fall();
    let before = wire.taken();
    wire.let_go();
    assert!(wire.has_taken(before + 1).await, "{}", site.log());
    while_it_is_away(&site, &form).await;
    let ended = pipe(2).await;
    assert_eq!(ended.status.code(), Some(75), "{}", text(&ended.stderr));
    bring(3).await;
    bring(4).await;
    program::pass(MINUTE.saturating_sub(fell.elapsed())).await;
    assert!(fell.elapsed() >= MINUTE);
    assert_eq!(
        wire.taken(),
        before + 1,
        "nobody is written to without a record"
    );
    own.rise();

    // The same program goes on sending, without being started again, and it falls some more times under it.
    for _ in 0..FALLS {
        falls_briefly(&mut own, &wire).await;
    }
    assert!(site.lives(), "{}", site.log());
    program::until(async || site.get_as(&form.cookies, &form.page).await.0 == 200).await;
    let (status, came) = form.send(&site).await;
    assert_eq!(
        status, 303,
        "the form that was not taken is taken now: {came}"
    );
    for at in [2, 5] {
        let ended = pipe(at).await;
        assert!(ended.status.success(), "{}", text(&ended.stderr));
    }
    bring(6).await;
    bring(7).await;
    program::until(async || {
        app.app.store.ping().await.is_ok() && {
            an_hour_later(&app).await;
            all_settled(&app, &ids).await
        }
    })
    .await;
    let log = site.log();
    assert!(site.lives() && !log.contains("panicked"), "{log}");
    site.kill().await;
    nothing_lost_nothing_twice(&app, provider, &ids, &letters).await;
}

async fn all_settled(app: &TestApp, ids: &[DeliveryId]) -> bool {
    let settled = rows(app, ids)
        .await
        .iter()
        .all(|row| matches!(row.state, State::Accepted | State::Unknown));
    settled && filed(app, ids).await >= ANSWERS
}

async fn nothing_lost_nothing_twice(
    app: &TestApp,
    provider: &MailProvider,
    ids: &[DeliveryId],
    letters: &[Delivery],
) {
    let taken = provider.taken();
    let mut unknown = 0;
    for row in rows(app, ids).await {
        let times = taken.get(&row.message_id).copied().unwrap_or_default();
        match row.state {
            State::Accepted => assert_eq!(times, 1, "{row:?}"),
            _ => {
                unknown += 1;
                assert!(times <= 1, "{row:?}");
            }
        }
    }
    println!("{unknown} of {LETTERS} letters unknown after one long and {FALLS} short falls");
    assert!(unknown <= FALLS, "{unknown}");
    for (at, letter) in letters.iter().enumerate() {
        let log = log(app, letter.request).await;
        let answers = count(&log, "reply_received");
        assert_eq!(answers, usize::from(at < ANSWERS), "{at}");
        let own = count(&log, "own_reminder_set");
        assert_eq!(own, usize::from(at == 0), "the form was taken once");
    }
}

/// A morning mail has left when the database falls: that is written down once it is back, and told no second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_morning_mail_that_left_while_the_database_fell_is_not_told_again() {
    let provider = mail();
    let mut own = OwnPostgres::start();
    let mut app = TestApp::with(Engine::Sqlite, |config| {
        config.database_url = own.url().to_owned();
    })
    .await;
    let wire = Wire::to(provider.smtp).await;
    app.app.post = post_at(wire.port);
    let id = out(&app, "WA", "email").await;
    app.settle().await;
    // Two business days before the agency's limit, at nine in Seattle.
    app.app.clock.set(at(2026, 1, 15, 17));
    let kept = wire.keep_one("rosa@");
    let waking = tokio::spawn({
        let app = app.app.clone();
        async move { sundial::jobs::wake(&app, "the test").await }
    });
    kept.await;
    own.fall();
    wire.let_go();
    assert!(wire.has_taken(1).await);
    own.rise();
    let woken = waking.await.expect("the waking ends");
    assert!(woken.is_ok(), "{woken:?}");
    assert_eq!(offsets(&app, id).await, [-2]);
    for day in [15, 16] {
        app.until(at(2026, 1, day, 18)).await;
    }
    assert_eq!(offsets(&app, id).await, [-2], "not told again");
    assert_eq!(wire.taken(), 1);
    app.nothing_left_to_do().await;
}
