//! The look holds what it promises: contrast of the stylesheet's colours, and templates that the strict content
//! security policy lets through.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::app::files_below;

fn read(path: &str) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()))
}

/// The colour tokens of one block of the stylesheet.
fn tokens(block: &str) -> BTreeMap<String, [f64; 3]> {
    block
        .split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(name, hex)| {
            let part = |at: usize| {
                let byte = u8::from_str_radix(&hex[at..at + 2], 16).expect("a colour in hex");
                let share = f64::from(byte) / 255.0;
                if share <= 0.039_28 {
                    share / 12.92
                } else {
                    ((share + 0.055) / 1.055).powf(2.4)
                }
            };
            (name.to_owned(), [part(0), part(2), part(4)])
        })
        .collect()
}

/// Contrast as WCAG 2 counts it: 1 to 21.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let light = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let (a, b) = (light(one) + 0.05, light(other) + 0.05);
    if a > b { a / b } else { b / a }
}

#[test]
fn colours_can_be_read_in_light_and_dark() {
    let css = read("static/css/sundial.css");
    let (_, light) = css.split_once(":root {").expect("the light tokens");
    let (light, rest) = light.split_once('}').expect("they end");
    let (_, dark) = rest
        .split_once("prefers-color-scheme: dark")
        .expect("the dark tokens");
    let (_, dark) = dark.split_once(":root {").expect("the dark tokens");
    let (dark, _) = dark.split_once('}').expect("they end");
    for (scheme, block) in [("light", light), ("dark", dark)] {
        let colours = tokens(block);
        let of = |name: &str| {
            *colours
                .get(name)
                .unwrap_or_else(|| panic!("{scheme} has no --{name}"))
        };
        let mut pairs = Vec::new();
        for ground in ["paper", "sheet", "wash"] {
            pairs.push(("ink", ground, 7.0));
            pairs.push(("ink-soft", ground, 7.0));
            pairs.push(("accent", ground, 4.5));
            pairs.push(("late", ground, 4.5));
            pairs.push(("proved", ground, 4.5));
            pairs.push(("due", ground, 4.5));
        }
        for state in ["waiting", "due", "late", "proved"] {
            let ground = match state {
                "waiting" => "waiting-ground",
                "due" => "due-ground",
                "late" => "late-ground",
                _ => "proved-ground",
            };
            pairs.push((state, ground, 4.5));
            pairs.push(("ink", ground, 7.0));
            pairs.push(("accent", ground, 4.5));
        }
        pairs.push(("on-accent", "accent", 4.5));
        pairs.push(("on-accent", "accent-hover", 4.5));
        pairs.push(("edge", "paper", 3.0));
        pairs.push(("edge", "sheet", 3.0));
        for (words, ground, least) in pairs {
            let found = contrast(of(words), of(ground));
            assert!(
                found >= least,
                "{scheme}: {words} on {ground} is {found:.2}:1, wanted {least}:1"
            );
        }
    }
}

#[test]
fn no_template_needs_what_the_policy_refuses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let pages: Vec<_> = ["layout.html", "macros", "pages"]
        .iter()
        .flat_map(|part| {
            let path = root.join(part);
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect();
    assert!(pages.len() > 20, "the templates are found");
    for page in pages {
        let text = std::fs::read_to_string(&page)
            .expect("a template can be read")
            .to_lowercase();
        for refused in [
            "<script",
            "<style",
            " style=",
            " onclick=",
            " onload=",
            " onsubmit=",
            "javascript:",
            "src=\"http",
        ] {
            assert!(!text.contains(refused), "{} has {refused}", page.display());
        }
        // A frame holds what somebody else laid out: only from here, and allowed nothing.
        for frame in text.split("<iframe").skip(1) {
            let frame = frame.split('>').next().unwrap_or_default();
            assert!(
                frame.contains(" sandbox=\"\"") && frame.contains(" src=\"/c/{{"),
                "{} has an open frame: {frame}",
                page.display()
            );
        }
        for form in text.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            if form.contains("method=\"post\"") {
                assert!(
                    form.contains("form.token(") || form.contains("name=\"token\""),
                    "{} posts a form without its token",
                    page.display()
                );
            }
        }
    }
}

#[test]
fn what_is_vendored_is_named_with_its_licence() {
    let said = read("static/VENDORED.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/fonts");
    let fonts = files_below(&root);
    assert!(
        fonts
            .iter()
            .any(|font| font.extension().is_some_and(|kind| kind == "woff2"))
    );
    for licence in [
        "fonts/OFL-public-sans.txt",
        "fonts/OFL-source-serif-4.txt",
        "icons/LICENSE-lucide.txt",
        "css/LICENSE-pico.txt",
    ] {
        assert!(said.contains(licence), "VENDORED.md names {licence}");
        assert!(
            read(&format!("static/{licence}")).len() > 500,
            "{licence} is there"
        );
    }
}
