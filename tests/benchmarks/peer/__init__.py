"""The peer: Django's admin over the very same tables, logged in, in this process, with our columns, filters and page size.

Its models own nothing: no table is made or changed here. What Django needs for itself (accounts, sessions) lies in a
database of its own on the same server, as it would beside ours in production.
"""

from __future__ import annotations

NAME = "peer"
OURS, OWN = "ours", "default"  # our database, and the one that Django has for itself
SCHOOL, PROVINCE, COUNTRY, UNIT = "peer-school", "peer-province", "peer-country", "peer-unit"
PAGE = 25
# Account -> to what its lists are narrowed.
scopes: dict[str, dict[str, int]] = {}
