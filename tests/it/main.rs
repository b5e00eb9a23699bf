//! The integration tests, one program: `house` reads the source, the rest drive Sundial as people and machines do.

mod house;
mod program;
mod routes;
mod support;
mod worker;
