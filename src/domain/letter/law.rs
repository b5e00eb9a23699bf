//! What one jurisdiction's law gives a letter to one kind of holder.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::citations;
use super::kind::LetterKind;
use super::practice::{StepAs, StepWords, practices};
use crate::law::{
    Appeal, AppealKind, Code, Confidence, Deed, Duty, HolderKind, Jurisdiction, JurisdictionKind,
    Kind, Start, Waiver, Who, covers, in_force,
};

/// The part of a jurisdiction's law that a letter speaks of, for one kind of holder.
#[derive(Clone, Debug)]
pub struct LetterLaw {
    pub code: Code,
    pub kind: JurisdictionKind,
    pub holder: HolderKind,
    /// "Washington".
    pub state: String,
    /// "Washington Public Records Act".
    pub name: String,
    pub short: String,
    pub citation: String,
    pub confidence: Confidence,
    pub residents_only: bool,
    pub eligibility_citation: String,
    pub eligibility_confidence: Confidence,
    /// The agency's first duty after receipt.
    pub first: Option<Duty>,
    /// Its later duties on this request, with a number of days.
    pub later: Vec<Duty>,
    pub waiver: Waiver,
    /// The ground of a waiver; where the file names none, the rule on fees.
    pub waiver_citation: String,
    pub search_time_chargeable: bool,
    pub fees_citation: String,
    pub fees_confidence: Confidence,
    pub detainer_law: Option<String>,
    pub detainer_confidence: Option<Confidence>,
    /// Conditions under which a quoted limit does not run: "the records are criminal investigative files".
    pub exceptions: Vec<String>,
    pub form_note: String,
    /// What the law wants done before a suit, one sentence each.
    pub before_suit: Vec<String>,
    /// The ways against a refusal that are open against this holder, in the order of the law file, courts too.
    pub steps: Vec<LegalStep>,
}

/// One way against a refusal, with the duties that limit it.
#[derive(Clone, Debug)]
pub struct LegalStep {
    /// Which `[[appeal]]` of the law file, from 0.
    pub at: usize,
    pub appeal: Appeal,
    pub file_by: Option<Duty>,
    pub decide_by: Option<Duty>,
}

impl LegalStep {
    /// Whom its letter is addressed to; none for a court.
    pub fn words(&self, code: Code) -> Option<&'static StepWords> {
        practices().ok()?.step(code, self.at)
    }
}

impl LetterLaw {
    /// What the law of `jurisdiction` gives a letter to this kind of holder. `on` is the day of receipt that the letter
    /// counts with: rules have dates of force.
    pub fn of(jurisdiction: &Jurisdiction, holder: HolderKind, on: NaiveDate) -> Self {
        let holder = match (jurisdiction.kind, holder) {
            (JurisdictionKind::Federal, _) => HolderKind::FederalAgency,
            (_, holder) => holder,
        };
        let first = jurisdiction.first_duty(holder, on).cloned();
        let later: Vec<Duty> = jurisdiction
            .duties
            .iter()
            .filter(|duty| {
                duty.who == Who::Agency
                    && duty.kind == Kind::Fixed
                    && matches!(
                        duty.deed,
                        Deed::Acknowledge | Deed::Determine | Deed::Produce
                    )
                    && duty.when.is_empty()
                    && duty.in_force_on(on)
                    && duty.covers(holder)
                    && duty.from.iter().any(|start| said_start(*start).is_some())
                    && first.as_ref().is_none_or(|first| first.id != duty.id)
            })
            .cloned()
            .collect();
        let mut exceptions = BTreeSet::new();
        for duty in first.iter().chain(&later) {
            for key in &duty.unless {
                let says = jurisdiction
                    .conditions
                    .iter()
                    .find(|condition| condition.key == *key);
                exceptions
                    .insert(says.map_or_else(|| key.clone(), |condition| condition.says.clone()));
            }
        }
        let fees = &jurisdiction.fees;
        let detainers = jurisdiction.detainers.as_ref();
        Self {
            code: jurisdiction.code,
            kind: jurisdiction.kind,
            holder,
            state: jurisdiction.name.clone(),
            name: jurisdiction.law.name.replace("; ", " and the "),
            short: jurisdiction.law.short.clone(),
            citation: plain_citation(&jurisdiction.law.citation),
            confidence: jurisdiction.law.confidence,
            residents_only: jurisdiction.eligibility.residents_only,
            eligibility_citation: plain_citation(&jurisdiction.eligibility.citation),
            eligibility_confidence: jurisdiction.eligibility.confidence,
            first,
            later,
            waiver: fees.waiver,
            waiver_citation: plain_citation(
                fees.waiver_citation.as_ref().unwrap_or(&fees.citation),
            ),
            search_time_chargeable: fees.search_time_chargeable,
            fees_citation: plain_citation(&fees.citation),
            fees_confidence: fees.confidence,
            detainer_law: detainers.and_then(|law| sections(&law.citation, &jurisdiction.code)),
            detainer_confidence: detainers.map(|law| law.confidence),
            exceptions: exceptions.into_iter().collect(),
            form_note: jurisdiction.form.note.clone(),
            before_suit: jurisdiction
                .court
                .notices
                .iter()
                .map(|notice| notice.says.clone())
                .collect(),
            steps: jurisdiction
                .appeals
                .iter()
                .enumerate()
                .filter(|(_, appeal)| {
                    covers(&appeal.holders, holder)
                        && in_force(appeal.in_force_from, appeal.in_force_until, on)
                })
                .map(|(at, appeal)| {
                    let duty = |id: &Option<String>| {
                        id.as_deref()
                            .and_then(|id| jurisdiction.duty(id, on))
                            .cloned()
                    };
                    LegalStep {
                        at,
                        file_by: duty(&appeal.file_by),
                        decide_by: duty(&appeal.decide_by),
                        appeal: appeal.clone(),
                    }
                })
                .collect(),
        }
    }

