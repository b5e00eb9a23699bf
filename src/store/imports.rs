//! Imports awaiting confirmation.
