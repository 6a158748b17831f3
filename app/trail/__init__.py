"""Who did what and who saw what: the audit trail on pages and in the API, and the proof that nobody changed it."""
