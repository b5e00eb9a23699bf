//! Signatures on what goes out, checked by another implementation than the one that makes them: the canonical form is
//! written here after RFC 6376, the cryptography is ring's.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sundial::actions::App;
use sundial::actions::enclose::enclose;
use sundial::actions::send_letter::send_letter;
use sundial::clock::Clock;
use sundial::config::{Config, Dkim};
use sundial::domain::approval::sha256_hex;
use sundial::domain::delivery::State;
use sundial::domain::review::Decision;
use sundial::mail::compose::{self, Notice};
use sundial::mail::parse::parse;
use sundial::mail::sign::Signer;

use crate::enclosures::{answered, decide, letter};
use crate::post_room::{approve, case, delivery, mails};
use crate::support::app::{TestApp, Who, opening};
use crate::support::database::Engine as Database;
use crate::support::program;

/// Puts a signed message and its key where `tests/oracle/signatures.py` finds them, which knows DKIM from other people's code.
fn leave(name: &str, raw: &[u8], public: &[u8]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dkim");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{name}.eml")), raw).expect("written");
    std::fs::write(folder.join(format!("{name}.der")), public).expect("written");
}

/// A fresh key as the handbook says to make one, and its public half in DER.
fn key(folder: &Path, kind: &str) -> (PathBuf, Vec<u8>) {
    let file = folder.join(format!("{kind}.pem"));
    let mut make = Command::new("openssl");
    make.arg("genpkey")
        .arg("-algorithm")
        .arg(kind)
        .arg("-out")
        .arg(&file);
    if kind == "RSA" {
        make.args(["-pkeyopt", "rsa_keygen_bits:2048"]);
    }
    assert!(make.output().expect("openssl runs").status.success());
    let public = Command::new("openssl")
        .args(["pkey", "-pubout", "-outform", "DER", "-in"])
        .arg(&file)
        .output()
        .expect("openssl runs");
    assert!(public.status.success());
    (file, public.stdout)
}

/// The signature's tags.
fn tag<'t>(header: &'t str, name: &str) -> Option<&'t str> {
    header.split(';').find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name).then(|| value.trim())
    })
}

/// Relaxed header form (RFC 6376, 3.4.2).
fn relaxed(name: &str, value: &str) -> String {
    let value = value.replace("\r\n", "");
    let words: Vec<&str> = value
        .split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .collect();
    format!("{}:{}", name.to_lowercase(), words.join(" "))
}

/// Relaxed body form (3.4.4).
fn relaxed_body(body: &str) -> String {
    let mut lines: Vec<String> = body
        .split("\r\n")
        .map(|line| {
            let mut out = String::new();
            let mut blank = false;
            for sign in line.chars() {
                if sign == ' ' || sign == '\t' {
                    blank = true;
                } else {
                    if blank {
                        out.push(' ');
                    }
                    blank = false;
                    out.push(sign);
                }
            }
            out
        })
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

/// Whether the message's signature holds.
fn verify(raw: &[u8], public: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(raw).map_err(|_| "not ASCII")?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or("no end of the headers")?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            let last = headers.last_mut().ok_or("it begins with a blank")?;
            last.1.push_str("\r\n");
            last.1.push_str(line);
        } else {
            let (name, value) = line.split_once(':').ok_or("a line is no header")?;
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let (_, signature) = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("DKIM-Signature"))
        .ok_or("no signature")?;
    let whole = relaxed("DKIM-Signature", signature);
    let unfolded = whole
        .split_once(':')
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default();
    if tag(&unfolded, "c") != Some("relaxed/relaxed")
        || tag(&unfolded, "d") != Some("campaign.example")
    {
        return Err(format!("other terms: {unfolded}"));
    }
    let hash = ring::digest::digest(&ring::digest::SHA256, relaxed_body(body).as_bytes());
    let stated = tag(&unfolded, "bh").unwrap_or_default().replace(' ', "");
    if STANDARD.encode(hash) != stated {
        return Err("the body is another".to_owned());
    }
    let mut signed = String::new();
    let mut taken = vec![false; headers.len()];
    for name in tag(&unfolded, "h").unwrap_or_default().split(':') {
        // The last one not taken yet; one that is not there counts as empty (5.4.2).
        let found = (0..headers.len())
            .rev()
            .find(|at| !taken[*at] && headers[*at].0.eq_ignore_ascii_case(name.trim()));
        if let Some(at) = found {
            taken[at] = true;
            signed.push_str(&relaxed(&headers[at].0, &headers[at].1));
            signed.push_str("\r\n");
        }
    }
    let b = tag(&unfolded, "b").unwrap_or_default().to_owned();
    let without = whole.replace(&format!("b={b}"), "b=");
    signed.push_str(without.trim_end());
    let b = STANDARD
        .decode(b.replace(' ', ""))
        .map_err(|_| "no base64")?;
    let digest = ring::digest::digest(&ring::digest::SHA256, signed.as_bytes());
    // The public half in SubjectPublicKeyInfo: the key itself is at its end.
    match tag(&unfolded, "a") {
        Some("rsa-sha256") => {
            let key = ring::signature::UnparsedPublicKey::new(
                &ring::signature::RSA_PKCS1_2048_8192_SHA256,
                &public[24..],
            );
            key.verify(signed.as_bytes(), &b)
                .map_err(|_| "RSA does not hold".to_owned())
        }
        // Ed25519 signs the hash of the headers (RFC 8463).
        Some("ed25519-sha256") => {
            let key = ring::signature::UnparsedPublicKey::new(
                &ring::signature::ED25519,
                &public[public.len() - 32..],
            );
            key.verify(digest.as_ref(), &b)
                .map_err(|_| "Ed25519 does not hold".to_owned())
        }
        other => Err(format!("another algorithm: {other:?}")),
    }
}

