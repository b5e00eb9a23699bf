//! The real browser: Chromium without a window, driven as a person would, with an accessibility check on each page.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::servers;

/// Widths at which every page is looked at.
const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// How long a page may take to answer a press. Bounded waiting, not sleeping: it ends as soon as the page is there.
const PATIENCE: Duration = Duration::from_secs(90);

/// One person at one browser.
pub struct Browser {
    client: Client,
    base: String,
    /// Which journey this is: the first word of its screenshots' names.
    journey: String,
    shots: u32,
}

impl Browser {
    /// Opens a browser of its own (own cookies, own profile) at the site `base`, as `http://127.0.0.1:8000`.
    pub async fn open(journey: &str, base: &str) -> Browser {
        let options = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "args": [
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-dev-shm-usage",
                    "--disable-gpu",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-default-apps",
                    "--disable-sync",
                    "--no-first-run",
                    "--hide-scrollbars",
                    "--force-device-scale-factor=1",
                    "--lang=en-US",
                    format!("--window-size={},{}", DESKTOP.0, DESKTOP.1),
                ],
                // A click on a PDF keeps it, as a person's "save as" would, without a question.
                "prefs": {
                    "download.prompt_for_download": false,
                    "plugins.always_open_pdf_externally": true
                }
            },
            "timeouts": { "implicit": 0, "pageLoad": 90000, "script": 90000 }
        });
        let Value::Object(capabilities) = options else {
            unreachable!("the literal above is an object")
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(servers::driver())
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        Browser {
            client,
            base: base.to_owned(),
            journey: journey.to_owned(),
            shots: 0,
        }
    }

    /// Goes to a path of the site, or to a whole address.
    pub async fn visit(&self, to: &str) {
        let url = if to.starts_with("http") {
            to.to_owned()
        } else {
            format!("{}{to}", self.base)
        };
        self.client
            .goto(&url)
            .await
            .unwrap_or_else(|error| panic!("{url} does not open: {error}"));
    }

    /// The path and query of the page that is open.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("a page is open");
        match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        }
    }

    /// All the words of the page, as a reader sees them.
    pub async fn words(&self) -> String {
        self.find("body", Locator::Css("body"))
            .await
            .text()
            .await
            .expect("the page has words")
    }

    /// Fails unless the page says `what`; the failure shows what it says instead.
    pub async fn sees(&self, what: &str) {
        let words = self.words().await;
        assert!(
            words.contains(what),
            "{}: the page at {} does not say “{what}”. It says:\n{words}",
            self.journey,
            self.path().await
        );
    }

    /// Fails if the page says `what`.
    pub async fn does_not_see(&self, what: &str) {
        let words = self.words().await;
        assert!(
            !words.contains(what),
            "{}: the page at {} says “{what}”:\n{words}",
            self.journey,
            self.path().await
        );
    }

    /// The words of the first thing that a CSS selector finds.
    pub async fn text_of(&self, selector: &str) -> String {
        let found = self.find(selector, Locator::Css(selector)).await;
        found.text().await.expect("it has words").trim().to_owned()
    }

    /// Follows the link with these words.
    pub async fn follow(&self, words: &str) {
        let xpath = format!("//a[normalize-space(.)={}]", quoted(words));
        let link = self.find(words, Locator::XPath(&xpath)).await;
        self.press_and_wait(words, link).await;
    }

    /// Follows the first link whose words contain these.
    pub async fn follow_about(&self, words: &str) {
        let xpath = format!("//a[contains(normalize-space(.),{})]", quoted(words));
        let link = self.find(words, Locator::XPath(&xpath)).await;
        self.press_and_wait(words, link).await;
    }

    /// Presses the button with these words.
    pub async fn press(&self, words: &str) {
        let xpath = format!("//button[normalize-space(.)={}]", quoted(words));
        let button = self.find(words, Locator::XPath(&xpath)).await;
        self.press_and_wait(words, button).await;
    }

    /// Presses, then waits until the page that was there is gone and the next one is whole. Every press of ours leads
    /// to a page: the site does its work without scripts.
    async fn press_and_wait(&self, words: &str, element: Element) {
        let before = self.find("html", Locator::Css("html")).await;
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("“{words}” cannot be pressed: {error}"));
        let gone = tokio::time::timeout(PATIENCE, async {
            while before.tag_name().await.is_ok() {
                tokio::task::yield_now().await;
            }
            while self.run("return document.readyState", vec![]).await != json!("complete") {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert!(
            gone.is_ok(),
            "“{words}” led nowhere within {} seconds",
            PATIENCE.as_secs()
        );
    }

    /// Types into the field whose label has these words, in place of what stands there.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field
            .clear()
            .await
            .unwrap_or_else(|error| panic!("the field “{label}” cannot be cleared: {error}"));
        field
            .send_keys(text)
            .await
            .unwrap_or_else(|error| panic!("the field “{label}” takes no text: {error}"));
    }

    /// Types behind what stands in the field whose label has these words.
    pub async fn add_to(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        self.run_on(
            "arguments[0].value = arguments[0].value + arguments[1]",
            field,
            json!(text),
        )
        .await;
    }

    /// Sets a date field to a day written as 2026-11-23.
    pub async fn fill_day(&self, label: &str, day: &str) {
        let field = self.field(label).await;
        self.run_on("arguments[0].value = arguments[1]", field, json!(day))
            .await;
    }

    /// Picks the first choice that has these words, from the list whose label has those.
    pub async fn pick(&self, label: &str, choice: &str) {
        let option = format!(".//option[contains(normalize-space(.),{})]", quoted(choice));
        self.field(label)
            .await
            .select_by(Locator::XPath(&option))
            .await
            .unwrap_or_else(|error| panic!("“{label}” has no choice “{choice}”: {error}"));
    }

    /// Ticks the box, or the round button, whose label has these words.
    pub async fn tick(&self, label: &str) {
        let field = self.field(label).await;
        if !field.is_selected().await.expect("a box can be read") {
            field
                .click()
                .await
                .unwrap_or_else(|error| panic!("“{label}” cannot be ticked: {error}"));
        }
    }

    /// Gives a file to the file field whose label has these words.
    pub async fn attach(&self, label: &str, file: &Path) {
        let field = self.field(label).await;
        field
            .send_keys(&file.display().to_string())
            .await
            .unwrap_or_else(|error| panic!("the field “{label}” takes no file: {error}"));
    }

    /// The field that a label belongs to, by `for` or by standing inside it.
    async fn field(&self, label: &str) -> Element {
        let label = quoted(label);
        let named = format!("//label[starts-with(normalize-space(.),{label})]");
        let xpath = format!(
            "//*[@id={named}/@for] | {named}//*[self::input or self::select or self::textarea]"
        );
        self.find(&label, Locator::XPath(&xpath)).await
    }

    async fn find(&self, what: &str, locator: Locator<'_>) -> Element {
        match self.client.find(locator).await {
            Ok(element) => element,
            Err(error) => {
                let source = self.client.source().await.unwrap_or_default();
                panic!(
                    "{}: {what} is not on the page at {} ({error}). The page:\n{source}",
                    self.journey,
                    self.path().await
                );
            }
        }
    }

    /// Looks at the page as a whole: takes its picture at desktop and phone width, and fails on what keeps people out:
    /// an accessibility fault that axe finds, a page wider than a phone, or a picture or sheet that did not load.
    pub async fn look(&mut self, name: &str) {
        self.shots += 1;
        let name = format!("{}-{:02}-{name}", self.journey, self.shots);
        self.client
            .set_window_size(PHONE.0, PHONE.1)
            .await
            .expect("the window can be sized");
        let wide = self
            .run(
                "return document.documentElement.scrollWidth - window.innerWidth",
                vec![],
            )
            .await;
        self.shoot(&format!("{name}-phone")).await;
        assert!(
            wide.as_i64().is_some_and(|wide| wide <= 0),
            "{name}: the page is {wide} pixels wider than a phone"
        );
        self.check(&format!("{name} on a phone")).await;
        self.client
            .set_window_size(DESKTOP.0, DESKTOP.1)
            .await
            .expect("the window can be sized");
        self.shoot(&name).await;
        self.check(&name).await;
        let broken = self
            .run(
                "return [...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.src)",
                vec![],
            )
            .await;
        assert_eq!(broken, json!([]), "{name}: pictures that did not load");
    }

    async fn shoot(&self, name: &str) {
        let height = self
            .run(
                "return Math.min(document.documentElement.scrollHeight, 4000)",
                vec![],
            )
            .await
            .as_u64()
            .unwrap_or(900);
        let (width, usual) = self
            .client
            .get_window_size()
            .await
            .expect("the window has a size");
        let chrome_height = usual.saturating_sub(self.inner_height().await);
        self.client
            .set_window_size(width as u32, (height.max(400) + chrome_height) as u32)
            .await
            .expect("the window can be sized");
        let png = self
            .client
            .screenshot()
            .await
            .expect("a picture can be taken");
        self.client
            .set_window_size(width as u32, usual as u32)
            .await
            .expect("the window can be sized");
        let path = screens().join(format!("{name}.png"));
        std::fs::write(&path, png)
            .unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display()));
    }

    async fn inner_height(&self) -> u64 {
        self.run("return window.innerHeight", vec![])
            .await
            .as_u64()
            .unwrap_or_default()
    }

    async fn check(&self, name: &str) {
        const AXE: &str = include_str!("../../axe/axe.min.js");
        self.run(AXE, vec![]).await;
        let found = self
            .client
            .execute_async(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, { resultTypes: ['violations'] }).then(
                   r => done(r.violations.map(v => v.impact + ': ' + v.help + ' (' + v.id + ') at '
                        + v.nodes.map(n => n.target.join(' ') + ' ' + n.html.slice(0, 160)).slice(0, 4).join(' | '))),
                   e => done(['axe failed: ' + e]));",
                vec![],
            )
            .await
            .unwrap_or_else(|error| panic!("{name}: axe cannot run: {error}"));
        let faults: Vec<&str> = found
            .as_array()
            .map(|all| all.iter().filter_map(Value::as_str).collect())
            .unwrap_or_else(|| panic!("{name}: axe answered {found}"));
        assert!(
            faults.is_empty(),
            "{name}: {} accessibility faults:\n  {}",
            faults.len(),
            faults.join("\n  ")
        );
    }

    async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client
            .execute(script, arguments)
            .await
            .unwrap_or_else(|error| panic!("a script of the test fails: {error}"))
    }

    async fn run_on(&self, script: &str, element: Element, argument: Value) -> Value {
        let element = serde_json::to_value(element).expect("an element has a name");
        self.run(script, vec![element, argument]).await
    }

    /// The value of this site's cookie `name`, for fetching a file as this person.
    pub async fn cookies(&self) -> String {
        let cookies = self
            .client
            .get_all_cookies()
            .await
            .expect("cookies can be read");
        cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// The address behind the link with these words.
    pub async fn address_of(&self, words: &str) -> String {
        let xpath = format!("//a[contains(normalize-space(.),{})]", quoted(words));
        let link = self.find(words, Locator::XPath(&xpath)).await;
        link.prop("href")
            .await
            .expect("a link can be read")
            .unwrap_or_else(|| panic!("“{words}” leads nowhere"))
    }

    /// Closes the browser.
    pub async fn close(self) {
        self.client.close().await.expect("the browser closes");
    }
}

