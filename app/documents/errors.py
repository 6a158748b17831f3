"""Why a paper could not be made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import AppError
from app.base.wording import listed


class UnprintableText(AppError):
    """Something that is to be printed holds characters that no face of ours has (422)."""

    status, code = 422, "unprintable_text"

    def __init__(self, characters: Sequence[str], field: str, label: Any) -> None:
        self.characters, self.field = tuple(characters), field
        named = listed(f"{character} (U+{ord(character):04X})" for character in self.characters[:10])
        super().__init__(
            _(
                "The agreement cannot be made: “%(field)s” has characters that cannot be printed: %(characters)s. "
                "Please replace them, or contact customer service if it is a name.",
                field=label,
                characters=named,
            )
        )


class DocumentRejected(AppError):
    """The finished PDF does not say what it should, so it is not kept (500: ours to mend)."""

    status, code = 500, "document_rejected"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(
            _(
                "The agreement was made but did not pass the check of its text (%(detail)s). It was not kept. "
                "Operators will look at it.",
                detail=detail,
            )
        )


class StorageUnavailable(AppError):
    """The store of the files does not answer, or refuses its key: nothing is wrong with the request (503)."""

    status, code = 503, "storage_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(_("The store of the files is briefly not available. Please try again in a minute."))
        self.__notes__ = [reason]  # for the log alone
