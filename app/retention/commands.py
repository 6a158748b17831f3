"""`flask retention …`: the table of what is kept for how long, and one run of the job that obeys it."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from app.retention.rules import RULES
from app.retention.services import due_of, obey_rules
from app.retention.words import row_of

group = AppGroup("retention", help="How long what is kept.")


@group.command("show")
def show() -> None:
    """Print the table, with how many rows are due now."""
    for rule in RULES:
        click.echo(f"{rule.name}: " + " | ".join(row_of(rule, due_of(rule))))


@group.command("run")
def run() -> None:
    """Let go of what is due, as the clock does once an hour."""
    click.echo(_("%(count)s rows went.", count=obey_rules()))
