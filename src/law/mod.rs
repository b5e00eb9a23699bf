//! GROUND: the public-records law of each jurisdiction, as data: duties, extensions, silence, appeals, fees, holidays.
//!
//! The facts are in `data/law/*.toml` (one file a jurisdiction, described in `docs/law-data.md`) and embedded in the
//! binary; this room reads and checks them. Not here: any computed date (`domain::duty`) or page.
//! May import `calendar` only. Pure: no clock, file, socket or database.

mod check;
mod code;
mod jurisdiction;
mod library;
mod rules;
mod terms;

pub use check::Problem;
pub use code::{Code, CodeError};
pub use jurisdiction::{
    Act, Appeal, AppealKind, ClosedDay, Condition, Counting, Court, Detainers, Eligibility,
    FeeShifting, Fees, Fiscal, Form, Holidays, Jurisdiction, JurisdictionKind, NoticeBeforeSuit,
    Receipt, Source, Topic, Waiver,
};
pub use library::Library;
pub use rules::{
    Duty, Extension, ExtensionKind, Limit, Pause, PauseAfter, Reading, RollDay, Silence,
    SilenceMeans,
};
pub use terms::{Confidence, Deed, HolderKind, Kind, Start, Unit, Who};
