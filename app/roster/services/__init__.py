"""The only writers of the roster: graduates and staff, the employment system, the demonstration."""
