//! GROUND: the public-records law of each jurisdiction, as data: duties, extensions, silence, appeals, fees, holidays.
//!
//! The facts are in `data/law/*.toml` (one file a jurisdiction, described in `docs/law-data.md`) and embedded in the
//! binary; this room reads and checks them. Not here: any computed date (`domain::duty`) or page.
//! May import `calendar` only. Pure: no clock, file, socket or database.

mod calendars;
mod check;
mod code;
mod correction;
mod jurisdiction;
mod library;
mod rules;
mod terms;

pub use calendars::{Readings, plain_county};
pub use check::Problem;
pub use code::{Code, CodeError};
pub use correction::{Correction, MoreHolidays, Patch};
pub use jurisdiction::{
    Act, AfterHours, Appeal, AppealKind, Change, ClosedDay, Condition, Counting, Court,
    DatedClosing, Detainers, Eligibility, FeeShifting, Fees, Fiscal, Form, Holidays, Jurisdiction,
    JurisdictionKind, LocalHoliday, NoticeBeforeSuit, OwnDays, OwnShift, Receipt, Source, Topic,
    Unlike, Waiver,
};
pub use library::Library;
pub use rules::{
    Duty, Extension, ExtensionKind, Limit, Pause, PauseAfter, Reading, RollDay, Silence,
    SilenceMeans, covers, in_force,
};
pub use terms::{About, Confidence, Deed, Ground, HolderKind, Kind, Start, Unit, Who};
