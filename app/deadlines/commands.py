"""`flask outages …`: times that count for nobody."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from app.base.clock import SHANGHAI, moment
from app.deadlines.queries import outages
from app.deadlines.services import note_outage

group = AppGroup("outages", help="Times in which a system was not there; what ran out in them is lengthened.")
_TIME = click.DateTime(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@group.command("show")
def show() -> None:
    """Print the last outages on record."""
    for one in outages():
        click.echo(f"{one.system}: {moment(one.began_at)} – {moment(one.ended_at)}")


@group.command("note")
@click.argument("system")
@click.argument("began", type=_TIME)
@click.argument("ended", type=_TIME)
def note(system: str, began: datetime, ended: datetime) -> None:
    """Put on record that SYSTEM was not there from BEGAN to ENDED, in China's time."""
    note_outage(system, began.replace(tzinfo=SHANGHAI), ended.replace(tzinfo=SHANGHAI))
    click.echo(_("On record; what ran out meanwhile has been lengthened."))
