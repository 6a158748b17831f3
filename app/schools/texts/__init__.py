"""A province's own text of the agreement: written by one person, signed off by another, in force from a day on."""
