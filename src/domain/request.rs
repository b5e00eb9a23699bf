//! A records request: its reference, period, format and items, and where it stands, folded from what happened.
//!
//! Not here: the letter's text (`letter`), the agency's limits (`duty`). May import `calendar`, `law` and the
//! earlier stages.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::event::{Event, Evidence, Happening, ReplyKind};
use super::ids::{AgencyId, CampaignId, ContactId, ItemId, LetterId, RequestId, UserId};
use crate::calendar::FiscalStart;

/// A request's number in its campaign, written "S-0042" on pages and in letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(pub i32);

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S-{:04}", self.0)
    }
}

impl FromStr for Reference {
    type Err = NoReference;

    /// Takes "S-0042", "s-42" or "42".
    fn from_str(text: &str) -> Result<Self, NoReference> {
        let text = text.trim();
        let digits = text
            .strip_prefix("S-")
            .or_else(|| text.strip_prefix("s-"))
            .unwrap_or(text);
        match digits.parse::<i32>() {
            Ok(number) if number > 0 => Ok(Self(number)),
            _ => Err(NoReference),
        }
    }
}

/// The text is no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference looks like S-0042")]
pub struct NoReference;

/// The days that a request covers, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

/// Two days that make no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    #[error("The period ends before it starts: put the earlier day first.")]
    Backwards,
    #[error("A period of more than twenty years invites a refusal as too broad: shorten it.")]
    TooLong,
    #[error("Write the period as two dates, such as 2022-01-01..2024-12-31.")]
    Unreadable,
}

impl Period {
    /// The longest period that a request may cover, in years.
    pub const LONGEST_YEARS: u32 = 20;

    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, PeriodError> {
        if end < start {
            return Err(PeriodError::Backwards);
        }
        let latest = start.checked_add_months(Months::new(12 * Self::LONGEST_YEARS));
        if latest.is_none_or(|latest| latest < end) {
            return Err(PeriodError::TooLong);
        }
        Ok(Self { start, end })
    }

    pub fn start(&self) -> NaiveDate {
        self.start
    }

    pub fn end(&self) -> NaiveDate {
        self.end
    }

    /// The last `years` complete fiscal years before `today`, and the running one to date if `to_date`.
    /// `None` only outside the calendar's range.
    pub fn fiscal_years(
        start: FiscalStart,
        today: NaiveDate,
        years: i32,
        to_date: bool,
    ) -> Option<Self> {
        let running = start.year_of(today)?;
        let first = start.year(running.named - years)?;
        let end = if to_date {
            today
        } else {
            running.first_on.pred_opt()?
        };
        Self::new(first.first_on, end).ok()
    }

    /// "January 1, 2022 through December 31, 2024": dates in full, as letters write them.
    pub fn in_words(&self) -> String {
        format!("{} through {}", written(self.start), written(self.end))
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    /// "2022-01-01..2024-12-31".
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let (start, end) = text.split_once("..").ok_or(PeriodError::Unreadable)?;
        let day = |text: &str| {
            NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| PeriodError::Unreadable)
        };
        Self::new(day(start)?, day(end)?)
    }
}

/// "November 22, 2026": a day as American letters write it.
pub fn written(day: NaiveDate) -> String {
    day.format("%B %-d, %Y").to_string()
}

/// `day` less so many months, for "since" dates; the calendar's first day where it cannot go further back.
pub fn months_before(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months))
        .unwrap_or(NaiveDate::MIN)
}

/// In which form the records are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Data as spreadsheets, documents as searchable PDF, by e-mail.
    #[default]
    Native,
    /// PDF throughout, by e-mail.
    Pdf,
    /// Paper copies by post.
    Paper,
    /// To be looked at in the office.
    Inspection,
}

impl Format {
    pub const ALL: [Format; 4] = [
        Format::Native,
        Format::Pdf,
        Format::Paper,
        Format::Inspection,
    ];

    /// The word of the database and of forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Native => "native",
            Format::Pdf => "pdf",
            Format::Paper => "paper",
            Format::Inspection => "inspection",
        }
    }

    pub fn parse(text: &str) -> Option<Format> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
    }

    /// As forms name it.
    pub fn plain(self) -> &'static str {
        match self {
            Format::Native => "Spreadsheets for data, searchable PDF for documents, by e-mail",
            Format::Pdf => "PDF for everything, by e-mail",
            Format::Paper => "Paper copies by post",
            Format::Inspection => "Inspection at the office, then copies of what is marked",
        }
    }
}

