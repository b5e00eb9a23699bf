//! A person says what became of a delivery with an unknown outcome.
