"""The days that a school sets for a cohort beside its modules: they open nothing and can change at any time."""
