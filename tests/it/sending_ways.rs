//! What goes by portal, post, fax and hand: it has left before it is received, with what shows it.

use chrono::Duration;
use sundial::actions::ActionError;
use sundial::actions::hold_delivery::recall_delivery;
use sundial::actions::record_dispatch::{Dispatch, record_dispatch};
use sundial::actions::record_receipt::{Receipt, record_receipt};
use sundial::actions::send_letter::send_letter;
use sundial::domain::delivery::Channel;
use sundial::domain::event::{Evidence, Happening};
use sundial::domain::request::{Status, standing};
use sundial::store::{contacts, events};

use crate::both_databases;
use crate::post_room::{case, count, day, log, mails};
use crate::support::app::Who;
use crate::support::visitor::File;

both_databases!(what_goes_by_post_has_left_before_it_is_received, |app| {
    let by_post = case(app, 1, "records@alder.example").await;
    let rosa = app.as_who(Who::Researcher).await;
    let form = app.path(&format!("letters/{}/dispatch", by_post.letter));
    rosa.post(&form, &form, &[("on", "2026-01-12"), ("channel", "email")])
        .await
        .is(422)
        .says("Choose how it left");
    rosa.post(&form, &form, &[("on", "2026-01-13"), ("channel", "post")])
        .await
        .is(422)
        .says("still to come");
    let slip = File {
        field: "proof",
        name: "slip.png",
        media_type: "image/png",
        bytes: &crate::support::papers::png(8, 8, |x, y| x == y),
    };
    rosa.post_files(
        &form,
        &form,
        &[
            ("on", "2026-01-12"),
            ("channel", "post"),
            ("number", "9400 1000"),
        ],
        &[slip],
    )
    .await
    .leads();
    let page = app.path(&format!("requests/{}", by_post.request));
    rosa.get(&page)
        .await
        .is(200)
        .says("Receipt not shown yet")
        .says("9400 1000")
        .says("slip.png");
    // No clock before the receipt.
    let facts = |log: &[sundial::domain::event::Event]| {
        let body = sundial::domain::duty::Body::plain(
            sundial::law::HolderKind::Sheriff,
            chrono_tz::Tz::UTC,
        );
        sundial::domain::duty::Facts::of_log(&body, log)
    };
    let read = || async {
        events::list_for_request(
            app.app.store.read(),
            &app.scope(Who::Researcher),
            by_post.request,
        )
        .await
        .expect("the log")
    };
    assert_eq!(standing(&read().await).status, Status::Sent);
    let known = facts(&read().await);
    assert_eq!(
        (known.received_on, known.sent_by.as_deref()),
        (None, Some("mail"))
    );
    // It cannot be mailed as well by a slip.
    rosa.post(&form, &form, &[("on", "2026-01-12"), ("channel", "post")])
        .await
        .is(422)
        .says("gone out already");
    app.later(Duration::days(3)).await;
    // Her session ended meanwhile.
    let rosa = app.as_who(Who::Researcher).await;
    let receipt = app.path(&format!("requests/{}/receipt", by_post.request));
    let card = File {
        field: "proof",
        name: "green card.png",
        media_type: "image/png",
        bytes: &crate::support::papers::png(8, 8, |x, y| x == y),
    };
    rosa.post_files(
        &receipt,
        &receipt,
        &[
            ("on", "2026-01-14"),
            ("evidence", "certified_post"),
            ("note", "signed by the clerk"),
        ],
        &[card],
    )
    .await
    .leads();
    let known = facts(&read().await);
    assert_eq!(
        (known.received_on, known.receipt_proved),
        (Some(day("2026-01-14")), true)
    );
    assert_eq!(count(&log(app, by_post.request).await, "evidence_kept"), 2);
    app.settle().await;
    assert!(mails(app).is_empty());
});