    /// The steps that a letter of this kind can take: an appeal (or comments), or a complaint.
    pub fn steps_for(&self, kind: LetterKind) -> Vec<(&LegalStep, &'static StepWords)> {
        self.steps
            .iter()
            .filter_map(|step| Some((step, step.words(self.code)?)))
            .filter(|(_, words)| match kind {
                LetterKind::Appeal => words.as_ != StepAs::Complaint,
                LetterKind::Complaint => words.as_ == StepAs::Complaint,
                _ => false,
            })
            .collect()
    }

    /// Whether the body of the chosen step (or of the first) cannot act without copies of the request and the answer.
    pub fn wants_copies(&self, kind: LetterKind, step: Option<usize>) -> bool {
        let steps = self.steps_for(kind);
        step.and_then(|at| steps.iter().find(|(step, _)| step.at == at))
            .or(steps.first())
            .is_some_and(|(_, words)| words.copies)
    }

    /// The court, where nothing else stands before it.
    pub fn court(&self) -> Option<&LegalStep> {
        self.steps
            .iter()
            .find(|step| step.appeal.kind == AppealKind::CourtOnly)
    }

    pub fn is_federal(&self) -> bool {
        self.kind == JurisdictionKind::Federal
    }

    /// How items name the agency: "your office" for a sheriff.
    pub fn holder_words(&self) -> &'static str {
        match self.holder {
            HolderKind::Sheriff => "your office",
            HolderKind::County => "the county",
            HolderKind::Municipality => "the municipality",
            _ => "your agency",
        }
    }

    /// "citizen" or "resident", as the law that limits requesters has it.
    pub fn residency_word(&self) -> &'static str {
        practices()
            .ok()
            .and_then(|all| all.residency(self.code))
            .map_or("resident", |residency| residency.word.as_str())
    }
}

/// After "within 5 business days of": where a letter can name the day from which the agency counts.
pub(super) fn said_start(start: Start) -> Option<&'static str> {
    match start {
        Start::Receipt | Start::FormalRequest => Some("your receiving this request"),
        Start::Acknowledgment => Some("your acknowledgment"),
        Start::AcknowledgmentDue => Some("the day on which the acknowledgment is due"),
        Start::Determination => Some("your decision"),
        _ => None,
    }
}

