"""Online signings, and the templates of their letters, as programs use them."""

from __future__ import annotations

from flask import Flask

from app.signing.online.api.letter_templates import TemplatesApi
from app.signing.online.api.signings import OnlineSigningApi


def register(app: Flask) -> None:
    for api in (OnlineSigningApi, TemplatesApi):
        app.appbuilder.add_api(api)  # type: ignore[attr-defined]
