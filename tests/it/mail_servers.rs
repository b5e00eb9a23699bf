//! Mail by real servers on this machine: what we write goes through Exim into Dovecot and comes back as we meant it.

use std::cell::RefCell;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use sundial::domain::approval::{Approval, Approved, Decision, HasText, LetterText};
use sundial::domain::ids::{DeliveryId, LetterId, UserId};
use sundial::mail::Security;
use sundial::mail::compose::{self, Addressing, Composed};
use sundial::mail::fetch::{self, CannotFetch, Fetched, Mailbox, Visit};
use sundial::mail::parse::parse;
use sundial::mail::send::{Outcome, Patience, Post, Server};

use crate::support::servers::{MailProvider, mail};

const BODY: &str = "Dear Records Officer:\n\nUnder the Public Records Act I request records sufficient to show the number of immigration detainers received in each month of 2025 – “Señor” included.\n\n.\nFrom the clerk\n\nRosa Example\n";

fn letter(recipient: &str) -> Composed {
    let text = LetterText {
        letter: LetterId::new(),
        subject: "Detainers (S-0042) – März".into(),
        body: BODY.into(),
    };
    let approval = Approval {
        letter: text.letter,
        sha256: text.sha256(),
        decision: Decision::Approved,
        comment: String::new(),
        by: UserId::new(),
        at: DateTime::UNIX_EPOCH,
    };
    let sha256 = text.sha256();
    let approved = Approved::confirm(text, &sha256, &approval).expect("it is approved");
    let reply = format!("{}+abcdefghijkmn2@campaign.example", own_mailbox());
    let addressing = Addressing {
        sender_name: "Alder Welcome Campaign".into(),
        reply_address: reply.clone(),
        recipient_name: None,
        recipient: recipient.into(),
        message_id: compose::message_id(DeliveryId::new(), &reply),
        date: Utc::now(),
        in_reply_to: None,
    };
    compose::letter(&approved, &addressing).expect("it can be written")
}

/// A mailbox that no other test uses.
fn own_mailbox() -> String {
    format!("box{}", uuid::Uuid::new_v4().simple())
}

fn authority(provider: &MailProvider) -> Option<Vec<u8>> {
    Some(std::fs::read(&provider.authority).expect("the authority can be read"))
}

fn server(security: Security, credentials: Option<(&str, &str)>) -> Post {
    let provider = mail();
    Post::Smtp(Server {
        host: "localhost".into(),
        port: provider.smtp,
        security,
        credentials: credentials.map(|(user, password)| (user.into(), password.into())),
        extra_root_pem: authority(provider),
        patience: Patience::default(),
        signer: None,
    })
}

fn mailbox(user: &str, security: Security) -> Mailbox {
    let provider = mail();
    Mailbox {
        host: "localhost".into(),
        port: if security == Security::Tls {
            provider.imaps
        } else {
            provider.imap
        },
        security,
        user: user.into(),
        password: MailProvider::PASSWORD.into(),
        folder: "INBOX".into(),
        extra_root_pem: authority(provider),
        patience: Duration::from_secs(60),
        max_bytes: 1_000_000,
    }
}

fn long_ago() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day")
}

async fn collect(
    mailbox: &Mailbox,
    since: NaiveDate,
) -> (Result<Visit, CannotFetch>, Vec<Fetched>) {
    let found = RefCell::new(Vec::new());
    let visit = fetch::visit(mailbox, since, |message| {
        found.borrow_mut().push(message);
        std::future::ready(Ok(()))
    })
    .await;
    (visit, found.into_inner())
}

