"""The demonstration country: invented people and units, and what happened to them."""
