//! Saved odd mails, each named by its oddity, read and held by snapshots; and mutants of them.

use super::*;
