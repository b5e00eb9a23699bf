//! The words for where a request stands.

use serde::{Deserialize, Serialize};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Draft,
    WithCounsel,
    Returned,
    Approved,
    Queued,
    /// On its way out, held back by a person.
    Held,
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
    /// The agency says that it closed the request; we have not.
    ClosedByAgency,
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
            Status::Held => "held",
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
            Status::ClosedByAgency => "closed_by_agency",
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
            Status::Held => "Held back",
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
            Status::ClosedByAgency => "Closed by the agency",
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
                | Status::Held
                | Status::DeliveryFailed
                | Status::DeliveryUnknown
        )
    }
}
