//! The words of the morning's mail, and of a limit of ours that gets a mail of its own.
//!
//! Subjects carry numbers and a kind of date, never a person's or an agency's name: they show on locked phones.

use serde::Serialize;

use super::words::{NoWords, Worded, fill, fill_part};
use crate::domain::reminder::digest::Amounts;
use crate::domain::reminder::{Language, Step};

/// One line of the mail: what, more of it, and the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub text: String,
    pub more: String,
    pub url: String,
}

/// What there is to say of one campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    pub campaign: String,
    pub url: String,
    pub reminders: Vec<Line>,
    pub week: Vec<Line>,
    pub changed: Vec<Line>,
    pub waits: Vec<Line>,
    /// Lines left out of the lists above because they are long.
    pub left_out: usize,
}

/// The whole mail of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    pub language: Language,
    pub name: String,
    pub site: String,
    /// "Mon 23 Nov 2026", in the reader's language.
    pub day: String,
    pub parts: Vec<Part>,
    pub amounts: Amounts,
    pub settings_url: String,
}

/// A mail in words, as plain text and as simple HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The fixed words of the template.
#[derive(Serialize)]
struct Labels {
    lang: &'static str,
    hello: &'static str,
    reminders: &'static str,
    week: &'static str,
    changed: &'static str,
    waits: &'static str,
    more: &'static str,
    open: &'static str,
    why: &'static str,
    settings: &'static str,
}

const ENGLISH: Labels = Labels {
    lang: "en",
    hello: "Hello",
    reminders: "To do now",
    week: "Due this week",
    changed: "What changed",
    waits: "Waits for you",
    more: "more on the site",
    open: "Open today's page",
    why: "You get this because you belong to a campaign on this site. A quiet day sends nothing.",
    settings: "What reminds you, when, and in which language",
};

const SPANISH: Labels = Labels {
    lang: "es",
    hello: "Hola",
    reminders: "Para hacer ahora",
    week: "Vence esta semana",
    changed: "Qué cambió",
    waits: "Espera por usted",
    more: "más en el sitio",
    open: "Abrir la página de hoy",
    why: "Recibe esto porque participa en una campaña en este sitio. Un día tranquilo no trae correo.",
    settings: "Qué se le recuerda, cuándo y en qué idioma",
};

fn labels(language: Language) -> &'static Labels {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

/// "2 to do now, 3 due this week": the greatest first, at most two.
fn subject(digest: &Digest) -> String {
    let amounts = digest.amounts;
    let words = match digest.language {
        Language::English => ["to do now", "due this week", "new", "waiting"],
        Language::Spanish => [
            "para hacer ahora",
            "por vencer esta semana",
            "novedades",
            "en espera",
        ],
    };
    let said: Vec<String> = [
        amounts.reminders,
        amounts.week,
        amounts.changed,
        amounts.waits,
    ]
    .into_iter()
    .zip(words)
    .filter(|(count, _)| *count > 0)
    .take(2)
    .map(|(count, words)| format!("{count} {words}"))
    .collect();
    format!("{}, {}: {}", digest.site, digest.day, said.join(", "))
}

/// The morning's mail in words.
pub fn digest(digest: &Digest) -> Result<Both, NoWords> {
    #[derive(Serialize)]
    struct Filled<'a> {
        w: &'a Labels,
        subject: String,
        name: &'a str,
        site: &'a str,
        day: &'a str,
        parts: &'a [Part],
        settings_url: &'a str,
    }
    let filled = Filled {
        w: labels(digest.language),
        subject: subject(digest),
        name: &digest.name,
        site: &digest.site,
        day: &digest.day,
        parts: &digest.parts,
        settings_url: &digest.settings_url,
    };
    Ok(Both {
        subject: filled.subject.clone(),
        text: fill_part("morning.txt", &filled)?,
        html: fill_part("morning.html", &filled)?,
    })
}

