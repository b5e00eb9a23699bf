//! Composing a request letter: which clauses stand in it, in which order, and why.
//!
//! The words of each clause are in `templates/letters/request/`; this file holds the conditions, `sheet` the paper
//! they are written on and `merge` the merge fields. A rule whose confidence is `unverified` never speaks in a
//! letter: it prints a warning to the drafter instead.

use serde_json::{Value, json};

use super::facts::LetterFacts;
use super::merge::{duty_words, words};
use super::sheet::{Because, ComposeError, Sheet};
use super::wrap::wrap;
use super::{COLUMNS, Draft, settle};
use crate::domain::records::Shape;
use crate::domain::request::written;
use crate::law::{Confidence, Duty, Kind, Waiver};

/// Makes the request letter that these facts call for.
pub fn compose(facts: &LetterFacts) -> Result<Draft, ComposeError> {
    if facts.items.is_empty() {
        return Err(ComposeError::NoItems);
    }
    let mut sheet = Sheet::new(facts, words(facts));
    sheet.head();
    sheet.opening()?;
    sheet.definitions()?;
    sheet.items()?;
    sheet.exclusions()?;
    sheet.sending()?;
    sheet.fees()?;
    sheet.timing()?;
    sheet.refusal()?;
    sheet.foot()?;
    sheet.remarks();
    let law = &facts.law;
    let subject = format!(
        "Public records request ({}): {} [{}]",
        law.short,
        topic(facts),
        facts.our_ref
    );
    Ok(Draft {
        subject,
        body: settle(&sheet.paragraphs.join("\n\n")),
        clauses: sheet.clauses,
        warnings: sheet.warnings,
    })
}

/// "immigration detainer records", or what the only item is about.
fn topic(facts: &LetterFacts) -> &'static str {
    let shapes: Vec<Shape> = facts.items.iter().map(|item| item.shape).collect();
    if shapes.iter().all(|shape| *shape == Shape::Agreement) {
        "agreements with federal immigration authorities"
    } else {
        "immigration detainer records"
    }
}

