//! A calendar of limits by secret link. Public: the link itself is the permission, as for an invitation.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use rocket::http::Status;
use rocket::{Route, State, get, routes};

use crate::actions::share_calendar::read_calendar;
use crate::actions::{ActionError, App};
use crate::web::desk::{Answer, Reply};

pub fn routes() -> Vec<Route> {
    routes![calendar]
}

/// Slows down whoever asks often: a calendar asks once an hour, somebody who guesses asks without end.
pub struct CalendarDoor(DefaultKeyedRateLimiter<IpAddr>);

impl CalendarDoor {
    /// Sixty at once from one address, for an office with many calendars behind it; then ten a minute.
    pub fn new() -> CalendarDoor {
        const SIXTY: NonZeroU32 = NonZeroU32::new(60).unwrap();
        let quota = Quota::per_minute(const { NonZeroU32::new(10).unwrap() }).allow_burst(SIXTY);
        CalendarDoor(RateLimiter::keyed(quota))
    }

    fn lets(&self, from: Option<IpAddr>) -> bool {
        let lets = from.is_none_or(|from| self.0.check_key(&from).is_ok());
        if self.0.len() > 10_000 {
            self.0.retain_recent();
        }
        lets
    }
}

impl Default for CalendarDoor {
    fn default() -> Self {
        CalendarDoor::new()
    }
}

#[get("/calendar/<file>")]
async fn calendar(
    file: &str,
    from: Option<IpAddr>,
    door: &State<CalendarDoor>,
    app: &State<App>,
) -> Answer {
    if !door.lets(from) {
        return Ok(Reply::Text(
            Status::TooManyRequests,
            "text/plain; charset=utf-8",
            "Too many requests from this address. Ask again in a few minutes.\n".to_owned(),
        ));
    }
    let token = file
        .strip_suffix(".ics")
        .filter(|token| token.len() == 43)
        .ok_or(ActionError::NotFound)?;
    let text = read_calendar(app, token, app.clock.now()).await?;
    Ok(Reply::Text(
        Status::Ok,
        "text/calendar; charset=utf-8",
        text,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_without_end_is_slowed_down() {
        let door = CalendarDoor::new();
        let from: Option<IpAddr> = "192.0.2.7".parse().ok();
        assert_eq!((0..100).filter(|_| door.lets(from)).count(), 60);
        assert!(door.lets("192.0.2.8".parse().ok()));
    }
}
