"""What names or reaches a person is sealed for the row in which it stands; the keys that sealed it are written down.

Until now a ciphertext opened wherever it was put, and e-mail addresses, telephone numbers and home addresses lay in
clear, as did those inside the documents of cases and the messages that wait. Rows are rewritten a thousand at a time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import JSONB

from app.base.settings import settings

revision = "0017_at_rest"
down_revision = "0016_wrong_rows"
branch_labels = None
depends_on = None

_CASES = (
    *("online_signings", "offline_signings", "supplementaries", "online_terminations", "offline_terminations"),
    *("destinations", "archives", "hukous"),
)
_ROW = {  # what names a row for ever, where that is not `id`
    "outbox": ("key",),
    "job_items": ("job_id", "position"),
    "payment_orders": ("reference",),
    "roster_batch_parts": ("batch_id", "kind", "number"),
    "channel_addresses": ("user_id", "channel"),
    "second_factors": ("user_id",),
    "employer_users": ("user_id",),
}
_BOUND = {  # sealed before, for no row
    "graduates": ("id_number", "mobile"),
    "accounts": ("mobile",),
    "employer_verifications": ("account", "amount"),
    "verification_codes": ("address", "sealed"),
    "second_factors": ("secret",),
    "payment_orders": ("account", "amount"),
    "channel_addresses": ("address",),
    "job_items": ("payload",),
    "roster_batches": ("sheet", "errors", "warnings"),
    "roster_batch_parts": ("after", "before", "differences"),
    **dict.fromkeys(_CASES, ("student",)),
    **dict.fromkeys(("online_signings", "offline_signings", "supplementaries"), ("student", "snapshot")),
}
_CLEAR = {  # texts until now, with their lengths
    "graduates": {"email": 128, "address": 128},
    "accounts": {"email": 128},
    "employer_users": {"email": 128, "work_phone": 32, "fax": 32, "mobile": 32},
}
_DOCUMENTS = {
    **dict.fromkeys(_CASES, ("data",)),
    "letter_templates": ("data",),
    "letter_template_changes": ("before", "after"),
}
_FOUND = ("email", "mobile")
_NAMES = ("phone", "mobile", "email")
_MARK = "sealed:"
_BATCH = 1000


def upgrade() -> None:
    for column in _FOUND:
        op.add_column("employer_users", sa.Column(f"{column}_index", sa.LargeBinary()))
        op.create_index(f"ix_employer_users_{column}_index", "employer_users", [f"{column}_index"])
    _fill_indexes()
    for table, columns in _CLEAR.items():
        for column in columns:
            _to_bytes(table, column, column)
    _to_bytes("outbox", "payload", "payload::text")
    for table, columns in _tables().items():
        _rewrite(table, columns, _closing(table))
    op.create_table(
        "data_keys",
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "id", name="pk_data_keys"),
    )
    known = sa.text("INSERT INTO data_keys (purpose, id) VALUES (:purpose, :id)")
    op.get_bind().execute(known, [{"purpose": "data", "id": _id(settings().data_keys[0])}])
    op.get_bind().execute(known, [{"purpose": "index", "id": _id(_index_key())}])


def downgrade() -> None:
    op.drop_table("data_keys")
    for table, columns in _tables().items():
        _rewrite(table, columns, _opening(table))
    for table, lengths in _CLEAR.items():
        for column, length in lengths.items():
            using = f"convert_from({column}, 'UTF8')"
            op.alter_column(table, column, type_=sa.String(length), postgresql_using=using)
    op.alter_column("outbox", "payload", type_=JSONB(), postgresql_using="convert_from(payload, 'UTF8')::jsonb")
    for column in _FOUND:
        op.drop_column("employer_users", f"{column}_index")


def _index_key() -> bytes:
    return settings().index_key or hmac.digest(settings().data_key, b"index", "sha256")


def _fill_indexes() -> None:
    """Users of units are found by these two; the texts are still in clear."""
    connection = op.get_bind()
    for column in _FOUND:
        rows = connection.execute(sa.text(f"SELECT user_id, {column} FROM employer_users WHERE {column} <> ''")).all()  # noqa: S608
        update = sa.text(f"UPDATE employer_users SET {column}_index = :found WHERE user_id = :user")  # noqa: S608
        for user, text in rows:
            found = hmac.digest(_index_key(), text.strip().upper().encode(), "sha256")[:16]
            connection.execute(update, {"user": user, "found": found})


def _to_bytes(table: str, column: str, text: str) -> None:
    op.alter_column(table, column, type_=sa.LargeBinary(), postgresql_using=f"convert_to({text}, 'UTF8')")


def _tables() -> dict[str, dict[str, str]]:
    """Table -> column -> how it lay there before: bound to no row, in clear, or a document."""
    found: dict[str, dict[str, str]] = {}
    for kind, declared in (("bound", _BOUND), ("clear", _CLEAR), ("document", _DOCUMENTS)):
        for table, columns in declared.items():
            found.setdefault(table, {}).update(dict.fromkeys(columns, kind))
    return {**found, "outbox": {"payload": "message"}}


Change = Callable[[str, str, str, Any], Any]  # kind, column, row, value


def _rewrite(table: str, columns: dict[str, str], change: Change) -> None:
    connection = op.get_bind()
    names = _ROW.get(table, ("id",))
    chosen = ", ".join(f'"{name}"' for name in (*names, *columns))
    filled = " OR ".join(f'"{name}" IS NOT NULL' for name in columns)
    sets = ", ".join(f'"{name}" = {_parameter(name, kind)}' for name, kind in columns.items())
    here = " AND ".join(f'"{name}" = :key_{name}' for name in names)
    update = sa.text(f'UPDATE "{table}" SET {sets} WHERE {here}')  # noqa: S608
    query = sa.text(f'SELECT {chosen} FROM "{table}" WHERE {filled}')  # noqa: S608
    rows = connection.execute(query, execution_options={"stream_results": True, "max_row_buffer": _BATCH})
    for batch in _in_batches(iter(rows.mappings())):
        connection.execute(update, [_changed(row, names, columns, change) for row in batch])


def _parameter(name: str, kind: str) -> str:
    return f"CAST(:new_{name} AS {'jsonb' if kind == 'document' else 'bytea'})"


def _changed(row: Any, names: tuple[str, ...], columns: dict[str, str], change: Change) -> dict[str, Any]:
    key = "|".join(str(row[name]) for name in names)
    new = {f"new_{name}": _or_none(row[name], kind, name, key, change) for name, kind in columns.items()}
    return {**{f"key_{name}": row[name] for name in names}, **new}


def _or_none(value: Any, kind: str, name: str, key: str, change: Change) -> Any:
    return None if value is None else change(kind, name, key, value)


def _in_batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _id(key: bytes) -> bytes:
    return hashlib.sha256(b"id" + key).digest()[:4]


def _closing(table: str) -> Change:
    key = settings().data_keys[0]
    new, head, old = AESGCM(hmac.digest(key, b"rows", "sha256")), b"\x02" + _id(key), _former()

    def seal(content: bytes, place: str) -> bytes:
        nonce = os.urandom(12)
        return head + nonce + new.encrypt(nonce, content, place.encode())

    def change(kind: str, column: str, row: str, value: Any) -> Any:
        if kind == "document":
            return json.dumps(_each(value, lambda said, way: _marked(seal, said, f"{table}.{column}{way}|{row}")))
        content = bytes(value)
        if kind == "bound":
            content = old.decrypt(content[1:13], content[13:], None)
        elif kind == "message":
            content = json.dumps(_unwrapped(json.loads(content), old), ensure_ascii=False).encode()
        return seal(content, f"{table}.{column}|{row}")

    return change


def _opening(table: str) -> Change:
    rows = {_id(key): AESGCM(hmac.digest(key, b"rows", "sha256")) for key in settings().data_keys}
    old = _former()

    def opened(data: bytes, place: str) -> bytes:
        return rows[data[1:5]].decrypt(data[5:17], data[17:], place.encode())

    def change(kind: str, column: str, row: str, value: Any) -> Any:
        if kind == "document":
            return json.dumps(_each(value, lambda said, way: _unmarked(opened, said, f"{table}.{column}{way}|{row}")))
        content = opened(bytes(value), f"{table}.{column}|{row}")
        if kind == "message":
            return json.dumps(_wrapped(json.loads(content), old)).encode()
        return _unbound(content, old) if kind == "bound" else content

    return change


def _former() -> AESGCM:
    return AESGCM(hmac.digest(settings().data_key, b"encrypt", "sha256"))


def _unbound(content: bytes, old: AESGCM) -> bytes:
    nonce = os.urandom(12)
    return b"\x01" + nonce + old.encrypt(nonce, content, None)


def _marked(seal: Callable[[bytes, str], bytes], said: str, place: str) -> str:
    return _MARK + base64.urlsafe_b64encode(seal(said.encode(), place)).decode()


def _unmarked(opened: Callable[[bytes, str], bytes], said: str, place: str) -> str:
    if not said.startswith(_MARK):
        return said
    return opened(base64.urlsafe_b64decode(said.removeprefix(_MARK)), place).decode()


# In messages these were sealed one by one; now the message is, as a whole.
_INNER = ("address", "account", "amount")


def _unwrapped(payload: dict[str, Any], old: AESGCM) -> dict[str, Any]:
    def plain(text: Any) -> Any:
        if not (isinstance(text, str) and text.startswith("01") and len(text) >= 58):  # noqa: PLR2004
            return text
        data = bytes.fromhex(text)
        return old.decrypt(data[1:13], data[13:], None).decode()

    return _inner(payload, plain)


def _wrapped(payload: dict[str, Any], old: AESGCM) -> dict[str, Any]:
    if "secrets" not in payload and "account" not in payload:
        return payload
    return _inner(payload, lambda text: _unbound(text.encode(), old).hex() if isinstance(text, str) else text)


def _inner(payload: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    changed = {name: change(value) if name in _INNER else value for name, value in payload.items()}
    if isinstance(payload.get("secrets"), dict):
        changed["secrets"] = {name: change(text) for name, text in payload["secrets"].items()}
    return changed


def _each(value: Any, change: Callable[[str, str], str], way: str = "") -> Any:
    if isinstance(value, dict):
        return {
            name: change(inner, f"{way}.{name}")
            if name in _NAMES and isinstance(inner, str) and inner
            else _each(inner, change, f"{way}.{name}")
            for name, inner in value.items()
        }
    return [_each(inner, change, way) for inner in value] if isinstance(value, list) else value
