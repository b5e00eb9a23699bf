//! Messages that came in.
