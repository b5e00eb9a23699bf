//! The house's phrases in the languages that people read their mail in: what is due, what waits, what changed.
//!
//! Nothing that somebody typed about a record stands in them: an agency's name, a request's number, a date, a rule.
//! Law and citations stay as they are. Not here: the letters, which are written under a law and in English.

use chrono::{Datelike, NaiveDate};

use crate::calendar::words::long;
use crate::domain::reminder::{Language, Step, TaskKind};

/// "Mon 23 Nov 2026", "lun 23 nov 2026".
pub fn day(language: Language, day: NaiveDate) -> String {
    const DAYS: [&str; 7] = ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"];
    const MONTHS: [&str; 12] = [
        "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic",
    ];
    match language {
        Language::English => long(day),
        Language::Spanish => format!(
            "{} {} {} {}",
            DAYS[day.weekday().num_days_from_monday() as usize],
            day.day(),
            MONTHS[day.month0() as usize],
            day.year()
        ),
    }
}

/// What a duty is called: "Our appeal", "Nuestra apelación". A heading that is not known stays as it is.
pub fn heading(language: Language, heading: &str) -> &str {
    if language == Language::English {
        return heading;
    }
    match heading {
        "Acknowledgment" => "Acuse de recibo",
        "Answer" => "Respuesta",
        "Records" => "Documentos",
        "Fee estimate" => "Presupuesto de costos",
        "Notice of more time" => "Aviso de prórroga",
        "Request for a ruling" => "Solicitud de dictamen",
        "Decision on the appeal" => "Decisión sobre la apelación",
        "Our appeal" => "Nuestra apelación",
        "Our complaint" => "Nuestra queja",
        "Our suit" => "Nuestra demanda",
        "Our answer to a question" => "Nuestra respuesta a una pregunta",
        "Our answer to a fee estimate" => "Nuestra respuesta a un presupuesto",
        "Our deposit" => "Nuestro depósito",
        other => other,
    }
}

/// What is said of a limit: of the agency's, or of ours.
pub fn limit(
    language: Language,
    ours: bool,
    what: &str,
    agency: &str,
    due: NaiveDate,
    step: Step,
) -> String {
    let what = heading(language, what);
    let on = day(language, due);
    match (language, ours, step) {
        (Language::English, false, Step::Before(_)) => format!("{agency}: {what} is due on {on}"),
        (Language::English, false, Step::On) => {
            format!("{agency}: {what} is due on {on}, the last day")
        }
        (Language::English, false, Step::Week(weeks)) => format!(
            "{agency}: {what} was due on {on}, {weeks} {} ago, and no answer is recorded",
            if weeks == 1 { "week" } else { "weeks" }
        ),
        (Language::English, false, _) => {
            format!("{agency}: {what} was due on {on}, and no answer is recorded")
        }
        (Language::English, true, Step::Before(_) | Step::On | Step::Daily(0)) => {
            format!("{what} ({agency}): the last day is {on}")
        }
        (Language::English, true, _) => format!(
            "{what} ({agency}): by the earliest reading the last day was {on}. Ask counsel today whether it can still be filed"
        ),
        (Language::Spanish, false, Step::Before(_)) => format!("{agency}: {what}, vence el {on}"),
        (Language::Spanish, false, Step::On) => {
            format!("{agency}: {what}, el último día es el {on}")
        }
        (Language::Spanish, false, Step::Week(weeks)) => format!(
            "{agency}: {what}, venció el {on}, hace {weeks} {}, y no consta respuesta",
            if weeks == 1 { "semana" } else { "semanas" }
        ),
        (Language::Spanish, false, _) => {
            format!("{agency}: {what}, venció el {on} y no consta respuesta")
        }
        (Language::Spanish, true, Step::Before(_) | Step::On | Step::Daily(0)) => {
            format!("{what} ({agency}): el último día es el {on}")
        }
        (Language::Spanish, true, _) => format!(
            "{what} ({agency}): según la lectura más corta el último día fue el {on}. Pregunte hoy a la abogada o al abogado si aún se puede presentar"
        ),
    }
}

/// A limit of this week: "Acknowledgment, Alder County Sheriff".
pub fn week(language: Language, ours: bool, what: &str, agency: &str) -> String {
    let what = heading(language, what);
    match (language, ours) {
        (Language::English, true) => format!("{what} ({agency}), our own limit"),
        (Language::Spanish, true) => format!("{what} ({agency}), plazo nuestro"),
        (_, false) => format!("{agency}: {what}"),
    }
}

