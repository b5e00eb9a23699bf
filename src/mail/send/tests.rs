//! The folder, and a server that misbehaves at each step. Real servers are in `tests/it`.

use chrono::DateTime;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::mail::compose::{Notice, notice};

fn mail(text: &str) -> Composed {
    notice(&Notice {
        sender_name: "Alder Welcome Campaign".into(),
        sender: "records@campaign.example".into(),
        recipient: "records@alder.example".into(),
        subject: "Hello".into(),
        text: text.into(),
        message_id: "letter.1@campaign.example".into(),
        date: DateTime::UNIX_EPOCH,
    })
    .unwrap()
}

#[tokio::test]
async fn the_folder_holds_each_message_once_and_never_overwrites() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("mail");
    let post = Post::Folder(folder.clone());
    let first = mail("first");
    assert_eq!(post.trace(&first).await, Trace::NotThere);
    let written = Outcome::WrittenToFolder {
        file: "letter.1.eml".into(),
    };
    for _ in 0..2 {
        assert_eq!(post.hand_over(&first).await, written);
    }
    assert_eq!(post.trace(&first).await, Trace::Found(written));
    let names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["letter.1.eml"]);
    assert_eq!(
        std::fs::read(folder.join("letter.1.eml")).unwrap(),
        first.bytes()
    );
    // Other bytes under the same Message-ID: never over the first.
    let second = mail("second");
    assert!(matches!(
        post.hand_over(&second).await,
        Outcome::Refused { .. }
    ));
    assert_eq!(post.trace(&second).await, Trace::CannotTell);
    assert_eq!(
        std::fs::read(folder.join("letter.1.eml")).unwrap(),
        first.bytes()
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_defers() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let outcome = Post::Folder(file.join("mail")).hand_over(&mail("x")).await;
    assert!(matches!(outcome, Outcome::Deferred { .. }), "{outcome:?}");
}

#[test]
fn file_names_stay_in_the_folder() {
    for (id, name) in [
        ("letter.1@x.example", "letter.1.eml"),
        ("../../etc/x@y", "_.._etc_x.eml"),
        ("@y", ".eml"),
        ("a b/c@y", "a_b_c.eml"),
    ] {
        assert_eq!(file_name(id), name);
    }
}

/// A server that follows a script: it answers each line it reads with the next answer, and hangs up at the end.
/// "mute" keeps the line open without a word.
async fn scripted(answers: &'static [&'static str]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        let (reading, mut writing) = line.split();
        let mut reading = BufReader::new(reading);
        let mut in_text = false;
        for answer in answers {
            if *answer == "mute" {
                let mut rest = Vec::new();
                // Until the client gives up and hangs up.
                reading.read_to_end(&mut rest).await.unwrap();
                return;
            }
            if *answer != answers[0] || in_text {
                loop {
                    let mut said = String::new();
                    if reading.read_line(&mut said).await.unwrap() == 0 {
                        return;
                    }
                    if !in_text || said == ".\r\n" {
                        break;
                    }
                }
            }
            writing.write_all(answer.as_bytes()).await.unwrap();
            in_text = answer.starts_with("354");
        }
    });
    Server {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        credentials: None,
        extra_root_pem: None,
        patience: Patience {
            connect: Duration::from_millis(300),
            command: Duration::from_millis(300),
            last_word: Duration::from_millis(300),
        },
        signer: None,
    }
}

#[tokio::test]
async fn each_fault_is_called_what_it_is() {
    const GREETING: &str = "220 hello\r\n";
    const EHLO: &str = "250-here\r\n250 8BITMIME\r\n";
    const OK: &str = "250 ok\r\n";
    const GO: &str = "354 go ahead\r\n";
    let cases: [(&'static [&'static str], &str); 13] = [
        (
            &[GREETING, EHLO, OK, OK, GO, "250 2.0.0 taken id=7\r\n"],
            "accepted",
        ),
        // Before the text: certainly not sent.
        (&["421 too busy\r\n"], "deferred"),
        (&["554 go away\r\n"], "refused"),
        (&["mute"], "deferred"),
        (&[GREETING, EHLO, "451 try later\r\n"], "deferred"),
        (
            &[GREETING, EHLO, OK, "550 5.1.1 no such user\r\n"],
            "refused",
        ),
        (
            &[GREETING, EHLO, OK, "450 4.2.0 greylisted\r\n"],
            "deferred",
        ),
        (&[GREETING, EHLO, OK, OK, "452 disk full\r\n"], "deferred"),
        (&[GREETING, EHLO, OK, OK], "deferred"),
        // After the text: the server's word, or nobody knows.
        (
            &[GREETING, EHLO, OK, OK, GO, "452 disk full\r\n"],
            "deferred",
        ),
        (&[GREETING, EHLO, OK, OK, GO, "554 spam\r\n"], "refused"),
        (&[GREETING, EHLO, OK, OK, GO], "unknown"),
        (&[GREETING, EHLO, OK, OK, GO, "mute"], "unknown"),
    ];
    for (script, expected) in cases {
        let server = scripted(script).await;
        let outcome = Post::Smtp(server).hand_over(&mail("text\n.\nmore")).await;
        let what = match &outcome {
            Outcome::Accepted { reply } => {
                assert_eq!(reply, "250 2.0.0 taken id=7");
                "accepted"
            }
            Outcome::Deferred { .. } => "deferred",
            Outcome::Refused { .. } => "refused",
            Outcome::Unknown { .. } => "unknown",
            Outcome::WrittenToFolder { .. } => "folder",
        };
        assert_eq!(what, expected, "{script:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn no_server_and_no_encryption_are_put_off() {
    let server = |host: &str, port, security| Server {
        host: host.into(),
        port,
        security,
        credentials: Some(("user".into(), "secret".into())),
        extra_root_pem: None,
        patience: Patience::default(),
        signer: None,
    };
    // A port that was just free.
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for server in [
        server("127.0.0.1", free, Security::None),
        server("192.0.2.1", 25, Security::None),
    ] {
        let outcome = Post::Smtp(server).hand_over(&mail("x")).await;
        assert!(matches!(outcome, Outcome::Deferred { .. }), "{outcome:?}");
    }
    // STARTTLS is demanded and not offered: nothing is said in the clear, least of all the password.
    let mut plain = scripted(&["220 hello\r\n", "250-here\r\n250 AUTH PLAIN\r\n"]).await;
    plain.security = Security::Starttls;
    plain.credentials = Some(("user".into(), "secret".into()));
    let outcome = Post::Smtp(plain).hand_over(&mail("x")).await;
    let Outcome::Deferred { why } = outcome else {
        panic!("{outcome:?}");
    };
    assert!(why.contains("STARTTLS"), "{why}");
}

#[test]
fn only_this_machine_is_this_machine() {
    for here in ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"] {
        assert!(is_this_machine(here), "{here}");
    }
    for there in ["localhost.example", "192.0.2.1", "", "127.0.0.1.example"] {
        assert!(!is_this_machine(there), "{there}");
    }
}

#[test]
fn an_attempt_ends_before_the_lease_of_its_job() {
    // `jobs` holds a job for ten minutes; after that another process may take it over.
    assert!(Patience::default().longest() < Duration::from_secs(9 * 60 + 30));
}
