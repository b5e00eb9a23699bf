//! WORKSHOP: mail as bytes. Reading what came (`parse`), writing what goes (`compose`), handing it over (`send`),
//! and asking a mailbox for more (`fetch`).
//!
//! `lettre`, `mail-parser` and `async-imap` live only here. Not here: which request a message belongs to
//! (`domain::reply`), rows and outbox (`store`), when to try again (`domain::delivery`). May import `domain`,
//! `config` and the ground floor; never another workshop.

pub mod compose;
pub mod fetch;
mod flow;
pub mod morning;
pub mod parse;
pub mod phrases;
pub mod send;
pub mod sign;
pub mod words;

pub use crate::config::Security;
