"""What a destination type consists of: fields, proofs, who may use it, what is only warned about. Data, no rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Self

# Training modes of graduates who can do everything, and those who can only register 10F (R4.4).
ORDINARY = ("1", "22", "3", "42", "5")


@dataclass(frozen=True)
class Field:
    """One thing to fill in. `kind` is one of kinds.KINDS; the other attributes tell that kind what it needs.

    `ems` is the field of the employment system's record that it goes to; fields that are called like one there
    need not say so.
    """

    name: str
    kind: str
    label: str
    required: bool = True
    hint: str = ""
    table: str = ""  # the code table of a code
    only: tuple[str, ...] = ()  # the codes of the table that fit; empty: all
    leave_out: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()  # (code, label) of a choice
    most: int = 0  # the longest text, or the largest number; 0: as the kind has it
    example: Any = None
    ems: str = ""
    unless: tuple[str, ...] = ()  # (field, value): with that value there this one may stay empty

    def is_asked(self, values: Mapping[str, Any]) -> bool:
        """Whether it must be filled in beside these values."""
        return self.required and not (self.unless and values.get(self.unless[0]) == self.unless[1])

    def but(self, **changes: Any) -> Field:
        """The same field with something changed, e.g. a label that fits the type better."""
        return replace(self, **changes)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """From JSON, where tuples are lists."""
        values = {name: value for name, value in row.items() if name in cls.__dataclass_fields__}
        for name in ("only", "leave_out", "unless"):
            values[name] = tuple(values.get(name, ()))
        values["choices"] = tuple((code, label) for code, label in values.get("choices", ()))
        return cls(**values)


@dataclass(frozen=True)
class Proof:
    """One kind of paper; alternatives (either paper will do) share one kind and stand in its label."""

    kind: str
    label: str
    required: bool = True
    hint: str = ""
    most: int = 9  # files

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """From JSON."""
        return cls(**{name: value for name, value in row.items() if name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Asked:
    """Where the questions of the finder lead to a type: in `question` by the answer `text`, at its `place` there."""

    question: str
    text: str
    hint: str = ""
    place: int = 0


@dataclass(frozen=True)
class DestinationType:
    """One destination. `code` goes to the employment system unchanged."""

    code: str
    label: str
    parent: str
    fields: tuple[Field, ...]
    proofs: tuple[Proof, ...] = ()
    open_to: tuple[str, ...] = ORDINARY
    hint: str = ""  # for whom it is, in a sentence
    minimum_wage: bool = False  # the pay is compared with the local minimum wage
    educations: tuple[str, ...] = ()  # 学历 of those whom it fits; empty: all. Others are only warned
    two_levels: bool = False  # department and school must both have decided, whatever the review mode
    position: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    asked: Asked | None = None  # None: where its siblings are asked for

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((one for one in self.fields if one.name == name), None)

    def proof(self, kind: str) -> Proof | None:
        """The proof of that kind."""
        return next((one for one in self.proofs if one.kind == kind), None)

    @property
    def needed_proofs(self) -> tuple[Proof, ...]:
        """The proofs without which it cannot be submitted."""
        return tuple(proof for proof in self.proofs if proof.required)

    def is_open_to(self, training_mode: str) -> bool:
        """Whether graduates of this training mode may register it (R4.4)."""
        return training_mode in self.open_to

    def is_valid_on(self, day: date) -> bool:
        """Whether it may be chosen on that day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def content(self) -> dict[str, Any]:
        """Everything as JSON, for the row that operators edit; without what says when it is valid."""
        values = asdict(self)
        for name in ("valid_from", "valid_to", "position", "asked"):
            del values[name]
        return values


@dataclass
class _Declared:
    types: dict[str, DestinationType] = field(default_factory=dict)
    changes: int = 0


_declared = _Declared()


def declare(*types: DestinationType) -> None:
    """Make types known, in the order in which they are offered; called by shipped.py and by whoever adds one."""
    for one in types:
        place = one.position or (len(_declared.types) + 1) * 10
        _declared.types[one.code] = replace(one, position=place)
    _declared.changes += 1


def withdraw_declaration(code: str) -> None:
    """Take a declared type back; for tests that add one."""
    _declared.types.pop(code, None)
    _declared.changes += 1


def declared_types() -> Mapping[str, DestinationType]:
    """All entries by code, as they are shipped."""
    return _declared.types


def changes_so_far() -> int:
    """Grows with every declaration, so that whoever keeps the types in memory notices."""
    return _declared.changes
