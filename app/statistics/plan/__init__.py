"""就业方案: the file of a cohort's graduates and their destinations as schools hand it on, and what it still lacks."""
