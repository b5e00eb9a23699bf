//! An agency is added by hand.
