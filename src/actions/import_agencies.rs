//! A list of agencies is previewed and, once confirmed, taken in.
