"""Pages of the online signings: the letter, its templates, the agreement."""
