//! Letters on paper: the PDF says what the mail says, is made once of what counsel approved, and carries the signature
//! that was set; drafts say that they are drafts.

use std::process::Command;

use mail_parser::MessageParser;
use sundial::actions::add_contact::{NewContact, add_contact};
use sundial::actions::approve_letter::approve_letter;
use sundial::actions::choose_contact::choose_contact;
use sundial::actions::draft_request::{Drafted, NewRequest, draft_request};
use sundial::actions::record_receipt::{Receipt, record_receipt};
use sundial::actions::send_letter::send_letter;
use sundial::actions::submit_letter::submit_letter;
use sundial::clock::day_in;
use sundial::domain::agency::contact::{Channel, Purpose};
use sundial::domain::event::Evidence;
use sundial::domain::ids::LetterId;
use sundial::domain::request::Format;
use sundial::store::{deliveries, letters, papers, requests};

use crate::both_databases;
use crate::support::app::{TestApp, Who};
use crate::support::papers::png;
use crate::support::visitor::File;

async fn drafted(app: &TestApp, county: &str) -> Drafted {
    let by = app.scope(Who::Researcher);
    let now = app.app.clock.now();
    let agency = app
        .county(&format!("{county} County Sheriff's Office"), "WA")
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
    draft_request(&app.app, &by, new, now)
        .await
        .expect("a request")
}

async fn approved(app: &TestApp, letter: LetterId) {
    let now = app.app.clock.now();
    submit_letter(&app.app, &app.scope(Who::Researcher), letter, now)
        .await
        .expect("it goes to counsel");
    let text = letters::find(app.app.store.read(), &app.scope(Who::Counsel), letter)
        .await
        .expect("reads")
        .expect("is there");
    approve_letter(
        &app.app,
        &app.scope(Who::Counsel),
        letter,
        &text.sha256,
        now,
    )
    .await
    .expect("approved");
}

/// The words of a PDF without any blank.
fn words(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("letter.pdf");
    std::fs::write(&file, pdf).expect("written");
    let out = Command::new("pdftotext")
        .args(["-layout", &file.display().to_string(), "-"])
        .output()
        .expect("pdftotext runs");
    assert!(out.status.success(), "{out:?}");
    bare(&String::from_utf8(out.stdout).expect("text"))
}

fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

both_databases!(
    /// From a draft to the one paper of what counsel approved; a later signature does not change it.
    a_letter_on_paper_is_made_once_and_says_what_counsel_read, |app| {
        let begun = drafted(app, "Alder").await;
        let rosa = app.as_who(Who::Researcher).await;
        let path = app.path(&format!("letters/{}/letter.pdf", begun.letter));
        let draft = rosa.get(&path).await.is(200);
        assert!(words(&draft.bytes).contains("draft,notapprovedbycounsel"));
        let by = app.scope(Who::Researcher);
        let kept = papers::find(app.app.store.read(), &by, begun.letter).await.expect("reads");
        assert_eq!(kept, None, "a draft is not kept");

        approved(app, begun.letter).await;
        let first = rosa.get(&path).await.is(200);
        let said = words(&first.bytes);
        assert!(!said.contains("notapproved"), "{said}");
        let text = letters::find(app.app.store.read(), &by, begun.letter)
            .await
            .expect("reads")
            .expect("is there");
        assert!(said.contains(&bare(&text.subject)), "{said}");
        let kept = papers::find(app.app.store.read(), &by, begun.letter)
            .await
            .expect("reads")
            .expect("the paper is kept");
        assert_eq!(kept.text_sha256, text.sha256);
        assert_eq!(kept.sha256.to_string(), sundial::domain::approval::sha256_hex(&first.bytes));
        let page = app.path(&format!("letters/{}", begun.letter));
        rosa.get(&page).await.is(200).says(&kept.sha256.to_string()).says("PDF for post, fax or a portal");

        // A signature set later is for later papers.
        let head = app.path("letterhead");
        let ink = png(400, 120, |x, y| y > 40 && y < 60 && x > 30 && x < 370);
        let file = File { field: "signature", name: "s.png", media_type: "image/png", bytes: &ink };
        let to = rosa.post_files(&head, &head, &[], &[file]).await.leads();
        rosa.get(&to).await.is(200).says("A signature is set, by Rosa");
        let again = rosa.get(&path).await.is(200);
        assert!(again.bytes == first.bytes, "the kept paper changed");
        let second = drafted(app, "Birch").await;
        approved(app, second.letter).await;
        let path = app.path(&format!("letters/{}/letter.pdf", second.letter));
        rosa.get(&path).await.is(200);
        let signed = papers::find(app.app.store.read(), &by, second.letter)
            .await
            .expect("reads")
            .expect("the paper is kept");
        assert!(signed.signature.is_some() && kept.signature.is_none());
        rosa.get(&app.path("letterhead/sample.pdf")).await.is(200);
        rosa.post(&head, &format!("{head}/remove"), &[]).await.leads();
        rosa.get(&head).await.says("None is set");

        // Anything but a picture is refused with what to do.
        for bytes in [b"%PDF-1.7 no picture".as_slice(), &png(50, 50, |_, _| false)] {
            let file = File { field: "signature", name: "s.png", media_type: "image/png", bytes };
            rosa.post_files(&head, &head, &[], &[file]).await.is(422);
        }
        rosa.post(&head, &head, &[]).await.is(422).says("Choose a picture");
        app.as_who(Who::Team).await.get(&path).await.is(403);
    }
);

