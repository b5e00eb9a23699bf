//! What can happen, in the words of the log. Statuses are folded from these, never stored beside them.
//!
//! Over 500 lines because it is the whole vocabulary of the log, and each word says what it means.
//!
//! One vocabulary for the database, the timeline and the dossier. An event is written once and never changed:
//! a correction is another event. Fields added later must have a serde default, so that old rows still read.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::{
    AgencyId, BatchId, CampaignId, ContactId, CorrectionId, DocumentId, FactId, LetterId,
    MessageId, RequestId, UserId,
};

/// One line of the append-only log.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: i64,
    pub campaign: Option<CampaignId>,
    pub request: Option<RequestId>,
    /// Who did it; none where the program did it by itself.
    pub by: Option<UserId>,
    pub at: DateTime<Utc>,
    pub what: Happening,
}

/// How we know that an agency has a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The agency's mail server took the message (SMTP 250): receipt is presumed on that day.
    ServerAccepted,
    /// Written into the mail folder of this installation; whoever forwards it makes it arrive.
    FolderWritten,
    /// The agency wrote that it has the request.
    Acknowledgment,
    DeliveryReceipt,
    PortalStamp,
    CertifiedPost,
    FaxConfirmation,
    StampedCopy,
    /// A person looked (sent folder, server log, a call) and vouches that the agency has it.
    PersonVouched,
}

impl Evidence {
    pub const ALL: [Evidence; 9] = [
        Evidence::ServerAccepted,
        Evidence::FolderWritten,
        Evidence::Acknowledgment,
        Evidence::DeliveryReceipt,
        Evidence::PortalStamp,
        Evidence::CertifiedPost,
        Evidence::FaxConfirmation,
        Evidence::StampedCopy,
        Evidence::PersonVouched,
    ];

    /// The word of the log and of forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Evidence::ServerAccepted => "server_accepted",
            Evidence::FolderWritten => "folder_written",
            Evidence::Acknowledgment => "acknowledgment",
            Evidence::DeliveryReceipt => "delivery_receipt",
            Evidence::PortalStamp => "portal_stamp",
            Evidence::CertifiedPost => "certified_post",
            Evidence::FaxConfirmation => "fax_confirmation",
            Evidence::StampedCopy => "stamped_copy",
            Evidence::PersonVouched => "person_vouched",
        }
    }

    pub fn parse(text: &str) -> Option<Evidence> {
        Evidence::ALL
            .into_iter()
            .find(|evidence| evidence.as_str() == text)
    }

    /// As a timeline says it.
    pub fn plain(self) -> &'static str {
        match self {
            Evidence::ServerAccepted => "the agency's mail server accepted it; receipt presumed",
            Evidence::FolderWritten => "written to the mail folder; receipt presumed, not proved",
            Evidence::Acknowledgment => "the agency acknowledged it",
            Evidence::DeliveryReceipt => "delivery receipt",
            Evidence::PortalStamp => "portal confirmation",
            Evidence::CertifiedPost => "certified mail receipt",
            Evidence::FaxConfirmation => "fax confirmation page",
            Evidence::StampedCopy => "copy stamped by hand",
            Evidence::PersonVouched => "a person looked and says so; receipt presumed",
        }
    }

    /// Presumed receipt gives way to a proof of another kind.
    pub fn is_presumed(self) -> bool {
        matches!(
            self,
            Evidence::ServerAccepted | Evidence::FolderWritten | Evidence::PersonVouched
        )
    }
}

/// What a reply turned out to be, as a person sorted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    Acknowledged,
    Extended,
    FeeDemanded,
    ClarificationAsked,
    Determined,
    Denied,
    Partial,
    NoRecords,
    Produced,
    Referred,
    /// The agency says that it has closed the request.
    ClosedByAgency,
    /// An automatic receipt or a remark: proves arrival at most, answers nothing.
    Other,
}