/// One records request to one agency under one law.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub id: RequestId,
    pub campaign: CampaignId,
    pub reference: Reference,
    pub agency: AgencyId,
    /// The custodian's contact to which it goes.
    pub contact: Option<ContactId>,
    /// "WA".
    pub jurisdiction: String,
    /// SHA-256 of the law file that governs it.
    pub law_version: String,
    pub title: String,
    pub period: Period,
    pub format: Format,
    /// What the campaign pays without being asked again, in US cents.
    pub fee_ceiling_cents: i64,
    pub owner: UserId,
    pub created_at: DateTime<Utc>,
}

/// One numbered item of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestItem {
    pub id: ItemId,
    /// From 1, as the letter numbers it.
    pub position: i32,
    /// A key of the catalogue, or of a statutory report.
    pub record_key: String,
    pub text: String,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Draft,
    WithCounsel,
    Returned,
    Approved,
    Queued,
    /// The letter could not be delivered: a person must act.
    DeliveryFailed,
    /// Nobody knows whether the letter arrived: a person must look before it goes again.
    DeliveryUnknown,
    Sent,
    Acknowledged,
    Extended,
    FeeAsked,
    ClarificationAsked,
    /// The agency decided what it will release; the records have not come.
    Determined,
    Partial,
    Produced,
    Denied,
    NoRecords,
    Referred,
    Closed,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::WithCounsel => "with_counsel",
            Status::Returned => "returned",
            Status::Approved => "approved",
            Status::Queued => "queued",
            Status::DeliveryFailed => "delivery_failed",
            Status::DeliveryUnknown => "delivery_unknown",
            Status::Sent => "sent",
            Status::Acknowledged => "acknowledged",
            Status::Extended => "extended",
            Status::FeeAsked => "fee_asked",
            Status::ClarificationAsked => "clarification_asked",
            Status::Determined => "determined",
            Status::Partial => "partial",
            Status::Produced => "produced",
            Status::Denied => "denied",
            Status::NoRecords => "no_records",
            Status::Referred => "referred",
            Status::Closed => "closed",
        }
    }

    /// As pages say it.
    pub fn plain(self) -> &'static str {
        match self {
            Status::Draft => "Draft",
            Status::WithCounsel => "With counsel",
            Status::Returned => "Returned by counsel",
            Status::Approved => "Approved, not sent",
            Status::Queued => "Waiting to leave",
            Status::DeliveryFailed => "Not delivered",
            Status::DeliveryUnknown => "Delivery unknown",
            Status::Sent => "Sent",
            Status::Acknowledged => "Acknowledged",
            Status::Extended => "Agency took more time",
            Status::FeeAsked => "Agency asks for a fee",
            Status::ClarificationAsked => "Agency asks a question",
            Status::Determined => "Decided, records awaited",
            Status::Partial => "Released in part",
            Status::Produced => "Produced",
            Status::Denied => "Denied",
            Status::NoRecords => "No records, it says",
            Status::Referred => "Referred elsewhere",
            Status::Closed => "Closed",
        }
    }

    /// The letter has left, so the agency's limits matter.
    pub fn is_out(self) -> bool {
        !matches!(
            self,
            Status::Draft
                | Status::WithCounsel
                | Status::Returned
                | Status::Approved
                | Status::Queued
                | Status::DeliveryFailed
                | Status::DeliveryUnknown
        )
    }
}

/// When an agency had our letter, and how we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub on: NaiveDate,
    pub evidence: Evidence,
}

/// What the log says of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub status: Status,
    /// When it came to stand so.
    pub since_at: Option<DateTime<Utc>>,
    /// The last version of the request letter that was written.
    pub letter: Option<(LetterId, i32)>,
    /// The version that counsel approved and nobody has edited since.
    pub approved: Option<(LetterId, i32)>,
    /// Counsel's comment, while the letter stands returned.
    pub returned_because: Option<String>,
    pub sent_at: Option<DateTime<Utc>>,
    /// The first proof of receipt; a presumed one gives way to it.
    pub received: Option<Received>,
    /// Replies that came in and nobody has sorted yet.
    pub unsorted: usize,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            status: Status::Draft,
            since_at: None,
            letter: None,
            approved: None,
            returned_because: None,
            sent_at: None,
            received: None,
            unsorted: 0,
        }
    }
}

