"""事件推送 in the workplaces: set up, try, read what was sent, send again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.errors import AppError, Forbidden, Invalid
from app.machines.keys.pages import PLACES, by_field
from app.machines.webhooks import queries, services
from app.machines.webhooks.models import Webhook
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, layout_of, open_in_workplaces
from app.workflow import registry

blueprint = Blueprint("webhooks", __name__)
_SHOWN = 50


def hooks_url(what: str = "show", **values: Any) -> str:
    """The address of a page of the webhooks in the reader's workplace."""
    return url_for(f"webhooks.{'employer' if current_actor().kind == EMPLOYER else 'staff'}_{what}", **values)


def show() -> Response:
    """The webhooks of the account, and the form for a new one."""
    return _page()


def add() -> ResponseReturnValue:
    """Set one up and show its secret, this once."""
    try:
        hook = services.add_webhook(_sent(), actor=current_actor())
    except AppError as error:
        return _page(error=error)
    return _page(made=hook)


def log(hook_id: str) -> str:
    """One webhook with what was sent to it last."""
    actor = _reader()
    hook = queries.own_webhook(row_id(hook_id), actor=actor)
    return render_template(
        "machines/webhook.html",
        **_frame(actor),
        hook=hook,
        deliveries=queries.deliveries_of(hook, limit=_SHOWN, before=_before()),
        shown=_SHOWN,
    )


def change(hook_id: str) -> ResponseReturnValue:
    """Switch it on or off."""
    wanted = request.form.get("active") == "1"
    services.change_webhook(row_id(hook_id), {"active": wanted}, actor=current_actor())
    flash(_("It is switched on and sent what it missed.") if wanted else _("It is switched off."), "success")
    return redirect(hooks_url("log", hook_id=hook_id))


def test(hook_id: str) -> ResponseReturnValue:
    """Send a message that stands for nothing."""
    services.try_webhook(row_id(hook_id), actor=current_actor())
    flash(_("A test message is on its way. Reload this page in a moment to see the answer."), "success")
    return redirect(hooks_url("log", hook_id=hook_id))


def redeliver(hook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Send a message again."""
    services.redeliver(row_id(hook_id), row_id(delivery_id), actor=current_actor())
    flash(_("The message is sent again. Reload this page in a moment to see the answer."), "success")
    return redirect(hooks_url("log", hook_id=hook_id))


def delete(hook_id: str) -> ResponseReturnValue:
    """End it."""
    services.remove_webhook(row_id(hook_id), actor=current_actor())
    flash(_("The webhook is deleted."), "success")
    return redirect(hooks_url())


def _sent() -> dict[str, Any]:
    form = request.form
    chosen = [f"{one}.*" for one in form.getlist("events")]
    return {"url": form.get("url", ""), "events": [*chosen, *form.get("more", "").split()]}


def _reader() -> Actor:
    actor = current_actor()
    if not actor.may("can_list", services.VIEW):
        raise Forbidden()
    return actor


def _frame(actor: Actor) -> dict[str, Any]:
    return {
        "layout": layout_of(actor.kind),
        "appbuilder": current_app.appbuilder,  # type: ignore[attr-defined]
        "hooks_url": hooks_url,
    }


def _before() -> int | None:
    text = request.args.get("before", "")
    return row_id(text) if text else None


def _page(made: Webhook | None = None, error: AppError | None = None) -> Response:
    actor = _reader()
    readable = set(queries.readable_workflows(actor))
    answer = make_response(
        render_template(
            "machines/webhooks.html",
            **_frame(actor),
            hooks=queries.own_webhooks(actor),
            workflows=[(one.name, one.label) for one in registry.all_workflows() if one.name in readable],
            made=made,
            errors=by_field(error),
            refused=error.message if error is not None and not isinstance(error, Invalid) else "",
            values=request.form if error is not None else {},
            chosen=request.form.getlist("events") if error is not None else [],
        )
    )
    answer.status_code = error.status if error is not None else 200
    return answer


def _back(view: Callable[..., Any]) -> Callable[..., Any]:
    """What is refused is told on the page of the webhook."""
    return flash_refusals(lambda **values: hooks_url("log", hook_id=values["hook_id"]))(view)


open_in_workplaces(
    blueprint,
    PLACES,
    "/programs/webhooks",
    (
        ("show", "GET", "", show),
        ("add", "POST", "", add),
        ("log", "GET", "/<hook_id>", _back(log)),
        ("change", "POST", "/<hook_id>", _back(change)),
        ("test", "POST", "/<hook_id>/test", _back(test)),
        ("redeliver", "POST", "/<hook_id>/deliveries/<delivery_id>", _back(redeliver)),
        ("delete", "POST", "/<hook_id>/delete", _back(delete)),
    ),
)
