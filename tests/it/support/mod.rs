//! What the integration tests stand on: throw-away servers, a fresh database for each test, the real browser.
//!
//! The only place in the tests that may wait for something outside the process, always with a limit.

pub mod browser;
pub mod database;
pub mod papers;
pub mod servers;
