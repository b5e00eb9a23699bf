//! Counsel's decisions on documents.
