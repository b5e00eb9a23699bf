//! Findings: the answers to the five questions, each standing on an exhibit, or said to be missing.

use chrono::NaiveDate;
use serde::Serialize;

use super::exhibit::SourceTag;
use super::timeline::Delay;

/// A statement without an exhibit to stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A finding needs an exhibit to stand on. Cite the page, or leave the statement out.")]
pub struct Unsourced;

/// One sentence that exhibits prove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    text: String,
    sources: Vec<SourceTag>,
}

impl Finding {
    pub fn new(text: impl Into<String>, sources: Vec<SourceTag>) -> Result<Finding, Unsourced> {
        if sources.is_empty() {
            return Err(Unsourced);
        }
        Ok(Finding {
            text: text.into(),
            sources,
        })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// At least one.
    pub fn sources(&self) -> &[SourceTag] {
        &self.sources
    }
}

/// An agency that was asked and gave nothing that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub agency: String,
    pub request_number: String,
    pub asked_on: NaiveDate,
    pub delay: Delay,
    /// What the agency did instead, where it did something, as it follows on "has": "denied the request".
    pub said: Option<String>,
}

/// Why a question has no finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// No request of this campaign asked it.
    NotAsked,
    /// Asked of these agencies without an answer so far: itself a finding.
    Asked(Vec<Pending>),
}

/// What is known of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    findings: Vec<Finding>,
    /// Agencies that were asked and have not answered, also where others have.
    missing: Vec<Pending>,
}

impl Answer {
    pub fn new(findings: Vec<Finding>, missing: Vec<Pending>) -> Answer {
        Answer { findings, missing }
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub fn missing(&self) -> &[Pending] {
        &self.missing
    }

    /// Why there is no finding; none where there is one.
    pub fn unanswered(&self) -> Option<Unanswered> {
        if !self.findings.is_empty() {
            return None;
        }
        Some(if self.missing.is_empty() {
            Unanswered::NotAsked
        } else {
            Unanswered::Asked(self.missing.clone())
        })
    }
}
