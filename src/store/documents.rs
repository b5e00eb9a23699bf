//! What agencies sent, by hash.
