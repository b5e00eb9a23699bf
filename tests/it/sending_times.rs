//! When letters leave: the window for taking one back, a chosen time, holding, the pace to one mail domain.

use chrono::{Duration, TimeDelta};
use sundial::actions::ActionError;
use sundial::actions::hold_delivery::{hold_delivery, recall_delivery};
use sundial::actions::send_letter::{send_letter, send_letter_when};
use sundial::actions::set_recall::set_recall;
use sundial::domain::delivery::State;
use sundial::domain::delivery::when::When;
use sundial::domain::event::Happening;
use sundial::domain::request::{Status, standing};
use sundial::store::events;

use crate::both_databases;
use crate::post_room::{Case, case, count, delivery, log, mails};
use crate::support::app::{TestApp, Who};
use crate::support::database::Engine;

async fn status(app: &TestApp, case: &Case) -> Status {
    let log = events::list_for_request(
        app.app.store.read(),
        &app.scope(Who::Researcher),
        case.request,
    )
    .await
    .expect("the log");
    standing(&log).status
}

async fn send(
    app: &TestApp,
    case: &Case,
    when: When,
) -> Result<sundial::domain::ids::DeliveryId, ActionError> {
    send_letter_when(
        &app.app,
        &app.scope(Who::Researcher),
        case.letter,
        when,
        app.app.clock.now(),
    )
    .await
}

both_databases!(
    a_letter_leaves_after_the_window_unless_it_is_taken_back,
    |app| {
        let by = app.scope(Who::Researcher);
        let kept = case(app, 1, "records@alder.example").await;
        let id = send(app, &kept, When::AfterWindow)
            .await
            .expect("it is queued");
        app.later(Duration::minutes(29)).await;
        assert_eq!(delivery(&app.app, id).await.state, State::Queued);
        assert!(mails(app).is_empty(), "it may still be taken back");
        app.later(Duration::minutes(1)).await;
        assert_eq!(delivery(&app.app, id).await.state, State::Accepted);
        assert_eq!(mails(app).len(), 1);
        let late = recall_delivery(&app.app, &by, id, "", app.app.clock.now()).await;
        assert!(
            matches!(&late, Err(ActionError::Refused(why)) if why.contains("has left")),
            "{late:?}"
        );

        // Taken back: it stands as approved, is said so, and never leaves by itself.
        let recalled = case(app, 2, "records@birch.example").await;
        let id = send(app, &recalled, When::AfterWindow)
            .await
            .expect("it is queued");
        for stranger in [app.scope(Who::Team), app.scope(Who::Elsewhere)] {
            assert!(
                recall_delivery(&app.app, &stranger, id, "", app.app.clock.now())
                    .await
                    .is_err()
            );
            assert!(
                hold_delivery(&app.app, &stranger, id, app.app.clock.now())
                    .await
                    .is_err()
            );
        }
        recall_delivery(&app.app, &by, id, "the wrong period", app.app.clock.now())
            .await
            .expect("it is taken back");
        app.later(Duration::days(2)).await;
        assert_eq!(mails(app).len(), 1);
        assert_eq!(delivery(&app.app, id).await.state, State::Recalled);
        assert_eq!(status(app, &recalled).await, Status::Approved);
        let rosa = app.as_who(Who::Researcher).await;
        rosa.get(&app.path(&format!("requests/{}", recalled.request)))
            .await
            .is(200)
            .says("Taken back before it left")
            .says("the wrong period")
            .says("Send the letter");
        rosa.get(&app.path(""))
            .await
            .is(200)
            .says("was taken back before it left");
        // Sent again, it goes once, with the same Message-ID.
        let message_id = delivery(&app.app, id).await.message_id;
        assert_eq!(send(app, &recalled, When::Now).await.expect("again"), id);
        app.settle().await;
        let sent = delivery(&app.app, id).await;
        assert_eq!((sent.state, sent.message_id), (State::Accepted, message_id));
        assert_eq!(mails(app).len(), 2);
        assert_eq!(count(&log(app, recalled.request).await, "sent"), 1);
    }
);

