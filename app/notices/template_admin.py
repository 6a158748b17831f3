"""The words of the notices as operators edit them (R10.2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import lazy_gettext as _
from wtforms import SelectField

from app.base.dates import time_text
from app.base.errors import Invalid, texts_of
from app.base.settings import settings
from app.base.wording import labelled, language_name
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.views import ScopedModelView
from app.notices import channels, services
from app.notices.catalogue import fields_of, words_of
from app.notices.cutting import cut
from app.notices.explanations import READERS, channel_choices, channel_label, reader_label
from app.notices.models import NoticeTemplate
from app.notices.placeholders import PLACEHOLDERS, fill
from app.web.current import current_actor

_KEYWORD: Final = 20  # signs of a keyword that providers take


def channel_words(row: NoticeTemplate) -> str:
    """The channels beside the site, as words."""
    return ", ".join(str(channel_label(name)) for name in row.channels)


class TemplateView(ScopedModelView):
    """Every notice with its words for each kind of reader."""

    datamodel = ScopedInterface(NoticeTemplate)
    route_base = "/staff/notice-templates"
    menu = Entry("notice_templates", "message-square", "operations")
    class_permission_name = services.TEMPLATES
    base_permissions = ["can_list", "can_show", "can_export", "can_edit"]
    list_title = _("Words of the notices")
    show_title = _("Words of a notice")
    base_order = ("name", "asc")
    search_columns = ["title", "reader"]
    search_form_extra_fields = {"reader": SelectField(_("Kind of reader"), choices=list(READERS.items()))}
    computed = {
        "kind": lambda row: reader_label(row.reader),
        "channel_words": channel_words,
        "sent": lambda row: _("yes") if row.active else _("switched off"),
    }
    list_columns = ["title", "kind", "body", "channel_words", "sent", "edited_at"]
    show_columns = ["title", "name", "kind", "body", "channel_words", "sent", "edited_at"]
    formatters_columns = {"edited_at": time_text}
    order_columns = ["name", "title", "edited_at"]
    label_columns = {
        "title": _("Title"),
        "name": _("Name in the program"),
        "reader": _("Kind of reader"),
        "kind": _("Kind of reader"),
        "body": _("Text"),
        "channel_words": _("Also send by"),
        "sent": _("Is sent"),
        "edited_at": _("Changed at"),
    }

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Who may change the words comes to the form by a click on the row."""
        if not current_actor().may("can_edit", services.TEMPLATES):
            return {}
        return {"row_urls": {row.id: url_for(f"{self.endpoint}.change", pk=row.id) for row in rows}}

    @expose("/change/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def change(self, pk: str) -> Any:
        """The form, and its saving; what is refused stays on the form with the reason at the field."""
        row = self.row(pk)
        if request.method == "GET":
            return self._form(row, _values_of(row), {})
        sent = _sent()
        if request.form.get("do") == "preview":
            return self._form(row, sent, {})
        try:
            services.edit_template(row.id, _parsed(sent), actor=current_actor())
        except Invalid as error:
            return self._form(row, sent, error.errors), 422
        flash(str(_("The words have been saved. They hold for every notice from now on.")), "success")
        return redirect(url_for(f"{self.endpoint}.list"))

    def _form(self, row: NoticeTemplate, values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]]) -> str:
        choices = channel_choices()
        labels = {"title": _("Title"), "body": _("Text"), "channels": _("Also send by"), **dict(choices)}
        labels["silence_hours"] = _("Hours")
        others = {language: language_name(language) for language in values["words"]}
        for language, name in others.items():
            labels |= {f"title_{language}": labelled(_("Title"), name), f"body_{language}": labelled(_("Text"), name)}
        return self.render_template(
            "notices/template_edit.html",
            title=_("Words of a notice"),
            lead=f"{row.title} · {reader_label(row.reader)}",
            back_url=url_for(f"{self.endpoint}.list"),
            values=values,
            errors=texts_of(errors),
            labels=labels,
            channel_choices=choices,
            others=others,
            placeholders=[(f"%({name})s", meaning) for name, meaning in PLACEHOLDERS.items()],
            read=_as_read(values, dict(choices)),
        )


def _as_read(values: Mapping[str, Any], names: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """What readers get, place by place, with what each placeholder stands for in its place; keywords as long as the
    providers take them.
    """
    facts = {name: _before_brackets(str(meaning)) for name, meaning in PLACEHOLDERS.items()}
    read = [(_("Inbox"), f"{fill(values['title'], facts)}\n{fill(values['body'], facts)}")]
    if values["ladder"] and values["channels"]:
        read.append((_("One after another"), " → ".join(str(names.get(one, one)) for one in values["channels"])))
    for channel in set(values["channels"]) & set(values["providers"]):
        lines = (line.partition("=") for line in values["providers"][channel]["fields"].splitlines())
        told = [
            f"{keyword.strip()}: {cut(fill(text, facts).strip(), _KEYWORD)}" for keyword, mark, text in lines if mark
        ]
        if told:
            read.append((names[channel], "\n".join(told)))
    return read


def _before_brackets(meaning: str) -> str:
    return "".join(takewhile(lambda sign: unicodedata.category(sign) != "Ps", meaning)).strip()


def _values_of(row: NoticeTemplate) -> dict[str, Any]:
    providers = {}
    for name in channels.declared():
        lines = [f"{keyword}={text}" for keyword, text in fields_of(row, name).items()]
        providers[name] = {"template": row.outside.get(name, {}).get("template", ""), "fields": "\n".join(lines)}
    return {
        "title": row.title,
        "body": row.body,
        "channels": list(row.channels),
        "providers": providers,
        "words": words_of(row),
        "places": {name: str(place) for place, name in enumerate(row.channels, 1)},
        "ladder": row.ladder,
        "silence_hours": str(row.silence_hours),
        "active": row.active,
    }


def _sent() -> dict[str, Any]:
    form = request.form
    places = {name: form.get(f"{name}_place", "").strip() for name in channels.declared()}
    return {
        "title": form.get("title", ""),
        "body": form.get("body", ""),
        "channels": sorted(form.getlist("channels"), key=lambda name: _place(places.get(name, ""))),
        "places": places,
        "ladder": bool(form.get("ladder")),
        "silence_hours": form.get("silence_hours", ""),
        "providers": {
            name: {"template": form.get(f"{name}_template", ""), "fields": form.get(name, "")}
            for name in channels.declared()
        },
        "words": {
            language: {part: form.get(f"{part}_{language}", "") for part in ("title", "body")}
            for language in settings().languages[1:]
        },
        "active": bool(form.get("active")),
    }


def _place(text: str) -> int:
    """Whose turn it is; who has no number comes last."""
    return int(text[:3]) if text.isascii() and text.isdigit() else 1000


def _parsed(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values as the service takes them; raises Invalid for a line that is no keyword."""
    outside = {}
    for name, entry in sent["providers"].items():
        fields = {}
        for line in filter(None, (line.strip() for line in entry["fields"].splitlines())):
            keyword, equals, text = line.partition("=")
            if not equals or not keyword.strip().isidentifier():
                raise Invalid({name: [_("“%(line)s” is not a keyword with its text.", line=line[:60])]})
            fields[keyword.strip()] = text.strip()
        outside[name] = {"template": entry["template"].strip()[:64], "fields": fields, "order": list(fields)}
    return {**sent, "outside": outside}
