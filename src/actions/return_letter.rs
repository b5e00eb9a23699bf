//! Counsel returns a letter with a comment.
