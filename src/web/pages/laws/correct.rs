//! A correction is written: another limit, a closed day, or text in the format of a law file; then looked at, then
//! proposed. Nothing is kept before that.

use chrono::NaiveDate;
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};
use serde::de::DeserializeOwned;

use super::corrections::{change_view, law_view, moves_view};
use crate::actions::law_rights;
use crate::actions::propose_correction::{NewCorrection, Weighed, propose_correction, weigh};
use crate::actions::{ActionError, App};
use crate::law::{
    Confidence, DatedClosing, Duty, HolderKind, Jurisdiction, Kind, MoreHolidays, Patch, Problem,
    Unit,
};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, Reading};
use crate::web::guard::Corrector;
use crate::web::trouble::WebError;

pub(super) fn routes() -> Vec<Route> {
    routes![fresh, look]
}

/// What is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Limit,
    Closing,
    Text,
}

impl Way {
    fn parse(word: &str) -> Way {
        match word {
            "closing" => Way::Closing,
            "text" => Way::Text,
            _ => Way::Limit,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Way::Limit => "limit",
            Way::Closing => "closing",
            Way::Text => "text",
        }
    }

    /// The field beside which a problem of the law file's check stands.
    fn field_of(self, problem: &Problem) -> &'static str {
        match self {
            Way::Text => "text",
            Way::Closing if problem.key.contains("citation") => "citation",
            Way::Closing => "on",
            Way::Limit if problem.key.contains("citation") => "citation",
            Way::Limit if problem.key.contains("says") => "says",
            Way::Limit => "days",
        }
    }
}

/// A word of the law files.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn option(value: &str, label: impl Into<String>) -> Value {
    context! { value => value, label => label.into() }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The rule to correct: the version that is in force today, or the last one of that name.
fn duty_of<'j>(j: &'j Jurisdiction, id: &str, today: NaiveDate) -> Option<&'j Duty> {
    j.duty(id, today)
        .or_else(|| j.duties.iter().rfind(|duty| duty.id == id))
}

fn has_more(duty: &Duty) -> bool {
    !duty.readings.is_empty()
        || !duty.earlier_of.is_empty()
        || !duty.later_of.is_empty()
        || duty.days_to.is_some()
        || duty.or_later_from.is_some()
        || duty.after_silence_from.is_some()
        || !duty.when.is_empty()
        || !duty.unless.is_empty()
        || !duty.holders.is_empty()
}

fn form(j: &Jurisdiction, way: Way, rule: &str, today: NaiveDate, f: Value) -> Value {
    let mut rules: Vec<Value> = Vec::new();
    if way == Way::Text {
        rules.extend(Patch::keys(j).iter().map(|key| option(key, key.clone())));
    } else {
        let mut seen: Vec<&str> = Vec::new();
        for duty in &j.duties {
            if !seen.contains(&duty.id.as_str()) {
                seen.push(&duty.id);
                let label = format!(
                    "{}: {} ({})",
                    duty.deed.heading(),
                    duty.limit_plain(),
                    duty.id
                );
                rules.push(option(&duty.id, label));
            }
        }
    }
    let duty = duty_of(j, rule, today).filter(|_| way == Way::Limit);
    // Empty lists are left out, so that the text reads as a law file does.
    let text = Patch::of_key(j, rule).write().unwrap_or_default();
    let text: Vec<&str> = text
        .lines()
        .filter(|line| !line.ends_with(" = []"))
        .collect();
    let text = text.join("\n");
    context! {
        f => f,
        law => law_view(j),
        way => way.as_str(),
        rule => rule,
        rules => rules,
        text => text,
        duty => duty.map_or(Value::from(()), |duty| context! {
            id => duty.id.clone(),
            heading => duty.deed.heading(),
            kind => duty.kind.as_str(),
            days => duty.days.map(|days| days.to_string()).unwrap_or_default(),
            unit => duty.unit.map_or("", Unit::as_str),
            citation => duty.citation.clone(),
            says => duty.says.clone(),
            confidence => duty.confidence.as_str(),
            more => has_more(duty),
        }),
        kinds => [Kind::Fixed, Kind::Prompt, Kind::Reasonable, Kind::None, Kind::Agreed].map(|kind| option(kind.as_str(), if kind == Kind::Fixed { "A number" } else { kind.plain() })),
        units => [Unit::Business, Unit::Calendar, Unit::Hours, Unit::Months, Unit::Years].map(|unit| option(unit.as_str(), capital(&format!("{}s", unit.noun())))),
        confidences => [Confidence::TwoSources, Confidence::OneSource, Confidence::Unverified].map(|level| option(level.as_str(), capital(level.plain()))),
        holder_kinds => HolderKind::ALL.iter().filter(|kind| **kind != HolderKind::Unstated).map(|kind| option(kind.as_str(), capital(kind.plain()))).collect::<Vec<_>>(),
        today_iso => today.to_string(),
    }
}

