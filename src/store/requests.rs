//! Requests and their numbered items.
