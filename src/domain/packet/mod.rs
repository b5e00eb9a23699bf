//! Packet: what the official is handed, as a value.
//!
//! Built by including, never by deleting: exhibits are made from `Cleared<Document>`, figures from `CheckedFact`, and a
//! finding cannot be made without an exhibit to stand on. Here: the content and its rules. Not here: pages, fonts,
//! PDF (`dossier`), and anything of the team's (strategy, contacts, who cleared what). May import every earlier stage.

mod exhibit;
mod figures;
mod finding;
mod timeline;

pub use exhibit::{Exhibit, ExhibitSource, Exhibits, Letter, NotAnExhibit, SourceTag};
pub use figures::{FigureRow, FigureTable, NotARow};
pub use finding::{Answer, Finding, Pending, Unanswered, Unsourced};
pub use timeline::{Delay, Due, Receipt, RequestRow};

use chrono::NaiveDate;
use serde::Serialize;

use super::question::Question;

/// The first page's words and what every page's foot repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Front {
    /// The campaign's name.
    pub campaign: String,
    /// Who hands it over.
    pub organisation: String,
    /// Who is asked: an office, such as "Board of Commissioners of Alder County". Empty where not settled.
    pub addressed_to: String,
    /// One sentence.
    pub goal: String,
    /// One to three requests, each something that this official can decide.
    pub asks: Vec<String>,
    /// One or two sentences.
    pub purpose: String,
    /// Names of the jurisdictions whose law governs the requests.
    pub jurisdictions: Vec<String>,
    /// Counted from 1 in each campaign.
    pub edition: u32,
    /// The day on which it was built, in the campaign's time zone. Pending requests are "as of" this day.
    pub built_on: NaiveDate,
}

impl Front {
    /// "Freedom for Families", as the foot of every page names it.
    pub fn title(&self) -> &str {
        &self.campaign
    }
}

/// An agency as the packet names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgencyEntry {
    pub name: String,
    /// "Sheriff, Alder County, Washington".
    pub place: String,
}

/// An agreement known from ICE's published list or from a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgreementRow {
    pub agency: String,
    /// "287(g), warrant service officer".
    pub kind: String,
    /// None: not stated.
    pub signed_on: Option<NaiveDate>,
    /// "active", "pending" …; empty where not stated.
    pub status: String,
    /// Where it is known from, as a phrase: "ICE's list of 18 July 2025".
    pub known_from: String,
    /// The exhibit, where the campaign holds the document.
    pub exhibit: Option<SourceTag>,
}

/// The official's packet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Packet {
    front: Front,
    agencies: Vec<AgencyEntry>,
    answers: [Answer; 5],
    figures: FigureTable,
    agreements: Vec<AgreementRow>,
    timeline: Vec<RequestRow>,
    method: Vec<String>,
    limits: Vec<String>,
    exhibits: Exhibits,
}

/// The parts of a packet, gathered from the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    pub front: Front,
    pub agencies: Vec<AgencyEntry>,
    /// In the order of `Question::ALL`.
    pub answers: [Answer; 5],
    pub figures: FigureTable,
    pub agreements: Vec<AgreementRow>,
    pub timeline: Vec<RequestRow>,
    /// Paragraphs on how the records were obtained and read.
    pub method: Vec<String>,
    /// Paragraphs on what the packet does not show.
    pub limits: Vec<String>,
    pub exhibits: Exhibits,
}

/// Why the parts make no packet, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPacket {
    #[error(
        "Say what the campaign asks of the official before building: open the campaign and fill in “The ask”."
    )]
    NoAsk,
    #[error("No request of this campaign was sent yet, so there is nothing to report.")]
    NothingSent,
    #[error(
        "{0} is cited, but it is not an exhibit of this packet. Build again; if it stays, tell whoever runs this site."
    )]
    ForeignSource(SourceTag),
}

impl Packet {
    /// Assembles a packet whose every source tag points into its own exhibits.
    pub fn assemble(parts: Parts) -> Result<Packet, NotAPacket> {
        if parts.front.asks.iter().all(|ask| ask.trim().is_empty()) {
            return Err(NotAPacket::NoAsk);
        }
        if parts.timeline.is_empty() {
            return Err(NotAPacket::NothingSent);
        }
        let cited = parts
            .answers
            .iter()
            .flat_map(|answer| answer.findings())
            .flat_map(|finding| finding.sources().iter())
            .chain(parts.figures.rows().iter().map(|row| row.source()))
            .chain(parts.agreements.iter().filter_map(|a| a.exhibit.as_ref()));
        for tag in cited {
            if !parts.exhibits.holds(tag) {
                return Err(NotAPacket::ForeignSource(*tag));
            }
        }
        let mut exhibits = parts.exhibits;
        for row in parts.figures.rows() {
            exhibits.rely(row.source(), format!("{}, {}", row.label(), row.agency()));
        }
        Ok(Packet {
            front: parts.front,
            agencies: parts.agencies,
            answers: parts.answers,
            figures: parts.figures,
            agreements: parts.agreements,
            timeline: parts.timeline,
            method: parts.method,
            limits: parts.limits,
            exhibits,
        })
    }

    pub fn front(&self) -> &Front {
        &self.front
    }

    pub fn agencies(&self) -> &[AgencyEntry] {
        &self.agencies
    }

    /// Each question with its answer, in order.
    pub fn answers(&self) -> impl Iterator<Item = (Question, &Answer)> {
        Question::ALL.into_iter().zip(self.answers.iter())
    }

    pub fn figures(&self) -> &FigureTable {
        &self.figures
    }

    pub fn agreements(&self) -> &[AgreementRow] {
        &self.agreements
    }

    pub fn timeline(&self) -> &[RequestRow] {
        &self.timeline
    }

    pub fn method(&self) -> &[String] {
        &self.method
    }

    pub fn limits(&self) -> &[String] {
        &self.limits
    }

    pub fn exhibits(&self) -> &Exhibits {
        &self.exhibits
    }
}

#[cfg(test)]
mod tests;
