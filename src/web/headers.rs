//! One fairing for every response: strict headers, and forms that were not carried out are freed again.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Header, Status};
use rocket::{Request, Response};

use super::form::FormMark;
use super::trouble::{database_is_away, log_fault};
use crate::actions::App;
use crate::actions::patience::patiently;
use crate::store::{self, forms};

/// No script at all, nothing from anywhere else, forms only to us, and no frame but our own of a message's layout.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
                                           form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";

pub struct Headers;

#[rocket::async_trait]
impl Fairing for Headers {
    fn info(&self) -> Info {
        Info {
            name: "headers and form marks",
            kind: Kind::Response,
        }
    }

    async fn on_response<'r>(&self, req: &'r Request<'_>, res: &mut Response<'r>) {
        let moved_on = res.status() == Status::SeeOther;
        let led_to = res
            .headers()
            .get_one("Location")
            .filter(|_| moved_on)
            .map(str::to_owned);
        settle_form(req, led_to).await;
        res.remove_header("Server");
        res.remove_header("Permissions-Policy");
        for (name, value) in [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ] {
            res.set_header(Header::new(name, value));
        }
        // A message's own layout stands in a frame of ours; nothing else stands in any.
        let framed = res
            .headers()
            .get_one("Content-Security-Policy")
            .is_some_and(|policy| policy.contains("frame-ancestors 'self'"));
        let frames = if framed { "SAMEORIGIN" } else { "DENY" };
        res.set_header(Header::new("X-Frame-Options", frames));
        if !res.headers().contains("Content-Security-Policy") {
            res.set_header(Header::new(
                "Content-Security-Policy",
                CONTENT_SECURITY_POLICY,
            ));
        }
        if res.status() == Status::ServiceUnavailable {
            res.set_header(Header::new("Retry-After", "60"));
        }
        if !res.headers().contains("Cache-Control") {
            res.set_header(Header::new("Cache-Control", "no-store"));
        }
        let secure = req
            .rocket()
            .state::<App>()
            .is_some_and(|app| app.config.site.url.starts_with("https://"));
        if secure {
            res.set_header(Header::new("Strict-Transport-Security", "max-age=31536000"));
        }
    }
}

/// Remembers where a form led, or frees its mark where nothing was done, so that it can be sent again. While the database
/// is away the answer does not wait for that.
async fn settle_form(req: &Request<'_>, led_to: Option<String>) {
    let FormMark(Some(mark)) = req.local_cache(FormMark::default) else {
        return;
    };
    let Some(app) = req.rocket().state::<App>() else {
        return;
    };
    let (app, mark, away) = (app.clone(), mark.clone(), database_is_away(req));
    let settling = async move {
        let settled = patiently("where a form led", || async {
            let tx = app.store.begin().await?;
            match &led_to {
                Some(location) => forms::led_to(&tx, &mark, location).await?,
                None => forms::release(&tx, &mark).await?,
            }
            Ok(store::commit(tx).await?)
        });
        if let Err(error) = settled.await {
            log_fault("settling a form", &error);
        }
    };
    if away {
        tokio::spawn(settling);
    } else {
        settling.await;
    }
}
