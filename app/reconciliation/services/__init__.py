"""Comparing and mending."""
