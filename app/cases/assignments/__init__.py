"""Which colleague of an office looks after a record that waits for it."""
