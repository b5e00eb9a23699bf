//! A letter is put before counsel.
