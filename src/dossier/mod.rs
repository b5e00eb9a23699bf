//! WORKSHOP: packet → layout → PDF bytes, and the bundle with its exhibits.
//!
//! The only place that knows printpdf. `face`, `text`, `flow`, `table` and `paper` are our own layer over its
//! operations; `body` lays a packet out; `letter` sets a letter, `picture` reads a signature for it; `bundle` puts the exhibits behind it, page for page, inside the worker
//! process. No database, no clock, no network. May import `domain` and below.

mod body;
pub mod bundle;
mod face;
mod flow;
pub mod letter;
pub mod letterhead;
pub mod link;
mod paper;
pub mod picture;
#[cfg(test)]
mod sample;
mod table;
mod text;

pub use body::{Body, RenderError, render};
