"""How dates, money, deadlines and masked numbers are written on the screen: Jinja filters and globals."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from app.base.clock import SHANGHAI, now
from app.base.dates import day_text, deadline_text, moment_of, time_text
from app.base.masks import mask_account, mask_id_number, mask_phone
from app.base.wording import continued, joined, listed
from app.web.cells import LISTINGS
from app.web.drawing import written
from app.web.frame import FRAME
from app.web.once import drawn_once
from app.web.parts import PARTS

TONES = frozenset({"mine", "theirs", "in-force", "failed", "over", "invalid"})
_DAY = 86400
_SOON = timedelta(days=3)
_LAST = timedelta(days=1)


def iso(value: datetime | date | str | None) -> str:
    """The machine-readable form for <time datetime>; a day as deadline means its end."""
    if isinstance(value, datetime):
        return moment_of(value).isoformat()
    return value.isoformat() if isinstance(value, date) else (value or "")


def _closing(value: datetime | date | str) -> datetime:
    if isinstance(value, str) and len(value) == 10:
        value = date.fromisoformat(value)
    if isinstance(value, (datetime, str)):
        return moment_of(value)
    return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI) + timedelta(days=1)


def closing_iso(value: datetime | date | str) -> str:
    """The moment at which a deadline passes, for the countdown."""
    return _closing(value).isoformat()


def remaining(value: datetime | date | str | None) -> str:
    """还剩 3 天, 还剩 5 小时, 还剩 12 分钟 or 已过期; the last day is counted in hours."""
    if not value:
        return ""
    left = (_closing(value) - now()).total_seconds()
    if left <= 0:
        return _("overdue")
    if left >= _DAY:
        return ngettext("%(num)d day left", "%(num)d days left", int(left // _DAY))
    if left >= 3600:
        return ngettext("%(num)d hour left", "%(num)d hours left", int(left // 3600))
    return ngettext("%(num)d minute left", "%(num)d minutes left", max(int(left // 60), 1))


def urgency(value: datetime | date | str | None) -> str:
    """How near a deadline is: past, last (a day), soon (three days) or calm."""
    if not value:
        return "calm"
    left = _closing(value) - now()
    if left <= timedelta():
        return "past"
    return "last" if left < _LAST else "soon" if left < _SOON else "calm"


def ago(value: datetime | str | None) -> str:
    """How long something has been so: 刚刚, 5 分钟前, 3 小时前, 2 天前; older than a month as a date."""
    if not value:
        return ""
    past = (now() - moment_of(value)).total_seconds()
    if past < 60:
        return _("just now")
    if past < 3600:
        return ngettext("%(num)d minute ago", "%(num)d minutes ago", int(past // 60))
    if past < _DAY:
        return ngettext("%(num)d hour ago", "%(num)d hours ago", int(past // 3600))
    if past < 30 * _DAY:
        return ngettext("%(num)d day ago", "%(num)d days ago", int(past // _DAY))
    return day_text(value)


def money(value: Decimal | float | str | None, unit: bool = True) -> str:
    """8,500 元: cents only where there are some."""
    if value is None or value == "":
        return ""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    text = f"{amount:,.2f}".removesuffix(".00")
    return _("%(amount)s yuan", amount=text) if unit else text


def figure(value: int | None) -> str:
    """A count with thousands marks: 12,345."""
    return "" if value is None else f"{value:,}"


def tone(value: str | None) -> str:
    """The class suffix of a state colour; anything unknown is grey."""
    name = (value or "").replace("_", "-")
    return name if name in TONES else "over"


def state_markup(label: Any, name: str | None) -> Markup:
    """The state as a coloured word, for FAB's column formatters (templates use the macro `state`)."""
    return Markup(f'<span class="state state--{tone(name)}">{written(label)}</span>')  # noqa: S704  (escaped)


def fab_control(control: Any) -> Markup:
    """FAB's rendered form control without the placeholder that repeats the label, in the look of all others and with a
    readable empty choice.
    """
    text = re.sub(r' placeholder="[^"]*"', "", str(control))
    text = re.sub(r"^<(input|select|textarea)(?![^>]* class=)", r'<\1 class="\1"', text)
    choose = escape(_("Please choose"))
    return Markup(text.replace(">__None<", f">{choose}<"))  # noqa: S704 - FAB escaped it


def url_without(*names: str) -> str:
    """The present address without these arguments (a name ending in _ removes all that begin with it) and without page."""
    starts = (*(name for name in names if name.endswith("_")), "page_")
    kept = [(k, v) for k, v in request.args.items(multi=True) if k not in names and not k.startswith(starts)]
    kept = [(k, v) for k, v in kept if k != "page"]
    return request.path + ("?" + urlencode(kept) if kept else "")


def url_with(**values: Any) -> str:
    """The present address with these arguments set (and page kept only if given); None removes one."""
    kept = [(k, v) for k, v in request.args.items(multi=True) if k not in values and k != "page"]
    kept += [(k, str(v)) for k, v in values.items() if v is not None]
    return request.path + ("?" + urlencode(kept) if kept else "")


FILTERS: dict[str, Any] = {
    "day_text": day_text,
    "time_text": time_text,
    "deadline_text": deadline_text,
    "iso": iso,
    "listed": listed,
    "joined": joined,
    "continued": continued,
    "closing_iso": closing_iso,
    "remaining": remaining,
    "urgency": urgency,
    "ago": ago,
    "money": money,
    "figure": figure,
    "tone": tone,
    "fab_control": fab_control,
    "mask_id_number": mask_id_number,
    "mask_phone": mask_phone,
    "mask_account": mask_account,
}


def register(app: Flask) -> None:
    """Give the templates these filters, the test `listing`, ways to change the address, and parts of pages."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(url_without=url_without, url_with=url_with)
    app.jinja_env.globals.update(parts=PARTS, frame=FRAME, drawn_once=drawn_once)
    app.jinja_env.tests["listing"] = lambda value: isinstance(value, LISTINGS)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
