"""Modules that a program imports by a name that it makes: `importlib.import_module`."""

from __future__ import annotations

from cachelint.analysis.interpreter import names
from cachelint.analysis.interpreter.state import Arguments, State
from cachelint.analysis.values import UNKNOWN, Symbol, Value, constant_text


def _import_module(state: State, callee: Symbol, arguments: Arguments) -> Value:
    text = constant_text(arguments.get(0, "name") or UNKNOWN)
    if not text:
        return UNKNOWN
    path = text.lstrip(".")
    return names.imported(state, arguments.site.segment.module, path, None, len(text) - len(path))


MODELS = {"importlib.import_module": _import_module}
