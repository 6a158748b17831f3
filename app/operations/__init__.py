"""What whoever runs an installation needs: bring it up to date, and be told what is wrong with it."""
