//! Forty letters in four states in one evening: planned, drafted, read by counsel as one text, approved, and queued.

use std::path::Path;

use super::{Stage, counsel, researcher};
use crate::support::browser::Browser;

/// A made-up list of forty sheriffs, ten in each state, each with the address that takes records requests.
fn list_of_forty(folder: &Path) -> std::path::PathBuf {
    let mut text = "name,state,county,type,records_email,known_how,checked_on\n".to_owned();
    for state in ["WA", "IL", "TX", "VA"] {
        for number in 1..=10 {
            text.push_str(&format!(
                "Quarry County {number} Sheriff's Office,{state},Quarry County {number},sheriff,records@quarry{number}.{}.example,made-up list,2026-01-09\n",
                state.to_lowercase()
            ));
        }
    }
    let list = folder.join("forty.csv");
    std::fs::write(&list, text).expect("the list is saved");
    list
}

async fn imports_the_forty(rosa: &mut Browser, list: &Path) {
    rosa.follow("Agencies").await;
    rosa.follow("Import a list").await;
    rosa.tick("A list of agencies").await;
    rosa.attach("The file", list).await;
    rosa.press("Show what it would do").await;
    rosa.sees("Quarry County").await;
    rosa.press("Import this list").await;
    rosa.sees("Imported on").await;
}

/// Plans and drafts; gives the path of the batch.
async fn plans_and_drafts(rosa: &mut Browser, stage: &Stage) -> String {
    rosa.follow("Requests").await;
    rosa.follow("Batches").await;
    rosa.look("batches-none").await;
    rosa.follow("Plan a batch").await;
    rosa.look("batch-form").await;
    rosa.fill("Name of this batch", "Sheriffs of four states")
        .await;
    rosa.fill(
        "The campaign's own words",
        "The Alder Coalition is a group of residents who ask for public figures.",
    )
    .await;
    rosa.fill_day("Day on which the first letter is to leave", "2026-01-13")
        .await;
    rosa.press("Choose the agencies").await;
    rosa.fill("Name or county", "Quarry").await;
    rosa.press("Show").await;
    rosa.sees("40 agencies fit").await;
    rosa.look("batch-agencies").await;
    rosa.press("Add all 40 that fit").await;
    rosa.sees("In the way: 10 agencies").await;
    rosa.look("batch-problems").await;
    rosa.fill("Resident of Virginia", "Jordan Reed").await;
    rosa.fill("Address that shows it", "4 Quarry Road, Alderton, VA")
        .await;
    rosa.press("Save").await;
    rosa.sees("Draft 40 letters").await;
    rosa.look("batch-plan").await;
    rosa.press("Draft 40 letters").await;
    rosa.sees("0 of 40 agencies have their letter").await;
    stage.settle().await;
    let path = rosa.path().await;
    let path = path.split('?').next().unwrap_or_default().to_owned();
    rosa.visit(&path).await;
    rosa.sees("Send 40 to counsel").await;
    rosa.look("batch-drafted").await;
    rosa.press("Send 40 to counsel").await;
    rosa.sees("40 letters sent to counsel").await;
    path
}

async fn reads_and_approves(carmen: &mut Browser, batch: &str) {
    carmen.visit(batch).await;
    carmen.follow("Read and decide").await;
    carmen.sees("40 letters of batch 1").await;
    carmen.sees("10 letters say").await;
    carmen.look("batch-one-text").await;
    carmen.press("Approve the ticked letters").await;
    carmen.sees("40 letters approved").await;
    carmen.look("batch-approved").await;
}

async fn sends(rosa: &mut Browser, stage: &Stage, batch: &str) {
    rosa.visit(batch).await;
    rosa.follow("Send 40").await;
    rosa.sees("40 letters on").await;
    rosa.look("batch-times").await;
    rosa.press("Start sending 40 letters").await;
    rosa.sees("0 of 40 letters have left").await;
    rosa.look("batch-sending").await;
    stage
        .app
        .clock
        .set("2026-01-13T15:00:00Z".parse().expect("an instant"));
    for _ in 0..60 {
        stage.settle().await;
        stage
            .app
            .clock
            .set(stage.app.clock.now() + chrono::Duration::minutes(10));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_letters_in_four_states() {
    let stage = Stage::set().await;
    let mut rosa = stage.browser("batch-researcher").await;
    let link = sundial::actions::issue_link::setup_link(&stage.app, stage.app.clock.now())
        .await
        .expect("a link is made")
        .expect("nobody has an account");
    researcher::sets_up(&mut rosa, &stage.path_of(&link)).await;
    researcher::starts_the_campaign(&mut rosa).await;
    let for_counsel = researcher::invites(&mut rosa, "carmen@lawyers.example", "Counsel").await;
    let mut carmen = stage.browser("batch-counsel").await;
    counsel::joins(&mut carmen, &stage.path_of(&for_counsel)).await;

    imports_the_forty(&mut rosa, &list_of_forty(stage.folder.path())).await;
    let batch = plans_and_drafts(&mut rosa, &stage).await;
    reads_and_approves(&mut carmen, &batch).await;
    sends(&mut rosa, &stage, &batch).await;
    super::signs_in(&rosa, "rosa@coalition.example").await;
    rosa.visit(&batch).await;
    rosa.sees("40 of 40 letters have left").await;
    rosa.look("batch-left").await;
    rosa.follow("Afterwards: who is late").await;
    rosa.look("batch-afterwards").await;

    let mail = stage.app.config.data_dir.join("mail");
    let sent = crate::support::app::files_below(&mail);
    let mut to: Vec<String> = sent
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a mail can be read"))
        .filter_map(|mail| {
            let at = mail.find("records@quarry")?;
            Some(mail[at..].split('>').next()?.trim().to_owned())
        })
        .collect();
    to.sort();
    assert_eq!(to.len(), 40, "forty letters: {to:?}");
    to.dedup();
    assert_eq!(to.len(), 40, "to forty agencies");
    for person in [rosa, carmen] {
        person.close().await;
    }
    stage.site.stop().await;
}
