//! What the researcher does: sets up the site, starts the campaign, finds agencies, asks, sorts, records.

use std::path::Path;

use super::PASSWORD;
use crate::support::browser::Browser;

/// Follows the one-time link of a fresh site and makes the first account.
pub async fn sets_up(rosa: &mut Browser, path: &str) {
    rosa.visit(path).await;
    rosa.look("set-up").await;
    rosa.fill("Your name", "Rosa Quill").await;
    rosa.fill("E-mail address", "rosa@coalition.example").await;
    rosa.fill("Password", PASSWORD).await;
    rosa.fill("Password again", "three unrelated wrods").await;
    rosa.press("Make the account").await;
    rosa.look("set-up-passwords-differ").await;
    rosa.fill("Password", PASSWORD).await;
    rosa.fill("Password again", PASSWORD).await;
    rosa.press("Make the account").await;
    rosa.look("no-campaign-yet").await;
}

pub async fn starts_the_campaign(rosa: &mut Browser) {
    rosa.visit("/campaigns").await;
    rosa.follow("Start a campaign").await;
    rosa.look("campaign-form").await;
    rosa.fill("Name", "Alder County detainers").await;
    rosa.fill(
        "Goal, in one sentence",
        "Find out how often the county jail holds people for ICE, and at what cost.",
    )
    .await;
    rosa.fill(
        "The ask",
        "Adopt a written policy: no hold without a judge's warrant.",
    )
    .await;
    rosa.fill("Whom the ask is put to", "Alder County Council")
        .await;
    rosa.tick("Washington").await;
    rosa.pick("Time zone", "Pacific").await;
    rosa.fill("Organisation", "Alder Coalition").await;
    rosa.fill("Name in the letters", "Rosa Quill").await;
    rosa.fill("Postal address", "1 Main Street\nAlder, WA 98000")
        .await;
    rosa.fill("Telephone", "206-555-0100").await;
    rosa.press("Start the campaign").await;
    rosa.sees("Alder County detainers").await;
    rosa.look("today-of-a-new-campaign").await;
}

/// Invites somebody and gives the link, which is shown once.
pub async fn invites(rosa: &mut Browser, address: &str, role: &str) -> String {
    rosa.follow("People").await;
    rosa.fill("E-mail address", address).await;
    rosa.tick(role).await;
    rosa.press("Send the invitation").await;
    rosa.sees(&format!("The link for {address}")).await;
    rosa.look("invited").await;
    rosa.text_of(".hash").await
}

pub async fn adds_an_agency_and_its_contact(rosa: &mut Browser) {
    rosa.follow("Agencies").await;
    rosa.sees("Department of Corrections").await;
    rosa.look("agencies").await;
    rosa.follow("Add an agency").await;
    rosa.fill("Name", "Alder County Sheriff's Office").await;
    rosa.pick("Kind", "Sheriff").await;
    rosa.pick("Jurisdiction", "Washington").await;
    rosa.fill("County or parish", "Alder").await;
    rosa.fill(
        "Where the name comes from",
        "The county's web site, page “Departments”, seen on 9 Jan 2026",
    )
    .await;
    rosa.look("agency-form").await;
    rosa.press("Add the agency").await;
    rosa.sees("Nobody has said how to reach it").await;
    rosa.look("agency-without-contact").await;
    rosa.follow("Add a contact").await;
    rosa.fill("Title of whoever reads it", "Records Officer")
        .await;
    rosa.fill("Address, number or place", "records@alder.example")
        .await;
    rosa.fill("How it is known", "The sheriff's records page")
        .await;
    rosa.look("contact-form").await;
    rosa.press("Add the contact").await;
    rosa.sees("records@alder.example").await;
    rosa.look("agency").await;
}

/// A list saved by an old spreadsheet program is previewed, then imported, then changes nothing more.
pub async fn imports_a_list(rosa: &mut Browser, folder: &Path) {
    let list = folder.join("agencies.csv");
    let text = "name,state,county,type,records_email,known_how,checked_on\n\
                Birch County Jail,WA,Birch,county,records@birch.example,county web site,2026-01-09\n\
                Alder County Sheriff's Office,WA,Alder,county,,,\n\
                Cañada County Sheriff,CO,Cañada,county,,,\n";
    std::fs::write(&list, crate::support::papers::csv_in_latin_1(text)).expect("a list is saved");
    for round in ["first", "second"] {
        rosa.follow("Agencies").await;
        rosa.follow("Import a list").await;
        if round == "first" {
            rosa.look("import").await;
        }
        rosa.tick("A list of agencies").await;
        rosa.attach("The file", &list).await;
        rosa.press("Show what it would do").await;
        // What is there already is folded away.
        rosa.sees(if round == "first" {
            "Cañada"
        } else {
            "3 already in the campaign"
        })
        .await;
        rosa.look(&format!("import-preview-{round}")).await;
        if round == "first" {
            rosa.press("Import this list").await;
            rosa.sees("Imported on").await;
        } else {
            rosa.sees("Confirming changes nothing").await;
            rosa.press("Throw the preview away").await;
        }
    }
}

