//! The house holds: every import goes down, every crate stays in its room, every file says what it is.
//!
//! Reads the source as Rust tokens, so that a comment or a string is never taken for an import. The rules are those of
//! `docs/architecture.md`; each is broken once on purpose in a made-up tree below, so that a rule that no longer sees
//! anything fails too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use self::reading::{Mark, Named, Reading};

mod broken;
mod reading;

/// Source files by their path from the root of the repository, with forward slashes.
type Tree = BTreeMap<String, String>;

/// One breach of a rule: where, and a sentence.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Breach {
    path: String,
    line: usize,
    says: String,
}

/// Heights of the floors. `config` and `clock` stand beside them: rules and ground never read either.
const GROUND: u8 = 0;
const RULES: u8 = 1;
const WORKSHOP: u8 = 2;
const DEEDS: u8 = 3;
const DOORS: u8 = 4;

fn floor(room: &str) -> Option<u8> {
    Some(match room {
        "calendar" | "law" => GROUND,
        "domain" => RULES,
        "store" | "mail" | "documents" | "dossier" => WORKSHOP,
        "actions" => DEEDS,
        "web" | "jobs" | "cli" => DOORS,
        _ => return None,
    })
}

const BESIDE: [&str; 2] = ["config", "clock"];

/// A crate and the only rooms that may name it.
const KEPT_CRATES: [(&str, &[&str]); 7] = [
    ("rocket", &["web", "main", "config"]),
    ("sea_orm", &["store"]),
    ("sea_orm_migration", &["store"]),
    ("sundial_migrations", &["store"]),
    ("printpdf", &["dossier"]),
    ("lettre", &["mail"]),
    ("async_imap", &["mail"]),
];

/// What ground and rules never touch outside their tests: a file, a socket, a process, the environment, a runtime.
const OUTSIDE_WORLD: [&[&str]; 8] = [
    &["std", "fs"],
    &["std", "net"],
    &["std", "process"],
    &["std", "env"],
    &["tokio"],
    &["futures"],
    &["object_store"],
    &["tempfile"],
];

const LONGEST: usize = 500;

/// Everything wrong with a tree, in order of path and line.
fn breaches(tree: &Tree) -> Vec<Breach> {
    let mut found = BTreeSet::new();
    let stages = stages(tree, &mut found);
    for (path, text) in tree {
        let file = File::new(path);
        let mut say = |line: usize, says: String| {
            found.insert(Breach {
                path: path.clone(),
                line,
                says,
            });
        };
        about_the_file(&file, text, &mut say);
        // A module's tests may stand in a file of their own, which must be called so.
        let is_test = file.in_tests || path.ends_with("/tests.rs");
        let reading = match Reading::of(text, &file.module, is_test) {
            Ok(reading) => reading,
            Err(error) => {
                say(1, format!("does not read as Rust: {error}"));
                continue;
            }
        };
        for path in &reading.paths {
            about_a_path(&file, path, &stages, &mut say);
        }
        for mark in &reading.marks {
            about_a_mark(&file, mark, &mut say);
        }
    }
    found.into_iter().collect()
}

/// Where a file stands.
struct File<'a> {
    path: &'a str,
    /// Its module path from the crate, as `["domain", "letter"]`.
    module: Vec<String>,
    /// The room in `src`, `""` elsewhere.
    room: &'a str,
    /// The stage, for a file of `domain` other than its `mod.rs`.
    stage: Option<&'a str>,
    /// Under `tests/`.
    in_tests: bool,
    /// Under `tests/it/support/`, the only place that may wait.
    in_support: bool,
}