impl Standing {
    /// A decision counts only for the version as it stands, and only before it left.
    fn is_before_us(&self, letter: LetterId, version: i32) -> bool {
        self.sent_at.is_none() && self.letter == Some((letter, version))
    }

    /// The letter's text may still be changed: it has not left and is not on its way.
    pub fn may_edit(&self) -> bool {
        matches!(
            self.status,
            Status::Draft
                | Status::WithCounsel
                | Status::Returned
                | Status::Approved
                | Status::DeliveryFailed
        )
    }
}

/// Folds the log of one request, oldest event first, into where it stands.
pub fn standing(events: &[Event]) -> Standing {
    let mut now = Standing::default();
    let mut arrived = Vec::new();
    // The day of the reply that set the status: an older reply sorted later does not turn it back.
    let mut answered_on: Option<NaiveDate> = None;
    for event in events {
        let next = match &event.what {
            Happening::Drafted => Some(Status::Draft),
            Happening::LetterWritten {
                letter, version, ..
            } => {
                now.letter = Some((*letter, *version));
                if now.sent_at.is_none() {
                    now.approved = None;
                    (now.status != Status::Returned).then_some(Status::Draft)
                } else {
                    None
                }
            }
            Happening::Submitted { letter, version } if now.is_before_us(*letter, *version) => {
                Some(Status::WithCounsel)
            }
            Happening::Approved {
                letter, version, ..
            } if now.is_before_us(*letter, *version) => {
                now.approved = Some((*letter, *version));
                Some(Status::Approved)
            }
            Happening::Returned {
                letter,
                version,
                comment,
            } if now.is_before_us(*letter, *version) => {
                now.approved = None;
                now.returned_because = Some(comment.clone());
                Some(Status::Returned)
            }
            Happening::Queued { .. } if now.sent_at.is_none() => Some(Status::Queued),
            Happening::Sent {
                evidence,
                receipt_on,
                ..
            } => {
                if now.sent_at.is_none() {
                    now.sent_at = Some(event.at);
                }
                if let Some(on) = receipt_on {
                    arrived.push(Received {
                        on: *on,
                        evidence: *evidence,
                    });
                }
                (!now.status.is_out()).then_some(Status::Sent)
            }
            Happening::DeliveryFailed { .. } => Some(Status::DeliveryFailed),
            Happening::DeliveryUnknown { .. } => Some(Status::DeliveryUnknown),
            Happening::DeliverySettled { arrived: true, .. } => {
                if now.sent_at.is_none() {
                    now.sent_at = Some(event.at);
                }
                Some(Status::Sent)
            }
            Happening::DeliverySettled { arrived: false, .. } => Some(Status::Approved),
            Happening::ReceiptRecorded { on, evidence, .. } => {
                arrived.push(Received {
                    on: *on,
                    evidence: *evidence,
                });
                None
            }
            Happening::ReplyReceived { .. } | Happening::ReplyFiled { .. } => {
                now.unsorted += 1;
                None
            }
            Happening::ReplySorted {
                message, what, on, ..
            } => {
                if message.is_some() {
                    now.unsorted = now.unsorted.saturating_sub(1);
                }
                let status = answered(*what);
                if status.is_some() && answered_on.is_none_or(|before| before <= *on) {
                    answered_on = Some(*on);
                    status
                } else {
                    None
                }
            }
            Happening::Closed { .. } => Some(Status::Closed),
            _ => None,
        };
        if let Some(status) = next {
            if status != now.status || now.since_at.is_none() {
                now.since_at = Some(event.at);
            }
            if status != Status::Returned {
                now.returned_because = None;
            }
            now.status = status;
        }
    }
    now.received = earliest_proof(arrived);
    now
}

/// A proof beats a presumption; among equals the first day counts.
fn earliest_proof(mut arrived: Vec<Received>) -> Option<Received> {
    arrived.sort_by_key(|received| (received.evidence.is_presumed(), received.on));
    arrived.into_iter().next()
}

