//! What the meeting team does: reads what was cleared, takes the dossier into the room.

use super::PASSWORD;
use crate::support::browser::Browser;

/// Follows the invitation and makes an account.
pub async fn joins(theo: &mut Browser, path: &str) {
    theo.visit(path).await;
    theo.fill("Your name", "Theo Table").await;
    theo.fill("Password", PASSWORD).await;
    theo.fill("Password again", PASSWORD).await;
    theo.press("Make the account").await;
    theo.look("first-page").await;
}

/// Sees neither letters nor replies, but what was cleared.
pub async fn sees_what_was_cleared(theo: &mut Browser, letter: &str) {
    theo.visit(letter).await;
    theo.does_not_see("RCW 42.56").await;
    theo.follow("Documents").await;
    theo.sees("totals-2025.pdf").await;
    theo.look("documents").await;
    theo.follow("Facts").await;
    theo.sees("Detainers received").await;
    theo.look("facts").await;
}

/// Finds the edition, and gives the address of its file.
pub async fn finds_the_dossier(theo: &mut Browser) -> String {
    theo.follow("Dossiers").await;
    theo.sees("Edition 1").await;
    theo.look("dossiers").await;
    theo.address_of("Download").await
}
