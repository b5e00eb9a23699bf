//! Jobs: plan reminders, send one.
