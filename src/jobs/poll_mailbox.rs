//! Job: fetch new messages from the mailbox.
