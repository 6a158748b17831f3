"""A backup is a folder: the database's dump, the files as sealed as they lie in the store, and a page that says what is in it.

The keys are not in it: whoever finds a backup reads nobody's data. Which keys it needs it says by their ids.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import select, text

from app.base import clock
from app.base.database import session
from app.base.datakeys import UnknownKey
from app.base.settings import settings
from app.base.wholefiles import written_whole
from app.documents.orphans import naming_columns
from app.documents.sealedfiles import FileTampered
from app.documents.storage import LocalStorage, Storage, storage
from app.keys.models import NeededKey
from app.keys.starting import missing_keys
from app.operations.backups import dumps
from app.operations.backups.errors import BackupRefused
from app.trail import heads

PAGE: Final = "backup.json"  # written last: a folder without it is no backup
_FILES: Final = "files"
_ROWS: Final = 5000


@dataclass(frozen=True)
class Backup:
    """What stands on the page of a backup; keys are pairs of a purpose and an id, `lost` are digests without content."""

    made_at: str
    version: str
    dump: str
    dump_sha256: str
    files: int
    keys: list[list[str]]
    lost: list[str]


def create_backup(folder: Path) -> Backup:
    """Write a backup into the folder; for whoever runs the installation, while it runs (R18.2).

    Where there is a backup already, only files that are new are added to it, and it is whole at every moment: the page
    changes last. First the database, then the files: whatever a row names was kept before the row was.
    Raises BackupRefused where the database's own program for this is missing or fails.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = _page(folder) if (folder / PAGE).exists() else None
    keys = [[key.purpose, key.id.hex()] for key in session.scalars(select(NeededKey))]
    version = str(session.scalar(text("SELECT version_num FROM alembic_version")))
    dump = dumps.write_dump(folder)
    files = LocalStorage(folder / _FILES)
    kept, lost = _copy_files(files)
    page = Backup(clock.now().isoformat(), version, dump.name, _digest(dump), len(kept), keys, sorted(lost))
    _write_page(folder, page)
    for key in set(files.digests()) - kept:  # the installation has let go of it
        files.discard(key, clock.now())
    if before is not None and before.dump != page.dump:
        (folder / before.dump).unlink(missing_ok=True)
    return page


def verify_backup(folder: Path) -> Iterator[str]:
    """What is wrong with the backup, a line each; nothing where it can be brought back with the keys that are set.

    Every byte of it is read. Raises BackupRefused where there is none.
    """
    page = _page(folder)
    yield from _problems(folder, page)
    yield from (_("%(file)s was missing already when the backup was made.", file=key) for key in page.lost)


def _problems(folder: Path, page: Backup) -> Iterator[str]:
    if unknown := list(missing_keys({(purpose, bytes.fromhex(key)) for purpose, key in page.keys}, settings())):
        yield from unknown
        return  # nothing can be opened
    yield from dumps.problems_of(folder / page.dump)
    if (folder / page.dump).exists() and _digest(folder / page.dump) != page.dump_sha256:
        yield _("%(file)s was changed since it was written.", file=page.dump)
    files, found = LocalStorage(folder / _FILES), 0
    for key in files.digests():
        found += 1
        try:
            with files.open(key) as content:
                whole = hashlib.sha256(content.read()).hexdigest() == key
        except (OSError, UnknownKey) as error:
            yield f"{key}: {error}"
        else:
            if not whole:
                yield _("%(file)s was changed since it was written.", file=key)
    if found < page.files:
        yield _("%(count)s files are missing.", count=page.files - found)


def restore_backup(folder: Path) -> Backup:
    """Bring a backup back into an empty database and the store that is set; for whoever runs the installation (R18.2).

    The files come first and may be there already; the database comes as one transaction: what was interrupted is simply
    done again. Raises BackupRefused, and changes nothing, where a key is missing, something was changed, or there are
    tables already.
    """
    page = _page(folder)
    if problems := list(_problems(folder, page)):
        raise BackupRefused("\n".join(problems))
    if session.scalar(text("SELECT to_regclass('alembic_version')")) is not None:
        raise BackupRefused(_("There are tables in this database already; a backup is brought back into an empty one."))
    session.rollback()
    _bring_files_back(LocalStorage(folder / _FILES))
    dumps.read_dump(folder / page.dump)
    return page


def _copy_files(copy: LocalStorage) -> tuple[set[str], set[str]]:
    """What the backup has now of the store, and what records name that the store cannot give."""
    there, kept = set(copy.digests()), set[str]()
    for key in storage().digests():
        with contextlib.suppress(FileNotFoundError, FileTampered):
            if key in there:
                copy.seal_anew(key)  # a backup needs no key that the installation has done without
            else:
                with storage().open(key) as content:
                    copy.put(content.read())
            kept.add(key)
    _copy_heads(storage(), copy)
    lost = _named_by_rows() - kept
    return kept | (lost & there), lost


def _named_by_rows() -> set[str]:
    queries = (select(column).where(column.is_not(None)).distinct() for column in naming_columns())
    return {digest.hex() for query in queries for digest in session.scalars(query.execution_options(yield_per=_ROWS))}


def _bring_files_back(copy: LocalStorage) -> None:
    for key in copy.digests():
        with copy.open(key) as content:
            storage().put(content.read())
    _copy_heads(copy, storage())


def _copy_heads(source: Storage, target: Storage) -> None:
    """The sealed heads of the histories, which lie there by name."""
    for name in source.names(heads.FOLDER):
        with source.open_named(name) as content:
            target.put_named(name, content.read())


def _page(folder: Path) -> Backup:
    try:
        return Backup(**json.loads((folder / PAGE).read_text()))
    except (OSError, ValueError, TypeError):
        raise BackupRefused(_("%(folder)s holds no backup.", folder=folder)) from None


def _write_page(folder: Path, page: Backup) -> None:
    with written_whole(folder / PAGE) as file:
        file.write(json.dumps(asdict(page), indent=2).encode())


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
