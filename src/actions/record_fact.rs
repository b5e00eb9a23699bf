//! A figure is recorded from a cleared page.
