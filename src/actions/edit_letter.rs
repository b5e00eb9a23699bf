//! A letter's text is changed: a new version, which no approval covers.
