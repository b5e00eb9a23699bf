//! A request from the choice of an agency to an approved letter, as researcher and counsel do it in the browser;
//! and that no edit, old page or other road leaves an approval standing on a text that counsel did not read.

use sundial::actions::ActionError;
use sundial::actions::approve_letter::approve_letter;
use sundial::actions::draft_request::{Drafted, NewRequest, draft_request};
use sundial::actions::edit_letter::edit_letter;
use sundial::actions::return_letter::return_letter;
use sundial::actions::submit_letter::submit_letter;
use sundial::domain::approval::Approved;
use sundial::domain::ids::LetterId;
use sundial::domain::letter::Resident;
use sundial::domain::request::{Format, Standing, Status, standing};
use sundial::store::letters::{self, Letter};
use sundial::store::{events, requests};

use crate::both_databases;
use crate::support::app::{TestApp, Who};

async fn drafted(app: &TestApp, jurisdiction: &str) -> Drafted {
    let agency = app
        .county("Alder County Sheriff's Office", jurisdiction)
        .await;
    let new = NewRequest {
        agency,
        records: vec!["detainer_summary".to_owned(), "detainer_policy".to_owned()],
        period: "2023-01-01..2025-12-31".parse().expect("a period"),
        format: Format::Native,
        fee_ceiling_cents: 5000,
        resident: None,
        title: String::new(),
    };
    draft_request(
        &app.app,
        &app.scope(Who::Researcher),
        new,
        app.app.clock.now(),
    )
    .await
    .expect("a request is begun")
}

async fn letter(app: &TestApp, id: LetterId) -> Letter {
    letters::find(app.app.store.read(), &app.scope(Who::Researcher), id)
        .await
        .expect("the store answers")
        .expect("the letter is there")
}

async fn stands(app: &TestApp, drafted: &Drafted) -> Standing {
    let log = events::list_for_request(
        app.app.store.read(),
        &app.scope(Who::Researcher),
        drafted.request,
    )
    .await
    .expect("the log reads");
    standing(&log)
}

/// Why a deed was refused.
#[track_caller]
fn refusal<T: std::fmt::Debug>(done: Result<T, ActionError>) -> String {
    match done {
        Err(ActionError::Refused(sentence)) => sentence,
        other => panic!("not refused: {other:?}"),
    }
}

