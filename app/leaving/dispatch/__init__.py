"""W13: the archive of a graduate on its way from the school to its receiver."""
