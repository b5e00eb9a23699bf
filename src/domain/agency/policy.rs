//! An agency's detainer policy in one word. The quoted text stands beside it: the word alone proves nothing.

use serde::{Deserialize, Serialize};

/// What a policy says of detainers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    HoldAll,
    HoldWithConditions,
    NotifyOnly,
    JudicialWarrantOnly,
    DeclineAll,
    /// The agency says that it has none in writing.
    NoneWritten,
}

impl Stance {
    pub const ALL: [Stance; 6] = [
        Stance::HoldAll,
        Stance::HoldWithConditions,
        Stance::NotifyOnly,
        Stance::JudicialWarrantOnly,
        Stance::DeclineAll,
        Stance::NoneWritten,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Stance::HoldAll => "hold_all",
            Stance::HoldWithConditions => "hold_with_conditions",
            Stance::NotifyOnly => "notify_only",
            Stance::JudicialWarrantOnly => "judicial_warrant_only",
            Stance::DeclineAll => "decline_all",
            Stance::NoneWritten => "none_written",
        }
    }

    pub fn parse(text: &str) -> Option<Stance> {
        Stance::ALL
            .into_iter()
            .find(|stance| stance.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            Stance::HoldAll => "Holds on every detainer",
            Stance::HoldWithConditions => "Holds under conditions",
            Stance::NotifyOnly => "Notifies ICE of releases, does not hold",
            Stance::JudicialWarrantOnly => "Holds only on a judge's warrant",
            Stance::DeclineAll => "Declines every detainer",
            Stance::NoneWritten => "Says it has no written policy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_forms_and_rows_agree() {
        for stance in Stance::ALL {
            assert_eq!(Stance::parse(stance.as_str()), Some(stance));
            assert_eq!(
                serde_json::to_value(stance).expect("a word"),
                stance.as_str()
            );
        }
    }
}
