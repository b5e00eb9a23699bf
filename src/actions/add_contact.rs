//! A way to reach an agency is added.