both_databases!(what_went_one_way_does_not_go_another, |app| {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let refused = |tried: Result<(), ActionError>, says: &str| {
        assert!(
            matches!(&tried, Err(ActionError::Refused(why)) if why.contains(says)),
            "{says}: {tried:?}"
        );
    };
    // Posted already: no mail.
    let posted = case(app, 1, "records@alder.example").await;
    let dispatch = Dispatch {
        on: day("2026-01-12"),
        channel: Channel::Post,
        number: String::new(),
    };
    record_dispatch(&app.app, &by, posted.letter, dispatch, now)
        .await
        .expect("it is posted");
    let tried = send_letter(&app.app, &by, posted.letter, now).await;
    refused(tried.map(|_| ()), "another way already");
    // Waiting in the outbox: no receipt by another way before it is taken back there.
    let queued = case(app, 2, "records@birch.example").await;
    let id = send_letter(&app.app, &by, queued.letter, now)
        .await
        .expect("queued");
    let receipt = || Receipt {
        on: day("2026-01-12"),
        evidence: Evidence::CertifiedPost,
        note: "green card".into(),
        after_hours: false,
    };
    let tried = record_receipt(&app.app, &by, queued.request, receipt(), now).await;
    refused(tried.map(|_| ()), "Take it back there first");
    recall_delivery(&app.app, &by, id, "by post instead", now)
        .await
        .expect("taken back");
    record_receipt(&app.app, &by, queued.request, receipt(), now)
        .await
        .expect("it was posted instead");
    let tried = send_letter(&app.app, &by, queued.letter, now).await;
    refused(tried.map(|_| ()), "another way already");
    app.settle().await;
    assert!(mails(app).is_empty());
});

both_databases!(
    a_portals_text_is_there_to_copy_and_its_messages_are_saved,
    |app| {
        let case = case(app, 1, "records@alder.example").await;
        let by = app.scope(Who::Researcher);
        let db = app.app.store.read();
        let kept = sundial::store::requests::find(db, &by, case.request)
            .await
            .expect("db")
            .expect("it");
        let portal = contacts::Contact {
            id: sundial::domain::ids::ContactId::new(),
            channel: sundial::domain::agency::contact::Channel::Portal,
            value: "https://alder.example/portal".into(),
            ..contacts::find(db, &by, kept.request.contact.expect("one"))
                .await
                .expect("db")
                .expect("it")
        };
        let tx = app.app.store.begin().await.expect("a change");
        contacts::add(&tx, std::slice::from_ref(&portal))
            .await
            .expect("the contact");
        sundial::store::commit(tx).await.expect("it is there");
        sundial::actions::choose_contact::choose_contact(&app.app, &by, case.request, portal.id)
            .await
            .expect("chosen");
        let rosa = app.as_who(Who::Researcher).await;
        let page = app.path(&format!("requests/{}", case.request));
        rosa.get(&page)
            .await
            .is(200)
            .says("Upload it to the agency's portal")
            .says("Open its text, to copy");
        let text = rosa
            .get(&app.path(&format!("letters/{}/letter.txt", case.letter)))
            .await
            .is(200);
        assert!(
            text.media_type.starts_with("text/plain"),
            "{}",
            text.media_type
        );
        assert!(text.html().contains("please send the counts."));
        let receipt = app.path(&format!("requests/{}/receipt", case.request));
        rosa.post(
            &receipt,
            &receipt,
            &[
                ("on", "2026-01-12"),
                ("evidence", "portal_stamp"),
                ("note", "R-77"),
            ],
        )
        .await
        .leads();
        let look = app.path(&format!("requests/{}/portal", case.request));
        let shot = File {
            field: "proof",
            name: "portal.png",
            media_type: "image/png",
            bytes: &crate::support::papers::png(8, 8, |x, y| x == y),
        };
        rosa.post_files(
            &page,
            &look,
            &[("on", "2026-01-12"), ("note", "status: open")],
            &[shot],
        )
        .await
        .leads();
        rosa.get(&page)
            .await
            .is(200)
            .says("The agency’s portal was looked at on Mon 12 Jan 2026")
            .says("status: open")
            .says("last looked Mon 12 Jan 2026");
        let log = log(app, case.request).await;
        assert!(
            log.iter().any(|what| matches!(
                what,
                Happening::PortalChecked {
                    document: Some(_),
                    ..
                }
            )),
            "{log:?}"
        );
        assert!(log.iter().any(|what| matches!(what, Happening::Sent { channel, evidence: Evidence::PortalStamp, .. } if channel == "portal")));
        let theo = app.as_who(Who::Team).await;
        let token = theo.get(&app.path("")).await.token();
        theo.send(&look, &token, &[("note", "x")]).await.is(403);
        app.settle().await;
    }
);
