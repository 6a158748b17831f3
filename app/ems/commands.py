"""`flask ems status` tells operators how the sync stands."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.base.database import session
from app.ems.client import ems
from app.ems.messages import EmsUnavailable
from app.workflow.models import OutboxMessage

group = AppGroup("ems", help="The employment management system.")


@group.command("status")
def status() -> None:
    """Say whether the employment system answers, and count the messages to it by status."""
    try:
        click.echo(f"answers: yes, {len(ems().rosters())} rosters")
    except EmsUnavailable as error:
        click.echo(f"answers: no ({error})")
    counts = session.execute(
        select(OutboxMessage.status, func.count())
        .where(OutboxMessage.kind == "ems")
        .group_by(OutboxMessage.status)
        .order_by(OutboxMessage.status)
    )
    for name, count in counts:
        click.echo(f"{name}: {count}")
