//! One attempt to hand a queued letter over.
