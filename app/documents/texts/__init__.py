"""The text of the agreement in versions: the platform's own, as files, and those of provinces, as rows."""
