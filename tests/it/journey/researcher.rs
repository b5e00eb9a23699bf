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
    rosa.pick("Kind", "County").await;
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
        rosa.sees("Cañada").await;
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
