//! Letters going out.
