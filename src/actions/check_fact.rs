//! A second person checks a figure, or disputes it.
