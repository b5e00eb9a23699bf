//! Style sheet, fonts and icons, embedded in the binary and cached by their hash.

use rocket::http::{Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::{Responder, Response};
use rocket::{Request, Route, get, routes};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "css/*.css"]
#[include = "fonts/*.woff2"]
#[include = "icons/*.svg"]
struct Static;

pub fn routes() -> Vec<Route> {
    routes![asset]
}

/// The browser's own copy, by its hash.
struct Held(Option<String>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Held {
    type Error = ();

    async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Held(
            req.headers().get_one("If-None-Match").map(str::to_owned),
        ))
    }
}

struct Asset {
    tag: String,
    media_type: &'static str,
    bytes: Option<std::borrow::Cow<'static, [u8]>>,
}

impl<'r> Responder<'r, 'static> for Asset {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = Response::build();
        response
            .header(Header::new("ETag", self.tag))
            .header(Header::new("Cache-Control", "public, max-age=3600"))
            .header(Header::new("Content-Type", self.media_type));
        match self.bytes {
            Some(bytes) => response
                .status(Status::Ok)
                .sized_body(bytes.len(), std::io::Cursor::new(bytes))
                .ok(),
            None => response.status(Status::NotModified).ok(),
        }
    }
}

#[get("/static/<path..>")]
fn asset(path: std::path::PathBuf, held: Held) -> Option<Asset> {
    let name = path.to_str()?;
    let media_type = match path.extension()?.to_str()? {
        "css" => "text/css; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let file = Static::get(name)?;
    let tag: String = file.metadata.sha256_hash()[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{tag}\"");
    let bytes = (held.0.as_deref() != Some(tag.as_str())).then_some(file.data);
    Some(Asset {
        tag,
        media_type,
        bytes,
    })
}
