"""Keywords of WeChat templates take few characters; a text that is too long is cut where it can be read."""

from __future__ import annotations

import re

from app.notices.cutting import cut

# The longest text of each kind of keyword, by the letters of its name (thing1, phrase2, …).
_LONGEST = {
    "thing": 20,
    "short_thing": 5,
    "phrase": 5,
    "name": 10,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "time": 40,
    "date": 40,
    "phone_number": 17,
    "car_number": 8,
    "amount": 16,
    "const": 20,
}
_PLAIN = 200  # templates of the old kind have keywords of any name


def fitted(keyword: str, text: str) -> str:
    """The text as the keyword takes it: one line, not empty, not too long; a midnight as 23:59."""
    kind = keyword.rstrip("0123456789")
    line = " ".join(text.split())
    if kind in ("time", "date"):
        line = line.replace(" 24:00", " 23:59")
    longest = _LONGEST.get(kind, _PLAIN)
    if kind == "name" and re.fullmatch(r"[\x20-\x7e]*", line):
        longest = 20
    return cut(line, longest) or "-"