fn answered(what: ReplyKind) -> Option<Status> {
    match what {
        ReplyKind::Acknowledged => Some(Status::Acknowledged),
        ReplyKind::Extended => Some(Status::Extended),
        ReplyKind::FeeDemanded => Some(Status::FeeAsked),
        ReplyKind::ClarificationAsked => Some(Status::ClarificationAsked),
        ReplyKind::Determined => Some(Status::Determined),
        ReplyKind::Denied => Some(Status::Denied),
        ReplyKind::Partial => Some(Status::Partial),
        ReplyKind::NoRecords => Some(Status::NoRecords),
        ReplyKind::Produced => Some(Status::Produced),
        ReplyKind::Referred => Some(Status::Referred),
        ReplyKind::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MessageId;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_reference_reads_back_as_it_is_written() {
        assert_eq!(Reference(42).to_string(), "S-0042");
        assert_eq!(Reference(12345).to_string(), "S-12345");
        for text in ["S-0042", "s-42", " 42 "] {
            assert_eq!(text.parse(), Ok(Reference(42)), "{text}");
        }
        for text in ["", "S-", "S-0", "-3", "S-4x"] {
            assert_eq!(text.parse::<Reference>(), Err(NoReference), "{text}");
        }
    }

    #[test]
    fn a_period_is_two_days_in_order() {
        let period: Period = "2022-01-01..2024-12-31".parse().expect("a period");
        assert_eq!(
            period.in_words(),
            "January 1, 2022 through December 31, 2024"
        );
        for (text, why) in [
            ("2024-12-31..2022-01-01", PeriodError::Backwards),
            ("1990-01-01..2024-01-01", PeriodError::TooLong),
            ("2024", PeriodError::Unreadable),
            ("2024-13-01..2024-12-31", PeriodError::Unreadable),
        ] {
            assert_eq!(text.parse::<Period>(), Err(why), "{text}");
        }
        assert!(
            "2024-05-05..2024-05-05".parse::<Period>().is_ok(),
            "one day is a period"
        );
    }

    #[test]
    fn the_default_period_is_the_last_complete_fiscal_years() {
        for (start, today, to_date, first, last) in [
            ("07-01", "2026-11-22", false, "2023-07-01", "2026-06-30"),
            ("07-01", "2026-11-22", true, "2023-07-01", "2026-11-22"),
            ("01-01", "2026-11-22", false, "2023-01-01", "2025-12-31"),
            ("10-01", "2026-09-30", false, "2022-10-01", "2025-09-30"),
            ("10-01", "2026-10-01", false, "2023-10-01", "2026-09-30"),
        ] {
            let start = FiscalStart::try_from(start.to_owned()).expect("a start");
            let period = Period::fiscal_years(start, day(today), 3, to_date).expect("in range");
            assert_eq!(
                (period.start(), period.end()),
                (day(first), day(last)),
                "{start:?} {today}"
            );
        }
    }

    #[test]
    fn months_before_stops_at_the_end_of_a_short_month() {
        assert_eq!(months_before(day("2026-11-22"), 60), day("2021-11-22"));
        assert_eq!(months_before(day("2024-02-29"), 12), day("2023-02-28"));
    }

    fn log(events: Vec<Happening>) -> Vec<Event> {
        events
            .into_iter()
            .zip(1..)
            .map(|(what, id)| Event {
                id,
                campaign: None,
                request: None,
                by: None,
                at: DateTime::from_timestamp(1_800_000_000 + 60 * id, 0).expect("a time"),
                what,
            })
            .collect()
    }

    fn written_version(letter: LetterId, version: i32) -> Happening {
        Happening::LetterWritten {
            letter,
            version,
            sha256: "a".to_owned(),
            voids_approval: false,
        }
    }

    fn approved_version(letter: LetterId, version: i32) -> Happening {
        Happening::Approved {
            letter,
            version,
            sha256: "a".to_owned(),
        }
    }

    fn sent(letter: LetterId, on: &str) -> Happening {
        Happening::Sent {
            letter,
            version: 1,
            sha256: "a".to_owned(),
            channel: "email".to_owned(),
            evidence: Evidence::ServerAccepted,
            receipt_on: Some(day(on)),
        }
    }

    fn sorted(what: ReplyKind, on: &str) -> Happening {
        Happening::ReplySorted {
            message: Some(MessageId::new()),
            what,
            on: day(on),
            until: None,
            amount_cents: None,
            note: String::new(),
        }
    }

    #[test]
    fn a_request_walks_from_draft_to_sent() {
        let letter = LetterId::new();
        let steps = [
            (Happening::Drafted, Status::Draft),
            (written_version(letter, 1), Status::Draft),
            (
                Happening::Submitted { letter, version: 1 },
                Status::WithCounsel,
            ),
            (
                Happening::Returned {
                    letter,
                    version: 1,
                    comment: "Name the jail.".to_owned(),
                },
                Status::Returned,
            ),
            // An edit of a returned letter leaves it returned until it is submitted again.
            (written_version(letter, 2), Status::Returned),
            (
                Happening::Submitted { letter, version: 2 },
                Status::WithCounsel,
            ),
            (approved_version(letter, 2), Status::Approved),
            (Happening::Queued { letter, version: 2 }, Status::Queued),
            (
                Happening::DeliveryDeferred {
                    why: "busy".to_owned(),
                },
                Status::Queued,
            ),
            (
                Happening::DeliveryUnknown {
                    why: "cut off".to_owned(),
                },
                Status::DeliveryUnknown,
            ),
            (
                Happening::DeliverySettled {
                    arrived: false,
                    note: String::new(),
                },
                Status::Approved,
            ),
            (Happening::Queued { letter, version: 2 }, Status::Queued),
            (sent(letter, "2026-11-20"), Status::Sent),
        ];
        let mut events = Vec::new();
        for (what, status) in steps {
            events.push(what.clone());
            let now = standing(&log(events.clone()));
            assert_eq!(now.status, status, "after {what:?}");
            assert_eq!(
                now.returned_because.is_some(),
                status == Status::Returned,
                "after {what:?}"
            );
        }
    }

    #[test]
    fn an_edit_voids_the_approval() {
        let letter = LetterId::new();
        let mut events = vec![
            Happening::Drafted,
            written_version(letter, 1),
            Happening::Submitted { letter, version: 1 },
            approved_version(letter, 1),
        ];
        assert_eq!(standing(&log(events.clone())).approved, Some((letter, 1)));
        events.push(written_version(letter, 2));
        let now = standing(&log(events));
        assert_eq!((now.approved, now.status), (None, Status::Draft));
        assert_eq!(now.letter, Some((letter, 2)));
    }

    #[test]
    fn a_proof_of_receipt_beats_the_presumption() {
        let letter = LetterId::new();
        let proof = Happening::ReceiptRecorded {
            on: day("2026-11-23"),
            evidence: Evidence::PortalStamp,
            note: String::new(),
        };
        let later = Happening::ReceiptRecorded {
            on: day("2026-11-25"),
            evidence: Evidence::Acknowledgment,
            note: String::new(),
        };
        let now = standing(&log(vec![sent(letter, "2026-11-20"), later, proof]));
        let received = now.received.expect("received");
        assert_eq!(
            (received.on, received.evidence),
            (day("2026-11-23"), Evidence::PortalStamp)
        );
        assert_eq!(now.status, Status::Sent, "a receipt is no answer");
    }

    #[test]
    fn the_latest_answer_by_its_day_is_the_status() {
        let letter = LetterId::new();
        let base = vec![sent(letter, "2026-11-02")];
        for (answers, status) in [
            (
                vec![(ReplyKind::Acknowledged, "2026-11-05")],
                Status::Acknowledged,
            ),
            (
                vec![
                    (ReplyKind::Acknowledged, "2026-11-05"),
                    (ReplyKind::Produced, "2026-11-18"),
                ],
                Status::Produced,
            ),
            // The acknowledgment was sorted after the records, but it is older.
            (
                vec![
                    (ReplyKind::Produced, "2026-11-18"),
                    (ReplyKind::Acknowledged, "2026-11-05"),
                ],
                Status::Produced,
            ),
            (
                vec![
                    (ReplyKind::Denied, "2026-11-10"),
                    (ReplyKind::Other, "2026-11-12"),
                ],
                Status::Denied,
            ),
            (vec![(ReplyKind::Other, "2026-11-05")], Status::Sent),
        ] {
            let mut events = base.clone();
            events.extend(answers.iter().map(|(what, on)| sorted(*what, on)));
            assert_eq!(standing(&log(events)).status, status, "{answers:?}");
        }
    }

    #[test]
    fn replies_wait_until_somebody_sorts_them() {
        let letter = LetterId::new();
        let arrived = Happening::ReplyReceived {
            message: MessageId::new(),
            matched_by: "reply address".to_owned(),
            attachments: 1,
            auto_reply: false,
        };
        let mut events = vec![sent(letter, "2026-11-02"), arrived.clone(), arrived];
        assert_eq!(standing(&log(events.clone())).unsorted, 2);
        events.push(sorted(ReplyKind::Acknowledged, "2026-11-05"));
        assert_eq!(standing(&log(events.clone())).unsorted, 1);
        events.push(Happening::Closed {
            note: String::new(),
        });
        assert_eq!(standing(&log(events)).status, Status::Closed);
    }
}
