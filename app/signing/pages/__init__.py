"""Pages of the signings that need no account."""