/// A citation without the remarks that law files add for us: "(as amended by …)", "(recodified from …)".
pub(super) fn plain_citation(citation: &str) -> String {
    let mut out = String::new();
    let mut rest = citation;
    while let Some(open) = rest.find(" (") {
        let Some(close) = rest[open..].find(')').map(|close| open + close) else {
            break;
        };
        let remark = &rest[open + 2..close];
        let is_remark = [
            "amended",
            "recodified",
            "in force",
            "formerly",
            "former ",
            "board:",
            "complaints:",
            "from 20",
        ]
        .iter()
        .any(|word| remark.contains(word));
        if is_remark {
            out.push_str(&rest[..open]);
        } else {
            out.push_str(&rest[..=close]);
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    joined(out.trim())
}

/// Several citations as a sentence names them: "Fla. Stat. ch. 119 and Fla. Const. art. I, § 24".
fn joined(citations: &str) -> String {
    let parts: Vec<&str> = citations.split("; ").collect();
    match parts.as_slice() {
        [first @ .., last] if first.len() > 1 => format!("{}; and {last}", first.join("; ")),
        _ => parts.join(" and "),
    }
}

/// The sections of a jurisdiction's own code among several citations, as a sentence names them: "RCW 10.93.160 and
/// RCW 43.17.420". Bills, cases and names of acts are for us; an officer looks for section numbers.
fn sections(citations: &str, code: &Code) -> Option<String> {
    let mut own = Vec::new();
    for citation in citations.split("; ") {
        let bare = without_remarks(citation);
        let end = [
            ", as amended",
            " as amended",
            ", widened",
            ", signed",
            ", reported",
        ]
        .iter()
        .filter_map(|word| bare.find(word))
        .min()
        .unwrap_or(bare.len());
        let bare = bare[..end].trim();
        if citations::find(bare)
            .iter()
            .any(|found| found.code == code.as_str())
        {
            own.push(bare.to_owned());
        }
    }
    (!own.is_empty()).then(|| own.join(" and "))
}

/// A citation without anything in brackets that follows a space.
fn without_remarks(citation: &str) -> String {
    let mut out = citation.to_owned();
    while let Some(open) = out.find(" (") {
        let close = out[open..]
            .find(')')
            .map_or(out.len(), |close| open + close + 1);
        out.replace_range(open..close, "");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_of_the_law_files_stay_out_of_citations() {
        for (given, said) in [
            ("chapter 42.56 RCW", "chapter 42.56 RCW"),
            (
                "Ala. Code §§ 36-12-40 to 36-12-46 (as amended by Act 2024-278, SB 270, in force 2024-10-01)",
                "Ala. Code §§ 36-12-40 to 36-12-46",
            ),
            (
                "Cal. Gov. Code § 7920.000 et seq. (recodified from § 6250 et seq. on 2023-01-01)",
                "Cal. Gov. Code § 7920.000 et seq.",
            ),
            (
                "C.R.S. §§ 24-72-200.1 to 24-72-205.5 (CORA), 24-72-301 to 24-72-309 (CCJRA)",
                "C.R.S. §§ 24-72-200.1 to 24-72-205.5 (CORA), 24-72-301 to 24-72-309 (CCJRA)",
            ),
            (
                "Ind. Code ch. 5-14-3 (complaints: ch. 5-14-5)",
                "Ind. Code ch. 5-14-3",
            ),
            ("Open ( end", "Open ( end"),
            (
                "Fla. Stat. ch. 119; Fla. Const. art. I, § 24",
                "Fla. Stat. ch. 119 and Fla. Const. art. I, § 24",
            ),
            ("One; two; three", "One; two; and three"),
        ] {
            assert_eq!(plain_citation(given), said);
        }
    }

    #[test]
    fn only_sections_of_the_own_code_are_named_in_an_item() {
        for (code, given, said) in [
            (
                "WA",
                "RCW 10.93.160; RCW 43.17.420 (Keep Washington Working Act)",
                Some("RCW 10.93.160 and RCW 43.17.420"),
            ),
            (
                "CO",
                "C.R.S. §§ 24-76.6-101 to 24-76.6-103 (HB 19-1124), widened by SB 25-276",
                Some("C.R.S. §§ 24-76.6-101 to 24-76.6-103"),
            ),
            ("AR", "Act 654 of 2025 (SB 426, a name)", None),
            ("MA", "Lunn v. Commonwealth, 477 Mass. 517 (2017)", None),
            (
                "VA",
                "Va. Code § 53.1-220.2; 2026 Acts ch. 1028 (SB 783)",
                Some("Va. Code § 53.1-220.2"),
            ),
            ("VA", "W. Va. Code § 1", None),
            ("VA", "Va. Code § 1 (open", Some("Va. Code § 1")),
        ] {
            let code = code.parse().expect("a code");
            assert_eq!(sections(given, &code).as_deref(), said, "{given}");
        }
    }
}
