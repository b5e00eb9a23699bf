//! Every version of every letter, and counsel's decisions on the exact text.
