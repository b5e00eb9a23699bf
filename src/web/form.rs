//! Forms as they arrive: bounded, tied to a page of ours by a token, taken once, and never losing what was typed.
//!
//! A handler takes [`Posted`], reads fields through a [`Reading`] that collects one sentence per wrong field, and shows
//! the form again with [`Reading::again`]. Files are streamed to disk while they arrive.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use hmac::{Hmac, KeyInit, Mac};
use minijinja::Value;
use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::form::{self, DataField, Form, FromForm, Options, ValueField};
use rocket::http::Status;
use rocket::tokio::io::AsyncWriteExt;
use rocket::{Request, State};
use sha2::Sha256;
use tempfile::NamedTempFile;

use super::guard::visitor;
use super::trouble::Trouble;
use crate::actions::App;
use crate::actions::sign_in::fresh_token;
use crate::domain::ids::UserId;
use crate::store::{self, forms};

/// How long a page may stay open before its form must be fetched anew.
const TOKEN_DAYS: i64 = 14;
/// Fields of text in one form, all together.
const TEXT_LIMIT: usize = 2 * 1024 * 1024;
/// Fields in one form.
const FIELD_LIMIT: usize = 20_000;

/// Who a form's token is made for: an account, or a visitor's own random cookie before signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    Account(UserId),
    Visitor(String),
}

impl Holder {
    fn text(&self) -> String {
        match self {
            Holder::Account(id) => format!("account:{id}"),
            Holder::Visitor(cookie) => format!("visitor:{cookie}"),
        }
    }
}

/// Makes the hidden token of a form: a one-time mark, its time, and a signature over both and the holder.
pub fn make_token(secret: &[u8; 32], holder: &Holder, now: DateTime<Utc>) -> String {
    let nonce = fresh_token();
    let at = now.timestamp();
    let signed = signature(secret, &nonce, at, holder);
    format!("{nonce}.{at}.{signed}")
}

fn signature(secret: &[u8; 32], nonce: &str, at: i64, holder: &Holder) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(format!("form\n{nonce}\n{at}\n{}", holder.text()).as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Checks a token and gives its one-time mark.
pub fn check_token(
    secret: &[u8; 32],
    holder: &Holder,
    token: &str,
    now: DateTime<Utc>,
) -> Option<String> {
    use subtle::ConstantTimeEq;
    let mut parts = token.split('.');
    let (nonce, at, signed) = (parts.next()?, parts.next()?, parts.next()?);
    let at: i64 = at.parse().ok()?;
    let expected = signature(secret, nonce, at, holder);
    let same: bool = expected.as_bytes().ct_eq(signed.as_bytes()).into();
    let age = now.timestamp() - at;
    let fresh = (-300..Duration::days(TOKEN_DAYS).num_seconds()).contains(&age);
    (same && fresh && parts.next().is_none()).then(|| nonce.to_owned())
}

/// A file of a form, already on disk.
pub struct Upload {
    pub field: String,
    /// As the browser named it: never used as a path.
    pub name: String,
    pub bytes: u64,
    pub file: NamedTempFile,
    /// False where the file was larger than this installation takes: the rest was not read.
    pub complete: bool,
}

/// The fields of a form, as they came.
#[derive(Default)]
pub struct Fields {
    values: BTreeMap<String, Vec<String>>,
    files: Vec<Upload>,
}

/// What is gathered while a form is read.
pub struct Gathering {
    fields: Fields,
    text_bytes: usize,
    count: usize,
    too_much: bool,
    broken: bool,
}

#[rocket::async_trait]
impl<'r> FromForm<'r> for Fields {
    type Context = Gathering;

    fn init(_: Options) -> Gathering {
        Gathering {
            fields: Fields {
                values: BTreeMap::new(),
                files: Vec::new(),
            },
            text_bytes: 0,
            count: 0,
            too_much: false,
            broken: false,
        }
    }

    fn push_value(gathering: &mut Gathering, field: ValueField<'r>) {
        gathering.count += 1;
        gathering.text_bytes += field.value.len();
        if gathering.count > FIELD_LIMIT || gathering.text_bytes > TEXT_LIMIT {
            gathering.too_much = true;
            return;
        }
        let name = field.name.source().as_str().to_owned();
        gathering
            .fields
            .values
            .entry(name)
            .or_default()
            .push(field.value.replace("\r\n", "\n"));
    }

    async fn push_data(gathering: &mut Gathering, field: DataField<'r, '_>) {
        gathering.count += 1;
        if gathering.count > FIELD_LIMIT {
            gathering.too_much = true;
            return;
        }
        let name = field.name.source().as_str().to_owned();
        let file_name = field
            .file_name
            .map(|name| name.dangerous_unsafe_unsanitized_raw().as_str().to_owned());
        let Some(app) = field.request.rocket().state::<App>() else {
            gathering.broken = true;
            return;
        };
        match stream_to_disk(app, field.data).await {
            Ok((file, bytes, complete)) => {
                // A file field left empty arrives as a nameless file of no bytes.
                if bytes > 0 || file_name.as_deref().is_some_and(|name| !name.is_empty()) {
                    gathering.fields.files.push(Upload {
                        field: name,
                        name: file_name.unwrap_or_default(),
                        bytes,
                        file,
                        complete,
                    });
                }
            }
            Err(error) => {
                tracing::error!(%error, "an upload could not be written to disk");
                gathering.broken = true;
            }
        }
    }

    fn finalize(gathering: Gathering) -> form::Result<'r, Self> {
        if gathering.too_much {
            return Err(form::Error::validation("too_much").into());
        }
        if gathering.broken {
            return Err(form::Error::validation("broken").into());
        }
        Ok(gathering.fields)
    }
}

async fn stream_to_disk(app: &App, data: Data<'_>) -> std::io::Result<(NamedTempFile, u64, bool)> {
    let folder = app.config.data_dir.join("incoming");
    rocket::tokio::fs::create_dir_all(&folder).await?;
    let file = NamedTempFile::new_in(&folder)?;
    let mut out = rocket::tokio::fs::File::from_std(file.reopen()?);
    let limit = app.config.limits.upload_bytes;
    let mut stream = data.open(limit.bytes());
    let bytes = rocket::tokio::io::copy(&mut stream, &mut out).await?;
    out.flush().await?;
    let complete = stream.hint() == 0 && bytes < limit || bytes < limit;
    Ok((file, bytes, complete))
}

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
                    .any(|error| error.to_string().contains("broken"));
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
    fn a_token_serves_its_holder_for_its_time() {
        let (secret, other) = ([7u8; 32], [8u8; 32]);
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let mine = Holder::Account(UserId::new());
        let token = make_token(&secret, &mine, now);
        assert!(check_token(&secret, &mine, &token, now + Duration::hours(30)).is_some());
        assert!(check_token(&secret, &mine, &token, now + Duration::days(15)).is_none());
        assert!(check_token(&secret, &Holder::Account(UserId::new()), &token, now).is_none());
        assert!(check_token(&secret, &Holder::Visitor("x".to_owned()), &token, now).is_none());
        assert!(check_token(&other, &mine, &token, now).is_none());
        assert!(check_token(&secret, &mine, &format!("{token}x"), now).is_none());
        assert!(check_token(&secret, &mine, "", now).is_none());
    }

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