/// A limit of ours that is near or past. All fields are ready to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub language: Language,
    /// The reader's name.
    pub name: String,
    /// "S-0042".
    pub reference: String,
    pub agency: String,
    /// "Our appeal".
    pub what: String,
    /// "Mon 23 Nov 2026".
    pub due: String,
    pub citation: String,
    /// What to file and where: one line each.
    pub filing: Vec<String>,
    pub step: Step,
    /// Days from today to the limit: 0 today, negative once it has passed.
    pub days: i64,
    /// The request's page.
    pub url: String,
    pub settings_url: String,
}

/// The words of a mail about a limit of ours.
pub fn window(window: &Window) -> Result<Worded, NoWords> {
    #[derive(Serialize)]
    struct Filled<'a> {
        subject: String,
        sentence: String,
        hello: &'a str,
        name: &'a str,
        rows: Vec<(&'a str, String)>,
        filing_head: &'a str,
        filing: &'a [String],
        advice: &'a str,
        why: &'a str,
        url: &'a str,
        settings_url: &'a str,
    }
    let reference = &window.reference;
    let due = &window.due;
    let days = window.days;
    let english = window.language == Language::English;
    let (subject, sentence) = match (english, days) {
        (true, 2..) => (
            format!("{reference}: a limit of ours ends in {days} days"),
            format!(
                "A right of ours ends in {days} days, on {due}. After that day it may be lost for good."
            ),
        ),
        (true, 1) => (
            format!("{reference}: a limit of ours ends tomorrow"),
            format!(
                "A right of ours ends tomorrow, {due}. After that day it may be lost for good."
            ),
        ),
        (true, 0) => (
            format!("{reference}: a limit of ours ends today"),
            format!("Today, {due}, is the last day. After it the right may be lost for good."),
        ),
        (true, _) => (
            format!("{reference}: a limit of ours has passed"),
            format!(
                "By the earliest reading of the law the last day was {due}. Another reading may leave more time: ask counsel today, do not wait."
            ),
        ),
        (false, 2..) => (
            format!("{reference}: un plazo nuestro vence en {days} días"),
            format!(
                "Un derecho nuestro vence en {days} días, el {due}. Después puede perderse para siempre."
            ),
        ),
        (false, 1) => (
            format!("{reference}: un plazo nuestro vence mañana"),
            format!("Un derecho nuestro vence mañana, {due}. Después puede perderse para siempre."),
        ),
        (false, 0) => (
            format!("{reference}: un plazo nuestro vence hoy"),
            format!(
                "Hoy, {due}, es el último día. Después el derecho puede perderse para siempre."
            ),
        ),
        (false, _) => (
            format!("{reference}: un plazo nuestro ha vencido"),
            format!(
                "Según la lectura más corta de la ley, el último día fue el {due}. Otra lectura puede dejar más tiempo: pregunte hoy a la abogacía, no espere."
            ),
        ),
    };
    let labels: [&str; 4] = if english {
        ["Request:", "Agency:", "Limit:", "Rule:"]
    } else {
        ["Solicitud:", "Agencia:", "Plazo:", "Norma:"]
    };
    let values = [
        window.reference.clone(),
        window.agency.clone(),
        format!("{}, {due}", window.what),
        window.citation.clone(),
    ];
    fill(
        "window.txt",
        &Filled {
            subject,
            sentence,
            hello: labels_hello(window.language),
            name: &window.name,
            rows: labels.into_iter().zip(values).collect(),
            filing_head: if english {
                "What to file, and where:"
            } else {
                "Qué presentar y dónde:"
            },
            filing: &window.filing,
            advice: if english {
                "If it is done, record it on the request's page, and this ends. The page explains how the date was counted."
            } else {
                "Si ya está hecho, regístrelo en la página de la solicitud y esto termina. La página explica cómo se contó la fecha."
            },
            why: if english {
                "You get this as the owner, the backup or counsel of this request. Limits of our own cannot be switched off entirely, because a right that is missed cannot be won back. What you can choose:"
            } else {
                "Recibe esto como responsable, suplente o abogada/o de esta solicitud. Los plazos propios no se pueden desactivar del todo, porque un derecho perdido no se recupera. Lo que puede elegir:"
            },
            url: &window.url,
            settings_url: &window.settings_url,
        },
    )
}

