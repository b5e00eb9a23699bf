//! What counsel does: reads letters to the word, clears documents page by page, checks figures.

use super::PASSWORD;
use crate::support::browser::Browser;

/// Follows the invitation and makes an account.
pub async fn joins(carmen: &mut Browser, path: &str) {
    carmen.visit(path).await;
    carmen.sees("Alder County detainers").await;
    carmen.look("invitation").await;
    carmen.fill("Your name", "Carmen Brief").await;
    carmen.fill("Password", PASSWORD).await;
    carmen.fill("Password again", PASSWORD).await;
    carmen.press("Make the account").await;
    carmen.look("first-page").await;
}

/// Reads the letter and returns it with a comment.
pub async fn returns_the_letter(carmen: &mut Browser, letter: &str) {
    carmen.visit(letter).await;
    carmen.follow("Read and decide").await;
    carmen.sees("RCW 42.56").await;
    carmen.look("letter-review").await;
    carmen
        .fill(
            "What should be different?",
            "Say that the words “at any time” mean since 2023.",
        )
        .await;
    carmen.press("Return with a comment").await;
    carmen.look("letter-returned").await;
}

/// Approves the exact text of the new version.
pub async fn approves_the_letter(carmen: &mut Browser, letter: &str) {
    carmen.visit(letter).await;
    carmen.follow("Read and decide").await;
    carmen.sees("before 2023").await;
    carmen.press("Approve this exact text").await;
    carmen.look("letter-approved").await;
}

/// Looks through a held document and clears it.
pub async fn clears_the_document(carmen: &mut Browser) {
    carmen.follow("Documents").await;
    carmen.look("documents-held").await;
    carmen.follow_about("totals-2025.pdf").await;
    carmen.look("document-held").await;
    carmen.follow("Decide about this document").await;
    carmen.sees("Detainers received: 41").await;
    carmen.look("review").await;
    carmen.tick("P0").await;
    carmen.press("Clear all 2 pages for use").await;
    carmen.look("review-cleared").await;
}

/// The second pair of eyes: compares a figure with its page.
pub async fn checks_the_figure(carmen: &mut Browser) {
    carmen.follow("Facts").await;
    carmen.look("facts").await;
    carmen.follow_about("Detainers received").await;
    carmen.sees("41").await;
    carmen.look("figure").await;
    carmen.press("The page says so").await;
    carmen.look("figure-checked").await;
}
