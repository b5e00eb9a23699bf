//! Dossiers as they were built.