both_databases!(
    /// Steps 3 and 4 in the browser, with the slips that people make.
    from_agency_to_approval, |app| {
        let sheriff = app.county("Alder County Sheriff's Office", "WA").await;
        let rosa = app.as_who(Who::Researcher).await;
        let carmen = app.as_who(Who::Counsel).await;
        rosa.get(&app.path("requests")).await.is(200).says("No request yet");
        rosa.get(&app.path("requests/new?q=alder")).await.is(200).says("Ask this agency");
        let form = app.path(&format!("requests/new?agency={sheriff}"));
        rosa.get(&form)
            .await
            .is(200)
            .says("made under the Washington Public Records Act , chapter 42.56 RCW.")
            .says("5 business days from receipt to acknowledge the request (RCW 42.56.520(1))")
            .says("January 1, 2023 through December 31, 2025");

        // Nothing chosen, dates turned round, a fee that is no amount: said beside each, and what was typed stays.
        let again = rosa
            .post(&form, &form, &[
                ("period_start", "2025-01-01"),
                ("period_end", "2024-01-01"),
                ("format", "native"),
                ("fee_ceiling", "a lot"),
                ("title", "Sheriff's numbers"),
            ])
            .await
            .is(422)
            .says("Choose at least one kind of record")
            .says("ends before it starts")
            .says("Write an amount in dollars");
        assert!(again.html().contains("Sheriff&#x27;s numbers"), "{}", again.html());
        assert!(again.html().contains("value=\"2025-01-01\""));

        let to = rosa
            .post(&form, &form, &[
                ("records", "detainer_summary"),
                ("records", "cost_basis"),
                ("period_start", "2023-01-01"),
                ("period_end", "2025-12-31"),
                ("format", "native"),
                ("fee_ceiling", "75"),
            ])
            .await
            .leads();
        let page = rosa.get(&to).await.is(200);
        for words in ["chapter 42.56 RCW", "up to $75", "S-0001", "January 1, 2023 through December 31, 2025", "Nothing to remark"] {
            assert!(page.words().contains(words), "{words}: {}", page.words());
        }

        // An edit with a hole in it is saved, but does not go to counsel.
        let edit = format!("{to}/edit");
        let changed = rosa
            .post(&edit, &edit, &[("subject", "Records of 2025"), ("body", "Dear [your name],\n\nin 2025"), ("do", "save")])
            .await
            .leads();
        assert_ne!(changed, to, "an edit is a new version");
        let page = rosa.get(&changed).await.is(200).says("Must change");
        assert!(!page.html().contains("/submit"), "no button sends it to counsel");
        let refused = rosa.post(&changed, &format!("{changed}/submit"), &[]).await.leads();
        rosa.get(&refused).await.says("cannot go to counsel yet");
        // Checking shows notes without saving.
        let edit = format!("{changed}/edit");
        rosa.post(&edit, &edit, &[("subject", "Records"), ("body", "All detainees of 2025"), ("do", "check")])
            .await
            .is(422)
            .says("A detainee is a person")
            .says("All detainees of 2025");
        rosa.get(&to).await.is(200).says("This is an older version");
        let good = rosa
            .post(&edit, &edit, &[
                ("subject", "Records of 2025"),
                ("body", "Under RCW ch. 42.56 I ask for the detainer log of 2025.\n\n<b>Thank you.</b>"),
                ("do", "save"),
            ])
            .await
            .leads();
        rosa.get(&good).await.says("Nothing to remark").says("<b>Thank you.</b>");
        let sent = rosa.post(&good, &format!("{good}/submit"), &[]).await.leads();
        rosa.get(&sent).await.says("Sent to counsel");

        // Counsel's page is counsel's alone; counsel returns it, once with nothing said.
        let review = format!("{good}/review");
        rosa.get(&review).await.is(403);
        rosa.send(&format!("{good}/approve"), &rosa.get(&good).await.token(), &[("sha256", "x")]).await.is(403);
        carmen.get(&review).await.is(200).says("Approve this exact text").says("Written by hand");
        carmen
            .post(&review, &format!("{good}/return"), &[("comment", " ")])
            .await
            .is(422)
            .says("a letter comes back with a comment");
        let request = carmen
            .post(&review, &format!("{good}/return"), &[("comment", "Name the jail.")])
            .await
            .leads();
        rosa.get(&request).await.is(200).says("Counsel returned the letter: Name the jail.").says("Change the letter");

        // Changed, sent again, approved by the hash of the page; a change after that voids it.
        let edit = format!("{good}/edit");
        let last = rosa
            .post(&edit, &edit, &[("subject", "Records of 2025"), ("body", "Alder County Jail: the detainer log of 2025."), ("do", "save")])
            .await
            .leads();
        rosa.post(&last, &format!("{last}/submit"), &[]).await.leads();
        let review = format!("{last}/review");
        let page = carmen.get(&review).await.is(200);
        let html = page.html();
        let (_, after) = html.split_once("name=\"sha256\" value=\"").expect("the hash stands in the form");
        let hash: String = after.chars().take(64).collect();
        let wrong = "0".repeat(64);
        let back = carmen.post(&review, &format!("{last}/approve"), &[("sha256", wrong.as_str())]).await.leads();
        carmen.get(&back).await.says("The text is not the one that you read");
        carmen.post(&review, &format!("{last}/approve"), &[("sha256", hash.as_str())]).await.leads();
        rosa.get(&request).await.is(200).says("Approved, not sent").says("Approved by counsel, version 4").says("Carmen Brief");
        let edit = format!("{last}/edit");
        rosa.get(&edit).await.is(200).says("which counsel must read again");
        let after = rosa
            .post(&edit, &edit, &[("subject", "Records of 2025"), ("body", "Birch County Jail: the detainer log of 2025."), ("do", "save")])
            .await
            .leads();
        rosa.get(&after).await.says("no longer counts");
        rosa.get(&request).await.is(200).says("Draft").says("no longer counts");

        // The team sees that it stands there, and nothing of the letter.
        let theo = app.as_who(Who::Team).await;
        theo.get(&request).await.is(200).says("Yearly detainer totals; Daily cost of custody").keeps_quiet_about("Birch County Jail").keeps_quiet_about("Approved by counsel");
        theo.get(&app.path("requests")).await.is(200).says("S-0001");
        theo.get(&after).await.is(403);
        rosa.get(&app.path("requests?show=closed")).await.is(200).keeps_quiet_about("S-0001");
    }
);