impl<'a> File<'a> {
    fn new(path: &'a str) -> File<'a> {
        let within = path
            .strip_prefix("src/")
            .and_then(|rest| rest.strip_suffix(".rs"));
        let parts: Vec<&str> = within.map(|w| w.split('/').collect()).unwrap_or_default();
        let room = parts.first().copied().unwrap_or("");
        let mut module: Vec<String> = parts.iter().map(|part| part.to_string()).collect();
        if matches!(
            module.last().map(String::as_str),
            Some("mod" | "lib" | "main")
        ) {
            module.pop();
        }
        File {
            path,
            room,
            stage: (room == "domain")
                .then(|| parts.get(1).copied())
                .flatten()
                .filter(|stage| *stage != "mod"),
            module,
            in_tests: path.starts_with("tests/"),
            in_support: path.starts_with("tests/it/support"),
        }
    }

    fn in_src(&self) -> bool {
        self.path.starts_with("src/")
    }
}

/// The order of the domain's stages, from the arrows in the doc comment of `src/domain/mod.rs`.
fn stages(tree: &Tree, found: &mut BTreeSet<Breach>) -> Vec<String> {
    const HOME: &str = "src/domain/mod.rs";
    let doc: String = tree
        .get(HOME)
        .map(|text| {
            text.lines()
                .map_while(|line| line.strip_prefix("//!"))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .unwrap_or_default();
    let pieces: Vec<&str> = doc.split('→').collect();
    // The first stage is the word before the first arrow, each later one the word after an arrow.
    let mut order = Vec::new();
    if pieces.len() > 1 {
        let word = |text: &str, last: bool| -> String {
            let mut words = text.split_whitespace();
            let picked = if last {
                words.next_back()
            } else {
                words.next()
            };
            picked
                .unwrap_or("")
                .trim_matches(|c: char| !c.is_alphanumeric() && c != '_')
                .to_owned()
        };
        order.push(word(pieces[0], true));
        order.extend(pieces[1..].iter().map(|piece| word(piece, false)));
    }
    let mut say = |says: String| {
        found.insert(Breach {
            path: HOME.to_owned(),
            line: 1,
            says,
        });
    };
    if order.is_empty() {
        say("its doc comment gives no order of stages (a → b → c)".to_owned());
        return order;
    }
    let there: BTreeSet<&str> = tree
        .keys()
        .filter_map(|path| File::new(path).stage)
        .collect();
    for stage in &there {
        if !order.iter().any(|known| known == stage) {
            say(format!("the stage {stage} is not in the order of stages"));
        }
    }
    for stage in &order {
        if !there.contains(stage.as_str()) {
            say(format!(
                "the order of stages names {stage}, which has no file"
            ));
        }
    }
    order
}

fn about_the_file(file: &File, text: &str, say: &mut impl FnMut(usize, String)) {
    // The opening comment without attributes before it: a file is introduced by its first line.
    let opening: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//"))
        .collect();
    let doc: String = opening
        .iter()
        .filter_map(|line| line.strip_prefix('!'))
        .collect::<Vec<_>>()
        .join(" ");
    if doc.split_whitespace().count() < 3 {
        say(
            1,
            "opens without a doc comment (//!) that says what lives here".to_owned(),
        );
    }
    let lines = text.lines().count();
    if lines > LONGEST && !opening.join(" ").contains("500 lines") {
        say(
            1,
            format!(
                "has {lines} lines, and its first comment does not say why it is longer than 500 lines"
            ),
        );
    }
    for part in file.path.trim_end_matches(".rs").split('/') {
        if matches!(
            part,
            "util" | "utils" | "helper" | "helpers" | "common" | "misc"
        ) {
            say(1, format!("{part} names no room: say what it is about"));
        }
    }
    let placed = matches!(file.room, "lib" | "main") || BESIDE.contains(&file.room);
    if file.in_src() && !placed && floor(file.room).is_none() {
        say(1, format!("src/{} stands on no floor", file.room));
    }
}

fn about_a_path(
    file: &File,
    named: &Named,
    stages: &[String],
    say: &mut impl FnMut(usize, String),
) {
    let mut parts = named.parts.iter().map(String::as_str);
    let root = parts.next().unwrap_or("");
    let shown = named.parts.join("::");
    if !file.in_tests
        && named.parts.len() >= 2
        && named.parts.last().is_some_and(|last| last == "now")
        && matches!(
            named.parts[named.parts.len() - 2].as_str(),
            "Utc" | "Local" | "SystemTime"
        )
        && file.room != "clock"
    {
        say(
            named.line,
            format!("{shown}: only src/clock.rs reads what time it is"),
        );
    }
    if !file.in_src() {
        return;
    }
    if let Some((kept, rooms)) = KEPT_CRATES.iter().find(|(kept, _)| *kept == root) {
        if !rooms.contains(&file.room) {
            say(
                named.line,
                format!("{kept} is named outside {}", rooms.join(", ")),
            );
        }
        return;
    }
    let height = floor(file.room);
    if root != "crate" && root != "sundial" {
        if height.is_some_and(|height| height <= RULES)
            && !named.in_tests
            && OUTSIDE_WORLD.iter().any(|world| named.starts_with(world))
        {
            say(
                named.line,
                format!("{shown}: ground and rules touch no file, socket, process or runtime"),
            );
        }
        return;
    }
    let Some(target) = parts.next() else { return };
    if target == file.room || matches!(file.room, "lib" | "main") {
        if let (Some(own), Some(other)) = (file.stage, parts.next()) {
            let at = |stage: &str| stages.iter().position(|known| known == stage);
            if let (Some(own_at), Some(other_at)) = (at(own), at(other))
                && other_at > own_at
            {
                say(
                    named.line,
                    format!("{own} imports the later stage {other} ({shown})"),
                );
            }
        }
        return;
    }
    if BESIDE.contains(&target) {
        if height.is_some_and(|height| height <= RULES) {
            say(
                named.line,
                format!("{shown}: ground and rules read neither settings nor the clock"),
            );
        }
        return;
    }
    let Some(target_height) = floor(target) else {
        // A macro or an item at the crate's root has no floor; a room must have one.
        if !named.is_macro && named.parts.len() > 2 {
            say(named.line, format!("{shown}: {target} stands on no floor"));
        }
        return;
    };
    match height {
        None if BESIDE.contains(&file.room) && target_height >= WORKSHOP => say(
            named.line,
            format!(
                "{shown}: {} stands beside the floors and imports none above the rules",
                file.room
            ),
        ),
        None => {}
        Some(height) if target_height > height => {
            say(named.line, format!("{shown}: this import goes up"));
        }
        Some(WORKSHOP) if target_height == WORKSHOP => say(
            named.line,
            format!("{shown}: a workshop never imports a workshop"),
        ),
        Some(GROUND) if file.room == "calendar" && target == "law" => say(
            named.line,
            format!("{shown}: the calendar does not know the law"),
        ),
        Some(_) => {}
    }
}

fn about_a_mark(file: &File, mark: &Mark, say: &mut impl FnMut(usize, String)) {
    match mark.what {
        "async" => {
            if !mark.in_tests && floor(file.room).is_some_and(|height| height <= RULES) {
                say(mark.line, "ground and rules are never async".to_owned());
            }
        }
        "sleep" => {
            if mark.in_tests && !file.in_support {
                say(
                    mark.line,
                    "a test sleeps: move a hand clock, or wait for the event itself".to_owned(),
                );
            }
        }
        "#[ignore]" => say(mark.line, "a test is ignored".to_owned()),
        other => say(mark.line, format!("{other} is left in the code")),
    }
}

/// Every Rust file of ours: the crate, its migrations, its tests and benches.
fn our_tree() -> Tree {
    fn gather(root: &Path, folder: &Path, tree: &mut Tree) {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| {
            panic!("{} cannot be read: {error}", folder.display());
        });
        for entry in entries {
            let path = entry.expect("a folder's entry can be read").path();
            if path.is_dir() {
                gather(root, &path, tree);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path
                    .strip_prefix(root)
                    .expect("below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                let text = std::fs::read_to_string(&path)
                    .unwrap_or_else(|error| panic!("{name} cannot be read: {error}"));
                tree.insert(name, text);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tree = Tree::new();
    for folder in ["src", "migrations/src", "tests", "benches"] {
        let folder = root.join(folder);
        if folder.is_dir() {
            gather(root, &folder, &mut tree);
        }
    }
    tree
}

#[test]
fn the_house_holds() {
    let tree = our_tree();
    assert!(tree.len() > 20, "the source was not found");
    let found = breaches(&tree);
    let listed: Vec<String> = found
        .iter()
        .map(|breach| format!("  {}:{}  {}", breach.path, breach.line, breach.says))
        .collect();
    assert!(
        found.is_empty(),
        "{} breaches of the house's rules (docs/architecture.md):\n{}",
        found.len(),
        listed.join("\n")
    );
}
