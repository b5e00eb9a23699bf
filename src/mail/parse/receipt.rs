//! Receipts that machines write: that a mail of ours was delivered (RFC 3464) or shown (RFC 8098). Proof that it arrived,
//! never an answer.

use serde::{Deserialize, Serialize};

use super::Part;

/// A machine's word that a mail of ours is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub kind: ReceiptKind,
    /// The Message-ID of our mail, without angle brackets, where it is named.
    pub of: Option<String>,
}

/// What the machine saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptKind {
    /// Put into the reader's mailbox.
    Delivered,
    /// Shown, handled, or deleted there: it lay in the mailbox.
    Displayed,
}

impl ReceiptKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ReceiptKind::Delivered => "delivered",
            ReceiptKind::Displayed => "displayed",
        }
    }
}

/// Looks for a receipt in the machine-readable parts. `quoted` is the Message-ID that the report's copy carries.
pub fn find(attachments: &[Part], quoted: Option<&str>) -> Option<Receipt> {
    let part = |names: &[&str]| {
        attachments
            .iter()
            .find(|part| names.contains(&part.media_type.as_str()))
            .map(|part| unfolded(&String::from_utf8_lossy(&part.bytes)))
    };
    let quoted = quoted.map(str::to_owned);
    if let Some(report) = part(&["message/disposition-notification"]) {
        let disposition = field(&report, "disposition")?.to_ascii_lowercase();
        // "manual-action/MDN-sent-manually; displayed": after the semicolon stands what happened, errors after a slash.
        let happened = disposition.split(';').nth(1)?.trim().to_owned();
        let (what, modifier) = happened.split_once('/').unwrap_or((&happened, ""));
        if !matches!(
            what.trim(),
            "displayed" | "processed" | "dispatched" | "deleted"
        ) || modifier.contains("error")
        {
            return None;
        }
        let named = field(&report, "original-message-id")
            .map(|id| id.trim_matches(['<', '>', ' ']).to_owned())
            .filter(|id| !id.is_empty());
        return Some(Receipt {
            kind: ReceiptKind::Displayed,
            of: named.or(quoted),
        });
    }
    let report = part(&["message/delivery-status", "message/global-delivery-status"])?;
    let mut actions = report
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("action"))
        .map(|(_, value)| value.trim().to_ascii_lowercase())
        .peekable();
    actions.peek()?;
    // "relayed" says only that the next server took it, which we knew.
    actions
        .all(|action| action == "delivered")
        .then_some(Receipt {
            kind: ReceiptKind::Delivered,
            of: quoted,
        })
}

fn unfolded(report: &str) -> String {
    report
        .replace("\r\n", "\n")
        .replace("\n ", " ")
        .replace("\n\t", " ")
}

fn field(report: &str, name: &str) -> Option<String> {
    report.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(media_type: &str, text: &str) -> Part {
        Part {
            name: "report".into(),
            media_type: media_type.into(),
            bytes: text.as_bytes().to_vec(),
            inline: false,
            opened: false,
        }
    }

    #[test]
    fn only_what_says_that_it_arrived_is_a_receipt() {
        let mdn = "message/disposition-notification";
        let dsn = "message/delivery-status";
        for (media_type, text, kind) in [
            (
                mdn,
                "Reporting-UA: x\nOriginal-Message-ID: <a@b>\nDisposition: manual-action/MDN-sent-manually; displayed",
                Some(ReceiptKind::Displayed),
            ),
            (
                mdn,
                "Disposition: automatic-action/MDN-sent-automatically;\n deleted",
                Some(ReceiptKind::Displayed),
            ),
            (
                mdn,
                "Disposition: automatic-action/MDN-sent-automatically; processed/error",
                None,
            ),
            (
                mdn,
                "Disposition: automatic-action/MDN-sent-automatically; failed",
                None,
            ),
            (
                mdn,
                "Disposition: manual-action/MDN-sent-manually; denied",
                None,
            ),
            (mdn, "Disposition: displayed", None),
            (mdn, "", None),
            (
                dsn,
                "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: delivered\r\nStatus: 2.0.0\r\n",
                Some(ReceiptKind::Delivered),
            ),
            (dsn, "Action: relayed\nStatus: 2.0.0", None),
            (
                dsn,
                "Action: delivered\n\nAction: failed\nStatus: 5.1.1",
                None,
            ),
            (dsn, "Reporting-MTA: dns; x", None),
            ("text/plain", "Action: delivered", None),
        ] {
            let found = find(&[part(media_type, text)], Some("quoted@x"));
            assert_eq!(found.as_ref().map(|found| found.kind), kind, "{text}");
        }
        let named = find(
            &[part(
                mdn,
                "Original-Message-ID: <a@b>\nDisposition: a/b; displayed",
            )],
            None,
        );
        assert_eq!(named.and_then(|found| found.of).as_deref(), Some("a@b"));
    }
}
