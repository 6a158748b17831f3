"""Files in place of an interface: what an employment system is to be told goes out as a file, its answers come back."""
