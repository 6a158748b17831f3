"""The writers of the verification."""
