//! Counsel clears, seals or holds a document.