/// What waits, since a day.
pub fn task(language: Language, kind: TaskKind, agency: &str, since: NaiveDate) -> String {
    let since = day(language, since);
    match language {
        Language::English => match kind {
            TaskKind::Approval => {
                format!("Letter to {agency}: waits for your approval since {since}")
            }
            TaskKind::Returned => format!("Letter to {agency}: returned by counsel on {since}"),
            TaskKind::Draft => format!("Letter to {agency}: a draft since {since}"),
            TaskKind::Chaser => {
                format!(
                    "Letter to {agency}: drafted for you on {since} after a missed limit. Read it, then send it to counsel"
                )
            }
            TaskKind::Approved => format!("Letter to {agency}: approved on {since}, not sent"),
            TaskKind::Failed => format!("Letter to {agency}: was not delivered ({since})"),
            TaskKind::Unknown => {
                format!(
                    "Letter to {agency}: may not have arrived ({since}). Look before it goes again"
                )
            }
            TaskKind::Unsorted => format!("Reply from {agency}: not sorted since {since}"),
            TaskKind::Held => {
                format!("Document from {agency}: waits for your decision since {since}")
            }
            TaskKind::Portal => {
                format!("Portal of {agency}: save its messages (last saved, or sent, on {since})")
            }
        },
        Language::Spanish => match kind {
            TaskKind::Approval => {
                format!("Carta a {agency}: espera su aprobación desde el {since}")
            }
            TaskKind::Returned => format!("Carta a {agency}: devuelta por la abogacía el {since}"),
            TaskKind::Draft => format!("Carta a {agency}: en borrador desde el {since}"),
            TaskKind::Chaser => {
                format!(
                    "Carta a {agency}: redactada para usted el {since} tras un plazo vencido. Léala y envíela a la abogacía"
                )
            }
            TaskKind::Approved => format!("Carta a {agency}: aprobada el {since}, sin enviar"),
            TaskKind::Failed => format!("Carta a {agency}: no se entregó ({since})"),
            TaskKind::Unknown => {
                format!(
                    "Carta a {agency}: puede que no haya llegado ({since}). Compruébelo antes de reenviarla"
                )
            }
            TaskKind::Unsorted => format!("Respuesta de {agency}: sin clasificar desde el {since}"),
            TaskKind::Held => format!("Documento de {agency}: espera su decisión desde el {since}"),
            TaskKind::Portal => {
                format!(
                    "Portal de {agency}: guarde sus mensajes (guardados, o enviada la solicitud, el {since})"
                )
            }
        },
    }
}

/// Something told once: a reply that waits, one's own reminder, old contacts before a batch.
pub enum Told<'a> {
    OwnReminder,
    /// Agencies of a batch without a fresh contact, the batch's name, and when its first letter leaves.
    Contacts(usize, &'a str, NaiveDate),
}

pub fn told(language: Language, what: &Told<'_>) -> String {
    match (language, what) {
        (Language::English, Told::OwnReminder) => {
            "A reminder of your own. What you noted is on the request's page".to_owned()
        }
        (Language::Spanish, Told::OwnReminder) => {
            "Un recordatorio suyo. Su nota está en la página de la solicitud".to_owned()
        }
        (Language::English, Told::Contacts(count, batch, on)) => format!(
            "Batch {batch}: {} a contact checked again before the first letter leaves on {}",
            if *count == 1 {
                "1 agency needs".to_owned()
            } else {
                format!("{count} agencies need")
            },
            day(language, *on)
        ),
        (Language::Spanish, Told::Contacts(count, batch, on)) => format!(
            "Lote {batch}: hay que volver a comprobar el contacto de {count} {} antes de la primera carta, el {}",
            if *count == 1 { "agencia" } else { "agencias" },
            day(language, *on)
        ),
    }
}

/// "3 messages belong to no request".
pub fn tray(language: Language, count: u64) -> String {
    match (language, count) {
        (Language::English, 1) => "1 message belongs to no request yet".to_owned(),
        (Language::English, many) => format!("{many} messages belong to no request yet"),
        (Language::Spanish, 1) => "1 mensaje aún no pertenece a ninguna solicitud".to_owned(),
        (Language::Spanish, many) => {
            format!("{many} mensajes aún no pertenecen a ninguna solicitud")
        }
    }
}

