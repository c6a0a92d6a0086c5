//! Physical keys across keyids, roles, repositories and files.