impl Sheet<'_> {
    fn head(&mut self) {
        let facts = self.facts;
        let to = &facts.addressee;
        self.frame("date", written(facts.date), "The day of the letter.");
        let mut address = vec![
            title(&to.custodian_title).to_owned(),
            to.agency.trim().to_owned(),
        ];
        address.extend(to.address.lines().map(|line| line.trim().to_owned()));
        if !to.email.trim().is_empty() {
            address.push(format!("By e-mail: {}", to.email.trim()));
        }
        address.retain(|line| !line.is_empty());
        self.frame(
            "addressee",
            address.join("\n"),
            "Addressed by title: a person may have left.",
        );
        let about = format!("Public records request under the {}", facts.law.name);
        self.frame(
            "about",
            format!(
                "{}\nOur reference: {}",
                wrap(&about, COLUMNS, ""),
                facts.our_ref
            ),
            "What it is, in one line.",
        );
        self.frame(
            "salutation",
            format!("Dear {}:", title(&to.custodian_title)),
            "Addressed by title: a person may have left.",
        );
    }

    fn opening(&mut self) -> Result<(), ComposeError> {
        let law = &self.facts.law;
        self.say(
            "opening",
            "opening",
            Because::rule(
                format!(
                    "Every request names the law it is made under: the {}.",
                    law.name
                ),
                &law.citation,
                law.confidence,
            ),
        )?;
        if !law.residents_only {
            return Ok(());
        }
        if law.eligibility_confidence == Confidence::Unverified {
            self.warn(
                "residency",
                format!(
                    "{} may limit requests to its {}s, but that is not verified, so the letter says nothing of it.",
                    law.state,
                    law.residency_word()
                ),
            );
            return Ok(());
        }
        if self.facts.resident.is_none() {
            self.warn(
                "residency",
                format!(
                    "Only a {} of {} may ask ({}). Name one who makes this request with you.",
                    law.residency_word(),
                    law.state,
                    law.eligibility_citation
                ),
            );
        }
        self.say(
            "residency",
            "residency",
            Because::rule(
                format!(
                    "{} limits requests to its {}s.",
                    law.state,
                    law.residency_word()
                ),
                &law.eligibility_citation,
                law.eligibility_confidence,
            ),
        )
    }

    fn definitions(&mut self) -> Result<(), ComposeError> {
        if !self.words["uses"]
            .as_object()
            .is_some_and(|uses| uses.values().any(|used| used == true))
        {
            return Ok(());
        }
        self.heading = Some("Words used in this letter");
        self.say(
            "words",
            "words",
            Because::habit("Words with two meanings are fixed once, and the dates are written out; only words that the items use."),
        )
    }

    fn items(&mut self) -> Result<(), ComposeError> {
        self.heading = Some("Records requested");
        for (at, item) in self.facts.items.iter().enumerate() {
            self.words["item"] = json!({ "text": item.text });
            let paragraph = self.render("item")?;
            let lead = format!("{:>2}. ", at + 1);
            let because = match &item.law {
                Some((citation, confidence)) => {
                    Because::rule(item.why.clone(), citation, *confidence)
                }
                None => Because::habit(&item.why),
            };
            self.put(&format!("item:{}", item.key), paragraph, &lead, because);
        }
        Ok(())
    }

    fn exclusions(&mut self) -> Result<(), ComposeError> {
        self.heading = Some("What is not asked for");
        let none_named = self.facts.items.iter().all(|item| item.exclude.is_empty());
        let template = if none_named {
            "exclusions_documents"
        } else {
            "exclusions"
        };
        self.say(
            "exclusions",
            template,
            Because::habit("No personal data is asked for: it protects people, and takes away the easiest ground of refusal."),
        )?;
        if self.facts.law.is_federal() {
            return Ok(());
        }
        self.say(
            "regulation",
            "regulation",
            Because {
                why: "State and local bodies that hold people for the federal service may be told to refuse under this regulation; one sentence answers it in advance.".to_owned(),
                citation: Some("8 C.F.R. § 236.6".to_owned()),
                confidence: Some(Confidence::OneSource),
            },
        )
    }

    fn sending(&mut self) -> Result<(), ComposeError> {
        self.heading = Some("Form of the records");
        self.say(
            "format",
            "format",
            Because::habit(
                "Says the form wanted and where to send it, so that nobody prints a spreadsheet.",
            ),
        )?;
        if self.facts.items.iter().any(|item| item.shape.is_data()) {
            self.say(
                "database",
                "database",
                Because::habit("Some items are data: a query is offered before anybody says that a record must be created."),
            )?;
        }
        if self.facts.items.len() > 1 {
            self.say(
                "rolling",
                "rolling",
                Because::habit("More than one item: the quick ones need not wait."),
            )?;
        }
        Ok(())
    }

    fn fees(&mut self) -> Result<(), ComposeError> {
        let law = &self.facts.law;
        self.heading = Some("Fees");
        let sure = law.fees_confidence > Confidence::Unverified;
        let because = if sure {
            let search = if law.search_time_chargeable {
                "may"
            } else {
                "may not"
            };
            Because::rule(
                format!(
                    "A ceiling before any work. In {}, search time {search} be charged.",
                    law.state
                ),
                &law.fees_citation,
                law.fees_confidence,
            )
        } else {
            self.warn("fees", format!("The rules of {} on fees are not verified: the letter asks for an estimate and cites none.", law.state));
            Because::habit("A ceiling before any work, and an estimate above it.")
        };
        self.say("fees", "fees", because)?;
        let template = match law.waiver {
            Waiver::PublicInterest => "waiver_public_interest",
            Waiver::Discretionary => "waiver_discretionary",
            Waiver::Indigent => {
                self.warn("waiver", format!("{} waives fees only for people who cannot pay ({}): the letter asks for no waiver.", law.state, law.waiver_citation));
                return Ok(());
            }
            Waiver::None => return Ok(()),
        };
        if !sure {
            self.warn(
                "waiver",
                format!(
                    "A waiver under {} is not verified, so it is not asked for.",
                    law.waiver_citation
                ),
            );
            return Ok(());
        }
        self.warn("waiver", "The waiver says that the records are wanted to inform the public and not for commercial use. Send it only if that is true.".to_owned());
        self.say(
            "waiver",
            template,
            Because::rule(
                format!("{}: {}.", law.state, law.waiver.plain().to_lowercase()),
                &law.waiver_citation,
                law.fees_confidence,
            ),
        )
    }

    fn timing(&mut self) -> Result<(), ComposeError> {
        let law = &self.facts.law;
        self.heading = Some("Timing");
        let unverified: Vec<&Duty> = law
            .first
            .iter()
            .chain(&law.later)
            .filter(|duty| duty.confidence == Confidence::Unverified)
            .collect();
        for duty in &unverified {
            self.warn(
                "timing",
                format!(
                    "{} ({}) is not verified, so the letter does not mention it.",
                    duty.limit_plain(),
                    duty.citation
                ),
            );
        }
        let first = law
            .first
            .as_ref()
            .filter(|duty| duty.confidence > Confidence::Unverified);
        let later: Vec<&Duty> = law
            .later
            .iter()
            .filter(|duty| duty.confidence > Confidence::Unverified)
            .collect();
        self.words["first"] = first.map_or(Value::Null, |duty| duty_words(duty, law));
        self.words["later"] = later.iter().map(|duty| duty_words(duty, law)).collect();
        for duty in first.iter().chain(&later) {
            for reading in &duty.readings {
                self.warn(
                    "timing",
                    format!(
                        "{} can be read in another way: {}",
                        duty.citation, reading.note
                    ),
                );
            }
        }
        let confidence = first
            .into_iter()
            .chain(later)
            .map(|duty| duty.confidence)
            .min();
        match (first, confidence) {
            (Some(duty), Some(confidence)) => {
                let fixed = duty.kind == Kind::Fixed;
                let why = if fixed {
                    format!(
                        "{}: {} from receipt; the clock of this request runs on the same number.",
                        law.state,
                        duty.limit_plain()
                    )
                } else {
                    format!(
                        "{} fixes no number of days for a first answer, so none is claimed.",
                        law.state
                    )
                };
                let template = if fixed { "timing_fixed" } else { "timing_open" };
                self.say(
                    "timing",
                    template,
                    Because::rule(why, &duty.citation, confidence),
                )
            }
            _ if unverified.is_empty() => self.say(
                "timing",
                "timing_open",
                Because::habit("The law file names no first duty, so no limit is claimed."),
            ),
            _ => self.say(
                "timing",
                "timing_unsaid",
                Because::habit("The limit is not verified, so none is claimed."),
            ),
        }
    }

    fn refusal(&mut self) -> Result<(), ComposeError> {
        self.heading = Some("If something is withheld");
        self.say(
            "denial",
            "denial",
            Because::habit("Each withholding is to stand alone with its ground, so that each can be answered alone."),
        )?;
        self.say(
            "elsewhere",
            "elsewhere",
            Because::habit("Jail, sheriff and county may each keep a part."),
        )?;
        self.say(
            "help",
            "help",
            Because::habit("Offices answer people who are easy to talk to."),
        )
    }

    fn foot(&mut self) -> Result<(), ComposeError> {
        self.say("close", "close", Because::habit("Thanks."))?;
        let from = &self.facts.requester;
        let name = from.name.trim();
        let mut lines = vec![
            "Sincerely,".to_owned(),
            String::new(),
            if name.is_empty() {
                "[[your name]]".to_owned()
            } else {
                name.to_owned()
            },
            from.organisation.trim().to_owned(),
        ];
        lines.extend(from.address.lines().map(|line| line.trim().to_owned()));
        lines.push(from.email.trim().to_owned());
        lines.push(from.phone.trim().to_owned());
        let greeting = lines.remove(0);
        lines.retain(|line| !line.is_empty());
        self.frame("greeting", greeting, "Signed by a person.");
        self.frame(
            "signature",
            lines.join("\n"),
            "A real person signs, at the organisation's address.",
        );
        let law = &self.facts.law;
        if let Some(resident) = self.facts.resident.as_ref().filter(|_| law.residents_only)
            && resident.name.trim() != name
        {
            let mut lines = vec![format!(
                "{}, {} of {}",
                resident.name.trim(),
                law.residency_word(),
                law.state
            )];
            lines.extend(resident.address.lines().map(|line| line.trim().to_owned()));
            lines.retain(|line| !line.is_empty());
            self.frame(
                "resident",
                lines.join("\n"),
                "The resident co-requester signs.",
            );
        }
        Ok(())
    }

    /// What the law file says to the drafter and not to the agency.
    fn remarks(&mut self) {
        let law = &self.facts.law;
        self.warn("form", law.form_note.clone());
        for exception in &law.exceptions {
            self.warn(
                "timing",
                format!("The limit in the letter does not run where {exception}."),
            );
        }
        if law.confidence == Confidence::Unverified {
            self.warn(
                "opening",
                format!(
                    "The name and citation of the law of {} are not verified.",
                    law.state
                ),
            );
        }
        if law.detainer_confidence == Some(Confidence::Unverified) {
            self.warn(
                "item",
                format!(
                    "The law of {} on detainers is not verified, so no item cites it.",
                    law.state
                ),
            );
        }
    }
}

fn title(given: &str) -> &str {
    let given = given.trim();
    if given.is_empty() {
        "Custodian of Records"
    } else {
        given
    }
}
