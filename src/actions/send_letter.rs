//! An approved letter is put into the outbox.
