//! One reminder is sent.
