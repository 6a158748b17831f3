"""Measures pages, events and papers on a generated country; not part of the tests."""
