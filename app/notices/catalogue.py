"""The notices that can be sent and their words: shipped as data, then rows that operators edit; the row wins."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.base.database import session, transaction
from app.base.settings import settings
from app.notices.models import NoticeTemplate

DATA: Final = Path(__file__).parent / "data" / "templates.toml"
Outside = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Wording:
    """The words of one notice for one kind of reader, and the channels that carry it besides the site."""

    name: str
    reader: str
    title: str
    body: str
    channels: tuple[str, ...] = ()
    outside: Outside = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # title and body by other languages
    active: bool = True
    ladder: bool = False  # the channels one after another instead of all at once
    silence_hours: int = 0  # after so many unread hours the next one follows; 0: only where one fails

    def channels_after(self, channel: str) -> tuple[str, ...]:
        """Those that follow the channel; none after one that the notice no longer names."""
        return self.channels[self.channels.index(channel) + 1 :] if channel in self.channels else ()

    def spoken(self, language: str) -> Wording:
        """The same notice with the words of this language; with those of the first one where it has none."""
        own = self.words.get(language)
        return replace(self, title=own["title"], body=own["body"]) if own else self

    def provider_template(self, channel: str) -> str:
        """The number under which the provider of the channel knows this notice; "" where none is filled in."""
        return str(self.outside.get(channel, {}).get("template") or "")

    def provider_fields(self, channel: str) -> Mapping[str, str]:
        """The keywords of the provider's template and the texts that fill them, in the order of their lines."""
        entry = self.outside.get(channel, {})
        fields = dict(entry.get("fields") or {})  # the database keeps no order of its own
        return {name: fields[name] for name in (*entry.get("order", ()), *fields) if name in fields}


@cache
def shipped() -> dict[tuple[str, str], Wording]:
    """The wordings that come with the program, by (name, reader)."""
    with DATA.open("rb") as file:
        entries = tomllib.load(file)["template"]
    wordings = [_from_data(entry) for entry in entries]
    return {(wording.name, wording.reader): wording for wording in wordings}


@cache
def _translated() -> Mapping[tuple[str, str], Mapping[str, Mapping[str, str]]]:
    """The words in other languages that come with the program: by (name, reader), then by language."""
    found: dict[tuple[str, str], dict[str, Mapping[str, str]]] = {}
    for path in sorted(DATA.parent.glob("templates.*.toml")):
        with path.open("rb") as file:
            readers = tomllib.load(file)
        for reader, notices in readers.items():
            for name, words in notices.items():
                found.setdefault((name, reader), {})[path.suffixes[0].lstrip(".")] = words
    return found


def _from_data(entry: Mapping[str, Any]) -> Wording:
    channels = tuple(entry.get("channels", ()))
    return Wording(
        words=_translated().get((entry["name"], entry["reader"]), {}),
        name=entry["name"],
        reader=entry["reader"],
        title=entry["title"],
        body=entry["body"],
        channels=channels,
        outside={name: _shipped_outside(entry.get(name, {})) for name in channels},
    )


def _shipped_outside(fields: Mapping[str, str]) -> dict[str, Any]:
    return {"template": "", "fields": dict(fields), "order": list(fields)}


def wordings_of(name: str) -> dict[str, Wording]:
    """The wordings of a notice by kind of reader, as operators left them; one statement."""
    return all_wordings([name])[name]


def all_wordings(names: Collection[str]) -> dict[str, dict[str, Wording]]:
    """The same for several notices, by name; one statement."""
    found: dict[str, dict[str, Wording]] = {name: {} for name in names}
    for (name, reader), wording in shipped().items():
        if name in found:
            found[name][reader] = wording
    for row in session.scalars(select(NoticeTemplate).where(NoticeTemplate.name.in_(names))):
        found[row.name][row.reader] = _from_row(row)
    return found


def _from_row(row: NoticeTemplate) -> Wording:
    words = {**_translated().get((row.name, row.reader), {}), **row.words}
    shipped_ones = shipped()[row.name, row.reader].outside if (row.name, row.reader) in shipped() else {}
    orders = {name: {"order": entry["order"]} for name, entry in shipped_ones.items()}
    outside = {name: {**orders.get(name, {}), **entry} for name, entry in row.outside.items()}
    own = (row.name, row.reader, row.title, row.body, tuple(row.channels), outside, words, row.active)
    return Wording(*own, ladder=row.ladder, silence_hours=row.silence_hours)


def fields_of(row: NoticeTemplate, channel: str) -> Mapping[str, str]:
    """The keywords of the channel's provider, in the order of their lines."""
    return _from_row(row).provider_fields(channel)


def words_of(row: NoticeTemplate) -> Mapping[str, Mapping[str, str]]:
    """What the notice says in each other language that is offered; nothing where nobody has written it yet."""
    known = _from_row(row).words
    return {one: known.get(one, {"title": "", "body": ""}) for one in settings().languages[1:]}


def load_templates() -> dict[str, int]:
    """Add the shipped notices that have no row yet; rows that are there stay as they are, however often it runs.

    For the CLI and the demonstration. Returns how many rows were added and kept (R10.2).
    """
    rows = [
        {
            "name": wording.name,
            "reader": wording.reader,
            "title": wording.title,
            "body": wording.body,
            "channels": list(wording.channels),
            "outside": {name: dict(entry) for name, entry in wording.outside.items()},
            "active": True,
        }
        for wording in shipped().values()
    ]
    statement = insert(NoticeTemplate).values(rows).on_conflict_do_nothing().returning(NoticeTemplate.id)
    with transaction():
        added = len(session.scalars(statement).all())
    return {"added": added, "kept": len(rows) - added}
