"""What all cases of graduates under review have in common: columns, effects, guards, forms, rows of the tables."""
