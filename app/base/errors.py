"""What rules raise when they refuse; the doors turn it into an answer or a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _


class AppError(Exception):
    """A refusal with a message for people and a code for programs."""

    status = 400
    code = "error"

    def __init__(self, message: Any, code: str | None = None, **values: Any) -> None:
        super().__init__(message)
        self.text = message
        self.code = code or self.code
        self.values = values

    @property
    def message(self) -> str:
        """The message in the reader's language."""
        return str(self.text)


class Malformed(AppError):
    """The request cannot be read at all (400)."""

    status, code = 400, "malformed"


class Unauthenticated(AppError):
    """Nobody is logged in (401)."""

    status, code = 401, "unauthenticated"

    def __init__(self, message: Any = _("Please log in first."), code: str | None = None) -> None:
        super().__init__(message, code)


class Forbidden(AppError):
    """The role or the module permission does not allow it (403)."""

    status, code = 403, "forbidden"

    def __init__(
        self,
        message: Any = _("Your account may not do this. Please ask the level above for the permission."),
        code: str | None = None,
    ) -> None:
        super().__init__(message, code)


class NotFound(AppError):
    """Not there, or not in the caller's scope: the two look the same (404)."""

    status, code = 404, "not_found"

    def __init__(
        self,
        message: Any = _("This record does not exist or is not within your scope."),
        code: str | None = None,
    ) -> None:
        super().__init__(message, code)


class Conflict(AppError):
    """The state has moved on, or a rule of the workflow refuses (409)."""

    status, code = 409, "conflict"


class Stale(Conflict):
    """Somebody else has changed the record since the caller looked at it (409)."""

    code = "stale"

    def __init__(self) -> None:
        super().__init__(_("Somebody else has changed this record meanwhile. Please reload the page and decide again."))


class TooLarge(AppError):
    """More was sent than is accepted (413)."""

    status, code = 413, "too_large"


class UnsupportedMedia(AppError):
    """A kind of content that is not accepted (415)."""

    status, code = 415, "unsupported_media"


class Invalid(AppError):
    """Fields are missing or wrong (422); `errors` says which and why."""

    status, code = 422, "invalid"

    def __init__(
        self, errors: Mapping[str, Sequence[Any]], message: Any = _("Please correct the marked fields.")
    ) -> None:
        super().__init__(message)
        self.errors = {field: list(texts) for field, texts in errors.items()}


def texts_of(errors: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """What is wrong with which field, in the reader's language: for pages and answers."""
    return {str(name): [str(text) for text in texts] for name, texts in errors.items()}


class Throttled(AppError):
    """Too many tries (429); `retry_after` in seconds."""

    status, code = 429, "throttled"

    def __init__(
        self, retry_after: int, message: Any = _("Too many tries. Please wait a while and try again.")
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