/// Things that wait on today's page besides requests.
pub fn others(language: Language, count: usize) -> String {
    match (language, count) {
        (Language::English, 1) => {
            "1 other thing waits: a figure, a wording or a correction of the law".to_owned()
        }
        (Language::English, many) => {
            format!("{many} other things wait: figures, wording or corrections of the law")
        }
        (Language::Spanish, 1) => {
            "Espera 1 cosa más: un dato, un texto o una corrección de la ley".to_owned()
        }
        (Language::Spanish, many) => {
            format!("Esperan {many} cosas más: datos, textos o correcciones de la ley")
        }
    }
}

/// What changed in a request, by the word of the log; none for words that make no news.
pub fn change(language: Language, kind: &str) -> Option<&'static str> {
    let (english, spanish) = match kind {
        "reply_received" | "reply_filed" => ("A reply came", "Llegó una respuesta"),
        "reply_sorted" => ("A reply was sorted", "Se clasificó una respuesta"),
        "sent" => ("A letter left", "Salió una carta"),
        "delivery_failed" => ("A letter was not delivered", "Una carta no se entregó"),
        "delivery_unknown" => (
            "A letter may not have arrived",
            "Puede que una carta no haya llegado",
        ),
        "approved" => ("Counsel approved a letter", "La abogacía aprobó una carta"),
        "returned" => (
            "Counsel returned a letter",
            "La abogacía devolvió una carta",
        ),
        "document_cleared" => ("A document was cleared", "Se liberó un documento"),
        "law_corrected" => (
            "Dates moved: the law was corrected",
            "Cambiaron fechas: se corrigió la ley",
        ),
        "agency_closed" => (
            "Dates moved: a closed day",
            "Cambiaron fechas: un día de cierre",
        ),
        "chaser_drafted" => (
            "A letter was drafted after a missed limit",
            "Se redactó una carta tras un plazo vencido",
        ),
        "closed" => ("The request was closed", "Se cerró la solicitud"),
        _ => return None,
    };
    Some(match language {
        Language::English => english,
        Language::Spanish => spanish,
    })
}

/// The words of the log that [`change`] has a phrase for.
pub const CHANGES: [&str; 13] = [
    "reply_received",
    "reply_filed",
    "reply_sorted",
    "sent",
    "delivery_failed",
    "delivery_unknown",
    "approved",
    "returned",
    "document_cleared",
    "law_corrected",
    "agency_closed",
    "chaser_drafted",
    "closed",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_and_change_has_its_spanish() {
        for code in [
            "Acknowledgment",
            "Answer",
            "Records",
            "Fee estimate",
            "Notice of more time",
            "Request for a ruling",
            "Decision on the appeal",
            "Our appeal",
            "Our complaint",
            "Our suit",
            "Our answer to a question",
            "Our answer to a fee estimate",
            "Our deposit",
        ] {
            assert_ne!(heading(Language::Spanish, code), code);
            assert_eq!(heading(Language::English, code), code);
        }
        for kind in CHANGES {
            assert_ne!(
                change(Language::English, kind).expect("a phrase"),
                change(Language::Spanish, kind).expect("a phrase")
            );
        }
        assert_eq!(change(Language::English, "drafted"), None);
    }

    #[test]
    fn the_headings_are_those_of_the_law() {
        use crate::law::Library;
        let library = Library::embedded().expect("sound law files");
        for law in library.all() {
            for duty in &law.duties {
                let known = duty.deed.heading();
                assert_ne!(
                    heading(Language::Spanish, known),
                    known,
                    "{known} is not translated"
                );
            }
        }
    }

    #[test]
    fn days_read_as_each_language_writes_them() {
        let on = NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day");
        assert_eq!(day(Language::English, on), "Wed 25 Nov 2026");
        assert_eq!(day(Language::Spanish, on), "mié 25 nov 2026");
    }

    #[test]
    fn one_and_many_read_well() {
        let on = NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day");
        let says = |count| told(Language::English, &Told::Contacts(count, "B-1", on));
        assert_eq!(
            says(1),
            "Batch B-1: 1 agency needs a contact checked again before the first letter leaves on Wed 25 Nov 2026"
        );
        assert!(says(3).starts_with("Batch B-1: 3 agencies need a contact"));
    }
}
