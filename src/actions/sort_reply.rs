//! A person says what a reply is.
