//! Job: one attempt to deliver a letter.
