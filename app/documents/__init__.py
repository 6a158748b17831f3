"""Papers of the platform: agreements as PDF, their numbers, the files that are kept, and who may read them."""
