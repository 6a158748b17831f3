"""The keys of personal data: which are in use, and the change from one to the next."""