#[get("/laws/<code>/correct?<way>&<rule>")]
async fn fresh(
    _by: Corrector,
    code: &str,
    way: Option<&str>,
    rule: Option<&str>,
    desk: Desk,
    app: &State<App>,
) -> Answer {
    let j = app.law_of_code(code).ok_or(ActionError::NotFound)?;
    let way = Way::parse(way.unwrap_or_default());
    let content = form(
        &j,
        way,
        rule.unwrap_or_default(),
        desk.today(),
        Value::from(()),
    );
    desk.page("laws", "pages/laws_correct.html", content)
}

/// The rule with another limit.
fn read_limit(reading: &mut Reading, posted: &Posted, duty: &Duty) -> Patch {
    let mut duty = duty.clone();
    (duty.in_force_from, duty.in_force_until) = (None, None);
    let kind = reading.choice("kind", word::<Kind>, "Choose whether a number is fixed.");
    let days = reading.optional("days", 6);
    let unit = word::<Unit>(posted.text("unit"));
    duty.kind = kind.unwrap_or(Kind::Fixed);
    if duty.kind == Kind::Fixed {
        duty.days = days.parse().ok().filter(|days| (1..=3660).contains(days));
        duty.unit = unit;
        if duty.days.is_none() {
            reading.wrong("days", "Write the number of the limit, for example 7.");
        }
        if unit.is_none() {
            reading.wrong("unit", "Choose what the number counts.");
        }
    } else {
        (duty.days, duty.unit, duty.days_to) = (None, None, None);
        if !days.is_empty() {
            reading.wrong("days", "Leave this empty where no number is fixed.");
        }
    }
    duty.citation = reading.required("citation", 300, "Cite the words of the law.");
    duty.says = reading.required("says", 600, "Say in one sentence what is due.");
    let sure = reading.choice("confidence", word::<Confidence>, "Say how sure you are.");
    duty.confidence = sure.unwrap_or(Confidence::Unverified);
    Patch {
        duties: vec![duty],
        ..Patch::default()
    }
}

/// A closed day.
fn read_closing(reading: &mut Reading, posted: &Posted) -> Patch {
    let on = reading.date("on", "Give the day on which offices are closed.");
    let why = reading.required("why", 300, "Say why offices are closed.");
    let citation = reading.required("citation", 300, "Cite the order or notice.");
    let counties = reading
        .optional("counties", 600)
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let holders = posted
        .all("holders")
        .into_iter()
        .filter_map(HolderKind::parse)
        .collect();
    let sure = reading.choice("confidence", word::<Confidence>, "Say how sure you are.");
    let closing = DatedClosing {
        on: on.unwrap_or_default(),
        why: format!("{why} (closed day added on this site)"),
        counties,
        holders,
        citation,
        confidence: sure.unwrap_or(Confidence::Unverified),
    };
    Patch {
        holidays: Some(MoreHolidays {
            closings: vec![closing],
            ..MoreHolidays::default()
        }),
        ..Patch::default()
    }
}

