//! Files that go along with a letter: chosen by a person, approved with the text, sent as the very bytes that were
//! approved, and none that counsel has not cleared.

use chrono::Duration;
use sundial::actions::ActionError;
use sundial::actions::approve_letter::approve_letter;
use sundial::actions::clear_document::{Ruling, clear_document};
use sundial::actions::enclose::{candidates, enclose};
use sundial::actions::send_letter::send_letter;
use sundial::actions::settle_delivery::{Found, settle_delivery};
use sundial::actions::submit_letter::submit_letter;
use sundial::domain::approval::sha256_hex;
use sundial::domain::delivery::State;
use sundial::domain::ids::{DocumentId, LetterId};
use sundial::domain::review::{Decision, Handling};
use sundial::mail::parse::parse;
use sundial::store::documents;
use sundial::store::letters::{self, Letter};

use crate::both_databases;
use crate::post_room::{Case, approve, case, delivery, mails, receive, reply_to, version};
use crate::support::app::{TestApp, Who};
use crate::support::papers;
use sundial::actions::receive_mail::Way;

pub async fn letter(app: &TestApp, id: LetterId) -> Letter {
    letters::find(app.app.store.read(), &app.scope(Who::Researcher), id)
        .await
        .expect("db")
        .expect("it")
}

/// A request that went out and was answered with a file; and a second letter of it, a draft.
pub async fn answered(app: &TestApp) -> (Case, DocumentId, Letter, Vec<u8>) {
    let case = case(app, 42, "records@alder.example").await;
    let by = app.scope(Who::Researcher);
    send_letter(&app.app, &by, case.letter, app.app.clock.now())
        .await
        .expect("queued");
    app.settle().await;
    let pdf = papers::pdf(&["We deny your request."]);
    receive(app, &reply_to(&case, "denial", &pdf), Way::Pipe).await;
    app.settle().await;
    let counsel = app.scope(Who::Counsel);
    let file = documents::list_for_request(app.app.store.read(), &counsel, case.request)
        .await
        .expect("db")
        .pop()
        .expect("one document");
    let kept = sundial::store::requests::find(app.app.store.read(), &by, case.request)
        .await
        .expect("db")
        .expect("it");
    let mut second = version(
        &kept,
        1,
        "Dear Appeals Officer,\n\nI appeal. Copies go with this letter.\n",
        app,
    );
    second.kind = "follow_up".into();
    second.submitted_at = None;
    second.submitted_by = None;
    let tx = app.app.store.begin().await.expect("a change");
    letters::add(&tx, &second).await.expect("the letter");
    let what = sundial::domain::event::Happening::LetterWritten {
        letter: second.id,
        version: 1,
        sha256: second.sha256.clone(),
        voids_approval: false,
        letter_kind: Some("follow_up".into()),
    };
    sundial::store::events::record(
        &tx,
        by.campaign,
        Some(case.request),
        Some(by.user),
        app.app.clock.now(),
        &what,
    )
    .await
    .expect("the log");
    sundial::store::commit(tx).await.expect("it is there");
    (case, file.document.id, second, pdf)
}

pub async fn decide(app: &TestApp, document: DocumentId, decision: Decision) {
    let counsel = app.scope(Who::Counsel);
    let file = documents::find(app.app.store.read(), &counsel, document)
        .await
        .expect("db")
        .expect("it");
    let ruling = Ruling {
        decision,
        class: Handling::P0,
        comment: String::new(),
        seen: file.document.sha256,
    };
    clear_document(&app.app, &counsel, document, ruling, app.app.clock.now())
        .await
        .expect("counsel decides");
}

