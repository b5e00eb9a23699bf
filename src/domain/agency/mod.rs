//! Agencies: who holds the records, how each is reached, and which agreements with ICE it has.
//!
//! Here: the kinds ([`kind`]), agreements and policies ([`agreement`], [`policy`]), contacts ([`contact`]), fiscal
//! years ([`fiscal`]), what makes two names one agency ([`name`], [`twins`]), named sets ([`set`]), the departments
//! that stand in a campaign from the start ([`start`]), the reading of lists ([`list`], [`columns`]) and the plan of
//! an import ([`plan`], made in [`matching`]).
//! Not here: requests and letters, which are later stages, and the files themselves. Pure.
//! May import `calendar`, `law` and earlier stages.

pub mod agreement;
pub mod columns;
pub mod contact;
pub mod fiscal;
pub mod kind;
pub mod list;
pub mod matching;
pub mod name;
pub mod plan;
pub mod policy;
pub mod set;
pub mod start;
mod table;
pub mod twins;

pub use self::agreement::{AgreementModel, AgreementStatus, Paper};
pub use self::kind::AgencyKind;
