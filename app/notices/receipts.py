"""What became of a message on its way to the phone: providers are asked, less and less often, for three days (B10)."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.base import clock
from app.base.database import session, transaction
from app.base.failures import Failure
from app.notices import channels, ladder
from app.notices.channels.base import Channel, Handed, Report, Reporting
from app.notices.models import SENT, NoticeDelivery

log = logging.getLogger(__name__)
_FIRST: Final = timedelta(minutes=2)
_LONGEST: Final = timedelta(hours=12)
_ASKED_FOR: Final = timedelta(days=3)  # later no carrier says anything
_A_TIME: Final = 100


def await_report(row: NoticeDelivery, channel: Channel) -> None:
    """The provider has taken it: note when it is asked for the first time, where it can be."""
    row.ask_at = clock.now() + _FIRST if isinstance(channel, Reporting) else None


def ask_for_reports() -> int:
    """Ask the providers about what is due; returns of how many messages they knew the end."""
    asked = [(name, one) for name, one in channels.channels_in_use().items() if isinstance(one, Reporting)]
    return sum(_ask(name, one) for name, one in asked)


def _ask(name: str, channel: Reporting) -> int:
    count, found = 0, _A_TIME
    while found == _A_TIME:
        handed = _due(name, channel)
        found = len(handed)
        try:
            count += note_reports(name, channel.reports(handed)) if handed else 0
        except Failure as error:
            log.warning("%s says nothing of %d messages: %s", name, found, error)
            break
    return count


def _due(name: str, channel: Reporting) -> list[Handed]:
    """Those that are due, each with its next time noted, so that a worker that dies only puts them off."""
    now = clock.now()
    with transaction():
        query = (
            select(NoticeDelivery)
            .join(NoticeDelivery.notification)
            .where(NoticeDelivery.ask_at <= now, NoticeDelivery.channel == name)
            .options(contains_eager(NoticeDelivery.notification))
            .order_by(NoticeDelivery.ask_at)
            .limit(_A_TIME)
            .with_for_update(of=NoticeDelivery, skip_locked=True)
            .execution_options(populate_existing=True)
        )
        rows = session.scalars(query).all()
        addresses = channel.addresses([row.notification.user_id for row in rows])
        for row in rows:
            age = now - row.at
            row.ask_at = now + min(max(age, _FIRST), _LONGEST) if age < _ASKED_FOR else None
        return [
            Handed(row.key, to, row.receipt or "", row.at)
            for row in rows
            if (to := addresses.get(row.notification.user_id)) is not None
        ]


def note_reports(name: str, reports: Sequence[Report]) -> int:
    """Write down what providers say, each once; what did not arrive goes on by the next channel. Returns how many."""
    told = {one.key: one for one in reports}
    ids = [int(found[1]) for key in told if (found := re.fullmatch(r"notice-(\d{1,18})(?:-\d+)?", key))]
    with transaction():
        query = select(NoticeDelivery).where(NoticeDelivery.id.in_(ids), NoticeDelivery.channel == name)
        query = query.where(NoticeDelivery.status == SENT, NoticeDelivery.delivered_at.is_(None))
        query = query.order_by(NoticeDelivery.id).with_for_update().execution_options(populate_existing=True)
        rows = [row for row in session.scalars(query) if row.key in told]
        for row in rows:
            _note(row, told[row.key])
    return len(rows)


def _note(row: NoticeDelivery, report: Report) -> None:
    row.ask_at = None
    if report.delivered:
        row.delivered_at = report.at or clock.now()
    else:
        row.note_undelivered(report.code, report.detail)
        ladder.go_on(row, ladder.AFTER_LOSS)