/// Where pictures of the pages go, for people to look at.
fn screens() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"));
    let folder = target.join("screens");
    std::fs::create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("{} cannot be made: {error}", folder.display()));
    folder
}

/// A text as XPath wants it, with either kind of quotation mark inside.
fn quoted(text: &str) -> String {
    if !text.contains('\'') {
        format!("'{text}'")
    } else if !text.contains('"') {
        format!("\"{text}\"")
    } else {
        let parts: Vec<String> = text.split('\'').map(|part| format!("'{part}'")).collect();
        format!("concat({})", parts.join(", \"'\", "))
    }
}

#[tokio::test]
async fn the_browser_and_its_accessibility_check_work() {
    let page = "data:text/html,<html lang=en><title>A</title><main><h1>Good</h1><label>Name <input></label></main>";
    let mut browser = Browser::open("self-test", page).await;
    browser.visit("").await;
    browser.sees("Good").await;
    browser.fill("Name", "Ada's \"own\" name").await;
    browser.look("good").await;
    browser
        .visit("data:text/html,<html><title>B</title><h1>Bad</h1><img src=x><input>")
        .await;
    browser
        .run(include_str!("../../axe/axe.min.js"), vec![])
        .await;
    let faults = browser
        .client
        .execute_async(
            "axe.run(document).then(r => arguments[0](r.violations.map(v => v.id)))",
            vec![],
        )
        .await
        .expect("axe runs");
    let faults = faults.to_string();
    for expected in ["label", "image-alt"] {
        assert!(
            faults.contains(expected),
            "{expected} is not among {faults}"
        );
    }
    browser.close().await;
}