impl ReplyKind {
    pub const ALL: [ReplyKind; 12] = [
        ReplyKind::Acknowledged,
        ReplyKind::Extended,
        ReplyKind::FeeDemanded,
        ReplyKind::ClarificationAsked,
        ReplyKind::Determined,
        ReplyKind::Denied,
        ReplyKind::Partial,
        ReplyKind::NoRecords,
        ReplyKind::Produced,
        ReplyKind::Referred,
        ReplyKind::ClosedByAgency,
        ReplyKind::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ReplyKind::Acknowledged => "acknowledged",
            ReplyKind::Extended => "extended",
            ReplyKind::FeeDemanded => "fee_demanded",
            ReplyKind::ClarificationAsked => "clarification_asked",
            ReplyKind::Determined => "determined",
            ReplyKind::Denied => "denied",
            ReplyKind::Partial => "partial",
            ReplyKind::NoRecords => "no_records",
            ReplyKind::Produced => "produced",
            ReplyKind::Referred => "referred",
            ReplyKind::ClosedByAgency => "closed_by_agency",
            ReplyKind::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<ReplyKind> {
        ReplyKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            ReplyKind::Acknowledged => "Acknowledged",
            ReplyKind::Extended => "Took more time",
            ReplyKind::FeeDemanded => "Asked for a fee or deposit",
            ReplyKind::ClarificationAsked => "Asked us to clarify",
            ReplyKind::Determined => "Decided what it will release",
            ReplyKind::Denied => "Denied",
            ReplyKind::Partial => "Released in part",
            ReplyKind::NoRecords => "Says it has no records",
            ReplyKind::Produced => "Produced the records",
            ReplyKind::Referred => "Referred us elsewhere",
            ReplyKind::ClosedByAgency => "Says that it closed the request",
            ReplyKind::Other => "Something else",
        }
    }
}

/// More of what a reply said: which items, why, by which words. What is not said is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// The items it is about, as the request numbers them; empty: the request as a whole.
    pub items: Vec<i32>,
    /// How many items the request had, so that the log alone tells when all are answered.
    pub of: i32,
    /// Keys of the classes of refusal (`data/refusals`) that a person confirmed.
    pub grounds: Vec<String>,
    /// The agency's own words that were relied on.
    pub words: String,
    /// Why it takes more time, as it says.
    pub reason: String,
    /// US cents to be paid first.
    pub deposit_cents: Option<i64>,
    /// The amount is billed, not estimated.
    pub invoiced: bool,
}

impl Detail {
    /// It is about some of the items only.
    pub fn is_part(&self) -> bool {
        !self.items.is_empty() && i32::try_from(self.items.len()).is_ok_and(|some| some < self.of)
    }
}

/// What an amount of money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    Estimate,
    Deposit,
    Invoice,
    Paid,
    Refunded,
    Waived,
}

impl FeeKind {
    pub const ALL: [FeeKind; 6] = [
        FeeKind::Estimate,
        FeeKind::Deposit,
        FeeKind::Invoice,
        FeeKind::Paid,
        FeeKind::Refunded,
        FeeKind::Waived,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            FeeKind::Estimate => "estimate",
            FeeKind::Deposit => "deposit",
            FeeKind::Invoice => "invoice",
            FeeKind::Paid => "paid",
            FeeKind::Refunded => "refunded",
            FeeKind::Waived => "waived",
        }
    }

    pub fn parse(text: &str) -> Option<FeeKind> {
        FeeKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            FeeKind::Estimate => "Estimate",
            FeeKind::Deposit => "Deposit asked",
            FeeKind::Invoice => "Invoice",
            FeeKind::Paid => "Paid by us",
            FeeKind::Refunded => "Refunded to us",
            FeeKind::Waived => "Waived",
        }
    }
}

/// What people do to a batch as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchDeed {
    Planned,
    Drafting,
    Submitted,
    Approved,
    Returned,
    Scheduled,
    Paused,
    Corrected,
    Chased,
    Closed,
}

impl BatchDeed {
    /// As a timeline says it, before the number of letters.
    pub fn plain(self) -> &'static str {
        match self {
            BatchDeed::Planned => "Batch planned",
            BatchDeed::Drafting => "Drafting started",
            BatchDeed::Submitted => "Sent to counsel",
            BatchDeed::Approved => "Approved by counsel",
            BatchDeed::Returned => "Returned by counsel",
            BatchDeed::Scheduled => "Letters given their times",
            BatchDeed::Paused => "Sending paused",
            BatchDeed::Corrected => "Corrections drafted",
            BatchDeed::Chased => "Reminders to agencies drafted",
            BatchDeed::Closed => "Requests closed",
        }
    }
}

