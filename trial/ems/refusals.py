"""What the stand-in's rules raise; the API turns it into a JSON error, the pages into a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A request that is not carried out, with an HTTP status, a code for programs and a text for people."""

    def __init__(self, status: int, code: str, message: Any, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.text = message
        self.errors = dict(errors or {})

    @property
    def message(self) -> str:
        """The text in the reader's language."""
        return str(self.text)
