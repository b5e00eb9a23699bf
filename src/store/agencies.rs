//! Agencies as one campaign knows them.
