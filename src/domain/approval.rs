//! Approval: counsel's word on one exact text, and the only door through which a text becomes sendable.
//!
//! Here: the decision, and [`Approved`], which nobody else can make. Not here: what a letter is made of
//! (`letter`), how it travels (`delivery`). Imports `ids` only.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ids::{DocumentId, LetterId, MessageId, UserId};

/// Something whose exact text can be approved. Every edit makes a new version with another hash,
/// so an approval of the old text says nothing about the new one.
pub trait HasText {
    fn letter(&self) -> LetterId;
    fn subject(&self) -> &str;
    /// The letter as it will be read, addressee and signature included, with `\n` line ends.
    fn body(&self) -> &str;
    /// The files that go along, in their order.
    fn enclosures(&self) -> Vec<Enclosure> {
        Vec::new()
    }
    /// The hash that stands for the exact text and everything that goes with it, see [`exact_sha256`].
    fn sha256(&self) -> String {
        exact_sha256(self.subject(), self.body(), &self.enclosures())
    }
}

/// A file that goes along with a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// As the reader sees it.
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    /// Lower-case hexadecimal; empty for the letter's own paper, which is made from the approved text afterwards.
    pub sha256: String,
    pub from: EnclosureSource,
}

/// Where a file that goes along comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnclosureSource {
    /// A document of the request that counsel cleared.
    Document(DocumentId),
    /// The text of a message of the agency, without its files.
    Message(MessageId),
    /// The request, or another letter of ours, as it went out: its paper.
    Letter(LetterId),
    /// This very letter on paper.
    OwnPaper,
}

/// Lower-case hexadecimal SHA-256 of a letter's exact text and of the files that go along: that of the text alone where
/// none does.
pub fn exact_sha256(subject: &str, body: &str, enclosures: &[Enclosure]) -> String {
    let text = text_sha256(subject, body);
    if enclosures.is_empty() {
        return text;
    }
    let mut whole = format!("Letter: {text}\n");
    for each in enclosures {
        let file = match each.from {
            EnclosureSource::OwnPaper => "this letter on paper",
            _ => each.sha256.as_str(),
        };
        whole.push_str(&format!("Enclosed: {file} {}\n", each.name));
    }
    sha256_hex(whole.as_bytes())
}

/// Lower-case hexadecimal SHA-256 of a letter's exact text: its subject line, an empty line, its body.
/// The one rule by which versions, approvals and what goes out are compared.
pub fn text_sha256(subject: &str, body: &str) -> String {
    sha256_hex(format!("Subject: {subject}\n\n{body}").as_bytes())
}

/// One version of a letter's text as it stands on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterText {
    pub letter: LetterId,
    pub subject: String,
    pub body: String,
}

impl HasText for LetterText {
    fn letter(&self) -> LetterId {
        self.letter
    }
    fn subject(&self) -> &str {
        &self.subject
    }
    fn body(&self) -> &str {
        &self.body
    }
}

/// Lower-case hexadecimal SHA-256 of `bytes`.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        use fmt::Write;
        // Writing to a String cannot fail.
        write!(hex, "{byte:02x}").expect("a String takes every write");
    }
    hex
}

/// What counsel decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Approved,
    /// Sent back to the drafter with a comment.
    Returned,
}

impl Decision {
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Approved => "approved",
            Decision::Returned => "returned",
        }
    }
}

impl FromStr for Decision {
    type Err = UnknownDecision;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "approved" => Ok(Decision::Approved),
            "returned" => Ok(Decision::Returned),
            _ => Err(UnknownDecision),
        }
    }
}

/// The text names no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a decision is approved or returned")]
pub struct UnknownDecision;

/// Counsel's decision on one version of one letter, as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub letter: LetterId,
    /// Lower-case hexadecimal SHA-256 of the text that counsel read.
    pub sha256: String,
    pub decision: Decision,
    /// Counsel's comment; empty when there is none.
    pub comment: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// A text that counsel approved exactly as it stands. Only [`Approved::confirm`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved<T> {
    letter: T,
    by: UserId,
    at: DateTime<Utc>,
}

