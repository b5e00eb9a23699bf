//! The clocks of one request on one sheet: what `sundial clock` and the what-if page print as text and as JSON.

use chrono::NaiveDate;

use super::clock::{ClockState, DutyClock};
use super::clocks;
use super::facts::Facts;
use crate::calendar::words::long;
use crate::law::{Code, HolderKind, Jurisdiction};

/// The clocks of one request with what they were computed from: what `sundial clock --json` prints.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ClockSheet {
    pub jurisdiction: Code,
    pub received_on: Option<NaiveDate>,
    pub as_of: NaiveDate,
    pub holder: HolderKind,
    pub county: Option<String>,
    pub after_hours: bool,
    /// Keys of the law file's conditions that hold.
    pub conditions: Vec<String>,
    /// SHA-256 of the law file.
    pub law_version: String,
    pub duties: Vec<DutyClock>,
}

impl ClockSheet {
    /// Computes the sheet.
    pub fn new(jurisdiction: &Jurisdiction, facts: &Facts, as_of: NaiveDate) -> Self {
        Self {
            jurisdiction: jurisdiction.code,
            received_on: facts.received_on,
            as_of,
            holder: facts.holder,
            county: facts.county.clone(),
            after_hours: facts.after_hours,
            conditions: facts.conditions.iter().cloned().collect(),
            law_version: jurisdiction.version.clone(),
            duties: clocks(jurisdiction, facts, as_of),
        }
    }

    /// The sheet as plain text. `law` is the name of the act.
    pub fn text(&self, law: &str) -> String {
        let sheet = self;
        let mut text = format!(
            "{} ({}), as of {}\n",
            law,
            sheet.jurisdiction,
            long(sheet.as_of)
        );
        if let Some(received_on) = sheet.received_on {
            text.push_str(&format!("Received {}\n", long(received_on)));
        }
        for clock in &sheet.duties {
            text.push_str(&format!("\n{}{}\n", clock.heading, applies(clock)));
            text.push_str(&format!("  {}\n", clock.sentence));
            match clock.due_on {
                Some(due_on) => {
                    text.push_str(&format!("  Limit: {}{}\n", long(due_on), range(clock)))
                }
                None if clock.state == ClockState::NoneFixed => {
                    text.push_str("  Limit: none fixed\n")
                }
                None => {}
            }
            text.push_str(&format!(
                "  {}: {} ({})\n",
                if clock.is_by_letter() { "From" } else { "Law" },
                clock.citation,
                clock.confidence.plain()
            ));
            let skipped = clock.skipped_days();
            if !skipped.is_empty() {
                text.push_str(&format!("  Not counted: {}\n", skipped.join("; ")));
            }
            for note in &clock.notes {
                text.push_str(&format!("  Note: {note}\n"));
            }
            if let Some(silence) = clock
                .silence
                .as_ref()
                .filter(|silence| silence.means != "unstated")
            {
                let after = silence
                    .from_on
                    .map(|on| format!(" after {}", long(on)))
                    .unwrap_or_default();
                text.push_str(&format!("  {}{after}.\n", silence.says));
            }
        }
        text
    }
}

fn applies(clock: &DutyClock) -> String {
    clock
        .applies
        .as_ref()
        .map(|applies| format!(" ({applies})"))
        .unwrap_or_default()
}

fn range(clock: &DutyClock) -> String {
    match (clock.earliest_on, clock.latest_on) {
        (Some(earliest), Some(latest)) if earliest != latest => {
            format!(" (readings from {} to {})", long(earliest), long(latest))
        }
        _ => String::new(),
    }
}
