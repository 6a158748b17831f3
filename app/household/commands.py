"""`flask household pull`: take over what was changed in the employment system now."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.household.services.pulling import problems, pull_changes

group = AppGroup("household", help="Archive and hukou registrations.")


@group.command("pull")
def pull() -> None:
    """Take over changes of archive and hukou records; name those that could not be."""
    click.echo(f"taken over: {pull_changes()}")
    for school, cohort, name, why in problems():
        click.echo(f"not taken over: {school} {cohort} {name}: {why}")