impl<T: HasText> Approved<T> {
    /// Holds `approval` against the text in hand.
    ///
    /// `sha256_of_its_exact_text` is the hash of the version on record; it, the letter's own hash and the
    /// approval's must be one and the same, so neither a stale row nor a letter changed on its way passes.
    pub fn confirm(
        letter: T,
        sha256_of_its_exact_text: &str,
        approval: &Approval,
    ) -> Result<Approved<T>, NotApproved> {
        if approval.letter != letter.letter() {
            return Err(NotApproved::AnotherLetter);
        }
        if approval.decision == Decision::Returned {
            return Err(NotApproved::Returned);
        }
        let own = letter.sha256();
        if own != sha256_of_its_exact_text || own != approval.sha256 {
            return Err(NotApproved::EditedSince);
        }
        Ok(Approved {
            letter,
            by: approval.by,
            at: approval.at,
        })
    }
}

impl<T> Approved<T> {
    /// The approved text. There is no way to change it in place.
    pub fn get(&self) -> &T {
        &self.letter
    }

    pub fn by(&self) -> UserId {
        self.by
    }

    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

/// Why a text may not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    #[error(
        "Counsel's approval belongs to another letter. Send this one to counsel for approval first."
    )]
    AnotherLetter,
    #[error(
        "Counsel returned this letter with a comment. Edit it and send it to counsel again before it can go out."
    )]
    Returned,
    #[error(
        "The letter was edited after counsel approved it, so the approval no longer counts. Send it to counsel again."
    )]
    EditedSince,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(letter: LetterId, body: &str) -> LetterText {
        LetterText {
            letter,
            subject: "Detainers".into(),
            body: body.into(),
        }
    }

    fn approval(of: &LetterText, decision: Decision) -> Approval {
        Approval {
            letter: of.letter,
            sha256: of.sha256(),
            decision,
            comment: String::new(),
            by: UserId::new(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn only_the_very_text_that_counsel_read_passes() {
        let id = LetterId::new();
        let read = text(id, "Dear clerk");
        let ok = approval(&read, Decision::Approved);
        let passed = Approved::confirm(read.clone(), &ok.sha256, &ok).unwrap();
        assert_eq!(passed.get(), &read);
        assert_eq!(passed.by(), ok.by);

        let edited = text(id, "Dear clerk,");
        let subject_edited = LetterText {
            subject: "Detainees".into(),
            ..read.clone()
        };
        for (letter, on_record, approval, why) in [
            // Edited after approval: the row has the new hash, the approval the old.
            (&edited, edited.sha256(), &ok, NotApproved::EditedSince),
            // Edited in memory only.
            (&edited, read.sha256(), &ok, NotApproved::EditedSince),
            // A stale text with a newer row.
            (&read, edited.sha256(), &ok, NotApproved::EditedSince),
            (
                &subject_edited,
                subject_edited.sha256(),
                &ok,
                NotApproved::EditedSince,
            ),
            (
                &text(LetterId::new(), "Dear clerk"),
                read.sha256(),
                &ok,
                NotApproved::AnotherLetter,
            ),
            (
                &read,
                read.sha256(),
                &approval(&read, Decision::Returned),
                NotApproved::Returned,
            ),
        ] {
            assert_eq!(
                Approved::confirm(letter.clone(), &on_record, approval).err(),
                Some(why)
            );
        }
    }

    #[test]
    fn what_goes_along_is_approved_with_the_text() {
        let file = |name: &str, sha256: &str, from| Enclosure {
            name: name.into(),
            media_type: "application/pdf".into(),
            bytes: 3,
            sha256: sha256.into(),
            from,
        };
        let document = EnclosureSource::Document(DocumentId::new());
        let one = file("denial.pdf", "aa", document);
        let none = exact_sha256("s", "b", &[]);
        assert_eq!(
            none,
            text_sha256("s", "b"),
            "letters without files keep their hash"
        );
        let all = [
            none,
            exact_sha256("s", "b", std::slice::from_ref(&one)),
            exact_sha256("s", "b", &[file("denial.pdf", "ab", document)]),
            exact_sha256("s", "b", &[file("other.pdf", "aa", document)]),
            exact_sha256(
                "s",
                "b",
                &[one.clone(), file("x", "", EnclosureSource::OwnPaper)],
            ),
            exact_sha256("s", "b", &[file("x", "", EnclosureSource::OwnPaper), one]),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn hash_is_the_published_vector() {
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
