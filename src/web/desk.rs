//! The desk: everything that stands around a page's own content, and the replies that a handler gives.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use rocket::Request;
use rocket::http::{Cookie, Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::{Responder, Response};
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};

use super::form::{Holder, make_token};
use super::guard::{self, Member, Person};
use super::trouble::{
    WebError, cookie, database_is_away, log_fault, note_store_fault, respond_html,
};
use super::{FLASH_COOKIE, VISITOR_COOKIE};
use crate::actions::{ActionError, App};
use crate::clock::day_in;
use crate::store::campaigns;

#[derive(RustEmbed)]
#[folder = "templates/"]
#[include = "layout.html"]
#[include = "macros/*.html"]
#[include = "pages/*.html"]
#[include = "partials/*.html"]
struct Templates;

/// All page templates, parsed once. A template that does not parse stops the first start, and every test.
static PAGES: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment().expect("the embedded templates parse"));

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.add_filter("day", day_filter);
    for name in Templates::iter() {
        if let Some(file) = Templates::get(&name) {
            let source = String::from_utf8_lossy(&file.data).into_owned();
            env.add_template_owned(name.to_string(), source)?;
        }
    }
    Ok(env)
}

/// `2026-11-23` (or an instant in RFC 3339) as "Mon 23 Nov 2026".
fn day_filter(text: String) -> String {
    let day = text
        .get(..10)
        .and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
    day.map(long_day).unwrap_or(text)
}

/// "Mon 23 Nov 2026".
pub fn long_day(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// A word above the page, shown once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// `done`, `note` or `danger`.
    pub tone: String,
    pub text: String,
}

/// The frame around a page for whoever asks: who they are, where they are, their form token.
pub struct Desk {
    pub person: Option<Person>,
    pub member: Option<Member>,
    pub now: DateTime<Utc>,
    site_name: String,
    campaigns: Vec<(String, String)>,
    flash: Option<Flash>,
    token: String,
    today_count: usize,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Desk {
    type Error = ();

    async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
        let desk = Desk::of(req).await;
        if database_is_away(req) {
            return Outcome::Error((Status::ServiceUnavailable, ()));
        }
        Outcome::Success(desk)
    }
}

/// The random cookie of a visitor who has not signed in: ties the sign-in form to this browser.
async fn visitor_cookie(req: &Request<'_>, secure: bool) -> String {
    if let Some(cookie) = req.cookies().get(VISITOR_COOKIE) {
        return cookie.value().to_owned();
    }
    let fresh = req
        .local_cache(|| FreshVisitor(crate::actions::sign_in::fresh_token()))
        .0
        .clone();
    req.cookies()
        .add(cookie(VISITOR_COOKIE, fresh.clone(), secure));
    fresh
}

struct FreshVisitor(String);

impl Desk {
    /// Lays the desk for this request. Once the database is found to be away nothing more is asked of it.
    pub async fn of(req: &Request<'_>) -> Desk {
        let person = guard::visitor(req).await;
        let member = guard::member(req).await;
        let Some(app) = req.rocket().state::<App>() else {
            unreachable!("the rocket is built over an App");
        };
        let now = app.clock.now();
        if !database_is_away(req)
            && let Err(error) = app.follow_law_at_times(now).await
        {
            log_fault("looking for corrections of the law", &error);
        }
        let secure = app.config.site.url.starts_with("https://");
        let holder = match &person {
            Some(person) => Holder::Account(person.account.id),
            None => Holder::Visitor(visitor_cookie(req, secure).await),
        };
        let campaigns = match &person {
            Some(person) if !database_is_away(req) => {
                campaigns::list_for_member(app.store.read(), person.account.id)
                    .await
                    .unwrap_or_else(|error| {
                        note_store_fault(req, "listing campaigns for the frame", &error);
                        Vec::new()
                    })
            }
            _ => Vec::new(),
        };
        let flash = req.cookies().get(FLASH_COOKIE).and_then(|cookie| {
            let bytes = base64::Engine::decode(
                &base64::engine::general_purpose::URL_SAFE_NO_PAD,
                cookie.value(),
            )
            .ok()?;
            serde_json::from_slice::<Flash>(&bytes).ok()
        });
        if flash.is_some() {
            req.cookies().remove(Cookie::build(FLASH_COOKIE).path("/"));
        }
        let today_count = match &member {
            Some(member) if !database_is_away(req) => super::today_count(app, member, now).await,
            _ => 0,
        };
        Desk {
            token: make_token(&app.secret, &holder, now),
            site_name: app.config.site.name.clone(),
            campaigns: campaigns
                .into_iter()
                .map(|campaign| (campaign.slug, campaign.name))
                .collect(),
            person,
            member,
            now,
            flash,
            today_count,
        }
    }

