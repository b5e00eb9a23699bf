//! Forms as they arrive: bounded, tied to a page of ours by a token, taken once, and never losing what was typed.
//!
//! A handler takes [`Posted`], reads fields through a [`Reading`] that collects one sentence per wrong field, and shows
//! the form again with [`Reading::again`]. `arrival` takes the bytes in, `token` makes and checks the hidden token.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::Value;
use rocket::data::{Data, FromData, Outcome};
use rocket::form::Form;
use rocket::http::Status;
use rocket::{Request, State};

mod arrival;
mod token;

pub use self::arrival::Upload;
pub use self::token::{Holder, check_token, make_token};

use self::arrival::{Fields, OUR_DISK};
use super::guard::visitor;
use super::trouble::{Trouble, database_is_away, note_store_fault};
use crate::actions::App;
use crate::domain::ids::UserId;
use crate::store::{self, forms};

/// A form that came from a page of ours, for the first time.
pub struct Posted {
    fields: Fields,
}

/// The one-time mark of the form in hand: the response fairing frees it again where nothing was done.
#[derive(Clone, Default)]
pub struct FormMark(pub Option<String>);

#[rocket::async_trait]
impl<'r> FromData<'r> for Posted {
    type Error = ();

    async fn from_data(req: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self, ()> {
        let fail = |status: Status, title: &str, words: &str| {
            Trouble::note(req, title, words);
            Outcome::Error((status, ()))
        };
        let fields = match Form::<Fields>::from_data(req, data).await {
            Outcome::Success(form) => form.into_inner(),
            Outcome::Error((status, errors)) => {
                let broken = errors
                    .iter()
                    .any(|error| error.to_string().contains(OUR_DISK));
                return match status {
                    _ if broken => fail(
                        Status::InsufficientStorage,
                        "The file could not be kept",
                        "This installation could not write the file to its disk. Nothing was changed. Tell whoever runs it, then send the form again.",
                    ),
                    Status::PayloadTooLarge => fail(
                        status,
                        "That is too large",
                        "The form or its files are larger than this installation takes. Nothing was changed. Go back, send fewer or smaller files, or ask whoever runs the installation to raise `upload_limit_mb`.",
                    ),
                    _ => fail(
                        Status::BadRequest,
                        "The form could not be read",
                        "The form arrived damaged or cut off. Nothing was changed. Go back: what you typed is usually still there. Then send it again.",
                    ),
                };
            }
            Outcome::Forward(_) => {
                return fail(
                    Status::UnsupportedMediaType,
                    "This is not a form",
                    "Sundial takes forms here. Open the page and use the form on it.",
                );
            }
        };
        let Some(app) = req.guard::<&State<App>>().await.succeeded() else {
            return fail(
                Status::InternalServerError,
                "Something went wrong",
                "Try again.",
            );
        };
        if !came_from_us(req, &app.config.site.url) {
            return forged(req);
        }
        let person = visitor(req).await;
        // Whose form it is cannot be told then; it is sent again later.
        if database_is_away(req) {
            return Outcome::Error((Status::ServiceUnavailable, ()));
        }
        let holder = match &person {
            Some(person) => Holder::Account(person.account.id),
            None => match req.cookies().get(super::VISITOR_COOKIE) {
                Some(cookie) => Holder::Visitor(cookie.value().to_owned()),
                None => return forged(req),
            },
        };
        let now = app.clock.now();
        let token = fields
            .values
            .get("token")
            .and_then(|all| all.first())
            .cloned()
            .unwrap_or_default();
        let Some(mark) = check_token(&app.secret, &holder, &token, now) else {
            return forged(req);
        };
        let by = person.map(|person| person.account.id);
        let unpark = by.zip(
            fields
                .values
                .get("unpark")
                .and_then(|all| all.first())
                .and_then(|id| id.parse().ok()),
        );
        match take(app, &mark, by, unpark, now).await {
            Ok(true) => {
                req.local_cache(|| FormMark(Some(mark)));
                Outcome::Success(Posted { fields })
            }
            Ok(false) => {
                let led_to = forms::find_location(app.store.read(), &mark)
                    .await
                    .unwrap_or_default();
                req.local_cache(|| super::trouble::PressedTwice(led_to));
                Outcome::Error((Status::Conflict, ()))
            }
            Err(error) if error.is_away() => {
                note_store_fault(req, "taking a form", &error);
                Outcome::Error((Status::ServiceUnavailable, ()))
            }
            Err(error) => {
                Trouble::fault(req, "taking a form", &error);
                Outcome::Error((Status::InternalServerError, ()))
            }
        }
    }
}

/// Takes the form, and throws away its kept copy where it was one that had been kept over a lost session.
async fn take(
    app: &App,
    mark: &str,
    by: Option<UserId>,
    unpark: Option<(UserId, uuid::Uuid)>,
    now: DateTime<Utc>,
) -> store::Stored<bool> {
    let tx = app.store.begin().await?;
    if let Some((owner, id)) = unpark {
        forms::unpark(&tx, owner, id).await?;
    }
    let taken = forms::take(&tx, mark, by, now).await?;
    store::commit(tx).await?;
    Ok(taken)
}

fn forged<'r>(req: &'r Request<'_>) -> Outcome<'r, Posted, ()> {
    Trouble::note(
        req,
        "This form could not be checked",
        "The form did not come from a page of this site that was open for you, or it was open for more than two weeks. \
         Nothing was changed. Go back, copy what you typed, open the page again and send it from there.",
    );
    Outcome::Error((Status::Forbidden, ()))
}

/// Whether the browser says that the form was sent from this site.
pub fn came_from_us(req: &Request<'_>, site_url: &str) -> bool {
    let headers = req.headers();
    if let Some(site) = headers.get_one("Sec-Fetch-Site") {
        return matches!(site, "same-origin" | "none");
    }
    match headers.get_one("Origin") {
        None => true,
        Some(origin) => {
            let host = headers.get_one("Host").unwrap_or_default();
            origin == site_url
                || origin
                    .split_once("://")
                    .is_some_and(|(_, from)| !host.is_empty() && from == host)
        }
    }
}

impl Posted {
    /// The text of a field, trimmed; empty where it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.fields
            .values
            .get(name)
            .and_then(|all| all.first())
            .map(|text| text.trim())
            .unwrap_or_default()
    }