both_databases!(what_counsel_approved_goes_along_to_the_byte, |app| {
    let (case, document, draft, pdf) = answered(app).await;
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let held = format!("document:{document}");
    let tried = enclose(&app.app, &by, draft.id, &[&held], now).await;
    assert!(
        matches!(&tried, Err(ActionError::Refused(why)) if why.contains("is held")),
        "{tried:?}"
    );
    for stranger in [
        format!("document:{}", DocumentId::new()),
        "paper:".into(),
        "document:../../etc".into(),
    ] {
        let tried = enclose(&app.app, &by, draft.id, &[&stranger], now).await;
        assert!(
            matches!(&tried, Err(ActionError::Refused(why)) if why.contains("does not belong")),
            "{tried:?}"
        );
    }
    for stranger in [app.scope(Who::Team), app.scope(Who::Elsewhere)] {
        assert!(
            enclose(&app.app, &stranger, draft.id, &["paper"], now)
                .await
                .is_err()
        );
    }
    decide(app, document, Decision::Clear).await;
    let request = format!("letter:{}", case.letter);
    let message = candidates(&app.app, &by, &draft)
        .await
        .expect("a list")
        .into_iter()
        .find(|one| one.value.starts_with("message:"))
        .expect("the reply")
        .value;
    // By the page: a new version with the same text and another hash.
    let rosa = app.as_who(Who::Researcher).await;
    let at = app.path(&format!("letters/{}", draft.id));
    rosa.get(&at)
        .await
        .is(200)
        .says("The letter alone")
        .says("counts.pdf");
    let files = app.path(&format!("letters/{}/files", draft.id));
    let to = rosa
        .post(
            &at,
            &files,
            &[
                ("file", &held),
                ("file", &request),
                ("file", &message),
                ("file", "paper"),
            ],
        )
        .await
        .leads();
    let to = to.split('#').next().expect("an address").to_owned();
    rosa.get(&to)
        .await
        .is(200)
        .says("counts.pdf")
        .says("S-0042-version-1.pdf");
    let id: LetterId = to
        .rsplit('/')
        .next()
        .expect("an id")
        .split('#')
        .next()
        .expect("an id")
        .parse()
        .expect("an id");
    let chosen = letter(app, id).await;
    assert_eq!((chosen.version, &chosen.body), (2, &draft.body));
    assert_ne!(chosen.sha256, draft.sha256);
    submit_letter(&app.app, &by, id, now)
        .await
        .expect("to counsel");
    let carmen = app.as_who(Who::Counsel).await;
    carmen
        .get(&app.path(&format!("letters/{id}/review")))
        .await
        .is(200)
        .says("counts.pdf")
        .says("this letter on paper");
    // The hash of the text alone approves nothing.
    let counsel = app.scope(Who::Counsel);
    assert!(
        approve_letter(&app.app, &counsel, id, &draft.sha256, now)
            .await
            .is_err()
    );
    approve_letter(&app.app, &counsel, id, &chosen.sha256, now)
        .await
        .expect("counsel approves");
    let sent = send_letter(&app.app, &by, id, now).await.expect("queued");
    app.settle().await;
    let row = delivery(&app.app, sent).await;
    assert_eq!(row.state, State::Accepted, "{row:?}");
    let raw = mails(app)
        .into_iter()
        .map(|file| std::fs::read(file).expect("it can be read"))
        .find(|raw| sha256_hex(raw) == row.raw_sha256)
        .expect("the very bytes that were kept went out");
    let mail = parse(&raw).expect("it is mail");
    assert!(mail.text.contains("I appeal."), "{}", mail.text);
    let names: Vec<&str> = mail
        .attachments
        .iter()
        .map(|part| part.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "counts.pdf",
            "S-0042-version-1.pdf",
            "message-2026-01-12.txt",
            "letter.pdf"
        ]
    );
    assert_eq!(
        mail.attachments[0].bytes, pdf,
        "the file is the agency's own, to the byte"
    );
    assert!(String::from_utf8_lossy(&mail.attachments[2].bytes).contains("Here they are."));
    assert!(mail.attachments[3].bytes.starts_with(b"%PDF"));
});

both_databases!(what_is_held_again_stays_here, |app| {
    let (_, document, draft, _) = answered(app).await;
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    decide(app, document, Decision::Clear).await;
    let chosen = enclose(
        &app.app,
        &by,
        draft.id,
        &[&format!("document:{document}")],
        now,
    )
    .await
    .expect("it is chosen");
    assert!(!chosen.unchanged);
    let with_file = letter(app, chosen.letter).await;
    approve(app, &with_file).await;
    // An edit of the text keeps the files and voids the approval.
    let queued = send_letter(&app.app, &by, with_file.id, now)
        .await
        .expect("queued");
    // Counsel has second thoughts before it left.
    app.app.clock.set(now + Duration::seconds(1));
    decide(app, document, Decision::Hold).await;
    let before = mails(app).len();
    app.settle().await;
    let row = delivery(&app.app, queued).await;
    assert_eq!((row.state, row.attempts), (State::Failed, 0));
    assert!(
        row.last_word
            .as_deref()
            .is_some_and(|word| word.contains("not cleared")),
        "{row:?}"
    );
    assert_eq!(mails(app).len(), before, "nothing left");
    // Cleared after all, it is sent again by a person's word, and goes.
    app.app.clock.set(now + Duration::seconds(2));
    decide(app, document, Decision::Clear).await;
    settle_delivery(
        &app.app,
        &by,
        queued,
        Found::SendAgain,
        "",
        app.app.clock.now(),
    )
    .await
    .expect("a person may");
    app.settle().await;
    assert_eq!(delivery(&app.app, queued).await.state, State::Accepted);
    assert_eq!(mails(app).len(), before + 1);
});

both_databases!(too_much_for_a_mail_is_told, |app| {
    let (_, document, draft, _) = answered(app).await;
    decide(app, document, Decision::Clear).await;
    let mut narrow = app.app.clone();
    let mut config = (*narrow.config).clone();
    config.mail.enclosure_bytes = 10;
    narrow.config = std::sync::Arc::new(config);
    let by = app.scope(Who::Researcher);
    let tried = enclose(
        &narrow,
        &by,
        draft.id,
        &[&format!("document:{document}")],
        app.app.clock.now(),
    )
    .await;
    assert!(
        matches!(&tried, Err(ActionError::Refused(why)) if why.contains("at most")),
        "{tried:?}"
    );
});
