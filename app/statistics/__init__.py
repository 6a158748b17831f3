"""Figures of a season, live: how many graduates have registered, by school, department and other groups (R2.5)."""
