"""In which language a page answers: the one place where it is chosen.

The setting LANGUAGES names the catalogues that are offered, the first one for whoever asks for none of them. With one
language nothing is asked and nothing is kept; another is switched on by naming it once its catalogue is complete. Then
graduates and the public find the switch at the foot of their pages; what they choose stands in a cookie. Until then the
browser is asked, unless LANGUAGE_BY_BROWSER is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from babel import Locale
from flask import Flask, Response, abort, has_request_context, make_response, redirect, request, url_for
from flask_babel import get_locale
from markupsafe import Markup

from app.access.accounts import keep_language
from app.base.settings import settings
from app.web.current import actor_or_none
from app.web.gate import open_to_all
from app.web.pages import own_path, own_referrer
from app.web.texts import use_texts

CHOSEN: Final = "language"  # the cookie
_KEPT_FOR: Final = timedelta(days=365)
# The script in which a language is written matters to browsers (fonts) and screen readers (voice).
_TAGS = {"zh": "zh-CN"}


def chosen_language() -> str:
    """The language of this request as its reader has chosen it, else as the browser asks for it; that of the platform
    for jobs and commands.
    """
    offered = settings().languages
    if len(offered) == 1 or not has_request_context():
        return offered[0]
    if request.cookies.get(CHOSEN) in offered:
        return request.cookies[CHOSEN]
    wished = request.accept_languages.best_match(offered) if settings().language_by_browser else None
    return wished or offered[0]


def page_language() -> str:
    """The present language as a page names it in <html lang>."""
    present = str(get_locale() or settings().languages[0])
    return _TAGS.get(present, present.replace("_", "-"))


def other_languages() -> Sequence[tuple[str, Markup, str]]:
    """The languages to which this page can be switched: how pages name it, its own name for itself, the address."""
    present = chosen_language()
    wanted = request.full_path.rstrip("?") if request.method == "GET" else own_referrer()
    return [
        (_TAGS.get(one, one), _own_name(one), url_for("choose_language", language=one, next=wanted))
        for one in settings().languages
        if one != present
    ]


def _own_name(language: str) -> Markup:
    # As signs by number: a page holds no letters of another language but those of its readers' data.
    name = (Locale.parse(language).get_display_name(language) or language).encode("ascii", "xmlcharrefreplace")
    return Markup(name.decode())  # noqa: S704  (a name out of Babel's own tables)


def choose_language(language: str) -> Response:
    """Keep the reader's choice and go back to the page."""
    if language not in settings().languages:
        abort(404)
    actor = actor_or_none()
    if actor is not None and actor.user_id is not None:
        keep_language(actor.user_id, language)
    answer = make_response(redirect(own_path(request.args.get("next")) or "/"))
    answer.set_cookie(CHOSEN, language, max_age=_KEPT_FOR, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def remember_language(user_id: int) -> None:
    """Notices follow the language in which somebody logs in; called at the log-in by a page."""
    if len(settings().languages) > 1:
        keep_language(user_id, chosen_language())


def use_languages(app: Flask) -> None:
    """Let texts follow the chosen language; called when Flask-AppBuilder has set up its own choice."""
    app.add_url_rule("/language/<string:language>", "choose_language", choose_language)
    open_to_all("choose_language")
    app.jinja_env.globals["other_languages"] = other_languages
    app.extensions["babel"].locale_selector = chosen_language
    use_texts(app)
    app.jinja_env.globals["page_language"] = page_language
