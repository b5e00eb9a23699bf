//! What people set of their reminders, what a campaign sets, and the calendars: by the site's own pages.

use chrono::{Duration, NaiveDate};
use sundial::domain::event::{Evidence, Happening, ReplyKind};
use sundial::domain::ids::MessageId;

use crate::both_databases;
use crate::reminders::{CARMEN, Left, ROSA, at, left_to, note, out};
use crate::support::app::Who;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

both_databases!(a_person_chooses_language_hour_and_what_to_hear, |app| {
    out(app, "WA", "email").await;
    let rosa = app.as_who(Who::Researcher).await;
    let at_settings = "/settings/reminders";
    rosa.get(at_settings)
        .await
        .is(200)
        .says("cannot be switched off")
        .says("Español");
    rosa.post(
        at_settings,
        at_settings,
        &[("language", "xx"), ("hour", "6"), ("morning", "full")],
    )
    .await
    .is(422)
    .says("Choose a language.");
    let mut fields = vec![
        ("language", "es"),
        ("hour", "6"),
        ("zone", "America/New_York"),
        ("morning", "full"),
    ];
    for topic in [
        "agency_limit",
        "replies",
        "held",
        "approvals",
        "portal",
        "contacts",
        "own",
    ] {
        fields.push(("topics", topic));
    }
    rosa.post(at_settings, at_settings, &fields).await.is(303);
    // Six in New York is eleven by the world's clock; Thursday the 15th tells of the limit.
    app.until(at(2026, 1, 15, 10)).await;
    assert_eq!(left_to(app, ROSA).len(), 0);
    app.until(at(2026, 1, 15, 11)).await;
    let mail = left_to(app, ROSA);
    assert_eq!(mail.len(), 1);
    let text = mail[0].text();
    assert!(
        text.contains("Hola Rosa Quill")
            && text.contains("Acuse de recibo, vence el mar 20 ene 2026"),
        "{text}"
    );
    let rosa = app.as_who(Who::Researcher).await;
    // Without the topic she hears nothing of it, and what was planned is over.
    rosa.post(
        at_settings,
        at_settings,
        &[("language", "en"), ("hour", "6"), ("morning", "reminders")],
    )
    .await
    .is(303);
    app.until(at(2026, 1, 20, 17)).await;
    assert_eq!(left_to(app, ROSA).len(), 1);
    app.as_who(Who::Stranger)
        .await
        .get(at_settings)
        .await
        .is(303);
});

both_databases!(a_campaign_sets_its_rules_and_open_requests_follow, |app| {
    out(app, "WA", "email").await;
    app.settle().await;
    let rosa = app.as_who(Who::Researcher).await;
    let page = "/c/alder/reminders";
    rosa.get(page)
        .await
        .is(200)
        .says("They cannot be switched off");
    let backup = app.id(Who::SecondResearcher).to_string();
    let fields = |before: &'static str, backup: &str| -> Vec<(&'static str, String)> {
        vec![
            ("agency_before", before.to_owned()),
            ("agency_after", "1".to_owned()),
            ("ours_before", "21, 7".to_owned()),
            ("replies_after", "1, 3".to_owned()),
            ("counsel_after", "1, 3".to_owned()),
            ("portal_every", "7".to_owned()),
            ("contacts_before", "7".to_owned()),
            ("topics", "agency_limit".to_owned()),
            ("backup", backup.to_owned()),
        ]
    };
    async fn send(
        who: &crate::support::visitor::Visitor,
        page: &str,
        fields: Vec<(&'static str, String)>,
    ) -> crate::support::visitor::Page {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        who.post(page, page, &fields).await
    }
    send(&rosa, page, fields("99", &backup))
        .await
        .is(422)
        .says("Between 1 and 10 business days.");
    let team = app.id(Who::Team).to_string();
    send(&rosa, page, fields("3", &team))
        .await
        .is(422)
        .says("A backup is a researcher or counsel");
    send(&rosa, page, fields("3", &backup)).await.is(303);
    rosa.get(page)
        .await
        .is(200)
        .says("Last changed by Rosa Quill");
    let kept = sundial::store::reminder_settings::rules(app.app.store.read(), app.campaign.id)
        .await
        .expect("rules");
    assert_eq!(kept.rules.ours_before, [21, 7, 3, 1], "the last days stay");
    assert!(!kept.rules.weekly && !kept.rules.chasers);
    // Three business days before Tuesday the 20th, over the holiday: Wednesday the 14th.
    app.until(at(2026, 1, 14, 17)).await;
    assert_eq!(
        left_to(app, ROSA)
            .iter()
            .filter(|left| left.text().contains("is due on Tue 20 Jan 2026"))
            .count(),
        1
    );
    app.as_who(Who::Team).await.get(page).await.is(403);
    app.as_who(Who::Elsewhere).await.get(page).await.is(404);
});

