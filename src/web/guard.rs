//! Guards: a handler's arguments say who may enter. No guard, no entry, except on the list of public routes.

use chrono::Duration;
use rocket::Request;
use rocket::http::{Method, Status};
use rocket::request::{FromRequest, Outcome};
use uuid::Uuid;

use super::trouble::Trouble;
use super::{SESSION_COOKIE, trouble};
use crate::actions::law_rights::may_correct;
use crate::actions::sign_in::token_hash;
use crate::actions::{ActionError, App};
use crate::domain::person::Scope;
use crate::store::accounts::Account;
use crate::store::campaigns::{self, Campaign};
use crate::store::{commit, sessions};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    pub account: Account,
    pub session: Uuid,
}

/// What a cookie stands for.
#[derive(Clone, Debug, Default)]
struct Known {
    person: Option<Person>,
    /// Whose session it was, where it has run out.
    lapsed: Option<Account>,
}

async fn known<'r>(req: &'r Request<'_>) -> &'r Known {
    req.local_cache_async(async {
        let Some(app) = req.rocket().state::<App>() else {
            return Known::default();
        };
        let Some(cookie) = req.cookies().get(SESSION_COOKIE) else {
            return Known::default();
        };
        let now = app.clock.now();
        let idle = Duration::hours(app.config.sessions.idle_hours);
        match sessions::find(app.store.read(), &token_hash(cookie.value()), now, idle).await {
            Ok(Some(session)) if session.live => {
                if now - session.seen_at > Duration::minutes(1) {
                    touch(app, session.id).await;
                }
                Known {
                    person: Some(Person {
                        account: session.account,
                        session: session.id,
                    }),
                    lapsed: None,
                }
            }
            Ok(Some(session)) => Known {
                person: None,
                lapsed: Some(session.account),
            },
            Ok(None) => Known::default(),
            Err(error) => {
                trouble::note_store_fault(req, "reading a session", &error);
                Known::default()
            }
        }
    })
    .await
}

async fn touch(app: &App, session: Uuid) {
    let touched = async {
        let tx = app.store.begin().await?;
        sessions::touch(&tx, session, app.clock.now()).await?;
        commit(tx).await
    };
    if let Err(error) = touched.await {
        trouble::log_fault("noting that a session is in use", &error);
    }
}

/// Who is signed in on this request, if anybody.
pub async fn visitor(req: &Request<'_>) -> Option<Person> {
    known(req).await.person.clone()
}

/// Whose session has run out on this request.
pub async fn lapsed(req: &Request<'_>) -> Option<Account> {
    known(req).await.lapsed.clone()
}

/// A form is handed on to the route that keeps it safe; a page leads to the sign-in. Where only the database is away,
/// nobody is told to sign in.
fn nobody<T>(req: &Request<'_>) -> Outcome<T, ()> {
    if trouble::database_is_away(req) {
        Outcome::Error((Status::ServiceUnavailable, ()))
    } else if req.method() == Method::Post {
        Outcome::Forward(Status::Unauthorized)
    } else {
        Outcome::Error((Status::Unauthorized, ()))
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Person {
    type Error = ();

    async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
        match visitor(req).await {
            Some(person) => Outcome::Success(person),
            None => nobody(req),
        }
    }
}

/// Whoever runs the installation.
#[derive(Clone, Debug)]
pub struct Admin(pub Person);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Admin {
    type Error = ();

    async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
        match visitor(req).await {
            Some(person) if person.account.is_admin => Outcome::Success(Admin(person)),
            Some(_) => Outcome::Error((Status::NotFound, ())),
            None => nobody(req),
        }
    }
}

/// Whoever may correct the law: an administrator, or counsel of any campaign.
#[derive(Clone, Debug)]
pub struct Corrector(pub Person);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Corrector {
    type Error = ();

    async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
        let (Some(person), Some(app)) = (visitor(req).await, req.rocket().state::<App>()) else {
            return nobody(req);
        };
        match may_correct(app, &person.account).await {
            Ok(true) => Outcome::Success(Corrector(person)),
            Ok(false) => {
                Trouble::note(
                    req,
                    "Not for your role",
                    "Administrators and counsel correct the law. Ask your legal partner.",
                );
                Outcome::Error((Status::Forbidden, ()))
            }
            Err(ActionError::Fault(fault)) if fault.database_is_away() => {
                trouble::log_fault("finding out who may correct the law", &fault);
                Outcome::Error((Status::ServiceUnavailable, ()))
            }
            Err(error) => {
                Trouble::fault(req, "finding out who may correct the law", &error);
                Outcome::Error((Status::InternalServerError, ()))
            }
        }
    }
}

/// A member of the campaign that the address names (`/c/<slug>/…`). For anybody else there is no such page.
#[derive(Clone, Debug)]
pub struct Member {
    pub person: Person,
    pub campaign: Campaign,
    pub scope: Scope,
}

async fn membership<'r>(req: &'r Request<'_>) -> &'r Option<Member> {
    req.local_cache_async(async {
        let person = visitor(req).await?;
        let app = req.rocket().state::<App>()?;
        let mut segments = req.uri().path().segments();
        let slug = (segments.next() == Some("c"))
            .then(|| segments.next())
            .flatten()?;
        match campaigns::find_for_member(app.store.read(), slug, person.account.id).await {
            Ok(found) => found.map(|(campaign, scope)| Member {
                person,
                campaign,
                scope,
            }),
            Err(error) => {
                trouble::note_store_fault(req, "finding a campaign", &error);
                None
            }
        }
    })
    .await
}

/// The campaign of this address as the signed-in person belongs to it, if they do.
pub async fn member(req: &Request<'_>) -> Option<Member> {
    membership(req).await.clone()
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Member {
    type Error = ();

    async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
        if visitor(req).await.is_none() {
            return nobody(req);
        }
        match member(req).await {
            Some(member) => Outcome::Success(member),
            None if trouble::database_is_away(req) => {
                Outcome::Error((Status::ServiceUnavailable, ()))
            }
            None => Outcome::Error((Status::NotFound, ())),
        }
    }
}

macro_rules! role_guard {
    ($(#[$doc:meta])* $name:ident, $may:expr, $words:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub Member);

        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $name {
            type Error = ();

            async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
                match Member::from_request(req).await {
                    Outcome::Success(member) => {
                        let may: fn(Scope) -> bool = $may;
                        if may(member.scope) {
                            Outcome::Success($name(member))
                        } else {
                            Trouble::note(req, "Not for your role", $words);
                            Outcome::Error((Status::Forbidden, ()))
                        }
                    }
                    Outcome::Error(error) => Outcome::Error(error),
                    Outcome::Forward(status) => Outcome::Forward(status),
                }
            }
        }
    };
}

role_guard!(
    /// The legal partner of the campaign.
    Counsel,
    Scope::may_approve,
    "Only counsel of this campaign does this. Ask your legal partner."
);

role_guard!(
    /// A researcher or counsel: those who draft, send and sort.
    Worker,
    Scope::may_draft,
    "Researchers and counsel of this campaign do this. Your role sees what was cleared and the dossiers."
);
