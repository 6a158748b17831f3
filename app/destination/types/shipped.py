"""The shipped types, read from data/types: one [[type]] a destination; README.md there says what it can hold."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.destination.types.declared import Asked, DestinationType, Field, Proof, declare

FOLDER: Final = Path(__file__).parents[1] / "data" / "types"
_SHARED: Final = "shared"
_ALSO: Final = ("fields", "proofs", "asked")  # what a type holds that is more than a value


@dataclass
class _Shelf:
    """What entries of a file may name instead of writing it out."""

    fields: dict[str, Field] = field(default_factory=dict)
    groups: dict[str, list[Any]] = field(default_factory=dict)
    proofs: dict[str, Proof] = field(default_factory=dict)

    def filled_from(self, content: Mapping[str, Any]) -> _Shelf:
        """A shelf with what this one holds and what a file adds."""
        more = _Shelf(dict(self.fields), {**self.groups, **content.get("groups", {})}, dict(self.proofs))
        for name, item in content.get("fields", {}).items():
            more.fields[name] = more.field({"name": name, **item} if "use" not in item else item)
        for kind, item in content.get("proofs", {}).items():
            more.proofs[kind] = Proof(kind, **item)
        return more

    def all_fields(self, items: Iterable[Any]) -> Iterator[Field]:
        """The fields of a list: names, groups (@name), shared ones with something changed, own ones."""
        for item in items:
            if not isinstance(item, str):
                yield self.field(item)
            elif item.startswith("@"):
                yield from self.all_fields(self.groups[item[1:]])
            else:
                yield self.fields[item]

    def field(self, item: Mapping[str, Any]) -> Field:
        """One field that is written out, wholly or as changes of a shared one."""
        values = {name: _frozen(value) for name, value in item.items() if name != "use"}
        return self.fields[item["use"]].but(**values) if "use" in item else Field(**values)

    def type(self, item: Mapping[str, Any]) -> DestinationType:
        """One entry."""
        return DestinationType(
            fields=tuple(self.all_fields(item["fields"])),
            proofs=tuple(self.proofs[one] if isinstance(one, str) else Proof(**one) for one in item.get("proofs", ())),
            asked=Asked(**item["asked"]) if "asked" in item else None,
            **{name: _frozen(value) for name, value in item.items() if name not in _ALSO},
        )


def declare_shipped(folder: Path = FOLDER) -> None:
    """Declare every type of the folder; a misspelt key or name stops the start and says where."""
    shared = _Shelf().filled_from(_content(folder / f"{_SHARED}.toml"))
    for path in sorted(folder.glob("*.toml")):
        content = _content(path)
        shelf = shared if path.stem == _SHARED else shared.filled_from(content)
        for item in content.get("type", ()):
            try:
                declare(shelf.type(item))
            except (KeyError, TypeError) as error:
                raise ValueError(f"{path}: type {item.get('code', '?')}: {error}") from error


def _content(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _frozen(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
