"""What a destination type is: `declared.py` what an entry consists of, `kinds.py` the kinds of fields, `shipped.py` reads them.

A new type is one more entry in data/types (R7.9). Rows of the table destination_types, which operators edit, win over
the entries: see `app/destination/catalogue.py`.
"""
