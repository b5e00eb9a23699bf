//! WORKSHOP: files by hash, and everything that is done to a file somebody sent us.
//!
//! Here: the content-addressed store (`files`), what a file is by its bytes (`media`), names that are safe to
//! hand out (`names`), the worker process and its limits (`worker`), and what runs inside that process
//! (`pdf`, `tables`, `plain`, `tools`); from text alone, `detection` suggests where personal data may be and `folding` makes
//! pages and quotes comparable.
//!
//! An uploaded file is parsed, drawn or read only inside the worker process. The server itself hashes bytes,
//! moves them, and looks at the first few to name a media type.
//!
//! May import the ground and the rules; never `store`, `mail`, `dossier` or a door.

pub mod detection;
pub mod files;
pub mod folding;
pub mod media;
pub mod names;
pub mod pdf;
pub mod plain;
pub mod sheets;
pub mod tables;
pub mod tools;
pub mod worker;
