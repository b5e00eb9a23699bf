//! The kinds of letters that a request can need, and the name under which the versions of one letter are kept.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a letter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    Request,
    FollowUp,
    OverdueNotice,
    /// Where no limit is fixed, so that nothing can be overdue.
    StatusEnquiry,
    FeeWaiver,
    FeeReply,
    /// Answers a question, or narrows an item.
    Clarification,
    /// After a production: what is complete, missing or unclear.
    ResponseCheck,
    /// To the agency itself: think again, before or instead of an appeal.
    Reconsideration,
    /// To the body that the law names.
    Appeal,
    /// To an ombudsman or counselor, who does not decide like an appeal body.
    Complaint,
    ThankYou,
    /// Puts right a mistake of ours in a letter that has left.
    Correction,
}

impl LetterKind {
    pub const ALL: [LetterKind; 13] = [
        LetterKind::Request,
        LetterKind::FollowUp,
        LetterKind::OverdueNotice,
        LetterKind::StatusEnquiry,
        LetterKind::FeeWaiver,
        LetterKind::FeeReply,
        LetterKind::Clarification,
        LetterKind::ResponseCheck,
        LetterKind::Reconsideration,
        LetterKind::Appeal,
        LetterKind::Complaint,
        LetterKind::ThankYou,
        LetterKind::Correction,
    ];

    /// The word of the database, of addresses and of the clause files.
    pub fn as_str(self) -> &'static str {
        match self {
            LetterKind::Request => "request",
            LetterKind::FollowUp => "follow_up",
            LetterKind::OverdueNotice => "overdue_notice",
            LetterKind::StatusEnquiry => "status_enquiry",
            LetterKind::FeeWaiver => "fee_waiver",
            LetterKind::FeeReply => "fee_reply",
            LetterKind::Clarification => "clarification",
            LetterKind::ResponseCheck => "response_check",
            LetterKind::Reconsideration => "reconsideration",
            LetterKind::Appeal => "appeal",
            LetterKind::Complaint => "complaint",
            LetterKind::ThankYou => "thank_you",
            LetterKind::Correction => "correction",
        }
    }

    pub fn parse(word: &str) -> Option<LetterKind> {
        LetterKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }

    /// As pages name it.
    pub fn plain(self) -> &'static str {
        match self {
            LetterKind::Request => "Request",
            LetterKind::FollowUp => "Follow-up",
            LetterKind::OverdueNotice => "Overdue notice",
            LetterKind::StatusEnquiry => "Status enquiry",
            LetterKind::FeeWaiver => "Fee-waiver request",
            LetterKind::FeeReply => "Reply to a fee",
            LetterKind::Clarification => "Clarifying or narrowing reply",
            LetterKind::ResponseCheck => "Check of what came",
            LetterKind::Reconsideration => "Request to reconsider",
            LetterKind::Appeal => "Appeal",
            LetterKind::Complaint => "Complaint",
            LetterKind::ThankYou => "Thank-you",
            LetterKind::Correction => "Correction",
        }
    }

    /// What it does, for the page on which one is chosen.
    pub fn purpose(self) -> &'static str {
        match self {
            LetterKind::Request => "Asks for records.",
            LetterKind::FollowUp => {
                "One friendly question, about halfway, before anything is overdue."
            }
            LetterKind::OverdueNotice => {
                "Shows by date and rule that a fixed limit has passed, and asks for a day."
            }
            LetterKind::StatusEnquiry => {
                "Asks where the request stands, where the law fixes no number of days."
            }
            LetterKind::FeeWaiver => {
                "Asks for the waiver that this state has, with a ceiling to fall back on."
            }
            LetterKind::FeeReply => {
                "Accepts, questions or disputes an estimate, or narrows for it."
            }
            LetterKind::Clarification => {
                "Answers the agency's question; narrows items without giving the rest up."
            }
            LetterKind::ResponseCheck => {
                "Goes through what came, item by item, and asks what codes and totals mean."
            }
            LetterKind::Reconsideration => {
                "Answers each ground of a refusal and asks the agency itself to think again."
            }
            LetterKind::Appeal => {
                "Answers each refused item and each ground before the body that the law names."
            }
            LetterKind::Complaint => {
                "Puts a refusal or delay before an ombudsman or counselor, who may help."
            }
            LetterKind::ThankYou => {
                "Thanks the office and says what is closed and what stays open."
            }
            LetterKind::Correction => {
                "Puts right a mistake of ours in a letter that has left. The request itself goes on."
            }
        }
    }
}

impl fmt::Display for LetterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One letter of a request through all its versions: "appeal", or "follow_up-2" for the second of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    pub kind: LetterKind,
    /// From 1.
    pub nth: u32,
}

impl Series {
    pub const REQUEST: Series = Series {
        kind: LetterKind::Request,
        nth: 1,
    };

    /// "Follow-up", "Second follow-up" as "Follow-up 2".
    pub fn plain(self) -> String {
        match self.nth {
            1 => self.kind.plain().to_owned(),
            n => format!("{} {n}", self.kind.plain()),
        }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nth {
            1 => self.kind.fmt(f),
            n => write!(f, "{}-{n}", self.kind),
        }
    }
}

/// The text names no letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a letter is named like “appeal” or “follow_up-2”")]
pub struct NoSeries;

impl FromStr for Series {
    type Err = NoSeries;

    fn from_str(text: &str) -> Result<Self, NoSeries> {
        let (word, nth) = match text.split_once('-') {
            Some((word, nth)) => (word, nth.parse().map_err(|_| NoSeries)?),
            None => (text, 1),
        };
        let kind = LetterKind::parse(word).ok_or(NoSeries)?;
        let series = Series { kind, nth };
        // One letter has one name: no "appeal-1", no "appeal-02".
        if nth == 0 || series.to_string() != text {
            return Err(NoSeries);
        }
        Ok(series)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_series_read_back() {
        for kind in LetterKind::ALL {
            assert_eq!(LetterKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
            for nth in [1, 2, 13] {
                let series = Series { kind, nth };
                assert_eq!(series.to_string().parse(), Ok(series));
            }
        }
        for wrong in [
            "",
            "appeal-1",
            "appeal-0",
            "appeal-02",
            "letter",
            "appeal-x",
        ] {
            assert_eq!(wrong.parse::<Series>(), Err(NoSeries), "{wrong}");
        }
    }
}
