//! RULES: what a campaign's things are and what may happen to them. Pure: no async, no I/O, no clock.
//!
//! May import `calendar` and `law` only. The stages follow the work, and a stage never imports a later one:
//! ids → question → person → event → agency → records → request → duty → letter → approval → delivery → batch
//! → reply → document → review → fact → packet → reminder.

pub mod agency;
pub mod approval;
pub mod batch;
pub mod delivery;
pub mod document;
pub mod duty;
pub mod event;
pub mod fact;
pub mod ids;
pub mod letter;
pub mod packet;
pub mod person;
pub mod question;
pub mod records;
pub mod reminder;
pub mod reply;
pub mod request;
pub mod review;
