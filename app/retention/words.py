"""The table of retention in words."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.retention.rules import ANONYMISE, DELETE, Rule

THEN = {DELETE: lazy_gettext("deleted"), ANONYMISE: lazy_gettext("emptied of what it says")}


def span_text(span: timedelta) -> str:
    """48 hours, 30 days, or at once."""
    if not span:
        return _("at once")
    if span < timedelta(days=3):
        return _("%(count)s hours", count=int(span.total_seconds() // 3600))
    return _("%(count)s days", count=span.days)


def row_of(rule: Rule, due: int) -> tuple[str, ...]:
    """What, how long and since when, what becomes of it, why, how much is due."""
    kept = _("%(span)s from %(since)s", span=span_text(rule.kept()), since=str(rule.since))
    return (str(rule.what), kept, str(THEN[rule.then]), str(rule.source), str(due))