both_databases!(
    /// By mail and on paper the same words; what went by post is kept as it went.
    mail_and_paper_say_the_same, |app| {
        let begun = drafted(app, "Alder").await;
        approved(app, begun.letter).await;
        let by = app.scope(Who::Researcher);
        let now = app.app.clock.now();
        let text = letters::find(app.app.store.read(), &by, begun.letter)
            .await
            .expect("reads")
            .expect("is there");
        let request = requests::find(app.app.store.read(), &by, begun.request)
            .await
            .expect("reads")
            .expect("is there");
        let today = day_in(app.campaign.time_zone, now);
        let contact = NewContact {
            purpose: Purpose::Records,
            channel: Channel::Email,
            name: String::new(),
            value: "records@alder.example".to_owned(),
            known_how: "Its own website.".to_owned(),
            checked_on: today,
        };
        let contact = add_contact(&app.app, &by, request.request.agency, contact, today, now)
            .await
            .expect("a contact");
        choose_contact(&app.app, &by, begun.request, contact).await.expect("chosen");
        let delivery = send_letter(&app.app, &by, begun.letter, now)
            .await
            .expect("queued");
        let delivery = deliveries::find(app.app.store.read(), &by, delivery)
            .await
            .expect("reads")
            .expect("is there");
        let raw = app
            .app
            .files
            .read(&delivery.raw_sha256.parse().expect("a hash"), 1 << 20)
            .await
            .expect("the mail's bytes");
        let mail = MessageParser::default().parse(&raw[..]).expect("a mail");
        assert_eq!(mail.subject(), Some(text.subject.as_str()));
        let mailed = bare(&mail.body_text(0).expect("a text"));
        let rosa = app.as_who(Who::Researcher).await;
        let paper = rosa.get(&app.path(&format!("letters/{}/letter.pdf", begun.letter))).await.is(200);
        // Paper adds the letterhead before, the subject before the salutation, and the feet: all else is the mail.
        let (before, after) = mailed.split_once("Dear").expect("a salutation");
        let mut printed = words(&paper.bytes);
        let pages = sundial_pages(&printed);
        for page in 1..=pages {
            printed = printed.replacen(&bare(&format!("S-0001 · Alder Coalition page {page} of {pages}")), "", 1);
        }
        let expected = format!("{before}{}Dear{after}", bare(&text.subject));
        assert!(printed.ends_with(&expected), "{printed}\n\n{expected}");

        // The other way: by post. The receipt keeps the paper even where nobody opened it.
        let posted = drafted(app, "Birch").await;
        approved(app, posted.letter).await;
        let receipt = Receipt {
            on: day_in(app.campaign.time_zone, now),
            evidence: Evidence::CertifiedPost,
            note: "9400 1000".to_owned(),
            after_hours: false,
        };
        record_receipt(&app.app, &by, posted.request, receipt, now).await.expect("recorded");
        let kept = papers::find(app.app.store.read(), &by, posted.letter).await.expect("reads");
        assert!(kept.is_some(), "what went by post is kept");
    }
);

/// "page 1 of 3" → 3.
fn sundial_pages(printed: &str) -> usize {
    let (_, after) = printed.split_once("page1of").expect("a foot");
    after
        .chars()
        .next()
        .and_then(|digit| digit.to_digit(10))
        .map_or(1, |digit| digit as usize)
}
