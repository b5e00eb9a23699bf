//! Review: counsel looks at each file before anyone builds on it. Default is *held*.
//!
//! Here: the decision and `Cleared<T>`, the only key to the official's packet. Not here: detection of personal data,
//! which only suggests and never clears. May import `document`, `person`, `ids`.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::document::Sha256;
use super::ids::{DocumentId, UserId};
use super::person::{Role, Scope};

/// What counsel decided about a document. The latest decision holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// May be read by the campaign and carried into an official's packet.
    Clear,
    /// Stays, or goes back, behind counsel's door.
    Hold,
    /// Special personal data: counsel alone, others see "sealed".
    Seal,
}

impl Decision {
    pub const ALL: [Decision; 3] = [Decision::Clear, Decision::Hold, Decision::Seal];

    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Clear => "clear",
            Decision::Hold => "hold",
            Decision::Seal => "seal",
        }
    }

    pub fn parse(text: &str) -> Option<Decision> {
        Decision::ALL.into_iter().find(|d| d.as_str() == text)
    }
}

/// Where a document stands: folded from the decisions made about its present bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody has decided yet, or counsel holds it.
    Held,
    Cleared,
    Sealed,
}

impl Standing {
    pub const ALL: [Standing; 3] = [Standing::Held, Standing::Cleared, Standing::Sealed];

    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Held => "held",
            Standing::Cleared => "cleared",
            Standing::Sealed => "sealed",
        }
    }

    pub fn parse(text: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// As pages say it.
    pub fn plain(self) -> &'static str {
        match self {
            Standing::Held => "Held for counsel",
            Standing::Cleared => "Cleared",
            Standing::Sealed => "Sealed",
        }
    }

    /// Where the decisions leave a file with these bytes. A decision about other bytes says nothing about these.
    pub fn of(sha256: &Sha256, decisions: &[Clearance]) -> Standing {
        let latest = decisions
            .iter()
            .filter(|c| c.sha256 == *sha256)
            .max_by_key(|c| c.at);
        match latest.map(|c| c.decision) {
            Some(Decision::Clear) => Standing::Cleared,
            Some(Decision::Seal) => Standing::Sealed,
            Some(Decision::Hold) | None => Standing::Held,
        }
    }
}

/// How much of a document somebody sees. The table is `docs/architecture.md`, "Who may see what".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// Pages, text and the file itself.
    Whole,
    /// That it is there, its name, and that counsel holds it.
    Title,
    /// That counsel sealed something. Its name may already say too much.
    Mark,
    /// Not even that.
    Nothing,
}

impl Sight {
    pub fn of(asking: &Scope, uploaded_by: Option<UserId>, standing: Standing) -> Sight {
        let own = uploaded_by == Some(asking.user);
        match (asking.role, standing) {
            (Role::Counsel, _) | (_, Standing::Cleared) => Sight::Whole,
            (Role::Researcher, Standing::Held) if own => Sight::Whole,
            (Role::Researcher, Standing::Held) => Sight::Title,
            (Role::Researcher, Standing::Sealed) => Sight::Mark,
            (Role::Team, Standing::Held | Standing::Sealed) => Sight::Nothing,
        }
    }
}

/// How sensitive counsel found a document: `privacy.md`'s classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Handling {
    /// Policies, totals, contracts, officials at work.
    P0,
    /// Names of line staff, work telephones.
    P1,
    /// Names, numbers, birth dates, addresses of people.
    P2,
    /// Protected cases, children, health, asylum, trafficking.
    P3,
}

impl Handling {
    pub const ALL: [Handling; 4] = [Handling::P0, Handling::P1, Handling::P2, Handling::P3];

