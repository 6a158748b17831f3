"""How much a request may carry: little, and more where people send files by forms of pages."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, request

from app.web.current import is_api

# A dozen photographs at once, where no script makes them smaller: what is too large among them is told at its field.
MOST_OF_FORM: Final = 64 * 1024 * 1024


def register(app: Flask) -> None:
    """Let forms with files carry more than the common limit, before anything reads the body."""

    def raise_limit(endpoint: str | None, values: dict[str, Any] | None) -> None:
        del endpoint, values
        if request.mimetype == "multipart/form-data" and not is_api():
            request.max_content_length = MOST_OF_FORM

    app.url_value_preprocessor(raise_limit)
