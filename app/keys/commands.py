"""`flask keys …`: from one DATA_KEY to the next."""

from __future__ import annotations

import base64

import click
from flask.cli import AppGroup

from app.base import datakeys
from app.base.chainkeys import chain_keys
from app.base.settings import settings
from app.keys import services

group = AppGroup("keys", help="The keys of personal data: which are in use, and the change to a new one.")


@group.command("rotate")
def rotate() -> None:
    """Seal everything by the first key of DATA_KEY; may be stopped at any moment and run again. Exit 1 with problems."""
    problems = 0
    for step in services.rotate():
        click.echo(f"{step.what}: {step.problem or step.done}", err=bool(step.problem))
        problems += bool(step.problem)
    if problems:
        raise click.ClickException(f"{problems} could not be opened and were left as they are")
    click.echo(f"everything is sealed by key {datakeys.newest().id.hex()}")


@group.command("check")
def check() -> None:
    """Say which keys are still needed; exit 1 while something is sealed by an older one, or by none."""
    uses = services.uses()
    newest = datakeys.newest().id
    for key in sorted(uses.keys() | datakeys.known_ids(), key=lambda one: one != newest):
        values = {column: count for (used, column), count in sorted(uses.values.items()) if used == key}
        said = f"{sum(values.values())} values, {uses.files[key]} files"
        click.echo(f"{_called(key)}: {said}")
        if key != newest:
            for column, count in values.items():
                click.echo(f"    {column}: {count}")
    if uses.keys() - {newest}:
        raise click.ClickException("not everything is sealed by the newest key: run `flask keys rotate`")
    if not settings().index_key or not settings().chain_keys:
        click.echo("Before the last key of DATA_KEY goes, put what `flask keys follow` prints into the environment.")


def _called(key: bytes) -> str:
    if key == services.CLEAR:
        return "in clear"
    known = " (the newest)" if key == datakeys.newest().id else "" if key in datakeys.known_ids() else " (NOT KNOWN)"
    return f"key {key.hex()}{known}"


@group.command("follow")
def follow() -> None:
    """Print what follows from the oldest key and has to outlive it: INDEX_KEY and CHAIN_KEYS. They are secrets."""
    chosen = settings()
    click.echo(f"INDEX_KEY={base64.b64encode(datakeys.index_key(chosen)).decode()}")
    click.echo(f"CHAIN_KEYS={' '.join(base64.b64encode(key).decode() for key in chain_keys(chosen))}")
