"""The command line of the notices: flask notices load."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.notices.catalogue import load_templates, shipped

notices = AppGroup("notices", help="Notices and their words.")


@notices.command("load")
def load() -> None:
    """Add the shipped notices that are missing; what operators edited stays as it is."""
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in load_templates().items()))


@notices.command("show")
def show() -> None:
    """Print the shipped notices: name, reader, channels, title."""
    for wording in shipped().values():
        click.echo("\t".join((wording.name, wording.reader, ",".join(wording.channels) or "-", wording.title)))
