//! When a page cannot be given: what the person reads, and the one line in the log that explains it.

use std::sync::atomic::{AtomicBool, Ordering};

use rocket::http::{Cookie, Method, SameSite, Status};
use rocket::response::{Responder, Response};
use rocket::{Catcher, Request, Route, catcher};

use super::desk::{Desk, Reply};
use super::guard::visitor;
use crate::actions::ActionError;
use crate::store::StoreError;

/// What the error page says.
#[derive(Clone, Default)]
pub struct Trouble {
    pub title: Option<String>,
    pub words: Option<String>,
    pub number: Option<String>,
}

/// On this request the database could not be used: nothing more is asked of it, and the page says so.
#[derive(Default)]
struct Away(AtomicBool);

/// Logs that the database did not give what a page needs; [`database_is_away`] tells it from then on.
pub fn note_store_fault(req: &Request<'_>, what: &str, error: &StoreError) {
    log_fault(what, error);
    if error.is_away() {
        note_away(req);
    }
}

fn note_away(req: &Request<'_>) {
    req.local_cache(Away::default)
        .0
        .store(true, Ordering::Relaxed);
}

/// Whether this request has found the database away.
pub fn database_is_away(req: &Request<'_>) -> bool {
    req.local_cache(Away::default).0.load(Ordering::Relaxed)
}

/// The same form came a second time; where the first press led, if that is known.
#[derive(Clone, Default)]
pub struct PressedTwice(pub Option<String>);

impl Trouble {
    /// Notes what the error page of this request shall say. The first note counts.
    pub fn note(req: &Request<'_>, title: &str, words: &str) {
        req.local_cache(|| Trouble {
            title: Some(title.to_owned()),
            words: Some(words.to_owned()),
            number: None,
        });
    }

    /// Logs a fault and notes its number for the page.
    pub fn fault(req: &Request<'_>, what: &str, error: &dyn std::error::Error) {
        let number = log_fault(what, error);
        req.local_cache(|| Trouble {
            title: None,
            words: None,
            number: Some(number),
        });
    }
}

/// Logs a fault once, under a number that a person can quote. The line holds no form content.
pub fn log_fault(what: &str, error: &dyn std::error::Error) -> String {
    let number = uuid::Uuid::new_v4().simple().to_string()[..8].to_uppercase();
    let mut causes = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !causes.contains(&text) {
            causes.push_str(": ");
            causes.push_str(&text);
        }
        next = cause.source();
    }
    tracing::error!(fault = %number, what, error = %causes, "fault");
    number
}

/// What a handler may fail with.
#[derive(Debug)]
pub struct WebError(pub ActionError);

impl From<ActionError> for WebError {
    fn from(error: ActionError) -> Self {
        WebError(error)
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        WebError(error.into())
    }
}

impl<'r> Responder<'r, 'static> for WebError {
    fn respond_to(self, req: &'r Request<'_>) -> rocket::response::Result<'static> {
        match &self.0 {
            ActionError::Refused(words) => {
                Trouble::note(req, "That was not done", words);
                Err(Status::UnprocessableEntity)
            }
            ActionError::NotFound => Err(Status::NotFound),
            ActionError::Forbidden(words) => {
                Trouble::note(req, "Not for your role", words);
                Err(Status::Forbidden)
            }
            ActionError::Fault(fault) if fault.database_is_away() => {
                log_fault(fault.what, fault.source.as_ref());
                note_away(req);
                Err(Status::ServiceUnavailable)
            }
            ActionError::Fault(fault) => {
                Trouble::fault(req, fault.what, fault.source.as_ref());
                Err(Status::InternalServerError)
            }
        }
    }
}

/// The catcher of everything: an error page in the site's frame, or the way to the sign-in.
pub fn catchers() -> Vec<Catcher> {
    vec![Catcher::new(None, ErrorPage)]
}

#[derive(Clone)]
struct ErrorPage;

