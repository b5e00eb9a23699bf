//! What a message asks somebody to do, noticed while it is read: records that lie at a portal, an archive with a password.

use chrono::NaiveDate;

use crate::domain::reply::{downloads, unquoted};
use crate::mail::parse::Parsed;
use crate::store::mail_tasks::MailTask;
use crate::store::messages::Message;

/// What a message asks somebody to do: fetch what lies at a portal, open what is locked.
pub(super) fn mail_asks(message: &Message, parsed: &Parsed, came_on: NaiveDate) -> Vec<MailTask> {
    let task = |kind: &str, what: String, address: String, due_on| MailTask {
        id: uuid::Uuid::new_v4(),
        message: message.id,
        kind: kind.to_owned(),
        what,
        address,
        due_on,
        done_at: None,
    };
    let mut all: Vec<MailTask> = downloads(&unquoted(&parsed.text), came_on)
        .into_iter()
        .map(|found| {
            let what = format!(
                "Records may lie at {}: fetch them there and add them as documents.",
                found.vendor
            );
            task("download", what, found.address, found.until)
        })
        .collect();
    all.extend(parsed.locked.iter().map(|name| {
        let what = format!(
            "{name} is locked with a password: ask the agency for it, open the file and add what is in it as documents."
        );
        task("locked", what, String::new(), None)
    }));
    all
}
