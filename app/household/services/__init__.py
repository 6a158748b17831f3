"""The writers of archive and hukou: the graduate, and the employment system."""
