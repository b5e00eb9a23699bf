//! Signing in and out, limited by account and by address.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use minijinja::{Value, context};
use rocket::{Route, State, get, post, routes};

use crate::actions::{ActionError, App, sign_in};
use crate::store::accounts::folded;
use crate::store::forms;
use crate::web::SESSION_COOKIE;
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::Posted;
use crate::web::guard::Person;
use crate::web::trouble::cookie;

pub fn routes() -> Vec<Route> {
    routes![page, enter, leave]
}

/// Slows down whoever tries many passwords: per account, and per address they come from.
pub struct Doorkeeper {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
}

impl Doorkeeper {
    /// Ten tries at once per account, then one every thirty seconds; thrice that per address.
    pub fn new() -> Doorkeeper {
        const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
        const THIRTY: NonZeroU32 = NonZeroU32::new(30).unwrap();
        let accounts = Quota::per_minute(const { NonZeroU32::new(2).unwrap() }).allow_burst(TEN);
        let addresses =
            Quota::per_minute(const { NonZeroU32::new(6).unwrap() }).allow_burst(THIRTY);
        Doorkeeper {
            accounts: RateLimiter::keyed(accounts),
            addresses: RateLimiter::keyed(addresses),
        }
    }

    /// Whether one more try is let through.
    pub fn lets(&self, email: &str, from: Option<IpAddr>) -> bool {
        let by_account = self.accounts.check_key(&folded(email)).is_ok();
        let by_address = from.is_none_or(|from| self.addresses.check_key(&from).is_ok());
        // Names that nobody tries any more are forgotten, so that the table stays small.
        if self.accounts.len() > 10_000 {
            self.accounts.retain_recent();
        }
        if self.addresses.len() > 10_000 {
            self.addresses.retain_recent();
        }
        by_account && by_address
    }
}

impl Default for Doorkeeper {
    fn default() -> Self {
        Doorkeeper::new()
    }
}

/// A path of this site to go on to; anything else is dropped.
fn onward(next: &str) -> String {
    let ours =
        next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if ours {
        next.to_owned()
    } else {
        "/".to_owned()
    }
}

#[get("/sign-in?<next>")]
async fn page(next: Option<&str>, desk: Desk) -> Answer {
    if desk.person.is_some() {
        return Ok(Reply::to(onward(next.unwrap_or("/"))));
    }
    desk.page(
        "",
        "pages/sign_in.html",
        context! { f => Value::from(()), next => next.unwrap_or("") },
    )
}

#[post("/sign-in", data = "<posted>")]
async fn enter(
    posted: Posted,
    desk: Desk,
    app: &State<App>,
    door: &State<Doorkeeper>,
    from: Option<IpAddr>,
) -> Answer {
    let mut reading = posted.read();
    let email = reading.required("email", 254, "Write the e-mail address of your account.");
    let password = posted.exact("password");
    if password.is_empty() {
        reading.wrong("password", "Write your password.");
    }
    if reading.is_right() && !door.lets(&email, from) {
        reading.wrong(
            "email",
            "There were too many tries. Nothing is lost: wait a few minutes, then try again.",
        );
    }
    if reading.is_right() {
        match sign_in::sign_in(app, &email, password, desk.now).await {
            Ok(opened) => {
                let parked = forms::find_parked(app.store.read(), opened.account).await?;
                let to = if parked.is_some() {
                    "/parked".to_owned()
                } else {
                    onward(posted.text("next"))
                };
                return Ok(Reply::to(to).with_cookie(session_cookie(app, opened.token)));
            }
            Err(ActionError::Refused(sentence)) => reading.wrong("password", sentence),
            Err(error) => return Err(error.into()),
        }
    }
    desk.again(
        "",
        "pages/sign_in.html",
        context! { f => reading.again(), next => posted.text("next") },
    )
}

/// The cookie of a session just opened.
pub fn session_cookie(app: &App, token: String) -> rocket::http::Cookie<'static> {
    let mut session = cookie(
        SESSION_COOKIE,
        token,
        app.config.site.url.starts_with("https://"),
    );
    session.set_max_age(rocket::time::Duration::days(
        app.config.sessions.absolute_days,
    ));
    session
}

#[post("/sign-out", data = "<_posted>")]
async fn leave(by: Person, _posted: Posted, desk: Desk, app: &State<App>) -> Answer {
    sign_in::sign_out(app, by.session, desk.now).await?;
    let mut gone = cookie(SESSION_COOKIE, String::new(), false);
    gone.set_max_age(rocket::time::Duration::ZERO);
    Ok(Reply::to("/sign-in")
        .with_cookie(gone)
        .note("You are signed out."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn onward_never_leaves_the_site() {
        for (next, to) in [
            ("/c/x/requests?state=due", "/c/x/requests?state=due"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(onward(next), to);
        }
    }

    #[test]
    fn the_door_closes_after_ten_tries_on_one_account_alone() {
        let door = Doorkeeper::new();
        let let_in = (0..12).filter(|_| door.lets("A@example.org", None)).count();
        assert_eq!(let_in, 10);
        assert!(door.lets("b@example.org", None));
        assert!(
            !door.lets("a@example.org", None),
            "capitals make no new account"
        );
    }
}
