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
