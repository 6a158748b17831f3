"""What a declared field says of itself; nothing is loaded but words, see graduate_fields.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from typing import Any

from flask_babel import lazy_gettext as _


class Kind(Enum):
    """What a value is: how it is checked, stored, shown and masked."""

    TEXT = auto()
    CODE = auto()
    REGION = auto()
    DAY = auto()
    YEAR = auto()
    PERSON_NAME = auto()
    ID_NUMBER = auto()
    EXAM_NUMBER = auto()
    PHONE = auto()
    EMAIL = auto()


class Group(Enum):
    """Under which title people read it."""

    PERSON = _("Person")
    STUDIES = _("Studies")


class Editor(Enum):
    """Who changes it once the graduate is on the roster; until then the school's sheet brings all of it."""

    NOBODY = auto()  # part of the key: another value is another student
    SCHOOL = auto()  # by sheet or in the employment system
    GRADUATE = auto()  # the same, but from the activation of the account on the graduate alone (R1.10)


class Place(Flag):
    """Where it stands, beside the API, which has every field."""

    LIST = auto()
    DETAIL = auto()  # the staff's page of one graduate
    OWN = auto()  # what graduates read of themselves
    REVIEW = auto()  # beside a case, where it is not compared
    EXPORT = auto()
    CASE = auto()  # kept by a case as it was when handed in (R4.6)
    AGREEMENT = auto()


LIST, DETAIL, OWN, REVIEW, EXPORT, CASE, AGREEMENT = Place
NOBODY, SCHOOL, GRADUATE = Editor
PERSON, STUDIES = Group


@dataclass(frozen=True)
class Sheet:
    """Its column in the sheets of schools. `later` came after schools had filled in templates: a sheet may end before."""

    column: str
    heading: str
    note: Any = ""  # may name %(code)s, of the reader's school, and %(year)s, the current cohort
    aliases: tuple[str, ...] = ()
    later: bool = False


@dataclass(frozen=True)
class Ems:
    """How the employment system has it; `refreshable` may be taken over at an approval (R4.5)."""

    key: str = ""  # where it is not called as here
    required: bool = False
    compared: bool = False
    refreshable: bool = False


@dataclass(frozen=True)
class Shape:
    """A regular expression for the whole text, and what is said to whoever misses it."""

    pattern: str
    refusal: Any
    normal: Callable[[str], str] = str  # brings other spellings into this shape, before anything is checked


@dataclass(frozen=True, eq=False)
class Field:
    """One field. Without `default` a field that is not required may be empty."""

    name: str
    label: Any
    kind: Kind
    most: int  # characters
    group: Group
    places: Place
    sheet: Sheet | None = None
    ems: Ems | None = None
    table: str | None = None  # of codes
    split: Mapping[str, str] = field(default_factory=dict)  # code that says too little -> the finer ones
    shape: Shape | None = None
    spelling: Callable[[str], str] | None = None  # the code for what it is called in a sheet
    required: bool = True
    default: str | None = None
    editor: Editor = SCHOOL
    related: bool = False  # a row of its own, by name
    encrypted: bool = False
    indexed: bool = False  # an encrypted one that is searched
    masked: bool = False  # to every reader; agreements and messages have it in full

    @property
    def may_be_null(self) -> bool:
        """Whether the column takes nothing."""
        return not self.required and self.default is None

    @property
    def index_name(self) -> str:
        """The column of its blind index."""
        return f"{self.name}_index"

    @property
    def ems_key(self) -> str:
        """What the employment system calls it."""
        return (self.ems and self.ems.key) or self.name

    @property
    def compared(self) -> bool:
        """Whether reviewers see both copies side by side."""
        return self.ems is not None and self.ems.compared

    @property
    def refreshable(self) -> bool:
        """Whether the employment system's copy may be taken over at an approval."""
        return self.ems is not None and self.ems.refreshable
