"""The API of the code tables: everybody who is logged in may read them."""

from __future__ import annotations

from flask import Response

from app.access.actors import KINDS
from app.base.errors import NotFound
from app.codes.dictionaries import dictionary, dictionary_names
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import INTEGER, STRING, group, list_of

_NULLABLE = {"type": ["string", "null"]}
_ENTRY = {**group(("code", "label"), code=STRING, label=STRING, parent=_NULLABLE), "additionalProperties": True}


class DictionariesApi(RoomApi):
    """Code tables for programs."""

    resource_name = class_permission_name = "dictionaries"
    permissions = {"can_list": KINDS, "can_show": KINDS}

    @expose("/", methods=["GET"])
    @describe(group(("result",), result=list_of(STRING)))
    def get_list(self) -> Response:
        """Names of all code tables."""
        self.require("can_list")
        return json_answer(200, {"result": dictionary_names()})

    @expose("/<string:name>", methods=["GET"])
    @describe(group(("count", "result"), count=INTEGER, result=list_of(_ENTRY)))
    def get(self, name: str) -> Response:
        """One code table, the codes as text."""
        if name not in dictionary_names():
            raise NotFound()
        self.require("can_show")
        rows = dictionary(name)
        return json_answer(200, {"count": len(rows), "result": rows})
