//! Sundial: public-records requests about ICE detainers, from draft to meeting.
//!
//! Five floors, imports only go down (held by `tests/it/house.rs`):
//! ground (`calendar`, `law`) ← rules (`domain`) ← workshops (`store`, `mail`, `documents`, `dossier`)
//! ← deeds (`actions`) ← doors (`web`, `jobs`, `cli`). `config` and `clock` stand beside the floors.

pub mod actions;
pub mod calendar;
pub mod cli;
pub mod clock;
pub mod config;
pub mod documents;
pub mod domain;
pub mod dossier;
pub mod jobs;
pub mod law;
pub mod mail;
pub mod store;
pub mod web;
