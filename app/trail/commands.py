"""`flask audit …`: prove that histories and audit trail are as they were written, and hand the proof to others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy import select

from app.base.database import session
from app.schools.models import School
from app.trail import blocks, exporting, heads, verifying

audit_group = AppGroup("audit", help="Prove that histories and audit trail are as they were written.")
_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@audit_group.command("verify")
@click.option("--heads", "kept", type=_PATH, multiple=True, help="A file of sealed heads that somebody else has kept.")
def verify(kept: Iterable[Path]) -> None:
    """Look at every chain, every state and every sealed head; exit 1 and say what was changed and where (R11.2)."""
    count = 0
    for finding in verifying.findings(kept):
        click.echo(finding)
        count += 1
    if count:
        click.echo(_("%(count)s places are not as they were written.", count=count))
        raise SystemExit(1)
    click.echo(_("Every chain holds, and every record stands where its history has left it."))


@audit_group.command("seal")
def seal() -> None:
    """Link the audit trail and seal today's heads now, if that has not been done yet today."""
    file = heads.seal_day()
    blocks.close_blocks()
    click.echo(_("Sealed.") if file else _("Today's heads are sealed already."))


@audit_group.command("export")
@click.option("--school", default=None, help="Only the history of the school with this code.")
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=True)
def export(school: str | None, output: Path) -> None:
    """Write a file that a stranger checks with docs/verify_history.py, offline; it names nobody."""
    chosen = None
    if school is not None:
        chosen = session.scalar(select(School.id).where(School.code == school))
        if chosen is None:
            raise click.UsageError(_("There is no school with the code %(code)s.", code=school))
    with output.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in exporting.lines_of_export(chosen))
    click.echo(_("Written to %(file)s. Check it with: python docs/verify_history.py %(file)s", file=str(output)))