    pub fn as_str(self) -> &'static str {
        match self {
            Handling::P0 => "P0",
            Handling::P1 => "P1",
            Handling::P2 => "P2",
            Handling::P3 => "P3",
        }
    }

    pub fn parse(text: &str) -> Option<Handling> {
        Handling::ALL.into_iter().find(|h| h.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            Handling::P0 => "Public: policies, totals, contracts, officials at work",
            Handling::P1 => "Staff: names of line staff or work telephones",
            Handling::P2 => "Personal: names, numbers, birth dates or addresses of people",
            Handling::P3 => "Special: protected cases, children, health, asylum, trafficking",
        }
    }

    /// Whether a document of this class may be cleared as it is. Personal data must be redacted into a new file first.
    pub fn may_be_cleared(self) -> bool {
        matches!(self, Handling::P0 | Handling::P1)
    }
}

/// One decision, about one document and the exact bytes that the reviewer saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clearance {
    pub document: DocumentId,
    pub sha256: Sha256,
    pub decision: Decision,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// Why a thing is not cleared, as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCleared {
    #[error("This decision is about another document. Open the document and decide on it there.")]
    OtherDocument,
    #[error(
        "The file changed after counsel saw it. Counsel must look at it again before it can be used."
    )]
    OtherBytes,
    #[error("Counsel holds this document. It can be used once counsel clears it.")]
    Held,
    #[error("Counsel sealed this document. It cannot be used.")]
    Sealed,
    #[error(
        "The person who put a document in cannot clear it. Ask another member with counsel's role."
    )]
    OwnUpload,
    #[error(
        "A document with personal data cannot be cleared as it is. Hold or seal it, or have it redacted into a new file."
    )]
    PersonalData,
}

/// Whether this reviewer may clear a document of this class that this person put in.
pub fn may_clear(
    reviewer: UserId,
    uploaded_by: Option<UserId>,
    class: Handling,
) -> Result<(), NotCleared> {
    if uploaded_by == Some(reviewer) {
        return Err(NotCleared::OwnUpload);
    }
    if !class.may_be_cleared() {
        return Err(NotCleared::PersonalData);
    }
    Ok(())
}

/// A thing that counsel cleared, with the proof. No other way to make one exists, so a function that asks for
/// `Cleared<T>` cannot be given a held or sealed thing by mistake.
#[derive(Clone, PartialEq, Eq)]
pub struct Cleared<T> {
    item: T,
    document: DocumentId,
    sha256: Sha256,
    by: UserId,
    at: DateTime<Utc>,
}

impl<T> Cleared<T> {
    /// Confirms that `clearance`, the latest decision on `document`, clears exactly these bytes.
    pub fn confirm(
        item: T,
        document: DocumentId,
        sha256: &Sha256,
        clearance: &Clearance,
    ) -> Result<Cleared<T>, NotCleared> {
        if clearance.document != document {
            return Err(NotCleared::OtherDocument);
        }
        if clearance.sha256 != *sha256 {
            return Err(NotCleared::OtherBytes);
        }
        match clearance.decision {
            Decision::Clear => Ok(Cleared {
                item,
                document,
                sha256: *sha256,
                by: clearance.by,
                at: clearance.at,
            }),
            Decision::Hold => Err(NotCleared::Held),
            Decision::Seal => Err(NotCleared::Sealed),
        }
    }

    pub fn item(&self) -> &T {
        &self.item
    }

    pub fn into_item(self) -> T {
        self.item
    }

    pub fn document(&self) -> DocumentId {
        self.document
    }

    pub fn sha256(&self) -> &Sha256 {
        &self.sha256
    }

    pub fn cleared_by(&self) -> UserId {
        self.by
    }

