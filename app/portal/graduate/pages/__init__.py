"""The graduate's workplace on the phone: home, signings, blanks to print."""
