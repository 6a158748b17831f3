"""The way to the right type: a few questions in plain words. Each type says itself where it is asked for (`asked`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from app.destination.types.declared import Asked, DestinationType, declared_types

START = "start"
SIGNING = "signing"  # an answer that leads out of the destinations: an agreement is signed, not registered
_LAST = 100  # a type that names no place of its own comes after those that do


@dataclass(frozen=True)
class Answer:
    """One answer: it leads to a further question (`asks`), to a type (`type`), or elsewhere (`leads`)."""

    label: Any
    hint: Any = ""
    asks: str = ""
    type: str = ""
    leads: str = ""
    place: int = 0


@dataclass(frozen=True)
class Question:
    """One question; of its answers those that lead to a type stand at the types."""

    text: Any
    answers: tuple[Answer, ...] = ()


QUESTIONS: Mapping[str, Question] = {
    START: Question(
        _("What will you do after graduation?"),
        (
            Answer(
                _("Work in a unit"),
                _("A company, authority, school, hospital, research institute, a unit abroad and so on"),
                asks="work",
            ),
            Answer(
                _("Go on studying"),
                _("Postgraduate, second bachelor's degree, from specialist to bachelor, studies abroad"),
                asks="study",
            ),
            Answer(
                _("Join a service project"),
                _("Special-post teacher, three supports, western plan, selected graduate, village doctor and so on"),
                asks="project",
            ),
            Answer(_("Join the army"), _("Conscript, sergeant, civilian personnel"), asks="army"),
            Answer(
                _("Start a business or work freelance"),
                _("A company, an online shop, a business in an incubator, writing, translating and so on"),
                asks="own",
            ),
            Answer(
                _("Not decided yet"),
                _("Looking for work, preparing for an exam, or not working for now"),
                asks="waiting",
            ),
        ),
    ),
    "work": Question(
        _("Which paper does the unit give you?"),
        (
            Answer(_("Proof of acceptance by a unit abroad or an international organisation"), asks="abroad", place=7),
            Answer(
                _("Employment agreement"),
                _("Of two or three parties, on paper or online: go to “Signing”"),
                leads=SIGNING,
                place=8,
            ),
        ),
    ),
    "abroad": Question(_("Is it an international organisation that takes you?")),
    "study": Question(_("What will you study?")),
    "project": Question(
        _("Is it a project of the country, or of a province or city?"),
        (
            Answer(
                _("A project of the country"),
                _("Special-post teacher, three supports, western plan"),
                asks="national",
            ),
            Answer(
                _("A project of a province or city"),
                _(
                    "Local special-post teacher, selected graduate, agricultural extension, village doctor,"
                    " village teacher and so on"
                ),
                asks="local",
            ),
        ),
    ),
    "national": Question(_("Which project of the country?")),
    "local": Question(_("Which local project?")),
    "army": Question(_("As what do you join?")),
    "own": Question(_("Which fits you best?")),
    "waiting": Question(_("What is it like at present?")),
}


def question_at(place: str, offered: Collection[DestinationType]) -> Question | None:
    """The question of that name with the answers that lead to something this graduate may register.

    `offered`: the types that are open now. None for an unknown place.
    """
    question = QUESTIONS.get(place)
    if question is None:
        return None
    onwards = [one for one in question.answers if one.leads or (one.asks and types_behind(one.asks, offered))]
    return Question(question.text, tuple(sorted([*onwards, *_types_at(place, offered)], key=lambda one: one.place)))


def way_to(place: str) -> list[str]:
    """The questions before this one, the first one first, for the way back."""
    for name, question in QUESTIONS.items():
        if any(answer.asks == place for answer in question.answers):
            return [*way_to(name), name]
    return []


def types_behind(place: str, offered: Collection[DestinationType]) -> set[str]:
    """The codes of those of the types to which the answers lead from here."""
    found = {answer.type for answer in _types_at(place, offered)}
    return found.union(*(types_behind(one.asks, offered) for one in QUESTIONS[place].answers if one.asks))


def _types_at(place: str, offered: Collection[DestinationType]) -> list[Answer]:
    """The answers to a question that name a type."""
    asked = [(one, _asked(one)) for one in offered]
    return [
        Answer(how.text, how.hint, type=one.code, place=how.place)
        for one, how in asked
        if how is not None and how.question == place
    ]


def _asked(one: DestinationType) -> Asked | None:
    """Where a type is asked for: as its entry says, else beside the first of its siblings, by its label.

    An edited row keeps the answer of its entry; a type without siblings is only in the whole list.
    """
    entries = declared_types()
    entry = entries.get(one.code, one)
    if entry.asked is not None:
        return entry.asked
    sibling = next((kind.asked for kind in entries.values() if kind.parent == one.parent and kind.asked), None)
    return Asked(sibling.question, one.label, place=_LAST) if sibling else None
