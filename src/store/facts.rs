//! Figures traced to a page, and their second reading.
