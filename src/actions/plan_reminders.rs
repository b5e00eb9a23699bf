//! The limits of all requests are looked through and reminders put into the job table.
