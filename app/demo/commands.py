"""The command line of the demonstration: flask demo load, accounts, generate."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from app.demo import country
from app.demo.listing import accounts_as_markdown
from app.demo.load import load_country

demo = AppGroup("demo", help="Invented people and units to try the platform with.")


@demo.command("load")
def load() -> None:
    """Load the demonstration country; what is there already stays as it is."""
    new = load_country()
    click.echo(f"{len(new)} graduates added; all accounts have the password {country.PASSWORD}")


@demo.command("accounts")
def accounts() -> None:
    """Print all accounts of the demonstration as Markdown."""
    click.echo(accounts_as_markdown())


def register(app: Flask) -> None:
    """Add the commands to the application; called by create_app()."""
    app.cli.add_command(demo)
