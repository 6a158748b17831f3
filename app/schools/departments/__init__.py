"""Departments of a school: by whatever name a sheet calls them, renamed, merged, and those that nobody knows yet (B12)."""
