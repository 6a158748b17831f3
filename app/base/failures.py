"""What could not be done, as data: a code for programs, and what people may want to know besides."""

from __future__ import annotations

UNEXPECTED = "unexpected"
_LONGEST_CODE, _LONGEST_DETAIL = 48, 2000


class Failure(Exception):
    """An error that somebody else will have to explain later; `detail` is what its words are unless given."""

    def __init__(self, words: str, *, code: str, detail: str | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.detail = words if detail is None else detail


def told(error: Exception) -> tuple[str, str]:
    """Code and detail to keep of any error; what nobody has foreseen is `unexpected`, with its kind and words."""
    if isinstance(error, Failure):
        return error.code[:_LONGEST_CODE], str(error.detail)[:_LONGEST_DETAIL]
    return UNEXPECTED, f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL]
