//! The official's packet is built from cleared things alone.
