//! Pages of documents: text, and suggestions of what must not be shown.
