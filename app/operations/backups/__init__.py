"""Backups of an installation: made, looked at and brought back by one program, which knows what belongs together."""