/// A site that signs, and the public half of its key.
async fn signing(keys: &Path, kind: &str) -> (TestApp, Vec<u8>) {
    let (file, public) = key(keys, kind);
    let app = TestApp::with(Database::Sqlite, |config| {
        config.mail.from = "sundial@campaign.example".into();
        config.mail.reply_address = "requests+{token}@campaign.example".into();
        config.mail.dkim = Some(Dkim {
            key_file: file,
            selector: "sundial".into(),
            domain: "campaign.example".into(),
        });
    })
    .await;
    (app, public)
}

async fn signed_letter(kind: &str, algorithm: &str) {
    let keys = tempfile::tempdir().expect("a folder");
    let (app, public) = signing(keys.path(), kind).await;
    let case = case(&app, 42, "records@alder.example").await;
    let by = app.scope(Who::Researcher);
    let id = send_letter(&app.app, &by, case.letter, app.app.clock.now())
        .await
        .expect("queued");
    app.settle().await;
    assert_eq!(delivery(&app.app, id).await.state, State::Accepted);
    let raw = std::fs::read(&mails(&app)[0]).expect("it can be read");
    let text = String::from_utf8_lossy(&raw).into_owned();
    assert!(
        text.replace("\r\n ", " ")
            .contains(&format!("a={algorithm}; d=campaign.example; s=sundial")),
        "{text}"
    );
    assert_eq!(verify(&raw, &public), Ok(()), "{text}");
    leave(&format!("letter-{kind}"), &raw, &public);
    // Servers on the way add lines above; that changes nothing. A change of what was signed does.
    let relayed = [
        b"Received: by mx.alder.example\r\nX-Spam: no\r\n".as_slice(),
        &raw,
    ]
    .concat();
    assert_eq!(verify(&relayed, &public), Ok(()));
    for (from, to) in [
        ("please send the counts", "please send the names"),
        ("Subject: Public", "Subject: Pubic"),
        ("To: ", "To: somebody@else.example, "),
        ("requests+", "requests-"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        assert!(
            verify(changed.as_bytes(), &public).is_err(),
            "{from} was changed"
        );
    }
    // Nobody can add a header of which it was signed that there is none.
    let added = format!("In-Reply-To: <x@else.example>\r\n{text}");
    assert!(verify(added.as_bytes(), &public).is_err());
}

#[tokio::test]
async fn a_letter_is_signed_with_rsa() {
    signed_letter("RSA", "rsa-sha256").await;
}

#[tokio::test]
async fn a_letter_is_signed_with_ed25519() {
    signed_letter("ED25519", "ed25519-sha256").await;
}

/// Files go along: the signature holds over all of it.
#[tokio::test]
async fn a_letter_with_files_is_signed() {
    let keys = tempfile::tempdir().expect("a folder");
    let (app, public) = signing(keys.path(), "RSA").await;
    let (_, document, draft, _) = answered(&app).await;
    decide(&app, document, Decision::Clear).await;
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let files = [format!("document:{document}"), "paper".to_owned()];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let chosen = enclose(&app.app, &by, draft.id, &files, now)
        .await
        .expect("they are chosen");
    approve(&app, &letter(&app, chosen.letter).await).await;
    let id = send_letter(&app.app, &by, chosen.letter, now)
        .await
        .expect("queued");
    app.settle().await;
    let row = delivery(&app.app, id).await;
    assert_eq!(row.state, State::Accepted, "{row:?}");
    let raw = mails(&app)
        .into_iter()
        .map(|file| std::fs::read(file).expect("it can be read"))
        .find(|raw| sha256_hex(raw) == row.raw_sha256)
        .expect("it went out");
    let read = parse(&raw).expect("it is mail");
    assert_eq!(read.attachments.len(), 2);
    assert_eq!(verify(&raw, &public), Ok(()));
    leave("files-RSA", &raw, &public);
}

/// Folding, odd characters, blanks at line ends: whatever a message holds, the signature of either kind holds.
#[test]
fn whatever_a_message_holds_its_signature_holds() {
    let keys = tempfile::tempdir().expect("a folder");
    let long = format!("{}\n{}\n", "x".repeat(3_000), "word ".repeat(700));
    for kind in ["ED25519", "RSA"] {
        let (file, public) = key(keys.path(), kind);
        let signer = Signer::open(&file, "sundial", "campaign.example").expect("it is a key");
        for (number, (subject, text)) in [
            ("Détention – März", "Señor\n\n"),
            ("x", "a  b \t c   \n   \n\n\n\n"),
            (
                "A subject so long that it has to be folded over more than one line, since it goes on and on",
                ".",
            ),
            (" blanks   within  ", "From here\n.\n..\n"),
            ("lines", long.as_str()),
        ]
        .into_iter()
        .enumerate()
        {
            let notice = Notice {
                sender_name: "Señal".into(),
                sender: "sundial@campaign.example".into(),
                recipient: "rosa@campaign.example".into(),
                subject: subject.into(),
                text: text.into(),
                message_id: compose::notice_message_id(subject, "sundial@campaign.example"),
                date: opening(),
            };
            let mail = compose::notice(&notice)
                .expect("it can be written")
                .signed(&signer);
            assert_eq!(
                verify(mail.bytes(), &public),
                Ok(()),
                "{}",
                String::from_utf8_lossy(mail.bytes())
            );
            leave(&format!("notice-{kind}-{number}"), mail.bytes(), &public);
        }
    }
}

/// A key that cannot be used stops the launch, by the name of the setting.
#[tokio::test]
async fn a_bad_key_stops_the_launch_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.pem");
    std::fs::write(
        &broken,
        "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n",
    )
    .expect("written");
    let (good, _) = key(folder.path(), "ED25519");
    for (key_file, domain, says) in [
        (broken.as_path(), "campaign.example", "`dkim_key_file`"),
        (
            Path::new("/nowhere/key.pem"),
            "campaign.example",
            "`dkim_key_file`",
        ),
        (good.as_path(), "elsewhere.example", "`dkim_domain`"),
    ] {
        let mut config =
            Config::embedded(folder.path().join("data")).expect("the defaults are right");
        config.mail.from = "sundial@campaign.example".into();
        config.mail.reply_address = "requests+{token}@campaign.example".into();
        config.mail.dkim = Some(Dkim {
            key_file: key_file.into(),
            selector: "sundial".into(),
            domain: domain.into(),
        });
        let opened = App::open(config, Clock::System)
            .await
            .err()
            .map(|error| error.sentence());
        assert!(
            opened.as_deref().is_some_and(|said| said.contains(says)),
            "{opened:?}"
        );
    }
    // The program itself says it and ends.
    let settings = [
        ("SUNDIAL_DKIM_KEY_FILE", broken.to_str().expect("a path")),
        ("SUNDIAL_DKIM_SELECTOR", "sundial"),
        ("SUNDIAL_DKIM_DOMAIN", "localhost.localdomain"),
    ];
    let ended = program::run(folder.path(), &settings, &["serve"], b"").await;
    assert_eq!(ended.status.code(), Some(1));
    let said = program::text(&ended.stderr);
    assert!(said.contains("`dkim_key_file` cannot be used"), "{said}");
}
