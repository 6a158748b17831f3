"""What the employment system has not taken of a school's records, told to those who can do something about it."""
