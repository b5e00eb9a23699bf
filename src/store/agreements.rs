//! What agencies signed with ICE.
