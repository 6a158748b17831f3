"""Where the hukou goes people live: these addresses are sealed for their row, and codes may go to a bound WeChat.

Revision ID: 0050_hukou_addresses
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.base.settings import settings

revision = "0050_hukou_addresses"
down_revision = "0049_exchange_files"
branch_labels = None
depends_on = None

_TABLES = ("hukous", "leavings")
_MARK = "sealed:"
_WECHAT = {"template": "", "fields": {"character_string1": "%(code)s", "thing2": "%(purpose)s", "number3": "%(minutes)s"}}
_CODE = "name = 'verification_code' AND reader = 'graduate'"


def upgrade() -> None:
    for table in _TABLES:
        _rewrite(table, _closed)
    op.get_bind().execute(
        sa.text(
            "UPDATE notice_templates SET channels = array_append(channels, 'wechat'), "
            f"outside = jsonb_set(outside, '{{wechat}}', CAST(:fields AS jsonb)) WHERE {_CODE} AND NOT outside ? 'wechat'"  # noqa: S608
        ),
        {"fields": json.dumps(_WECHAT)},
    )


def downgrade() -> None:
    for table in _TABLES:
        _rewrite(table, _opened)
    op.execute(
        "UPDATE notice_templates SET channels = array_remove(channels, 'wechat'), "
        f"outside = outside - 'wechat' WHERE {_CODE}"  # noqa: S608
    )


def _rewrite(table: str, change: Callable[[str, str], str]) -> None:
    connection = op.get_bind()
    query = sa.text(f"""SELECT id, data FROM {table} WHERE data::text LIKE '%"address"%'""")  # noqa: S608
    update = sa.text(f"UPDATE {table} SET data = CAST(:data AS jsonb) WHERE id = :id")  # noqa: S608
    rows = iter(connection.execute(query, execution_options={"stream_results": True}))
    while batch := list(islice(rows, 1000)):
        changed = [{"id": row.id, "data": json.dumps(_each(row.data, f"{table}.data", row.id, change))} for row in batch]
        connection.execute(update, changed)


def _each(value: Any, way: str, row: int, change: Callable[[str, str], str]) -> Any:
    """The document with every text under `address` changed for its place."""
    if isinstance(value, list):
        return [_each(inner, way, row, change) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: change(inner, f"{way}.{name}|{row}")
        if name == "address" and isinstance(inner, str) and inner
        else _each(inner, f"{way}.{name}", row, change)
        for name, inner in value.items()
    }


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, b"rows", "sha256"))


def _id(key: bytes) -> bytes:
    return hashlib.sha256(b"id" + key).digest()[:4]


def _closed(said: str, place: str) -> str:
    if said.startswith(_MARK):
        return said
    key, nonce = settings().data_keys[0], os.urandom(12)
    sealed = b"\x02" + _id(key) + nonce + _cipher(key).encrypt(nonce, said.encode(), place.encode())
    return _MARK + base64.urlsafe_b64encode(sealed).decode()


def _opened(said: str, place: str) -> str:
    if not said.startswith(_MARK):
        return said
    sealed = base64.urlsafe_b64decode(said.removeprefix(_MARK))
    key = next(one for one in settings().data_keys if _id(one) == sealed[1:5])
    return _cipher(key).decrypt(sealed[5:17], sealed[17:], place.encode()).decode()