both_databases!(a_held_letter_waits_for_a_person_and_says_so, |app| {
    let by = app.scope(Who::Researcher);
    let held = case(app, 1, "records@alder.example").await;
    let id = send(app, &held, When::Held).await.expect("it is held");
    app.later(Duration::days(40)).await;
    assert!(mails(app).is_empty());
    assert_eq!(status(app, &held).await, Status::Held);
    let rosa = app.as_who(Who::Researcher).await;
    let page = app.path(&format!("requests/{}", held.request));
    rosa.get(&page)
        .await
        .is(200)
        .says("Held back")
        .says("Nothing leaves until somebody says so");
    rosa.get(&app.path("")).await.is(200).says("is held back");
    // Held twice, or sent while it is held by the old button, is told.
    let twice = hold_delivery(&app.app, &by, id, app.app.clock.now()).await;
    assert!(matches!(twice, Err(ActionError::Refused(_))), "{twice:?}");
    // By the page: let go now.
    let send_to = app.path(&format!("letters/{}/send", held.letter));
    rosa.post(&page, &send_to, &[("when", "now")]).await.leads();
    app.settle().await;
    assert_eq!(delivery(&app.app, id).await.state, State::Accepted);
    assert_eq!(mails(app).len(), 1);

    // Held while it waits for its window; the window's job does nothing then.
    let other = case(app, 2, "records@birch.example").await;
    let id = send(app, &other, When::AfterWindow)
        .await
        .expect("it is queued");
    let page = app.path(&format!("requests/{}", other.request));
    rosa.get(&page)
        .await
        .is(200)
        .says("Take it back")
        .says("Leaves on");
    rosa.post(&page, &app.path(&format!("deliveries/{id}/hold")), &[])
        .await
        .leads();
    app.later(Duration::hours(3)).await;
    assert_eq!(mails(app).len(), 1);
    let at = app.app.clock.now() + TimeDelta::hours(20);
    send(app, &other, When::At(at))
        .await
        .expect("it has a time");
    app.until(at - TimeDelta::minutes(1)).await;
    assert_eq!(mails(app).len(), 1);
    app.until(at).await;
    assert_eq!(mails(app).len(), 2);
    assert_eq!(delivery(&app.app, id).await.state, State::Accepted);
});

both_databases!(
    a_chosen_time_is_the_campaigns_and_an_awkward_one_is_told,
    |app| {
        let late = case(app, 1, "records@alder.example").await;
        let rosa = app.as_who(Who::Researcher).await;
        let page = app.path(&format!("letters/{}/when", late.letter));
        let to = app.path(&format!("letters/{}/send", late.letter));
        rosa.get(&page)
            .await
            .is(200)
            .says("By the clock of Alder County Sheriff 1 it is 09:00 now");
        for (fields, says) in [
            (
                vec![("when", "at"), ("on", ""), ("hour", "09:00")],
                "Give the day",
            ),
            (
                vec![("when", "at"), ("on", "2026-01-13"), ("hour", "soon")],
                "Give the time as 09:30",
            ),
            (
                vec![("when", "at"), ("on", "2026-01-12"), ("hour", "08:00")],
                "That time has passed",
            ),
            (
                vec![("when", "at"), ("on", "2026-01-13"), ("hour", "21:40")],
                "21:40 by the agency’s clock",
            ),
            // Friday before Martin Luther King's day.
            (
                vec![("when", "at"), ("on", "2026-01-16"), ("hour", "10:00")],
                "until Mon 19 Jan 2026",
            ),
            (
                vec![("when", "at"), ("on", "2026-01-18"), ("hour", "10:00")],
                "closed on Sun 18 Jan 2026",
            ),
        ] {
            rosa.post(&page, &to, &fields).await.is(422).says(says);
        }
        app.settle().await;
        assert_eq!(count(&log(app, late.request).await, "queued"), 0);
        // All the same: 21:40 in Seattle is 05:40 UTC of the next day.
        let fields = [
            ("when", "at"),
            ("on", "2026-01-13"),
            ("hour", "21:40"),
            ("anyway", "on"),
        ];
        rosa.post(&page, &to, &fields).await.leads();
        rosa.get(&app.path(&format!("requests/{}", late.request)))
            .await
            .is(200)
            .says("Tue 13 Jan 2026, 21:40");
        let leaves = log(app, late.request)
            .await
            .iter()
            .find_map(|what| match what {
                Happening::Queued { leave_at, .. } => *leave_at,
                _ => None,
            });
        assert_eq!(
            leaves,
            Some("2026-01-14T05:40:00Z".parse().expect("an instant"))
        );
        app.until("2026-01-14T05:40:00Z".parse().expect("an instant"))
            .await;
        let text = std::fs::read_to_string(&mails(app)[0]).expect("it can be read");
        assert!(
            text.contains("Date: Wed, 14 Jan 2026 05:40:00"),
            "dated by its leaving: {text}"
        );
    }
);

