//! Somebody at a browser without a window: asks pages, fills forms, sends files.
//!
//! Nothing here reaches around the product: pages are asked through Rocket's own dispatch, with cookies and form tokens
//! as a browser would carry them.

use rocket::http::{Cookie, Header};
use rocket::local::asynchronous::{Client, LocalResponse};

use sundial::actions::App;
use sundial::web;

use super::app::Who;

/// Somebody at a browser without a window: asks pages, fills forms.
pub struct Visitor {
    pub who: Who,
    pub client: Client,
    session: Option<Cookie<'static>>,
}

/// A page as it came.
pub struct Page {
    pub status: u16,
    /// Where a redirect leads.
    pub location: Option<String>,
    pub media_type: String,
    pub headers: Vec<(String, String)>,
    pub bytes: Vec<u8>,
    /// What was asked, for messages.
    asked: String,
}

impl Page {
    async fn of(asked: String, response: LocalResponse<'_>) -> Page {
        let status = response.status().code;
        let header = |name: &str| response.headers().get_one(name).map(str::to_owned);
        let location = header("Location");
        let media_type = header("Content-Type").unwrap_or_default();
        let headers = response
            .headers()
            .iter()
            .map(|header| (header.name().to_string(), header.value().to_owned()))
            .collect();
        let bytes = response.into_bytes().await.unwrap_or_default();
        Page {
            status,
            location,
            media_type,
            headers,
            bytes,
            asked,
        }
    }

    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The page's words without its tags, spaces run together.
    pub fn words(&self) -> String {
        words_of(&self.html())
    }

    /// Fails unless the page has this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Page {
        assert_eq!(
            self.status,
            status,
            "{} answered {} (to {:?}): {}",
            self.asked,
            self.status,
            self.location,
            self.words()
        );
        self
    }

    /// Fails unless this stands somewhere in the page's source: also what a field holds.
    #[track_caller]
    pub fn shows(self, what: &str) -> Page {
        assert!(
            self.html().contains(what),
            "{} does not show “{what}”: {}",
            self.asked,
            self.words()
        );
        self
    }

    /// Fails unless the page says this.
    #[track_caller]
    pub fn says(self, what: &str) -> Page {
        let words = self.words();
        assert!(
            words.contains(what),
            "{} does not say “{what}”: {words}",
            self.asked
        );
        self
    }

    /// Fails if the page says this.
    #[track_caller]
    pub fn keeps_quiet_about(self, what: &str) -> Page {
        let words = self.words();
        assert!(
            !words.contains(what),
            "{} says “{what}”: {words}",
            self.asked
        );
        self
    }

    /// Fails unless the page leads on (303), and gives where.
    #[track_caller]
    pub fn leads(self) -> String {
        let page = self.is(303);
        page.location.expect("a redirect says where")
    }

    /// The token of the page's forms.
    #[track_caller]
    pub fn token(&self) -> String {
        let html = self.html();
        let (_, after) = html
            .split_once("name=\"token\" value=\"")
            .unwrap_or_else(|| panic!("{} has no form with a token: {}", self.asked, self.words()));
        after.split('"').next().unwrap_or_default().to_owned()
    }

    /// Every address of this site that the page links to or posts to, with whether it is posted to.
    pub fn addresses(&self) -> Vec<(bool, String)> {
        let html = self.html();
        let mut found = Vec::new();
        for (before, posted) in [
            (" href=\"", false),
            (" action=\"", true),
            (" src=\"", false),
        ] {
            for after in html.split(before).skip(1) {
                let address = after.split('"').next().unwrap_or_default();
                if address.starts_with('/') && !address.starts_with("//") {
                    let plain = unescaped(address);
                    let plain = plain.split('#').next().unwrap_or_default().to_owned();
                    found.push((posted, plain));
                }
            }
        }
        found
    }
}

/// The words of a piece of HTML.
pub fn words_of(html: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => {
                inside = true;
                words.push(' ');
            }
            '>' => inside = false,
            c if !inside => words.push(c),
            _ => {}
        }
    }
    unescaped(&words)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&#x2f;", "/")
        .replace("&#47;", "/")
        .replace("&amp;", "&")
}

/// A file in a form.
pub struct File<'a> {
    pub field: &'a str,
    pub name: &'a str,
    pub media_type: &'a str,
    pub bytes: &'a [u8],
}

impl Visitor {
    /// A new browser at the site of `app`, with a session where somebody is signed in.
    pub async fn at(app: &App, who: Who, session: Option<Cookie<'static>>) -> Visitor {
        let client = Client::tracked(web::rocket(app.clone()))
            .await
            .expect("the site is built");
        Visitor {
            who,
            client,
            session,
        }
    }

    /// The cookie of this person's session.
    pub fn session(&self) -> Option<Cookie<'static>> {
        self.session.clone()
    }

    pub async fn get(&self, path: &str) -> Page {
        let mut request = self.client.get(path.to_owned());
        if let Some(session) = &self.session {
            request = request.cookie(session.clone());
        }
        let response = request.dispatch().await;
        Page::of(format!("GET {path} as {:?}", self.who), response).await
    }

    /// Opens the page `at`, and sends the form on it to `to` with these fields.
    pub async fn post(&self, at: &str, to: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.get(at).await.token();
        self.send(to, &token, fields).await
    }

    /// Sends a form with a token in hand.
    pub async fn send(&self, to: &str, token: &str, fields: &[(&str, &str)]) -> Page {
        let mut all = vec![("token", token)];
        all.extend_from_slice(fields);
        let body = all
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect::<Vec<_>>()
            .join("&");
        self.dispatch(to, "application/x-www-form-urlencoded", body)
            .await
    }

    /// Opens the page `at`, and sends the form on it to `to` with these fields and files.
    pub async fn post_files(
        &self,
        at: &str,
        to: &str,
        fields: &[(&str, &str)],
        files: &[File<'_>],
    ) -> Page {
        let token = self.get(at).await.token();
        let mut body = Vec::new();
        for (name, value) in std::iter::once(&("token", token.as_str())).chain(fields) {
            body.extend(
                format!(
                    "--sundial-test\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .bytes(),
            );
        }
        for file in files {
            body.extend(
                format!(
                    "--sundial-test\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                    file.field, file.name, file.media_type
                )
                .bytes(),
            );
            body.extend(file.bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--sundial-test--\r\n");
        self.dispatch(to, "multipart/form-data; boundary=sundial-test", body)
            .await
    }

    /// Sends bytes of any kind, as a browser on a page of ours would.
    pub async fn dispatch(
        &self,
        to: &str,
        media_type: &'static str,
        body: impl AsRef<[u8]>,
    ) -> Page {
        let mut request = self
            .client
            .post(to.to_owned())
            .header(Header::new("Content-Type", media_type))
            .header(Header::new("Sec-Fetch-Site", "same-origin"))
            .body(body);
        if let Some(session) = &self.session {
            request = request.cookie(session.clone());
        }
        let response = request.dispatch().await;
        Page::of(format!("POST {to} as {:?}", self.who), response).await
    }
}

/// A text as a form field carries it.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