fn labels_hello(language: Language) -> &'static str {
    labels(language).hello
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line {
            text: text.to_owned(),
            more: "S-0042 · RCW 42.56.520(1)".to_owned(),
            url: "https://sundial.example/c/alder/requests/42".to_owned(),
        }
    }

    fn sample(language: Language) -> Digest {
        Digest {
            language,
            name: "Rosa Quill".to_owned(),
            site: "Sundial".to_owned(),
            day: "Tue 20 Jan 2026".to_owned(),
            parts: vec![Part {
                campaign: "Alder <County> detainers".to_owned(),
                url: "https://sundial.example/c/alder".to_owned(),
                reminders: vec![line(
                    "Alder County Sheriff & Jail: Acknowledgment is due on Tue 20 Jan 2026",
                )],
                week: vec![line("Alder County Sheriff: Acknowledgment")],
                changed: Vec::new(),
                waits: vec![line(
                    "Reply from Birch County: not sorted since Mon 19 Jan 2026",
                )],
                left_out: 3,
            }],
            amounts: Amounts {
                reminders: 1,
                week: 1,
                today: 1,
                changed: 0,
                waits: 1,
            },
            settings_url: "https://sundial.example/settings/reminders".to_owned(),
        }
    }

    #[test]
    fn the_morning_reads_well_in_both_languages() {
        for (name, language) in [("en", Language::English), ("es", Language::Spanish)] {
            let both = digest(&sample(language)).expect("words");
            insta::assert_snapshot!(
                format!("morning-{name}"),
                format!("{}\n\n{}", both.subject, both.text)
            );
            insta::assert_snapshot!(format!("morning-html-{name}"), both.html);
        }
    }

    #[test]
    fn the_html_fetches_nothing_and_escapes_what_was_typed() {
        let both = digest(&sample(Language::English)).expect("words");
        for refused in [
            "<img",
            "<script",
            "<link",
            "src=",
            "url(",
            "@import",
            "Alder <County>",
        ] {
            assert!(!both.html.contains(refused), "{refused}: {}", both.html);
        }
        assert!(both.html.contains("Alder &lt;County&gt;"), "{}", both.html);
        assert!(both.text.contains("Alder <County>"));
    }

    #[test]
    fn subjects_tell_a_passer_by_nothing() {
        for language in [Language::English, Language::Spanish] {
            let mut subjects = vec![digest(&sample(language)).expect("words").subject];
            subjects.extend([14, 1, 0, -1].map(|days| sample_window(language, days).subject));
            for subject in subjects {
                for private in ["Rosa", "Alder", "Birch", "appeal", "apelación"] {
                    assert!(!subject.contains(private), "{subject}");
                }
            }
        }
    }

    fn sample_window(language: Language, days: i64) -> Worded {
        window(&Window {
            language,
            name: "Rosa Quill".to_owned(),
            reference: "S-0042".to_owned(),
            agency: "Alder County Sheriff".to_owned(),
            what: "Our appeal".to_owned(),
            due: "Mon 2 Mar 2026".to_owned(),
            citation: "RCW 42.56.550".to_owned(),
            filing: vec!["Superior court of the county: a complaint".to_owned()],
            step: Step::On,
            days,
            url: "https://sundial.example/c/alder/requests/42".to_owned(),
            settings_url: "https://sundial.example/settings/reminders".to_owned(),
        })
        .expect("words")
    }

    #[test]
    fn a_limit_of_ours_reads_well() {
        for (name, language, days) in [
            ("far", Language::English, 14),
            ("today", Language::English, 0),
            ("past", Language::English, -1),
            ("tomorrow-es", Language::Spanish, 1),
        ] {
            let worded = sample_window(language, days);
            insta::assert_snapshot!(
                format!("window-{name}"),
                format!("{}\n\n{}", worded.subject, worded.text)
            );
        }
    }
}
