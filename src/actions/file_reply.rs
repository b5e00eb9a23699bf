//! A person files a message to its request.
