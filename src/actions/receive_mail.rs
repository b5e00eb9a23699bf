//! A message arrives: kept raw first, then read, matched and filed.
