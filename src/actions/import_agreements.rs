//! ICE's published list of agreements is previewed and, once confirmed, taken in.
