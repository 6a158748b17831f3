"""The command line of the code tables: flask codes load."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.base.errors import NotFound
from app.codes.dictionaries import dictionary, dictionary_names
from app.codes.seeds import seed_codes

codes = AppGroup("codes", help="Code tables, regions and universities.")


@codes.command("load")
def load() -> None:
    """Load the shipped tables; rows edited by operators stay as they are."""
    done = seed_codes()
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in done.items()))


@codes.command("show")
@click.argument("name", required=False)
def show(name: str | None) -> None:
    """Print one code table as it is valid today, or the names of all."""
    if name is None:
        click.echo("\n".join(dictionary_names()))
        return
    try:
        items = dictionary(name)
    except NotFound:
        raise click.ClickException(f"There is no code table {name}.") from None
    for item in items:
        click.echo("\t".join(str(item[column] or "") for column in ("code", "label", "parent")))
