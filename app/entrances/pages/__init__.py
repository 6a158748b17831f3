"""Pages before and around the log-in: activation, registration, forgotten password, own account (R1.1, R1.2, R1.10)."""
