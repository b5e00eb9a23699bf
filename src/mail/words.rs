//! The words of our own notices, from `templates/mail`. Plain text is not escaped, HTML is. The morning's mail and
//! reminders are in `morning`.
//!
//! A template's first line is its subject. Subjects carry a reference and a kind of date, never a person's name or
//! what was asked for: they show on locked phones. Not here: letters to agencies, which counsel approves.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use rust_embed::RustEmbed;
use serde::Serialize;

#[derive(RustEmbed)]
#[folder = "templates/mail/"]
struct Templates;

/// What an invitation says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invitation {
    pub site: String,
    pub inviter: String,
    pub campaign: String,
    pub role: String,
    pub url: String,
    pub expires: String,
}

/// A notice in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worded {
    pub subject: String,
    pub text: String,
}

/// A template that does not fit what it is given: a fault of ours, found by the tests.
#[derive(Debug, thiserror::Error)]
#[error("the mail template {name} could not be filled in: {why}")]
pub struct NoWords {
    pub name: &'static str,
    pub why: String,
}

/// What a notice of moved dates says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LawNotice {
    /// The reader's name.
    pub name: String,
    /// "Washington".
    pub law: String,
    /// A correction was withdrawn, so that the rule before it holds again.
    pub withdrawn: bool,
    pub reason: String,
    /// Title and address.
    pub source: String,
    pub requests: Vec<LawNoticeRequest>,
    /// The correction's page.
    pub url: String,
}

/// One request of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LawNoticeRequest {
    pub reference: String,
    pub title: String,
    pub agency: String,
    /// "Acknowledgment: was Tue 20 Jan 2026, now Thu 22 Jan 2026".
    pub shifts: Vec<String>,
    pub url: String,
}

/// The words of a notice of moved dates.
pub fn law_notice(notice: &LawNotice) -> Result<Worded, NoWords> {
    #[derive(Serialize)]
    struct Filled<'a> {
        #[serde(flatten)]
        notice: &'a LawNotice,
        subject: String,
        sentence: String,
    }
    let subject = match notice.requests.as_slice() {
        [one] => format!("{}: dates moved", one.reference),
        many => format!("{} requests: dates moved", many.len()),
    };
    let sentence = if notice.withdrawn {
        format!(
            "A correction of the law of {} was withdrawn, and dates of your requests moved with it.",
            notice.law
        )
    } else {
        format!(
            "The law of {} was corrected on this site, and dates of your requests moved with it.",
            notice.law
        )
    };
    fill(
        "law_notice.txt",
        &Filled {
            notice,
            subject,
            sentence,
        },
    )
}

/// The words of an invitation.
pub fn invitation(invitation: &Invitation) -> Result<Worded, NoWords> {
    fill("invitation.txt", invitation)
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_loader(|name| {
        Ok(Templates::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok()))
    });
    environment
});

/// One part of a mail, without a subject.
pub(super) fn fill_part(name: &'static str, with: &impl Serialize) -> Result<String, NoWords> {
    ENVIRONMENT
        .get_template(name)
        .and_then(|template| template.render(Serde(with)))
        .map_err(|error| NoWords {
            name,
            why: error.to_string(),
        })
}

pub(super) fn fill(name: &'static str, with: &impl Serialize) -> Result<Worded, NoWords> {
    let wrong = |why: String| NoWords { name, why };
    let filled = fill_part(name, with)?;
    let (subject, text) = filled
        .split_once('\n')
        .ok_or_else(|| wrong("it has one line only".to_owned()))?;
    let subject = subject
        .strip_prefix("Subject: ")
        .ok_or_else(|| wrong("its first line is not its subject".to_owned()))?;
    Ok(Worded {
        subject: subject.to_owned(),
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_reads_well() {
        let worded = invitation(&Invitation {
            site: "Sundial".into(),
            inviter: "Rosa Example".into(),
            campaign: "Alder Welcome".into(),
            role: "researcher".into(),
            url: "https://sundial.example/join/abc".into(),
            expires: "Mon 26 Jan 2026".into(),
        })
        .unwrap();
        insta::assert_snapshot!(
            "invitation",
            format!("{}\n\n{}", worded.subject, worded.text)
        );
    }
}