/// What happened. The serde tag is the `kind` column of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    CampaignCreated,
    CampaignEdited,
    MemberInvited {
        role: String,
    },
    MemberJoined {
        role: String,
    },
    MemberRemoved {
        account: UserId,
    },
    AgencyAdded {
        name: String,
    },
    ContactAdded {
        agency: String,
        channel: String,
    },
    /// What is known of an agency was changed; the change in words.
    AgencyEdited {
        what: String,
    },
    /// A duplicate was merged into this agency.
    AgencyMerged {
        from: AgencyId,
        name: String,
        why: String,
    },
    ContactChecked {
        contact: ContactId,
        value: String,
        on: NaiveDate,
    },
    ContactEdited {
        contact: ContactId,
        before: String,
        after: String,
    },
    ContactRetired {
        contact: ContactId,
        value: String,
        why: String,
    },
    /// An agreement of an agency was added, changed, ended, or left ICE's list: which, and what in words.
    AgreementNoted {
        title: String,
        what: String,
        source: String,
    },
    PolicyNoted {
        title: String,
        what: String,
        source: String,
    },
    ImportUndone {
        import: String,
    },
    ImportConfirmed {
        import: String,
        added: u32,
        matched: u32,
        skipped: u32,
    },

    /// A request was begun.
    Drafted,
    /// A version of a letter's text was written: the first, or an edit that voids any approval before it.
    LetterWritten {
        letter: LetterId,
        version: i32,
        sha256: String,
        voids_approval: bool,
        /// Which letter of the request: "appeal", "follow_up-2"; none for the request itself.
        #[serde(default)]
        letter_kind: Option<String>,
    },
    Submitted {
        letter: LetterId,
        version: i32,
    },
    Approved {
        letter: LetterId,
        version: i32,
        sha256: String,
    },
    Returned {
        letter: LetterId,
        version: i32,
        comment: String,
    },
    Queued {
        letter: LetterId,
        version: i32,
        /// When it is to leave, where that was not at once.
        #[serde(default)]
        leave_at: Option<DateTime<Utc>>,
    },
    /// A letter on its way out was held back: nothing leaves until somebody says so.
    DeliveryHeld {
        letter: LetterId,
        version: i32,
    },
    /// A letter was taken back before anything was handed over.
    DeliveryRecalled {
        letter: LetterId,
        version: i32,
        #[serde(default)]
        note: String,
    },
    /// A letter went into the agency's portal or to a carrier on that day; nothing shows its receipt yet.
    Dispatched {
        letter: LetterId,
        version: i32,
        /// A word of `delivery::Channel`.
        channel: String,
        on: NaiveDate,
        /// Tracking or confirmation number.
        #[serde(default)]
        number: String,
        #[serde(default)]
        letter_kind: Option<String>,
    },
    /// What shows a sending or a receipt was kept: a screenshot, a green card, a fax report.
    EvidenceKept {
        document: DocumentId,
        name: String,
        evidence: Evidence,
    },
    /// A machine of the agency's side wrote that our letter is there. Proof of receipt at most, never an answer.
    ReceiptHeard {
        letter: LetterId,
        message: MessageId,
        on: NaiveDate,
        /// A word of `mail::parse::ReceiptKind`.
        how: String,
    },
    /// Somebody looked into the agency's portal, and kept what stood there where a document is named.
    PortalChecked {
        on: NaiveDate,
        note: String,
        #[serde(default)]
        document: Option<DocumentId>,
    },
    /// The letter left: `receipt_on` is the day in the agency's zone on which receipt is presumed or shown.
    Sent {
        letter: LetterId,
        version: i32,
        sha256: String,
        channel: String,
        evidence: Evidence,
        receipt_on: Option<NaiveDate>,
        /// What kind of letter it was: "appeal"; none for the request itself.
        #[serde(default)]
        letter_kind: Option<String>,
        /// A correction that supplied what the law asks of a request and the request lacked: the agency's limits are
        /// counted from its receipt.
        #[serde(default)]
        completes: bool,
    },
    DeliveryDeferred {
        why: String,
    },
    DeliveryFailed {
        why: String,
        #[serde(default)]
        letter: Option<LetterId>,
    },
    /// The connection broke when the server may already have taken the letter: a person must look.
    DeliveryUnknown {
        why: String,
        #[serde(default)]
        letter: Option<LetterId>,
    },
    /// A person said what became of an unknown delivery.
    DeliverySettled {
        arrived: bool,
        note: String,
        #[serde(default)]
        letter: Option<LetterId>,
    },
    /// A person recorded when and how the agency received the letter; the first valid proof starts the clock.
    ReceiptRecorded {
        on: NaiveDate,
        evidence: Evidence,
        note: String,
        /// It came after the office had shut for the day.
        #[serde(default)]
        after_hours: bool,
    },
    /// Something that the clocks depend on and that is no reply: a stopped clock, our answer, our payment, an appeal.
    /// `step` is a word of `duty::EventKind`.
    StepRecorded {
        step: String,
        on: NaiveDate,
        /// The date that an extension names.
        #[serde(default)]
        until: Option<NaiveDate>,
        /// Why a clock was stopped, or why the agency takes more time.
        #[serde(default)]
        ground: Option<String>,
        /// Whether a notice of more time was seen; none where the step needs none.
        #[serde(default)]
        notice_seen: Option<bool>,
        #[serde(default)]
        note: String,
        /// The letter of ours that was this step; it is taken back if the letter comes back.
        #[serde(default)]
        letter: Option<LetterId>,
    },
    /// A condition of the law was found to hold for this request, or not to.
    ConditionSet {
        key: String,
        holds: bool,
        #[serde(default)]
        note: String,
    },
    /// An entry of the log was a mistake: it counts no more, and stays to be read.
    EntryWithdrawn {
        entry: i64,
        why: String,
    },

    ReplyReceived {
        message: MessageId,
        matched_by: String,
        attachments: u32,
        auto_reply: bool,
    },
    ReplyFiled {
        message: MessageId,
        why: String,
        /// Documents that came with it from another request and that counsel has not looked at yet.
        #[serde(default)]
        documents: Vec<DocumentId>,
    },
    /// A person said what a reply is. `on` is its day, `until` a new date or a limit it names.
    ReplySorted {
        message: Option<MessageId>,
        what: ReplyKind,
        on: NaiveDate,
        until: Option<NaiveDate>,
        amount_cents: Option<i64>,
        note: String,
        #[serde(default)]
        detail: Detail,
    },
    /// A message had been filed here by mistake and was moved, with its files.
    ReplyMovedAway {
        message: MessageId,
        to: RequestId,
        reference: String,
        why: String,
        /// Its documents, which went with it.
        #[serde(default)]
        documents: Vec<DocumentId>,
    },
    /// The agency's own number for the request.
    TrackingNumberNoted {
        number: String,
        #[serde(default)]
        message: Option<MessageId>,
    },
    /// An amount of money, with the letter or file that shows it.
    FeeRecorded {
        what: FeeKind,
        cents: i64,
        on: NaiveDate,
        #[serde(default)]
        message: Option<MessageId>,
        #[serde(default)]
        document: Option<DocumentId>,
        #[serde(default)]
        note: String,
    },

    DocumentTaken {
        document: DocumentId,
        name: String,
        pages: Option<i32>,
    },
    DocumentCleared {
        document: DocumentId,
    },
    DocumentSealed {
        document: DocumentId,
    },
    DocumentHeld {
        document: DocumentId,
    },

    FactRecorded {
        fact: FactId,
        metric: String,
    },
    FactChecked {
        fact: FactId,
    },
    FactDisputed {
        fact: FactId,
        why: String,
    },
    FactWithdrawn {
        fact: FactId,
        why: String,
    },

    ReminderSent {
        duty: String,
        due_on: NaiveDate,
        offset: i32,
    },
    DossierBuilt {
        edition: i32,
        pages: i32,
        sha256: String,
    },
    Closed {
        note: String,
    },
    /// A correction of the law came into force, or was withdrawn, and moved dates of this request.
    LawCorrected {
        code: String,
        correction: CorrectionId,
        #[serde(default)]
        withdrawn: bool,
        /// What moved.
        says: String,
    },
    /// A day was put on an agency's list of closed days, or taken off it. On a request: it moved dates.
    AgencyClosed {
        agency: String,
        on: NaiveDate,
        why: String,
        #[serde(default)]
        withdrawn: bool,
        /// What moved; empty on the campaign's own line.
        says: String,
    },
    /// A notice of ours went out; `key` is its effect, so that a repeated attempt finds it.
    NoticeSent {
        key: String,
    },
    /// Who hears of this request besides its owner; none: the campaign's own backup again.
    BackupChosen {
        account: Option<UserId>,
    },
    /// A reminder of somebody's own: on that day, whatever the request's status.
    OwnReminderSet {
        reminder: Uuid,
        on: NaiveDate,
        note: String,
    },
    /// A person does not want to hear of a matter until that day, and why. `matter` is a word of `reminder::Subject`.
    ReminderSnoozed {
        matter: String,
        until: NaiveDate,
        why: String,
    },
    /// A person says that what a reminder was about is dealt with.
    ReminderActedOn {
        matter: String,
        #[serde(default)]
        note: String,
    },
    /// The program drafted what follows a missed limit; the draft waits for a person.
    ChaserDrafted {
        letter: LetterId,
        duty: String,
        due_on: NaiveDate,
    },
    /// Something was done to a whole batch. What it meant for each request stands in that request's own log.
    Batch {
        batch: BatchId,
        what: BatchDeed,
        letters: u32,
        #[serde(default)]
        note: String,
    },
}

