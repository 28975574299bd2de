"""From the table of contents of a module to the functions and classes that the interpreter works with."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.contents import ClassContents, FunctionContents
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.project import Module
from cachelint.analysis.values import UNKNOWN, Class, Function, Value

_CACHES = frozenset(
    (
        "lru_cache",
        "cache",
        "cached_property",
        "st.cache_resource",
        "st.cache_data",
        "cache_resource",
        "cache_data",
        "memoize",
    )
)
CACHED, PROPERTY, STATIC, CLASSMETHOD, CACHED_PROPERTY = (
    "cached",
    "property",
    "static",
    "classmethod",
    "cached property",
)


def decorations(names: tuple[str, ...]) -> frozenset[str]:
    """What decorators, by their dotted names, do to a function, as far as it matters."""
    found = set()
    for name in names:
        last = name.rpartition(".")[2]
        if last in ("property", "cached_property", "computed_field", "abstractproperty"):
            found.add(PROPERTY)
        if last == "cached_property":
            found.add(CACHED_PROPERTY)
        elif last in _CACHES or name in _CACHES:
            found.add(CACHED)
        if last == "staticmethod":
            found.add(STATIC)
        if last == "classmethod":
            found.add(CLASSMETHOD)
    return frozenset(found)


def function(state: State, module: Module, contents: FunctionContents) -> Value:
    """The function that `contents` describes; unknown when libcst cannot parse it."""
    known = state.functions.get(id(contents))
    if known is not None:
        return known
    segment = module.segment(contents.span)
    node = next((node for node in segment.statements if isinstance(node, cst.FunctionDef)), None) if segment else None
    if segment is None or node is None:
        return UNKNOWN
    owner = owning_class(state, module, contents.parent) if contents.parent else None
    value = Function(node, segment, module, None, contents, owner, decorations(contents.decorators))
    state.functions[id(contents)] = value
    return value


def project_class(state: State, module: Module, contents: ClassContents) -> Class:
    """The class that `contents` describes."""
    known = state.classes.get(id(contents))
    if known is None:
        known = state.classes[id(contents)] = Class(contents, module)
    return known


def owning_class(state: State, module: Module, contents: ClassContents) -> Class:
    """The class value for the contents of a class, wherever it is nested."""
    return project_class(state, module, contents)