fn read(
    reading: &mut Reading,
    posted: &Posted,
    j: &Jurisdiction,
    way: Way,
    today: NaiveDate,
) -> Result<Option<NewCorrection>, ActionError> {
    let patch = match way {
        Way::Limit => {
            let duty = duty_of(j, posted.text("rule"), today).ok_or(ActionError::NotFound)?;
            read_limit(reading, posted, duty)
        }
        Way::Closing => read_closing(reading, posted),
        Way::Text => {
            reading.required(
                "text",
                60_000,
                "Write the correction in the format of a law file.",
            );
            let text = posted.exact("text").replace("\r\n", "\n");
            match Patch::read(&text) {
                Ok(patch) => patch,
                Err(says) => {
                    reading.wrong("text", says);
                    Patch::default()
                }
            }
        }
    };
    let in_force_from = reading.optional_date("in_force_from");
    let in_force_until = reading.optional_date("in_force_until");
    if let (Some(from), Some(until)) = (in_force_from, in_force_until)
        && until < from
    {
        reading.wrong("in_force_until", "This lies before the first day of force.");
    }
    let new = NewCorrection {
        code: j.code,
        patch,
        reason: reading.required("reason", 600, "Say what was wrong or what changed."),
        source_title: reading.required("source_title", 300, "Name the source."),
        source_url: reading.required("source_url", 600, "Give the address where it can be read."),
        source_read_on: reading
            .date(
                "source_read_on",
                "Give the day on which you read the source.",
            )
            .unwrap_or(today),
        in_force_from,
        in_force_until,
    };
    let is_address =
        new.source_url.starts_with("https://") || new.source_url.starts_with("http://");
    if !new.source_url.is_empty() && !is_address {
        reading.wrong(
            "source_url",
            "The address begins with https://. Copy it from the browser.",
        );
    }
    // The administrator's frame has no time zone, so a day that has begun somewhere counts as today.
    if new.source_read_on > today + chrono::Days::new(1) {
        reading.wrong("source_read_on", "This day is still to come.");
    }
    Ok(reading.is_right().then_some(new))
}

/// Step two: what it would do.
async fn show_look(
    app: &App,
    desk: &Desk,
    by: &Corrector,
    new: &NewCorrection,
    (weighed, values): (Weighed, Value),
) -> Answer {
    let account = &by.0.account;
    let (Some(before), Some(after)) = (weighed.before.get(&new.code), weighed.after.get(&new.code))
    else {
        return Err(WebError(ActionError::NotFound));
    };
    let nobody = if law_rights::seconds(app, account.id).await?.is_empty() {
        law_rights::NOBODY_ELSE
    } else {
        ""
    };
    let content = context! {
        law => law_view(before),
        values => values,
        change => change_view(before, after, &weighed.text),
        moves => moves_view(app, account.id, weighed.moved).await?,
        reason => new.reason.clone(),
        source => context! { title => new.source_title.clone(), url => new.source_url.clone() },
        nobody => nobody,
    };
    desk.page("laws", "pages/laws_correct_check.html", content)
}

#[post("/laws/<code>/correct", data = "<posted>")]
async fn look(by: Corrector, code: &str, posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    let j = app.law_of_code(code).ok_or(ActionError::NotFound)?;
    let way = Way::parse(posted.text("way"));
    let today = desk.today();
    let rule = posted.text("rule");
    if posted.text("step") == "change" {
        let content = form(&j, way, rule, today, posted.read().again());
        return desk.page("laws", "pages/laws_correct.html", content);
    }
    let mut reading = posted.read();
    if let Some(new) = read(&mut reading, &posted, &j, way, today)? {
        let text = new.text(today).map_err(ActionError::refused)?;
        match weigh(app, j.code, &text, desk.now).await? {
            Err(problems) => {
                for problem in &problems {
                    let sentence = format!("{}: {}.", problem.key, problem.says);
                    reading.wrong(way.field_of(problem), sentence);
                }
            }
            Ok(_) if posted.text("step") == "propose" => {
                let account = &by.0.account;
                match propose_correction(app, account, &new, today, desk.now).await {
                    Ok(id) => {
                        return Ok(Reply::to(format!("/laws/{}/corrections/{id}", j.code)).done(
                            "The correction is proposed. It holds once a second person approves it.",
                        ));
                    }
                    Err(ActionError::Refused(sentence)) => reading.wrong("reason", sentence),
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(weighed) => {
                let values = reading.again().get_attr("values").unwrap_or_default();
                return show_look(app, &desk, &by, &new, (weighed, values)).await;
            }
        }
    }
    let content = form(&j, way, rule, today, reading.again());
    desk.again("laws", "pages/laws_correct.html", content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_form_are_those_of_the_law_files() {
        assert_eq!(word::<Kind>("prompt"), Some(Kind::Prompt));
        assert_eq!(word::<Unit>("business"), Some(Unit::Business));
        assert_eq!(
            word::<Confidence>("two_sources"),
            Some(Confidence::TwoSources)
        );
        assert_eq!(word::<Unit>("fortnights"), None);
    }
}
