"""The command line of the destinations: flask destinations load, show."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.destination.catalogue import types_on
from app.destination.seeds import seed_destination_types

destinations = AppGroup("destinations", help="Types of destinations that graduates register.")


@destinations.command("load")
def load() -> None:
    """Load the shipped types; rows edited by operators stay as they are."""
    done = seed_destination_types()
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in done.items()))


@destinations.command("show")
def show() -> None:
    """Print the types that can be registered today, with their fields and proofs."""
    for kind in types_on():
        click.echo(f"{kind.code}\t{kind.label}")
        for field in kind.fields:
            click.echo(f"\t{field.name}{'' if field.required else '?'}\t{field.kind}\t{field.label}")
        for proof in kind.proofs:
            click.echo(f"\t+ {proof.kind}{'' if proof.required else '?'}\t{proof.label}")
