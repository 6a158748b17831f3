"""What the pages with a code share: the code that this browser waits for, and forms that tell what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.base.errors import AppError, Invalid, NotFound, Throttled
from app.notices.explanations import channel_label
from app.passcodes.models import VerificationCode
from app.passcodes.services import MINUTES, open_code, sent_to, shown_code

_COOKIE = "codes"


def remember(row: VerificationCode) -> None:
    """Tie the code to this browser: only here can it be entered."""
    session[_COOKIE] = {**session.get(_COOKIE, {}), row.purpose: row.id}


def waiting_id(purpose: str) -> int | None:
    """The number of the code that this browser waits for."""
    return session.get(_COOKIE, {}).get(purpose)


def forget(purpose: str) -> None:
    """The code has done its work."""
    session[_COOKIE] = {name: number for name, number in session.get(_COOKIE, {}).items() if name != purpose}


def waiting_code(purpose: str) -> VerificationCode | None:
    """The code that this browser waits for, while it can be used."""
    return open_code(waiting_id(purpose), purpose)


def given_answer() -> dict[str, str | None]:
    """What the form says to the question that stood in it."""
    return {"id": request.form.get("challenge"), "answer": request.form.get("answer")}


def sent_facts(row: VerificationCode, *, tell_address: bool = True) -> dict[str, Any]:
    """What the page says of the code: where it went, for how long it holds, and in a trial the code itself."""
    return {
        "by": channel_label(row.channel),
        "to": sent_to(row) if tell_address else "",
        "minutes": MINUTES,
        "development": shown_code(row),
    }


def page(template: str, error: AppError | None = None, **facts: Any) -> Response:
    """A form, after a refusal with what was wrong and the answer's status; typed texts come back, secrets do not."""
    errors: Mapping[str, Any] = error.errors if isinstance(error, Invalid) else {}
    told = error.message if error is not None and not errors else None
    if "code" in errors and not facts.get("sent"):
        told = " ".join(str(text) for text in errors["code"])  # back at the first step there is no field for it
    values = {
        name: text for name, text in request.form.items() if name not in ("password", "current", "code", "answer")
    }
    response = make_response(
        render_template(
            template,
            errors=errors,
            error=told,
            values=values,
            refusal=error,
            challenge=error.values.get("challenge") if error else None,
            **facts,
        )
    )
    if error is not None:
        response.status_code = error.status
    if isinstance(error, Throttled):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def attempt(act: Callable[[], Any]) -> tuple[Any, AppError | None]:
    """What a service returned, or what it refused with."""
    try:
        return act(), None
    except AppError as error:
        return None, error


@dataclass(frozen=True)
class Way:
    """The two pages of a way in by a code: whose it is, then the code with what is new; each door has its own texts.

    `place` are the values that stand in the addresses and on the pages of both.
    """

    blueprint: str
    purpose: str
    first: str  # templates
    second: str
    tell_address: bool = True  # else nobody learns whether there is such an account

    def begin(self, start: Callable[[], VerificationCode], **place: Any) -> ResponseReturnValue:
        """Have the code sent and go on to the second page."""
        row, error = attempt(start)
        if error is not None:
            return page(self.first, error, **place)
        remember(row)
        return redirect(url_for(f"{self.blueprint}.enter", **place))

    def code_page(self, *, reader: str | None = None, **place: Any) -> ResponseReturnValue:
        """The second page, for the code that this browser waits for; `reader`: only for one of that kind."""
        row = waiting_code(self.purpose)
        if row is None or reader not in (None, row.reader):
            flash(_("This code can no longer be used. Please have a new one sent."), "warning")
            return redirect(url_for(f"{self.blueprint}.ask", **place))
        return self._second(row, **place)

    def end(
        self, finish: Callable[[int | None, str, dict[str, Any]], Any], **place: Any
    ) -> tuple[Any, Response | None]:
        """What `finish` returns for the code and how it was entered, or the page that says what was wrong."""
        how = {"ip": request.remote_addr or "unknown", "answer": given_answer()}
        done, error = attempt(lambda: finish(waiting_id(self.purpose), request.form.get("code", ""), how))
        if error is None:
            forget(self.purpose)
            return done, None
        row = waiting_code(self.purpose)
        if row is None or isinstance(error, NotFound):
            return None, page(self.first, error, **place)
        return None, self._second(row, error, **place)

    def _second(self, row: VerificationCode, error: AppError | None = None, **place: Any) -> Response:
        return page(self.second, error, sent=sent_facts(row, tell_address=self.tell_address), **place)