#[rocket::async_trait]
impl catcher::Handler for ErrorPage {
    async fn handle<'r>(&self, status: Status, req: &'r Request<'_>) -> catcher::Result<'r> {
        if status == Status::Unauthorized && req.method() != Method::Post {
            let next = req.uri().to_string();
            let query = if next == "/" {
                String::new()
            } else {
                format!("?next={}", encode(&next))
            };
            return redirect(req, &format!("/sign-in{query}"));
        }
        if status == Status::Conflict {
            let PressedTwice(led_to) = req.local_cache(PressedTwice::default);
            let reply = match led_to {
                Some(to) => Reply::to(to.clone())
                    .note("That form had arrived already: it was pressed twice and done once."),
                // Still being done, or the program was stopped in the middle of it.
                None => Reply::to(back(req)).note(
                    "That form had arrived already. Look whether it was done before you send it again from this page: it may have been cut off.",
                ),
            };
            return reply.respond_to(req);
        }
        let desk = Desk::of(req).await;
        let trouble = req.local_cache(Trouble::default).clone();
        let (title, words) = stock_words(status, visitor(req).await.is_some());
        let again = match req.method() {
            Method::Get => req.uri().to_string(),
            _ => back(req),
        };
        let go = match &desk.member {
            _ if status == Status::ServiceUnavailable => (again, "Try again"),
            Some(member) => (format!("/c/{}", member.campaign.slug), "Go to today's page"),
            None if desk.person.is_some() => ("/campaigns".to_owned(), "Go to your campaigns"),
            None => ("/".to_owned(), "Go to the first page"),
        };
        let context = minijinja::context! {
            title => trouble.title.as_deref().unwrap_or(title),
            words => trouble.words.as_deref().unwrap_or(words),
            number => trouble.number,
            go => minijinja::context! { href => go.0, word => go.1 },
        };
        let reply = match desk.render("", "pages/error.html", context) {
            Ok(html) => Reply::Html(status, html),
            Err(error) => {
                log_fault("rendering the error page", &error);
                Reply::Html(
                    status,
                    "Something went wrong on our side. Nothing was changed. Try again.".to_owned(),
                )
            }
        };
        reply.respond_to(req)
    }
}

fn redirect<'r>(req: &'r Request<'_>, to: &str) -> catcher::Result<'r> {
    Reply::to(to.to_owned()).respond_to(req)
}

/// The page that a form came from, if it is one of ours.
fn back(req: &Request<'_>) -> String {
    let referer = req.headers().get_one("Referer").unwrap_or_default();
    let path = referer
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
    path.filter(|path| path.starts_with('/') && !path.starts_with("//"))
        .unwrap_or_else(|| "/".to_owned())
}

/// Percent-encodes a value for a query string.
pub fn encode(text: &str) -> String {
    rocket::http::RawStr::new(text)
        .percent_encode()
        .to_string()
        .replace('&', "%26")
        .replace('+', "%2B")
}

fn stock_words(status: Status, signed_in: bool) -> (&'static str, &'static str) {
    match status.code {
        401 => (
            "Please sign in",
            "Your session has ended, or you are not signed in. Sign in, then open the page again.",
        ),
        403 => (
            "Not for your role",
            "You may not do this here. Ask a member whose role it is.",
        ),
        404 if signed_in => (
            "Nothing here",
            "There is nothing at this address, or it is not yours to see. Check the link, or start from today's page.",
        ),
        404 => (
            "Nothing here",
            "There is nothing at this address, or you must sign in to see it.",
        ),
        413 => (
            "That is too large",
            "What you sent is larger than this installation takes. Nothing was changed.",
        ),
        422 => (
            "That could not be read",
            "The form did not fit. Nothing was changed. Go back and check the fields.",
        ),
        503 => (
            "The database does not answer",
            "Sundial cannot reach its database just now. Nothing was changed, and what was kept before is safe. Wait a minute, then try again; if you sent a form, go back to it first: what you typed is usually still there. If it lasts longer, tell whoever runs this installation.",
        ),
        429 => (
            "Too many tries",
            "There were too many tries in a short time. Nothing is lost: wait a few minutes, then try again.",
        ),
        400..=499 => (
            "That could not be done",
            "The site could not understand this. Nothing was changed.",
        ),
        _ => (
            "Something went wrong on our side",
            "Nothing was changed. Try again; if it happens again, tell whoever runs this installation.",
        ),
    }
}

/// A cookie of ours: never readable by scripts, sent over TLS alone where the site has it.
pub fn cookie(name: &'static str, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .build()
}

/// Routes that only this module needs.
pub fn routes() -> Vec<Route> {
    Vec::new()
}

#[allow(clippy::result_large_err)]
pub(super) fn respond_html(status: Status, html: String) -> rocket::response::Result<'static> {
    Response::build()
        .status(status)
        .header(rocket::http::ContentType::HTML)
        .sized_body(html.len(), std::io::Cursor::new(html))
        .ok()
}
