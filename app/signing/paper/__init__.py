"""Agreements on paper: W2 offline signing and W3 supplementary registration, both begun by the graduate."""
