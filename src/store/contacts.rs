//! How to reach an agency, how that is known, and when it was checked.
