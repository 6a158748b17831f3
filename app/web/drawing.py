"""Templates drawn in fewer steps: a page writes out thousands of values and calls hundreds of macros and functions.

What is written is the same as by Jinja itself, escaping included (tests/web/test_drawing.py compares them).
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from flask.templating import Environment
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context, Macro
from markupsafe import Markup, _escape_inner, escape


def written(value: Any) -> str:
    """A value as it is written into a page: what is no markup yet is escaped; without an object of Markup around it."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    return value if kind is Markup else escape(value)


class _Writer(CodeGenerator):
    """Compiles templates so that what they write out goes through `written`."""

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")


class _Context(Context):
    """Calls a macro or a plain function without asking first what kind of thing it is."""

    def call(self, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Jinja's hook."""
        kind = type(obj)
        if kind is not Macro and (kind is not FunctionType or hasattr(obj, "jinja_pass_arg")):
            return super().call(obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return obj(self.eval_ctx, *args, **kwargs) if kind is Macro else obj(*args, **kwargs)


class PageEnvironment(Environment):
    """Flask's environment with these."""

    code_generator_class = _Writer
    context_class = _Context
    written = staticmethod(written)

    def make_globals(self, d: Any) -> Any:
        """Jinja's hook: templates without globals of their own share ours, so that an include need not compare both."""
        return super().make_globals(d) if d else self.globals
