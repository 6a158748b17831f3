"""The first log-in of a unit's user, and the way to it from every other page of units (R5.1-R5.8)."""