/// Visits until at least one message is there: Exim hands on by a process of its own.
async fn wait_for_mail(mailbox: &Mailbox) -> Vec<Fetched> {
    let deadline = std::time::Instant::now() + Duration::from_secs(120);
    loop {
        let (visit, found) = collect(mailbox, long_ago()).await;
        visit.expect("the mailbox answers");
        if !found.is_empty() {
            return found;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "no mail came within two minutes"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_letter_goes_out_by_starttls_and_comes_back_the_same() {
    let name = own_mailbox();
    let sent = letter(&format!("{name}+token@alder.example"));
    let outcome = server(Security::Starttls, None).hand_over(&sent).await;
    let Outcome::Accepted { reply } = outcome else {
        panic!("{outcome:?}");
    };
    assert!(reply.starts_with("250"), "{reply}");

    // First by TLS from the first byte; what was taken is not offered again, by STARTTLS or in the clear either.
    let found = wait_for_mail(&mailbox(&name, Security::Tls)).await;
    assert_eq!(found.len(), 1);
    for security in [Security::Starttls, Security::None] {
        let (visit, again) = collect(&mailbox(&name, security), long_ago()).await;
        assert_eq!(visit.expect("the mailbox answers"), Visit::default());
        assert_eq!(again, []);
    }
    let came = parse(&found[0].raw).expect("it is mail");
    assert_eq!(came.message_id, sent.message_id());
    assert_eq!(came.subject, "Detainers (S-0042) – März");
    assert_eq!(came.from.expect("a sender").address, sent.from());
    assert!(
        came.text.contains("“Señor” included.\n\n.\n"),
        "{}",
        came.text
    );
    assert!(
        came.delivered_to.iter().any(|to| to == sent.to()),
        "{:?}",
        came.delivered_to
    );
    assert!(!came.auto_reply);
}

#[tokio::test]
async fn a_message_is_marked_only_after_it_was_stored() {
    let name = own_mailbox();
    let sent = letter(&format!("{name}@alder.example"));
    assert!(matches!(
        server(Security::Starttls, None).hand_over(&sent).await,
        Outcome::Accepted { .. }
    ));
    let mailbox = mailbox(&name, Security::Tls);
    let deadline = std::time::Instant::now() + Duration::from_secs(120);
    // The disk is full at first: the message must be offered again.
    loop {
        let visit = fetch::visit(&mailbox, long_ago(), |_| {
            std::future::ready(Err("the disk is full".to_owned()))
        })
        .await;
        match visit {
            Err(CannotFetch::NotStored { .. }) => break,
            Ok(visit) => assert_eq!(visit, Visit::default()),
            Err(other) => panic!("{other}"),
        }
        assert!(
            std::time::Instant::now() < deadline,
            "no mail came within two minutes"
        );
    }
    let (visit, found) = collect(&mailbox, long_ago()).await;
    assert_eq!(visit.expect("the mailbox answers").taken, 1);
    assert_eq!(
        parse(&found[0].raw).expect("it is mail").message_id,
        sent.message_id()
    );
}

#[tokio::test]
async fn of_a_message_that_is_too_large_only_the_headers_are_fetched() {
    let name = own_mailbox();
    let sent = letter(&format!("{name}@alder.example"));
    server(Security::Starttls, None).hand_over(&sent).await;
    let mut narrow = mailbox(&name, Security::Tls);
    narrow.max_bytes = 100;
    let found = wait_for_mail(&narrow).await;
    assert!(found[0].too_large.expect("it is too large") > 100);
    let headers = parse(&found[0].raw).expect("headers are mail");
    assert_eq!(
        (headers.message_id.as_str(), headers.text.as_str()),
        (sent.message_id(), "")
    );
}

#[tokio::test]
async fn what_a_real_server_refuses_is_told_apart() {
    for (to, credentials, expected) in [
        ("refused@alder.example", None, "refused"),
        ("busy@alder.example", None, "deferred"),
        ("clerk@needs-sign-in.example", None, "refused"),
        (
            "clerk@needs-sign-in.example",
            Some((MailProvider::USER, MailProvider::PASSWORD)),
            "accepted",
        ),
        // A wrong password is ours to mend: the letter waits.
        (
            "clerk@alder.example",
            Some((MailProvider::USER, "wrong")),
            "deferred",
        ),
    ] {
        let outcome = server(Security::Starttls, credentials)
            .hand_over(&letter(to))
            .await;
        let what = match &outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Deferred { .. } => "deferred",
            Outcome::Refused { .. } => "refused",
            other => panic!("{other:?}"),
        };
        assert_eq!(what, expected, "{to}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let Post::Smtp(mut stranger) = server(Security::Starttls, None) else {
        panic!("a server was made");
    };
    stranger.extra_root_pem = None;
    let outcome = Post::Smtp(stranger)
        .hand_over(&letter("clerk@alder.example"))
        .await;
    assert!(matches!(outcome, Outcome::Deferred { .. }), "{outcome:?}");
    let mut mailbox = mailbox(&own_mailbox(), Security::Tls);
    mailbox.extra_root_pem = None;
    let (visit, _) = collect(&mailbox, long_ago()).await;
    assert!(
        matches!(visit, Err(CannotFetch::Unreachable { .. })),
        "{visit:?}"
    );
}

#[tokio::test]
async fn a_mailbox_says_what_is_wrong_with_the_settings() {
    let name = own_mailbox();
    let mut wrong = mailbox(&name, Security::Tls);
    wrong.password = "wrong".into();
    let (visit, _) = collect(&wrong, long_ago()).await;
    assert!(
        matches!(visit, Err(CannotFetch::SignIn { .. })),
        "{visit:?}"
    );
    let mut elsewhere = mailbox(&name, Security::Tls);
    elsewhere.folder = "No such folder".into();
    let (visit, _) = collect(&elsewhere, long_ago()).await;
    assert!(
        matches!(visit, Err(CannotFetch::Folder { .. })),
        "{visit:?}"
    );
    let mut clear = mailbox(&name, Security::None);
    clear.host = "192.0.2.1".into();
    let (visit, _) = collect(&clear, long_ago()).await;
    assert!(
        matches!(visit, Err(CannotFetch::InTheClear { .. })),
        "{visit:?}"
    );
}
