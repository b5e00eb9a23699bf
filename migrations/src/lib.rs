//! One change a file.
pub use sea_orm_migration;