    /// The campaign's time zone, or UTC outside a campaign.
    pub fn zone(&self) -> Tz {
        self.member
            .as_ref()
            .map(|member| member.campaign.time_zone)
            .unwrap_or(Tz::UTC)
    }

    /// Today in the campaign's time zone.
    pub fn today(&self) -> NaiveDate {
        day_in(self.zone(), self.now)
    }

    /// An instant as people of this campaign read it: "Mon 23 Nov 2026, 14:05".
    pub fn when(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone())
            .format("%a %-d %b %Y, %H:%M")
            .to_string()
    }

    /// A page of the site: `nav` is the place that is lit, `template` a name such as `pages/agencies.html`.
    pub fn page(&self, nav: &str, template: &str, content: Value) -> Answer {
        self.page_as(Status::Ok, nav, template, content)
    }

    /// A form shown again with its sentences (422).
    pub fn again(&self, nav: &str, template: &str, content: Value) -> Answer {
        self.page_as(Status::UnprocessableEntity, nav, template, content)
    }

    fn page_as(&self, status: Status, nav: &str, template: &str, content: Value) -> Answer {
        let html = self
            .render(nav, template, content)
            .map_err(|error| ActionError::fault("rendering a page", error))?;
        Ok(Reply::Html(status, html))
    }

    pub(super) fn render(
        &self,
        nav: &str,
        template: &str,
        content: Value,
    ) -> Result<String, minijinja::Error> {
        let person = self.person.as_ref().map(|person| {
            context! { name => person.account.name.clone(), is_admin => person.account.is_admin }
        });
        let campaign = self.member.as_ref().map(|member| {
            context! {
                slug => member.campaign.slug.clone(),
                name => member.campaign.name.clone(),
                role => member.scope.role.as_str(),
                role_plain => member.scope.role.plain(),
            }
        });
        let campaigns: Vec<Value> = self
            .campaigns
            .iter()
            .map(|(slug, name)| context! { slug => slug.clone(), name => name.clone() })
            .collect();
        let flash = self
            .flash
            .as_ref()
            .map(|flash| context! { tone => flash.tone.clone(), text => flash.text.clone() });
        let frame = context! {
            site => context! { name => self.site_name.clone() },
            person => person.unwrap_or(Value::from(())),
            campaign => campaign.unwrap_or(Value::from(())),
            campaigns => campaigns,
            nav => nav,
            today_count => self.today_count,
            flash => flash.unwrap_or(Value::from(())),
            token => self.token.clone(),
            today => long_day(self.today()),
        };
        PAGES
            .get_template(template)?
            .render(context! { ..content, ..frame })
    }
}

/// What a message's own layout may do: look as it was meant to, and nothing else.
const SANDBOX: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
                       base-uri 'none'; frame-ancestors 'self'; sandbox";

/// What a handler gives.
pub type Answer = Result<Reply, WebError>;

/// A page, a way on, or a file.
pub enum Reply {
    Html(Status, String),
    SeeOther {
        to: String,
        flash: Option<Flash>,
        cookies: Vec<Cookie<'static>>,
    },
    /// Bytes for reading or saving. `inline` only for pictures and text that we made ourselves.
    File {
        bytes: Vec<u8>,
        media_type: &'static str,
        name: Option<String>,
        inline: bool,
    },
    Text(Status, &'static str, String),
    /// Somebody else's HTML, for a frame of ours: no scripts, no forms, no links out, nothing loaded from anywhere.
    Sandboxed(String),
}

impl Reply {
    /// Sends the person on to `to`, a path of this site.
    pub fn to(to: impl Into<String>) -> Reply {
        Reply::SeeOther {
            to: to.into(),
            flash: None,
            cookies: Vec::new(),
        }
    }

    /// … with a word that something was done.
    pub fn done(self, text: impl Into<String>) -> Reply {
        self.flashed("done", text.into())
    }

