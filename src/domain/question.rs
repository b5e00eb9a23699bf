//! The five questions that every campaign asks. Record types, metrics and findings each answer one.
//!
//! May import nothing.

use serde::{Deserialize, Serialize};

/// The five questions of every campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Policy,
    Access,
    Agreements,
    Counts,
    Cost,
}

impl Question {
    pub const ALL: [Question; 5] = [
        Question::Policy,
        Question::Access,
        Question::Agreements,
        Question::Counts,
        Question::Cost,
    ];

    /// The key that the records catalogue uses.
    pub fn key(self) -> &'static str {
        match self {
            Question::Policy => "Q1_policy",
            Question::Access => "Q2_access",
            Question::Agreements => "Q3_agreements",
            Question::Counts => "Q4_counts",
            Question::Cost => "Q5_cost",
        }
    }

    pub fn parse(text: &str) -> Option<Question> {
        Question::ALL.into_iter().find(|q| q.key() == text)
    }

    /// Counted from 1.
    pub fn number(self) -> u8 {
        match self {
            Question::Policy => 1,
            Question::Access => 2,
            Question::Agreements => 3,
            Question::Counts => 4,
            Question::Cost => 5,
        }
    }

    /// In full, as the dossier asks it.
    pub fn asked(self) -> &'static str {
        match self {
            Question::Policy => {
                "What is the current policy on ICE detainers, and is every detainer followed?"
            }
            Question::Access => {
                "Does ICE reach people in custody, how often, and under what protocol?"
            }
            Question::Agreements => {
                "What agreements exist with DHS, ICE, CBP or the U.S. Marshals?"
            }
            Question::Counts => "How many detainers were issued and followed in each year?",
            Question::Cost => "What does holding people on detainers cost in each year?",
        }
    }

    /// The same for people who read Spanish.
    pub fn asked_es(self) -> &'static str {
        match self {
            Question::Policy => {
                "¿Cuál es la política actual sobre los detainers de ICE, y se cumple cada uno?"
            }
            Question::Access => {
                "¿Tiene ICE acceso a las personas bajo custodia, con qué frecuencia y bajo qué reglas?"
            }
            Question::Agreements => {
                "¿Qué acuerdos existen con el DHS, ICE, CBP o los alguaciles federales?"
            }
            Question::Counts => "¿Cuántos detainers se emitieron y cuántos se cumplieron cada año?",
            Question::Cost => "¿Cuánto cuesta cada año retener personas por detainers?",
        }
    }

    /// In a word or two, for tables and bookmarks.
    pub fn short(self) -> &'static str {
        match self {
            Question::Policy => "Policy",
            Question::Access => "ICE access",
            Question::Agreements => "Agreements",
            Question::Counts => "Counts",
            Question::Cost => "Cost",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_numbers_agree() {
        for (place, question) in Question::ALL.into_iter().enumerate() {
            assert_eq!(Question::parse(question.key()), Some(question));
            assert_eq!(usize::from(question.number()), place + 1);
            assert!(
                question
                    .key()
                    .starts_with(&format!("Q{}", question.number()))
            );
        }
        assert_eq!(Question::parse("Q6"), None);
    }
}