/// One property of every event of a calendar, lines unfolded.
fn events_of(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"),
        "{text}"
    );
    let whole = text.replace("\r\n ", "");
    whole
        .split("BEGIN:VEVENT\r\n")
        .skip(1)
        .map(|event| {
            event
                .split("\r\n")
                .take_while(|line| *line != "END:VEVENT")
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        })
        .collect()
}

both_databases!(a_calendar_follows_the_clocks_by_its_secret_link, |app| {
    let id = out(app, "WA", "email").await;
    let rosa = app.as_who(Who::Researcher).await;
    let page = rosa
        .post(
            "/settings/reminders",
            "/settings/calendars",
            &[("calendar", "")],
        )
        .await
        .is(200);
    let words = page.words();
    let from = words.find("/calendar/").expect("the link is shown");
    let link: String = words[from..]
        .chars()
        .take_while(|sign| !sign.is_whitespace())
        .collect();
    assert!(link.ends_with(".ics") && link.len() > 50, "{link}");
    rosa.get("/settings/reminders")
        .await
        .keeps_quiet_about(&link);
    let stranger = app.as_who(Who::Stranger).await;
    let first = stranger.get(&link).await.is(200);
    assert!(
        first
            .headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("content-type")
                && value.starts_with("text/calendar")),
        "{:?}",
        first.headers
    );
    assert!(
        first
            .headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("cache-control") && value == "no-store"),
        "{:?}",
        first.headers
    );
    let events = events_of(&first.html());
    let of = |events: &[std::collections::BTreeMap<String, String>]| {
        events
            .iter()
            .find(|event| event["UID"].contains("-acknowledge"))
            .cloned()
            .expect("its clock")
    };
    let one = of(&events);
    assert_eq!(
        (
            one["DTSTART;VALUE=DATE"].as_str(),
            one["SEQUENCE"].as_str(),
            one["STATUS"].as_str()
        ),
        ("20260120", "0", "CONFIRMED")
    );
    assert_eq!(one["DTEND;VALUE=DATE"], "20260121");
    assert!(
        one["DESCRIPTION"].contains("RCW 42.56.520") && one["URL"].contains(&id.to_string()),
        "{one:?}"
    );
    assert!(!first.html().contains("Jane Roe"));

    // The receipt is proved for a later day: the same entry moves.
    note(
        app,
        id,
        Who::Researcher,
        Happening::ReceiptRecorded {
            on: day("2026-01-14"),
            evidence: Evidence::DeliveryReceipt,
            note: String::new(),
            after_hours: false,
        },
    )
    .await;
    let moved = of(&events_of(&stranger.get(&link).await.html()));
    assert_eq!(moved["UID"], one["UID"]);
    assert_eq!(
        (
            moved["DTSTART;VALUE=DATE"].as_str(),
            moved["SEQUENCE"].as_str()
        ),
        ("20260122", "1")
    );

    // It is acknowledged: the entry is called off, and after two months it is gone.
    note(
        app,
        id,
        Who::Researcher,
        Happening::ReplySorted {
            message: None,
            what: ReplyKind::Acknowledged,
            on: day("2026-01-14"),
            until: None,
            amount_cents: None,
            note: String::new(),
            detail: Default::default(),
        },
    )
    .await;
    app.later(Duration::days(3)).await;
    let off = of(&events_of(&stranger.get(&link).await.html()));
    assert_eq!(
        (
            off["STATUS"].as_str(),
            off["SEQUENCE"].as_str(),
            off["DTSTART;VALUE=DATE"].as_str()
        ),
        ("CANCELLED", "2", "20260122")
    );
    app.later(Duration::days(70)).await;
    let later = events_of(&stranger.get(&link).await.html());
    assert!(
        later
            .iter()
            .all(|event| !event["UID"].contains("-acknowledge")),
        "{later:?}"
    );

    let rosa = app.as_who(Who::Researcher).await;
    // Wrong secrets and ended links find nothing.
    for wrong in [
        "/calendar/x.ics",
        "/calendar/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ics",
        &link.replace(".ics", ""),
    ] {
        stranger.get(wrong).await.is(404);
    }
    let feeds =
        sundial::store::calendar_feeds::list_feeds(app.app.store.read(), app.id(Who::Researcher))
            .await
            .expect("links");
    assert!(feeds[0].read_at.is_some());
    let end = format!("/settings/calendars/{}/end", feeds[0].id.simple());
    app.as_who(Who::Counsel)
        .await
        .post("/settings/reminders", &end, &[])
        .await
        .is(404);
    rosa.post("/settings/reminders", &end, &[]).await.is(303);
    stranger.get(&link).await.is(404);
});

