"""Every destination that can be registered, one declared entry each; a new type is one more entry (R7.9).

`declared.py` says what an entry consists of, `kinds.py` what kinds of fields there are. Rows of the table
destination_types, which operators edit, win over the entries: see `app/destination/catalogue.py`.
"""
