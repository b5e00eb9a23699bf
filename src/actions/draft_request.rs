//! A request is begun and its letter composed.