both_databases!(
    the_window_is_the_installations_or_the_campaigns_own,
    |app| {
        let rosa = app.as_who(Who::Researcher).await;
        let page = app.path("sending");
        rosa.get(&page).await.is(200).says("Empty: 30");
        rosa.post(&page, &page, &[("minutes", "soon")])
            .await
            .is(422)
            .says("whole number");
        rosa.post(&page, &page, &[("minutes", "2000")])
            .await
            .is(422)
            .says("At most a day");
        rosa.post(&page, &page, &[("minutes", "5")]).await.leads();
        let first = case(app, 1, "records@alder.example").await;
        send(app, &first, When::AfterWindow)
            .await
            .expect("it is queued");
        app.later(Duration::minutes(4)).await;
        assert!(mails(app).is_empty());
        app.later(Duration::minutes(1)).await;
        assert_eq!(mails(app).len(), 1);
        let by = app.scope(Who::Researcher);
        set_recall(&app.app, &by, Some(0), app.app.clock.now())
            .await
            .expect("set");
        let second = case(app, 2, "records@birch.example").await;
        send(app, &second, When::AfterWindow)
            .await
            .expect("it is queued");
        app.settle().await;
        assert_eq!(mails(app).len(), 2, "no window: at once");
        assert!(
            set_recall(&app.app, &app.scope(Who::Team), None, app.app.clock.now())
                .await
                .is_err()
        );
        set_recall(&app.app, &by, None, app.app.clock.now())
            .await
            .expect("given back");
        rosa.get(&page).await.is(200).says("Empty: 30");
    }
);

/// Whoever sends, one mail domain gets so many an hour; the rest wait their turn and go.
async fn pace(engine: Engine) {
    let app = TestApp::with(engine, |config| config.mail.letters_per_domain_hour = 2).await;
    let app = &app;
    let mut ids = Vec::new();
    for number in 1..=5 {
        let case = case(app, number, &format!("clerk{number}@Alder.example")).await;
        ids.push(
            send_letter(
                &app.app,
                &app.scope(Who::Researcher),
                case.letter,
                app.app.clock.now(),
            )
            .await
            .expect("queued"),
        );
    }
    let elsewhere = case(app, 6, "clerk@birch.example").await;
    send(app, &elsewhere, When::Now).await.expect("queued");
    app.settle().await;
    assert_eq!(
        mails(app).len(),
        3,
        "two to the one domain, one to the other"
    );
    let mut waiting = Vec::new();
    for id in &ids {
        let row = delivery(&app.app, *id).await;
        if row.state == State::Queued {
            assert!(
                row.last_word.as_deref().is_some_and(
                    |word| word.contains("at most 2 letters an hour go to alder.example")
                ),
                "{row:?}"
            );
            waiting.push(row);
        }
    }
    assert_eq!(waiting.len(), 3);
    app.later(Duration::minutes(59)).await;
    assert_eq!(mails(app).len(), 3);
    app.later(Duration::minutes(1)).await;
    assert_eq!(mails(app).len(), 5);
    app.later(Duration::hours(1)).await;
    assert_eq!(mails(app).len(), 6);
    app.nothing_left_to_do().await;
}

#[tokio::test]
async fn one_mail_domain_gets_so_many_letters_an_hour_sqlite() {
    pace(Engine::Sqlite).await;
}

#[tokio::test]
async fn one_mail_domain_gets_so_many_letters_an_hour_postgres() {
    pace(Engine::Postgres).await;
}
