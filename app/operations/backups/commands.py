"""`flask backup …`: a backup made, looked at and brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from app.operations.backups import services
from app.operations.backups.errors import BackupRefused

group = AppGroup("backup", help="Backups of database and files; the keys have to be kept elsewhere.")
_NEW = click.Path(file_okay=False, path_type=Path)
_THERE = click.Path(exists=True, file_okay=False, path_type=Path)
T = TypeVar("T")


def _told(work: Callable[[], T]) -> T:
    try:
        return work()
    except BackupRefused as refusal:
        raise click.ClickException(str(refusal)) from None


@group.command("create")
@click.argument("folder", type=_NEW)
def create(folder: Path) -> None:
    """Write a backup into FOLDER while the platform runs, or bring the one that is there up to date."""
    page = _told(lambda: services.create_backup(folder))
    click.echo(_("%(folder)s: %(dump)s and %(count)s files", folder=folder, dump=page.dump, count=page.files))
    click.echo(_("The keys it needs (DATA_KEY and what follows from it) are not in it: keep them in another place."))
    if page.lost:
        raise click.ClickException(_("%(count)s files that records name are not in the store.", count=len(page.lost)))


@group.command("verify")
@click.argument("folder", type=_THERE)
def verify(folder: Path) -> None:
    """Read every byte of the backup in FOLDER and say what is wrong with it; exit 1 where something is."""
    problems = _told(lambda: list(services.verify_backup(folder)))
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.ClickException(_("The backup is not whole: %(count)s problems.", count=len(problems)))
    click.echo(_("The backup is whole, and the keys that are set open it."))


@group.command("restore")
@click.argument("folder", type=_THERE)
def restore(folder: Path) -> None:
    """Bring the backup in FOLDER back into an empty database; the keys have to be set before."""
    page = _told(lambda: services.restore_backup(folder))
    click.echo(
        _(
            "As of %(time)s, with %(count)s files. Next: flask setup, then flask audit verify",
            time=page.made_at,
            count=page.files,
        )
    )