impl Event {
    /// Whether a person may say that it was a mistake.
    pub fn may_be_withdrawn(&self) -> bool {
        matches!(
            self.what,
            Happening::ReceiptRecorded { .. }
                | Happening::ReplySorted { .. }
                | Happening::StepRecorded { .. }
                | Happening::ConditionSet { .. }
                | Happening::FeeRecorded { .. }
        )
    }
}

/// The entries that count: those of which nobody has said that they were a mistake.
pub fn that_count(log: &[Event]) -> impl Iterator<Item = &Event> {
    let withdrawn: std::collections::HashSet<i64> = log
        .iter()
        .filter_map(|event| match event.what {
            Happening::EntryWithdrawn { entry, .. } => Some(entry),
            _ => None,
        })
        .collect();
    log.iter()
        .filter(move |event| !(event.may_be_withdrawn() && withdrawn.contains(&event.id)))
}

impl Happening {
    /// The word in the `kind` column.
    pub fn kind(&self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(fields)) => fields
                .get("kind")
                .and_then(|kind| kind.as_str())
                .unwrap_or("unreadable")
                .to_owned(),
            _ => "unreadable".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_back_as_it_was_written() {
        let sent = Happening::Sent {
            letter: LetterId::new(),
            version: 3,
            sha256: "4be1".to_owned(),
            channel: "email".to_owned(),
            evidence: Evidence::ServerAccepted,
            receipt_on: NaiveDate::from_ymd_opt(2026, 11, 20),
            letter_kind: None,
            completes: false,
        };
        let text = serde_json::to_string(&sent).expect("an event is plain data");
        assert_eq!(
            serde_json::from_str::<Happening>(&text).expect("it reads back"),
            sent
        );
        assert_eq!(sent.kind(), "sent");
        assert_eq!(Happening::CampaignCreated.kind(), "campaign_created");
        // As it was written before letters had kinds.
        let old = r#"{"kind":"delivery_failed","why":"no such user"}"#;
        assert_eq!(
            serde_json::from_str::<Happening>(old).expect("old rows read"),
            Happening::DeliveryFailed {
                why: "no such user".to_owned(),
                letter: None,
            }
        );
    }

    #[test]
    fn words_of_forms_and_log_agree() {
        for evidence in Evidence::ALL {
            assert_eq!(Evidence::parse(evidence.as_str()), Some(evidence));
            assert_eq!(
                serde_json::to_value(evidence).expect("a word"),
                evidence.as_str()
            );
        }
        // As a reply was sorted before items, grounds and deposits were told apart.
        let old = r#"{"kind":"reply_sorted","message":null,"what":"denied","on":"2026-01-20","until":null,"amount_cents":null,"note":"p. 2"}"#;
        assert!(matches!(
            serde_json::from_str::<Happening>(old).expect("old rows read"),
            Happening::ReplySorted { detail, .. } if detail == Detail::default()
        ));
        for kind in FeeKind::ALL {
            assert_eq!(FeeKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
        }
        for kind in ReplyKind::ALL {
            assert_eq!(ReplyKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
        }
    }
}
