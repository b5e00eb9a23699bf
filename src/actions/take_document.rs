//! A file becomes a held document.