both_databases!(
    a_campaigns_calendar_ends_with_its_readers_membership,
    |app| {
        let id = out(app, "WA", "email").await;
        let sam = app.as_who(Who::SecondResearcher).await;
        let campaign = app.campaign.id.to_string();
        let words = sam
            .post(
                "/settings/reminders",
                "/settings/calendars",
                &[("calendar", &campaign)],
            )
            .await
            .is(200)
            .words();
        let from = words.find("/calendar/").expect("the link is shown");
        let link: String = words[from..]
            .chars()
            .take_while(|sign| !sign.is_whitespace())
            .collect();
        let stranger = app.as_who(Who::Stranger).await;
        let shown = stranger.get(&link).await.is(200).html();
        assert!(
            shown.contains(&id.to_string()[..8]),
            "all of the campaign, not only one's own: {shown}"
        );
        // Neither the meeting team nor people of other campaigns get one.
        for who in [Who::Team, Who::Elsewhere] {
            app.as_who(who)
                .await
                .post(
                    "/settings/reminders",
                    "/settings/calendars",
                    &[("calendar", &campaign)],
                )
                .await
                .is(404);
        }
        sundial::actions::remove_member::remove_member(
            &app.app,
            &app.scope(Who::Researcher),
            app.id(Who::SecondResearcher),
            app.app.clock.now(),
        )
        .await
        .expect("Sam leaves");
        stranger.get(&link).await.is(404);
        app.settle().await;
    }
);

both_databases!(
    /// A portal's messages, a reply nobody sorted, a document and a letter before counsel.
    what_waits_is_told_to_whom_it_concerns, |app| {
        let id = out(app, "WA", "portal").await;
        let message = MessageId::new();
        note(app, id, Who::Researcher, Happening::ReplyReceived {
            message,
            matched_by: "token".to_owned(),
            attachments: 1,
            auto_reply: false,
        }).await;
        note(app, id, Who::Researcher, Happening::DocumentTaken {
            document: sundial::domain::ids::DocumentId::new(),
            name: "log.pdf".to_owned(),
            pages: Some(1),
        }).await;
        for date in 13..=19 {
            app.until(at(2026, 1, date, 17)).await;
        }
        let said = |who: &str, words: &str| left_to(app, who).iter().filter(|left| left.text().contains(words)).count();
        assert!(said(ROSA, "not sorted since Mon 12 Jan 2026") >= 2, "after one day and after three");
        assert!(said(CARMEN, "waits for your decision since Mon 12 Jan 2026") >= 2);
        assert_eq!(said(ROSA, "waits for your decision"), 0);
        assert!(said(ROSA, "save its messages") >= 1, "{:?}", left_to(app, ROSA).iter().map(Left::text).collect::<Vec<_>>());
        let rosa = app.as_who(Who::Researcher).await;
        let page = format!("/c/alder/requests/{id}");
        rosa.get(&page).await.is(200).says("They are saved");
        rosa.post(&page, &format!("{page}/reminders/done"), &[("matter", "portal")]).await.is(303);
        rosa.get(&page).await.is(200).says("The portal's messages were saved").says("last Mon 19 Jan 2026");
    }
);