    pub fn cleared_at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl<T: fmt::Debug> fmt::Debug for Cleared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cleared").field(&self.item).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> DateTime<Utc> {
        chrono::NaiveDate::from_ymd_opt(2026, 11, day)
            .and_then(|d| d.and_hms_opt(9, 0, 0))
            .expect("a day in November")
            .and_utc()
    }

    fn decided(document: DocumentId, bytes: &[u8], decision: Decision, day: u32) -> Clearance {
        Clearance {
            document,
            sha256: Sha256::of(bytes),
            decision,
            by: UserId::new(),
            at: at(day),
        }
    }

    #[test]
    fn only_a_clearing_of_these_bytes_of_this_document_clears() {
        let document = DocumentId::new();
        let seen = Sha256::of(b"seen");
        let cases = [
            (decided(document, b"seen", Decision::Clear, 1), None),
            (
                decided(document, b"seen", Decision::Hold, 1),
                Some(NotCleared::Held),
            ),
            (
                decided(document, b"seen", Decision::Seal, 1),
                Some(NotCleared::Sealed),
            ),
            (
                decided(document, b"other", Decision::Clear, 1),
                Some(NotCleared::OtherBytes),
            ),
            (
                decided(DocumentId::new(), b"seen", Decision::Clear, 1),
                Some(NotCleared::OtherDocument),
            ),
        ];
        for (clearance, refusal) in cases {
            let got = Cleared::confirm("page", document, &seen, &clearance);
            assert_eq!(got.as_ref().err().copied(), refusal);
            if let Ok(cleared) = got {
                assert_eq!(cleared.cleared_by(), clearance.by);
                assert_eq!(
                    (cleared.document(), cleared.into_item()),
                    (document, "page")
                );
            }
        }
    }

    #[test]
    fn the_latest_decision_on_the_present_bytes_gives_the_standing() {
        let document = DocumentId::new();
        let bytes = Sha256::of(b"a");
        let clear = decided(document, b"a", Decision::Clear, 2);
        let hold = decided(document, b"a", Decision::Hold, 3);
        let seal = decided(document, b"a", Decision::Seal, 4);
        let other = decided(document, b"b", Decision::Clear, 9);
        assert_eq!(Standing::of(&bytes, &[]), Standing::Held);
        assert_eq!(
            Standing::of(&bytes, std::slice::from_ref(&other)),
            Standing::Held
        );
        assert_eq!(
            Standing::of(&bytes, std::slice::from_ref(&clear)),
            Standing::Cleared
        );
        assert_eq!(
            Standing::of(&bytes, &[hold.clone(), clear.clone()]),
            Standing::Held
        );
        assert_eq!(
            Standing::of(&bytes, &[seal, clear, hold, other]),
            Standing::Sealed
        );
    }

    #[test]
    fn each_role_sees_what_is_its_own() {
        let asking = |role| Scope {
            user: UserId::new(),
            campaign: crate::domain::ids::CampaignId::new(),
            role,
        };
        let cases = [
            (Role::Counsel, [Sight::Whole, Sight::Whole, Sight::Whole]),
            (Role::Researcher, [Sight::Title, Sight::Whole, Sight::Mark]),
            (Role::Team, [Sight::Nothing, Sight::Whole, Sight::Nothing]),
        ];
        for (role, seen) in cases {
            for (standing, sight) in Standing::ALL.into_iter().zip(seen) {
                assert_eq!(
                    Sight::of(&asking(role), None, standing),
                    sight,
                    "{role} {standing:?}"
                );
                assert_eq!(
                    Sight::of(&asking(role), Some(UserId::new()), standing),
                    sight,
                    "somebody else's upload: {role} {standing:?}"
                );
            }
        }
        let researcher = asking(Role::Researcher);
        let own = Some(researcher.user);
        assert_eq!(Sight::of(&researcher, own, Standing::Held), Sight::Whole);
        assert_eq!(Sight::of(&researcher, own, Standing::Sealed), Sight::Mark);
        let team = asking(Role::Team);
        assert_eq!(
            Sight::of(&team, Some(team.user), Standing::Held),
            Sight::Nothing
        );
    }

    #[test]
    fn nobody_clears_their_own_upload_or_personal_data() {
        let counsel = UserId::new();
        let other = Some(UserId::new());
        assert_eq!(may_clear(counsel, other, Handling::P0), Ok(()));
        assert_eq!(may_clear(counsel, None, Handling::P1), Ok(()));
        assert_eq!(
            may_clear(counsel, Some(counsel), Handling::P0),
            Err(NotCleared::OwnUpload)
        );
        for class in [Handling::P2, Handling::P3] {
            assert_eq!(
                may_clear(counsel, other, class),
                Err(NotCleared::PersonalData)
            );
        }
    }
}
