//! Repositories on this desk: register, refresh, tree, search.
