//! A member changes what a campaign is about.
