"""Pages of the signings on paper: the graduate's form and record, the unit's upload link."""