both_databases!(
    /// However an edit and an approval meet, what can be sent is what counsel read.
    no_approval_covers_another_text, |app| {
        let begun = drafted(app, "WA").await;
        let (rosa, carmen) = (app.scope(Who::Researcher), app.scope(Who::Counsel));
        let now = app.app.clock.now();
        let first = letter(app, begun.letter).await;

        let sentence = refusal(approve_letter(&app.app, &carmen, first.id, &first.sha256, now).await);
        assert!(sentence.contains("has not been sent to counsel"), "{sentence}");
        submit_letter(&app.app, &rosa, first.id, now).await.expect("it goes to counsel");
        refusal(submit_letter(&app.app, &rosa, first.id, now).await);
        let forbidden = approve_letter(&app.app, &rosa, first.id, &first.sha256, now).await;
        assert!(matches!(forbidden, Err(ActionError::Forbidden(_))), "{forbidden:?}");
        let elsewhere = app.scope(Who::Elsewhere);
        let missing = approve_letter(&app.app, &elsewhere, first.id, &first.sha256, now).await;
        assert!(matches!(missing, Err(ActionError::NotFound)), "{missing:?}");

        // Edited while counsel reads: the approval of the old page finds nothing to approve.
        let edited = edit_letter(&app.app, &rosa, first.id, &first.subject, "Another text of 2025.", now)
            .await
            .expect("an edit");
        assert!(edited.voided && edited.version == 2);
        let sentence = refusal(approve_letter(&app.app, &carmen, first.id, &first.sha256, now).await);
        assert!(sentence.contains("changed after it came to you"), "{sentence}");

        // The second is approved; then a third is written.
        submit_letter(&app.app, &rosa, edited.letter, now).await.expect("it goes to counsel");
        let second = letter(app, edited.letter).await;
        approve_letter(&app.app, &carmen, second.id, &second.sha256, now).await.expect("approved");
        assert_eq!(stands(app, &begun).await.approved, Some((second.id, 2)));
        let db = app.app.store.read();
        let decision = letters::find_decision(db, second.id).await.expect("reads").expect("decided");
        Approved::confirm(second.text(), &second.sha256, &decision).expect("this text may go");
        let third = edit_letter(&app.app, &rosa, second.id, &second.subject, "A third text of 2025.", now)
            .await
            .expect("an edit");
        assert!(third.voided);
        let now_stands = stands(app, &begun).await;
        assert_eq!((now_stands.approved, now_stands.status), (None, Status::Draft));
        let third = letter(app, third.letter).await;
        assert!(letters::find_decision(db, third.id).await.expect("reads").is_none());
        assert!(Approved::confirm(third.text(), &third.sha256, &decision).is_err());

        // Somebody with an old page open does not overwrite it; saving the same words writes nothing.
        let sentence = refusal(edit_letter(&app.app, &rosa, second.id, "x", "y 2025", now).await);
        assert!(sentence.contains("newer version"), "{sentence}");
        let same = edit_letter(&app.app, &rosa, third.id, &third.subject, "A third text of 2025.\r\n\r\n", now)
            .await
            .expect("nothing to do");
        assert!(same.unchanged && same.letter == third.id);
        let all = letters::list_versions(db, &rosa, begun.request).await.expect("reads");
        assert_eq!(all.iter().map(|letter| letter.version).collect::<Vec<_>>(), [3, 2, 1]);

        // A returned text does not go back to counsel unchanged.
        submit_letter(&app.app, &rosa, third.id, now).await.expect("it goes to counsel");
        refusal(return_letter(&app.app, &carmen, third.id, "  ", now).await);
        return_letter(&app.app, &carmen, third.id, "Shorter.", now).await.expect("returned");
        assert_eq!(stands(app, &begun).await.returned_because.as_deref(), Some("Shorter."));
        let sentence = refusal(submit_letter(&app.app, &rosa, third.id, now).await);
        assert!(sentence.contains("came back"), "{sentence}");
    }
);

