"""Graduates who have registered no destination are reminded by their school, none of them twice within days."""
