//! A form that arrived when its session had run out is kept, and given back after the sign-in.
//!
//! The route here stands behind all others: it takes a form that no page took because nobody was signed in.

use minijinja::{Value, context};
use rocket::data::{Data, ToByteUnit};
use rocket::http::{ContentType, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, Route, State, get, post, routes};

use crate::actions::{ActionError, App};
use crate::store::accounts::Account;
use crate::store::{commit, forms};
use crate::web::desk::{Answer, Desk, Reply};
use crate::web::form::{Posted, came_from_us};
use crate::web::guard::{Person, lapsed};
use crate::web::trouble::WebError;

pub fn routes() -> Vec<Route> {
    routes![keep, show, discard]
}

/// What is known of a form that no page took.
struct Stray {
    owner: Option<Account>,
    path: String,
    from_us: bool,
    text: bool,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Stray {
    type Error = ();

    async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
        let Some(app) = req.rocket().state::<App>() else {
            return Outcome::Forward(Status::InternalServerError);
        };
        Outcome::Success(Stray {
            owner: lapsed(req).await,
            path: req.uri().to_string(),
            from_us: came_from_us(req, &app.config.site.url),
            text: req.content_type() == Some(&ContentType::Form),
        })
    }
}

#[post("/<_..>", data = "<data>", rank = 100)]
async fn keep(stray: Stray, desk: Desk, app: &State<App>, data: Data<'_>) -> Answer {
    if desk.person.is_some() {
        return Err(WebError(ActionError::NotFound));
    }
    let Some(owner) = stray.owner.filter(|_| stray.from_us) else {
        return Ok(Reply::to("/sign-in").note("Please sign in first."));
    };
    if !stray.text {
        return Ok(Reply::to("/sign-in").danger(
            "Your session had ended, so the file was not taken. Sign in, open the page again and choose the file once more.",
        ));
    }
    match data.open(2.mebibytes()).into_string().await {
        Ok(body) if body.is_complete() => {
            let tx = app.store.begin().await?;
            forms::park(&tx, owner.id, &stray.path, &body.into_inner(), desk.now).await?;
            commit(tx).await?;
            let kept = "Your session had ended. What you typed is kept: sign in, and you get it back.";
            Ok(Reply::to("/sign-in").note(kept))
        }
        _ => Ok(Reply::to("/sign-in").danger(
            "Your session had ended and the text was too long to keep. Go back in your browser: it is usually still there.",
        )),
    }
}

/// The fields of a kept form as they were typed, without the token, which is made anew.
fn decoded(body: &str) -> Vec<(String, String)> {
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .filter(|(name, _)| name != "token")
        .collect()
}

fn decode(text: &str) -> String {
    rocket::http::RawStr::new(&text.replace('+', " "))
        .percent_decode_lossy()
        .into_owned()
}

#[get("/parked")]
async fn show(by: Person, desk: Desk, app: &State<App>) -> Answer {
    let Some(parked) = forms::find_parked(app.store.read(), by.account.id).await? else {
        return Ok(Reply::to("/"));
    };
    let fields: Vec<Value> = decoded(&parked.body)
        .into_iter()
        .map(|(name, value)| {
            let secret = name.contains("password");
            context! { name => name, value => value, secret => secret }
        })
        .collect();
    let content = context! {
        path => parked.path,
        fields => fields,
        id => parked.id.simple().to_string(),
        kept => desk.when(parked.parked_at),
    };
    desk.page("", "pages/parked.html", content)
}

#[post("/parked/discard", data = "<posted>")]
async fn discard(by: Person, posted: Posted, app: &State<App>) -> Answer {
    if let Ok(id) = posted.text("id").parse() {
        let tx = app.store.begin().await?;
        forms::unpark(&tx, by.account.id, id).await?;
        commit(tx).await?;
    }
    Ok(Reply::to("/").done("The kept form is thrown away."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_form_reads_back_as_typed() {
        let body = "token=abc&subject=Detainers+%26+costs&body=one%0D%0Atwo%C3%B1";
        assert_eq!(
            decoded(body),
            [
                ("subject".to_owned(), "Detainers & costs".to_owned()),
                ("body".to_owned(), "one\r\ntwoñ".to_owned())
            ]
        );
    }
}