both_databases!(
    /// Two edits of one version at the same moment: one is kept, the other told.
    two_edits_at_once, |app| {
        let begun = drafted(app, "WA").await;
        let (rosa, sam) = (app.scope(Who::Researcher), app.scope(Who::SecondResearcher));
        let now = app.app.clock.now();
        let (one, other) = tokio::join!(
            edit_letter(&app.app, &rosa, begun.letter, "A", "Rosa's text of 2025.", now),
            edit_letter(&app.app, &sam, begun.letter, "A", "Sam's text of 2025.", now),
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let all = letters::list_versions(app.app.store.read(), &rosa, begun.request).await.expect("reads");
        assert_eq!(all.len(), 2);
    }
);

both_databases!(
    /// Where only residents may ask, somebody is named; requests are numbered one after the other.
    residents_and_numbers, |app| {
        let begun = drafted(app, "VA").await;
        let sentence = refusal(
            submit_letter(&app.app, &app.scope(Who::Researcher), begun.letter, app.app.clock.now()).await,
        );
        assert!(sentence.contains("Fill in: name and address of a citizen of Virginia"), "{sentence}");

        let board = app.county("Birch County", "VA").await;
        let rosa = app.as_who(Who::Researcher).await;
        let form = app.path(&format!("requests/new?agency={board}"));
        let fields = [
            ("records", "agreement_287g"),
            ("period_start", "2023-07-01"),
            ("period_end", "2025-06-30"),
            ("format", "pdf"),
            ("fee_ceiling", "0"),
        ];
        rosa.post(&form, &form, &fields).await.is(422).says("Name the citizen of Virginia");
        let mut whole = fields.to_vec();
        whole.extend([("resident_name", "Jordan Reed"), ("resident_address", "4 Quarry Road, Alderton, VA")]);
        let to = rosa.post(&form, &form, &whole).await.leads();
        rosa.get(&to).await.is(200).says("a citizen of Virginia").says("Jordan Reed").says("S-0002");

        let unknown = NewRequest {
            agency: board,
            records: vec!["detainees".to_owned()],
            period: "2023-01-01..2025-12-31".parse().expect("a period"),
            format: Format::Native,
            fee_ceiling_cents: 0,
            resident: Some(Resident { name: "Jordan Reed".to_owned(), address: String::new() }),
            title: String::new(),
        };
        let now = app.app.clock.now();
        let sentence = refusal(draft_request(&app.app, &app.scope(Who::Researcher), unknown.clone(), now).await);
        assert!(sentence.contains("“detainees”"), "{sentence}");
        let team = draft_request(&app.app, &app.scope(Who::Team), unknown.clone(), now).await;
        assert!(matches!(team, Err(ActionError::Forbidden(_))));
        let elsewhere = draft_request(&app.app, &app.scope(Who::Elsewhere), unknown, now).await;
        assert!(matches!(elsewhere, Err(ActionError::NotFound)));
        let all = requests::list(app.app.store.read(), &app.scope(Who::Team)).await.expect("reads");
        assert_eq!(all.len(), 2, "what was refused left nothing behind");
    }
);