    /// The text of a field exactly as typed (line ends as `\n`).
    pub fn exact(&self, name: &str) -> &str {
        self.fields
            .values
            .get(name)
            .and_then(|all| all.first())
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// Every value of a field that may stand several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.fields
            .values
            .get(name)
            .map(|all| all.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// Whether a box was ticked or a button pressed.
    pub fn has(&self, name: &str) -> bool {
        self.fields.values.contains_key(name)
    }

    /// The files of a field.
    pub fn files(&self, name: &str) -> Vec<&Upload> {
        self.fields
            .files
            .iter()
            .filter(|upload| upload.field == name)
            .collect()
    }

    /// Begins to read the fields.
    pub fn read(&self) -> Reading<'_> {
        Reading {
            posted: self,
            errors: BTreeMap::new(),
        }
    }

    fn values(&self) -> Value {
        Value::from_pairs(
            self.fields
                .values
                .iter()
                .filter(|(name, _)| *name != "token")
                .map(|(name, all)| {
                    let value = match all.as_slice() {
                        [one] => Value::from(one.clone()),
                        many => Value::from(many.to_vec()),
                    };
                    (name.clone(), value)
                }),
        )
    }
}

/// Reading a form field by field, with one sentence for each that does not fit.
pub struct Reading<'p> {
    posted: &'p Posted,
    errors: BTreeMap<String, String>,
}

impl Reading<'_> {
    /// Notes that a field does not fit: a sentence that says what would.
    pub fn wrong(&mut self, name: &str, sentence: impl Into<String>) {
        self.errors
            .entry(name.to_owned())
            .or_insert_with(|| sentence.into());
    }

    /// A text that must be there, of at most `most` characters.
    pub fn required(&mut self, name: &str, most: usize, sentence: &str) -> String {
        let text = self.optional(name, most);
        if text.is_empty() {
            self.wrong(name, sentence);
        }
        text
    }

    /// A text that may be empty, of at most `most` characters.
    pub fn optional(&mut self, name: &str, most: usize) -> String {
        let text = self.posted.text(name).to_owned();
        let length = text.chars().count();
        if length > most {
            self.wrong(
                name,
                format!("This has {length} characters; at most {most} fit. Shorten it."),
            );
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
        {
            self.wrong(name, "There are invisible control characters in this text. Type it anew instead of pasting it.");
        }
        text
    }

    /// A calendar day.
    pub fn date(&mut self, name: &str, sentence: &str) -> Option<NaiveDate> {
        let text = self.posted.text(name);
        let day = parse_day(text);
        if day.is_none() {
            self.wrong(
                name,
                if text.is_empty() {
                    sentence
                } else {
                    "This is not a day. Write it as 2026-11-23."
                },
            );
        }
        day
    }

    /// A calendar day that may be left out.
    pub fn optional_date(&mut self, name: &str) -> Option<NaiveDate> {
        if self.posted.text(name).is_empty() {
            None
        } else {
            self.date(name, "")
        }
    }

    /// One of several words.
    pub fn choice<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        sentence: &str,
    ) -> Option<T> {
        let chosen = parse(self.posted.text(name));
        if chosen.is_none() {
            self.wrong(name, sentence);
        }
        chosen
    }

    pub fn is_right(&self) -> bool {
        self.errors.is_empty()
    }

    /// The form to show again: what was typed and the sentences, as the template's `f`.
    pub fn again(&self) -> Value {
        Value::from_pairs([
            ("values", self.posted.values()),
            (
                "errors",
                Value::from_pairs(
                    self.errors
                        .iter()
                        .map(|(name, text)| (name.clone(), text.clone())),
                ),
            ),
        ])
    }
}

/// Reads a day typed by a person: `2026-11-23` (what date fields send) or `11/23/2026`.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(text, "%m/%d/%Y"))
        .ok()?;
    // A year typed as "0026" or "20266" is a slip.
    (1900..=2200)
        .contains(&chrono::Datelike::year(&day))
        .then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_people_type_them() {
        assert_eq!(
            parse_day("2026-11-23"),
            NaiveDate::from_ymd_opt(2026, 11, 23)
        );
        assert_eq!(
            parse_day("11/23/2026"),
            NaiveDate::from_ymd_opt(2026, 11, 23)
        );
        for wrong in ["", "2026-02-30", "0026-11-23", "soon", "23/11/2026"] {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
    }
}