    /// … with a word to know.
    pub fn note(self, text: impl Into<String>) -> Reply {
        self.flashed("note", text.into())
    }

    /// … with a word of warning.
    pub fn danger(self, text: impl Into<String>) -> Reply {
        self.flashed("danger", text.into())
    }

    fn flashed(self, tone: &str, text: String) -> Reply {
        match self {
            Reply::SeeOther { to, cookies, .. } => Reply::SeeOther {
                to,
                flash: Some(Flash {
                    tone: tone.to_owned(),
                    text,
                }),
                cookies,
            },
            other => other,
        }
    }

    /// … setting a cookie.
    pub fn with_cookie(self, cookie: Cookie<'static>) -> Reply {
        match self {
            Reply::SeeOther {
                to,
                flash,
                mut cookies,
            } => {
                cookies.push(cookie);
                Reply::SeeOther { to, flash, cookies }
            }
            other => other,
        }
    }
}

impl<'r> Responder<'r, 'static> for Reply {
    fn respond_to(self, req: &'r Request<'_>) -> rocket::response::Result<'static> {
        match self {
            Reply::Html(status, html) => respond_html(status, html),
            Reply::SeeOther { to, flash, cookies } => {
                let secure = req
                    .rocket()
                    .state::<App>()
                    .is_some_and(|app| app.config.site.url.starts_with("https://"));
                for cookie in cookies {
                    req.cookies().add(cookie);
                }
                if let Some(flash) = flash {
                    let json = serde_json::to_vec(&flash).unwrap_or_default();
                    let value = base64::Engine::encode(
                        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
                        json,
                    );
                    let mut note = cookie(FLASH_COOKIE, value, secure);
                    note.set_max_age(rocket::time::Duration::seconds(60));
                    req.cookies().add(note);
                }
                Response::build()
                    .status(Status::SeeOther)
                    .header(Header::new("Location", to))
                    .ok()
            }
            Reply::File {
                bytes,
                media_type,
                name,
                inline,
            } => {
                let way = if inline { "inline" } else { "attachment" };
                let disposition = match name {
                    Some(name) => format!("{way}; {}", file_name_parameter(&name)),
                    None => way.to_owned(),
                };
                Response::build()
                    .status(Status::Ok)
                    .header(Header::new("Content-Type", media_type))
                    .header(Header::new("Content-Disposition", disposition))
                    .header(Header::new(
                        "Content-Security-Policy",
                        "default-src 'none'; sandbox",
                    ))
                    .sized_body(bytes.len(), std::io::Cursor::new(bytes))
                    .ok()
            }
            Reply::Sandboxed(html) => Response::build()
                .status(Status::Ok)
                .header(Header::new("Content-Type", "text/html; charset=utf-8"))
                .header(Header::new("Content-Security-Policy", SANDBOX))
                .header(Header::new("X-DNS-Prefetch-Control", "off"))
                .sized_body(html.len(), std::io::Cursor::new(html))
                .ok(),
            Reply::Text(status, media_type, text) => Response::build()
                .status(status)
                .header(Header::new("Content-Type", media_type))
                .sized_body(text.len(), std::io::Cursor::new(text))
                .ok(),
        }
    }
}

/// A file's name for `Content-Disposition`: plain ASCII, and the true name beside it (RFC 6266).
fn file_name_parameter(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// When a token of a form would run out, for pages that say so.
pub fn forget_forms_after() -> Duration {
    Duration::days(30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_parses() {
        let env = environment().expect("templates parse");
        assert!(env.templates().count() > 3);
    }

    #[test]
    fn days_read_as_the_house_writes_them() {
        assert_eq!(day_filter("2026-11-23".to_owned()), "Mon 23 Nov 2026");
        assert_eq!(
            day_filter("2026-11-23T10:00:00Z".to_owned()),
            "Mon 23 Nov 2026"
        );
        assert_eq!(day_filter("none fixed".to_owned()), "none fixed");
    }

    #[test]
    fn a_file_name_cannot_break_its_header() {
        let parameter = file_name_parameter("ré\"po\r\nnse.pdf");
        assert!(!parameter.contains('\r') && !parameter.contains('\n'));
        assert_eq!(
            parameter,
            "filename=\"r__po__nse.pdf\"; filename*=UTF-8''r%C3%A9%22po%0D%0Anse.pdf"
        );
    }
}
