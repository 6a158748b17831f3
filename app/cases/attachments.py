"""Files that belong to a case: which kinds a workflow takes, from whom and when, and how they are kept (R9.3)."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.access.actors import GRADUATE, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.cases.models import CaseMixin
from app.documents.models import StoredFile
from app.documents.queries import attachment_json
from app.documents.scans.services import order_reading
from app.documents.services import attachment_for, read_file
from app.documents.uploads import MOST_BYTES, keep_upload
from app.workflow import engine, registry
from app.workflow.table import Label

MOST_FILES = 12
# What can be turned: phones are held askew, and a reviewer should not have to tilt the head.
_PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG"}


@dataclass(frozen=True)
class Kind:
    """One kind of file that a workflow takes."""

    name: str
    label: Label
    pdf: bool = False  # beside pictures
    most: int = MOST_FILES
    hint: Label = ""
    copy_of: str = ""  # the paper that it should be a copy of: a worker reads it and lays it on that


KindsOf = Callable[[Any], Sequence[Kind]]  # by the case, where they depend on it
MayChange = Callable[[Any, str, Actor], None]


def graduate_edits(case: CaseMixin, kind: str, actor: Actor) -> None:
    """The usual rule: the graduate adds and removes files as long as the case itself can be edited."""
    del kind
    if actor.kind != GRADUATE:
        raise Forbidden()
    if not registry.get(case.workflow_name).state(case.state).editable:
        raise Conflict(
            _("What has been submitted cannot be changed. Please withdraw it first, or wait for the result."),
            "wrong_state",
        )


@dataclass(frozen=True)
class Files:
    """What a workflow says of the files that its cases take; part of its declaration."""

    kinds: Sequence[Kind] | KindsOf
    may_change: MayChange = graduate_edits  # raises Forbidden or Conflict unless the actor may add and remove now
    most: int | None = None  # files of all kinds together


def kinds_of(case: CaseMixin) -> Sequence[Kind]:
    """The kinds of files that this case takes."""
    kinds = _files(case.workflow_name).kinds
    return kinds(case) if callable(kinds) else kinds


def attach_file(workflow: str, case_id: int, kind: str, file: Any, *, actor: Actor) -> dict[str, Any]:
    """Keep an uploaded file with a case; the same file twice is one file. `file` is werkzeug's.

    Raises NotFound, Forbidden, Conflict (`wrong_state`, `too_many_files`, or what a common rule of the workflow
    refuses), TooLarge, UnsupportedMedia, Invalid at `kind` or `file`; then nothing is kept.
    """
    with transaction():
        case = _editable(workflow, case_id, kind, actor)
        allowed = {one.name: one for one in kinds_of(case)}
        if kind not in allowed:
            raise Invalid({"kind": [_("Please choose from the list.")]})
        _refuse_too_many(files_of(case, kind), allowed[kind].most)
        _refuse_too_many(files_of(case), _files(workflow).most)
        content = file.stream.read(MOST_BYTES + 1)
        kept = keep_upload(case, kind, content, name=file.filename or "", actor=actor, allow_pdf=allowed[kind].pdf)
        if allowed[kind].copy_of:
            order_reading(kept, allowed[kind].copy_of)
    return attachment_json(kept)


def _refuse_too_many(there: Sequence[StoredFile], most: int | None) -> None:
    if most is not None and len(there) >= most:
        raise Conflict(_("At most %(most)s files. Please remove one first.", most=most), "too_many_files")


def refuse_change(workflow: str, case_id: int, kind: str, *, actor: Actor) -> None:
    """Raise what attach_file() would about case and actor, before anything is said about the file."""
    with transaction():
        _editable(workflow, case_id, kind, actor)


def remove_file(workflow: str, case_id: int, file_id: int, *, actor: Actor) -> None:
    """Take a file away again, under the same rule as adding it. Raises NotFound, Forbidden, Conflict."""
    with transaction():
        query = select(StoredFile).where(
            StoredFile.id == file_id,
            StoredFile.workflow == workflow,
            StoredFile.case_id == case_id,
            StoredFile.generated.is_(False),
        )
        file = session.scalar(query)
        case = _editable(workflow, case_id, file.kind if file else "", actor)
        if file is None or file.case_id != case.id:
            raise NotFound()
        session.delete(file)


def turn_file(workflow: str, case_id: int, file_id: int, *, actor: Actor) -> dict[str, Any]:
    """Put a picture of a case in the place of itself, turned clockwise by a quarter; the new one has a new id.

    For whoever may add and remove this file now. Raises NotFound, Forbidden, Conflict as `attach_file` does, Invalid
    at `file` for what is no picture.
    """
    with transaction():
        file = attachment_for(file_id, actor=actor)
        if (file.workflow, file.case_id) != (workflow, case_id):
            raise NotFound()
        content, kind, name = turned(read_file(file), file.mime), file.kind, file.name
        remove_file(workflow, case_id, file_id, actor=actor)
        return attach_file(workflow, case_id, kind, FileStorage(io.BytesIO(content), filename=name), actor=actor)


def turned(content: bytes, mime: str) -> bytes:
    """A kept picture turned clockwise by a quarter; raises Invalid at `file` for what is none."""
    if mime not in _PICTURES:
        raise Invalid({"file": [_("Only pictures can be turned.")]})
    form = _PICTURES[mime]
    picture = Image.open(io.BytesIO(content), formats=[form])
    written = io.BytesIO()
    # It is drawn once more when it is kept: what is handed over there must not lose anything first.
    picture.transpose(Image.Transpose.ROTATE_270).save(written, form, **({"quality": 95} if form == "JPEG" else {}))
    return written.getvalue()


def files_of(case: CaseMixin, kind: str | None = None) -> list[StoredFile]:
    """The uploaded files of a case, oldest first; the caller has checked that the reader may see it."""
    query = select(StoredFile).where(
        StoredFile.workflow == case.workflow_name,
        StoredFile.case_id == case.id,
        StoredFile.generated.is_(False),
    )
    if kind is not None:
        query = query.where(StoredFile.kind == kind)
    return list(session.scalars(query.order_by(StoredFile.id)))


def has(case: CaseMixin, kind: str) -> bool:
    """Whether the case has a file of this kind."""
    return bool(files_of(case, kind))


def _editable(workflow: str, case_id: int, kind: str, actor: Actor) -> Any:
    """The case, held, if this actor may change files of this kind now."""
    table = registry.get(workflow)
    case = engine.load(table, case_id, actor=actor, lock=True)
    if not actor.writes(table.module):
        raise Forbidden()
    refusal: Conflict | None = None
    try:
        _files(workflow).may_change(case, kind, actor)
    except Conflict as moved_on:
        refusal = moved_on  # who may never do it has been told so; now the roster and the season come first
    engine.check_common(table, case, actor)
    if refusal is not None:
        raise refusal
    return case


def takes_files(workflow: str) -> bool:
    """Whether cases of this workflow take files."""
    return registry.get(workflow).files is not None


def label_of(case: CaseMixin, kind: str) -> Label:
    """What people call this kind of file of the case."""
    return next((one.label for one in kinds_of(case) if one.name == kind), kind)


def _files(workflow: str) -> Files:
    files: Files | None = registry.get(workflow).files
    if files is None:
        raise NotFound()
    return files
