"""The unit's workplace: workbench, favorites, long jobs."""
