"""The roster from a sheet: read, checked, compared, then written whole or not at all, and taken back (R4.1)."""
