"""接口密钥 in the workplaces: make a key, see it once, replace it, end it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER
from app.access.api_keys.models import ApiKey
from app.base import clock
from app.base.errors import AppError, Forbidden, Invalid, texts_of
from app.machines.keys import records, services
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import layout_of, open_in_workplaces

blueprint = Blueprint("api_keys", __name__)
PLACES = {"employer": (EMPLOYER,), "staff": tuple(kind for kind in services.KINDS if kind != EMPLOYER)}


def keys_url(what: str = "show", **values: Any) -> str:
    """The address of a page of the keys in the reader's workplace."""
    return url_for(f"api_keys.{'employer' if current_actor().kind == EMPLOYER else 'staff'}_{what}", **values)


def show() -> Response:
    """The keys of the account, and the form for a new one."""
    return _page()


def make() -> ResponseReturnValue:
    """Make a key and show its text, this once."""
    form = request.form
    sent = {
        "name": form.get("name", ""),
        "scopes": form.getlist("scopes"),
        "expires_on": form.get("expires_on") or None,
        "addresses": form.get("addresses", "").split(),
    }
    try:
        row, text = services.make_key(sent, offered=records.scopes(), actor=current_actor())
    except AppError as error:
        return _page(error=error)
    return _page(row, text)


def rotate(key_id: str) -> ResponseReturnValue:
    """Replace the text of a key and show the new one, this once."""
    row, text = services.rotate_key(row_id(key_id), actor=current_actor())
    return _page(row, text)


def delete(key_id: str) -> ResponseReturnValue:
    """End a key."""
    services.delete_key(row_id(key_id), actor=current_actor())
    flash(_("The key is deleted. Nobody gets in with it any more."), "success")
    return redirect(keys_url())


def _page(made: ApiKey | None = None, text: str = "", error: AppError | None = None) -> Response:
    actor = current_actor()
    if not actor.may("can_list", services.VIEW):
        raise Forbidden()
    answer = make_response(
        render_template(
            "machines/keys.html",
            layout=layout_of(actor.kind),
            keys=services.own_keys(actor),
            resources=records.resources_for(actor),
            action_labels=records.ACTION_LABELS,
            made=made,
            text=text,
            today=clock.today(),
            now=clock.now(),
            errors=by_field(error),
            refused=error.message if error is not None and not isinstance(error, Invalid) else "",
            values=request.form if error is not None else {},
            chosen=request.form.getlist("scopes") if error is not None else [],
            keys_url=keys_url,
        )
    )
    answer.status_code = error.status if error is not None else 200
    return answer


def by_field(error: AppError | None) -> dict[str, list[str]]:
    """What is wrong, entries of a list at the list's own field."""
    found: dict[str, list[str]] = {}
    for name, texts in texts_of(error.errors).items() if isinstance(error, Invalid) else ():
        found.setdefault(name.partition(".")[0], []).extend(texts)
    return found


open_in_workplaces(
    blueprint,
    PLACES,
    "/programs/keys",
    (
        ("show", "GET", "", show),
        ("make", "POST", "", make),
        ("rotate", "POST", "/<key_id>/rotate", rotate),
        ("delete", "POST", "/<key_id>/delete", delete),
    ),
)
