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