/// Picks the records, has the letter composed, and sends it to counsel. Gives the letter's path.
pub async fn asks_for_records(rosa: &mut Browser) -> String {
    rosa.follow("Agencies").await;
    rosa.follow("Alder County Sheriff's Office").await;
    rosa.follow("Request records").await;
    rosa.look("request-form").await;
    rosa.tick("Yearly detainer totals").await;
    rosa.fill_day("First day", "2023-01-01").await;
    rosa.fill_day("Last day", "2025-12-31").await;
    rosa.press("Compose the letter").await;
    rosa.sees("RCW 42.56").await;
    rosa.sees("Alder County Sheriff's Office").await;
    rosa.look("letter").await;
    let letter = rosa.path().await;
    rosa.press("Send to counsel").await;
    rosa.look("letter-with-counsel").await;
    letter
}

/// Changes what counsel asked to be changed, and sends the new version to counsel. Gives its path.
pub async fn changes_the_letter(rosa: &mut Browser, letter: &str) -> String {
    rosa.visit(letter).await;
    rosa.sees("the words “at any time”").await;
    rosa.follow("Change the letter").await;
    rosa.look("letter-edit").await;
    rosa.add_to(
        "Text",
        "\n\nWe ask for nothing that was kept at any time before 2023.",
    )
    .await;
    rosa.press("Save as a new version").await;
    rosa.sees("before 2023").await;
    let letter = rosa.path().await;
    rosa.press("Send to counsel").await;
    letter
}

/// Sends what counsel approved. Gives the request's path.
pub async fn sends_the_letter(rosa: &mut Browser, letter: &str) -> String {
    rosa.visit(letter).await;
    rosa.follow("To the request").await;
    rosa.look("request-approved").await;
    let request = rosa.path().await;
    rosa.press("Send it now, without the wait").await;
    request
}

/// The clocks of a sent request, each explained.
pub async fn sees_the_clocks(rosa: &mut Browser, request: &str) {
    rosa.visit(request).await;
    rosa.sees("RCW 42.56.520").await;
    rosa.look("request-sent").await;
}

/// A reply comes into the researcher's own mail program, is saved there and added here.
pub async fn adds_the_reply(rosa: &mut Browser, request: &str, mail: &Path) {
    rosa.follow("Mail tray").await;
    rosa.look("tray").await;
    rosa.attach("Messages", mail).await;
    rosa.press("Add the mail").await;
    rosa.look("tray-after").await;
    rosa.visit(request).await;
    rosa.sees("Detainer records").await;
    rosa.look("request-with-reply").await;
}

/// Says what the reply is.
pub async fn sorts_the_reply(rosa: &mut Browser, request: &str) {
    rosa.visit(request).await;
    rosa.follow_about("Sort: Re: Detainer records").await;
    rosa.look("reply").await;
    rosa.pick("All that we asked for", "Released: all of it came")
        .await;
    rosa.press("Sort the reply").await;
    rosa.look("reply-sorted").await;
}

/// Records a figure from the page that counsel cleared.
pub async fn records_a_figure(rosa: &mut Browser) {
    rosa.follow("Documents").await;
    rosa.look("documents").await;
    rosa.follow_about("totals-2025.pdf").await;
    rosa.look("document-cleared").await;
    rosa.follow("Record a figure").await;
    rosa.look("figure-form").await;
    rosa.pick("What it measures", "Detainers received").await;
    rosa.fill_day("First day covered", "2025-01-01").await;
    rosa.fill_day("Last day covered", "2025-12-31").await;
    rosa.fill("Value", "41").await;
    rosa.pick("What was counted", "forms").await;
    rosa.fill("Quote", "Detainers received: 41").await;
    rosa.press("Record the figure").await;
    rosa.sees("41").await;
    rosa.look("figure-recorded").await;
}

/// Builds the dossier with one click.
pub async fn builds_the_dossier(rosa: &mut Browser) {
    rosa.follow("Dossiers").await;
    rosa.look("dossier-plan").await;
    rosa.press("Build edition 1 now").await;
    rosa.sees("Edition 1").await;
    rosa.look("dossier-built").await;
}
