//! Counsel approves the exact text of a letter.
