"""Copies of our papers that come back stamped: read by a worker, page by page, and laid on the original (R9.2)."""
