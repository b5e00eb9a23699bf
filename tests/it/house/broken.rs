//! The house test's own test: a small made-up house, broken once for each rule, so that a rule gone blind fails.

use super::{Tree, breaches};

/// A house in which nothing is wrong: path, then what the file holds after its doc comment.
const IN_ORDER: &str = "
src/lib.rs | pub mod domain;
src/main.rs | use sundial::web; fn main() { rocket::build(); }
src/clock.rs | fn now() { chrono::Utc::now(); }
src/config.rs | use rocket::figment; use crate::law::Code;
src/calendar/mod.rs | use chrono::NaiveDate;
src/law/mod.rs | use crate::calendar::Holidays;
src/domain/request.rs | use super::agency::Agency; use crate::law;
src/domain/agency.rs | const A: &str = \"crate::web::page\"; // crate::web is not named here
src/store/mod.rs | use sea_orm::Database; use crate::domain::request::Request;
src/mail/mod.rs | use lettre::Message; async fn a() { tokio::time::sleep(b).await }
src/dossier/mod.rs | use printpdf::Op;
src/actions/mod.rs | use crate::{config, clock, store::{requests, Store}, mail};
src/web/mod.rs | use rocket::get; use crate::actions; mod pages { use super::super::jobs; }
tests/it/support/mod.rs | async fn a() { tokio::time::sleep(b).await }
";

/// One case a line: the file put into the house, what it holds, and the breach that must be found (or \"nothing\").
/// A text that begins with BARE goes in without a doc comment before it.
const CASES: &str = "
src/domain/agency.rs | use crate::store::Store; | goes up
src/domain/agency.rs | use crate::{law, web::page}; | goes up
src/domain/agency.rs | fn a() { crate::actions::go() } | goes up
src/domain/agency.rs | use super::super::store; | goes up
src/domain/agency.rs | mod tests { use super::super::super::store; } | goes up
src/domain/agency.rs | fn a() { vec![crate::jobs::run()] } | goes up
src/store/mod.rs | pub(crate) use crate::actions as deeds; | goes up
src/store/requests.rs | use self::super::super::actions; | goes up
src/actions/send.rs | use crate::web::Page; | goes up
src/calendar/mod.rs | use crate::law::Code; | does not know the law
src/config.rs | use crate::store::Store; | stands beside
src/law/mod.rs | use crate::clock::Clock; | neither settings nor the clock
src/domain/agency.rs | use crate::config::Config; | neither settings nor the clock
src/mail/mod.rs | use crate::store::Store; | a workshop never
src/dossier/mod.rs | use crate::documents::Page; | a workshop never
src/domain/agency.rs | use super::request::Request; | later stage request
src/domain/agency.rs | use crate::domain::{ids, request::Request}; | later stage request
src/domain/agency/more.rs | use super::super::request; | later stage request
src/domain/review.rs | | review is not in the order
src/domain/mod.rs | BARE//! Rules without an order of any kind. | no order of stages
src/domain/mod.rs | BARE//! In this order: agency → request → memory. | names memory, which has no file
src/actions/send.rs | use rocket::State; | rocket is named outside
src/actions/send.rs | #[rocket::async_trait] impl A for B {} | rocket is named outside
src/jobs/mod.rs | #[macro_use] extern crate rocket; | rocket is named outside
src/actions/send.rs | use ::sea_orm::Set; | sea_orm is named outside
src/web/mod.rs | fn a() -> sea_orm::DbErr {} | sea_orm is named outside
src/cli/mod.rs | use sundial_migrations::Migrator; | sundial_migrations is named outside
src/documents/mod.rs | use printpdf::{Op, Pt}; | printpdf is named outside
src/jobs/mod.rs | use lettre::Transport; | lettre is named outside
src/web/mod.rs | use crate::mail::lettre::x; | nothing
src/actions/send.rs | fn a() { Utc::now(); } | only src/clock.rs
src/web/mod.rs | fn a() { chrono::Local::now(); } | only src/clock.rs
src/web/mod.rs | fn a() { std::time::SystemTime::now(); } | only src/clock.rs
src/web/mod.rs | fn a() { std::time::Instant::now(); } | nothing
src/law/mod.rs | use std::fs; | touch no file
src/domain/agency.rs | fn a() { std::env::var(b); } | touch no file
src/domain/agency.rs | async fn a() {} | never async
src/domain/agency.rs | mod tests { use std::fs; } | nothing
src/web/page.rs | BAREfn a() {} | opens without a doc comment
src/web/page.rs | BARE//! (room) | opens without a doc comment
src/web/page.rs | BARE/// Documents the item only, not the file. | opens without a doc comment
src/web/helpers.rs | | names no room
src/wizard/mod.rs | | stands on no floor
src/web/mod.rs | use crate::wizard::Hat; | wizard stands on no floor
src/web/mod.rs | fn a() { crate::ids!() } | nothing
src/web/page.rs | fn a( { | does not read as Rust
src/web/page.rs | fn a() { todo!() } | todo! is left
src/web/page.rs | fn a() { unimplemented!() } | unimplemented! is left
src/web/page.rs | fn a() { std::unimplemented!() } | unimplemented! is left
tests/it/a.rs | #[test] #[ignore] fn a() {} | a test is ignored
tests/it/a.rs | #[ignore = \"slow\"] fn a() {} | a test is ignored
tests/it/a.rs | fn a() { std::thread::sleep(b); } | a test sleeps
tests/it/a.rs | async fn a() { tokio::time::sleep(b).await; } | a test sleeps
tests/it/a.rs | use tokio::time::sleep; async fn a() { sleep(b).await; } | a test sleeps
src/mail/mod.rs | mod tests { fn a() { sleep(b); } } | a test sleeps
";

/// The lines of a table, cut at their bars.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split(" |").map(str::trim).collect())
}

fn house_with(path: &str, text: &str) -> Tree {
    let introduced = |text: &str| match text.strip_prefix("BARE") {
        Some(bare) => format!("{bare}\n"),
        None => format!("//! What lives here, and what does not.\n{text}\n"),
    };
    let mut tree: Tree = rows(IN_ORDER)
        .map(|row| (row[0].to_owned(), introduced(row[1])))
        .collect();
    tree.insert(
        "src/domain/mod.rs".to_owned(),
        "//! What lives here. The stages, in this order: agency →\n//! request.\n".to_owned(),
    );
    tree.insert(path.to_owned(), introduced(text));
    tree
}

#[test]
fn a_house_in_order_has_no_breach() {
    assert_eq!(breaches(&house_with("src/web/page.rs", "")), []);
}

#[test]
fn each_rule_sees_its_breach() {
    for row in rows(CASES) {
        let [path, text, expected] = row[..] else {
            panic!("a case has three parts: {row:?}");
        };
        let found = breaches(&house_with(path, text));
        if expected == "nothing" {
            assert_eq!(found, [], "in {path}, “{text}” is no breach");
            continue;
        }
        assert!(
            !found.is_empty() && found.iter().all(|breach| breach.says.contains(expected)),
            "in {path}, “{text}” should be answered with “{expected}” alone, but: {found:?}"
        );
    }
}

#[test]
fn a_long_file_must_say_why() {
    let body = "const A: u8 = 0;\n".repeat(500);
    let silent = breaches(&house_with("src/web/page.rs", &body));
    assert_eq!(silent.len(), 1, "{silent:?}");
    assert!(
        silent[0].says.contains("longer than 500 lines"),
        "{silent:?}"
    );
    let said = format!("BARE//! One table; longer than 500 lines because the law is.\n{body}");
    assert_eq!(breaches(&house_with("src/web/page.rs", &said)), []);
}
