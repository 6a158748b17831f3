"""The API of the code tables: everybody who is logged in may read them."""

from __future__ import annotations

from flask import Flask, Response

from app.access.actors import KINDS
from app.base.errors import NotFound
from app.codes.dictionaries import dictionary, dictionary_names
from app.fab.api import RoomApi, expose, json_answer


class DictionariesApi(RoomApi):
    """Code tables for programs."""

    resource_name = class_permission_name = "dictionaries"
    permissions = {"can_list": KINDS, "can_show": KINDS}

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """Names of all tables.
        ---
        get:
          summary: Names of all code tables
          responses:
            200:
              description: The names
              content: {application/json: {schema: {type: object}}}
        """
        self.require("can_list")
        return json_answer(200, {"result": dictionary_names()})

    @expose("/<string:name>", methods=["GET"])
    def get(self, name: str) -> Response:
        """One table.
        ---
        get:
          summary: One code table, the codes as text
          parameters:
            - {in: path, name: name, required: true, schema: {type: string}}
          responses:
            200:
              description: Its entries, code and label each
              content: {application/json: {schema: {type: object}}}
        """
        if name not in dictionary_names():
            raise NotFound()
        self.require("can_show")
        rows = dictionary(name)
        return json_answer(200, {"count": len(rows), "result": rows})


def register(app: Flask) -> None:
    app.appbuilder.add_api(DictionariesApi)  # type: ignore[attr-defined]
